/** Where an agent keeps what it must not forget, and where its tasks work. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { notes } from './shim.js';

/** Names one thing that runs: a task, or a framework's executor. */
export interface RunName {
  readonly framework: string;
  readonly id: string;
  /** Whether it is an executor that a framework brought: its id may be that of a task, too. */
  readonly isExecutor: boolean;
}

/** The folders of one agent. */
export class WorkFolder {
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** What the agent writes down. */
  get journal(): string {
    return join(this.root, 'agent', 'journal.jsonl');
  }

  get lock(): string {
    return join(this.root, 'agent', 'lock');
  }

  /** Where executors meet the agent. */
  get socket(): string {
    return join(this.root, 'agent', 'executors.sock');
  }

  get runs(): string {
    return join(this.root, 'sandboxes');
  }

  /** Makes the folders. What tasks write is nobody else's business. */
  make(): void {
    mkdirSync(this.root, { recursive: true, mode: 0o711 });
    mkdirSync(join(this.root, 'agent'), { recursive: true, mode: 0o700 });
    mkdirSync(this.runs, { recursive: true, mode: 0o711 });
  }

  /** The folder of one run of something: `n` counts the runs of that name. */
  sandbox(name: RunName, n: number): string {
    return join(this.#folder(name), String(n));
  }

  /** The number of the next run of that name, from 1. */
  nextRun(name: RunName): number {
    try {
      return Math.max(0, ...readdirSync(this.#folder(name)).map(Number).filter(Number.isSafeInteger)) + 1;
    } catch {
      return 1;
    }
  }

  /** The folder of the newest run of that name, if it ever ran here. */
  newest(name: RunName): string | undefined {
    const next = this.nextRun(name);
    return next === 1 ? undefined : this.sandbox(name, next - 1);
  }

  #folder({ framework, id, isExecutor }: RunName): string {
    return join(this.runs, safeName(framework), `${isExecutor ? 'executor-' : ''}${safeName(id)}`);
  }
}

/**
 * An id as the name of a folder. Most ids stay as they are; one with other letters, or a very long one, is told apart from
 * others that look alike by a part of its hash.
 */
export function safeName(id: string): string {
  const plain = id.replaceAll(/[^\w.-]/g, '_');
  if (plain === id && id.length <= 120 && !/^\.|^executor-|^$/.test(id)) return id;
  return `${plain.slice(0, 80).replace(/^(\.|executor-)/, '_')}~${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

/** Makes a sandbox and the place of its notes. */
export function makeSandbox(path: string): void {
  mkdirSync(join(path, notes), { recursive: true });
}

/** What the shim noted when it started. */
export interface RunningPids {
  readonly shim: number;
  /** Leads the session, or at least the group, of all that the task started. */
  readonly task: number;
}

/** The process ids of a run, once it has started. */
export function readPids(sandbox: string): RunningPids | undefined {
  const [shim, task] = (readNote(sandbox, 'pid') ?? '').split(' ').map(Number);
  return shim !== undefined && task !== undefined && shim > 1 && task > 1 ? { shim, task } : undefined;
}

/** How a run ended, once it has. */
export function readExit(sandbox: string): number | undefined {
  const note = readNote(sandbox, 'exit');
  return note === undefined || !/^\d+$/.test(note) ? undefined : Number(note);
}

/** Decides that a run that has not started never will; false if it has, or is about to. */
export function claimRun(sandbox: string): boolean {
  try {
    writeFileSync(claimOf(sandbox), agentsClaim, { flag: 'wx' });
    return true;
  } catch {
    // An earlier life may have decided so already.
    return neverStarts(sandbox);
  }
}

/** What the shim claims is empty. */
const agentsClaim = 'never\n';

function claimOf(sandbox: string): string {
  return join(sandbox, notes, 'claim');
}

function neverStarts(sandbox: string): boolean {
  return readText(claimOf(sandbox)) === agentsClaim;
}

/** A note, if it is there and whole. */
function readNote(sandbox: string, name: string): string | undefined {
  const text = readText(join(sandbox, notes, name));
  return text?.endsWith('\n') === true ? text.trim() : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Takes away the sandboxes that ended before `before`, epoch ms. Folders without an end belong to somebody alive. */
export function removeOldSandboxes(folder: WorkFolder, before: number): void {
  for (const path of sandboxesIn(folder)) if (endedBefore(path, before)) rmSync(path, { recursive: true, force: true });
}

/** The sandboxes of runs that have not ended. */
export function liveSandboxes(folder: WorkFolder): readonly string[] {
  return sandboxesIn(folder).filter((path) => readExit(path) === undefined && !neverStarts(path));
}

function sandboxesIn({ runs }: WorkFolder): readonly string[] {
  const below = (path: string): readonly string[] => namesIn(path).map((name) => join(path, name));
  return below(runs).flatMap(below).flatMap(below);
}

function endedBefore(sandbox: string, before: number): boolean {
  try {
    const note = neverStarts(sandbox) ? claimOf(sandbox) : join(sandbox, notes, 'exit');
    return statSync(note).mtimeMs < before;
  } catch {
    return false;
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
