import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activateClient,
  addClient,
  assetFairness,
  createSorter,
  drf,
  emptyShareTree,
  fifo,
  openOrder,
  priority,
  roundRobin,
  setPriority,
  trackAllocated,
  unitExponential,
  weightedRandom,
  type Order,
  type OrderRule,
  type ShareTree,
} from '../../src/drf/index.js';
import { amount, hashText, names, noQuantities, quantities, quantitiesContains } from '../../src/resources/index.js';
import { apply, crowdedHistories, smallAmounts } from './histories.js';

const rules: readonly OrderRule[] = [drf, roundRobin, weightedRandom, priority, fifo, assetFairness];
const one = quantities('cpus:1');

const active = (...clients: readonly string[]): ShareTree =>
  clients.reduce((tree, path) => activateClient(addClient(tree, path), path), emptyShareTree);

function open(tree: ShareTree, rule: OrderRule, total = quantities('cpus:100;mem:100')): Order {
  const draw = (path: string): number => unitExponential(tree.clock, hashText(path));
  return openOrder({ tree, total, rule, exclude: new Set(), now: 0, draw });
}

const firstOf = (order: Order): string => {
  const [first = ''] = order.leaves();
  return first;
};

/** Who is served by so many grants. */
function serve(order: Order, grants: number): string[] {
  return Array.from({ length: grants }, () => {
    const first = firstOf(order);
    order.allocated(first, one);
    return first;
  });
}

interface User {
  readonly demand: string;
  readonly weight?: number;
}

/** Gives one task at a time to the first that has room for one; how many each got. */
function fill(rule: OrderRule, pool: string, users: Readonly<Record<string, User>>): Readonly<Record<string, number>> {
  const sorter = createSorter({ rule });
  sorter.addAgent('all', pool);
  for (const [name, { weight = 1 }] of Object.entries(users)) {
    sorter.add(name);
    sorter.activate(name);
    sorter.updateWeight(name, weight);
  }
  const tasks = Object.fromEntries(Object.keys(users).map((name) => [name, 0]));
  const fits = (name: string): boolean => {
    const more = quantities(users[name]?.demand ?? '');
    const used = sorter.allocationQuantities();
    return names(more).every((of) => amount(used, of) + amount(more, of) <= amount(quantities(pool), of));
  };
  for (let next = sorter.sort().find(fits); next !== undefined; next = sorter.sort().find(fits)) {
    sorter.allocated(next, 'all', users[next]?.demand ?? '');
    tasks[next] = (tasks[next] ?? 0) + 1;
  }
  return tasks;
}

describe.each(rules.map((rule) => [rule.name, rule] as const))('the rule %s', (_, rule) => {
  it('orders every active client once, whatever happened before and in the run', () => {
    const grants = fc.array(fc.tuple(fc.nat(), smallAmounts), { maxLength: 10 });
    fc.assert(
      fc.property(crowdedHistories, grants, (history, list) => {
        const tree = history.reduce((before, operation) => apply(before, operation), emptyShareTree);
        const clients = [...open(tree, drf).leaves()].toSorted();
        const order = open(tree, rule, quantities('cpus:20;mem:20;gpus:3'));
        for (const [pick, amounts] of list) {
          const leaves = [...order.leaves()];
          expect(leaves.toSorted()).toEqual(clients);
          if (leaves.length > 0) order.allocated(leaves[pick % leaves.length] ?? '', amounts);
        }
        expect([...order.leaves()].toSorted()).toEqual(clients);
      }),
    );
  });

  it('gives a number for an empty pool and for clients without anything', () => {
    for (const total of [noQuantities, quantities('mem:5')]) {
      expect([...open(active('a', 'b/c', 'b'), rule, total).leaves()]).toHaveLength(3);
    }
  });

  it('can not be changed, and has a name in kebab-case', () => {
    expect(Object.isFrozen(rule)).toBe(true);
    expect(rule.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});

describe('weightedRandom (SORT-12)', () => {
  const weights = { a: 1, b: 2, c: 5, d: 0.5 };
  const sorterOf = (seed?: number): ReturnType<typeof createSorter> => {
    const sorter = createSorter(seed === undefined ? { rule: weightedRandom } : { rule: weightedRandom, seed });
    for (const [name, weight] of Object.entries(weights)) {
      sorter.add(name);
      sorter.activate(name);
      sorter.updateWeight(name, weight);
    }
    return sorter;
  };
  const orders = (sorter: ReturnType<typeof createSorter>, count: number): string[] =>
    Array.from({ length: count }, () => sorter.sort().join(''));

  it('puts each client first with a chance proportional to its weight', () => {
    const sorted = orders(sorterOf(), 8_500);
    for (const [name, weight] of Object.entries(weights)) {
      const part = sorted.filter((order) => order.startsWith(name)).length / sorted.length;
      expect(Math.abs(part - weight / 8.5), name).toBeLessThan(0.02);
    }
  });

  it('is shuffled anew at every sort, by the seed', () => {
    expect(new Set(orders(sorterOf(), 100)).size).toBeGreaterThan(10);
    expect(orders(sorterOf(3), 50)).toEqual(orders(sorterOf(3), 50));
    expect(orders(sorterOf(1), 50)).toEqual(orders(sorterOf(), 50));
    expect(orders(sorterOf(4), 50)).not.toEqual(orders(sorterOf(3), 50));
  });

  it('leaves out who is not active: neither sorted nor weighed', () => {
    const sorter = sorterOf();
    for (const name of ['b', 'c', 'd']) sorter.deactivate(name);
    sorter.add('x/y/z');
    sorter.activate('x/y/z');
    sorter.updateWeight('x/y', 7);
    const sorted = orders(sorter, 2_000);
    const part = sorted.filter((order) => order === 'ax/y/z').length / sorted.length;
    expect(Math.abs(part - 1 / 2)).toBeLessThan(0.04);
    expect(new Set(sorted)).toEqual(new Set(['ax/y/z', 'x/y/za']));
  });

  it('does not ask what anybody holds', () => {
    const [poor, rich] = [sorterOf(), sorterOf()];
    rich.addAgent('g', 'cpus:10');
    rich.allocated('c', 'g', 'cpus:9');
    expect(orders(rich, 50)).toEqual(orders(poor, 50));
  });

  it('takes the draws of its host instead, if there are any', () => {
    const draws = new Map([
      ['a', 4],
      ['b', 6],
      ['c', 5],
    ]);
    const sorter = createSorter({ rule: weightedRandom, draw: (path) => draws.get(path) ?? 0 });
    for (const name of draws.keys()) {
      sorter.add(name);
      sorter.activate(name);
    }
    sorter.updateWeight('b', 2);
    expect(sorter.sort()).toEqual(['b', 'a', 'c']);
  });
});

describe('the seed of a sorter', () => {
  it.each([0.5, Number.NaN, Infinity])('is not %s', (seed) => {
    expect(() => createSorter({ seed })).toThrow(expect.objectContaining({ code: 'bad-number', path: 'seed' }));
  });
});

describe('fifo', () => {
  it('goes by when each came, also down the tree', () => {
    expect([...open(active('c', 'a', 'b'), fifo).leaves()]).toEqual(['c', 'a', 'b']);
    expect([...open(active('b/x', 'a', 'b/a', 'b'), fifo).leaves()]).toEqual(['b/x', 'b/a', 'b', 'a']);
  });

  it('stays as it is, whatever is granted', () => {
    const grants = fc.array(fc.tuple(fc.nat(), smallAmounts), { maxLength: 10 });
    fc.assert(
      fc.property(crowdedHistories, grants, (history, list) => {
        const tree = history.reduce((before, operation) => apply(before, operation), emptyShareTree);
        const order = open(tree, fifo);
        const before = [...order.leaves()];
        for (const [pick, amounts] of before.length === 0 ? [] : list) {
          order.allocated(before[pick % before.length] ?? '', amounts);
        }
        expect([...order.leaves()]).toEqual(before);
        expect([...open(order.commit(), fifo).leaves()]).toEqual(before);
      }),
    );
  });

  it('gives everything to the first until it has enough', () => {
    expect(fill(fifo, 'cpus:9;mem:18', { late: { demand: 'cpus:1' }, later: { demand: 'cpus:1' } })).toEqual({
      late: 9,
      later: 0,
    });
    expect(fill(fifo, 'cpus:9;mem:18', { a: { demand: 'cpus:1;mem:4' }, b: { demand: 'cpus:3;mem:1' } })).toEqual({
      a: 4,
      b: 1,
    });
  });
});

describe('priority', () => {
  const withPriorities = (priorities: Readonly<Record<string, number>>): ShareTree =>
    Object.entries(priorities).reduce(
      (tree, [path, n]) => setPriority(tree, path, n),
      active(...Object.keys(priorities)),
    );

  it('is strict while nobody has waited for a hundred grants', () => {
    expect([...open(withPriorities({ a: 0, b: 2, c: 1, d: -1 }), priority).leaves()]).toEqual(['b', 'c', 'a', 'd']);
    const order = open(withPriorities({ low: 0, high: 1 }), priority);
    expect(new Set(serve(order, 99))).toEqual(new Set(['high']));
    expect(serve(order, 2)).toContain('low');
  });

  it('goes round among equals, who waited longest first', () => {
    expect(serve(open(withPriorities({ a: 3, b: 3, c: 3 }), priority), 7)).toEqual([...'abcabca']);
  });

  it('takes a newcomer for one that has just been served, and not for one that never was', () => {
    let tree = withPriorities({ a: 0, b: 0 });
    for (const path of ['a', 'b', 'a', 'b']) tree = trackAllocated(tree, path, one);
    tree = activateClient(addClient(tree, 'new'), 'new');
    expect(serve(open(tree, priority), 6)).toEqual(['a', 'b', 'new', 'a', 'b', 'new']);
  });

  it('weighs priorities of roles on each level', () => {
    const tree = ['a/x', 'a/y', 'b'].reduce(
      (before, path, n) => setPriority(before, path, n),
      active('a/x', 'a/y', 'b'),
    );
    expect([...open(tree, priority).leaves()]).toEqual(['b', 'a/y', 'a/x']);
    expect([...open(setPriority(tree, 'a', 3), priority).leaves()]).toEqual(['a/y', 'a/x', 'b']);
  });

  it('gives one of priority 0 about one grant in a hundred beside one of priority 1', () => {
    const served = serve(open(withPriorities({ low: 0, high: 1 }), priority), 10_100);
    const low = served.filter((name) => name === 'low').length;
    expect(low).toBeGreaterThan(95);
    expect(low).toBeLessThan(105);
  });

  it('starves nobody: of n, one lower by d is served by the (100 d + n)-th grant', () => {
    const priorities = fc.array(fc.integer({ min: -4, max: 12 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(priorities, fc.boolean(), (list, halves) => {
        const scaled = list.map((n) => n / (halves ? 8 : 4));
        const byName = Object.fromEntries(scaled.map((n, i) => [`c${i}`, n]));
        const highest = Math.max(...scaled);
        const order = open(withPriorities(byName), priority);
        const waited = new Map(Object.keys(byName).map((name) => [name, 0]));
        for (const name of serve(order, 1_200)) {
          for (const [other, grants] of waited) {
            expect(grants + 1).toBeLessThanOrEqual(100 * (highest - (byName[other] ?? 0)) + scaled.length);
            waited.set(other, other === name ? 0 : grants + 1);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('assetFairness', () => {
  /** The examples of Ghodsi et al., NSDI 2011, in whole tasks. */
  const examples: readonly [string, string, string, string, number, number][] = [
    ['§5.1: a dollar a GB and two a core', 'cpus:9;mem:18', 'cpus:1;mem:4', 'cpus:3;mem:1', 3, 2],
    ['§6.1: B has less than half of both', 'cpus:30;mem:30', 'cpus:1;mem:3', 'cpus:1;mem:1', 6, 12],
    ['§6.1: both lack cpus, A has 3/7 of them', 'cpus:21;mem:21', 'cpus:3;mem:2', 'cpus:4;mem:1', 3, 3],
    ['§6.1: before', 'cpus:154;mem:154', 'cpus:4;mem:2', 'cpus:1;mem:1', 22, 66],
    ['§6.1: more mem, and A has less', 'cpus:154;mem:308', 'cpus:4;mem:2', 'cpus:1;mem:1', 21, 70],
  ];
  it.each(examples)('divides as in the paper, %s', (_, pool, a, b, tasksOfA, tasksOfB) => {
    expect(fill(assetFairness, pool, { a: { demand: a }, b: { demand: b } })).toEqual({ a: tasksOfA, b: tasksOfB });
  });

  it('divides by weight', () => {
    const demand = 'cpus:1;mem:1';
    expect(
      fill(assetFairness, 'cpus:60;mem:90', { a: { demand }, b: { demand, weight: 2 }, c: { demand, weight: 3 } }),
    ).toEqual({ a: 10, b: 20, c: 30 });
  });

  it('adds up what drf takes the largest of', () => {
    let tree = active('both', 'much');
    tree = trackAllocated(tree, 'both', quantities('cpus:30;mem:30;gold:9'));
    tree = trackAllocated(tree, 'much', quantities('cpus:50'));
    expect([...open(tree, drf).leaves()]).toEqual(['both', 'much']);
    expect([...open(tree, assetFairness).leaves()]).toEqual(['much', 'both']);
    expect(assetFairness.rank(open(tree, assetFairness).client('both'))).toBeCloseTo(0.6);
  });

  it('leaves nobody with more than one task above the others, when all ask for the same', () => {
    const demands = fc.record({ cpus: fc.integer({ min: 1, max: 3 }), mem: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(demands, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 20 }), (amounts, n, pool) => {
        const demand = `cpus:${amounts.cpus};mem:${amounts.mem}`;
        const users = Object.fromEntries(Array.from({ length: n }, (_, i) => [`u${i}`, { demand }]));
        const tasks = Object.values(fill(assetFairness, `cpus:${pool};mem:${pool}`, users));
        expect(Math.max(...tasks) - Math.min(...tasks)).toBeLessThanOrEqual(1);
        const used = tasks.reduce((sum, count) => sum + count, 1) * amounts.cpus;
        const memory = tasks.reduce((sum, count) => sum + count, 1) * amounts.mem;
        expect(quantitiesContains(quantities({ cpus: pool, mem: pool }), quantities({ cpus: used, mem: memory }))).toBe(
          false,
        );
      }),
    );
  });
});
