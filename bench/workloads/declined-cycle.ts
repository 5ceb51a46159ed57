/** `declined-cycle`: runs that find next to nobody to offer anything to, since nearly everybody has refused. */
import { offers } from '../../src/cluster/index.js';
import { countFilters } from '../../src/offers/index.js';
import { declineAll, declinedCluster, freeCluster, wakeAll } from '../clusters.js';
import { collectAll, liveBytes } from '../heap.js';
import { offersIn } from '../host.js';
import { isWanted, rowOf, rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `declined-cycle`. */
export const declinedCycle: Workload = {
  name: 'declined-cycle',
  summary:
    'an allocation when every framework has refused every agent but 1 % of 1 % (ops: offers); closed: without the 1 %; after: the one after that (ops: runs); heap: what the filters hold (ops: filters)',
  phases: ['cycle', 'closed', 'after', 'heap'],
  defaults: (given) => settle(given),
  run,
};

function run(options: WorkloadOptions): WorkloadRow[] {
  const clock = new Stopwatch();
  if (isWanted(options, 'cycle')) openRuns(options, clock);
  if (isWanted(options, 'closed') || isWanted(options, 'after')) closedRuns(options, clock);
  return [...rowsOf('declined-cycle', options, clock), ...(isWanted(options, 'heap') ? [heapRow(options)] : [])];
}

function openRuns(options: WorkloadOptions, clock: Stopwatch): void {
  const host = declinedCluster(options, 'one-percent');
  clock.rounds(options.runs, () => {
    host.giveBack(offers(host.state));
    wakeAll(host);
    host.pass(1_000);
    const outputs = clock.time('cycle', () => host.allocate());
    clock.count('cycle', offersIn(outputs).length);
  });
  options.inspect?.(host.state);
}

function closedRuns(options: WorkloadOptions, clock: Stopwatch): void {
  const host = declinedCluster(options, 'nobody');
  clock.rounds(options.runs, () => {
    wakeAll(host);
    for (const phase of ['closed', 'after']) {
      host.pass(1_000);
      clock.time(phase, () => host.allocate());
      clock.count(phase, 1);
    }
  });
  options.inspect?.(host.state);
}

/** The memory of the filters: what the cluster holds with them, less what it held before. */
function heapRow(options: WorkloadOptions): WorkloadRow {
  const host = freeCluster(options);
  host.pass(1_000);
  host.giveBack(offersIn(host.allocate('all')));
  const before = liveBytes();
  declineAll(host, options, 'nobody');
  const after = liveBytes();
  const timesMs = Array.from({ length: options.runs }, collectAll);
  const ops = countFilters(host.state.allocator).reduce((sum, [, count]) => sum + count, 0);
  options.inspect?.(host.state);
  const row = rowOf({ workload: 'declined-cycle', phase: 'heap', options, ops, timesMs });
  return { ...row, liveHeapMiB: (after - before) / 2 ** 20 };
}
