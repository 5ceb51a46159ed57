/** The naive rival in the workloads: for each phase that it knows the cluster of the workload, and what is timed. */
import { declinedCluster, freeCluster, offeredCluster, type Openness } from '../clusters.js';
import type { Host } from '../host.js';
import type { Stopwatch } from '../stopwatch.js';
import type { Peer, WorkloadOptions } from '../types.js';
import { usedCluster } from '../workloads/decline-offers.js';
import { quotaCluster } from '../workloads/large-small-quota.js';
import { NaiveAllocator, type NaiveOffer } from './naive.js';
import { medianOf, nothing } from './rounds.js';

const YEAR_SECONDS = 31_536_000;

/** The rival with its own clock, as {@link Host} is for the library. */
class NaiveHost {
  readonly allocator: NaiveAllocator;
  now: number;

  constructor(allocator: NaiveAllocator, now: number) {
    this.allocator = allocator;
    this.now = now;
  }

  /** Everything that is offered comes back, and may be offered again at once. */
  giveBack(offers: Iterable<NaiveOffer> = this.allocator.offers): void {
    const ids = [...offers].map(({ id }) => id);
    this.allocator.decline(ids, 0, this.now);
  }

  /** What each framework is offered in a run of all agents a second later. It knows no other: nobody tells it when nothing has changed. */
  batch(clock: Stopwatch, phase: string): readonly (readonly NaiveOffer[])[] {
    this.now += 1_000;
    return [...clock.time(phase, () => this.allocator.allocate('all', this.now)).values()];
  }
}

/** A phase of a workload: how a round of it goes, with a rival that was made for the options. */
function peer(
  workload: string,
  phase: string,
  cluster: (options: WorkloadOptions) => Host,
  makeRound: (host: NaiveHost, options: WorkloadOptions) => (clock: Stopwatch) => void,
): Peer {
  const measure: Peer['measure'] = (options) => {
    if (options.policy.name !== 'drf') return nothing;
    const { state, now } = cluster(options);
    const allocator = NaiveAllocator.of(state);
    if (allocator === undefined) return nothing;
    return medianOf(options, phase, makeRound(new NaiveHost(allocator, now), options));
  };
  return { name: 'naive', workload, phase, measure };
}

const declined =
  (openness: Openness) =>
  (options: WorkloadOptions): Host =>
    declinedCluster(options, openness);

/** Every agent's offer comes back before each run. */
const allAgain =
  (phase: string) =>
  (host: NaiveHost) =>
  (clock: Stopwatch): void => {
    host.giveBack();
    host.batch(clock, phase);
  };

/** A run when nothing has come back. */
const justRun =
  (phase: string) =>
  (host: NaiveHost) =>
  (clock: Stopwatch): void =>
    void host.batch(clock, phase);

/** One agent has something to give, each time another: an event asks for a run of it, or the next batch finds it. */
const oneAgent =
  (phase: 'cycle' | 'batch') =>
  (host: NaiveHost): ((clock: Stopwatch) => void) => {
    const agents = [...host.allocator.offers].map(({ agent }) => agent);
    let turn = 0;
    return (clock) => {
      turn = (turn + 7_919) % agents.length;
      const agent = agents[turn] ?? '';
      host.giveBack([...host.allocator.offers].filter((offer) => offer.agent === agent));
      if (phase === 'batch') host.batch(clock, phase);
      else {
        host.allocator.request(agent);
        clock.time(phase, () => host.allocator.allocate('requested', host.now));
      }
    };
  };

/** Everything is offered and refused for as long as can be; one call an offer, or one a framework. */
const declining =
  (phase: 'cycle' | 'decline' | 'decline-framework') =>
  (host: NaiveHost, { frameworks }: WorkloadOptions): ((clock: Stopwatch) => void) => {
    let round = 0;
    return (clock) => {
      if (round % frameworks === 0) host.allocator.clearFilters();
      round += 1;
      const made = host.batch(clock, 'cycle');
      const calls = phase === 'decline-framework' ? made : made.flat().map((offer) => [offer]);
      const idsOfCalls = calls.map((offers) => offers.map(({ id }) => id));
      clock.time(phase === 'cycle' ? 'decline' : phase, () => {
        for (const ids of idsOfCalls) host.allocator.decline(ids, YEAR_SECONDS, host.now);
      });
    };
  };

/** The phases that the naive rival can be compared with. */
export const naivePeers: readonly Peer[] = [
  peer('full-cycle', 'cycle', freeCluster, allAgain('cycle')),
  peer('idle-cycle', 'cycle', offeredCluster, justRun('cycle')),
  peer('one-agent', 'cycle', offeredCluster, oneAgent('cycle')),
  peer('one-agent', 'batch', offeredCluster, oneAgent('batch')),
  peer('declined-cycle', 'cycle', declined('one-percent'), allAgain('cycle')),
  peer('declined-cycle', 'closed', declined('nobody'), justRun('closed')),
  peer('declined-cycle', 'after', declined('nobody'), justRun('after')),
  peer('decline-offers', 'cycle', usedCluster, declining('cycle')),
  peer('decline-offers', 'decline', usedCluster, declining('decline')),
  peer('decline-offers', 'decline-framework', usedCluster, declining('decline-framework')),
  peer('large-small-quota', 'first', quotaCluster, allAgain('first')),
  peer('large-small-quota', 'empty', quotaCluster, justRun('empty')),
];
