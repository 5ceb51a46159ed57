/** `full-cycle`: one run of the allocation over a cluster of which everything is free. */
import { offers } from '../../src/cluster/index.js';
import { freeCluster } from '../clusters.js';
import { offersIn, type Host } from '../host.js';
import { isWanted, rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `full-cycle`. */
export const fullCycle: Workload = {
  name: 'full-cycle',
  summary: 'one allocation of a cluster that is all free; cold: the first one of a process (ops: offers)',
  phases: ['cycle', 'cold'],
  oncePerProcess: ['cold'],
  defaults: (given) => settle(given),
  run,
};

function run(options: WorkloadOptions): WorkloadRow[] {
  const cold = new Stopwatch();
  const warm = new Stopwatch();
  const host = freeCluster(options);
  if (isWanted(options, 'cold')) cold.coldRounds(1, (clock) => allocateAll(host, clock, 'cold'));
  if (isWanted(options, 'cycle')) warm.rounds(options.runs, (clock) => allocateAll(host, clock, 'cycle'));
  options.inspect?.(host.state);
  return [...rowsOf('full-cycle', options, warm), ...rowsOf('full-cycle', options, cold)];
}

/** What the last run offered comes back; a second later everything is offered again. */
function allocateAll(host: Host, clock: Stopwatch, phase: string): void {
  host.giveBack(offers(host.state));
  host.pass(1_000);
  const outputs = clock.time(phase, () => host.allocate('all'));
  clock.count(phase, offersIn(outputs).length);
}
