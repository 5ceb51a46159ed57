/** The limit in the workloads that it knows. */
import { freeCluster } from '../clusters.js';
import type { Host } from '../host.js';
import type { Peer, WorkloadOptions } from '../types.js';
import { quotaCluster } from '../workloads/large-small-quota.js';
import { mix } from '../../src/resources/index.js';
import { limitOf } from './limit.js';
import { medianOf, nothing } from './rounds.js';

/** It is over in no time: so many runs cost nothing, and a few are not enough for the compiler. */
const leastRuns = 50;

function peer(workload: string, phase: string, cluster: (options: WorkloadOptions) => Host): Peer {
  const measure: Peer['measure'] = (options) => {
    const limit = options.policy.name === 'drf' ? limitOf(cluster(options).state) : undefined;
    if (limit === undefined) return nothing;
    let run = 0;
    const round = (time: <T>(run: () => T) => T): void => {
      run += 1;
      limit.reset();
      time(() => limit.run(mix(options.seed, run)));
    };
    for (let n = 0; n < leastRuns; n += 1) round((work) => work());
    return medianOf({ runs: Math.max(options.runs, leastRuns) }, phase, (clock) =>
      round((work) => clock.time(phase, work)),
    );
  };
  return { name: 'limit', workload, phase, measure };
}

/** What has been offered once: the second run of the quotas. */
function afterFirst(options: WorkloadOptions): Host {
  const host = quotaCluster(options);
  host.pass(1_000);
  host.allocate('all');
  return host;
}

/** The phases that the limit can be compared with. */
export const limitPeers: readonly Peer[] = [
  peer('full-cycle', 'cycle', freeCluster),
  peer('large-small-quota', 'first', quotaCluster),
  peer('large-small-quota', 'empty', afterFirst),
];
