/** `decline-offers`: rounds in which everything is offered and everything is refused for as long as can be. */
import type { Offer } from '../../src/cluster/index.js';
import { agentReport, subscribe } from '../clusters.js';
import { connectionOf, frameworkId, Host, idsByFramework, offersIn, wire } from '../host.js';
import { isWanted, rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `decline-offers`. */
export const declineOffers: Workload = {
  name: 'decline-offers',
  summary: 'rounds of an allocation and of declining all of it: one call an offer, or one a framework (ops: offers)',
  phases: ['cycle', 'decline', 'decline-framework'],
  defaults: (given) => ({ ...settle({ ...given, roles: 1, layout: 'spread' }), roles: 1 }),
  run,
};

const YEAR_SECONDS = 31_536_000;
const total = 'cpus:24;mem:4096;disk:4096;ports:[31000-32000]';
/** Sixteen single ports, so that what is left are seventeen ranges. */
const fragments = Array.from({ length: 16 }, (_, n) => 31_030 + n * 60)
  .map((port) => `${port}-${port}`)
  .join(',');
const used = `cpus:16;mem:2014;disk:1024;ports:[${fragments}]`;

function run(options: WorkloadOptions): WorkloadRow[] {
  const clock = new Stopwatch();
  const oneByOne = isWanted(options, 'cycle') || isWanted(options, 'decline');
  if (oneByOne) rounds(options, clock, 'decline');
  if (isWanted(options, 'decline-framework')) rounds(options, clock, 'decline-framework');
  return rowsOf('decline-offers', options, clock, { roles: 1, tasks: options.agents });
}

function rounds(options: WorkloadOptions, clock: Stopwatch, phase: 'decline' | 'decline-framework'): void {
  const host = usedCluster(options);
  let round = 0;
  clock.rounds(options.runs, () => {
    // By now everybody has refused everything: without this there would be nothing to offer.
    if (round % options.frameworks === 0) reviveAll(host, options);
    round += 1;
    host.pass(1_000);
    const run = (): ReturnType<Host['allocate']> => host.allocate('all');
    const made = offersIn(phase === 'decline' ? clock.time('cycle', run) : run());
    if (phase === 'decline') clock.count('cycle', made.length);
    const calls = callsFor(host, made, phase);
    clock.time(phase, () => {
      for (const call of calls) host.tell(call);
    });
    clock.count(phase, made.length);
  });
  options.inspect?.(host.state);
}

/** Agents on which one task of one of the frameworks runs, which all have the default role. */
export function usedCluster(options: WorkloadOptions): Host {
  const host = new Host(options);
  for (let n = 0; n < options.frameworks; n += 1) subscribe(host, frameworkId(n), '*');
  for (let n = 0; n < options.agents; n += 1) {
    const framework = frameworkId(n % options.frameworks);
    const task = { framework, id: `task${n}`, role: '*', resources: used, state: 'running' } as const;
    host.tell(wire({ ...agentReport(n, total, host.now), tasks: [task] }));
  }
  return host;
}

function reviveAll(host: Host, { frameworks }: WorkloadOptions): void {
  for (let n = 0; n < frameworks; n += 1) {
    const framework = frameworkId(n);
    host.tell({ type: 'revive', at: host.now, framework, connection: connectionOf(framework) });
  }
}

function callsFor(host: Host, made: readonly Offer[], phase: string): readonly ReturnType<Host['decline']>[] {
  const calls =
    phase === 'decline'
      ? made.map(({ framework, id }) => host.decline(framework, [id], YEAR_SECONDS))
      : [...idsByFramework(made)].map(([framework, ids]) => host.decline(framework, ids, YEAR_SECONDS));
  return wire(calls);
}
