import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Confinement } from './isolation.js';
import { readExit, readPids } from './sandbox.js';
import { notes, shimArguments, type ShimCommand } from './shim.js';

/** How a run ended. */
export interface RunEnd {
  /** Exit status; of a process that a signal ended, 128 and its number. `undefined` = nobody knows: its shim was killed. */
  readonly code: number | undefined;
  /** What ended it, if it was a signal. */
  readonly signal?: string;
  /** The kernel killed something of it for want of memory. */
  readonly outOfMemory: boolean;
}

/** What a run is started with. */
export interface RunCommand extends Omit<ShimCommand, 'entry'> {
  readonly environment: Readonly<Record<string, string>>;
}

/** Where a run happens. */
export interface RunPlace {
  readonly sandbox: string;
  readonly confinement: Confinement;
}

/** How long the last output of a task is waited for: a process that got away may hold the pipe for ever, ms. */
const drainMs = 1_000;
/** How often runs are looked at that can't say themselves that they ended, ms. */
const lookEveryMs = 250;
/** How long a shim that somebody else started has to note its process ids, ms. */
const noteMs = 5_000;
/** How often a signal is tried again while the task's process does not exist yet, ms. */
const signalAgainMs = 10;

/**
 * One run of a command, behind its shim. It was started by this process, or by an earlier life of the agent and is adopted:
 * then nobody tells when it ends, so it is looked at.
 */
export class ProcessRun {
  readonly #place: RunPlace;
  readonly #ended: (end: RunEnd) => void;
  readonly #look: ReturnType<typeof setInterval>;
  #shimIsGone = false;
  #exitSeenAt: number | undefined;
  readonly #since: number = Date.now();
  #over = false;

  private constructor(place: RunPlace, ended: (end: RunEnd) => void) {
    this.#place = place;
    this.#ended = ended;
    this.#look = setInterval(() => this.#check(), lookEveryMs);
  }

  /** Starts a command. What can't even be started ends without an exit status, and `failed` says why. */
  static start(
    place: RunPlace,
    { environment, ...command }: RunCommand,
    on: { ended(end: RunEnd): void; failed(why: Error): void },
  ): ProcessRun {
    const run = new ProcessRun(place, (end) => on.ended(end));
    const words = shimArguments({ ...command, entry: place.confinement.entry });
    const shim = spawn('/bin/sh', [...words], {
      cwd: place.sandbox,
      env: { ...environment },
      detached: true,
      stdio: 'ignore',
    });
    shim.once('error', (error) => {
      run.#finish();
      on.failed(error);
    });
    shim.once('exit', () => {
      run.#shimIsGone = true;
      run.#check();
    });
    shim.unref();
    return run;
  }

  /** Watches a run that goes on since an earlier life. */
  static adopt(place: RunPlace, ended: (end: RunEnd) => void): ProcessRun {
    return new ProcessRun(place, ended);
  }

  /** Whether it has ended. */
  get over(): boolean {
    return this.#over;
  }

  /** Signals everything that the task started; as soon as it has started. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#over) return;
    const pids = readPids(this.#place.sandbox);
    if (pids === undefined) {
      setTimeout(() => this.signal(signal), signalAgainMs);
      return;
    }
    if (isShim(pids.shim)) signalSession(pids.task, signal);
    if (signal === 'SIGKILL') this.#place.confinement.kill();
  }

  /** Stops watching; what runs, runs on. */
  leave(): void {
    this.#finish();
  }

  #check(): void {
    if (this.#over) return;
    const code =
      statSync(join(this.#place.sandbox, notes, 'exit'), { throwIfNoEntry: false }) && readExit(this.#place.sandbox);
    if (code !== undefined) this.#exitSeenAt ??= Date.now();
    if (this.#shimRuns()) {
      const drained = this.#exitSeenAt !== undefined && Date.now() - this.#exitSeenAt >= drainMs;
      if (!drained) return;
    }
    this.#end(code);
  }

  #shimRuns(): boolean {
    if (this.#shimIsGone) return false;
    const pids = readPids(this.#place.sandbox);
    if (pids !== undefined) return isShim(pids.shim);
    // It was killed before it could note anything, or is about to.
    return Date.now() - this.#since < noteMs;
  }

  #end(code: number | undefined): void {
    const { confinement, sandbox } = this.#place;
    // Whoever killed the shim may have left the task alive, and a task may have left children.
    const pids = readPids(sandbox);
    const isConfined = confinement.kill();
    if (pids !== undefined && (code === undefined || !isConfined)) signalSession(pids.task, 'SIGKILL');
    const outOfMemory = code !== 0 && confinement.oomKills() > 0;
    confinement.remove();
    this.#finish();
    const signal = code === undefined ? undefined : signalOf(code);
    this.#ended({ code, outOfMemory, ...(signal !== undefined && { signal }) });
  }

  #finish(): void {
    this.#over = true;
    clearInterval(this.#look);
  }
}

/** The words for how something ended. */
export function describeEnd({ code, signal, outOfMemory }: RunEnd, what: string): string {
  if (outOfMemory) return `${what} was ended because it used more memory than it may`;
  if (code === undefined) return `${what} was lost: what watched it was killed`;
  return signal === undefined ? `${what} exited with status ${code}` : `${what} was ended by ${signal}`;
}

/** Whether a process exists and is not just waiting to be buried. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return statOf(pid)[0] !== 'Z';
}

/** When a process began, in a unit of its system's own; `undefined` where nobody tells. */
export function startOf(pid: number): string | undefined {
  return statOf(pid)[19];
}

/**
 * Whether a process is a shim: after a restart of the machine, or much later, the number that one had may be that of
 * somebody else. Where nobody tells, it is believed.
 */
export function isShim(pid: number): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('proffer-task');
  } catch {
    return !existsSync('/proc/self');
  }
}

/**
 * Signals a task and all that it started, in whatever process groups of its session. Before it has become the leader of one
 * there is only itself.
 */
export function signalSession(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (!signalOne(-leader, signal)) signalOne(leader, signal);
  for (const pid of othersInSession(leader)) signalOne(pid, signal);
}

/** Processes of a session that are in other groups than its leader, as far as the system tells. */
function othersInSession(leader: number): readonly number[] {
  let entries: readonly string[] = [];
  try {
    entries = readdirSync('/proc');
  } catch {
    // No such file system here.
  }
  return entries
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const [, , group, session] = statOf(Number(name));
      return session === String(leader) && group !== String(leader) ? Number(name) : [];
    });
}

/** What the system says of a process, from its state on: state, parent, group, session … */
function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function signalOne(target: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(target, signal);
  } catch {
    return false;
  }
}

/** The name of the signal that an exit status stands for. */
function signalOf(code: number): string | undefined {
  if (code <= 128) return undefined;
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
}
