/** What was found, in sentences made from the numbers. */
import type { PolicyResult, TenantResult } from '../result.js';
import { across, alike, joined, type Figure } from './across.js';
import { starved, worstOf } from './cast.js';
import { unplaceable } from './fates.js';
import { count, index, percent, times, whole } from './figures.js';
import { markup, type Markup } from './markup.js';
import { listed, nameOf } from './names.js';
import { duration } from './times.js';
import type { View } from './view.js';

/** Below this two waiting times are about the same. */
const worthTelling = 1.1;
/** Less than this part of the cluster is not worth a word. */
const worthNaming = 0.0005;
/** More policies or tenants than this are not told one by one. */
const mostTold = 3;

/** The findings, most important first. Empty when nothing was simulated, or nothing was asked for. */
export function findings({ policies, data }: View): readonly Markup[] {
  if (!policies.some(({ tasks }) => tasks > 0)) return [];
  return [
    worstWait(policies),
    starvation(policies),
    usualWait(policies),
    fairness(policies),
    busiest(policies),
    leftOver(policies),
    preempted(policies),
    noDifference(policies, data.changes === undefined ? 'the choice of policy' : 'what was changed'),
  ].filter((sentence) => sentence !== undefined);
}

const p95OfWorst = (policy: PolicyResult): Figure => {
  const worst = worstStarted(policy);
  const value = worst?.waitedMs.p95 ?? NaN;
  return { value, text: duration(value), ...(worst !== undefined && { of: worst.role }) };
};
const p50 = ({ waitedMs }: PolicyResult): Figure => ({ value: waitedMs.p50, text: duration(waitedMs.p50) });
const p95 = ({ waitedMs }: PolicyResult): Figure => ({ value: waitedMs.p95, text: duration(waitedMs.p95) });
const jain = (policy: PolicyResult): Figure => ({ value: policy.jain, text: index(policy.jain) });

/** Who started nothing has no waiting time to speak of. */
function worstStarted(policy: PolicyResult): TenantResult | undefined {
  return worstOf({ ...policy, tenants: policy.tenants.filter((tenant) => !starved(tenant)) });
}

function worstWait(policies: readonly PolicyResult[]): Markup | undefined {
  const figures = policies.map(p95OfWorst).filter(({ value }) => Number.isFinite(value));
  if (figures.length < policies.length) return undefined;
  if (figures.every(({ value }) => value === 0)) return hardlyAnyWait(policies);
  // Of one tenant the figures of all tasks say the same.
  if (!policies.some(({ tenants }) => tenants.length > 1)) return undefined;
  return markup`The worst-off tenant waited ${across(policies, p95OfWorst)} at the 95th percentile.${ratio(policies)}`;
}

/** A few may have waited for long nonetheless. */
function hardlyAnyWait(policies: readonly PolicyResult[]): Markup {
  const whatever = policies.length > 1 ? ', whatever the policy' : '';
  const longest = ({ waitedMs }: PolicyResult): Figure => ({ value: waitedMs.max, text: duration(waitedMs.max) });
  if (policies.every(({ waitedMs }) => waitedMs.max === 0)) {
    return markup`No task had to wait: each that started did so <strong>at once</strong>${whatever}.`;
  }
  return markup`Next to no task had to wait: of each tenant’s tasks 95 in 100 started <strong>at once</strong>${whatever}. The longest wait of all was ${across(policies, longest)}.`;
}

function ratio(policies: readonly PolicyResult[]): Markup | undefined {
  const sorted = policies
    .map((policy) => ({ policy: policy.policy, value: p95OfWorst(policy).value }))
    .toSorted((a, b) => a.value - b.value);
  const shortest = sorted[0];
  const longest = sorted.at(-1);
  if (shortest === undefined || longest === undefined) return undefined;
  const factor = longest.value / shortest.value;
  if (!(factor >= worthTelling && factor < Infinity)) return undefined;
  return markup` Under ${nameOf(longest.policy)} that is <strong>${times(factor)}</strong> as long as under ${nameOf(shortest.policy)}.`;
}

function starvation(policies: readonly PolicyResult[]): Markup | undefined {
  const told = policies.flatMap((policy) => {
    const hungry = policy.tenants.filter(starved).map(({ role }) => nameOf(role));
    if (hungry.length === 0) return [];
    const more = hungry.length > mostTold ? [markup`${count(hungry.length - mostTold, 'other')}`] : [];
    return [markup`of ${joined([...hungry.slice(0, mostTold), ...more])} under ${nameOf(policy.policy)}`];
  });
  if (told.length === 0) return undefined;
  const rest = told.length > mostTold ? markup`; the table has the others` : undefined;
  return markup`<strong>Not one</strong> task started ${joined(told.slice(0, mostTold))}${rest}.`;
}

function usualWait(policies: readonly PolicyResult[]): Markup | undefined {
  if (policies.some(({ waitedMs }) => waitedMs.count === 0)) return undefined;
  if (policies.every(({ waitedMs }) => waitedMs.p95 === 0)) return undefined;
  return markup`The median wait of all tasks was ${across(policies, p50)}; the 95th percentile was ${across(policies, p95)}.`;
}

function fairness(policies: readonly PolicyResult[]): Markup | undefined {
  if (!policies.some(({ tenants }) => tenants.length > 1)) return undefined;
  return markup`Jain’s index of fairness was ${across(policies, jain)} on average, where 1 means that all who had anything to run had the same share.`;
}

function busiest(policies: readonly PolicyResult[]): Markup | undefined {
  const means = new Map<string, number>();
  for (const { utilisation } of policies)
    for (const { resource, mean } of utilisation) means.set(resource, Math.max(means.get(resource) ?? 0, mean));
  const [top] = [...means].toSorted(([, a], [, b]) => b - a);
  if (top === undefined) return undefined;
  const [resource] = top;
  const part =
    (of: 'mean' | 'stranded') =>
    (policy: PolicyResult): Figure => {
      const value = policy.utilisation.find((each) => each.resource === resource)?.[of] ?? 0;
      return { value, text: percent(value) };
    };
  const stranded = policies.some((policy) => part('stranded')(policy).value >= worthNaming)
    ? markup`, and stranded (free, but on agents where no waiting task fits) ${across(policies, part('stranded'))}`
    : undefined;
  return markup`Of ${nameOf(resource)}, the busiest resource, there was in use on average ${across(policies, part('mean'))}${stranded}.`;
}

function leftOver(policies: readonly PolicyResult[]): Markup | undefined {
  const told = policies.flatMap((policy) => {
    const parts = [
      { number: policy.waiting, text: 'still waited at the end' },
      { number: policy.givenUp, text: 'had been given up' },
      { number: unplaceable(policy), text: 'fitted on no machine' },
    ].filter(({ number }) => number > 0);
    if (parts.length === 0) return [];
    return [
      markup`under ${nameOf(policy.policy)} ${listed(parts.map(({ number, text }) => `${whole(number)} ${text}`))}`,
    ];
  });
  if (told.length === 0) return undefined;
  const more = told.length > mostTold ? markup`; the table has the others` : undefined;
  return markup`Not every task started: ${joined(told.slice(0, mostTold))}${more}. How long such tasks waited is in none of these figures.`;
}

function preempted(policies: readonly PolicyResult[]): Markup | undefined {
  if (!policies.some(({ preemptions }) => preemptions > 0)) return undefined;
  const figure = ({ preemptions }: PolicyResult): Figure => ({ value: preemptions, text: count(preemptions, 'task') });
  return markup`To make room ${across(policies, figure)} were ended.`;
}

function noDifference(policies: readonly PolicyResult[], what: string): Markup | undefined {
  const same = [p95OfWorst, p50, p95, jain, others].every((figure) => alike(policies, figure));
  if (policies.length < 2 || !same) return undefined;
  return markup`On this workload ${what} <strong>hardly matters</strong>: these figures are the same under each.`;
}

/** All else that is told, as one text. */
function others(policy: PolicyResult): Figure {
  const { waiting, givenUp, preemptions, utilisation, tenants } = policy;
  const parts = utilisation.map(({ resource, mean, stranded }) => [resource, percent(mean), percent(stranded)]);
  const counts = [waiting, givenUp, preemptions, unplaceable(policy), tenants.filter(starved).length];
  return { value: 0, text: JSON.stringify([counts, parts]) };
}
