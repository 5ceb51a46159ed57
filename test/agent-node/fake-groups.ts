import { dirname, join } from 'node:path';
import type { GroupFiles } from '../../src/agent/node/isolation/group-files.js';

/** What a fake hierarchy of the second version is like. */
export interface FakeHierarchy {
  readonly root: string;
  /** Controllers that the root has. */
  readonly controllers: readonly string[];
  /** Whether the root is that of a container: it has a type, and may not have processes and controllers at once. */
  readonly isContainer?: boolean;
  /** Groups that are there. */
  readonly groups?: readonly string[];
  /** Controllers that groups hand down already. */
  readonly handed?: Readonly<Record<string, readonly string[]>>;
  /** Groups in which nobody may write. */
  readonly forbidden?: readonly string[];
  /** Files that this kernel is too old for, by their names. */
  readonly missing?: readonly string[];
  /** Groups by the processes in them. */
  readonly processes?: Readonly<Record<number, string>>;
}

interface Group {
  readonly files: Map<string, string>;
  readonly pids: Set<number>;
  readonly handed: Set<string>;
}

const limits: Readonly<Record<string, readonly string[]>> = {
  cpu: ['cpu.max', 'cpu.weight'],
  memory: ['memory.max', 'memory.swap.max', 'memory.oom.group', 'memory.events'],
};

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** A kernel's second version of control groups, with its rules about processes and controllers, and nothing of the rest. */
export class FakeGroups implements GroupFiles {
  readonly #groups = new Map<string, Group>();
  readonly #hierarchy: FakeHierarchy;
  #refused: string | undefined;

  constructor(hierarchy: FakeHierarchy) {
    this.#hierarchy = hierarchy;
    for (const path of [hierarchy.root, ...(hierarchy.groups ?? [])]) this.#create(path);
    for (const [path, names] of Object.entries(hierarchy.handed ?? {})) {
      for (const name of names) this.#group(path).handed.add(name);
    }
    for (const [pid, path] of Object.entries(hierarchy.processes ?? {})) this.#group(path).pids.add(Number(pid));
  }

  /** The group that a process is in. */
  groupOf(pid: number): string | undefined {
    return [...this.#groups].find(([, { pids }]) => pids.has(pid))?.[0];
  }

  /** What the kernel says in a file. */
  set(path: string, text: string): void {
    this.#group(dirname(path)).files.set(path.slice(dirname(path).length + 1), text);
  }

  /** From now on nothing can be written to files of this name. */
  refuse(name: string): void {
    this.#refused = name;
  }

  has(path: string): boolean {
    return this.#groups.has(path) || this.#fileNames(dirname(path)).some((name) => join(dirname(path), name) === path);
  }

  read(path: string): string {
    if (!this.has(path)) throw failure('ENOENT', path);
    const folder = dirname(path);
    const group = this.#group(folder);
    switch (path.slice(folder.length + 1)) {
      case 'cgroup.procs':
        return [...group.pids].map((pid) => `${pid}\n`).join('');
      case 'cgroup.controllers':
        return `${this.#controllersOf(folder).join(' ')}\n`;
      case 'cgroup.subtree_control':
        return `${[...group.handed].join(' ')}\n`;
      default:
        return group.files.get(path.slice(folder.length + 1)) ?? '';
    }
  }

  write(path: string, text: string): void {
    const folder = dirname(path);
    if (!this.has(path)) throw failure('ENOENT', path);
    if (this.#hierarchy.forbidden?.includes(folder) === true) throw failure('EACCES', path);
    const name = path.slice(folder.length + 1);
    if (name === this.#refused) throw failure('EINVAL', path);
    if (name === 'cgroup.procs') this.#move(Number(text), folder);
    else if (name === 'cgroup.subtree_control') this.#handDown(text.slice(1), folder);
    else this.set(path, text);
    if (name === 'cgroup.kill') this.#group(folder).pids.clear();
  }

  make(path: string): void {
    if (this.#groups.has(path)) return;
    if (!path.startsWith(`${this.#hierarchy.root}/`)) throw failure('ENOENT', path);
    this.make(dirname(path));
    if (this.#hierarchy.forbidden?.includes(dirname(path)) === true) throw failure('EACCES', path);
    this.#create(path);
  }

  remove(path: string): void {
    const group = this.#group(path);
    if (group.pids.size > 0 || this.folders(path).length > 0) throw failure('EBUSY', path);
    this.#groups.delete(path);
  }

  folders(path: string): readonly string[] {
    this.#group(path);
    return [...this.#groups.keys()].filter((it) => dirname(it) === path).map((it) => it.slice(path.length + 1));
  }

  enter(commands: string): string | undefined {
    try {
      for (const [, path = ''] of commands.matchAll(/echo 0 > '([^']+)'/g)) {
        this.write(path, '4711');
        this.#group(dirname(path)).pids.delete(4711);
      }
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  #create(path: string): void {
    this.#groups.set(path, { files: new Map(), pids: new Set(), handed: new Set() });
  }

  #group(path: string): Group {
    const group = this.#groups.get(path);
    if (group === undefined) throw failure('ENOENT', path);
    return group;
  }

  #isFree(path: string): boolean {
    return path === this.#hierarchy.root && this.#hierarchy.isContainer !== true;
  }

  #controllersOf(path: string): readonly string[] {
    return path === this.#hierarchy.root ? this.#hierarchy.controllers : [...this.#group(dirname(path)).handed];
  }

  #fileNames(path: string): readonly string[] {
    if (!this.#groups.has(path)) return [];
    const core = ['cgroup.procs', 'cgroup.controllers', 'cgroup.subtree_control'];
    const own = this.#isFree(path) ? [] : ['cgroup.type', 'cgroup.kill'];
    const set = path === this.#hierarchy.root ? [] : this.#controllersOf(path).flatMap((it) => limits[it] ?? []);
    return [...core, ...own, ...set].filter((name) => this.#hierarchy.missing?.includes(name) !== true);
  }

  /** "No internal processes": a group that hands down controllers has none, but for the true root. */
  #move(pid: number, path: string): void {
    if (this.#group(path).handed.size > 0 && !this.#isFree(path)) throw failure('EBUSY', path);
    for (const { pids } of this.#groups.values()) pids.delete(pid);
    this.#group(path).pids.add(pid);
  }

  #handDown(controller: string, path: string): void {
    if (!this.#controllersOf(path).includes(controller)) throw failure('ENOENT', path);
    if (this.#group(path).pids.size > 0 && !this.#isFree(path)) throw failure('EBUSY', path);
    this.#group(path).handed.add(controller);
  }
}
