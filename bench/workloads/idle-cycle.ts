/** `idle-cycle`: what a run costs when everything is offered and nothing has happened. */
import { offeredCluster } from '../clusters.js';
import { rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `idle-cycle`. */
export const idleCycle: Workload = {
  name: 'idle-cycle',
  summary: 'one more allocation when everything is offered (ops: runs)',
  phases: ['cycle'],
  defaults: (given) => settle(given, { runs: 200 }),
  run,
};

function run(options: WorkloadOptions): WorkloadRow[] {
  const host = offeredCluster(options);
  const clock = new Stopwatch();
  clock.rounds(options.runs, () => {
    host.pass(1_000);
    clock.time('cycle', () => host.allocate());
    clock.count('cycle', 1);
  });
  options.inspect?.(host.state);
  return rowsOf('idle-cycle', options, clock);
}
