import type { Executor, ExecutorDriver } from '../../framework-api/index.js';
import type { Clock } from '../../master/index.js';
import type { TaskInfo, TaskState } from '../../tasks/index.js';

/** What a simulated task does: it travels with the task, so that whoever runs it need not ask anybody. */
export interface TaskScript {
  /** How long it runs, ms; null = until it is killed. */
  readonly lastsMs: number | null;
  readonly end: 'finished' | 'failed';
  /** It does not listen when it is asked to end. */
  readonly stubborn: boolean;
  /** It says everything twice, and that it runs after it has ended. */
  readonly noisy: boolean;
}

/** A task that runs, and what ends its timer. */
interface Run {
  readonly script: TaskScript;
  readonly cancel: () => void;
}

/** Runs tasks by their scripts: nothing happens but that they say how they stand. */
export function scriptedExecutor(clock: Clock): Executor {
  const runsOf = new WeakMap<ExecutorDriver, Map<string, Run>>();
  const runs = (driver: ExecutorDriver): Map<string, Run> => {
    const known = runsOf.get(driver) ?? new Map<string, Run>();
    runsOf.set(driver, known);
    return known;
  };
  const say = (driver: ExecutorDriver, task: string, state: TaskState, noisy: boolean): void => {
    driver.update({ task, state });
    if (noisy) driver.update({ task, state });
  };
  const end = (driver: ExecutorDriver, task: string, state: TaskState): void => {
    const run = runs(driver).get(task);
    if (run === undefined) return;
    run.cancel();
    runs(driver).delete(task);
    say(driver, task, state, run.script.noisy);
    if (run.script.noisy) driver.update({ task, state: 'running' });
  };
  return {
    launch(task, driver) {
      const script = scriptOf(task);
      say(driver, task.id, 'running', script.noisy);
      const { lastsMs } = script;
      const cancel =
        lastsMs === null ? () => {} : clock.wake(clock.now() + lastsMs, () => end(driver, task.id, script.end));
      runs(driver).set(task.id, { script, cancel });
    },
    kill(task, _grace, driver) {
      if (runs(driver).get(task)?.script.stubborn !== true) end(driver, task, 'killed');
    },
    destroy(task, driver) {
      const ending = task === undefined ? [...runs(driver).keys()] : [task];
      for (const each of ending) end(driver, each, 'killed');
    },
  };
}

/** The script of a task as it travels. */
export function scriptText(script: TaskScript): string {
  return JSON.stringify(script);
}

function scriptOf({ data }: TaskInfo): TaskScript {
  return JSON.parse(data ?? '{"lastsMs":1000,"end":"finished","stubborn":false,"noisy":false}') as TaskScript;
}
