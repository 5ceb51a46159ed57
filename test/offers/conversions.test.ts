import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientNode, type ShareTree } from '../../src/drf/index.js';
import type { AllocatorState, Holding } from '../../src/offers/index.js';
import {
  add,
  conversionsOf,
  equals,
  hasShared,
  noResources,
  nonShared,
  quantitiesFromScalarResources,
  resources,
  subtract,
  type Conversion,
  type ResourceInput,
  type ResourceOperation,
  type Resources,
  type ResourcesLike,
} from '../../src/resources/index.js';
import { frameworkCapabilities } from '../../src/tasks/index.js';
import { allocator, type Box } from './harness.js';

const capable = { capabilities: frameworkCapabilities };
const reservedCpus: ResourceInput = { name: 'cpus', value: 1, reservations: [{ type: 'dynamic', role: 'a' }] };
const sharedVolume: ResourceInput = { name: 'disk', value: 5, role: 'a', disk: { id: 'v1' }, shared: true };

function convert(
  box: Box,
  offered: ResourcesLike,
  conversions: readonly Conversion[],
  framework = 'f1',
): readonly unknown[] {
  const key = { framework, agent: 'a1', role: 'a' };
  return box.send({ type: 'update-allocation', ...key, offered: resources(offered), conversions });
}

function operate(box: Box, offered: ResourcesLike, operation: ResourceOperation): readonly unknown[] {
  return convert(box, offered, conversionsOf(operation));
}

function operateFree(box: Box, operation: ResourceOperation): readonly unknown[] {
  return box.send({ type: 'update-available', agent: 'a1', conversions: conversionsOf(operation) });
}

function total(box: Box): string {
  return String(box.state.agents.get('a1')?.total);
}

function held(box: Box, framework = 'f1'): string {
  return String(box.state.agents.get('a1')?.held.find((holding) => holding.framework === framework)?.resources);
}

/** One agent, all of it offered to one framework. */
function offered(text = 'cpus:4;mem:64;disk(a):9'): Box {
  const box = allocator();
  box.agent('a1', text);
  box.framework('f1', ['a'], capable);
  box.run();
  return box;
}

describe('an operation on what is held (ALLOC-12)', () => {
  it('changes what the framework holds, and the total of the agent', () => {
    const box = offered();
    const before = box.state;
    expect(operate(box, 'cpus:4', { type: 'reserve', resources: reservedCpus })).toEqual([]);
    expect(held(box)).toBe('cpus:3; cpus(reservations: [(DYNAMIC,a)]):1; disk(reservations: [(STATIC,a)]):9; mem:64');
    expect(total(box)).toBe(held(box));
    expect(box.state.total).toEqual(before.total);
    expect(String(box.state.reserved.get('a'))).toBe('cpus:1; disk:9');
    // What counts for order stays as it was: amounts, and how often something was given (SORT-2).
    expect(box.state.shares.nodes.entries()).toEqual(before.shares.nodes.entries());
  });

  it('asks for no run', () => {
    const box = offered();
    operate(box, 'cpus:4', { type: 'reserve', resources: reservedCpus });
    expect(box.pass(60_000)).toEqual([]);
  });

  it('loses amounts only where a conversion says so', () => {
    const box = offered();
    convert(box, 'mem:64', [{ consumed: resources('mem:64'), converted: noResources }]);
    expect(total(box)).toBe('cpus:4; disk(reservations: [(STATIC,a)]):9');
    expect(String(box.state.total)).toBe('cpus:4; disk:9');
    expect(String(box.state.shares.nodes.get('a')?.allocated)).toBe('cpus:4; disk:9');
  });

  it('adds copies of something shared to what is held, not to the agent', () => {
    const box = offered();
    operate(box, 'disk(a):9', { type: 'create', volumes: sharedVolume });
    convert(box, '', [{ consumed: noResources, converted: resources({ ...sharedVolume, shared: 2 }) }]);
    expect(box.state.agents.get('a1')?.held[0]?.resources.items.find((item) => item.shared)?.shared).toBe(3);
    expect(box.state.agents.get('a1')?.total.items.find((item) => item.shared)?.shared).toBe(1);
    expect(String(box.state.shares.nodes.get('a')?.allocated)).toBe('cpus:4; disk:9; mem:64');
  });

  it.each<[string, ResourcesLike, Conversion[], string]>([
    ['what is not held', 'cpus:5', [], 'does not hold'],
    [
      'what the part does not have',
      'cpus:4',
      [{ consumed: resources('mem:1'), converted: noResources }],
      'not contain',
    ],
  ])('is refused for %s, and changes nothing', (_, part, conversions, message) => {
    const box = offered();
    const before = box.state;
    expect(convert(box, part, conversions)).toMatchObject([
      { type: 'refused', problem: { message: expect.stringContaining(message) as string } },
    ]);
    expect({ ...box.state, seq: before.seq }).toEqual(before);
  });

  it('is refused for an agent that is not there', () => {
    const update = { framework: 'f1', agent: 'gone', role: 'a', offered: noResources, conversions: [] };
    expect(offered().send({ type: 'update-allocation', ...update })).toMatchObject([
      { problem: { code: 'unknown-agent' } },
    ]);
  });
});

describe('an operation on what nobody holds (ALLOC-13)', () => {
  const reserve: ResourceOperation = { type: 'reserve', resources: reservedCpus };

  it('changes the agent, and is offered in the next batch', () => {
    const box = allocator();
    box.agent('a1', 'cpus:2;mem:64');
    box.framework('f1', ['b']);
    box.giveBack(box.run(), 600);
    expect(operateFree(box, reserve)).toEqual([]);
    box.framework('f2', ['a']);
    expect(box.run().toSorted()).toEqual(['f2 a1 as a cpus:1; cpus(reservations: [(DYNAMIC,a)]):1; mem:64']);
  });

  it('waits for a batch', () => {
    const box = allocator();
    box.agent('a1', 'cpus:2;mem:64');
    box.framework('f1', ['a'], { minAllocatable: [] });
    box.giveBack(box.run(), 600);
    box.pass(5_000);
    operateFree(box, reserve);
    expect(box.run()).toEqual([]);
    // Nothing in it is more than was refused, but for the reservation (FILT-1).
    expect(box.pass(1_000)).toEqual(['6000: f1 a1 as a cpus:1; cpus(reservations: [(DYNAMIC,a)]):1; mem:64']);
  });

  it('is refused when somebody holds it', () => {
    expect(operateFree(offered(), reserve)).toMatchObject([{ type: 'refused', problem: { code: 'not-available' } }]);
  });

  it('takes nothing shared from under those who use it', () => {
    const box = offered();
    operate(box, 'disk(a):9', { type: 'create', volumes: sharedVolume });
    const destroy: ResourceOperation = { type: 'destroy', volumes: sharedVolume };
    expect(operateFree(box, destroy)).toMatchObject([{ problem: { code: 'not-available' } }]);
    box.recover('f1', 'a1', 'a', 'cpus:4');
    const [volume] = box.state.agents.get('a1')?.held[0]?.resources.items.filter((item) => item.shared) ?? [];
    if (volume === undefined) throw new Error('no volume');
    const key = { framework: 'f1', agent: 'a1', role: 'a' };
    box.send({ type: 'recover', ...key, resources: resources(volume) });
    expect(operateFree(box, destroy)).toEqual([]);
    expect(total(box)).toBe('cpus:4; disk(reservations: [(STATIC,a)]):9; mem:64');
  });
});

describe('who is offered what is reserved (RES-21, ALLOC-21, RSV-4)', () => {
  const refined: ResourceInput = {
    name: 'cpus',
    value: 1,
    reservations: [
      { type: 'static', role: 'a' },
      { type: 'dynamic', role: 'a/b' },
    ],
  };
  it.each<[string, ResourcesLike, string, boolean, boolean]>([
    ['its own role', 'cpus(a):1', 'a', false, true],
    ['a role below', 'cpus(a):1', 'a/b', false, true],
    ['a role far below', 'cpus(a):1', 'a/b/c', false, true],
    ['the role above: no', 'cpus(a/b):1', 'a', true, false],
    ['a sibling: no', 'cpus(a/b):1', 'a/c', true, false],
    ['a name that only begins alike: no', 'cpus(a):1', 'ab', true, false],
    ['everybody: no', 'cpus(a):1', '*', true, false],
    ['a refinement, to who understands it', refined, 'a/b', true, true],
    ['and to nobody else', refined, 'a/b', false, false],
  ])('%s', (_, agent, role, refinement, isOffered) => {
    const box = allocator();
    box.send({ type: 'add-agent', agent: 'a1', total: resources(agent) });
    box.framework('f1', [role], {
      capabilities: ['multi-role', ...(refinement ? (['reservation-refinement'] as const) : [])],
    });
    expect(box.run().length > 0).toBe(isOffered);
  });
});

describe('something shared (ALLOC-10, SORT-9, SHARE-1, SHARE-2)', () => {
  /** A volume of role `a`, free, with plain resources beside it. */
  function withVolume(more: string, ...roles: string[]): Box {
    const box = allocator({ minAllocatable: [] });
    const agent = resources([more, sharedVolume]);
    box.send({ type: 'add-agent', agent: 'a1', total: agent });
    for (const [index, role] of roles.entries()) box.framework(`f${index + 1}`, [role], capable);
    return box;
  }
  const withVolumes = (grants: readonly string[]): number =>
    grants.filter((grant) => grant.includes('<SHARED>')).length;

  it('is offered once a run and agent, and again in the next', () => {
    const box = withVolume('cpus:2', 'a', 'a');
    expect(withVolumes(box.run())).toBe(1);
    expect(withVolumes(box.run('all'))).toBe(1);
    expect(hasShared(box.state.agents.get('a1')?.free ?? noResources)).toBe(true);
  });

  it('is not offered to who does not understand it', () => {
    const box = withVolume('cpus:2');
    box.framework('f1', ['a']);
    expect(box.run()).toEqual(['f1 a1 as a cpus:2']);
  });

  it('counts once for a framework, its role and the roles above', () => {
    const box = withVolume('cpus:2', 'a/x', 'a/y', 'a/y');
    box.run();
    for (let n = 0; n < 5; n += 1) box.run('all');
    const rows = box.state.shares.nodes;
    for (const path of ['', 'a', 'a/x', 'a/y']) expect(rows.get(path)?.allocated.toString()).toContain('disk:5');
    expect(String(box.stats.offeredOrAllocated)).toBe('cpus:2; disk:5');
  });

  it('leaves the sums with its last copy', () => {
    const box = withVolume('cpus:2', 'a', 'a');
    for (let n = 0; n < 4; n += 1) box.run('all');
    const copy = resources(sharedVolume);
    const give = (framework: string): void => {
      box.send({ type: 'recover', framework, agent: 'a1', role: 'a', resources: copy });
    };
    const sum = (): string => String(box.state.shares.nodes.get('a')?.allocated);
    for (const framework of ['f1', 'f1', 'f1', 'f2', 'f2']) give(framework);
    expect(sum()).toBe(
      box.state.agents.get('a1')?.held.some(({ resources: own }) => hasShared(own)) ? 'cpus:2; disk:5' : 'cpus:2',
    );
    for (const framework of ['f1', 'f2']) give(framework);
    expect(sum()).toBe('cpus:2');
  });

  it('is counted for a framework that comes to be known later (ALLOC-17)', () => {
    const box = allocator();
    const used = ['f1', 'f2'].map((framework) => ({ framework, role: 'a', resources: resources(sharedVolume) }));
    box.send({ type: 'add-agent', agent: 'a1', total: resources(['cpus:1', sharedVolume]), used });
    box.framework('f1', ['a'], { ...capable, active: false });
    box.framework('f2', ['a'], { ...capable, active: false });
    expect(String(box.state.shares.nodes.get('a')?.allocated)).toBe('disk:5');
    box.send({ type: 'remove-framework', framework: 'f1' });
    expect(String(box.state.shares.nodes.get('a')?.allocated)).toBe('disk:5');
  });
});

describe('in whatever sequence', () => {
  const step = fc.record({ kind: fc.nat(9), who: fc.nat(), what: fc.nat(), how: fc.nat() });

  it('no thousandth is lost, and all sums are those of what is held', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const box = allocator({ minAllocatable: [] });
        box.agent('a1', 'cpus:4;mem:64.001;disk(a):99.999');
        box.agent('a2', 'cpus:2;disk(a):10;ports:[1-9]');
        for (const [id, role] of [
          ['f1', 'a'],
          ['f2', 'a'],
          ['f3', 'a/b'],
        ] as const) {
          box.framework(id, [role], capable);
        }
        const before = box.state.total;
        for (const one of steps) {
          perform(box, one);
          expect(box.state.total).toEqual(before);
          expectTrueSums(box.state);
        }
      }),
    );
  });
});

function perform(box: Box, { kind, who, what, how }: { kind: number; who: number; what: number; how: number }): void {
  if (kind < 2) {
    box.run('all');
    return;
  }
  const agents = box.state.agents.values();
  const agent = agents[who % agents.length];
  if (agent === undefined) return;
  const holding = agent.held[what % Math.max(agent.held.length, 1)];
  const source = kind < 7 ? holding?.resources : agent.free;
  const item = source?.items[how % Math.max(source.items.length, 1)];
  if (item === undefined) return;
  const one = { ...item, ...(item.shared === undefined ? {} : { shared: 1 }) };
  if (kind < 4) {
    if (holding !== undefined) box.send({ type: 'recover', agent: agent.id, ...holding, resources: resources(one) });
    return;
  }
  const operation = somethingWith(one, how);
  const conversions = operation === undefined ? [] : conversionsOf(operation);
  if (kind >= 7) box.send({ type: 'update-available', agent: agent.id, conversions });
  else if (holding !== undefined) {
    const more = kind === 6 && item.shared !== undefined ? [{ consumed: noResources, converted: resources(one) }] : [];
    const key = { agent: agent.id, framework: holding.framework, role: holding.role };
    box.send({ type: 'update-allocation', ...key, offered: resources(item), conversions: [...conversions, ...more] });
  }
}

function somethingWith(item: Resources['items'][number], how: number): ResourceOperation | undefined {
  if (item.disk !== undefined) return { type: 'destroy', volumes: item };
  if (item.reservations.at(-1)?.type === 'dynamic') return { type: 'unreserve', resources: item };
  if (item.reservations.length === 0)
    return { type: 'reserve', resources: { ...item, reservations: [{ type: 'dynamic', role: 'a' }] } };
  if (item.name !== 'disk') return undefined;
  return {
    type: 'create',
    volumes: { ...item, disk: { id: `v${how}`, path: 'p' }, ...(how % 2 === 0 && { shared: 1 }) },
  };
}

/** Recomputed from what agents hold, with something shared counted once an agent in every row. */
function expectTrueSums(state: AllocatorState): void {
  for (const agent of state.agents.values()) {
    const left = agent.held.reduce(
      (rest, { resources: own }) => subtract(rest, nonShared(own)),
      nonShared(agent.total),
    );
    expect(equals(nonShared(agent.free), left)).toBe(true);
  }
  const rows = (tree: ShareTree, counts: (holding: Holding, row: string) => boolean): void => {
    for (const { path, allocated } of tree.nodes.values()) {
      const sums = state.agents.values().map((agent) => {
        const own = agent.held.filter((holding) => counts(holding, path));
        return quantitiesFromScalarResources(own.reduce((sum, one) => add(sum, one.resources), noResources));
      });
      const names = new Set([...allocated.names, ...sums.flatMap((sum) => sum.names)]);
      for (const name of names) {
        const sum = sums.reduce((milli, one) => milli + (one.millis[one.names.indexOf(name)] ?? 0), 0);
        expect([path, name, allocated.millis[allocated.names.indexOf(name)] ?? 0]).toEqual([path, name, sum]);
      }
    }
  };
  rows(state.shares, ({ role }, row) => {
    if (row.endsWith('/.')) return role === row.slice(0, -2);
    return row === '' || role === row || role.startsWith(`${row}/`);
  });
  for (const [role, tree] of state.clients.entries()) {
    rows(
      tree,
      (holding, row) => holding.role === role && (row === '' || clientNode(tree, row)?.path === holding.framework),
    );
  }
}
