import type { ExecutorInput, ExecutorMessage } from '../agent/index.js';
import { runCallback } from '../framework-api/callbacks.js';
import type { Executor, ExecutorDriver } from '../framework-api/index.js';
import { messageOf } from '../framework-api/task-function.js';
import { isTerminal, type TaskInfo } from '../tasks/index.js';

/** Where a runner runs its executors. */
export interface RunnerHost {
  readonly agent: string;
  /** Hears what executors say. */
  say(input: ExecutorInput): void;
  /** Hears what a handler threw that cannot be said of a task. */
  failed(error: unknown): void;
}

/**
 * Runs executors in this process: translates what an agent's machine wants of them into calls of one `Executor`, and
 * what its drivers are told back into inputs of the machine.
 */
export class ExecutorRunner {
  readonly #executor: Executor;
  readonly #host: RunnerHost;
  readonly #drivers = new Map<string, RunningDriver>();

  constructor(executor: Executor, host: RunnerHost) {
    this.#executor = executor;
    this.#host = host;
  }

  /** Does what the machine wants. Never throws. */
  tell(message: ExecutorMessage): void {
    const driver = this.#driverOf(message);
    switch (message.type) {
      case 'launch-task':
        if (message.task.executor === undefined) return this.#launchAlone(message.task, driver);
        return this.#launch([message.task.id], driver, () => this.#executor.launch(message.task, driver));
      case 'launch-group':
        return this.#launchGroup(message, driver);
      case 'kill-task':
        return this.#kill(message.task, message.graceMs, driver);
      case 'destroy-task':
        return this.#destroy(message.task, driver);
      case 'shutdown-executor':
        return this.#shutdown(message.graceMs, driver);
      case 'destroy-executor':
        this.#destroy(undefined, driver);
        return this.#exit(driver);
      case 'message':
        return this.#run(() => this.#executor.message?.(message.data, driver));
      case 'acknowledged':
        // Statuses of an in-process executor cannot be lost on the way to its agent.
        return;
      default:
        return message satisfies never;
    }
  }

  /** Everything that runs here ends at once, and nobody hears of it: the machine below it is gone. */
  crash(): void {
    const drivers = [...this.#drivers.values()];
    this.#drivers.clear();
    for (const driver of drivers) {
      driver.end();
      this.#run(() => this.#executor.destroy?.(undefined, driver));
    }
  }

  #driverOf(message: ExecutorMessage): RunningDriver {
    const key = keyOf(message);
    const { framework, executor } = message;
    const known = this.#drivers.get(key);
    if (known?.ended === false) return known;
    const driver = new RunningDriver(this.#host, framework, executor);
    this.#drivers.set(key, driver);
    return driver;
  }

  /** One task that brings no executor: there is nothing of it left when the task has ended. */
  #launchAlone(task: TaskInfo, driver: RunningDriver): void {
    driver.afterTerminal = () => this.#forget(driver);
    this.#launch([task.id], driver, () => this.#executor.launch(task, driver));
  }

  #launchGroup(
    { executorInfo, tasks }: Extract<ExecutorMessage, { type: 'launch-group' }>,
    driver: RunningDriver,
  ): void {
    const executor = this.#executor;
    if (executor.launchGroup === undefined) {
      for (const task of tasks) this.#launch([task.id], driver, () => executor.launch(task, driver));
      return;
    }
    const ids = tasks.map(({ id }) => id);
    this.#launch(ids, driver, () => executor.launchGroup?.({ executor: executorInfo, tasks }, driver));
  }

  #launch(tasks: readonly string[], driver: RunningDriver, run: () => unknown): void {
    runCallback(run, (error) => {
      for (const task of tasks) driver.update({ task, state: 'failed', message: messageOf(error) });
    });
  }

  #kill(task: string, graceMs: number, driver: RunningDriver): void {
    if (this.#executor.kill === undefined) this.#destroy(task, driver);
    else this.#run(() => this.#executor.kill?.(task, { graceMs }, driver));
  }

  #destroy(task: string | undefined, driver: RunningDriver): void {
    if (this.#executor.destroy !== undefined) this.#run(() => this.#executor.destroy?.(task, driver));
    else if (task !== undefined) driver.update({ task, state: 'killed' });
  }

  #shutdown(graceMs: number, driver: RunningDriver): void {
    const exit = (): void => this.#exit(driver);
    if (this.#executor.shutdown === undefined) {
      this.#destroy(undefined, driver);
      return exit();
    }
    runCallback(
      () => this.#executor.shutdown?.({ graceMs }, driver),
      (error) => {
        this.#host.failed(error);
        exit();
      },
      exit,
    );
  }

  #exit(driver: RunningDriver): void {
    if (driver.ended) return;
    this.#forget(driver);
    const { framework, executor } = driver;
    this.#host.say({ type: 'executor-exited', framework, executor, status: 0 });
  }

  #forget(driver: RunningDriver): void {
    driver.end();
    this.#drivers.delete(keyOf(driver));
  }

  #run(run: () => unknown): void {
    runCallback(run, (error) => this.#host.failed(error));
  }
}

function keyOf({ framework, executor }: { readonly framework: string; readonly executor: string }): string {
  return JSON.stringify([framework, executor]);
}

/** The handle of one executor while it lives. */
class RunningDriver implements ExecutorDriver {
  readonly framework: string;
  readonly executor: string;
  /** Called when a task of it was said to have ended. */
  afterTerminal: () => void = () => {};
  readonly #host: RunnerHost;
  #ended = false;

  constructor(host: RunnerHost, framework: string, executor: string) {
    this.#host = host;
    this.framework = framework;
    this.executor = executor;
  }

  get agent(): string {
    return this.#host.agent;
  }

  get ended(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
  }

  update(status: Parameters<ExecutorDriver['update']>[0]): void {
    if (this.#ended) return;
    const { framework, executor } = this;
    this.#host.say({ ...status, type: 'executor-update', framework, executor });
    if (isTerminal(status.state)) this.afterTerminal();
  }

  sendMessage(data: string): void {
    if (this.#ended) return;
    const { framework, executor } = this;
    this.#host.say({ type: 'executor-message', framework, executor, data });
  }
}
