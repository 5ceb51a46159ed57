import { createHash } from 'node:crypto';
import { amount, InputError, quantitiesFromScalarResources, type Resources } from '../../resources/index.js';
import { artifactName, type Artifact, type CommandInfo, type TaskLimit } from '../../tasks/index.js';
import { fetchArtifacts } from './artifacts.js';
import { environmentOf, userSwitch, wordsOf } from './command.js';
import type { Confinement, Isolation, TaskBounds } from './isolation.js';
import { ProcessRun, type RunEnd } from './process-run.js';
import { claimRun, makeSandbox, readExit, readPids, type RunName, type WorkFolder } from './sandbox.js';
import type { RunRecord } from './journal.js';
import { notes, type ShimTools } from './shim.js';

/** How much of what a task writes is kept. */
export interface OutputLimits {
  /** Of one file, bytes. Default 10 MiB. */
  readonly capBytes?: number;
  /** How many full files are kept beside the one that is written, of each of `stdout` and `stderr`. Default 4. */
  readonly olderFiles?: number;
}

/** What all runs of an agent share. */
export interface RunShop {
  readonly agent: string;
  readonly folder: WorkFolder;
  readonly isolation: Isolation;
  readonly tools: ShimTools;
  readonly output: Required<OutputLimits>;
  /** What tasks may know of where they run; wins over the agent's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where artifacts without a whole path are. */
  readonly artifactsFrom: string;
  /** Writes down which sandbox a run has, before it starts. */
  note(run: RunRecord): void;
}

/** What is to run, and what it may use. */
export interface RunOrder {
  readonly name: RunName;
  readonly command: CommandInfo;
  readonly bounds: TaskBounds;
  readonly environment: Readonly<Record<string, string>>;
}

/** Who hears of a run. Exactly one of `failed` and `ended` is called, once. */
export interface RunListener {
  started(sandbox: string, environment: Readonly<Record<string, string>>): void;
  /** It never started. */
  failed(why: string): void;
  ended(end: RunEnd): void;
}

/** Something that runs, or is about to: artifacts come first. */
export class Run {
  readonly sandbox: string;
  readonly #confine: (bounds: TaskBounds) => Confinement;
  readonly #aborted = new AbortController();
  #process: ProcessRun | undefined;

  private constructor({ agent, isolation, folder }: RunShop, { n, ...name }: RunRecord) {
    this.sandbox = folder.sandbox(name, n);
    this.#confine = (bounds) => isolation.confine(confinementId(agent, name, n), bounds);
  }

  /** Begins a run: a sandbox, what belongs in it, and then the command. */
  static begin(shop: RunShop, order: RunOrder, listener: RunListener): Run {
    const record = { ...order.name, n: shop.folder.nextRun(order.name) };
    const run = new Run(shop, record);
    run.#prepare(shop, record, order, listener).catch((error: unknown) => run.#failed(listener, messageOf(error)));
    return run;
  }

  /**
   * Goes on with a run that an earlier life began.
   *
   * @returns `undefined` if it never started, and now never will.
   */
  static resume(shop: RunShop, { n, ...name }: RunRecord, ended: (end: RunEnd) => void): Run | undefined {
    const sandbox = shop.folder.sandbox(name, n);
    // Claimed by nobody yet: then it is claimed here.
    if (readExit(sandbox) === undefined && readPids(sandbox) === undefined && claimRun(sandbox)) return undefined;
    const run = new Run(shop, { ...name, n });
    const confinement = shop.isolation.find(confinementId(shop.agent, name, n));
    run.#process = ProcessRun.adopt({ sandbox, confinement }, ended);
    return run;
  }

  /** Signals all that it started; one that has not started yet never will. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#aborted.abort();
    this.#process?.signal(signal);
  }

  /** Lets it use more or less from now on, as far as the machine can. */
  bound(bounds: TaskBounds): void {
    if (this.#process?.over === false) this.#confine(bounds);
  }

  /** Stops watching; what runs, runs on. */
  leave(): void {
    this.#aborted.abort();
    this.#process?.leave();
  }

  /** The environment of what it runs. @throws InputError `no-secret` */
  environmentOf({ environment }: RunShop, { name, command, environment: own }: RunOrder): Record<string, string> {
    const { framework } = name;
    const told = { ...environment, ...own, PROFFER_SANDBOX: this.sandbox, PROFFER_FRAMEWORK_ID: framework };
    return environmentOf(command, told);
  }

  async #prepare(shop: RunShop, record: RunRecord, order: RunOrder, listener: RunListener): Promise<void> {
    makeSandbox(this.sandbox);
    shop.note(record);
    const { command } = order;
    const environment = this.environmentOf(shop, order);
    const user = userSwitch(command.user);
    const words = [...user.words, ...wordsOf(command)];
    user.own(this.sandbox);
    const { artifacts = [] } = command;
    if (artifacts.length > 0) {
      refuseReserved(artifacts);
      const { signal } = this.#aborted;
      await fetchArtifacts(artifacts, this.sandbox, { signal, baseDir: shop.artifactsFrom });
    }
    if (this.#aborted.signal.aborted) throw new Error('It was ended before it had started');
    const confinement = this.#confine(order.bounds);
    this.#process = ProcessRun.start(
      { sandbox: this.sandbox, confinement },
      { tools: shop.tools, ...shop.output, command: words, environment },
      {
        ended: (end) => listener.ended(end),
        failed: (why) => this.#failed(listener, why.message),
      },
    );
    listener.started(this.sandbox, environment);
  }

  #failed(listener: RunListener, why: string): void {
    claimRun(this.sandbox);
    listener.failed(why);
  }
}

/** What the shim writes to, and its notes: an artifact of that name would be written over, or worse. */
const reserved: ReadonlySet<string> = new Set(['stdout', 'stderr', notes]);

function refuseReserved(artifacts: readonly Artifact[]): void {
  const name = artifacts.map(artifactName).find((each) => reserved.has(each));
  if (name === undefined) return;
  throw new InputError('bad-artifact', 'command.artifacts', `An artifact may not be called ${name} in the sandbox`);
}

/** Unique on the machine, and the same again after a restart. */
function confinementId(agent: string, { framework, id, isExecutor }: RunName, n: number): string {
  const name = JSON.stringify([agent, framework, id, isExecutor, n]);
  return createHash('sha256').update(name).digest('hex').slice(0, 24);
}

/** What may be used, by what was asked for and by the ceilings, if there are others (VAL-7). */
export function boundsOf(
  used: Resources,
  limits: { readonly cpus?: TaskLimit; readonly mem?: TaskLimit } = {},
): TaskBounds {
  const asked = quantitiesFromScalarResources(used);
  const cpusMilli = amount(asked, 'cpus');
  const memMilli = amount(asked, 'mem');
  return {
    cpusMilli,
    cpusLimitMilli: ceiling(limits.cpus, cpusMilli),
    // Megabytes of 2^20 bytes; who asked for no memory at all is not held to none.
    memLimitBytes: Math.round((ceiling(limits.mem, memMilli === 0 ? Infinity : memMilli) * 1024 * 1024) / 1_000),
  };
}

function ceiling(limit: TaskLimit | undefined, asked: number): number {
  if (limit === undefined) return asked;
  return limit === 'unlimited' ? Infinity : Math.round(limit * 1_000);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
