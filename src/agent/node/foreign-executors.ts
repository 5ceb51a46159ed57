/**
 * Executors that frameworks bring: programs of their own, which the agent starts with their command and which then come to
 * its socket. There both say one JSON value a line: the executor first who it is, then what an `ExecutorDriver` can say;
 * the agent what its machine wants of an executor.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, noResources, sum } from '../../resources/index.js';
import { isTerminal, outcome, type ExecutorInfo, type TaskInfo, type TaskReason } from '../../tasks/index.js';
import { checkInput } from '../input.js';
import type { ExecutorInput, ExecutorMessage } from '../index.js';
import { JsonLines, jsonLine } from './json-lines.js';
import type { RunRecord } from './journal.js';
import { describeEnd, type RunEnd } from './process-run.js';
import type { RunnerHost } from './runner-host.js';
import { boundsOf, Run, type RunShop } from './runs.js';

/** How long executors may take to come to the agent (EXEC-1). */
export interface ExecutorPatience {
  /** After they were started, ms. Default 1 min. */
  readonly registrationMs?: number;
  /** After their agent came back, ms. Default 15 s. */
  readonly reregistrationMs?: number;
}

/** The first line of an executor. */
export interface ExecutorHello {
  readonly framework: string;
  readonly executor: string;
  /** The tasks that it knows: after a break the agent tells it of the others again. */
  readonly tasks: readonly string[];
}

interface ForeignExecutor {
  readonly framework: string;
  readonly id: string;
  run?: Run;
  socket?: Socket;
  /** What it is to hear as soon as it comes. */
  waiting: ExecutorMessage[];
  patience?: ReturnType<typeof setTimeout>;
  ending?: true;
  /** Why it is being ended, if it did not come in time. */
  late?: { readonly reason: TaskReason; readonly message: string };
}

/** Longest path of a socket that every system takes, bytes. */
const longestPath = 100;

/** Starts executors and carries words between them and the machine. */
export class ForeignExecutors {
  readonly #shop: RunShop;
  readonly #host: RunnerHost;
  readonly #patience: Required<ExecutorPatience>;
  readonly #executors = new Map<string, ForeignExecutor>();
  #server: Server | undefined;
  #path: string;
  #folder: string | undefined;

  constructor(
    shop: RunShop,
    host: RunnerHost,
    { registrationMs = 60_000, reregistrationMs = 15_000 }: ExecutorPatience,
  ) {
    this.#shop = shop;
    this.#host = host;
    this.#patience = { registrationMs, reregistrationMs };
    this.#path = shop.folder.socket;
  }

  has(framework: string, id: string): boolean {
    return this.#executors.has(keyOf(framework, id));
  }

  isEnding(framework: string, id: string): boolean {
    return this.#executors.get(keyOf(framework, id))?.ending === true;
  }

  get size(): number {
    return this.#executors.size;
  }

  /** Tells an executor something; starts it if it does not run yet. */
  tell(message: ExecutorMessage): void {
    const key = keyOf(message.framework, message.executor);
    const known = this.#executors.get(key);
    if (known !== undefined) {
      if (launchedBy(message).length > 0) this.#bound(known);
      return this.#send(known, message);
    }
    if (message.type === 'launch-task' && message.task.executor !== undefined)
      this.#start(message.task.executor, [message.task], message);
    else if (message.type === 'launch-group') this.#start(message.executorInfo, message.tasks, message);
  }

  /** Asks an executor to end by itself. */
  shutdown(message: Extract<ExecutorMessage, { type: 'shutdown-executor' }>): void {
    const known = this.#executors.get(keyOf(message.framework, message.executor));
    if (known === undefined) return;
    known.ending = true;
    // One that never came can't be asked.
    if (known.socket === undefined) known.run?.signal('SIGTERM');
    this.#send(known, message);
  }

  /** Ends an executor and all that it started, by force. */
  destroy(framework: string, id: string): void {
    this.#executors.get(keyOf(framework, id))?.run?.signal('SIGKILL');
  }

  /** Asks everything to end: a signal is what each understands. */
  askAll(): void {
    for (const executor of this.#executors.values()) executor.run?.signal('SIGTERM');
  }

  destroyAll(): void {
    for (const executor of this.#executors.values()) executor.run?.signal('SIGKILL');
  }

  /** Goes on with an executor of an earlier life; false if it never started. */
  resume(framework: string, id: string, record: RunRecord): boolean {
    const executor: ForeignExecutor = { framework, id, waiting: [] };
    const run = Run.resume(this.#shop, record, (end) => this.#ended(executor, end));
    if (run === undefined) return false;
    executor.run = run;
    this.#executors.set(keyOf(framework, id), executor);
    this.#open();
    this.#await(executor, this.#patience.reregistrationMs, 'executor-reregistration-timeout');
    return true;
  }

  /** Stops; what runs, runs on. */
  leave(): void {
    for (const { run, socket, patience } of this.#executors.values()) {
      clearTimeout(patience);
      run?.leave();
      socket?.destroy();
    }
    this.#executors.clear();
    this.#server?.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #start(info: ExecutorInfo, tasks: readonly TaskInfo[], message: ExecutorMessage): void {
    const { framework, id, command } = info;
    const executor: ForeignExecutor = { framework, id, waiting: [message] };
    this.#executors.set(keyOf(framework, id), executor);
    if (command === undefined || info.container?.type === 'docker') {
      this.#gone(executor, 'container-launch-failed', 'The executor has no command that this agent can run');
      return;
    }
    this.#open();
    const used = sum([info.resources, ...tasks.map(({ resources }) => resources)]);
    const order = {
      name: { framework, id, isExecutor: true },
      command,
      bounds: boundsOf(used),
      environment: {
        PROFFER_AGENT_SOCKET: this.#path,
        PROFFER_EXECUTOR_ID: id,
        PROFFER_SHUTDOWN_GRACE_MS: String(info.shutdownGraceMs ?? 5_000),
      },
    };
    executor.run = Run.begin(this.#shop, order, {
      started: () => this.#await(executor, this.#patience.registrationMs, 'executor-registration-timeout'),
      failed: (why) => this.#gone(executor, 'container-launch-failed', why),
      ended: (end) => this.#ended(executor, end),
    });
  }

  /** Gives it so long to come. */
  #await(executor: ForeignExecutor, ms: number, reason: TaskReason): void {
    clearTimeout(executor.patience);
    executor.patience = setTimeout(() => {
      if (executor.socket !== undefined) return;
      executor.late = { reason, message: `The executor did not come to its agent within ${ms} ms` };
      executor.run?.signal('SIGKILL');
    }, ms);
    executor.patience.unref();
  }

  #ended(executor: ForeignExecutor, end: RunEnd): void {
    const usual: TaskReason = end.outOfMemory ? 'container-limitation-memory' : 'executor-terminated';
    const { reason, message } = executor.late ?? { reason: usual, message: describeEnd(end, 'The executor') };
    this.#gone(executor, reason, message, end.code);
  }

  #gone(executor: ForeignExecutor, reason: TaskReason, message: string, status?: number): void {
    const { framework, id } = executor;
    clearTimeout(executor.patience);
    executor.socket?.destroy();
    this.#executors.delete(keyOf(framework, id));
    this.#host.say({
      type: 'executor-exited',
      framework,
      executor: id,
      reason,
      message,
      ...(status !== undefined && { status }),
    });
  }

  /** It may use what it asked for itself and what its tasks did, of which there are more now. */
  #bound({ framework, id, run }: ForeignExecutor): void {
    const own = this.#host.executor(framework, id)?.info?.resources ?? noResources;
    const tasks = this.#host.tasksOf(framework, id).filter(({ state }) => !isTerminal(state));
    try {
      run?.bound(boundsOf(sum([own, ...tasks.map(({ info }) => info.resources)])));
    } catch (error) {
      this.#host.warn(`What executor ${JSON.stringify(id)} may use stays as it was: ${String(error)}`);
    }
  }

  #send(executor: ForeignExecutor, message: ExecutorMessage): void {
    if (executor.socket === undefined) executor.waiting.push(message);
    else executor.socket.write(jsonLine(message));
  }

  /** Opens the socket when the first executor needs it. */
  #open(): void {
    if (this.#server !== undefined) return;
    if (new TextEncoder().encode(this.#path).length > longestPath) {
      this.#folder = mkdtempSync(join(tmpdir(), 'proffer-'));
      this.#path = join(this.#folder, 'executors.sock');
    }
    rmSync(this.#path, { force: true });
    this.#server = createServer((socket) => this.#meet(socket));
    this.#server.on('error', (error) => this.#host.warn(`The socket of the executors failed: ${error.message}`));
    this.#server.listen(this.#path, () => chmodSync(this.#path, 0o600));
    this.#server.unref();
  }

  #meet(socket: Socket): void {
    let executor: ForeignExecutor | undefined;
    const lines = new JsonLines((value) => {
      if (executor === undefined) executor = this.#welcome(socket, value);
      else this.#hear(executor, value);
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      try {
        lines.push(text);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        this.#host.warn(`An executor was not understood: ${error.message}`);
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (executor?.socket !== socket) return;
      delete executor.socket;
      if (this.#executors.has(keyOf(executor.framework, executor.id)))
        this.#await(executor, this.#patience.reregistrationMs, 'executor-reregistration-timeout');
    });
  }

  #welcome(socket: Socket, value: unknown): ForeignExecutor {
    const { framework, executor: id, tasks } = readHello(value);
    const executor = this.#executors.get(keyOf(framework, id));
    if (executor === undefined)
      throw new InputError('unknown-executor', 'executor', 'No such executor was started here');
    executor.socket?.destroy();
    clearTimeout(executor.patience);
    executor.socket = socket;
    const waiting = executor.waiting.splice(0);
    this.#settleTasks(executor, new Set(tasks), waiting);
    for (const message of waiting) socket.write(jsonLine(message));
    return executor;
  }

  /** What the machine gave to it and it does not know: what was on its way when one of both was cut off, or forgotten. */
  #settleTasks(executor: ForeignExecutor, known: ReadonlySet<string>, waiting: readonly ExecutorMessage[]): void {
    const { framework, id } = executor;
    const coming = new Set(waiting.flatMap(launchedBy));
    for (const { info, state } of this.#host.tasksOf(framework, id)) {
      if (isTerminal(state) || known.has(info.id) || coming.has(info.id)) continue;
      const lost = state === 'staging' ? outcome('agent-restarted', true) : outcome('executor-terminated', true);
      this.#host.say({
        type: 'executor-update',
        framework,
        executor: id,
        task: info.id,
        state: lost.state,
        reason: lost.reason,
        message: 'The executor does not have this task',
      });
    }
  }

  #hear({ framework, id }: ForeignExecutor, value: unknown): void {
    if (typeof value !== 'object' || value === null) throw new InputError('bad-input', '', 'An executor says objects');
    const type = 'type' in value ? value.type : undefined;
    if (type !== 'executor-update' && type !== 'executor-message') {
      throw new InputError('unknown-input', 'type', 'An executor says executor-update or executor-message');
    }
    // Whose words they are is known; nobody speaks for another executor.
    const input = { ...value, type, framework, executor: id, at: 0 };
    checkInput(input as Parameters<typeof checkInput>[0]);
    this.#host.say(input as unknown as ExecutorInput);
  }
}

function launchedBy(message: ExecutorMessage): readonly string[] {
  if (message.type === 'launch-task') return [message.task.id];
  return message.type === 'launch-group' ? message.tasks.map(({ id }) => id) : [];
}

function readHello(value: unknown): ExecutorHello {
  const said =
    typeof value === 'object' && value !== null ? (value as Partial<Record<keyof ExecutorHello, unknown>>) : {};
  const { framework, executor, tasks } = said;
  if (typeof framework === 'string' && typeof executor === 'string' && isTextList(tasks))
    return { framework, executor, tasks };
  throw new InputError('bad-input', '', 'An executor first says its framework, its id and the tasks it knows');
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function keyOf(framework: string, id: string): string {
  return JSON.stringify([framework, id]);
}
