import { connect, type Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import type { ExecutorHello } from '../../agent/node/foreign-executors.js';
import { JsonLines, jsonLine } from '../../agent/node/json-lines.js';
import type { ExecutorInput, ExecutorMessage } from '../../agent/index.js';
import type { Executor } from '../../framework-api/index.js';
import { InputError, resources } from '../../resources/index.js';
import { isTerminal, type TaskInfo } from '../../tasks/index.js';
import { ExecutorRunner } from '../executor-runner.js';

/** Where an executor finds its agent. An agent starts its executors with all of it in their environment. */
export interface ExecutorPlace {
  /** Path of the agent's socket. Default: `PROFFER_AGENT_SOCKET`. */
  readonly socket?: string;
  /** Default: `PROFFER_AGENT_ID`. */
  readonly agent?: string;
  /** Default: `PROFFER_FRAMEWORK_ID`. */
  readonly framework?: string;
  /** Default: `PROFFER_EXECUTOR_ID`. */
  readonly executor?: string;
  /** Hears what a handler threw that cannot be said of a task. Default: a line on standard error. */
  readonly onError?: (error: unknown) => void;
}

/** An executor at work in this process. */
export interface ConnectedExecutor {
  /** Resolves when the agent has ended it, or was away for too long (EXE-4): then the process should end. */
  readonly ended: Promise<void>;
}

/** How long an agent may be away, ms: longer, and it will not know its executors any more. */
const recoveryMs = 15 * 60_000;
const againMs = 200;

/**
 * Runs an `Executor` as the program of a framework's executor: in a process that an agent started. What it says is kept until
 * the agent has it, also over a restart of the agent (UPD-5).
 *
 * @throws InputError `no-agent` when nothing says where the agent is.
 * @example
 * await connectExecutor({ launch(task, driver) { driver.update({ task: task.id, state: 'running' }); } }).ended;
 */
export function connectExecutor(executor: Executor, place: ExecutorPlace = {}): ConnectedExecutor {
  const connection = new Connection(executor, readPlace(place));
  return { ended: connection.ended };
}

type Update = Extract<ExecutorInput, { type: 'executor-update' }>;

class Connection {
  readonly ended: Promise<void>;
  readonly #place: Required<ExecutorPlace>;
  readonly #runner: ExecutorRunner;
  /** Tasks that it was given and that have not ended. */
  readonly #tasks = new Set<string>();
  /** Updates that the agent has not confirmed, oldest first. */
  readonly #unconfirmed = new Map<string, Update>();
  #socket: Socket | undefined;
  #lostAt: number | undefined;
  #over = false;
  #resolveEnded: () => void = () => {};

  constructor(executor: Executor, place: Required<ExecutorPlace>) {
    this.#place = place;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#runner = new ExecutorRunner(executor, {
      agent: place.agent,
      say: (input) => this.#say(input),
      failed: place.onError,
    });
    this.#connect();
  }

  #connect(): void {
    const socket = connect(this.#place.socket);
    this.#socket = socket;
    const lines = new JsonLines((value) => this.#hear(value as ExecutorMessage));
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      this.#lostAt = undefined;
      const { framework, executor } = this.#place;
      // Of one whose end the agent does not have yet it will hear in a moment.
      const said = [...this.#unconfirmed.values()].map(({ task }) => task);
      const tasks = [...new Set([...this.#tasks, ...said])];
      socket.write(jsonLine({ framework, executor, tasks } satisfies ExecutorHello));
      for (const update of this.#unconfirmed.values()) socket.write(jsonLine(update));
    });
    socket.on('data', (text: string) => lines.push(text));
    socket.on('error', () => {});
    socket.on('close', () => this.#lost());
  }

  #lost(): void {
    this.#socket = undefined;
    if (this.#over) return;
    this.#lostAt ??= Date.now();
    if (Date.now() - this.#lostAt > recoveryMs) this.#end();
    else setTimeout(() => this.#connect(), againMs);
  }

  #hear(message: ExecutorMessage): void {
    if (message.type === 'acknowledged') {
      this.#unconfirmed.delete(message.uuid);
      return;
    }
    const told = withResources(message);
    if (told.type === 'launch-task') this.#tasks.add(told.task.id);
    if (told.type === 'launch-group') for (const { id } of told.tasks) this.#tasks.add(id);
    this.#runner.tell(told);
  }

  #say(input: ExecutorInput): void {
    if (input.type === 'executor-exited') return this.#end();
    if (input.type === 'executor-update') {
      const update = { ...input, uuid: randomUUID() };
      if (isTerminal(update.state)) this.#tasks.delete(update.task);
      this.#unconfirmed.set(update.uuid, update);
      this.#socket?.write(jsonLine(update));
      return;
    }
    this.#socket?.write(jsonLine(input));
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#socket === undefined) this.#resolveEnded();
    else this.#socket.end(() => this.#resolveEnded());
  }
}

function withResources(message: ExecutorMessage): ExecutorMessage {
  switch (message.type) {
    case 'launch-task':
      return { ...message, task: revived(message.task) };
    case 'launch-group': {
      const { executorInfo, tasks } = message;
      const own = { ...executorInfo, resources: resources(executorInfo.resources) };
      return { ...message, executorInfo: own, tasks: tasks.map(revived) };
    }
    default:
      return message;
  }
}

/** JSON made text of resources. */
function revived(task: TaskInfo): TaskInfo {
  const { executor } = task;
  return {
    ...task,
    resources: resources(task.resources),
    ...(executor !== undefined && { executor: { ...executor, resources: resources(executor.resources) } }),
  };
}

function readPlace({ onError = complain, ...place }: ExecutorPlace): Required<ExecutorPlace> {
  const said = (value: string | undefined, variable: string): string => {
    const found = value ?? process.env[variable];
    if (found !== undefined) return found;
    throw new InputError('no-agent', variable, `${variable} is not set: an executor is started by an agent`);
  };
  return {
    onError,
    socket: said(place.socket, 'PROFFER_AGENT_SOCKET'),
    agent: said(place.agent, 'PROFFER_AGENT_ID'),
    framework: said(place.framework, 'PROFFER_FRAMEWORK_ID'),
    executor: said(place.executor, 'PROFFER_EXECUTOR_ID'),
  };
}

function complain(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
