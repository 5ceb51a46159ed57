import { describe, expect, it } from 'vitest';
import { cgroupsV2 } from '../../src/agent/node/isolation/cgroups-v2.js';
import type { Isolation } from '../../src/agent/node/isolation.js';
import { FakeGroups, type FakeHierarchy } from './fake-groups.js';

const root = '/cg';
const both = ['cpuset', 'cpu', 'io', 'memory'];
const mebi = 1024 * 1024;
const bounds = { cpusMilli: 500, cpusLimitMilli: 2_000, memLimitBytes: 64 * mebi };

interface World extends Partial<FakeHierarchy> {
  readonly own?: string;
}

/** What is found in a world in which the agent is process 10 and its parent process 1. */
function find({ own = '/', ...hierarchy }: World): { kernel: FakeGroups; isolation?: Isolation; why?: string } {
  const kernel = new FakeGroups({ root, controllers: both, ...hierarchy });
  return { kernel, ...cgroupsV2(kernel, { root, agent: 'a1', own, kin: [10, 1] }) };
}

const delegated: World = {
  own: '/user/unit/agent',
  groups: ['/cg/user', '/cg/user/unit', '/cg/user/unit/agent'],
  handed: { '/cg': both, '/cg/user': both },
  forbidden: ['/cg', '/cg/user'],
  processes: { 10: '/cg/user/unit/agent' },
};

describe('where the groups of the second version are made', () => {
  it('is the true root, whoever is in it', () => {
    const { kernel, isolation } = find({ processes: { 1: root, 10: root } });
    expect(isolation).toMatchObject({ kind: 'cgroups-v2', enforces: ['cpus', 'mem'], notes: [] });
    isolation?.confine('t1', bounds);
    expect(kernel.folders('/cg/proffer/a1')).toEqual(['t1']);
    expect(kernel.read('/cg/proffer/a1/cgroup.subtree_control')).toBe('cpu memory\n');
    expect(kernel.groupOf(10)).toBe(root);
  });

  it('is beside the group of the agent where it may not write in the root', () => {
    const { kernel, isolation } = find(delegated);
    expect(isolation?.enforces).toEqual(['cpus', 'mem']);
    isolation?.confine('t1', bounds);
    expect(kernel.folders('/cg/user/unit/proffer/a1')).toEqual(['t1']);
    expect(kernel.groupOf(10)).toBe('/cg/user/unit/agent');
  });

  it('is the group of the agent in a container: the agent moves into a child of it', () => {
    const { kernel, isolation } = find({ isContainer: true, processes: { 1: root, 10: root } });
    expect(isolation?.enforces).toEqual(['cpus', 'mem']);
    isolation?.confine('t1', bounds);
    expect(kernel.folders('/cg/proffer/a1')).toEqual(['t1']);
    expect([kernel.groupOf(1), kernel.groupOf(10)]).toEqual(['/cg/proffer-agent', '/cg/proffer-agent']);
  });

  it('stays the same for an agent that has moved already', () => {
    const { kernel, isolation } = find({
      ...{ isContainer: true, own: '/proffer-agent', groups: ['/cg/proffer-agent', '/cg/proffer', '/cg/proffer/a1'] },
      ...{ handed: { '/cg': ['cpu', 'memory'] }, processes: { 10: '/cg/proffer-agent' } },
    });
    isolation?.confine('t1', bounds);
    expect(kernel.folders('/cg/proffer/a1')).toEqual(['t1']);
    expect(kernel.groupOf(10)).toBe('/cg/proffer-agent');
  });

  it('is not a group with somebody else in it', () => {
    const { kernel, why } = find({ isContainer: true, processes: { 1: root, 10: root, 99: root } });
    expect(why).toContain('process 99, which is none of ours, is in /cg');
    expect(kernel.groupOf(10)).toBe(root);
  });

  it.each<[string, World, string]>([
    ['nothing is mounted', { missing: ['cgroup.controllers'] }, '/cg is no hierarchy of control groups (version 2)'],
    ['there are no controllers', { controllers: ['hugetlb'] }, 'no controller cpu to hand down'],
    ['nobody may write', { forbidden: [root] }, 'EACCES'],
    ['the group of the agent cannot be seen', { isContainer: true, own: '/../x', processes: {} }, ''],
    ['nobody may write where the agent is', { ...delegated, forbidden: [root, '/cg/user', '/cg/user/unit'] }, 'EACCES'],
  ])('is nowhere when %s', (_name, world, words) => {
    const { isolation, why } = find(world);
    expect(isolation).toBeUndefined();
    expect(why).toContain(words);
  });

  it('is where more is enforced, if no place has all', () => {
    const { kernel, isolation } = find({ ...delegated, handed: { '/cg': ['cpu'], '/cg/user': ['cpu'] } });
    expect(isolation?.enforces).toEqual(['cpus']);
    expect(isolation?.notes).toEqual([
      'control groups (version 2) in /cg/user/unit do not enforce mem: it has no controller memory to hand down',
    ]);
    isolation?.confine('t1', bounds);
    expect(kernel.has('/cg/user/unit/proffer/a1/t1/cpu.max')).toBe(true);
  });

  it('keeps what works when the kernel knows only a part', () => {
    const { isolation } = find({ missing: ['cpu.max'] });
    expect(isolation?.enforces).toEqual(['mem']);
    expect(isolation?.notes).toEqual([
      expect.stringMatching(/^control groups .* in \/cg do not enforce cpus: ENOENT: .*\/probe-\d+\/cpu.max$/),
    ]);
  });

  it('has no probe left in it', () => {
    expect(find({}).kernel.folders('/cg/proffer/a1')).toEqual([]);
    expect(find({ missing: ['cpu.max'] }).kernel.folders('/cg/proffer/a1')).toEqual([]);
  });
});

describe('a group of the second version', () => {
  const files = ['cpu.weight', 'cpu.max', 'memory.max', 'memory.swap.max', 'memory.oom.group'];

  it.each([
    ['as asked for', bounds, ['50', '200000 100000', '67108864', '0', '1']],
    [
      'without limits',
      { cpusMilli: 4_000, cpusLimitMilli: Infinity, memLimitBytes: Infinity },
      ['400', 'max 100000', 'max', 'max', '1'],
    ],
    [
      'so small that the kernel would refuse',
      { cpusMilli: 0, cpusLimitMilli: 0, memLimitBytes: 0 },
      ['1', '1000 100000', '4194304', '0', '1'],
    ],
    [
      'so large that the kernel would refuse',
      { cpusMilli: 10_000_000, cpusLimitMilli: 10_000_000, memLimitBytes: 2 ** 53 - 1 },
      ['10000', '1000000000 100000', '9007199254740991', '0', '1'],
    ],
  ])('has bounds %s', (_name, wanted, written) => {
    const { kernel, isolation } = find({});
    isolation?.confine('t1', wanted);
    expect(files.map((file) => kernel.read(`/cg/proffer/a1/t1/${file}`))).toEqual(written);
  });

  it('does without what an older kernel lacks', () => {
    const { kernel, isolation } = find({ missing: ['memory.swap.max', 'memory.oom.group', 'memory.events'] });
    const task = isolation?.confine('t1', bounds);
    expect(kernel.read('/cg/proffer/a1/t1/memory.max')).toBe('67108864');
    expect(task?.oomKills()).toBe(0);
  });

  it('counts what the kernel killed', () => {
    const { kernel, isolation } = find({});
    const task = isolation?.confine('t1', bounds);
    kernel.set('/cg/proffer/a1/t1/memory.events', 'low 0\noom 3\noom_kill 2\noom_group_kill 1\n');
    expect(task?.oomKills()).toBe(2);
    expect(isolation?.find('t1').oomKills()).toBe(2);
    expect(isolation?.find('t2').oomKills()).toBe(0);
  });

  it('is killed by the kernel, and then removed', () => {
    const { kernel, isolation } = find({ processes: { 900_000_001: root } });
    const task = isolation?.confine('t1', bounds);
    kernel.write('/cg/proffer/a1/t1/cgroup.procs', '900000001');
    expect(task?.occupied()).toBe(true);
    expect(isolation?.find('t1').kill()).toBe(true);
    expect(task?.occupied()).toBe(false);
    task?.remove();
    expect(kernel.folders('/cg/proffer/a1')).toEqual([]);
    expect([task?.occupied(), task?.kill(), task?.oomKills()]).toEqual([false, true, 0]);
  });

  it('leaves nothing when the kernel refuses it', () => {
    const { kernel, isolation } = find({});
    kernel.refuse('cpu.max');
    expect(() => isolation?.confine('t1', bounds)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    expect(kernel.folders('/cg/proffer/a1')).toEqual([]);
  });

  it.each(['cgroup.procs', 'cpu.max', 'memory.max', 'tasks', '_t', 'pids.max'])('may be called %s', (id) => {
    const { kernel, isolation } = find({});
    expect(isolation?.confine(id, bounds).entry).toBe(`echo 0 > '/cg/proffer/a1/_${id}/cgroup.procs'`);
    expect(kernel.folders('/cg/proffer/a1')).toEqual([`_${id}`]);
  });

  it.each(['t1', 'cpus.max', 'a.b', 'taskset'])('is called %s', (id) => {
    expect(find({}).isolation?.find(id).entry).toBe(`echo 0 > '/cg/proffer/a1/${id}/cgroup.procs'`);
  });

  it('quotes whatever its name is', () => {
    expect(find({}).isolation?.find(`it's $(reboot) "x"`).entry).toBe(
      `echo 0 > '/cg/proffer/a1/it'\\''s $(reboot) "x"/cgroup.procs'`,
    );
  });
});
