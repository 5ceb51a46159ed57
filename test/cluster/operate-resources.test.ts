import { describe, expect, it } from 'vitest';
import { parseInput, transition, type ResourceControl } from '../../src/cluster/index.js';
import type { ResourceInput } from '../../src/resources/index.js';
import { frameworkCapabilities } from '../../src/tasks/index.js';
import { cluster, task, type Cluster } from './harness.js';

type Untimed = ResourceControl extends infer C ? (C extends unknown ? Omit<C, 'at'> : never) : never;

const dynamic = (name: string, value: number, role = 'a'): ResourceInput => ({
  name,
  value,
  reservations: [{ type: 'dynamic', role }],
});
const volume = (more: Partial<ResourceInput> = {}): ResourceInput => ({
  ...dynamic('disk', 64),
  disk: { id: 'v1', path: 'data' },
  ...more,
});

function machine(...roles: string[]): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024;disk:100');
  for (const [index, role] of roles.entries()) {
    box.framework(`f${index + 1}`, [role], { capabilities: frameworkCapabilities });
  }
  return box;
}

const reserve: Untimed = { type: 'reserve', agent: 'a1', resources: dynamic('cpus', 3) };
const total = (box: Cluster): string => String(box.state.allocator.agents.get('a1')?.total);

/** The code of the refusal, and that it changed nothing. */
function refusal(box: Cluster, control: Untimed): unknown {
  const before = box.state;
  try {
    transition(before, { ...control, at: box.now });
  } catch (error) {
    expect(box.state).toBe(before);
    return (error as { readonly code: unknown }).code;
  }
  return 'accepted';
}

describe('operations of the operator (RSV-5)', () => {
  it('change what is free at once; the agent is told, and the next batch offers it', () => {
    const box = machine();
    expect(box.send(reserve)).toEqual(['a1: reserve cpus:3 -> cpus(reservations: [(DYNAMIC,a)]):3']);
    expect(total(box)).toBe('cpus:1; cpus(reservations: [(DYNAMIC,a)]):3; disk:100; mem:1024');
    expect(box.framework('f1', ['b'])).toContain('offers to f1: m-O0 a1 as b cpus:1; disk:100; mem:1024');
  });

  it('go through the life of a volume', () => {
    const box = machine();
    const steps: Untimed[] = [
      { type: 'reserve', agent: 'a1', resources: dynamic('disk', 80) },
      { type: 'create-volumes', agent: 'a1', volumes: volume() },
      { type: 'grow-volume', agent: 'a1', volume: volume(), addition: dynamic('disk', 16) },
      { type: 'shrink-volume', agent: 'a1', volume: volume({ value: 80 }), subtract: 16 },
      { type: 'destroy-volumes', agent: 'a1', volumes: volume() },
      { type: 'unreserve', agent: 'a1', resources: dynamic('disk', 80) },
    ];
    const disks = steps.map((step) => {
      box.do(step);
      return total(box)
        .split('; ')
        .filter((item) => item.startsWith('disk'))
        .join('; ');
    });
    expect(disks).toEqual([
      'disk:20; disk(reservations: [(DYNAMIC,a)]):80',
      'disk:20; disk(reservations: [(DYNAMIC,a)]):16; disk(reservations: [(DYNAMIC,a)])[v1:data]:64',
      'disk:20; disk(reservations: [(DYNAMIC,a)])[v1:data]:80',
      'disk:20; disk(reservations: [(DYNAMIC,a)]):16; disk(reservations: [(DYNAMIC,a)])[v1:data]:64',
      'disk:20; disk(reservations: [(DYNAMIC,a)]):80',
      'disk:100',
    ]);
  });

  it('reserve otherwise what is reserved already', () => {
    const box = machine();
    box.send(reserve);
    const move: Untimed = {
      type: 'reserve',
      agent: 'a1',
      source: dynamic('cpus', 2),
      resources: dynamic('cpus', 2, 'b'),
    };
    box.send(move);
    expect(total(box)).toContain('cpus(reservations: [(DYNAMIC,a)]):1; cpus(reservations: [(DYNAMIC,b)]):2');
  });

  it('take back offers that contribute, hidden for 5 s, and no more than are needed', () => {
    const box = machine('a');
    box.decline('f1', ['m-O0'], 0);
    // Two offers: the newer one holds only what came later.
    box.pass(1_000);
    box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:6;mem:2048;disk:100' });
    box.run();
    expect(box.offersOf('f1').map(({ resources }) => String(resources))).toEqual([
      'cpus:4; disk:100; mem:1024',
      'cpus:2; mem:1024',
    ]);
    expect(box.send(reserve)[0]).toBe('rescind from f1: m-O1');
    expect(box.offersOf('f1')).toHaveLength(1);
    // More than what was refused: it is not hidden (FILT-1).
    expect(box.pass(1_000)).toEqual([
      '2000: offers to f1: m-O3 a1 as a cpus:1; cpus(reservations: [(DYNAMIC,a)]):3; disk:100; mem:1024',
    ]);
  });

  it('hide what they leave of an offer (FILT-4)', () => {
    const box = machine('b');
    box.send(reserve);
    expect(box.pass(4_000)).toEqual([]);
    expect(box.pass(1_000)).toEqual(['5000: offers to f1: m-O1 a1 as b cpus:1; disk:100; mem:1024']);
  });

  it('take nothing from under a task', () => {
    const box = machine('a');
    box.launch('f1', 'a1', [task('t1', 'cpus:2')], { refuseSeconds: 0 });
    box.pass(1_000);
    expect(refusal(box, reserve)).toBe('insufficient-resources');
    expect(box.offersOf('f1')).toHaveLength(1);
    expect(refusal(box, { ...reserve, resources: dynamic('cpus', 2) } as Untimed)).toBe('accepted');
  });

  it('destroy no volume in use, and take a shared one from all whom it is offered to', () => {
    const box = machine('a', 'a');
    const shared = volume({ shared: true });
    const both: Untimed[] = [
      { type: 'reserve', agent: 'a1', resources: dynamic('disk', 64) },
      { type: 'create-volumes', agent: 'a1', volumes: shared },
    ];
    for (const control of both) box.send(control);
    box.pass(1_000);
    const [holder = ''] = ['f1', 'f2'].filter((id) => box.offersOf(id).length > 0);
    box.launch(holder, 'a1', [{ ...task('t1', ''), resources: ['cpus:1', shared] }], { refuseSeconds: 600 });
    const destroy: Untimed = { type: 'destroy-volumes', agent: 'a1', volumes: shared };
    expect(refusal(box, destroy)).toBe('volume-in-use');
    box.status('a1', holder, 't1', 'finished');
    box.pass(1_000);
    expect(box.send(destroy).at(-1)).toContain('a1: destroy');
    expect(total(box)).not.toContain('SHARED');
  });

  it.each<[string, Untimed, string]>([
    ['an agent that is not there', { ...reserve, agent: 'a9' } as Untimed, 'unknown-agent'],
    ['more than there is', { ...reserve, resources: dynamic('cpus', 5) } as Untimed, 'insufficient-resources'],
    ['a reservation that is none', { ...reserve, resources: 'cpus:1' } as Untimed, 'not-reserved'],
    ['a reservation of somebody else', { ...reserve, principal: 'p' } as Untimed, 'wrong-principal'],
    [
      'what is allocated',
      { ...reserve, resources: { ...dynamic('cpus', 1), allocated: 'a' } } as Untimed,
      'wrong-role',
    ],
    ['a volume that is not there', { type: 'destroy-volumes', agent: 'a1', volumes: volume() }, 'unknown-volume'],
    ['nonsense', { ...reserve, resources: 'cpus:lots' } as Untimed, 'bad-resources'],
  ])('refuse %s', (_, control, code) => {
    expect(refusal(machine('a'), control)).toBe(code);
  });

  it('wait for no agent that is away', () => {
    const box = machine();
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(refusal(box, reserve)).toBe('agent-disconnected');
  });

  it('are read from JSON, by their shape', () => {
    const json: unknown = JSON.parse(JSON.stringify(reserve));
    expect(parseInput(json, 1)).toEqual({ ...reserve, at: 1 });
    for (const bad of [
      { type: 'reserve', agent: 'a1' },
      { type: 'shrink-volume', agent: 'a1', volume: 'disk:1', subtract: '1' },
      { type: 'shrink-volume', agent: 'a1', volume: 'disk:1', subtract: Infinity },
      { type: 'grow-volume', agent: 'a1', volume: 'disk:1' },
      { type: 'create-volumes', agent: 'a1', volumes: 7 },
    ]) {
      expect(() => parseInput(bad, 1)).toThrow(expect.objectContaining({ name: 'InputError' }) as Error);
    }
  });
});
