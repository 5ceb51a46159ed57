/** `one-agent`: everything is offered, and one agent has something to give again. */
import { offers, type Offer } from '../../src/cluster/index.js';
import { offeredCluster } from '../clusters.js';
import type { Host } from '../host.js';
import { isWanted, rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `one-agent`. */
export const oneAgent: Workload = {
  name: 'one-agent',
  summary:
    'the run that an event asks for one agent, everything else being offered; batch: the batch after one decline (ops: runs)',
  phases: ['cycle', 'batch'],
  defaults: (given) => settle(given, { runs: 100 }),
  run,
};

function run(options: WorkloadOptions): WorkloadRow[] {
  const host = offeredCluster(options);
  const clock = new Stopwatch();
  const offered = offers(host.state);
  const stops = new Map(offered.map((offer) => [offer.agent, offer]));
  let turn = 0;
  const next = (): Offer => {
    // A stride that is prime to most sizes: neighbours in the order are not neighbours in memory.
    turn = (turn + 7_919) % offered.length;
    const { agent } = offered[turn] as Offer;
    return stops.get(agent) as Offer;
  };
  clock.rounds(options.runs, () => {
    if (isWanted(options, 'cycle')) noteOffers(stops, requestedRun(host, clock, next()));
    if (isWanted(options, 'batch')) noteOffers(stops, batchRun(host, clock, next()));
  });
  options.inspect?.(host.state);
  return rowsOf('one-agent', options, clock);
}

/**
 * Its framework gives the offer back without a filter, and the agent says something new of itself: that asks for a run of
 * that one agent (ALLOC-1). The batch that the last such round left behind is over by then.
 */
function requestedRun(host: Host, clock: Stopwatch, offer: Offer): readonly Offer[] {
  host.pass(1_000);
  host.allocate();
  host.giveBack([offer]);
  host.tell({ type: 'update-agent', at: host.now, agent: offer.agent, attributes: `since:${host.now}` });
  return runOnce(host, clock, 'cycle');
}

/** Its framework declines the offer without a filter: the next batch offers it again. */
function batchRun(host: Host, clock: Stopwatch, offer: Offer): readonly Offer[] {
  host.pass(1_000);
  host.allocate();
  host.giveBack([offer]);
  host.pass(1_000);
  return runOnce(host, clock, 'batch');
}

function runOnce(host: Host, clock: Stopwatch, phase: string): readonly Offer[] {
  const outputs = clock.time(phase, () => host.allocate());
  clock.count(phase, 1);
  return outputs.flatMap((output) => (output.type === 'offers' ? output.offers : []));
}

/** The offers of agents change hands. */
function noteOffers(stops: Map<string, Offer>, made: readonly Offer[]): void {
  if (made.length === 0) throw new Error('the agent was not offered again');
  for (const offer of made) stops.set(offer.agent, offer);
}
