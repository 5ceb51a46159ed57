import type { Executor, ExecutorDriver } from '../framework-api/index.js';
import type { Clock } from '../master/clock.js';
import type { TaskInfo } from '../tasks/index.js';

/** How long a task runs, ms; `undefined` or `Infinity` = until it is killed. */
export type Autorun = (task: TaskInfo) => number | undefined;

/** An executor that does nothing by itself: somebody else says how its tasks stand. One that is ended by force is killed. */
export const inertExecutor: Executor = {
  launch() {},
  kill() {},
  destroy(task, driver) {
    if (task !== undefined) driver.update({ task, state: 'killed', message: 'Ended by force' });
  },
};

/** An executor whose tasks only last: each is running at once, finished when its time is over, killed when it is told. */
export function lastingExecutor(lasts: Autorun, clock: Clock): Executor {
  const executors = new WeakMap<ExecutorDriver, Map<string, () => void>>();
  const runsOf = (driver: ExecutorDriver): Map<string, () => void> => {
    const runs = executors.get(driver) ?? new Map<string, () => void>();
    executors.set(driver, runs);
    return runs;
  };
  const kill = (task: string, driver: ExecutorDriver): void => {
    const runs = runsOf(driver);
    runs.get(task)?.();
    if (runs.delete(task)) driver.update({ task, state: 'killed' });
  };
  const killAll = (driver: ExecutorDriver): void => {
    for (const task of [...runsOf(driver).keys()]) kill(task, driver);
  };
  return {
    launch(task, driver) {
      const ms = lasts(task) ?? Infinity;
      const runs = runsOf(driver);
      driver.update({ task: task.id, state: 'running' });
      const cancel =
        ms === Infinity
          ? () => {}
          : clock.wake(clock.now() + ms, () => {
              if (runs.delete(task.id)) driver.update({ task: task.id, state: 'finished' });
            });
      runs.set(task.id, cancel);
    },
    kill: (task, _grace, driver) => kill(task, driver),
    destroy(task, driver) {
      if (task === undefined) killAll(driver);
      else kill(task, driver);
    },
    shutdown: (_grace, driver) => killAll(driver),
  };
}
