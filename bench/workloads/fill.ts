/** `fill`: frameworks take a task of each offer until no cpu is left. */
import { freeCluster, taskSize } from '../clusters.js';
import { frameworkId } from '../host.js';
import { rowsOf } from '../row.js';
import { fillCluster } from '../schedulers.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `fill`. */
export const fill: Workload = {
  name: 'fill',
  summary: 'tasks launched, running and acknowledged until the cluster is full, everything included (ops: tasks)',
  phases: ['fill'],
  defaults: (given) => settle(given, { runs: 5 }),
  run,
};

const SLOTS = 16;

function run(options: WorkloadOptions): WorkloadRow[] {
  const clock = new Stopwatch();
  const tasks = options.agents * SLOTS - options.tasks;
  clock.rounds(options.runs, () => {
    const host = freeCluster(options);
    const appetites = Array.from({ length: options.frameworks }, (_, n) => {
      return { framework: frameworkId(n), size: taskSize, perOffer: 1, tasks: Infinity };
    });
    clock.time('fill', () => fillCluster(host, appetites, tasks));
    clock.count('fill', tasks);
    options.inspect?.(host.state);
  });
  return rowsOf('fill', options, clock);
}
