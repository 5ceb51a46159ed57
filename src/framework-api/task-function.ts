import type { TaskInfo } from '../tasks/index.js';
import type { Executor, ExecutorDriver } from './executor.js';

/** What of an `AbortSignal` every platform has. */
export interface BareSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listen: () => void): void;
  removeEventListener(type: 'abort', listen: () => void): void;
}

/** The platform's own `AbortSignal`, which `fetch` and others take; without types of a platform, what all have of it. */
export type TaskSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } } ? Signal : BareSignal;

/**
 * A task as a function. The signal is aborted when the task is to end: pass it on, or look at it now and then. What the
 * function returns becomes the `data` of its last status: text as it is, anything else as JSON, `undefined` as none.
 */
export type TaskFunction = (task: TaskInfo, signal: TaskSignal, driver: ExecutorDriver) => unknown;

/** One run of the function. */
interface Run {
  readonly controller: AbortController;
  /** Resolves when the function has ended and that was said. Never rejects. */
  ended: Promise<void>;
  /** Its end was said already. */
  over: boolean;
}

/**
 * An executor whose tasks are calls of a function, in this process. A task is `running` when the function is called,
 * `finished` when it returns, `failed` with the message of what it throws, and `killed` when it ends after its signal
 * was aborted, however it ends. A function that does not heed the signal cannot be stopped: when the grace is over its
 * task is `killed` all the same, and what it does later is ignored.
 *
 * @example
 * const executor = taskFunction(async (task, signal) => {
 *   const response = await fetch(String(task.payload), { signal });
 *   return (await response.text()).length;
 * });
 */
export function taskFunction(run: TaskFunction): Executor {
  // By executor, then by task: task ids are unique within a framework only.
  const executors = new WeakMap<ExecutorDriver, Map<string, Run>>();
  const runsOf = (driver: ExecutorDriver): Map<string, Run> => {
    const runs = executors.get(driver) ?? new Map<string, Run>();
    executors.set(driver, runs);
    return runs;
  };
  return {
    launch(task, driver) {
      const runs = runsOf(driver);
      const started: Run = { controller: new AbortController(), ended: Promise.resolve(), over: false };
      runs.set(task.id, started);
      driver.update({ task: task.id, state: 'running' });
      started.ended = follow(run, task, started, driver).finally(() => {
        // Its id may have been taken by another run, if this one was ended by force and ran on.
        if (runs.get(task.id) === started) runs.delete(task.id);
      });
    },
    kill(task, _grace, driver) {
      runsOf(driver).get(task)?.controller.abort();
    },
    destroy(task, driver) {
      const runs = runsOf(driver);
      for (const id of task === undefined ? [...runs.keys()] : [task]) {
        const destroyed = runs.get(id);
        if (destroyed === undefined) continue;
        destroyed.controller.abort();
        say(destroyed, driver, { task: id, state: 'killed', message: 'Ended by force' });
      }
    },
    async shutdown(_grace, driver) {
      const runs = [...runsOf(driver).values()];
      for (const { controller } of runs) controller.abort();
      await Promise.all(runs.map(({ ended }) => ended));
    },
  };
}

async function follow(run: TaskFunction, task: TaskInfo, of: Run, driver: ExecutorDriver): Promise<void> {
  const { signal } = of.controller;
  try {
    const data = asData(await run(task, signal as TaskSignal, driver));
    const state = signal.aborted ? 'killed' : 'finished';
    say(of, driver, { task: task.id, state, ...(data !== undefined && { data }) });
  } catch (error) {
    say(of, driver, { task: task.id, state: signal.aborted ? 'killed' : 'failed', message: messageOf(error) });
  }
}

/** Says the end of a task, once. */
function say(run: Run, driver: ExecutorDriver, end: Parameters<ExecutorDriver['update']>[0]): void {
  if (run.over) return;
  run.over = true;
  driver.update(end);
}

function asData(result: unknown): string | undefined {
  return typeof result === 'string' ? result : JSON.stringify(result);
}

/** What was thrown, in words; anything can be thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return 'something that has no words';
  }
}
