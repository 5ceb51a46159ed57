import type { ExecutorMessage } from '../index.js';
import type { ExecutorInfo } from '../../tasks/index.js';
import { ForeignExecutors, type ExecutorPatience } from './foreign-executors.js';
import { OwnTasks } from './own-tasks.js';
import type { RunnerHost } from './runner-host.js';
import type { RunRecord } from './journal.js';
import { Run, type RunShop } from './runs.js';

/** Does what the agent's machine wants of executors: its own tasks and the executors that frameworks bring. */
export class Runner {
  readonly #shop: RunShop;
  readonly own: OwnTasks;
  readonly foreign: ForeignExecutors;

  constructor(shop: RunShop, host: RunnerHost, patience: ExecutorPatience) {
    this.#shop = shop;
    this.own = new OwnTasks(shop, host);
    this.foreign = new ForeignExecutors(shop, host, patience);
  }

  /** Whether nothing runs. */
  get idle(): boolean {
    return this.own.size === 0 && this.foreign.size === 0;
  }

  tell(message: ExecutorMessage): void {
    const { framework, executor } = message;
    switch (message.type) {
      case 'launch-task':
        if (isForeign(message.task.executor)) return this.foreign.tell(message);
        if (message.task.executor === undefined) return this.own.launch(framework, message.task);
        return this.own.launchGroup(framework, message.task.executor, [message.task]);
      case 'launch-group':
        if (isForeign(message.executorInfo)) return this.foreign.tell(message);
        return this.own.launchGroup(framework, message.executorInfo, message.tasks);
      case 'kill-task':
        if (this.own.has(framework, message.task)) return this.own.signal(framework, message.task, 'SIGTERM');
        return this.foreign.tell(message);
      case 'destroy-task':
        if (this.own.has(framework, message.task)) return this.own.signal(framework, message.task, 'SIGKILL');
        return this.foreign.tell(message);
      case 'shutdown-executor':
        // An executor and a task without one may have the same id: who is asked already is not meant a second time.
        if (this.foreign.has(framework, executor) && !this.foreign.isEnding(framework, executor))
          return this.foreign.shutdown(message);
        return this.own.signalAll(framework, executor, 'SIGTERM');
      case 'destroy-executor':
        this.foreign.destroy(framework, executor);
        return this.own.signalAll(framework, executor, 'SIGKILL');
      case 'message':
      case 'acknowledged':
        return this.foreign.tell(message);
    }
    message satisfies never;
  }

  /** Ends a run of an earlier life of which nothing is wanted any more. */
  endRun(record: RunRecord): void {
    const run = Run.resume(this.#shop, record, () => {});
    run?.signal('SIGKILL');
  }

  /** Ends everything at once, by force. */
  destroyAll(): void {
    this.own.destroyAll();
    this.foreign.destroyAll();
  }

  /** Asks everything to end. */
  askAll(): void {
    this.own.askAll();
    this.foreign.askAll();
  }

  /** Stops watching; what runs, runs on. */
  leave(): void {
    this.own.leave();
    this.foreign.leave();
  }
}

/** The default executor is the agent itself. */
function isForeign(info: ExecutorInfo | undefined): boolean {
  return info !== undefined && info.type !== 'default';
}
