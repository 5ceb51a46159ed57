import type { SimulationResult } from '../../result.js';
import { joined } from '../across.js';
import { amount, count, given, whole } from '../figures.js';
import { findings } from '../findings.js';
import { lines, markup, type Content, type Markup } from '../markup.js';
import { listed, nameOf, plainName } from '../names.js';
import { duration } from '../times.js';
import type { View } from '../view.js';

/** More names than this are counted. */
const mostNamed = 6;
/** And in the heading, which is in large letters. */
const mostInHeading = 3;

/** The title in the window's frame. */
export function pageTitle({ cluster, workload, policies, seed }: SimulationResult): string {
  const named = policies.slice(0, mostNamed).map(({ policy }) => plainName(policy));
  const more = policies.length > mostNamed ? [count(policies.length - mostNamed, 'other')] : [];
  const who = listed([...named, ...more]);
  return `${who === '' ? 'Simulation' : who}: ${plainName(workload)} on ${plainName(cluster.name)}, seed ${given(seed)}`;
}

/** A part of the page below. */
export interface Entry {
  readonly id: string;
  readonly title: string;
}

/** What was simulated, what was found, and what is below. */
export function header(view: View, parts: readonly Entry[]): Markup {
  const { data } = view;
  const found = findings(view);
  const links = parts.map(({ id, title }) => markup`<a href="#${id}">${title}</a> `);
  const contents = links.length === 0 ? undefined : markup`<nav aria-label="Sections">${links}</nav>`;
  return markup`<header>
    <p class="kicker">Simulation report</p>
    <h1>${who(data)}${nameOf(data.workload)} on ${nameOf(data.cluster.name)}</h1>
    ${facts(view)}
    <section id="found" aria-labelledby="found-h">
      <h2 id="found-h">What was found</h2>
      <p class="about">${summary(view)}</p>
      ${
        found.length === 0
          ? undefined
          : markup`<ul class="found">
              ${lines(found.map((sentence) => markup`<li>${sentence}</li>`))}
            </ul>`
      }
    </section>
    ${contents}
  </header>`;
}

function who({ policies }: SimulationResult): Content {
  if (policies.length === 0) return undefined;
  if (policies.length > mostInHeading) return `${whole(policies.length)} policies compared: `;
  return markup`${joined(policies.map(({ policy }) => nameOf(policy)))}: `;
}

function facts({ data, policies, cast }: View): Markup {
  const { cluster, workload, seed } = data;
  const agents = count(cluster.agents, 'agent');
  const total = Object.entries(cluster.total).map(([name, value]) => markup`${amount(name, value)} ${nameOf(name)}`);
  const [longest = 0] = policies.map(({ simulatedMs }) => simulatedMs).toSorted((a, b) => b - a);
  const rows: readonly (readonly [string, Content, Content?])[] = [
    ['Cluster', nameOf(cluster.name), total.length === 0 ? agents : markup`${agents}: ${few(total)}`],
    ['Workload', nameOf(workload), `${count(policies[0]?.jobs ?? 0, 'job')}, ${count(cast.roles.length, 'tenant')}`],
    ['Policies', whole(policies.length), few(policies.map(({ policy }) => nameOf(policy)))],
    ['Simulated time', duration(longest), 'virtual'],
    ['Seed', given(seed), 'gives the same again'],
  ];
  const changes = (data.changes ?? []).map(nameOf);
  const told = changes.length === 0 ? [] : [['Changed', few(changes)] as const];
  return markup`<dl class="facts">
    ${lines(
      [...rows, ...told].map(
        ([term, main, more]) =>
          markup`<div>
            <dt>${term}</dt>
            <dd>${main}<small>${more}</small></dd>
          </div>`,
      ),
    )}
  </dl>`;
}

/** The first of many, and how many others there are. */
function few(all: readonly Markup[]): Markup {
  const others = all.length - mostNamed;
  return joined([...all.slice(0, mostNamed), ...(others > 0 ? [markup`${count(others, 'other')}`] : [])]);
}

/** One sentence: how much was run, by whom, on what. */
function summary({ policies, data, cast }: View): Markup {
  const [first] = policies;
  if (first === undefined) return markup`No policy was simulated.`;
  if (policies.every(({ tasks }) => tasks === 0))
    return markup`Nobody asked for anything: no task was submitted in ${duration(first.simulatedMs)}.`;
  const same = policies.every(({ tasks, jobs }) => tasks === first.tasks && jobs === first.jobs);
  const work = `${count(first.jobs, 'job')} (${count(first.tasks, 'task')}) of ${count(cast.roles.length, 'tenant')}`;
  const agents = count(data.cluster.agents, 'agent');
  if (policies.length === 1)
    return markup`${work} on ${agents} over ${duration(first.simulatedMs)}, under ${nameOf(first.policy)}.`;
  if (data.changes !== undefined) return markup`About ${work} on ${agents}, as it is and with the changes.`;
  return markup`${same ? 'The same ' : 'About '}${work} on ${agents}, under each of ${whole(policies.length)} policies.`;
}

/** What the words mean. */
export function footer({ data }: View): Markup {
  return markup`<footer>
    <dl class="terms">
      <dt>Dominant share</dt>
      <dd>
        Of each resource a tenant holds some part of the cluster; the largest of these parts is its dominant share.
        Dominant resource fairness gives next to whoever has the least of it.
      </dd>
      <dt>Percentile</dt>
      <dd>
        Of a hundred tasks, sorted by how long they waited, the 95th waited as long as the 95th percentile says. The
        median is the 50th.
      </dd>
      <dt>Stranded</dt>
      <dd>Free, but on agents where no waiting task fits; nothing is stranded while nobody waits.</dd>
      <dt>Jain’s index</dt>
      <dd>
        The square of the sum of shares, divided by their number times the sum of their squares (Jain, Chiu and Hawe
        1984).
      </dd>
    </dl>
    <p>
      Simulated by proffer in virtual time. The same cluster, workload, policies and seed (${given(data.seed)}) give
      the same figures.
    </p>
  </footer>`;
}
