/**
 * `proffer/bench`: the workloads of `proffer bench` as a function.
 * @module
 */
import { drf } from '../src/drf/index.js';
import { InputError } from '../src/resources/index.js';
import { peers } from './peers/index.js';
import type { Workload, WorkloadOptions, WorkloadRow } from './types.js';
import { declineOffers } from './workloads/decline-offers.js';
import { declinedCycle } from './workloads/declined-cycle.js';
import { explaining } from './workloads/explain.js';
import { fill } from './workloads/fill.js';
import { fullCycle } from './workloads/full-cycle.js';
import { idleCycle } from './workloads/idle-cycle.js';
import { inputs } from './workloads/inputs.js';
import { largeSmallQuota } from './workloads/large-small-quota.js';
import { multiFramework } from './workloads/multi-framework.js';
import { oneAgent } from './workloads/one-agent.js';
import { register } from './workloads/register.js';
import { algebra } from './workloads/resources.js';
import { serializing } from './workloads/serialize.js';
import { sorter } from './workloads/sorter.js';

export { mergeRuns, rowOf, type Measured, type RowSizes } from './row.js';
export { latencies, median, quantile, runStats, spread, type RunStats } from './stats.js';
export type { Layout, Peer, PeerName, Sizes, Workload, WorkloadOptions, WorkloadRow } from './types.js';
export type { Work } from './work.js';

/** Every workload that can be named. */
export const workloads: readonly Workload[] = [
  fullCycle,
  idleCycle,
  oneAgent,
  declinedCycle,
  declineOffers,
  largeSmallQuota,
  fill,
  multiFramework,
  inputs,
  register,
  serializing,
  sorter,
  algebra,
  explaining,
];

/**
 * Runs one workload in this process and measures it. For figures that do not depend on what ran before, start a
 * process for each row, as `proffer bench` does.
 *
 * @param options what is left open is the workload's own; the policy is `drf`, the seed 1
 * @returns a row for each phase
 * @throws InputError `unknown-workload`, `unknown-phase`, `bad-layout`
 *
 * @example
 * const [row] = runWorkload('inputs', { agents: 1_000, runs: 3 });
 * console.log(row?.nsPerOp);
 */
export function runWorkload(name: string, options: Partial<WorkloadOptions> = {}): WorkloadRow[] {
  const workload = workloads.find((known) => known.name === name);
  if (workload === undefined) {
    const known = workloads.map((one) => one.name).join(', ');
    throw new InputError('unknown-workload', 'name', `unknown workload ${JSON.stringify(name)}; there are: ${known}`);
  }
  const { phase, inspect, seed = 1, policy = drf, compare = [] } = options;
  if (phase !== undefined && !workload.phases.includes(phase)) {
    const known = workload.phases.join(', ');
    throw new InputError('unknown-phase', 'phase', `unknown phase ${JSON.stringify(phase)}; ${name} has: ${known}`);
  }
  const settled: WorkloadOptions = {
    ...workload.defaults(options),
    seed,
    policy,
    compare,
    ...(phase === undefined ? {} : { phase }),
    ...(inspect === undefined ? {} : { inspect }),
  };
  return workload.run(settled).map((row) => compared(row, settled));
}

/** The row with the ratios to the rivals that were asked for and do what it does. */
function compared(row: WorkloadRow, options: WorkloadOptions): WorkloadRow {
  const ratio = { ...row.ratio };
  for (const { name, workload, phase, measure } of peers) {
    if (workload !== row.workload || phase !== row.phase || !options.compare.includes(name)) continue;
    const { medianMs } = measure(options);
    ratio[name] = medianMs > 0 ? row.medianMs / medianMs : null;
  }
  return { ...row, ratio };
}
