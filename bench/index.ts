/**
 * `proffer/bench`: the workloads of `proffer bench` as a function.
 * @module
 */
import { drf } from '../src/drf/index.js';
import { InputError } from '../src/resources/index.js';
import type { Workload, WorkloadOptions, WorkloadRow } from './types.js';
import { inputs } from './workloads/inputs.js';

export { rowOf, type Measured } from './row.js';
export { latencies, median, quantile, runStats, spread, type RunStats } from './stats.js';
export type { Peer, Workload, WorkloadOptions, WorkloadRow } from './types.js';
export type { Work } from './work.js';

/** Every workload that can be named. */
export const workloads: readonly Workload[] = [
  {
    name: 'inputs',
    summary: 'a mixed stream of accept, status, acknowledge, finish and heartbeat on a busy cluster',
    phases: ['mixed'],
    defaults: ({ agents = 10_000, frameworks = 100, roles = frameworks, tasks = agents * 10, runs = 5 }) => {
      return { agents, frameworks, roles, tasks, runs };
    },
    run: inputs,
  },
];

/**
 * Runs one workload in this process and measures it. For figures that do not depend on what ran before, start a
 * process for each row, as `proffer bench` does.
 *
 * @param options what is left open is the workload's own; the policy is `drf`, the seed 1
 * @returns a row for each phase
 * @throws InputError `unknown-workload`, `unknown-phase`
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
  const { phase, seed = 1, policy = drf, compare = [] } = options;
  if (phase !== undefined && !workload.phases.includes(phase)) {
    const known = workload.phases.join(', ');
    throw new InputError('unknown-phase', 'phase', `unknown phase ${JSON.stringify(phase)}; ${name} has: ${known}`);
  }
  const settled = { ...workload.defaults(options), seed, policy, compare };
  const rows = workload.run(phase === undefined ? settled : { ...settled, phase });
  return phase === undefined ? rows : rows.filter((row) => row.phase === phase);
}
