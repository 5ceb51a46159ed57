import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { killRemains, type IsolationKind } from '../../agent/node/index.js';
import { safeName } from '../../agent/node/sandbox.js';
import type { Order } from '../agent.js';

/** One agent of a cluster on this machine. */
export interface AgentSpec {
  readonly id: string;
  /** Default: what the machine has. */
  readonly resources?: string;
  readonly attributes?: string;
}

/** What agents are started with. */
export interface FleetOptions {
  readonly agents: readonly AgentSpec[];
  /** Each agent has a folder in it. */
  readonly workDir: string;
  /** The master's socket. */
  readonly socket: string;
  /** The words that start this command. */
  readonly self: readonly string[];
  readonly isolation: IsolationKind | 'auto';
  log(message: string): void;
}

/** How often an agent that was lost is started again: after this long, ms, and doubling. */
const firstWaitMs = 50;
const maxWaitMs = 5_000;
/** So many starts in a row after which an agent did not even listen: more won't help. */
const mostFailures = 8;
/** An agent that ran for so long was well, ms. */
const wellMs = 10_000;
/** How long agents have to end their tasks and themselves, ms. */
const endMs = 10_000;

/** Agents in processes of their own. One that dies is started again, and goes on with its tasks. */
export class Fleet {
  readonly #members: readonly Member[];

  constructor(options: FleetOptions) {
    let fail: (why: Error) => void = () => {};
    this.failed = new Promise((_, reject) => (fail = reject));
    // Nobody need listen.
    this.failed.catch(() => {});
    this.#members = options.agents.map((spec) => new Member(spec, options, (why) => fail(why)));
  }

  start(): void {
    for (const member of this.#members) member.start();
  }

  /** Where an agent works. */
  folder(id: string): string | undefined {
    return this.#members.find((member) => member.spec.id === id)?.folder;
  }

  /** The process of an agent, while it runs. */
  pid(id: string): number | undefined {
    return this.#members.find((member) => member.spec.id === id)?.pid;
  }

  /** Rejects when an agent can't even start: nothing would ever run on it. */
  readonly failed: Promise<never>;

  /** Ends all agents and all that they ran, which has so long to end by itself, ms. */
  async end(withinMs: number): Promise<void> {
    await Promise.all(this.#members.map((member) => member.end(withinMs)));
  }
}

class Member {
  readonly spec: AgentSpec;
  readonly folder: string;
  readonly #options: FleetOptions;
  readonly #fail: (why: Error) => void;
  #child: ChildProcess | undefined;
  #waitMs = firstWaitMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listens = false;
  #ending = false;
  #withinMs = 0;
  /** Starts in a row after which it never listened. */
  #failures = 0;

  constructor(spec: AgentSpec, options: FleetOptions, fail: (why: Error) => void) {
    this.#fail = fail;
    this.spec = spec;
    this.#options = options;
    this.folder = join(options.workDir, 'agents', safeName(spec.id));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    mkdirSync(this.folder, { recursive: true });
    const log = openSync(join(this.folder, 'agent.log'), 'a');
    const [program = process.execPath, ...words] = this.#options.self;
    // In a process group of its own: Ctrl-C is for whoever started the cluster, who then ends the agents.
    const child = spawn(program, [...words, ...this.#arguments()], {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child = child;
    this.#listens = false;
    child.once('message', () => {
      this.#listens = true;
      this.#failures = 0;
      if (this.#ending) tellToEnd(child, this.#withinMs);
    });
    const since = Date.now();
    child.once('error', (error) => this.#lost(child, 0, error.message));
    child.once('exit', (code, signal) => this.#lost(child, Date.now() - since, signal ?? `status ${code}`));
  }

  async end(withinMs: number): Promise<void> {
    this.#ending = true;
    this.#withinMs = withinMs;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child !== undefined) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
      if (this.#listens) tellToEnd(child, withinMs);
      const force = setTimeout(() => child.kill('SIGKILL'), withinMs + endMs);
      await gone;
      clearTimeout(force);
    }
    killRemains(this.folder);
  }

  /** The end of its log. */
  #lastWords(): string {
    const log = readFileSync(join(this.folder, 'agent.log'), 'utf8').trim();
    return log.slice(log.lastIndexOf('\n') + 1);
  }

  #lost(child: ChildProcess, ranMs: number, how: string): void {
    if (this.#child === child) this.#child = undefined;
    if (this.#ending) return;
    // It may have to wait for one that is just leaving its folder; but not for ever.
    this.#failures += 1;
    if (this.#failures >= mostFailures)
      return this.#fail(new Error(`agent ${this.spec.id} cannot start: ${this.#lastWords()}`));
    this.#options.log(`agent ${this.spec.id} ended with ${how}; it is started again`);
    if (ranMs >= wellMs) this.#waitMs = firstWaitMs;
    this.#timer = setTimeout(() => this.start(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, maxWaitMs);
  }

  #arguments(): readonly string[] {
    const { socket, isolation } = this.#options;
    const { id, resources, attributes } = this.spec;
    const options = {
      connect: socket,
      'work-dir': this.folder,
      id,
      isolation,
      heartbeat: '5000',
      resources,
      attributes,
    };
    // With `=`, because a value may begin with a dash.
    return [
      'agent',
      ...Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : `--${name}=${value}`)),
    ];
  }
}

function tellToEnd(child: ChildProcess, endWithin: number): void {
  // One that dies meanwhile does not need to be told.
  if (child.connected) child.send({ endWithin } satisfies Order, () => {});
}
