import {
  InputError,
  add,
  compareText,
  contains,
  hashText,
  isEmpty,
  noQuantities,
  noResources,
  quantities,
  quantitiesAdd,
  quantitiesFromScalarResources,
  hasShared,
  quantitiesSubtract,
  resources,
  subtract,
  type Quantities,
  type QuantitiesLike,
  type Resources,
  type ResourcesLike,
} from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { unitExponential } from './draw.js';
import { RunOrder } from './order.js';
import type { OrderRule } from './order-rule.js';
import { drf } from './rules/drf.js';
import { dominantShare } from './share.js';
import {
  activateClient,
  addClient,
  clientNode,
  deactivateClient,
  emptyShareTree,
  hasClient,
  recountAllocated,
  removeClient,
  replaceAllocated,
  setPriority,
  setWeight,
  trackAllocated,
  trackUnallocated,
  validateClientPath,
  type Recount,
  type ShareNode,
  type ShareTree,
} from './tree.js';
import { weightOf } from './weight.js';

/**
 * How a sorter sorts.
 *
 * @remarks Since 0.1.0
 */
export interface SorterOptions {
  /** Who comes first; `drf` if absent. */
  readonly rule?: OrderRule;
  /** Names of resources that do not count in shares (SORT-10); none if absent. */
  readonly exclude?: readonly string[];
  /** Seed of the draws, a whole number; 1 if absent. The same sorter with the same seed has the same luck. */
  readonly seed?: number;
  /** What a rule reads as `draw`, by path; if absent {@link unitExponential} of the seed, anew at each `sort`. */
  readonly draw?: (path: string) => number;
}

/**
 * Clients, what they were allocated of a pool, and who is next. A mutable object, unlike everything else here, for
 * those who want fair sharing and nothing more; the cluster machine does not use it.
 *
 * A client is a path: `a/b` is ordered among the children of `a`, by the share that `a` as a whole has of the pool
 * (SORT-5). Methods that name a client throw `InputError` `unknown-client` if it was not added.
 *
 * @example
 * ```ts
 * const sorter = createSorter();
 * sorter.addAgent('agent-1', 'cpus:9;mem:18');
 * for (const client of ['a', 'b']) {
 *   sorter.add(client);
 *   sorter.activate(client);
 * }
 * sorter.allocated('b', 'agent-1', 'cpus:3;mem:1');
 * sorter.sort(); // ['a', 'b']
 * ```
 * @remarks Since 0.1.0
 */
export interface Sorter {
  /** Adds a client; it is not sorted before it is activated (SORT-4). Throws `InputError` `bad-path`, `duplicate-client`. */
  add(client: string): void;
  /** Removes a client with its allocation (SORT-4). */
  remove(client: string): void;
  /** Lets a client be sorted. */
  activate(client: string): void;
  /** Takes a client out of the order; its allocation stays and counts in the shares above it (SORT-4, SORT-7). */
  deactivate(client: string): void;
  /** Sets the weight of a path, there or not; it stays when the client goes (SORT-8). Throws `InputError` `bad-weight`. */
  updateWeight(path: string, weight: number): void;
  /** Sets the priority of a path, for rules that read it; otherwise as weights. Throws `InputError` `bad-priority`. */
  updatePriority(path: string, priority: number): void;
  /** Adds an agent to the pool, or says anew what it has. Order follows at the next `sort` (SORT-3). */
  addAgent(agent: string, total: QuantitiesLike): void;
  /** Takes an agent out of the pool; allocations of it stay. Throws `InputError` `unknown-agent`. */
  removeAgent(agent: string): void;
  /** Adds to a client's allocation; of a shared resource only the first copy on an agent counts, in the client and in each row above (SORT-9). */
  allocated(client: string, agent: string, resources: ResourcesLike): void;
  /** Takes back from a client's allocation. Throws `InputError` `not-allocated` if the client does not have all of it. */
  unallocated(client: string, agent: string, resources: ResourcesLike): void;
  /** Replaces a part of an allocation, which does not count as one (SORT-2). Throws `InputError` `not-allocated`. */
  update(client: string, agent: string, before: ResourcesLike, after: ResourcesLike): void;
  /** The active clients in order (SORT-2, SORT-5). Throws `PolicyError` `bad-rank` if the rule gives no number. */
  sort(): string[];
  /** Whether a client was added, active or not. */
  contains(client: string): boolean;
  /** How many clients there are, active or not. */
  readonly count: number;
  /** What a client was allocated of an agent. */
  allocation(client: string, agent: string): Resources;
  /** The agents of which a client was allocated something, by id. */
  allocationAgents(client: string): string[];
  /** The scalars that a client was allocated of all agents; without a client those of all clients. */
  allocationQuantities(client?: string): Quantities;
  /** The dominant share of a client, divided by its weight among its siblings (SORT-1). */
  share(client: string): number;
}

/**
 * A sorter without clients and agents.
 *
 * @throws InputError `bad-policy` if the rule is none, `bad-number` if the seed is no whole number.
 * @remarks Since 0.1.0
 */
export function createSorter(options: SorterOptions = {}): Sorter {
  return new ShareSorter(options);
}

/** More changes than this between two sorts, and the order is opened anew instead of followed. */
const manyChanges = 16;

class ShareSorter implements Sorter {
  readonly #rule: OrderRule;
  readonly #exclude: ReadonlySet<string>;
  readonly #draw: (path: string) => number;
  /** How often the order was asked for: each time the luck is another. */
  #sorts = 0;
  #tree: ShareTree = emptyShareTree;
  /** What each client has of each agent; a client without anything has an empty map. */
  readonly #allocations = new Map<string, Map<string, Resources>>();
  readonly #agents = new Map<string, Quantities>();
  #total: Quantities = noQuantities;
  /** The order as of the last `sort`, while clients, weights and totals are the same. */
  #order: RunOrder | undefined;
  /** The clients whose numbers changed since. */
  readonly #changed: string[] = [];
  /** What `sort` gave last, while nothing has changed. */
  #sorted: readonly string[] | undefined;

  constructor({ rule = drf, exclude = [], seed = 1, draw }: SorterOptions) {
    if (typeof rule.rank !== 'function')
      throw new InputError('bad-policy', 'rule', 'an order rule has a function rank');
    if (!Number.isSafeInteger(seed)) throw new InputError('bad-number', 'seed', 'a seed is a whole number');
    this.#rule = rule;
    this.#exclude = new Set(exclude);
    this.#draw = draw ?? ((path) => unitExponential(seed, this.#sorts, hashText(path)));
  }

  add(client: string): void {
    const problem = validateClientPath(client);
    if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
    if (hasClient(this.#tree, client)) {
      throw new InputError('duplicate-client', 'client', `client ${quote(client)} is already there`);
    }
    this.#reshape(addClient(this.#tree, client));
    this.#allocations.set(client, new Map());
  }

  remove(client: string): void {
    for (const [agent, held] of [...this.#holdings(client)]) {
      // What others hold copies of stays counted in the rows above.
      if (hasShared(held)) this.unallocated(client, agent, held);
    }
    this.#reshape(removeClient(this.#tree, client));
    this.#allocations.delete(client);
  }

  activate(client: string): void {
    this.#holdings(client);
    this.#reshape(activateClient(this.#tree, client));
  }

  deactivate(client: string): void {
    this.#holdings(client);
    this.#reshape(deactivateClient(this.#tree, client));
  }

  updateWeight(path: string, weight: number): void {
    this.#reshape(setWeight(this.#tree, path, weightOf(weight)));
  }

  updatePriority(path: string, priority: number): void {
    if (!Number.isFinite(priority)) {
      throw new InputError('bad-priority', 'priority', `a priority is a number, not ${String(priority)}`);
    }
    this.#reshape(setPriority(this.#tree, path, priority));
  }

  addAgent(agent: string, total: QuantitiesLike): void {
    const more = quantities(total, 'total');
    const others = quantitiesSubtract(this.#total, this.#agents.get(agent) ?? noQuantities);
    this.#total = quantitiesAdd(others, more);
    this.#agents.set(agent, more);
    this.#forgetOrder();
  }

  removeAgent(agent: string): void {
    const gone = this.#agents.get(agent);
    if (gone === undefined) throw new InputError('unknown-agent', 'agent', `agent ${quote(agent)} was not added`);
    this.#total = quantitiesSubtract(this.#total, gone);
    this.#agents.delete(agent);
    this.#forgetOrder();
  }

  allocated(client: string, agent: string, like: ResourcesLike): void {
    const holdings = this.#holdings(client);
    const more = resources(like);
    const after = add(holdings.get(agent) ?? noResources, more);
    this.#tree = hasShared(more)
      ? this.#recounted(client, agent, after, true)
      : trackAllocated(this.#tree, client, quantitiesFromScalarResources(more));
    this.#keep(client, agent, after);
  }

  unallocated(client: string, agent: string, like: ResourcesLike): void {
    const back = resources(like);
    const before = this.#holding(client, agent, back);
    const after = subtract(before, back);
    this.#tree = hasShared(back)
      ? this.#recounted(client, agent, after, false)
      : trackUnallocated(this.#tree, client, quantitiesFromScalarResources(back));
    this.#keep(client, agent, after);
  }

  update(client: string, agent: string, old: ResourcesLike, replacement: ResourcesLike): void {
    const part = resources(old, 'before');
    const before = this.#holding(client, agent, part);
    const after = add(subtract(before, part), resources(replacement, 'after'));
    const scalars = [before, after].map(quantitiesFromScalarResources) as [Quantities, Quantities];
    this.#tree =
      hasShared(before) || hasShared(after)
        ? this.#recounted(client, agent, after, false)
        : replaceAllocated(this.#tree, client, ...scalars);
    this.#keep(client, agent, after);
  }

  sort(): string[] {
    this.#sorts += 1;
    this.#sorted ??= this.#ordered();
    const sorted = this.#sorted.slice();
    // With such a rule each look at the order is a run of its own.
    if (this.#rule.changesWith === 'run' || this.#rule.changesWith === 'sort') this.#forgetOrder();
    return sorted;
  }

  contains(client: string): boolean {
    return this.#allocations.has(client);
  }

  get count(): number {
    return this.#allocations.size;
  }

  allocation(client: string, agent: string): Resources {
    return this.#holdings(client).get(agent) ?? noResources;
  }

  allocationAgents(client: string): string[] {
    return [...this.#holdings(client).keys()].sort(compareText);
  }

  allocationQuantities(client?: string): Quantities {
    const row = client === undefined ? this.#tree.nodes.get('') : this.#row(client);
    return row?.allocated ?? noQuantities;
  }

  share(client: string): number {
    const { allocated, weight } = this.#row(client);
    return dominantShare(allocated, this.#total, { weight, exclude: this.#exclude });
  }

  #holdings(client: string): Map<string, Resources> {
    const holdings = this.#allocations.get(client);
    if (holdings === undefined) throw unknownClient(client);
    return holdings;
  }

  #row(client: string): ShareNode {
    const row = clientNode(this.#tree, client);
    if (row === undefined) throw unknownClient(client);
    return row;
  }

  /** What a client has of an agent, if that is at least `part`. */
  #holding(client: string, agent: string, part: Resources): Resources {
    const held = this.#holdings(client).get(agent) ?? noResources;
    if (contains(held, part)) return held;
    const message = `client ${quote(client)} has ${String(held)} of agent ${quote(agent)}, not ${String(part)}`;
    throw new InputError('not-allocated', 'resources', message);
  }

  /**
   * The tree when a client has `after` of an agent: each row counts what all clients below it have of it, something shared
   * once (SORT-9). Asks every client, so it is for what is shared alone.
   */
  #recounted(client: string, agent: string, after: Resources, allocates: boolean): ShareTree {
    const holders = [...this.#allocations].flatMap(([other, holdings]) => {
      const held = holdings.get(agent);
      return held === undefined || other === client ? [] : [{ client: other, held }];
    });
    const before = this.#holdings(client).get(agent) ?? noResources;
    const amounts = (row: string): Recount => {
      const others = holders
        .filter((holder) => isBelow(holder.client, row))
        .reduce((sum, { held }) => add(sum, held), noResources);
      const [old, now] = [before, after].map((own) => quantitiesFromScalarResources(add(others, own)));
      return { before: old ?? noQuantities, after: now ?? noQuantities };
    };
    return recountAllocated(this.#tree, client, amounts, allocates);
  }

  /** Notes what a client now has of an agent, after its numbers changed. */
  #keep(client: string, agent: string, held: Resources): void {
    if (isEmpty(held)) this.#holdings(client).delete(agent);
    else this.#holdings(client).set(agent, held);
    this.#sorted = undefined;
    if (this.#order === undefined) return;
    if (this.#changed.length === manyChanges) this.#forgetOrder();
    else this.#changed.push(client);
  }

  /** Takes a tree with other clients, activity or weights: no order of the old one can be followed. */
  #reshape(tree: ShareTree): void {
    if (tree === this.#tree) return;
    this.#tree = tree;
    this.#forgetOrder();
  }

  #forgetOrder(): void {
    this.#order = undefined;
    this.#changed.length = 0;
    this.#sorted = undefined;
  }

  /** Follows the changes since the last look, or begins anew. Ranks are asked here and nowhere else. */
  #ordered(): readonly string[] {
    const order = this.#order ?? this.#open();
    // Should the rule throw, there is no half-followed order left behind.
    this.#order = undefined;
    for (const client of this.#changed) order.reread(this.#tree, client);
    const sorted = order.list();
    this.#changed.length = 0;
    this.#order = order;
    return sorted;
  }

  #open(): RunOrder {
    this.#changed.length = 0;
    return new RunOrder({
      tree: this.#tree,
      total: this.#total,
      rule: this.#rule,
      exclude: this.#exclude,
      now: 0,
      draw: this.#draw,
    });
  }
}

/** Whether a row counts a client: itself, what is above it, and for a client with others below its virtual leaf (SORT-6). */
function isBelow(client: string, row: string): boolean {
  if (row.endsWith('/.')) return client === row.slice(0, -2);
  return row === '' || client === row || client.startsWith(`${row}/`);
}

function unknownClient(client: string): InputError {
  return new InputError('unknown-client', 'client', `client ${quote(client)} was not added`);
}
