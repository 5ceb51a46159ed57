import {
  agentTransition,
  emptyAgent,
  nextAgentDeadline,
  type AgentInput,
  type AgentOptions,
  type AgentState,
  type ExecutorInput,
} from '../agent/index.js';
import { checkInput } from '../agent/input.js';
import type { Executor, ExecutorStatus } from '../framework-api/index.js';
import { Alarm } from '../master/alarm.js';
import type { Clock } from '../master/clock.js';
import { runCallback } from '../framework-api/callbacks.js';
import { InputError, mix } from '../resources/index.js';
import { isTerminal, type Report, type TaskInfo, type TaskState } from '../tasks/index.js';
import { ExecutorRunner } from './executor-runner.js';
import type { MemoryNetwork, NetworkLink } from './memory-network.js';
import { inertExecutor, lastingExecutor, type Autorun } from './memory-tasks.js';

/** What a memory agent is, beyond its id and resources, and who runs its tasks. */
export interface MemoryAgentOptions extends Partial<Omit<AgentOptions, 'id' | 'resources'>> {
  /**
   * How long each task runs by the clock: it is running at once and finished after so many ms. Like any timer a running
   * task keeps the process, also after the master has closed: `crash()` ends it.
   */
  readonly autorun?: Autorun;
  /** Really runs tasks, in this process. Not together with `autorun`. With neither, the handle says how tasks stand. */
  readonly run?: Executor;
}

/** Names a task of an agent: by its id, or with its framework where two frameworks gave the same id. */
export type MemoryTaskRef = string | { readonly framework: string; readonly id: string };

/** A task on a memory agent that has not ended. */
export interface MemoryTask {
  readonly framework: string;
  readonly id: string;
  readonly state: TaskState;
  readonly info: TaskInfo;
}

/**
 * A handle on an agent in this process: what happens to the machine, and what its executors say. It is a real agent, with
 * update streams: an update is sent again until its framework acknowledges it.
 *
 * The methods that name a task throw an `InputError` `unknown-task` when the agent does not run it, `ambiguous-task`
 * when it runs two of that id.
 */
export interface MemoryAgent {
  readonly id: string;
  /** What runs here, in the order of frameworks and ids. */
  readonly tasks: readonly MemoryTask[];
  /** Whether a connection stands. A silent agent has one. */
  readonly connected: boolean;
  /** The agent as the machine has it. */
  readonly state: AgentState;
  running(task: MemoryTaskRef): void;
  /** @param data for the framework, with its last status. */
  finished(task: MemoryTaskRef, data?: string): void;
  failed(task: MemoryTaskRef, why?: string): void;
  killed(task: MemoryTaskRef): void;
  /** Any status that an executor could say. */
  update(task: MemoryTaskRef, status: Omit<ExecutorStatus, 'task'>): void;
  /** The executor's process is gone; its tasks end with it (TASK-11). */
  exited(executor: { readonly framework: string; readonly executor: string; readonly status?: number }): void;
  /** The machine fails: everything on it is lost and its connection breaks. */
  crash(): void;
  /** The connection breaks, and both sides see it. Tasks run on. */
  disconnect(): void;
  /** Nothing of it is heard any more, heartbeats least of all, and nothing reaches it; the connection stays. Tasks run on. */
  silence(): void;
  /** It comes back on a new connection, and registers again with what it still runs. */
  return(): void;
}

/** Makes an agent on a network; it registers as soon as the network is open. */
export function memoryAgent(
  network: MemoryNetwork,
  agent: AgentOptions & { readonly id: string },
  how: { readonly clock: Clock; readonly autorun?: Autorun; readonly run?: Executor; failed(error: unknown): void },
): MemoryAgent {
  if (how.autorun !== undefined && how.run !== undefined) {
    throw new InputError('bad-options', 'run', "An agent has 'autorun' or 'run', not both");
  }
  return new Agent(network, agent, how);
}

type How = Parameters<typeof memoryAgent>[2];
type Untimed<Input> = Input extends AgentInput ? Omit<Input, 'at'> : never;

class Agent implements MemoryAgent {
  readonly id: string;
  readonly #network: MemoryNetwork;
  readonly #options: AgentOptions;
  readonly #how: How;
  readonly #runner: ExecutorRunner;
  readonly #queue: AgentInput[] = [];
  #stepping = false;
  #state: AgentState;
  #link: NetworkLink<Report> | undefined;
  #silent = false;
  #crashes = 0;
  readonly #alarm: Alarm;

  constructor(network: MemoryNetwork, options: AgentOptions & { readonly id: string }, how: How) {
    this.id = options.id;
    this.#network = network;
    this.#options = options;
    this.#how = how;
    this.#state = emptyAgent(options);
    this.#alarm = new Alarm(how.clock, () => this.#input({ type: 'tick' }));
    const executor = how.run ?? (how.autorun === undefined ? inertExecutor : lastingExecutor(how.autorun, how.clock));
    const say = (input: ExecutorInput): void => this.#input(input);
    this.#runner = new ExecutorRunner(executor, { agent: this.id, say, failed: how.failed });
    network.onOpen(() => this.#connect());
    network.onClose(() => this.#input({ type: 'disconnected' }));
    if (network.isOpen) this.#connect();
  }

  get tasks(): readonly MemoryTask[] {
    return this.#state.frameworks.entries().flatMap(([framework, { tasks }]) =>
      tasks
        .entries()
        .filter(([, { state }]) => !isTerminal(state))
        .map(([id, { state, info }]) => ({ framework, id, state, info })),
    );
  }

  get connected(): boolean {
    return this.#link?.open === true;
  }

  get state(): AgentState {
    return this.#state;
  }

  running(task: MemoryTaskRef): void {
    this.update(task, { state: 'running' });
  }

  finished(task: MemoryTaskRef, data?: string): void {
    this.update(task, { state: 'finished', ...(data !== undefined && { data }) });
  }

  failed(task: MemoryTaskRef, why?: string): void {
    this.update(task, { state: 'failed', ...(why !== undefined && { message: why }) });
  }

  killed(task: MemoryTaskRef): void {
    this.update(task, { state: 'killed' });
  }

  update(task: MemoryTaskRef, status: Omit<ExecutorStatus, 'task'>): void {
    const { framework, id } = this.#find(task);
    this.#input({ ...status, type: 'executor-update', framework, task: id });
  }

  exited(executor: Parameters<MemoryAgent['exited']>[0]): void {
    this.#input({ ...executor, type: 'executor-exited' });
  }

  crash(): void {
    this.#runner.crash();
    this.#alarm.cancel();
    this.#queue.length = 0;
    this.#crashes += 1;
    // It comes back under its id as an agent that was admitted before and knows of nothing, so the master asks for what
    // is missing (AG-11). Its uuids must be new ones.
    const seed = mix(this.#options.seed, this.#crashes);
    this.#state = { ...emptyAgent({ ...this.#options, seed }), admitted: this.#state.admitted };
    this.#break();
  }

  disconnect(): void {
    this.#break();
    this.#input({ type: 'disconnected' });
  }

  silence(): void {
    this.#silent = true;
  }

  return(): void {
    this.#connect();
  }

  #connect(): void {
    if (!this.#network.isOpen) return;
    this.#silent = false;
    const link = this.#network.connectAgent(this.id, (command) => {
      if (!this.#silent && this.#link === link) this.#input({ type: 'command', command });
    });
    this.#link = link;
    this.#input({ type: 'connected', connection: link.connection });
  }

  #break(): void {
    // Nobody sees the break of a silent agent's connection before its silence is over.
    if (this.#silent) this.#link = undefined;
    else this.#link?.break();
  }

  /** Queued, because executors answer while the machine's outputs are still being carried out. */
  #input(input: Untimed<AgentInput>): void {
    const timed = { ...input, at: this.#how.clock.now() };
    // Here, where whoever said it hears of it: not when its turn comes.
    checkInput(timed);
    this.#queue.push(timed);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next);
    } finally {
      this.#stepping = false;
    }
    this.#alarm.set(nextAgentDeadline(this.#state) ?? Infinity);
  }

  #step(input: AgentInput): void {
    const [state, outputs] = agentTransition(this.#state, input);
    this.#state = state;
    const crashes = this.#crashes;
    for (const output of outputs) {
      // An executor may have crashed the machine under its own feet.
      if (this.#crashes !== crashes) return;
      if (output.to === 'executor') this.#runner.tell(output.message);
      else this.#report(output.report);
    }
  }

  #report(report: Report): void {
    if (this.#silent) return;
    runCallback(() => this.#link?.say(report), this.#how.failed);
  }

  #find(ref: MemoryTaskRef): MemoryTask {
    const { id, framework } = typeof ref === 'string' ? { id: ref, framework: undefined } : ref;
    const found = this.tasks.filter(
      (task) => task.id === id && (framework === undefined || task.framework === framework),
    );
    const [task] = found;
    if (task === undefined)
      throw new InputError('unknown-task', 'task', `Agent ${quoted(this.id)} runs no task ${quoted(id)}`);
    if (found.length > 1) {
      const message = `Agent ${quoted(this.id)} runs ${found.length} tasks ${quoted(id)}: say of which framework`;
      throw new InputError('ambiguous-task', 'task', message);
    }
    return task;
  }
}

function quoted(id: string): string {
  return JSON.stringify(id);
}
