import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Forest,
  activateClient,
  addClient,
  assetFairness,
  deactivateClient,
  drf,
  emptyShareTree,
  fifo,
  hasClient,
  openOrder,
  priority,
  removeClient,
  roundRobin,
  setPriority,
  setWeight,
  trackAllocated,
  trackUnallocated,
  unitExponential,
  weightOf,
  weightedRandom,
  type Order,
  type OrderRule,
  type ShareTree,
} from '../../src/drf/index.js';
import { Edit, Table, hashText, quantities, type Quantities } from '../../src/resources/index.js';
import { smallAmounts } from './histories.js';
import { plainRows } from './model.js';

/** The trees of one allocator, as they are between two runs. */
interface Trees {
  readonly roles: ShareTree;
  readonly clients: Table<ShareTree>;
}

/** Few roles, so that they lie above and below each other; `a/.` and names of objects among what could be confused. */
const roleNames = ['a', 'a/b', 'a/b/c', 'a/-', 'a-b', 'b', 'b/a/c', '__proto__', '\u{1F600}', '\uFF5E'] as const;
const frameworkNames = ['f1', 'f2', 'f10', '__proto__', '\u{1F600}', '\uFF5E', 'z'] as const;

/** Something that happens to a framework in a role, or to one of the two; what makes no sense is left out. */
interface Event {
  readonly kind: 'join' | 'leave' | 'sleep' | 'wake' | 'grant' | 'release' | 'weigh' | 'prefer-role' | 'prefer';
  readonly role: string;
  readonly framework: string;
  readonly amounts: Quantities;
  readonly number: number;
}

const events: fc.Arbitrary<Event> = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('join' as const, 'grant' as const) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('sleep' as const, 'wake' as const, 'weigh' as const, 'prefer' as const),
    },
    { weight: 1, arbitrary: fc.constantFrom('leave' as const, 'release' as const, 'prefer-role' as const) },
  ),
  role: fc.constantFrom(...roleNames),
  framework: fc.constantFrom(...frameworkNames),
  amounts: smallAmounts,
  number: fc.integer({ min: 1, max: 4 }),
});

/** Many are there from the start; then whatever else happens. */
const eventLists: fc.Arbitrary<readonly Event[]> = fc
  .tuple(
    fc.shuffledSubarray(
      roleNames.flatMap((role) => frameworkNames.map((framework) => ({ role, framework }))),
      { maxLength: 25 },
    ),
    fc.array(events, { maxLength: 40 }),
  )
  .map(([present, rest]) => [
    ...present.map((client): Event => ({ ...client, kind: 'join', amounts: quantities(''), number: 1 })),
    ...rest,
  ]);

function happen(trees: Trees, event: Event): Trees {
  const { kind, role, framework, amounts, number } = event;
  const { roles } = trees;
  const tree = trees.clients.get(role) ?? emptyShareTree;
  const of = (after: ShareTree): Trees => ({ roles, clients: trees.clients.set(role, after) });
  if (kind === 'weigh') return { ...trees, roles: setWeight(roles, role, weightOf(number / 2)) };
  if (kind === 'prefer-role') return { ...trees, roles: setPriority(roles, role, number) };
  if (kind === 'join') {
    if (hasClient(tree, framework)) return trees;
    const joined = of(activateClient(addClient(tree, framework), framework));
    return hasClient(roles, role) ? joined : { ...joined, roles: activateClient(addClient(roles, role), role) };
  }
  if (!hasClient(tree, framework)) return trees;
  switch (kind) {
    case 'leave': {
      const left = removeClient(tree, framework);
      if (left.nodes.size > 1) return of(left);
      return { roles: removeClient(roles, role), clients: trees.clients.remove(role) };
    }
    case 'sleep':
      return of(deactivateClient(tree, framework));
    case 'wake':
      return of(activateClient(tree, framework));
    case 'prefer':
      return of(setPriority(tree, framework, number));
    case 'grant':
      return { ...of(trackAllocated(tree, framework, amounts)), roles: trackAllocated(roles, role, amounts) };
    case 'release': {
      const held = tree.nodes.get(framework)?.allocated ?? quantities('');
      return { ...of(trackUnallocated(tree, framework, held)), roles: trackUnallocated(roles, role, held) };
    }
  }
}

const grown = (list: readonly Event[]): Trees =>
  list.reduce(happen, { roles: emptyShareTree, clients: Table.empty<ShareTree>() });

const rules = fc.constantFrom<OrderRule>(
  drf,
  roundRobin,
  priority,
  fifo,
  assetFairness,
  weightedRandom,
  { name: 'slow-drf', rank: (client) => client.dominantShare },
  { name: 'slow-drf-flat', rank: (client) => client.dominantShare, flat: true },
  { name: 'roomy', rank: (client) => -client.count, changesWith: 'allocation' },
  { name: 'roomy-flat', rank: (client) => -client.dominantShare, changesWith: 'allocation', flat: true },
  { name: 'biggest', rank: (client) => -client.dominantShare, changesWith: 'sort' },
  { name: 'luck', rank: (client) => client.draw / client.weight, changesWith: 'sort' },
  { name: 'youngest', rank: (client) => -client.since, changesWith: 'run' },
  { name: 'youngest-flat', rank: (client) => -client.since, changesWith: 'run', flat: true },
  { name: 'all-alike', rank: () => 0 },
);

const totals = fc
  .record({ cpus: fc.integer({ min: 0, max: 30 }), mem: fc.integer({ min: 0, max: 30 }), gpus: fc.nat(9) })
  .map((amounts) => quantities(amounts));

/** The same, but happening to somebody who is there. */
function aimed({ clients }: Trees, event: Event, pick: number | undefined): Event {
  const there = clients.entries().flatMap(([role, { nodes }]) =>
    nodes
      .keys()
      .filter((framework) => framework !== '')
      .map((framework) => ({ role, framework })),
  );
  return pick === undefined ? event : { ...event, ...there[(pick + event.number) % Math.max(1, there.length)] };
}

/** What changes rows, and not who is there. */
const changes = events.map((event): Event => ({
  ...event,
  kind: event.kind === 'join' || event.kind === 'leave' ? 'weigh' : event.kind,
}));

/** Runs of clusters that were one: mostly alike, so that the arrays of one are of use to the next, and then of none. */
const runsOfForks = fc.array(
  fc.record({
    which: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(2) }),
    events: fc.oneof(
      { weight: 4, arbitrary: fc.array(changes, { maxLength: 4 }) },
      { weight: 1, arbitrary: fc.array(events) },
    ),
    /** Of those that are there, the one to whom it happens; undefined = whomever the event names. */
    pick: fc.option(fc.nat(), { nil: undefined, freq: 8 }),
    amounts: smallAmounts,
    rule: fc.oneof({ weight: 8, arbitrary: fc.constant(drf) }, { weight: 1, arbitrary: rules }),
    total: fc.oneof(
      { weight: 8, arbitrary: fc.constant(quantities('cpus:20;mem:20')) },
      { weight: 1, arbitrary: fc.constantFrom(quantities('cpus:20;mem:3'), quantities('cpus:3;mem:20')) },
    ),
    exclude: fc.oneof(
      { weight: 8, arbitrary: fc.constant<ReadonlySet<string>>(new Set(['cpus'])) },
      {
        weight: 2,
        arbitrary: fc.constantFrom<ReadonlySet<string>>(new Set(['mem']), new Set(), new Set(['cpus', 'mem'])),
      },
    ),
    without: fc.option(fc.constantFrom(...roleNames), { nil: undefined, freq: 8 }),
  }),
  { maxLength: 12 },
);

/** A turn of a run: somebody looks at the order, or not, up to some client, and something is granted. */
const turns = fc.array(
  fc.record({
    looks: fc.constantFrom('at nobody' as const, 'at some' as const, 'at all' as const),
    pick: fc.nat(),
    ofRole: smallAmounts,
    ofClient: smallAmounts,
  }),
  { maxLength: 15 },
);

interface Client {
  readonly role: string;
  readonly framework: string;
}

interface RunOptions {
  readonly total: Quantities;
  readonly rule: OrderRule;
  readonly exclude: ReadonlySet<string>;
  /** Draws of the turn that is on. */
  readonly luck: () => number;
}

/** All that is left of a walk. */
function restOf(forest: Forest): readonly number[] {
  const left: number[] = [];
  for (let client = forest.next(); client !== -1; client = forest.next()) left.push(client);
  return left;
}

/** The forest as separate orders: the roles' leaves, then the frameworks of each. */
class Orders {
  readonly #roles: Order;
  readonly #clients = new Map<string, Order>();
  readonly #trees: Trees;
  readonly #options: RunOptions;

  constructor(trees: Trees, options: RunOptions) {
    this.#trees = trees;
    this.#options = options;
    this.#roles = this.#open(trees.roles, '');
  }

  *walk(serves: (role: string) => boolean = () => true): Generator<Client> {
    for (const role of this.#roles.leaves()) {
      if (!serves(role)) continue;
      for (const framework of this.of(role).leaves()) yield { role, framework };
    }
  }

  allocated({ role, framework }: Client, ofRole: Quantities, ofClient: Quantities): void {
    this.#roles.allocated(role, ofRole);
    this.of(role).allocated(framework, ofClient);
  }

  of(role: string): Order {
    const known = this.#clients.get(role);
    if (known !== undefined) return known;
    const order = this.#open(this.#trees.clients.get(role) ?? emptyShareTree, role);
    this.#clients.set(role, order);
    return order;
  }

  roleOrder(): Order {
    return this.#roles;
  }

  commit(): Trees {
    let { clients } = this.#trees;
    for (const [role, order] of this.#clients) clients = clients.set(role, order.commit());
    return { roles: this.#roles.commit(), clients };
  }

  #open(tree: ShareTree, role: string): Order {
    const { luck, ...options } = this.#options;
    return openOrder({ tree, ...options, now: 5, draw: (path) => draw(luck(), role, path) });
  }
}

function draw(luck: number, role: string, path: string): number {
  return unitExponential(luck, hashText(role), hashText(path));
}

function forestOf({ roles, clients }: Trees, { luck, ...options }: RunOptions): Forest {
  return new Forest({ roles, clients, ...options, now: 5, draw: (role, path) => draw(luck(), role, path) });
}

function named(forest: Forest, client: number): Client {
  return { role: forest.roleOf(client), framework: forest.frameworkOf(client) };
}

function numbered(forest: Forest, client: Client): number {
  const { paths, firstClient } = forest.layout;
  for (let slot = firstClient; slot < paths.length; slot += 1) {
    if (paths[slot] === client.framework && forest.roleOf(slot) === client.role) return slot;
  }
  throw new Error(`no slot of ${client.framework} in ${client.role}`);
}

/** Every field of every row of every tree, without what differs between two trees that mean the same. */
function plain({ roles, clients }: Trees): unknown {
  const of = (tree: ShareTree): unknown => ({ ...tree, nodes: plainRows(tree), roster: { ...tree.roster } });
  return { roles: of(roles), clients: clients.entries().map(([role, tree]) => [role, of(tree)]) };
}

const exclude = fc.constantFrom<ReadonlySet<string>>(new Set(), new Set(['gpus']));

describe('a forest', () => {
  it('gives the order that separate orders of roles and of their frameworks give, and commits the same trees', () => {
    fc.assert(
      fc.property(
        eventLists,
        turns,
        totals,
        rules,
        exclude,
        fc.constantFrom(undefined, new Edit()),
        (list, run, total, rule, names, edit) => {
          const trees = grown(list);
          const before = plain(trees);
          let turn = 0;
          const options = { total, rule, exclude: names, luck: () => turn };
          const orders = new Orders(trees, options);
          const forest = forestOf(trees, options);
          const everybody = [...new Orders(trees, options).walk()];
          for (const { looks, pick, ofRole, ofClient } of everybody.length === 0 ? [] : run) {
            turn += 1;
            let client = everybody[pick % everybody.length];
            if (looks !== 'at nobody') {
              const walk = orders.walk();
              forest.start();
              const most = looks === 'at all' ? Infinity : 1 + (pick % everybody.length);
              for (let looked = 0; looked < most; looked += 1) {
                const next = walk.next();
                const slot = forest.next();
                expect(slot === -1 ? undefined : named(forest, slot)).toEqual(next.value);
                if (next.done === true) break;
                client = next.value;
              }
            }
            if (client === undefined) continue;
            orders.allocated(client, ofRole, ofClient);
            forest.allocated(numbered(forest, client), ofRole, ofClient);
          }
          turn += 1;
          forest.start();
          expect(restOf(forest).map((slot) => named(forest, slot))).toEqual([...orders.walk()]);
          for (const { role, framework } of everybody) {
            const slow = orders.of(role).client(framework);
            const fast = forest.client(numbered(forest, { role, framework }));
            expect({ ...fast, draw: fast.draw }).toEqual({ ...slow, draw: slow.draw });
            const plot = forest.layout.plotOf[numbered(forest, { role, framework })] ?? 0;
            const leaf = forest.client(forest.layout.leaves[plot] ?? 0);
            expect({ ...leaf }).toEqual({ ...orders.roleOrder().client(role) });
          }
          expect(plain(trees)).toEqual(before);
          // Last, for what an edit has made may be written in place.
          expect(plain(forest.commit(edit))).toEqual(plain(orders.commit()));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('passes over roles that it is restricted from, or that were withdrawn, in the same order', () => {
    fc.assert(
      fc.property(eventLists, totals, rules, fc.nat(), fc.nat(12), (list, total, rule, served, looked) => {
        const trees = grown(list);
        const options = { total, rule, exclude: new Set<string>(), luck: () => 3 };
        const orders = new Orders(trees, options);
        const forest = forestOf(trees, options);
        const gone = new Set<string>();
        const isServed = (role: string): boolean => (hashText(role) + served) % 3 !== 0 && !gone.has(role);
        forest.start();
        for (let at = 0; at < looked; at += 1) forest.next();
        forest.restrict(isServed);
        for (const early of [true, false]) {
          forest.start();
          const expected = [...orders.walk(isServed)];
          expect(restOf(forest).map((slot) => named(forest, slot))).toEqual(expected);
          const client = expected[looked % Math.max(1, expected.length)];
          if (client === undefined) return;
          if (early) orders.allocated(client, total, total);
          if (early) forest.allocated(numbered(forest, client), total, total);
          forest.withdraw(numbered(forest, client));
          gone.add(client.role);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is the same for forks of a cluster that take turns, whose shapes and last orders it keeps', () => {
    fc.assert(
      fc.property(eventLists, runsOfForks, (first, runs) => {
        const start = grown(first);
        const before = plain(start);
        const forks = [start, start, start];
        let turn = 0;
        for (const { which, events: list, pick, amounts, without, ...choice } of runs) {
          turn += 1;
          const options = { ...choice, luck: () => turn };
          const trees = list.reduce((was, event) => happen(was, aimed(was, event, pick)), forks[which] ?? start);
          const forest = forestOf(trees, options);
          const orders = new Orders(trees, options);
          const isServed = (role: string): boolean => role !== without;
          if (without !== undefined) forest.restrict(isServed);
          for (let grants = 0; grants < 2; grants += 1) {
            forest.start();
            const slots = restOf(forest);
            const walk = [...orders.walk(isServed)];
            expect(slots.map((slot) => named(forest, slot))).toEqual(walk);
            const [slot] = slots;
            const [client] = walk;
            if (slot === undefined || client === undefined) break;
            forest.allocated(slot, amounts, amounts);
            orders.allocated(client, amounts, amounts);
            if (without !== undefined) forest.withdraw(slot);
            if (without !== undefined) break;
          }
          const after = forest.commit();
          expect(plain(after)).toEqual(plain(orders.commit()));
          forks[which] = after;
        }
        expect(plain(start)).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  describe('that takes over what the last run left', () => {
    const joined = ['a', 'b', 'b/c'].map((role): Event => ({
      kind: 'join',
      role,
      framework: 'f1',
      amounts: quantities(''),
      number: 1,
    }));
    const options: RunOptions = { total: quantities('cpus:8'), rule: drf, exclude: new Set(), luck: () => 1 };
    const walk = (forest: Forest): readonly string[] => {
      forest.start();
      return restOf(forest).map((slot) => forest.roleOf(slot));
    };

    it('puts whoever was first and was given something since behind the others', () => {
      const trees = grown(joined);
      const forest = forestOf(trees, options);
      expect(walk(forest)).toEqual(['a', 'b', 'b/c']);
      const { roles, clients } = forest.commit();
      const after = { roles: trackAllocated(roles, 'a', quantities('cpus:1')), clients };
      expect(walk(forestOf(after, options))).toEqual(['b', 'b/c', 'a']);
    });

    it('fails where a row has come without its roster', () => {
      const forest = forestOf(grown(joined), options);
      walk(forest);
      const { roles, clients } = forest.commit();
      const stranger = roles.nodes.get('a');
      if (stranger === undefined) throw new Error('nobody is there');
      const odd = { ...roles, nodes: roles.nodes.set('z', { ...stranger, path: 'z' }) };
      expect(() => forestOf({ roles: odd, clients }, options)).toThrow('changed without its roster');
    });
  });

  it('counts what is granted to somebody at whom nobody has looked yet', () => {
    const trees = grown([{ kind: 'join', role: 'a', framework: 'f1', amounts: quantities(''), number: 1 }]);
    const forest = forestOf(trees, { total: quantities('cpus:4'), rule: drf, exclude: new Set(), luck: () => 1 });
    const client = numbered(forest, { role: 'a', framework: 'f1' });
    forest.allocated(client, quantities('cpus:1'), quantities('cpus:1'));
    forest.start();
    expect(forest.next()).toBe(client);
    expect(forest.client(client)).toMatchObject({ count: 1, dominantShare: 0.25 });
    expect(forest.commit().clients.get('a')?.nodes.get('f1')).toMatchObject({ count: 1, servedAt: 2 });
  });

  it('is empty while there is no role, or nobody in it takes offers', () => {
    const nobody: Trees = { roles: emptyShareTree, clients: Table.empty() };
    const asleep = ['join', 'sleep'].reduce(
      (trees, kind) =>
        happen(trees, { kind, role: 'a/b', framework: 'f1', amounts: quantities(''), number: 1 } as Event),
      nobody,
    );
    for (const trees of [nobody, asleep]) {
      for (const rule of [drf, weightedRandom]) {
        const forest = forestOf(trees, { total: quantities('cpus:1'), rule, exclude: new Set(), luck: () => 1 });
        forest.start();
        expect(forest.next()).toBe(-1);
        expect(restOf(forest)).toEqual([]);
        expect(plain(forest.commit())).toEqual(plain(trees));
      }
    }
  });

  it('fails by a rank that is no number, and leaves the trees', () => {
    const trees = grown([
      { kind: 'join', role: 'a', framework: 'f1', amounts: quantities(''), number: 1 },
      { kind: 'join', role: 'b', framework: 'f1', amounts: quantities(''), number: 1 },
    ]);
    const rule: OrderRule = { name: 'none', rank: ({ path }) => (path === 'f1' ? NaN : 1) };
    const forest = forestOf(trees, { total: quantities('cpus:1'), rule, exclude: new Set(), luck: () => 1 });
    forest.start();
    expect(() => forest.next()).toThrow(expect.objectContaining({ code: 'bad-rank' }));
    expect(plain(forest.commit())).toEqual(plain(trees));
  });
});
