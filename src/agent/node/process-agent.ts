import { createHash, randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import {
  agentTransition,
  emptyAgent,
  nextAgentDeadline,
  type AgentInput,
  type AgentOptions,
  type AgentOutput,
  type AgentState,
  type ExecutorInput,
  type ReconfigurationPolicy,
} from '../index.js';
import {
  attributes as readAttributes,
  InputError,
  type Attributes,
  type ResourcesLike,
} from '../../resources/index.js';
import { isTerminal } from '../../tasks/index.js';
import { executorKey } from '../launch.js';
import { findTools } from './command.js';
import { detectResources } from './detect.js';
import type { ExecutorPatience } from './foreign-executors.js';
import { detectIsolation, type Isolation, type IsolationKind } from './isolation.js';
import { Journal, type RunRecord, type SavedLife } from './journal.js';
import type { MasterLink } from './link.js';
import { lockFolder } from './lock.js';
import { recoverRuns } from './recovery.js';
import { killRemains } from './remains.js';
import { Runner } from './runner.js';
import type { RunnerHost } from './runner-host.js';
import type { OutputLimits, RunShop } from './runs.js';
import { removeOldSandboxes, WorkFolder } from './sandbox.js';

/** Where an agent says what it does; `console` is one. */
export interface AgentLogger {
  info(message: string): void;
  warn(message: string): void;
}

/** What an agent on this machine is made of. */
export interface ProcessAgentOptions extends Omit<AgentOptions, 'id' | 'resources' | 'seed'> {
  /** Must stay the same over restarts. */
  readonly id: string;
  /** The way to the master. */
  readonly link: MasterLink;
  /** Where it keeps what it must not forget, and where its tasks work: one folder an agent. */
  readonly workDir: string;
  /** Default: what this machine has; see {@link detectResources}. */
  readonly resources?: ResourcesLike;
  /** Default: from the id. */
  readonly seed?: number;
  /** Whether it remembers its tasks over a restart. Default true. */
  readonly checkpoint?: boolean;
  /** What may have changed of it over a restart (AG-13). Default `equal`. */
  readonly reconfiguration?: ReconfigurationPolicy;
  /** How tasks are kept to what they asked for. Default `auto`: the best that this machine lets it do. */
  readonly isolation?: IsolationKind | 'auto';
  readonly output?: OutputLimits;
  readonly executors?: ExecutorPatience;
  /** How long the sandbox of a task that has ended is kept, ms. Default 7 days. */
  readonly keepSandboxesMs?: number;
  readonly logger?: AgentLogger;
}

/** How an agent leaves. */
export interface CloseOptions {
  /** `leave`: tasks run on, and the next agent in this folder goes on with them. `kill`: they end with it. Default `leave`. */
  readonly tasks?: 'leave' | 'kill';
  /** With `kill`: how long they have to end by themselves after a SIGTERM, ms. Default 0. */
  readonly graceMs?: number;
}

/** An agent that runs tasks as processes of this machine. */
export interface ProcessAgent {
  readonly id: string;
  /** The agent as the machine has it. */
  readonly state: AgentState;
  /** How tasks are kept to what they asked for. */
  readonly isolation: Pick<Isolation, 'kind' | 'enforces' | 'notes'>;
  /** Where the newest run of a task works, if it ever ran here. */
  sandbox(framework: string, task: string): string | undefined;
  /** Resolves when the master has ended the agent (AG-6) and all that it ran is over. */
  readonly ended: Promise<void>;
  /** Leaves the master. Resolves when nothing of it is left but, perhaps, the tasks. */
  close(options?: CloseOptions): Promise<void>;
}

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
/** How often a closing agent looks whether its tasks are gone, ms. */
const lookMs = 10;
/** How often it looks whether what confined them is empty. */
const releaseTries = 50;

/**
 * Starts an agent on this machine: it registers over `link`, runs command tasks as processes of their own, each with a
 * sandbox folder, and is the same agent again when it is started again in the same folder, with the tasks that ran on.
 *
 * @throws InputError `work-dir-in-use` when another agent works in the folder; `incompatible-agent` when the options are
 *   not those it had (AG-13); `isolation-unavailable`; `no-tools`; and what `emptyAgent` throws for bad options.
 * @example
 * const agent = processAgent({ id: 'a1', workDir: '/var/lib/proffer/a1', link: socketLink({ path: '/run/proffer.sock' }) });
 */
export function processAgent(options: ProcessAgentOptions): ProcessAgent {
  return new Agent(options);
}

type Untimed<Input> = Input extends AgentInput ? Omit<Input, 'at'> : never;

class Agent implements ProcessAgent {
  readonly id: string;
  readonly isolation: Isolation;
  readonly ended: Promise<void>;
  readonly #options: ProcessAgentOptions;
  readonly #folder: WorkFolder;
  readonly #journal: Journal | undefined;
  readonly #runner: Runner;
  readonly #unlock: () => void;
  readonly #clean: ReturnType<typeof setInterval>;
  readonly #queue: AgentInput[] = [];
  #state: AgentState;
  #runs: readonly RunRecord[];
  #stepping = false;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #resolveEnded: () => void = () => {};

  constructor(options: ProcessAgentOptions) {
    const { id, workDir, checkpoint = true, isolation = 'auto', keepSandboxesMs = weekMs } = options;
    this.id = id;
    this.#options = options;
    this.#folder = new WorkFolder(workDir);
    this.#folder.make();
    this.#unlock = lockFolder(this.#folder.lock);
    try {
      // Nobody will remember what runs on of an agent that remembers nothing.
      if (!checkpoint) killRemains(workDir);
      this.isolation = detectIsolation({ agent: hashOf(this.#folder.root), kind: isolation });
      this.#runner = new Runner(this.#shop(), this.#host(), options.executors ?? {});
      this.#journal = checkpoint ? new Journal(this.#folder.journal) : undefined;
      const machine = machineOptions(options, this.isolation, workDir);
      const saved = this.#journal?.read(machine, options.reconfiguration ?? 'equal', (state) =>
        isolatedBy(state, this.isolation.kind),
      );
      this.#state = saved?.state ?? emptyAgent(machine);
      this.#runs = saved?.runs ?? [];
    } catch (error) {
      this.#unlock();
      throw error;
    }
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#journal?.begin(this.#life);
    this.#clean = setInterval(() => removeOldSandboxes(this.#folder, Date.now() - keepSandboxesMs), hourMs);
    this.#clean.unref();
    this.#begin();
  }

  get state(): AgentState {
    return this.#state;
  }

  sandbox(framework: string, task: string): string | undefined {
    return this.#folder.newest({ framework, id: task, isExecutor: false });
  }

  async close({ tasks = 'leave', graceMs = 0 }: CloseOptions = {}): Promise<void> {
    if (this.#closed) return;
    // First the way to the master, so that it gives no new tasks. How these ended is told by the next life, if there is one.
    await this.#options.link.close();
    if (tasks === 'kill') await this.#killAll(graceMs);
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#clean);
    this.#runner.leave();
    await this.#release(tasks === 'kill' ? releaseTries : 1);
    this.#journal?.close();
    this.#unlock();
  }

  /** What was left by an earlier life comes first; then the way to the master opens. */
  #begin(): void {
    const { logger, link } = this.#options;
    const { kind, notes } = this.isolation;
    logger?.info(`agent ${JSON.stringify(this.id)}: isolation ${kind}${notes.map((note) => `; ${note}`).join('')}`);
    const { kept, inputs } = recoverRuns(this.#state, this.#runs, this.#runner);
    this.#runs = kept;
    if (kept.length > 0) logger?.info(`agent ${JSON.stringify(this.id)}: goes on with ${kept.length} runs`);
    for (const input of inputs) this.#input(input);
    link.open({
      connected: (connection) => this.#input({ type: 'connected', ...(connection !== undefined && { connection }) }),
      command: (command) => this.#input({ type: 'command', command }),
      disconnected: (connection) =>
        this.#input({ type: 'disconnected', ...(connection !== undefined && { connection }) }),
    });
  }

  /** Takes away what confined its tasks; the groups of those that were just killed take a moment to be empty. */
  async #release(tries: number): Promise<void> {
    for (let left = tries; !this.isolation.release() && left > 1; left -= 1) {
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  async #killAll(graceMs: number): Promise<void> {
    if (graceMs > 0) this.#runner.askAll();
    for (const until = Date.now() + graceMs; !this.#runner.idle && Date.now() < until;) {
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
    this.#runner.destroyAll();
    while (!this.#runner.idle) await new Promise((resolve) => setTimeout(resolve, lookMs));
  }

  #shop(): RunShop {
    const { id, output = {} } = this.#options;
    const { capBytes = 10 * 1024 * 1024, olderFiles = 4 } = output;
    return {
      agent: id,
      folder: this.#folder,
      isolation: this.isolation,
      tools: findTools(),
      output: { capBytes, olderFiles },
      environment: { PROFFER_AGENT_ID: id },
      artifactsFrom: process.cwd(),
      note: (run) => this.#note(run),
    };
  }

  #host(): RunnerHost {
    return {
      say: (input) => this.#input(input),
      task: (framework, id) => this.#state.frameworks.get(framework)?.tasks.get(id),
      tasksOf: (framework, executor) => {
        const tasks = this.#state.frameworks.get(framework)?.tasks.values() ?? [];
        return tasks.filter((task) => task.executor === executorKey(executor, false));
      },
      executor: (framework, id) => this.#state.frameworks.get(framework)?.executors.get(executorKey(id, false)),
      warn: (message) => this.#options.logger?.warn(`agent ${JSON.stringify(this.id)}: ${message}`),
    };
  }

  #note(run: RunRecord): void {
    if (this.#journal === undefined) return;
    this.#runs = [...this.#runs, run];
    this.#journal.run(run);
  }

  /** Queued, because executors answer while the machine's outputs are still being carried out. */
  #input(input: Untimed<AgentInput> | ExecutorInput): void {
    if (this.#closed) return;
    this.#queue.push({ ...input, at: Date.now() } as AgentInput);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next);
    } finally {
      this.#stepping = false;
    }
    this.#arm();
    if (this.#state.link.state === 'ended' && this.#runner.idle) this.#resolveEnded();
  }

  #step(input: AgentInput): void {
    const transition = this.#transition(input);
    if (transition === undefined) return;
    if (input.type === 'command' && input.command.type === 'registration-refused') {
      this.#options.logger?.warn(`agent ${JSON.stringify(this.id)} is refused: ${input.command.message}`);
    }
    const [state, outputs] = transition;
    if (!onlyBeats(this.#state, state, outputs)) this.#journal?.input(input);
    this.#state = state;
    for (const output of outputs) {
      if (output.to === 'executor') this.#runner.tell(output.message);
      else this.#options.link.say(output.report);
    }
    if (this.#journal?.isLong === true) this.#beginAnew();
  }

  #transition(input: AgentInput): ReturnType<typeof agentTransition> | undefined {
    try {
      return agentTransition(this.#state, input);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#options.logger?.warn(`agent ${JSON.stringify(this.id)}: not understood: ${error.message}`);
      return undefined;
    }
  }

  #beginAnew(): void {
    this.#runs = this.#runs.filter((run) => isLive(this.#state, run));
    this.#journal?.begin(this.#life);
  }

  get #life(): SavedLife {
    return { state: this.#state, runs: this.#runs };
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const at = nextAgentDeadline(this.#state);
    if (at === undefined || this.#closed) return;
    // Timers reach 32 bits far; a tick that comes early only looks.
    this.#timer = setTimeout(() => this.#input({ type: 'tick' }), Math.min(Math.max(at - Date.now(), 0), 2 ** 31 - 1));
  }
}

/** Whether an input changed nothing that must be remembered: most are beats of the heart. */
function onlyBeats(before: AgentState, after: AgentState, outputs: readonly AgentOutput[]): boolean {
  return (
    before.frameworks === after.frameworks &&
    before.operations === after.operations &&
    before.uuids === after.uuids &&
    before.admitted === after.admitted &&
    before.link.state === after.link.state &&
    outputs.every((output) => output.to === 'master' && output.report.type === 'heartbeat')
  );
}

/** Whether what has this run is not over yet. */
function isLive(state: AgentState, { framework, id, isExecutor }: RunRecord): boolean {
  const known = state.frameworks.get(framework);
  if (isExecutor) return known?.executors.has(executorKey(id, false)) === true;
  const task = known?.tasks.get(id);
  // Of a framework that was removed nothing is known but executors that end.
  return (task !== undefined && !isTerminal(task.state)) || known?.removed === true;
}

function machineOptions(options: ProcessAgentOptions, isolation: Isolation, workDir: string): AgentOptions {
  const { id, resources, seed = seedOf(id), heartbeatMs, ip, domain, streamConfig, capabilities } = options;
  return {
    id,
    resources: resources ?? detectResources({ workDir }),
    seed,
    hostname: options.hostname ?? hostname(),
    attributes: withIsolation(readAttributes(options.attributes ?? ''), isolation.kind),
    ...(heartbeatMs !== undefined && { heartbeatMs }),
    ...(ip !== undefined && { ip }),
    ...(domain !== undefined && { domain }),
    ...(streamConfig !== undefined && { streamConfig }),
    ...(capabilities !== undefined && { capabilities }),
  };
}

/** What a machine lets its agent enforce may be another thing after each boot: that makes it no other agent. */
function isolatedBy(state: AgentState, kind: IsolationKind): AgentState {
  const attributes = withIsolation(state.description.attributes ?? readAttributes(''), kind);
  return { ...state, description: { ...state.description, attributes } };
}

function withIsolation({ items }: Attributes, kind: IsolationKind): Attributes {
  const others = items.filter(({ name }) => name !== 'isolation');
  return readAttributes([...others, ...readAttributes(`isolation:${kind}`).items]);
}

/** Uuids of two agents must differ, and those of an agent that forgot everything from those it made before. */
function seedOf(id: string): number {
  return Number.parseInt(hashOf(`${id} ${randomInt(2 ** 40)}`).slice(0, 12), 16);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
