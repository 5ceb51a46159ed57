/** Asking a task now and then whether it works (TASK-10). */
import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { CheckInfo, CommandInfo } from '../../tasks/index.js';

/** What a health check has found out. */
export interface HealthVerdict {
  readonly healthy: boolean;
  /** How many times in a row it has failed. */
  readonly failures: number;
  /** It failed so often in a row that the task is to be killed. */
  readonly giveUp: boolean;
  /** What the last answer was, for a person. */
  readonly message: string;
}

/** Where a health check happens, and who hears of it. */
export interface HealthOptions {
  /** Where the command of a check runs. */
  readonly cwd: string;
  /** The environment of that command; what the command itself says wins. */
  readonly env: Readonly<Record<string, string>>;
  /** Who is asked over HTTP and TCP. Default `127.0.0.1`. */
  readonly host?: string;
  /** Hears of each change of `healthy`, the first answer included, and once, at last, of `giveUp`. */
  onVerdict(verdict: HealthVerdict): void;
}

/** What a check says that leaves a time out: the defaults of Mesos. */
const defaults = {
  delayMs: 15_000,
  intervalMs: 10_000,
  timeoutMs: 20_000,
  gracePeriodMs: 10_000,
  consecutiveFailures: 3,
} as const;

/** The longest time that a timer keeps, 24 days: what should wait longer waits that long. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Checks the health of a task until it is stopped, or has failed too often in a row. The first check comes after the delay,
 * each further one an interval after the last one ended. Failures count once the grace period, which begins now, is over or
 * the first check has succeeded. A timeout of 0 means none.
 */
export function watchHealth(check: CheckInfo, options: HealthOptions): { stop(): void } {
  const watch = new HealthWatch(check, options);
  return { stop: () => watch.stop() };
}

class HealthWatch {
  readonly #check: CheckInfo;
  readonly #options: HealthOptions;
  readonly #graceUntil: number;
  #timer: ReturnType<typeof setTimeout>;
  #cancel: () => void = () => {};
  #stopped = false;
  #healthy: boolean | undefined;
  #succeededOnce = false;
  #failures = 0;

  constructor(check: CheckInfo, options: HealthOptions) {
    this.#check = check;
    this.#options = options;
    this.#graceUntil = performance.now() + (check.gracePeriodMs ?? defaults.gracePeriodMs);
    this.#timer = this.#after(check.delayMs ?? defaults.delayMs, () => this.#ask());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#cancel();
  }

  #after(ms: number, run: () => void): ReturnType<typeof setTimeout> {
    return setTimeout(run, Math.min(ms, maxTimerMs));
  }

  #ask(): void {
    const timeoutMs = this.#check.timeoutMs ?? defaults.timeoutMs;
    let isOpen = true;
    const answer = (problem: string | undefined): void => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(this.#timer);
      this.#cancel();
      this.#take(problem);
    };
    this.#cancel = askOnce(this.#check, this.#options, answer);
    // It may have been answered already.
    if (isOpen && timeoutMs > 0) this.#timer = this.#after(timeoutMs, () => answer(`no answer in ${timeoutMs} ms`));
  }

  #take(problem: string | undefined): void {
    if (this.#stopped) return;
    if (problem === undefined) this.#succeed();
    else this.#fail(problem);
    if (this.#stopped) return;
    this.#timer = this.#after(this.#check.intervalMs ?? defaults.intervalMs, () => this.#ask());
  }

  #succeed(): void {
    this.#succeededOnce = true;
    this.#failures = 0;
    this.#say(true, false, 'The health check succeeded');
  }

  #fail(problem: string): void {
    if (!this.#succeededOnce && performance.now() < this.#graceUntil) return;
    this.#failures += 1;
    const giveUp = this.#failures >= (this.#check.consecutiveFailures ?? defaults.consecutiveFailures);
    if (giveUp) this.stop();
    this.#say(false, giveUp, `The health check failed: ${problem}`);
  }

  #say(healthy: boolean, giveUp: boolean, message: string): void {
    const isNew = healthy !== this.#healthy || giveUp;
    this.#healthy = healthy;
    if (isNew) this.#options.onVerdict({ healthy, failures: this.#failures, giveUp, message });
  }
}

type HttpCheck = NonNullable<CheckInfo['http']>;
type TcpCheck = NonNullable<CheckInfo['tcp']>;

/** Takes what is wrong, or undefined if nothing is; only the first answer counts. */
type Answer = (problem: string | undefined) => void;

/** Asks once; what it gives back ends the question. */
function askOnce(check: CheckInfo, options: HealthOptions, answer: Answer): () => void {
  const { type, command, http, tcp } = check;
  try {
    if (type === 'command' && command !== undefined) return askCommand(command, options, answer);
    if (type === 'http' && http !== undefined) return askHttp(http, options, answer);
    if (type === 'tcp' && tcp !== undefined) return askTcp(tcp, options, answer);
    answer(`there is nothing to check by ${type}`);
  } catch (error) {
    // What cannot even be asked: a path that no request can carry, a word with a zero in it.
    answer(error instanceof Error ? error.message : String(error));
  }
  return () => {};
}

/** Status 0 is health. The command leads a process group, all of which ends with the question. */
function askCommand(command: CommandInfo, { cwd, env }: HealthOptions, answer: Answer): () => void {
  const { value = '', arguments: words = [], shell = true, environment = [] } = command;
  const own = environment.flatMap(({ name, value: text }) => (text === undefined ? [] : [[name, text] as const]));
  const [program, rest] = shell ? ['/bin/sh', ['-c', value]] : [value, [...words]];
  const child = spawn(program, rest, {
    cwd,
    env: Object.fromEntries([...Object.entries(env), ...own]),
    stdio: 'ignore',
    detached: true,
  });
  child.once('error', (error) => answer(error.message));
  child.once('exit', (code, signal) => {
    if (code === 0) answer(undefined);
    else answer(code === null ? `the command was ended by ${signal}` : `the command exited with status ${code}`);
  });
  return () => killGroup(child.pid);
}

function killGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/** An answer from 200 to 399 is health. */
function askHttp({ port, path = '/' }: HttpCheck, { host = '127.0.0.1' }: HealthOptions, answer: Answer): () => void {
  const asked = request({ host, port, path, agent: false }, ({ statusCode = 0 }) => {
    answer(statusCode >= 200 && statusCode < 400 ? undefined : `the answer was ${statusCode}`);
  });
  asked.on('error', (error) => answer(error.message));
  asked.end();
  return () => asked.destroy();
}

/** That somebody listens is health. */
function askTcp({ port }: TcpCheck, { host = '127.0.0.1' }: HealthOptions, answer: Answer): () => void {
  const socket = connect({ host, port });
  socket.once('connect', () => answer(undefined));
  socket.on('error', (error) => answer(error.message));
  return () => socket.destroy();
}
