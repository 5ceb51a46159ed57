import { describe, expect, it } from 'vitest';
import {
  deserialize,
  offers,
  parseInput,
  serialize,
  stepViolation,
  transition,
  violation,
  type OperationLike,
  type ResourceOperationLike,
} from '../../src/cluster/index.js';
import { quantities, quantitiesAdd, type ResourceInput } from '../../src/resources/index.js';
import { agentCapabilities, frameworkCapabilities } from '../../src/tasks/index.js';
import { cluster, task, type Cluster } from './harness.js';

const reserved = (name: string, value: number, more: Partial<ResourceInput> = {}): ResourceInput => ({
  name,
  value,
  reservations: [{ type: 'dynamic', role: 'a' }],
  ...more,
});
const volume = (value = 64, more: Partial<ResourceInput> = {}): ResourceInput =>
  reserved('disk', value, { disk: { id: 'v1', path: 'data' }, ...more });

const reserveDisk: OperationLike = { type: 'reserve', resources: reserved('disk', 64) };
const createVolume: OperationLike = { type: 'create', volumes: volume() };
const onVolume = (id: string, more: Partial<ResourceInput> = {}): OperationLike => ({
  type: 'launch',
  tasks: [{ ...task(id, 'cpus:1'), resources: ['cpus:1', volume(64, more)] }],
});

/** One agent, offered to `f1` as `a`. */
function offered(capabilities: readonly (typeof frameworkCapabilities)[number][] = frameworkCapabilities): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024;disk:100');
  box.framework('f1', ['a'], { capabilities });
  return box;
}

function accept(box: Cluster, operations: readonly OperationLike[], refuseSeconds = 5): readonly string[] {
  return box.accept(
    'f1',
    box.offersOf('f1').map(({ id }) => id),
    operations,
    { refuseSeconds },
  );
}

const total = (box: Cluster): string => String(box.state.allocator.agents.get('a1')?.total);

describe('operations of an accept (ACC-5)', () => {
  it('are applied in order, and the agent is told of each', () => {
    const box = offered();
    expect(accept(box, [reserveDisk, createVolume, onVolume('t1')])).toEqual([
      'a1: reserve disk:64 -> disk(reservations: [(DYNAMIC,a)]):64',
      'a1: create disk(reservations: [(DYNAMIC,a)]):64 -> disk(reservations: [(DYNAMIC,a)])[v1:data]:64',
      'a1: launch t1 of f1',
    ]);
    expect(total(box)).toBe('cpus:4; disk:36; disk(reservations: [(DYNAMIC,a)])[v1:data]:64; mem:1024');
    expect(box.free('a1')).toBe('cpus:3; disk:36; mem:1024');
  });

  it('end with what the others can use: a volume whose task ended is offered to its role (VOL-4, RSV-6)', () => {
    const box = offered();
    accept(box, [reserveDisk, createVolume, onVolume('t1')]);
    box.framework('f2', ['b']);
    expect(box.offersOf('f2').map(({ resources }) => String(resources))).toEqual(['cpus:3; disk:36; mem:1024']);
    box.status('a1', 'f1', 't1', 'finished');
    expect(box.pass(1_000)).toEqual([
      '1000: offers to f1: m-O2 a1 as a cpus:1; disk(reservations: [(DYNAMIC,a)])[v1:data]:64',
    ]);
  });

  it('hide only what was declined, not what they made (ACC-11, FILT-4, quirk 13)', () => {
    const box = offered();
    accept(box, [reserveDisk], 600);
    expect(box.pass(1_000)).toEqual([
      '1000: offers to f1: m-O1 a1 as a cpus:4; disk:36; disk(reservations: [(DYNAMIC,a)]):64; mem:1024',
    ]);
  });

  it('fail alone: later ones still run, and fail only if they needed them (ACC-5, VAL-15)', () => {
    const box = offered();
    const tooMuch: OperationLike = { type: 'reserve', resources: reserved('disk', 500) };
    const plain: OperationLike = { type: 'launch', tasks: [task('t2', 'cpus:1')] };
    expect(accept(box, [tooMuch, createVolume, onVolume('t1'), plain])).toEqual([
      'update to f1: t1 error (master task-invalid)',
      'a1: launch t2 of f1',
    ]);
    expect(total(box)).toBe('cpus:4; disk:100; mem:1024');
  });

  it('put nothing in the way of a resized volume but the end of the call (VOL-3)', () => {
    const box = offered();
    accept(box, [reserveDisk, { type: 'create', volumes: volume(32) }], 0);
    box.pass(1_000);
    const grow: OperationLike = { type: 'grow-volume', volume: volume(32), addition: reserved('disk', 32) };
    expect(accept(box, [grow, onVolume('t1')], 0)).toEqual([
      'a1: grow-volume disk(reservations: [(DYNAMIC,a)]):32; disk(reservations: [(DYNAMIC,a)])[v1:data]:32 -> disk(reservations: [(DYNAMIC,a)])[v1:data]:64',
      'update to f1: t1 error (master task-invalid)',
    ]);
    box.pass(1_000);
    const shrink: OperationLike = { type: 'shrink-volume', volume: volume(64), subtract: 24 };
    accept(box, [shrink, onVolume('t1')], 0);
    expect(total(box)).toContain('disk(reservations: [(DYNAMIC,a)]):24; disk(reservations: [(DYNAMIC,a)])[v1:data]:40');
  });

  it('undo each other', () => {
    const box = offered();
    const destroy: OperationLike = { type: 'destroy', volumes: volume() };
    const unreserve: OperationLike = { type: 'unreserve', resources: reserved('disk', 64) };
    accept(box, [reserveDisk, createVolume, destroy, unreserve], 600);
    expect(total(box)).toBe('cpus:4; disk:100; mem:1024');
    expect(box.pass(10_000)).toEqual([]);
  });

  it('leave states that can be saved, and replayed from JSON', () => {
    const box = offered();
    const input = parseInput(
      JSON.parse(
        JSON.stringify({
          type: 'accept',
          connection: 'c-f1',
          framework: 'f1',
          offers: ['m-O0'],
          operations: [reserveDisk],
        }),
      ),
      0,
    );
    const [after, outputs] = transition(box.state, input);
    expect(stepViolation(box.state, input, after, outputs)).toBeUndefined();
    expect([...serialize(deserialize(serialize(after)))]).toEqual([...serialize(after)]);
  });
});

describe('an operation that is refused', () => {
  const capable = { capabilities: agentCapabilities };
  it.each<[string, ResourceOperationLike, string]>([
    [
      'of the wrong role',
      { type: 'reserve', resources: reserved('cpus', 1, { reservations: [{ type: 'dynamic', role: 'b' }] }) },
      "allocated to role 'a'",
    ],
    ['with a source (VAL-14)', { type: 'reserve', resources: reserved('cpus', 1), source: 'cpus:1' }, 'not allowed'],
    ['more than was offered (VAL-15)', { type: 'reserve', resources: reserved('cpus', 5) }, 'does not contain'],
    ['what is not reserved', { type: 'unreserve', resources: 'cpus:1' }, 'not dynamically reserved'],
    ['a volume that is not there', { type: 'destroy', volumes: volume() }, 'not found'],
    ['what can not be read', { type: 'create', volumes: 'disk(a):lots' }, 'not a number'],
    [
      'what no agent of this version can do',
      {
        type: 'create-disk',
        source: { name: 'disk', value: 1, provider: 'p', disk: { source: { type: 'raw', profile: 'x' } } },
        targetType: 'mount',
      },
      'not supported',
    ],
    ['of a disk that is none', { type: 'destroy-disk', source: 'disk:1' }, 'not managed by a resource provider'],
  ])('%s: its framework hears why if it gave it an id (OP-2)', (_, operation, message) => {
    for (const id of [undefined, 'op1']) {
      const box = cluster();
      box.agent('a1', 'cpus:4;mem:1024;disk:100', capable);
      box.framework('f1', ['a'], { capabilities: frameworkCapabilities });
      const call = { connection: 'c-f1', framework: 'f1', offers: ['m-O0'] };
      const named = id === undefined ? operation : { ...operation, id };
      const said = box.ask({ type: 'accept', ...call, operations: [named] });
      expect(said).toEqual(
        id === undefined
          ? []
          : [
              {
                type: 'operation-update',
                framework: 'f1',
                connection: 'c-f1',
                operation: id,
                state: 'error',
                agent: 'a1',
                message: expect.stringContaining(message) as string,
              },
            ],
      );
      expect(total(box)).toBe('cpus:4; disk:100; mem:1024');
    }
  });

  it('must not have an id where the agent can not tell of it (ACC-9)', () => {
    const box = offered();
    expect(accept(box, [{ ...reserveDisk, id: 'op1' } as OperationLike])).toEqual(['operation of f1: op1 error']);
    const able = cluster();
    able.agent('a1', 'cpus:4;disk:100', capable);
    able.framework('f1', ['a'], { capabilities: frameworkCapabilities });
    expect(accept(able, [{ ...reserveDisk, id: 'op1' } as OperationLike])).toHaveLength(1);
    expect(total(able)).toContain('DYNAMIC');
  });

  it('its principal signs (RSV-2)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;disk:100');
    box.framework('f1', ['a'], { principal: 'p' });
    expect(accept(box, [reserveDisk])).toEqual([]);
    box.pass(5_000);
    const signed = reserved('cpus', 1, { reservations: [{ type: 'dynamic', role: 'a', principal: 'p' }] });
    expect(accept(box, [{ type: 'reserve', resources: signed }])).toHaveLength(1);
  });
});

describe('a shared volume (SHARE-1, VOL-2)', () => {
  const createShared: OperationLike = { type: 'create', volumes: volume(64, { shared: true }) };
  const use = (...ids: string[]): OperationLike => ({
    type: 'launch',
    tasks: ids.map((id) => ({ ...task(id, ''), resources: ['cpus:1', volume(64, { shared: true })] })),
  });

  it('is used by more tasks than there were copies, and offered while it is', () => {
    const box = offered();
    expect(accept(box, [reserveDisk, createShared, use('t1', 't2')], 0).slice(2)).toEqual([
      'a1: launch t1 of f1',
      'a1: launch t2 of f1',
    ]);
    expect(total(box)).toContain('[v1:data]<SHARED>:64');
    box.framework('f2', ['a'], { capabilities: frameworkCapabilities });
    box.pass(1_000);
    const [offer] = offers(box.state);
    expect(String(offer?.resources)).toContain('<SHARED>');
    expect(String(box.state.allocator.shares.nodes.get('a')?.allocated)).toBe('cpus:4; disk:100; mem:1024');
  });

  it('goes back copy by copy, and stays with the agent', () => {
    const box = offered();
    accept(box, [reserveDisk, createShared, use('t1', 't2')], 600);
    box.status('a1', 'f1', 't1', 'finished');
    expect(String(box.state.allocator.shares.nodes.get('a')?.allocated)).toContain('disk:64');
    box.status('a1', 'f1', 't2', 'failed');
    expect(box.state.allocator.shares.nodes.get('a')?.allocated.names).toEqual([]);
    expect(total(box)).toContain('<SHARED>');
  });

  it('is not destroyed while a task uses it; else offers of it are taken back (VOL-2)', () => {
    const box = offered();
    accept(box, [reserveDisk, createShared, use('t1')], 0);
    box.framework('f2', ['a'], { capabilities: frameworkCapabilities });
    box.pass(1_000);
    const destroy: OperationLike = { type: 'destroy', volumes: volume(64, { shared: true }) };
    const holder = offers(box.state)[0]?.framework ?? '';
    const mine = (): string[] => box.offersOf(holder).map(({ id }) => id);
    expect(box.accept(holder, mine(), [destroy], { refuseSeconds: 600 })).toEqual([]);
    expect(total(box)).toContain('<SHARED>');

    box.status('a1', 'f1', 't1', 'finished');
    box.send({ type: 'revive', framework: holder, connection: `c-${holder}` });
    box.run();
    const before = offers(box.state).filter(({ resources }) => String(resources).includes('<SHARED>'));
    expect(before.length).toBeGreaterThan(0);
    const [first] = before;
    const said = box.accept(first?.framework ?? '', [first?.id ?? ''], [destroy], { refuseSeconds: 600 });
    expect(said.filter((line) => line.startsWith('rescind'))).toHaveLength(before.length - 1);
    expect(total(box)).not.toContain('<SHARED>');
    expect(violation(box.state)).toBeUndefined();
  });
});

describe('the sums of a state (I8)', () => {
  it('count a shared volume once a role and agent: a state that counts it twice is found out', () => {
    const box = offered();
    const shared: OperationLike = { type: 'create', volumes: volume(64, { shared: true }) };
    accept(box, [reserveDisk, shared], 0);
    box.pass(1_000);
    expect(violation(box.state)).toBeUndefined();
    const { allocator } = box.state;
    const row = allocator.shares.nodes.get('a');
    if (row === undefined) throw new Error('no role a');
    const twice = { ...row, allocated: quantitiesAdd(row.allocated, quantities('disk:64')) };
    const shares = { ...allocator.shares, nodes: allocator.shares.nodes.set('a', twice) };
    const broken = { ...box.state, allocator: { ...allocator, shares } };
    expect(violation(broken)?.rule).toBe('I8');
  });
});
