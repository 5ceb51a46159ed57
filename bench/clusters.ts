/** The clusters that workloads begin with, built by inputs as those of a host are. */
import type { Input } from '../src/cluster/index.js';
import { connectionOf, frameworkId, Host, numberOf, offersIn, wire } from './host.js';
import { roleOf } from './sizes.js';
import type { WorkloadOptions } from './types.js';

/** A whole machine. */
export const machine = 'cpus:16;mem:65536;disk:512000';
/** A sixteenth of its cpus, a thirty-second of its memory. */
export const taskSize = { cpus: 1, mem: 2048, disk: 1024 } as const;
export const taskResources = 'cpus:1;mem:2048;disk:1024';

/** All frameworks subscribed, all agents registered; nothing is offered yet. Tasks run if the options say so. */
export function freeCluster(options: WorkloadOptions): Host {
  const host = new Host(options);
  subscribeAll(host, options);
  for (let n = 0; n < options.agents; n += 1) host.tell(wire(arrival(n, options, host.now)));
  return host;
}

/** As {@link freeCluster}, and then all is offered. */
export function offeredCluster(options: WorkloadOptions): Host {
  const host = freeCluster(options);
  host.pass(1_000);
  host.allocate('all');
  return host;
}

/** Every framework in its role. */
export function subscribeAll(host: Host, options: WorkloadOptions): void {
  for (let n = 0; n < options.frameworks; n += 1) subscribe(host, frameworkId(n), roleOf(n, options));
}

/** A framework with one role comes. */
export function subscribe(host: Host, framework: string, role: string): void {
  const connection = connectionOf(framework);
  host.tell(wire({ type: 'subscribe', at: host.now, connection, framework, name: framework, roles: [role] } as const));
}

/** An agent comes with the tasks that run on it, spread evenly over agents and frameworks. */
export function arrival(n: number, options: WorkloadOptions, at: number): Input {
  const { agents, frameworks, tasks } = options;
  const mine = Math.floor(((n + 1) * tasks) / agents) - Math.floor((n * tasks) / agents);
  return {
    ...agentReport(n, machine, at),
    tasks: Array.from({ length: mine }, (_, index) => {
      const owner = (n + index) % frameworks;
      const id = `task${n}.${index}`;
      const role = roleOf(owner, options);
      return { framework: frameworkId(owner), id, role, resources: taskResources, state: 'running' } as const;
    }),
  };
}

/** What an agent says of itself. */
export function agentReport(n: number, resources: string, at: number): Extract<Input, { readonly type: 'reregister' }> {
  return { type: 'reregister', at, agent: `agent${n}`, resources, streams: true, heartbeatMs: 15_000 };
}

/** A refusal for as long as refusals can last, and one that is over soon. */
const YEAR_SECONDS = 31_536_000;
const MINUTE_SECONDS = 60;

/** Who may still be offered what, once everybody has refused. */
export type Openness = 'nobody' | 'one-percent';

/**
 * Every agent was refused by every framework for a year. With `one-percent`, one agent in a hundred was refused by all but
 * 1 % of the frameworks (one at least), by others of them than the next such agent.
 *
 * Nobody can refuse what was not offered: it takes a run for each framework. Those that stay open are refused for a minute,
 * which then passes.
 */
export function declinedCluster(options: WorkloadOptions, openness: Openness): Host {
  const host = freeCluster(options);
  declineAll(host, options, openness);
  return host;
}

/** Has everything declined until nothing is offered any more; see {@link declinedCluster}. */
export function declineAll(host: Host, options: WorkloadOptions, openness: Openness): void {
  const stride = Math.min(100, options.frameworks);
  const isOpen = (agent: number, framework: number): boolean =>
    openness === 'one-percent' && agent % 100 === 0 && framework % stride === (agent / 100) % stride;
  for (;;) {
    host.pass(1);
    const offers = offersIn(host.allocate('all'));
    if (offers.length === 0) break;
    const answers = new Map<string, { readonly year: string[]; readonly minute: string[] }>();
    for (const { id, framework, agent } of offers) {
      const answer = answers.get(framework) ?? { year: [], minute: [] };
      answers.set(framework, answer);
      const seconds = isOpen(numberOf(agent), numberOf(framework)) ? 'minute' : 'year';
      answer[seconds].push(id);
    }
    for (const [framework, { year, minute }] of answers) {
      if (year.length > 0) host.tell(host.decline(framework, year, YEAR_SECONDS));
      if (minute.length > 0) host.tell(host.decline(framework, minute, MINUTE_SECONDS));
    }
  }
  host.hearAgents();
  host.pass(MINUTE_SECONDS * 1_000 + 1_000);
}

/**
 * A framework stops wanting offers and wants them again, which does not end its refusals: the next run looks at everything.
 */
export function wakeAll(host: Host): void {
  const framework = frameworkId(0);
  for (const type of ['suppress', 'unsuppress'] as const) {
    host.tell({ type, at: host.now, framework, connection: connectionOf(framework) });
  }
}
