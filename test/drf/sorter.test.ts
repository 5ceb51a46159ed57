import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSorter,
  progressiveFilling,
  roundRobin,
  weightOf,
  type OrderRule,
  type Sorter,
  type SorterOptions,
} from '../../src/drf/index.js';
import {
  add,
  compareText,
  contains,
  formatMilli,
  hasShared,
  noQuantities,
  noResources,
  quantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  resources,
  subtract,
  type Quantities,
  type ResourceInput,
  type Resources,
} from '../../src/resources/index.js';
import { histories, paths } from './histories.js';
import { Model } from './model.js';

function sorterWith(options: SorterOptions, ...clients: readonly string[]): Sorter {
  const sorter = createSorter(options);
  for (const client of clients) {
    sorter.add(client);
    sorter.activate(client);
  }
  return sorter;
}

const volume = (amount: string): ResourceInput => ({
  name: 'disk',
  value: amount,
  reservations: [{ type: 'static', role: 'r' }],
  disk: { id: `v${amount}`, path: 'data' },
  shared: true,
});

describe('a sorter', () => {
  it('sorts by the share of what all agents have, as of now (SORT-1, SORT-3)', () => {
    const sorter = sorterWith({}, 'a', 'b');
    sorter.allocated('a', 'g1', 'cpus:2;mem:1');
    sorter.allocated('b', 'g2', 'cpus:1;mem:2');
    sorter.addAgent('g1', 'cpus:5;mem:50');
    sorter.addAgent('g2', 'cpus:5;mem:50');
    expect(sorter.sort()).toEqual(['b', 'a']);
    sorter.addAgent('g2', 'cpus:95');
    sorter.removeAgent('g1');
    sorter.addAgent('g3', 'mem:10');
    expect(sorter.sort()).toEqual(['a', 'b']);
    expect(sorter.share('b')).toBe(2 / 10);
  });

  it('counts clients active or not, and sorts the active ones (SORT-4)', () => {
    const sorter = sorterWith({}, 'b', 'a');
    sorter.add('c');
    expect(sorter.sort()).toEqual(['a', 'b']);
    expect(sorter.count).toBe(3);
    sorter.deactivate('a');
    expect(sorter.contains('a')).toBe(true);
    expect(sorter.sort()).toEqual(['b']);
    sorter.activate('a');
    sorter.activate('c');
    sorter.remove('b');
    expect(sorter.sort()).toEqual(['a', 'c']);
    expect(sorter.contains('b')).toBe(false);
  });

  it('forgets an allocation with its client (SORT-4)', () => {
    const sorter = sorterWith({}, 'a', 'b');
    sorter.addAgent('g', 'cpus:10');
    sorter.allocated('a', 'g', 'cpus:4');
    sorter.allocated('b', 'g', 'cpus:2');
    sorter.remove('a');
    expect(String(sorter.allocationQuantities())).toBe('cpus:2');
    sorter.add('a');
    sorter.activate('a');
    expect(sorter.sort()).toEqual(['a', 'b']);
    expect(String(sorter.allocation('a', 'g'))).toBe('{}');
  });

  it('tells what each client has of each agent', () => {
    const sorter = sorterWith({}, 'a', 'a/b');
    sorter.allocated('a', 'g2', 'cpus:1;ports:[1-3]');
    sorter.allocated('a', 'g1', 'mem:2');
    sorter.allocated('a', '__proto__', 'mem:1');
    sorter.allocated('a/b', 'g1', 'cpus:4');
    expect(sorter.allocationAgents('a')).toEqual(['__proto__', 'g1', 'g2']);
    expect(String(sorter.allocation('a', 'g2'))).toBe('cpus:1; ports:[1-3]');
    expect(String(sorter.allocationQuantities('a'))).toBe('cpus:1; mem:3');
    expect(String(sorter.allocationQuantities())).toBe('cpus:5; mem:3');
    sorter.unallocated('a', 'g2', 'cpus:1;ports:[1-3]');
    expect(sorter.allocationAgents('a')).toEqual(['__proto__', 'g1']);
    expect(String(sorter.allocation('a', 'g2'))).toBe('{}');
  });

  it('keeps the count when an allocation is replaced or comes back, but not when it is made again (SORT-2)', () => {
    const sorter = sorterWith({}, 'a', 'b');
    sorter.addAgent('g', 'cpus:10;disk:10');
    sorter.allocated('a', 'g', 'cpus:1;disk:4');
    sorter.allocated('b', 'g', 'cpus:1;disk:4');
    sorter.update('a', 'g', 'disk:4', [{ name: 'disk', value: 4, disk: { id: 'v', path: 'data' } }]);
    expect(sorter.sort()).toEqual(['a', 'b']);
    sorter.unallocated('a', 'g', 'cpus:1');
    sorter.allocated('a', 'g', 'cpus:1');
    expect(sorter.sort()).toEqual(['b', 'a']);
  });

  it('counts a shared resource once per client and agent, until its last copy is back (SORT-9)', () => {
    const sorter = sorterWith({}, 'a', 'b');
    sorter.addAgent('g', 'cpus:100;disk:1000');
    sorter.allocated('a', 'g', ['cpus:1', volume('50'), volume('50')]);
    sorter.allocated('a', 'g', [volume('50'), volume('7')]);
    sorter.allocated('b', 'g', volume('50'));
    expect(String(sorter.allocationQuantities('a'))).toBe('cpus:1; disk:57');
    sorter.allocated('a', 'h', volume('50'));
    expect(String(sorter.allocationQuantities('a'))).toBe('cpus:1; disk:107');
    // What a and b share of g is there once.
    expect(String(sorter.allocationQuantities())).toBe('cpus:1; disk:107');
    sorter.unallocated('a', 'g', [volume('50'), volume('7')]);
    expect(String(sorter.allocationQuantities('a'))).toBe('cpus:1; disk:100');
    sorter.unallocated('a', 'g', [volume('50'), volume('50')]);
    expect(String(sorter.allocationQuantities('a'))).toBe('cpus:1; disk:50');
    sorter.update('b', 'g', volume('50'), [volume('50'), volume('50')]);
    expect(String(sorter.allocationQuantities('b'))).toBe('disk:50');
  });

  it('counts what several clients share once in each row above them (SORT-9)', () => {
    const sorter = sorterWith({}, 'a/x', 'a/y', 'b');
    sorter.addAgent('g', 'disk:1000');
    sorter.allocated('a/x', 'g', volume('50'));
    sorter.allocated('a/y', 'g', volume('50'));
    sorter.allocated('b', 'g', 'disk:60');
    // a has 50 of 1000 and not 100.
    expect(sorter.sort()).toEqual(['a/x', 'a/y', 'b']);
    sorter.remove('a/x');
    expect([sorter.share('a/y'), String(sorter.allocationQuantities())]).toEqual([0.05, 'disk:110']);
    sorter.unallocated('a/y', 'g', volume('50'));
    expect(String(sorter.allocationQuantities())).toBe('disk:60');
  });

  it('counts in each row what is held below it, whatever is shared, replaced and removed (SORT-9)', () => {
    const names = ['a', 'a/x', 'a/y', 'a/y/z', 'b'];
    const parts = [
      'cpus:1',
      'cpus:2;mem:3',
      [volume('50')],
      [volume('50'), volume('50')],
      ['cpus:1', volume('7')],
    ] as const;
    const step = fc.record({
      what: fc.constantFrom('allocated', 'allocated', 'unallocated', 'update', 'remove'),
      client: fc.constantFrom(...names),
      agent: fc.constantFrom('g', 'h'),
      part: fc.constantFrom(...parts),
      other: fc.constantFrom(...parts),
    });
    let shared = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const sorter = createSorter();
        const held = new Map<string, Map<string, Resources>>();
        sorter.addAgent('g', 'cpus:100;mem:100;disk:1000');
        for (const { what, client, agent, part, other } of steps) {
          if (!held.has(client)) {
            sorter.add(client);
            sorter.activate(client);
            held.set(client, new Map());
          }
          const own = held.get(client) ?? new Map<string, Resources>();
          const now = own.get(agent) ?? noResources;
          const [read, replacement] = [part, other].map((like) => resources(like)) as [Resources, Resources];
          if (what === 'remove') {
            sorter.remove(client);
            held.delete(client);
          } else if (what === 'allocated') {
            sorter.allocated(client, agent, part);
            own.set(agent, add(now, read));
          } else if (contains(now, read)) {
            if (what === 'update') sorter.update(client, agent, part, other);
            else sorter.unallocated(client, agent, part);
            own.set(agent, add(subtract(now, read), what === 'update' ? replacement : noResources));
          }
          const below = (top: string): Quantities =>
            ['g', 'h'].reduce((sum, on) => {
              const all = [...held]
                .filter(([name]) => top === '' || name === top)
                .reduce((items, [, ofAgents]) => add(items, ofAgents.get(on) ?? noResources), noResources);
              return quantitiesAdd(sum, quantitiesFromScalarResources(all));
            }, noQuantities);
          expect(String(sorter.allocationQuantities())).toBe(String(below('')));
          for (const name of held.keys()) expect(String(sorter.allocationQuantities(name))).toBe(String(below(name)));
          if ([...held.values()].filter((ofAgents) => hasShared(ofAgents.get('g') ?? noResources)).length > 1)
            shared += 1;
          expect(sorter.sort().toSorted()).toEqual([...held.keys()].toSorted());
        }
      }),
    );
    expect(shared).toBeGreaterThan(50);
  });

  it('counts reserved and revocable resources like any others (SORT-10)', () => {
    const sorter = sorterWith({}, 'a', 'b');
    sorter.addAgent('g', 'cpus:20;mem:100');
    sorter.allocated('a', 'g', 'cpus:2;mem:1');
    sorter.allocated('b', 'g', ['cpus(r):1', { name: 'cpus', value: 9, revocable: true }]);
    expect(sorter.share('b')).toBe(0.5);
    expect(sorter.sort()).toEqual(['a', 'b']);
  });

  it('leaves excluded names out of shares (SORT-10)', () => {
    const sorter = sorterWith({ exclude: ['gpus'] }, 'a', 'b');
    sorter.addAgent('g', 'cpus:10;gpus:4');
    sorter.allocated('a', 'g', 'gpus:4');
    sorter.allocated('b', 'g', 'cpus:1');
    expect(sorter.sort()).toEqual(['a', 'b']);
    expect(sorter.share('a')).toBe(0);
  });

  it('sorts the virtual leaf of a client by its own weight, the node by that of the client (SORT-6)', () => {
    const sorter = sorterWith({}, 'a', 'a/b', 'c');
    sorter.addAgent('g', 'cpus:100');
    sorter.allocated('a', 'g', 'cpus:6');
    sorter.allocated('a/b', 'g', 'cpus:4');
    sorter.allocated('c', 'g', 'cpus:6');
    expect(sorter.sort()).toEqual(['c', 'a/b', 'a']);
    sorter.updateWeight('a', 2);
    expect(sorter.sort()).toEqual(['a/b', 'a', 'c']);
    sorter.updateWeight('a/.', 2);
    expect(sorter.sort()).toEqual(['a', 'a/b', 'c']);
    expect(sorter.share('a')).toBe(0.03);
  });

  it('takes any text for a name', () => {
    const sorter = sorterWith({}, '__proto__', 'constructor', '__proto__/toString');
    sorter.addAgent('__proto__', 'cpus:10');
    sorter.allocated('__proto__', '__proto__', 'cpus:1');
    expect(sorter.sort()).toEqual(['constructor', '__proto__/toString', '__proto__']);
    expect(String(sorter.allocation('__proto__', '__proto__'))).toBe('cpus:1');
    expect(sorter.contains('toString')).toBe(false);
  });

  it.each<[string, (sorter: Sorter) => unknown]>([
    ['unknown-client', (s) => s.remove('z')],
    ['unknown-client', (s) => s.activate('z')],
    ['unknown-client', (s) => s.deactivate('a/.')],
    ['unknown-client', (s) => s.allocated('z', 'g', 'cpus:1')],
    ['unknown-client', (s) => s.unallocated('z', 'g', 'cpus:1')],
    ['unknown-client', (s) => s.update('z', 'g', '', 'cpus:1')],
    ['unknown-client', (s) => s.allocation('z', 'g')],
    ['unknown-client', (s) => s.allocationAgents('z')],
    ['unknown-client', (s) => s.allocationQuantities('z')],
    ['unknown-client', (s) => s.share('z')],
    ['unknown-agent', (s) => s.removeAgent('z')],
    ['duplicate-client', (s) => s.add('a')],
    ['bad-path', (s) => s.add('a//b')],
    ['bad-weight', (s) => s.updateWeight('a', 0)],
    ['bad-priority', (s) => s.updatePriority('a', Number.NaN)],
    ['not-allocated', (s) => s.unallocated('a', 'g', 'cpus:2')],
    ['not-allocated', (s) => s.unallocated('a', 'h', 'cpus:1')],
    ['not-allocated', (s) => s.update('a', 'g', 'mem:1', '')],
    ['bad-resources', (s) => s.allocated('a', 'g', 'cpus=1')],
    ['bad-quantities', (s) => s.addAgent('h', 'cpus')],
    ['too-large', (s) => s.addAgent('h', 'cpus:9007199254740')],
    ['too-large', (s) => s.allocated('a', 'g', 'cpus:9007199254740')],
    ['bad-policy', () => createSorter({ rule: {} as OrderRule })],
  ])('refuses with %s, and is as it was', (code, mistake) => {
    const sorter = sorterWith({}, 'a', 'b');
    sorter.addAgent('g', 'cpus:3');
    sorter.allocated('a', 'g', 'cpus:1');
    const before = [sorter.sort(), String(sorter.allocationQuantities()), sorter.share('a')];
    expect(() => mistake(sorter)).toThrow(expect.objectContaining({ name: 'InputError', code }));
    expect([sorter.sort(), String(sorter.allocationQuantities()), sorter.share('a')]).toEqual(before);
  });

  it('follows any number of changes between two looks', () => {
    const names = Array.from({ length: 40 }, (_, i) => `c${String(i).padStart(2, '0')}`);
    for (const changes of [1, 15, 16, 17, 18, 33, 40]) {
      const sorter = sorterWith({}, ...names);
      sorter.addAgent('g', 'cpus:100');
      expect(sorter.sort()).toEqual(names);
      for (const name of names.slice(0, changes)) sorter.allocated(name, 'g', 'cpus:1');
      expect(sorter.sort()).toEqual([...names.slice(changes), ...names.slice(0, changes)]);
      for (const name of names.slice(0, changes)) sorter.unallocated(name, 'g', 'cpus:1');
      expect(sorter.sort()).toEqual([...names.slice(changes), ...names.slice(0, changes)]);
      sorter.allocated('c39', 'g', 'cpus:1');
      expect(sorter.sort().at(-1)).toBe('c39');
    }
  });

  it('gives a list of its own each time', () => {
    const sorter = sorterWith({}, 'a', 'b');
    sorter.sort().reverse();
    expect(sorter.sort()).toEqual(['a', 'b']);
  });

  it('equals the model after any history, whether it is looked at often or seldom', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.nat(3)), (history, looks) => {
        const model = new Model();
        const sorter = createSorter();
        let total = noQuantities;
        for (const [step, { kind, path, amounts, number }] of history.entries()) {
          if (kind === 'weigh') {
            model.weights.set(path, weightOf(number / 2));
            sorter.updateWeight(path, number / 2);
          } else if (kind === 'prefer') {
            total = quantitiesAdd(total, amounts);
            sorter.addAgent(`g${step}`, amounts);
          } else if ((kind === 'add') !== sorter.contains(path)) {
            perform(sorter, model, kind, path, amounts);
          }
          if (looks.next().value === 0) expect(sorter.sort()).toEqual(model.sort(total));
        }
        expect(sorter.sort()).toEqual(model.sort(total));
        expect(sorter.count).toBe(model.clients.size);
        for (const [path, { allocated }] of model.clients) {
          expect(String(sorter.allocationQuantities(path))).toBe(String(allocated));
        }
      }),
      { numRuns: 200 },
    );
  });
});

type Kind = 'add' | 'remove' | 'activate' | 'deactivate' | 'allocate' | 'release' | 'replace';

function perform(sorter: Sorter, model: Model, kind: Kind, path: string, amounts: Quantities): void {
  const held = kind === 'add' ? noQuantities : model.client(path).allocated;
  const part = quantitiesSubtract(held, quantitiesSubtract(held, amounts));
  switch (kind) {
    case 'add':
      model.add(path);
      return sorter.add(path);
    case 'remove':
      model.remove(path);
      return sorter.remove(path);
    case 'activate':
    case 'deactivate':
      model.client(path).active = kind === 'activate';
      return sorter[kind](path);
    case 'allocate':
      model.allocated(path, amounts);
      return sorter.allocated(path, 'g', textOf(amounts));
    case 'release':
      model.replaced(path, part, noQuantities);
      return sorter.unallocated(path, 'g', textOf(part));
    case 'replace':
      model.replaced(path, part, amounts);
      return sorter.update(path, 'g', textOf(part), textOf(amounts));
  }
}

function textOf(amounts: Quantities): string {
  return amounts.names.map((name, i) => `${name}:${formatMilli(amounts.millis[i] ?? 0)}`).join(';');
}

describe('a sorter with another rule', () => {
  it('goes round', () => {
    const sorter = sorterWith({ rule: roundRobin }, 'a', 'b', 'c');
    const served = Array.from({ length: 5 }, () => {
      const [first = ''] = sorter.sort();
      sorter.allocated(first, 'g', 'cpus:1');
      return first;
    });
    expect(served).toEqual(['a', 'b', 'c', 'a', 'b']);
  });

  it('reads priorities', () => {
    const sorter = sorterWith({ rule: { name: 'by-priority', rank: (client) => -client.priority } }, 'a', 'b');
    sorter.updatePriority('b', 1);
    expect(sorter.sort()).toEqual(['b', 'a']);
    sorter.updatePriority('b', 0);
    expect(sorter.sort()).toEqual(['a', 'b']);
  });

  it('throws what the rule does wrong at the next sort, and goes on when it does right', () => {
    let broken = false;
    const rule: OrderRule = { name: 'moody', rank: (client) => (broken ? Number.NaN : client.dominantShare) };
    const sorter = sorterWith({ rule }, 'a', 'b');
    sorter.addAgent('g', 'cpus:2');
    sorter.sort();
    broken = true;
    expect(sorter.sort()).toEqual(['a', 'b']);
    sorter.allocated('a', 'g', 'cpus:1');
    expect(() => sorter.sort()).toThrow(expect.objectContaining({ code: 'bad-rank', policy: 'moody' }));
    broken = false;
    expect(sorter.sort()).toEqual(['b', 'a']);
  });

  it('is not left half-way through the changes when the rule fails there', () => {
    let broken = false;
    const rule: OrderRule = { name: 'moody', rank: () => (broken ? Number.NaN : 0) };
    const sorter = sorterWith({ rule }, 'a', 'b', 'c', 'd');
    sorter.sort();
    broken = true;
    sorter.allocated('b', 'g', 'cpus:1');
    expect(() => sorter.sort()).toThrow(expect.objectContaining({ code: 'bad-rank' }));
    broken = false;
    expect(sorter.sort()).toEqual(['a', 'c', 'd', 'b']);
  });

  it("asks a rule that changes with 'sort' or 'run' at each look, another only after a change", () => {
    for (const changesWith of ['sort', 'run', 'allocation', undefined] as const) {
      let asked = 0;
      const rank = (): number => {
        asked += 1;
        return 0;
      };
      const rule: OrderRule = changesWith === undefined ? { name: 'r', rank } : { name: 'r', rank, changesWith };
      const sorter = sorterWith({ rule }, 'a', 'b', 'c');
      const counts = [1, 2].map(() => {
        asked = 0;
        sorter.sort();
        return asked;
      });
      expect(counts).toEqual(changesWith === 'sort' || changesWith === 'run' ? [3, 3] : [3, 0]);
      asked = 0;
      sorter.allocated('a', 'g', 'cpus:1');
      sorter.sort();
      expect(asked).toBe(changesWith === undefined ? 1 : 3);
    }
  });

  it('draws as it is told', () => {
    const draws = new Map(paths.map((path, i) => [path as string, (i * 7) % 5]));
    const rule: OrderRule = { name: 'drawn', rank: (client) => client.draw, changesWith: 'sort' };
    const sorter = sorterWith({ rule, draw: (path) => draws.get(path) ?? 0 }, 'a', 'b', 'a-b');
    expect(sorter.sort()).toEqual(
      ['a', 'b', 'a-b'].toSorted((x, y) => (draws.get(x) ?? 0) - (draws.get(y) ?? 0) || compareText(x, y)),
    );
  });
});

describe('tasks placed one at a time on one agent', () => {
  const demand = fc
    .record({ cpus: fc.nat(4), mem: fc.nat(4), disk: fc.nat(2) })
    .filter(({ cpus, mem, disk }) => cpus + mem + disk > 0);
  // Mostly simple weights, as these make shares meet.
  const weight = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(1, 2, 0.5) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4_000 }).map((milli) => milli / 1000) },
  );
  const user = fc.record({ demand, weight });
  const total = fc
    .record({ cpus: fc.integer({ min: 1, max: 25 }), mem: fc.integer({ min: 1, max: 25 }), disk: fc.nat(12) })
    .map((amounts) => quantities(amounts));

  /** What sorters come to: one task after the other for the first client, until its task does not fit. */
  function place(
    pool: Quantities,
    users: readonly { readonly name: string; readonly demand: Quantities; readonly weight: number }[],
    goOn: boolean,
  ): { readonly picks: string[]; readonly shares: number[] } {
    const sorter = sorterWith({}, ...users.map(({ name }) => name));
    sorter.addAgent('g', pool);
    for (const { name, weight } of users) sorter.updateWeight(name, weight);
    const demands = new Map(users.map((u) => [u.name, u.demand]));
    const picks: string[] = [];
    for (let [first] = sorter.sort(); first !== undefined; [first] = sorter.sort()) {
      const task = demands.get(first) ?? noQuantities;
      if (quantitiesContains(pool, quantitiesAdd(sorter.allocationQuantities(), task))) {
        sorter.allocated(first, 'g', textOf(task));
        picks.push(first);
      } else if (goOn) sorter.deactivate(first);
      else break;
    }
    return { picks, shares: users.map(({ name }) => sorter.share(name)) };
  }

  it('go where Algorithm 1 gives them, whether ties go by name or by a given order', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    fc.assert(
      fc.property(
        fc.array(user, { minLength: 1, maxLength: 4 }),
        total,
        order,
        fc.boolean(),
        (list, pool, places, goOn) => {
          const named = list.map((u, i) => ({ ...u, demand: quantities(u.demand), name: `u${i}` }));
          const byName = progressiveFilling({ total: pool, users: named, continueWhenFull: goOn });
          const placed = place(pool, named, goOn);
          expect(placed.picks).toEqual(byName.steps.map(({ pick }) => pick));
          expect(placed.shares).toEqual(byName.tasks.map(({ share }) => share));

          // For a sorter an order is a matter of names: u2 as the first is 0u2.
          const tieOrder = places.map((i) => `u${i}`);
          const byOrder = progressiveFilling({ total: pool, users: named, continueWhenFull: goOn, order: tieOrder });
          const renamed = named.map((u) => ({ ...u, name: `${tieOrder.indexOf(u.name)}${u.name}` }));
          const picks = place(pool, renamed, goOn).picks.map((name) => name.slice(1));
          expect(picks).toEqual(byOrder.steps.map(({ pick }) => pick));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reach shares in the ratio of the weights where tasks are small', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }), (one, two) => {
        const users = [
          { name: 'a', demand: quantities('cpus:1;mem:4'), weight: one / 1000 },
          { name: 'b', demand: quantities('cpus:3;mem:1'), weight: two / 1000 },
        ];
        const { tasks } = progressiveFilling({ total: 'cpus:900;mem:1800', users });
        const [a, b] = tasks.map(({ share }) => share) as [number, number];
        // Nobody is ahead by more than its last task.
        const step = Math.max(4 / 1800 / (one / 1000), 3 / 900 / (two / 1000));
        expect(Math.abs(a - b)).toBeLessThanOrEqual(step * (1 + 1e-9));
      }),
    );
  });
});
