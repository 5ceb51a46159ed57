/** Isolation as this machine really does it. What it cannot do is not run; `isolation-unavailable` is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  detectIsolation,
  type Confinement,
  type IsolationKind,
  type TaskBounds,
} from '../../src/agent/node/isolation.js';

const agent = `test-${process.pid}`;
const mount = '/sys/fs/cgroup';
const mebi = 1024 * 1024;
const bounds: TaskBounds = { cpusMilli: 500, cpusLimitMilli: 2_000, memLimitBytes: 64 * mebi };
const folder = mkdtempSync(join(tmpdir(), 'proffer-isolation-'));
const isLinux = process.platform === 'linux';

function canWrite(...paths: readonly string[]): boolean {
  try {
    for (const path of paths) accessSync(path, constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** Whether the machine has it, found out in another way than the code does. */
const has: Readonly<Record<'cgroups-v2' | 'cgroups-v1', boolean>> = {
  'cgroups-v2':
    canWrite(`${mount}/cgroup.procs`) &&
    ['cpu', 'memory'].every((it) => readFileSync(`${mount}/cgroup.controllers`, 'utf8').split(/\s/).includes(it)),
  'cgroups-v1': canWrite(`${mount}/memory/memory.limit_in_bytes`, `${mount}/cpu/cpu.cfs_quota_us`),
};
const tops: Readonly<Record<keyof typeof has, readonly string[]>> = {
  'cgroups-v2': [mount],
  'cgroups-v1': [`${mount}/memory`, `${mount}/cpu`],
};

/** Starts a command in a confinement, as the shim of a task does. */
function start({ entry }: Pick<Confinement, 'entry'>, script: string, ...words: readonly string[]): ChildProcess {
  const inside = ['/bin/sh', '-c', script, 'task', ...words];
  const text = 'entry=$1; shift; eval "$entry" && exec "$@"';
  return spawn('/bin/sh', ['-c', text, 'task', entry === '' ? ':' : entry, ...inside], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
}

async function run(confinement: Pick<Confinement, 'entry'>, script: string): Promise<number | string> {
  const child = start(confinement, script);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code ?? signal ?? 'nothing';
}

/** Takes that much memory, in one process that keeps a line without an end. */
const taking = (bytes: number): string => `head -c ${bytes} /dev/zero | tail -n 1 > /dev/null`;

/** Processor time that a process has had, seconds. */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const top of Object.values(tops).flat()) {
    for (const path of [`proffer/${agent}`, `proffer/${agent}-of-this-test`, 'proffer']) {
      try {
        rmdirSync(join(top, path));
      } catch {
        // Not there, or of use to somebody else.
      }
    }
  }
});

describe.each(['cgroups-v2', 'cgroups-v1'] as const)('%s', (kind) => {
  const confine = (id: string, more: Partial<TaskBounds> = {}): Confinement =>
    detectIsolation({ agent, kind }).confine(id, { ...bounds, ...more });
  const isThere = (id: string): boolean => tops[kind].some((top) => existsSync(join(top, 'proffer', agent, id)));
  const gone = (id: string): Promise<void> => vi.waitFor(() => expect(isThere(id)).toBe(false), 5_000);
  const empty = (it: Confinement): Promise<void> => vi.waitFor(() => expect(it.occupied()).toBe(false), 5_000);

  it.runIf(has[kind])('enforces both', () => {
    expect(detectIsolation({ agent, kind })).toMatchObject({ kind, enforces: ['cpus', 'mem'], notes: [] });
    expect(detectIsolation({ agent })).toMatchObject({ enforces: ['cpus', 'mem'], notes: [] });
  });

  it.runIf(!has[kind])('is not there, and says why', () => {
    expect(() => detectIsolation({ agent, kind })).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'isolation-unavailable', path: 'isolation' }),
    );
  });

  it.runIf(has[kind])('ends a task that takes more memory than it may, and counts it', async () => {
    const task = confine('greedy');
    expect(task.oomKills()).toBe(0);
    expect(await run(task, taking(200 * mebi))).not.toBe(0);
    expect(task.oomKills()).toBeGreaterThan(0);
    expect(detectIsolation({ agent, kind }).find('greedy').oomKills()).toBe(task.oomKills());
    task.remove();
    await gone('greedy');
  });

  it.runIf(has[kind])('leaves a task alone that takes what it may', async () => {
    const [task, unlimited] = [
      confine('modest'),
      confine('free', { memLimitBytes: Infinity, cpusLimitMilli: Infinity }),
    ];
    expect(await run(task, taking(8 * mebi))).toBe(0);
    expect(await run(unlimited, taking(100 * mebi))).toBe(0);
    expect([task.oomKills(), unlimited.oomKills()]).toEqual([0, 0]);
    task.remove();
    unlimited.remove();
    await Promise.all([gone('modest'), gone('free')]);
  });

  it.runIf(has[kind])('gives a task half a processor that may have half of one', async () => {
    const task = confine('half', { cpusLimitMilli: 500 });
    const busy = start(task, 'while :; do :; done');
    await sleep(500);
    const [before, began] = [cpuSeconds(busy.pid), performance.now()];
    await sleep(2_000);
    const share = (cpuSeconds(busy.pid) - before) / ((performance.now() - began) / 1_000);
    expect(task.kill()).toBe(true);
    await once(busy, 'exit');
    task.remove();
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(0.7);
  });

  it.runIf(has[kind])('kills what has run away from its parent and its session', async () => {
    const task = confine('daemon');
    const note = join(folder, `daemon-${kind}`);
    const child = start(task, `setsid sh -c '(setsid sleep 600 & echo $! > "$0")' "$1"`, note);
    await once(child, 'exit');
    const pid = Number(readFileSync(note, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    expect(task.occupied()).toBe(true);
    expect(task.kill()).toBe(true);
    await empty(task);
    expect(task.kill()).toBe(true);
    task.remove();
    await gone('daemon');
  });

  it.runIf(has[kind])('kills a task that starts children all the time', async () => {
    const task = confine('fertile', { cpusLimitMilli: 1_000 });
    const child = start(task, 'while :; do sleep 600 & done 2> /dev/null');
    await vi.waitFor(() => expect(task.occupied()).toBe(true));
    await sleep(100);
    expect(task.kill()).toBe(true);
    task.remove();
    await gone('fertile');
    expect(child.pid !== undefined && (child.exitCode ?? child.signalCode)).toBe('SIGKILL');
  });

  it.runIf(has[kind])('is found again by another life of the agent', async () => {
    const child = start(confine('orphan'), 'sleep 600');
    const found = detectIsolation({ agent, kind }).find('orphan');
    await vi.waitFor(() => expect(found.occupied()).toBe(true));
    expect(found.kill()).toBe(true);
    await once(child, 'exit');
    found.remove();
    await gone('orphan');
    expect([found.occupied(), found.kill(), found.oomKills()]).toEqual([false, true, 0]);
    expect(await run(found, ':')).not.toBe(0);
  });

  it.runIf(has[kind])('takes away later what somebody is still in', async () => {
    const task = confine('late');
    const child = start(task, 'echo inside >&2; sleep 600');
    // A hierarchy that it has not entered yet would go at once.
    if (child.stderr !== null) await once(child.stderr, 'data');
    task.remove();
    await sleep(50);
    expect(isThere('late')).toBe(true);
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await gone('late');
  });

  it.runIf(has[kind])('takes away the groups that a task has made in its own', async () => {
    const task = confine('nested');
    const own = tops[kind].map((top) => join(top, 'proffer', agent, 'nested'));
    expect(await run(task, own.map((path) => `mkdir -p '${path}/a/b'`).join(' && '))).toBe(0);
    const inner = { entry: own.map((path) => `echo 0 > '${path}/a/b/cgroup.procs'`).join(' && ') };
    const child = start(inner, 'sleep 600');
    await vi.waitFor(() => expect(task.occupied()).toBe(true));
    expect(task.kill()).toBe(true);
    await once(child, 'exit');
    task.remove();
    await gone('nested');
  });

  it.runIf(has[kind]).each(['cgroup.procs', 'tasks', `it's $(exit 7) "x" \`exit 8\``, '__proto__', 'x'.repeat(200)])(
    'holds a task by the name of %s',
    async (id) => {
      const task = detectIsolation({ agent: `${agent}-of-this-test`, kind }).confine(id, bounds);
      expect(await run(task, ':')).toBe(0);
      task.remove();
      await empty(task);
    },
  );
});

describe('limits of processes', () => {
  const confined = (more: Partial<TaskBounds> = {}): Confinement =>
    detectIsolation({ agent, kind: 'rlimits' }).confine('t1', { ...bounds, ...more });

  it.runIf(isLinux)('enforce memory alone', () => {
    const isolation = detectIsolation({ agent, kind: 'rlimits' });
    expect(isolation).toMatchObject({ kind: 'rlimits', enforces: ['mem'] });
    expect(isolation.notes.map((note) => note.split(' ')[0])).toEqual(['cpus', 'mem']);
  });

  it.runIf(isLinux)('give a task no more memory than it may have', async () => {
    expect(await run(confined(), taking(200 * mebi))).not.toBe(0);
    expect(await run(confined(), taking(8 * mebi))).toBe(0);
    expect(await run(confined({ memLimitBytes: Infinity }), taking(200 * mebi))).toBe(0);
  });

  it.runIf(isLinux)('do not hinder a runtime that reserves more than it may have', async () => {
    const node = `'${process.execPath}' -e 0`;
    expect(await run(confined({ memLimitBytes: 256 * mebi }), node)).toBe(0);
  });

  it.runIf(isLinux)('are content with stricter ones that are there already', async () => {
    const { entry } = confined();
    expect(await run({ entry: `ulimit -d 20000; ${entry}` }, '[ "$(ulimit -d)" -le 65536 ]')).toBe(0);
  });

  it.runIf(isLinux)('know nothing of what a task started', () => {
    const task = confined();
    task.remove();
    expect([task.oomKills(), task.kill(), task.occupied()]).toEqual([0, false, undefined]);
    expect(detectIsolation({ agent, kind: 'rlimits' }).find('t1').entry).toBe('');
  });
});

describe('detectIsolation', () => {
  it('says what is missing where there are no control groups', () => {
    const isolation = detectIsolation({ agent, root: folder });
    expect(isolation.kind).toBe(isLinux ? 'rlimits' : 'none');
    expect(isolation.notes.join('\n')).toContain(`no cgroups-v2: ${folder} is no hierarchy`);
    expect(isolation.notes.join('\n')).toContain(`${folder}/memory is no hierarchy`);
  });

  it.each<[IsolationKind, string]>([
    ['cgroups-v2', folder],
    ['cgroups-v1', folder],
  ])('refuses %s where it is not', (kind, root) => {
    expect(() => detectIsolation({ agent, kind, root })).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'isolation-unavailable', path: 'isolation' }),
    );
  });

  it('leaves tasks alone when asked to', () => {
    const isolation = detectIsolation({ agent, kind: 'none' });
    expect(isolation).toMatchObject({ kind: 'none', enforces: [] });
    expect(isolation.confine('t1', bounds).entry).toBe('');
    expect(isolation.find('t1').occupied()).toBeUndefined();
  });

  it.each([
    [{ agent, kind: 'prayer' as IsolationKind }, 'bad-isolation', 'isolation'],
    [{ agent, kind: '__proto__' as IsolationKind }, 'bad-isolation', 'isolation'],
    [{ agent: '../a' }, 'bad-id', 'agent'],
    [{ agent: '' }, 'bad-id', 'agent'],
  ])('refuses %o', (options, code, path) => {
    expect(() => detectIsolation(options)).toThrow(expect.objectContaining({ name: 'InputError', code, path }));
  });
});
