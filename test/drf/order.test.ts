import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  PolicyError,
  activateClient,
  addClient,
  assetFairness,
  deactivateClient,
  drf,
  emptyShareTree,
  fifo,
  openOrder,
  priority,
  roundRobin,
  setPriority,
  setWeight,
  trackAllocated,
  unitExponential,
  weightOf,
  weightedRandom,
  type Client,
  type Order,
  type OrderOptions,
  type OrderRule,
  type ShareTree,
} from '../../src/drf/index.js';
import { RunOrder } from '../../src/drf/order.js';
import { precedes } from '../../src/drf/ranking.js';
import { clientOf, countColumn, makeScratch, rankColumn } from '../../src/drf/scratch.js';
import { Edit, hashText, quantities } from '../../src/resources/index.js';
import { apply, crowdedHistories, smallAmounts, type Operation } from './histories.js';
import { Model, plainRows } from './model.js';

const noNames: ReadonlySet<string> = new Set();
const pool = quantities('cpus:100;mem:100');

function open(tree: ShareTree, options: Partial<OrderOptions> = {}): Order {
  return openOrder({ tree, total: pool, rule: drf, exclude: noNames, now: 0, draw: () => 1, ...options });
}

const leaves = (order: Order): string[] => [...order.leaves()];

const active = (...clients: readonly string[]): ShareTree =>
  clients.reduce((tree, path) => activateClient(addClient(tree, path), path), emptyShareTree);

const give = (tree: ShareTree, path: string, text: string): ShareTree => trackAllocated(tree, path, quantities(text));

const treeOf = (history: readonly Operation[]): ShareTree =>
  history.reduce((tree, operation) => apply(tree, operation), emptyShareTree);

/** Who of a tree is active, for grants. */
const activeClients = (tree: ShareTree): string[] => leaves(open(tree));

describe('an order', () => {
  it('sorts siblings by share, then count, then path (SORT-2)', () => {
    let tree = active('e', 'd', 'c', 'b', 'a');
    tree = give(give(give(tree, 'a', 'cpus:3'), 'b', 'cpus:3'), 'c', 'cpus:1');
    tree = give(give(give(tree, 'd', 'cpus:2'), 'd', 'cpus:1'), 'e', 'cpus:3');
    expect(leaves(open(tree))).toEqual(['c', 'a', 'b', 'e', 'd']);
  });

  it('compares paths byte by byte, a virtual leaf by its own path (SORT-6)', () => {
    expect(leaves(open(active('a', 'a/-', 'a/*', 'a/0', 'a/b')))).toEqual(['a/*', 'a/-', 'a', 'a/0', 'a/b']);
    expect(leaves(open(active('\u{1F600}', '\uFF5E', 'z')))).toEqual(['z', '\uFF5E', '\u{1F600}']);
  });

  it('sorts siblings by what their subtrees hold, inactive clients included (SORT-5, SORT-7)', () => {
    let tree = active('a/x', 'a/y', 'b');
    tree = give(give(tree, 'a/x', 'cpus:4'), 'b', 'cpus:3');
    expect(leaves(open(tree))).toEqual(['b', 'a/y', 'a/x']);
    expect(leaves(open(deactivateClient(tree, 'a/x')))).toEqual(['b', 'a/y']);
  });

  it('heeds the weight of a node without a client at once (semantics, quirk 2)', () => {
    let tree = give(give(active('a/x', 'b/x'), 'a/x', 'cpus:4'), 'b/x', 'cpus:3');
    expect(leaves(open(tree))).toEqual(['b/x', 'a/x']);
    tree = setWeight(tree, 'a', weightOf(2));
    expect(leaves(open(tree))).toEqual(['a/x', 'b/x']);
  });

  it('falls back to count and path without a total (SORT-11)', () => {
    const tree = give(active('b', 'a', 'c'), 'a', 'cpus:9');
    expect(leaves(open(tree, { total: quantities('') }))).toEqual(['b', 'c', 'a']);
    expect(leaves(open(tree, { exclude: new Set(['cpus', 'mem']) }))).toEqual(['b', 'c', 'a']);
  });

  it('moves whoever was granted something, with the nodes above it', () => {
    const order = open(active('a/x', 'a/y', 'b', 'c'));
    expect(leaves(order)).toEqual(['a/x', 'a/y', 'b', 'c']);
    order.allocated('a/x', quantities('cpus:2'));
    expect(leaves(order)).toEqual(['b', 'c', 'a/y', 'a/x']);
    order.allocated('b', quantities('cpus:3'));
    expect(leaves(order)).toEqual(['c', 'a/y', 'a/x', 'b']);
    order.allocated('c', quantities(''));
    expect(leaves(order)).toEqual(['c', 'a/y', 'a/x', 'b']);
  });

  it('stays as it is when somebody who takes no offers is granted something', () => {
    const tree = deactivateClient(active('a', 'b', 'c'), 'a');
    const order = open(tree);
    expect(leaves(order)).toEqual(['b', 'c']);
    order.allocated('a', quantities('cpus:1'));
    expect(leaves(order)).toEqual(['b', 'c']);
    expect(order.client('a').dominantShare).toBe(0.01);
  });

  it('shows clients as they are at that moment', () => {
    let tree = setPriority(setWeight(active('a', 'a/b', 'c'), 'a', weightOf(2)), 'c', 5);
    tree = give(tree, 'c', 'cpus:10;gpus:1');
    const order = open(tree, { now: 77, draw: (path) => path.length });
    const before = order.client('c');
    order.allocated('c', quantities('mem:20;gpus:1;zinc:3'));
    expect({ ...before, allocated: String(before.allocated), total: String(before.total) }).toMatchObject({
      path: 'c',
      weight: 1,
      priority: 5,
      count: 1,
      allocated: 'cpus:10; gpus:1',
      total: 'cpus:100; mem:100',
      dominantShare: 0.1,
      since: 3,
      servedAt: 4,
      now: 77,
    });
    expect(before.draw).toBe(1);
    const after = order.client('c');
    expect(String(after.allocated)).toBe('cpus:10; gpus:2; mem:20; zinc:3');
    expect(after).toMatchObject({ count: 2, servedAt: 5, dominantShare: 0.2 });
    // A role with sub-roles is its own leaf, under the path by which that is ranked.
    expect(order.client('a')).toMatchObject({ path: 'a/.', weight: 1 });
    expect(order.client('a').draw).toBe(3);
    expect(open(active('x/y')).client('x')).toMatchObject({ path: 'x', count: 0 });
  });

  it('calls it a bug to name a client that is not there', () => {
    const order = open(active('a/b'));
    const bugs: readonly (() => unknown)[] = [
      () => order.client('b'),
      () => order.allocated('b', quantities('cpus:1')),
      () => order.allocated('a', quantities('cpus:1')),
      () => order.allocated('', quantities('cpus:1')),
    ];
    for (const bug of bugs) expect(bug).toThrow(expect.objectContaining({ code: 'invariant' }));
  });

  it('refuses to be read on after it changed', () => {
    const order = open(active('a', 'b'));
    const iterator = order.leaves()[Symbol.iterator]();
    expect(iterator.next().value).toBe('a');
    order.allocated('a', quantities('cpus:1'));
    expect(() => iterator.next()).toThrow(expect.objectContaining({ code: 'invariant' }));
    expect(leaves(order)).toEqual(['b', 'a']);
  });

  it('notices rows that came without a new roster', () => {
    const tree = active('a', 'b');
    open(tree);
    const forged = { ...tree, nodes: tree.nodes.remove('b') };
    expect(() => open(forged)).toThrow(expect.objectContaining({ code: 'invariant' }));
    const row = tree.nodes.get('b');
    if (row === undefined) throw new Error('no row');
    const renamed = { ...tree, nodes: forged.nodes.set('z', { ...row, path: 'z' }) };
    expect(() => open(renamed)).toThrow(expect.objectContaining({ code: 'invariant' }));
  });

  it('is empty for an empty tree and for one without active clients', () => {
    expect(leaves(open(emptyShareTree))).toEqual([]);
    expect(leaves(open(addClient(addClient(emptyShareTree, 'a'), 'b/c')))).toEqual([]);
    expect(leaves(open(emptyShareTree, { rule: { ...roundRobin, flat: true } }))).toEqual([]);
  });
});

describe('properties of an order', () => {
  const grants = fc.array(fc.tuple(fc.nat(), smallAmounts), { maxLength: 20 });
  const total = fc
    .record({ cpus: fc.integer({ min: 0, max: 30 }), mem: fc.integer({ min: 0, max: 30 }), gpus: fc.nat(9) })
    .map((amounts) => quantities(amounts));
  const exclude = fc.constantFrom(noNames, new Set(['gpus']));

  it('compares rows by a total order', () => {
    fc.assert(
      fc.property(crowdedHistories, total, (history, sum) => {
        const scratch = makeScratch({ ...optionsOf(treeOf(history)), total: sum });
        const slots = scratch.rows.map((_, slot) => slot);
        for (const slot of slots)
          scratch.numbers[slot * scratch.stride + rankColumn] = clientOf(scratch, slot).dominantShare;
        for (const a of slots) {
          expect(precedes(scratch, a, a)).toBe(false);
          for (const b of slots) {
            if (a !== b) expect(precedes(scratch, a, b)).toBe(!precedes(scratch, b, a));
            for (const c of slots) {
              if (precedes(scratch, a, b) && precedes(scratch, b, c)) expect(precedes(scratch, a, c)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is that of a plain sort, level by level', () => {
    fc.assert(
      fc.property(crowdedHistories, total, exclude, (history, sum, names) => {
        const model = new Model();
        let tree = emptyShareTree;
        for (const operation of history) tree = apply(tree, operation, model);
        expect(leaves(open(tree, { total: sum, exclude: names }))).toEqual(model.sort(sum, { exclude: names }));
        const inTurn = model.sort(sum, { rule: roundRobin });
        expect(leaves(open(tree, { total: sum, rule: roundRobin }))).toEqual(inTurn);
      }),
      { numRuns: 300 },
    );
  });

  it('has after each grant the positions of a full sort, and commits what trackAllocated comes to', () => {
    const rules = fc.constantFrom<OrderRule>(
      drf,
      roundRobin,
      priority,
      fifo,
      assetFairness,
      weightedRandom,
      { name: 'slow-drf', rank: (client) => client.dominantShare },
      { name: 'slow-drf-flat', rank: (client) => client.dominantShare, flat: true },
      { name: 'count', rank: (client) => -client.count, changesWith: 'allocation' },
      { name: 'biggest', rank: (client) => -client.dominantShare, changesWith: 'sort' },
      { name: 'youngest', rank: (client) => -client.since, changesWith: 'run' },
    );
    fc.assert(
      fc.property(
        crowdedHistories,
        grants,
        total,
        exclude,
        rules,
        fc.boolean(),
        (history, list, sum, names, rule, peek) => {
          const start = treeOf(history);
          const clients = activeClients(start);
          const options = {
            total: sum,
            exclude: names,
            rule,
            draw: (path: string) => unitExponential(7, hashText(path)),
          };
          const order = open(start, options);
          let tree = start;
          for (const [pick, amounts] of list) {
            if (clients.length === 0) break;
            // Now and then nobody looks, so that grants also fall on groups that were never sorted.
            const ordered = peek ? leaves(order) : clients;
            const path = ordered[pick % ordered.length] ?? '';
            order.allocated(path, amounts);
            tree = trackAllocated(tree, path, amounts);
            if (peek) expect(leaves(order)).toEqual(leaves(open(tree, options)));
          }
          expect(leaves(order)).toEqual(leaves(open(tree, options)));
          for (const edit of [undefined, new Edit()]) {
            const committed = order.commit(edit);
            expect(plainRows(committed)).toEqual(plainRows(tree));
            expect(committed.clock).toBe(tree.clock);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps up with what a tree says of single clients', () => {
    const pick = fc.tuple(
      fc.nat(),
      smallAmounts,
      fc.constantFrom('allocate' as const, 'release' as const, 'replace' as const),
    );
    fc.assert(
      fc.property(crowdedHistories, fc.array(pick, { maxLength: 20 }), total, (history, list, sum) => {
        let tree = treeOf(history);
        const clients = activeClients(tree);
        const order = new RunOrder({ ...optionsOf(tree), total: sum });
        order.list();
        for (const [which, amounts, kind] of list) {
          const path = clients[which % clients.length];
          if (path === undefined) break;
          tree = apply(tree, { kind, path, amounts, number: 1 });
          order.reread(tree, path);
          expect(order.list()).toEqual(leaves(open(tree, { total: sum })));
          expect(leaves(order)).toEqual(order.list());
        }
      }),
    );
  });

  it('does not depend on what was sorted before, nor on when clients came', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...manyNames], { minLength: 30 }),
        fc.infiniteStream(fc.nat(3)),
        (names, amounts) => {
          const held = new Map(names.map((name) => [name, amounts.next().value ?? 0]));
          const build = (list: readonly string[]): ShareTree =>
            list.reduce((tree, name) => give(tree, name, `cpus:${held.get(name) ?? 0}`), active(...list));
          const one = build(names);
          const two = build(names.toSorted());
          const first = leaves(open(one));
          expect(leaves(open(two))).toEqual(first);
          // The second order of a shape begins where the first has left off, here far from home.
          const stirred = open(one, { rule: { name: 'last', rank: (client) => -hashText(client.path) } });
          expect(leaves(stirred)).not.toEqual(first);
          for (const name of names.slice(0, 9)) stirred.allocated(name, quantities('cpus:1'));
          expect(leaves(open(one))).toEqual(first);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves the tree that it read as it was', () => {
    fc.assert(
      fc.property(crowdedHistories, grants, (history, list) => {
        const tree = treeOf(history);
        const rows = plainRows(tree);
        const order = open(tree);
        const clients = leaves(order);
        for (const [pick, amounts] of clients.length === 0 ? [] : list) {
          order.allocated(clients[pick % clients.length] ?? '', amounts);
        }
        order.commit(new Edit());
        expect(plainRows(tree)).toEqual(rows);
      }),
    );
  });
});

const manyNames: readonly string[] = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? `r${i % 7}/f${i}` : `f${i}`));

function optionsOf(tree: ShareTree): OrderOptions {
  return { tree, total: pool, rule: drf, exclude: noNames, now: 0, draw: () => 1 };
}

describe('an order rule', () => {
  /** A rule that notes whom it is asked about. */
  const noting = (rule: Partial<OrderRule> & Pick<OrderRule, 'rank'>): { rule: OrderRule; asked: () => string[] } => {
    let asked: string[] = [];
    const rank = (client: Client): number => {
      asked.push(client.path);
      return rule.rank(client);
    };
    return {
      rule: { name: 'noting', ...rule, rank },
      asked: () => {
        const list = asked;
        asked = [];
        return list.toSorted();
      },
    };
  };
  const tree = active('a/x', 'a/y', 'b');

  it('is asked when somebody looks, and again only for those whose numbers changed', () => {
    const { rule, asked } = noting({ rank: (client) => client.dominantShare });
    const order = open(tree, { rule });
    expect(asked()).toEqual([]);
    const [first] = order.leaves();
    expect(first).toBe('a/x');
    expect(asked()).toEqual(['a', 'a/x', 'a/y', 'b']);
    expect(leaves(order)).toEqual(['a/x', 'a/y', 'b']);
    expect(asked()).toEqual([]);
    order.allocated('a/x', quantities('cpus:1'));
    expect(asked()).toEqual(['a', 'a/x']);
    expect(leaves(order)).toEqual(['b', 'a/y', 'a/x']);
    expect(asked()).toEqual([]);
  });

  it('is not asked about siblings that nobody came to', () => {
    const { rule, asked } = noting({ rank: (client) => -client.since });
    const [first] = open(tree, { rule }).leaves();
    expect(first).toBe('b');
    expect(asked()).toEqual(['a', 'b']);
  });

  it("with 'allocation' is asked again about everybody after any of them", () => {
    const { rule, asked } = noting({ rank: () => 0, changesWith: 'allocation' });
    const order = open(tree, { rule });
    leaves(order);
    asked();
    leaves(order);
    expect(asked()).toEqual([]);
    order.allocated('b', quantities('cpus:1'));
    leaves(order);
    expect(asked()).toEqual(['a', 'a/x', 'a/y', 'b']);
  });

  it("with 'run' is asked once an order; counts still decide ties", () => {
    const { rule, asked } = noting({ rank: () => 0, changesWith: 'run' });
    const order = open(tree, { rule });
    leaves(order);
    asked();
    order.allocated('a/x', quantities('cpus:1'));
    expect(leaves(order)).toEqual(['b', 'a/y', 'a/x']);
    expect(asked()).toEqual([]);
  });

  it("with 'sort' is asked at each look, so that it may shuffle", () => {
    let look = 0;
    const { rule, asked } = noting({ rank: (client) => hashText(`${look}${client.path}`), changesWith: 'sort' });
    const order = open(tree, { rule });
    const seen = new Set<string>();
    for (look = 0; look < 40; look += 1) {
      seen.add(leaves(order).join(' '));
      expect(asked()).toEqual(['a', 'a/x', 'a/y', 'b']);
    }
    expect([...seen].toSorted()).toEqual(['a/x a/y b', 'a/y a/x b', 'b a/x a/y', 'b a/y a/x']);
    const old = order.leaves()[Symbol.iterator]();
    order.leaves();
    expect(() => old.next()).toThrow(expect.objectContaining({ code: 'invariant' }));
  });

  it('that is flat ranks all clients at once, by the parts of the weights multiplied down the tree (SORT-12)', () => {
    let weighted = active('a', 'a/b', 'c/d', 'c/e', 'c/gone');
    for (const [path, weight] of Object.entries({ a: 1, 'a/b': 2, c: 2, 'c/d': 1, 'c/e': 2, 'c/gone': 5 })) {
      weighted = setWeight(weighted, path, weightOf(weight));
    }
    weighted = deactivateClient(weighted, 'c/gone');
    const weights = new Map<string, number>();
    const order = open(weighted, {
      rule: {
        name: 'flat',
        flat: true,
        rank: (client) => {
          weights.set(client.path, client.weight);
          return client.dominantShare;
        },
      },
    });
    expect(leaves(order)).toEqual(['a', 'a/b', 'c/d', 'c/e']);
    expect([...weights].toSorted()).toEqual([
      ['a/.', 1 / 9],
      ['a/b', 2 / 9],
      ['c/d', 2 / 9],
      ['c/e', 4 / 9],
    ]);
    order.allocated('a', quantities('cpus:1'));
    order.allocated('c/e', quantities('cpus:3'));
    expect(order.client('a').dominantShare).toBe(0.01 / (1 / 9));
    expect(leaves(order)).toEqual(['a/b', 'c/d', 'c/e', 'a']);
  });

  it('that draws shuffles by weight: the chances of being first are the weights (SORT-12)', () => {
    const weighted = setWeight(setWeight(active('a', 'b', 'c'), 'b', weightOf(2)), 'c', weightOf(3));
    const firsts = new Map<string, number>();
    const runs = 6_000;
    for (let run = 0; run < runs; run += 1) {
      const draw = (path: string): number => unitExponential(run, hashText(path));
      const [first = ''] = open(weighted, { rule: weightedRandom, draw }).leaves();
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    for (const [client, part] of Object.entries({ a: 1 / 6, b: 2 / 6, c: 3 / 6 })) {
      expect(Math.abs((firsts.get(client) ?? 0) / runs - part)).toBeLessThan(0.03);
    }
  });

  it('may read priorities', () => {
    const rule: OrderRule = { name: 'by-priority', rank: (client) => -client.priority };
    const preferred = setPriority(setPriority(active('a', 'b', 'c'), 'c', 2), 'b', 1);
    expect(leaves(open(preferred, { rule }))).toEqual(['c', 'b', 'a']);
  });

  it.each([Number.NaN, undefined, '1', 1n, null])('that gives %s for a rank is reported by name', (rank) => {
    const rule: OrderRule = { name: 'broken', rank: (client) => (client.path === 'b' ? (rank as number) : 1) };
    const order = open(tree, { rule });
    expect(() => leaves(order)).toThrow(PolicyError);
    expect(() => leaves(order)).toThrow(
      expect.objectContaining({
        name: 'PolicyError',
        code: 'bad-rank',
        policy: 'broken',
        message: expect.stringMatching(
          Number.isNaN(rank) ? /'b' is NaN$/ : new RegExp(`'b' is of type ${typeof rank}$`),
        ),
      }),
    );
  });

  it('that fails leaves nobody out of the orders of others', () => {
    const all = active('a', 'b', 'c', 'd');
    const some = deactivateClient(deactivateClient(all, 'a'), 'b');
    const broken: OrderRule = { name: 'broken', rank: () => Number.NaN };
    expect(leaves(open(all))).toEqual(['a', 'b', 'c', 'd']);
    expect(() => leaves(open(some, { rule: broken }))).toThrow(PolicyError);
    expect(leaves(open(some))).toEqual(['c', 'd']);
    expect(leaves(open(all))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('may give infinite ranks and both zeros', () => {
    const ranks = new Map([
      ['a', Infinity],
      ['b', -0],
      ['c', 0],
      ['d', -Infinity],
    ]);
    const rule: OrderRule = { name: 'wide', rank: (client) => ranks.get(client.path) ?? 0 };
    expect(leaves(open(give(active('a', 'b', 'c', 'd'), 'b', ''), { rule }))).toEqual(['d', 'c', 'b', 'a']);
  });

  it('is done by the same numbers as the built-in one when it reads the same share', () => {
    const scratch = makeScratch(optionsOf(give(active('a', 'b'), 'b', 'cpus:3;mem:1')));
    expect(scratch.numbers[2 * scratch.stride + countColumn]).toBe(1);
    expect(drf.rank(clientOf(scratch, 2))).toBe(0.03);
  });
});

describe('roundRobin', () => {
  it('goes round, within a run and from run to run', () => {
    let tree = active('a', 'b', 'c');
    const served: string[] = [];
    for (let run = 0; run < 4; run += 1) {
      const order = open(tree, { rule: roundRobin });
      for (let i = 0; i < 2; i += 1) {
        const [first = ''] = order.leaves();
        served.push(first);
        order.allocated(first, quantities(`cpus:${served.length}`));
      }
      tree = order.commit();
    }
    expect(served).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b']);
  });

  it('goes round among roles, and within each', () => {
    const order = open(active('a/x', 'a/y', 'b/x', 'b/y'), { rule: roundRobin });
    const served = Array.from({ length: 6 }, () => {
      const [first = ''] = order.leaves();
      order.allocated(first, quantities('cpus:1'));
      return first;
    });
    expect(served).toEqual(['a/x', 'b/x', 'a/y', 'b/y', 'a/x', 'b/x']);
  });
});
