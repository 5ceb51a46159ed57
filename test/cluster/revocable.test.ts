import { describe, expect, it } from 'vitest';
import { agents, explain, roles, type ConfigLike } from '../../src/cluster/index.js';
import { allocatorStats } from '../../src/offers/index.js';
import type { ResourcesLike } from '../../src/resources/index.js';
import type { TaskLike } from '../../src/tasks/index.js';
import { cluster, task, type Cluster } from './harness.js';

const knows = { capabilities: ['multi-role', 'revocable-resources', 'partition-aware'] } as const;

/** `f1` knows revocable resources, `f2` does not. */
function opened(config: ConfigLike = {}): Cluster {
  const box = cluster(config);
  box.agent('a1', 'cpus:4;mem:1024');
  box.framework('f1', ['a'], knows);
  return box;
}

function estimate(box: Cluster, oversubscribed: ResourcesLike, agent = 'a1'): readonly string[] {
  return box.do({ type: 'update-agent', agent, oversubscribed });
}

const total = (box: Cluster): string => String(agents(box.state)[0]?.total);
const cpusREV = (value: number) => [{ name: 'cpus', value, revocable: true }] as const;

describe('what a machine could give beyond what it has (REV-1)', () => {
  it('is revocable whatever it says, and offered to those who know such resources', () => {
    const box = opened();
    box.framework('f2', ['b']);
    expect(estimate(box, 'cpus:2')).toEqual(['offers to f1: m-O1 a1 as a cpus{REV}:2']);
    expect(total(box)).toBe('cpus:4; cpus{REV}:2; mem:1024');
    expect(explain(box.state, { framework: 'f2' }).agents[0]?.reason.code).toBe('nothing-free');
    estimate(box, cpusREV(3));
    expect(total(box)).toBe('cpus:4; cpus{REV}:3; mem:1024');
  });

  it('replaces the last estimate, and takes back the offers that hold some of it, and no others', () => {
    const box = opened();
    estimate(box, 'cpus:2');
    const [firm, spare] = box.offersOf('f1').map(({ id }) => id);
    expect(estimate(box, 'cpus:1;mem:64')).toEqual([
      `rescind from f1: ${spare}`,
      'offers to f1: m-O2 a1 as a cpus{REV}:1; mem{REV}:64',
    ]);
    expect(box.offersOf('f1').map(({ id }) => id)).toEqual([firm, 'm-O2']);
    expect(estimate(box, '')).toEqual(['rescind from f1: m-O2']);
    expect(total(box)).toBe('cpus:4; mem:1024');
    expect(box.offersOf('f1').map(({ id }) => id)).toEqual([firm]);
  });

  it('does nothing when it is the same again', () => {
    const box = opened();
    estimate(box, 'cpus:2');
    expect(estimate(box, cpusREV(2))).toEqual([]);
    expect(estimate(box, 'cpus:1.5;cpus:0.5')).toEqual([]);
  });

  it('takes back a larger offer of both kinds too', () => {
    const box = cluster();
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    box.send({ type: 'update-agent', agent: 'a1', oversubscribed: 'cpus:2' });
    expect(box.framework('f1', ['a'], knows)).toContain('offers to f1: m-O0 a1 as a cpus:4; cpus{REV}:2');
    expect(estimate(box, 'cpus:3')).toEqual([
      'rescind from f1: m-O0',
      'offers to f1: m-O1 a1 as a cpus:4; cpus{REV}:3',
    ]);
  });

  it('goes together with firm resources, and outlives a change of those alone', () => {
    const box = opened();
    box.do({ type: 'update-agent', agent: 'a1', resources: 'cpus:6', oversubscribed: 'cpus:1' });
    expect(total(box)).toBe('cpus:6; cpus{REV}:1');
    const spare = box.offersOf('f1').map(({ id }) => id);
    expect(box.do({ type: 'update-agent', agent: 'a1', resources: 'cpus:7' })).toEqual([
      expect.stringContaining('offers to f1'),
    ]);
    expect(total(box)).toBe('cpus:7; cpus{REV}:1');
    expect(box.offersOf('f1').map(({ id }) => id)).toEqual(expect.arrayContaining(spare));
    // Firm resources that shrank concern every offer.
    expect(box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:2' })).toHaveLength(spare.length + 1);
    expect(total(box)).toBe('cpus:2; cpus{REV}:1');
  });

  it('is replaced by revocable resources in a list of everything', () => {
    const box = opened();
    estimate(box, 'cpus:2');
    box.do({ type: 'update-agent', agent: 'a1', resources: ['cpus:4', ...cpusREV(1)] });
    expect(total(box)).toBe('cpus:4; cpus{REV}:1');
    box.do({ type: 'update-agent', agent: 'a1', resources: ['cpus:5', ...cpusREV(1)], oversubscribed: 'mem:1' });
    expect(total(box)).toBe('cpus:5; mem{REV}:1');
  });

  it('ends with the registration: the agent says it anew', () => {
    const box = opened();
    estimate(box, 'cpus:2');
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    box.do({ type: 'reregister', agent: 'a1', resources: 'cpus:4;mem:1024' });
    expect(total(box)).toBe('cpus:4; mem:1024');
  });

  it('may shrink below what is used of it: tasks go on, and nothing that is short is offered', () => {
    const box = opened();
    box.declineAll('f1', 3_600);
    estimate(box, 'cpus:2');
    box.launch('f1', 'a1', [{ ...task('t1', ''), resources: cpusREV(1.5) }], { refuseSeconds: 0 });
    box.status('a1', 'f1', 't1', 'running');
    expect(estimate(box, 'cpus:1')).toEqual([]);
    expect(box.state.agents.get('a1')?.overcommitted).toBe(true);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
    expect(estimate(box, 'cpus:2')).toEqual(['offers to f1: m-O2 a1 as a cpus:4; cpus{REV}:0.5; mem:1024']);
    expect(box.state.agents.get('a1')?.overcommitted).toBe(false);
  });

  it.each<[string, ResourcesLike]>([
    ['reserved', 'cpus(a):1'],
    ['a volume', [{ name: 'disk', value: 1, role: 'a', disk: { id: 'v', path: 'p' } }]],
    ['a disk of its own', [{ name: 'disk', value: 1, disk: { source: { type: 'mount', root: '/m' } } }]],
    ['allocated', [{ name: 'cpus', value: 1, allocated: 'a' }]],
    ['nonsense', 'cpus:-1'],
    ['too much', 'cpus:9007199254740'],
  ])('is refused when it is %s, and changes nothing (REV-2)', (_, what) => {
    const box = opened();
    estimate(box, 'cpus:2');
    const before = total(box);
    const outputs = box.ask({ type: 'update-agent', agent: 'a1', resources: 'cpus:1', oversubscribed: what });
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).toMatchObject({ agent: 'a1' });
    expect(total(box)).toBe(before);
  });
});

describe('revocable resources', () => {
  it('of a machine can be neither reserved nor a volume from the beginning (REV-2)', () => {
    const box = cluster();
    const reserved = [{ name: 'cpus', value: 1, role: 'a', revocable: true }];
    expect(box.send({ type: 'register', agent: 'a1', resources: reserved })).toEqual(['a1: refused, bad-resources']);
    const disk = [
      { name: 'disk', value: 1, revocable: true, disk: { source: { type: 'mount' as const, root: '/m' } } },
    ];
    expect(box.send({ type: 'register', agent: 'a1', resources: disk })).toEqual(['a1: refused, bad-resources']);
  });

  it('can be reserved by nobody (REV-2)', () => {
    const box = cluster();
    box.send({ type: 'register', agent: 'a1', resources: 'mem:64' });
    box.framework('f1', ['a'], knows);
    estimate(box, 'cpus:2;disk:64');
    const item = { name: 'cpus', value: 1, revocable: true } as const;
    const own = { ...item, reservations: [{ type: 'dynamic' as const, role: 'a' }] };
    expect(() => box.send({ type: 'reserve', agent: 'a1', resources: [own] })).toThrow(
      expect.objectContaining({ code: expect.any(String) as string }),
    );
    const [, spare] = box.offersOf('f1').map(({ id }) => id);
    expect(box.accept('f1', [spare ?? ''], [{ type: 'reserve', id: 'o1', resources: [own] }])).toEqual([
      'operation of f1: o1 error',
    ]);
    expect(total(box)).toBe('cpus{REV}:2; disk{REV}:64; mem:64');
  });

  it.each<[string, Partial<TaskLike>, string]>([
    ['a task', { resources: ['cpus:1', ...cpusREV(1)] }, 'error'],
    [
      'a task with its executor',
      { resources: [...cpusREV(1)], executor: { id: 'e', command: { value: 'x' }, resources: 'cpus:0.5;mem:32' } },
      'error',
    ],
    ['different names', { resources: ['mem:32', ...cpusREV(1)] }, 'launch'],
  ])('and firm ones of one name do not mix in %s (REV-2)', (_, more, outcome) => {
    const box = cluster();
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024' });
    box.send({ type: 'update-agent', agent: 'a1', oversubscribed: 'cpus:2' });
    box.framework('f1', ['a'], knows);
    const { command, ...plain } = task('t1', '');
    const asked = more.executor === undefined ? { ...plain, command, ...more } : { ...plain, ...more };
    expect(box.launch('f1', 'a1', [asked as TaskLike])[0]).toContain(outcome);
  });

  it.each([
    ['partition-aware', ['multi-role', 'revocable-resources', 'partition-aware'], 'gone'],
    ['any other', ['multi-role', 'revocable-resources'], 'lost'],
  ] as const)('may be taken from a task of %s framework: it is over, and they are free (REV-4)', (_, has, state) => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { capabilities: has });
    estimate(box, 'cpus:2');
    const [, spare] = box.offersOf('f1').map(({ id }) => id);
    const launched = { ...task('t1', ''), resources: cpusREV(2) };
    box.accept('f1', [spare ?? ''], [{ type: 'launch', tasks: [launched] }]);
    box.status('a1', 'f1', 't1', 'running');
    expect(estimate(box, 'cpus:0.5')).toEqual([]);
    const why = { reason: 'container-preempted', source: 'agent' } as const;
    expect(box.status('a1', 'f1', 't1', 'gone', why)).toEqual([
      `update to f1: t1 ${state} (agent container-preempted u-t1-gone)`,
    ]);
    expect(box.free('a1')).toBe('cpus{REV}:0.5');
    expect(box.state.agents.get('a1')?.overcommitted).toBe(false);
  });

  it('count in shares and totals, not in quota nor in what is kept for guarantees (REV-3)', () => {
    const box = cluster();
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:4' });
    box.send({ type: 'update-agent', agent: 'a1', oversubscribed: 'cpus:4' });
    box.send({ type: 'set-quota', quotas: [{ role: 'a', limits: { cpus: 1 } }] });
    box.send({ type: 'set-quota', quotas: [{ role: 'b', guarantees: { cpus: 2 } }] });
    // One offer has both kinds: all that is revocable, and of the rest what the limit leaves.
    expect(box.framework('f1', ['a'], knows)).toContain('offers to f1: m-O0 a1 as a cpus:1; cpus{REV}:4');
    const stats = allocatorStats(box.state.allocator);
    expect(String(stats.total)).toBe('cpus:8');
    expect(
      stats.roles.map(({ role, consumed, offeredOrAllocated, dominantShare }) => [
        role,
        String(consumed),
        String(offeredOrAllocated),
        dominantShare,
      ]),
    ).toEqual([
      ['a', 'cpus:1', 'cpus:5', 5 / 8],
      ['b', '{}', '{}', null],
    ]);
    expect(roles(box.state)[0]?.dominantShare).toBe(5 / 8);
    // Nothing revocable meets a guarantee: the capacity is 4.
    expect(() => box.send({ type: 'set-quota', quotas: [{ role: 'b', guarantees: { cpus: 5 } }] })).toThrow(
      expect.objectContaining({ code: 'guarantees-above-capacity' }),
    );
  });
});
