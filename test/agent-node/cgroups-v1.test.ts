import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cgroupsV1 } from '../../src/agent/node/isolation/cgroups-v1.js';
import type { GroupFiles } from '../../src/agent/node/isolation/group-files.js';
import type { Isolation } from '../../src/agent/node/isolation.js';

const known: Readonly<Record<string, readonly string[]>> = {
  '/cg/cpu': ['cpu.shares', 'cpu.cfs_period_us', 'cpu.cfs_quota_us'],
  '/cg/memory': ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.oom_control', 'memory.failcnt'],
};
const bounds = { cpusMilli: 500, cpusLimitMilli: 2_000, memLimitBytes: 64 * 1024 * 1024 };

/** Hierarchies of the first version, and what was written to them, in order. */
class Hierarchies implements GroupFiles {
  readonly groups: Set<string>;
  readonly texts = new Map<string, string>();
  readonly written: string[] = [];
  readonly #missing: readonly string[];

  constructor({ mounted = Object.keys(known), missing = [] }: { mounted?: readonly string[]; missing?: string[] }) {
    this.groups = new Set(mounted);
    this.#missing = missing;
  }

  has(path: string): boolean {
    const [folder, name] = [dirname(path), path.slice(dirname(path).length + 1)];
    const files = Object.entries(known).find(([top]) => folder.startsWith(top))?.[1] ?? [];
    const isThere = name === 'cgroup.procs' || (files.includes(name) && !this.#missing.includes(name));
    return this.groups.has(path) || (this.groups.has(folder) && isThere);
  }

  read(path: string): string {
    this.#expect(path);
    return this.texts.get(path) ?? '';
  }

  write(path: string, text: string): void {
    this.#expect(path);
    this.written.push(`${path.slice(dirname(path).length + 1)} ${text}`);
  }

  make(path: string): void {
    if (this.groups.has(path)) return;
    if (path === '/') this.#expect(path);
    this.make(dirname(path));
    this.groups.add(path);
  }

  remove(path: string): void {
    this.#expect(path);
    this.groups.delete(path);
  }

  folders(path: string): readonly string[] {
    this.#expect(path);
    return [...this.groups].filter((it) => dirname(it) === path).map((it) => it.slice(path.length + 1));
  }

  enter(commands: string): string | undefined {
    const paths = [...commands.matchAll(/echo 0 > '([^']+)'/g)].map(([, path = '']) => path);
    return paths.every((path) => this.has(path)) ? undefined : 'cannot enter';
  }

  #expect(path: string): void {
    if (!this.has(path)) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
  }
}

function find(world: ConstructorParameters<typeof Hierarchies>[0]): {
  files: Hierarchies;
  isolation?: Isolation;
  why?: string;
} {
  const files = new Hierarchies(world);
  return { files, ...cgroupsV1(files, { root: '/cg', agent: 'a1' }) };
}

describe('control groups of the first version', () => {
  it.each([
    ['as asked for', bounds, [512, 100_000, 200_000, -1, 67_108_864, 67_108_864]],
    [
      'without limits',
      { cpusMilli: 4_000, cpusLimitMilli: Infinity, memLimitBytes: Infinity },
      [4_096, 100_000, -1, -1, -1, -1],
    ],
    [
      'so small that the kernel would refuse',
      { cpusMilli: 0, cpusLimitMilli: 0, memLimitBytes: 0 },
      [2, 100_000, 1_000, -1, 4_194_304, 4_194_304],
    ],
    [
      'so large that the kernel would refuse',
      { cpusMilli: 10_000_000, cpusLimitMilli: 10_000_000, memLimitBytes: 2 ** 40 + 0.5 },
      [262_144, 100_000, 1_000_000_000, -1, 2 ** 40, 2 ** 40],
    ],
  ])('have bounds %s', (_name, wanted, numbers) => {
    const { files, isolation } = find({});
    files.written.length = 0;
    const task = isolation?.confine('t1', wanted);
    expect(files.written.map((line) => Number(line.split(' ')[1]))).toEqual(numbers);
    expect(task?.entry).toBe(
      "echo 0 > '/cg/cpu/proffer/a1/t1/cgroup.procs' && echo 0 > '/cg/memory/proffer/a1/t1/cgroup.procs'",
    );
  });

  it('limit memory alone where the kernel does not count swap', () => {
    const { files, isolation } = find({ missing: ['memory.memsw.limit_in_bytes'] });
    files.written.length = 0;
    isolation?.confine('t1', bounds);
    expect(files.written.filter((line) => line.startsWith('memory'))).toEqual(['memory.limit_in_bytes 67108864']);
  });

  it.each([
    ['oom_kill_disable 0\nunder_oom 0\noom_kill 3\n', '9', 3],
    ['oom_kill_disable 0\nunder_oom 0\n', '9\n', 9],
    ['oom_kill_disable 0\nunder_oom 0\noom_kill 0\n', '9', 0],
  ])('count what the kernel killed, or how often the limit was hit: %j, %j', (control, failures, count) => {
    const { files, isolation } = find({});
    const folder = '/cg/memory/proffer/a1/t1';
    isolation?.confine('t1', bounds);
    files.texts.set(join(folder, 'memory.oom_control'), control).set(join(folder, 'memory.failcnt'), failures);
    expect(isolation?.find('t1').oomKills()).toBe(count);
    expect(isolation?.find('t2').oomKills()).toBe(0);
  });

  it.each([
    [['/cg/memory'], ['mem'], '/cg/cpu is no hierarchy'],
    [['/cg/cpu'], ['cpus'], '/cg/memory is no hierarchy'],
  ])('enforce what can be had of %j', (mounted, enforces, note) => {
    const { files, isolation } = find({ mounted });
    expect(isolation?.enforces).toEqual(enforces);
    expect(isolation?.notes).toEqual([expect.stringContaining(note)]);
    const task = isolation?.confine('t1', bounds);
    expect(files.groups).toContain(`${mounted[0]}/proffer/a1/t1`);
    expect([task?.oomKills(), task?.occupied()]).toEqual([0, false]);
  });

  it('are of no use where the kernel cannot limit anything, and nothing is left of the attempt', () => {
    const { files, why } = find({ missing: ['cpu.cfs_quota_us', 'memory.limit_in_bytes'] });
    expect(why).toContain('not enforce cpus');
    expect(why).toContain('not enforce mem');
    expect([...files.groups]).toEqual(['/cg/cpu', '/cg/memory']);
  });
});
