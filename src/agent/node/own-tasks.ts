/** The tasks that the agent runs itself: commands, alone or in groups (GROUP-1). */
import { isTerminal, type CommandInfo, type ExecutorInfo, type TaskInfo } from '../../tasks/index.js';
import { watchHealth, type HealthVerdict } from './health.js';
import type { RunRecord } from './journal.js';
import { describeEnd, type RunEnd } from './process-run.js';
import type { ExecutorInput } from '../index.js';
import type { RunnerHost } from './runner-host.js';
import { boundsOf, Run, type RunOrder, type RunShop } from './runs.js';

/** One task and what became of it so far. */
interface OwnTask {
  readonly info: TaskInfo;
  readonly framework: string;
  /** The executor of its group; absent = it was launched alone. */
  readonly group?: string;
  run?: Run;
  stopHealth?: () => void;
  /** What its health check says; absent = nothing yet. */
  healthy?: boolean;
  /** Why it is being ended, if its health check wants that. */
  unhealthy?: string;
}

/** What is said of a task that ended. */
type Verdict = Pick<Extract<ExecutorInput, { type: 'executor-update' }>, 'state' | 'reason' | 'message' | 'healthy'>;

/** Runs tasks that are commands. */
export class OwnTasks {
  readonly #shop: RunShop;
  readonly #host: RunnerHost;
  readonly #tasks = new Map<string, OwnTask>();

  constructor(shop: RunShop, host: RunnerHost) {
    this.#shop = shop;
    this.#host = host;
  }

  /** Runs a task that was launched alone. */
  launch(framework: string, info: TaskInfo): void {
    this.#begin({ framework, info });
  }

  /** Runs tasks that were launched together. */
  launchGroup(framework: string, executor: ExecutorInfo, tasks: readonly TaskInfo[]): void {
    for (const info of tasks) this.#begin({ framework, info, group: executor.id });
  }

  /** Goes on with a task of an earlier life; false if it never started. */
  resume(framework: string, info: TaskInfo, record: RunRecord, group: string | undefined): boolean {
    const task: OwnTask = { framework, info, ...(group !== undefined && { group }) };
    const run = Run.resume(this.#shop, record, (end) => this.#ended(task, end));
    if (run === undefined) return false;
    task.run = run;
    this.#tasks.set(keyOf(framework, info.id), task);
    // It may have been written down as launched only.
    this.#sayRunning(task);
    const { command } = info;
    if (command !== undefined)
      this.#watchHealth(task, run.sandbox, run.environmentOf(this.#shop, orderOf(framework, info, command)));
    return true;
  }

  has(framework: string, id: string): boolean {
    return this.#tasks.has(keyOf(framework, id));
  }

  /** Signals a task; nothing if it has ended. */
  signal(framework: string, id: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#tasks.get(keyOf(framework, id))?.run?.signal(signal);
  }

  /** Signals all tasks of an executor: of a group, or the one task that has this id. */
  signalAll(framework: string, executor: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const task of this.#tasks.values()) {
      if (task.framework === framework && (task.group ?? task.info.id) === executor) task.run?.signal(signal);
    }
  }

  /** Asks everything to end. */
  askAll(): void {
    for (const task of this.#tasks.values()) task.run?.signal('SIGTERM');
  }

  /** Ends everything at once, by force. */
  destroyAll(): void {
    for (const task of this.#tasks.values()) task.run?.signal('SIGKILL');
  }

  /** How many there are. */
  get size(): number {
    return this.#tasks.size;
  }

  /** Stops watching; what runs, runs on. */
  leave(): void {
    for (const task of this.#tasks.values()) {
      task.stopHealth?.();
      task.run?.leave();
    }
    this.#tasks.clear();
  }

  #begin(task: OwnTask): void {
    const { framework, info } = task;
    const { command, container } = info;
    this.#tasks.set(keyOf(framework, info.id), task);
    if (command === undefined || container?.type === 'docker') {
      this.#refuse(task, command === undefined ? 'This agent runs commands only' : 'This agent has no Docker engine');
      return;
    }
    task.run = Run.begin(this.#shop, orderOf(framework, info, command), {
      started: (sandbox, environment) => {
        this.#sayRunning(task);
        this.#watchHealth(task, sandbox, environment);
      },
      failed: (why) => this.#refuse(task, why),
      ended: (end) => this.#ended(task, end),
    });
  }

  #sayRunning(task: OwnTask, more: { readonly healthy?: boolean; readonly message?: string } = {}): void {
    const { framework, info } = task;
    if (this.#host.task(framework, info.id)?.state === 'running' && more.healthy === undefined) return;
    const reason = more.healthy === undefined ? {} : { reason: 'task-health-check-status-updated' as const };
    this.#host.say({ type: 'executor-update', framework, task: info.id, state: 'running', ...reason, ...more });
  }

  /** It could not be started; or it was ended before it was. */
  #refuse(task: OwnTask, why: string): void {
    const { framework, info } = task;
    const killed = this.#isBeingEnded(task);
    this.#forget(task);
    this.#host.say({
      type: 'executor-update',
      framework,
      task: info.id,
      state: killed ? 'killed' : 'failed',
      reason: killed ? 'task-killed-during-launch' : 'container-launch-failed',
      message: why,
    });
    this.#endGroup(task);
  }

  #ended(task: OwnTask, end: RunEnd): void {
    const { framework, info } = task;
    this.#forget(task);
    const message = describeEnd(end, 'The command');
    const alone = task.group === undefined && this.#host.executor(framework, info.id) === undefined;
    if (end.outOfMemory && alone) {
      // What a container's end means for its tasks is the machine's to say (TASK-11).
      const executor = info.id;
      const status = end.code === undefined ? {} : { status: end.code };
      this.#host.say({
        type: 'executor-exited',
        framework,
        executor,
        ...status,
        reason: 'container-limitation-memory',
        message,
      });
      return;
    }
    this.#host.say({ type: 'executor-update', framework, task: info.id, ...this.#verdict(task, end, message) });
    this.#endGroup(task);
  }

  /** A task that was to be ended and did end so was killed; one that finished all the same has finished. */
  #verdict(task: OwnTask, end: RunEnd, message: string): Verdict {
    if (end.outOfMemory) return { state: 'failed', reason: 'container-limitation-memory', message };
    if (end.code === 0) return { state: 'finished', message };
    if (task.unhealthy !== undefined)
      return { state: 'failed', healthy: false, message: `${task.unhealthy}: ${message}` };
    if (this.#isBeingEnded(task)) return { state: 'killed', message };
    if (end.code === undefined) return { state: 'failed', reason: 'executor-terminated', message };
    return { state: 'failed', reason: 'command-executor-failed', message };
  }

  #isBeingEnded({ framework, info, group }: OwnTask): boolean {
    const known = this.#host.task(framework, info.id);
    return (
      known?.kill !== undefined || (group !== undefined && this.#host.executor(framework, group)?.ending !== undefined)
    );
  }

  /** The executor of a group is nothing but its tasks: it ends with the last of them. */
  #endGroup({ framework, group }: OwnTask): void {
    if (group === undefined) return;
    const others = [...this.#tasks.values()].some((task) => task.framework === framework && task.group === group);
    if (!others) this.#host.say({ type: 'executor-exited', framework, executor: group, status: 0 });
  }

  #forget(task: OwnTask): void {
    task.stopHealth?.();
    this.#tasks.delete(keyOf(task.framework, task.info.id));
  }

  #watchHealth(task: OwnTask, sandbox: string, environment: Readonly<Record<string, string>>): void {
    const { healthCheck } = task.info;
    if (healthCheck === undefined) return;
    const onVerdict = (verdict: HealthVerdict): void => this.#onVerdict(task, verdict);
    task.stopHealth = watchHealth(healthCheck, { cwd: sandbox, env: { ...environment }, onVerdict }).stop;
  }

  #onVerdict(task: OwnTask, { healthy, giveUp, message }: HealthVerdict): void {
    const known = this.#host.task(task.framework, task.info.id);
    if (known === undefined || isTerminal(known.state)) return;
    if (task.healthy !== healthy) {
      task.healthy = healthy;
      this.#sayRunning(task, { healthy, message });
    }
    if (!giveUp || task.unhealthy !== undefined) return;
    task.unhealthy = message;
    task.run?.signal('SIGTERM');
    const graceMs = task.info.killPolicy?.graceMs ?? 3_000;
    const force = setTimeout(() => task.run?.signal('SIGKILL'), graceMs);
    force.unref();
  }
}

/** What a task orders: it is the same again after a restart. */
function orderOf(framework: string, { id, role, resources, limits }: TaskInfo, command: CommandInfo): RunOrder {
  return {
    name: { framework, id, isExecutor: false },
    command,
    bounds: boundsOf(resources, limits),
    environment: { PROFFER_TASK_ID: id, PROFFER_ROLE: role },
  };
}

function keyOf(framework: string, id: string): string {
  return JSON.stringify([framework, id]);
}
