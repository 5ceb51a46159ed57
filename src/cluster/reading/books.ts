/**
 * Whether what a saved allocator has added up is the sum of what its rows say: later it is subtracted again, and a sum that
 * is too small would then break the machine in the middle of something else.
 */
import { pathAbove, type ShareNode, type ShareTree } from '../../drf/index.js';
import {
  clientKey,
  compareHoldings,
  freeOf,
  scalarsOf,
  type AllocatorAgent,
  type AllocatorState,
  type Holding,
} from '../../offers/index.js';
import {
  equals,
  hasShared,
  isEmpty,
  noQuantities,
  quantitiesEqual,
  quantitiesFromScalarResources,
  quantitiesSum,
  reservedByRole,
  type Quantities,
  type Table,
} from '../../resources/index.js';
import { Damage } from '../../resources/reading.js';
import { each, type Pace, type Steps } from '../../resources/steps.js';

/** @throws Damage */
export function* demandBalance(allocator: AllocatorState, pace: Pace): Steps<void> {
  const books = new Books(allocator, pace);
  const enter = (agent: AllocatorAgent): void => {
    demandOwnBalance(agent);
    books.enter(agent);
  };
  yield* each(allocator.agents.walk(), pace, enter, ({ held }) => 1 + 2 * held.length);
  yield* books.demandAgreement();
}

function demandOwnBalance({ id, total, free, held }: AllocatorAgent): void {
  const path = `allocator.agents[${JSON.stringify(id)}]`;
  for (const [index, holding] of held.entries()) {
    const before = held[index - 1];
    const isLate = before !== undefined && compareHoldings(before, holding) >= 0;
    if (isLate || isEmpty(holding.resources)) throw new Damage('is out of order, or empty', `${path}.held[${index}]`);
  }
  if (!equals(free, freeOf(total, held))) throw new Damage('is not what is left of the total', `${path}.free`);
}

/** Sums by key. */
class Sums {
  readonly #parts = new Map<string, Quantities[]>();

  add(key: string, part: Quantities): void {
    const parts = this.#parts.get(key);
    if (parts === undefined) this.#parts.set(key, [part]);
    else if (parts.push(part) > MANY) this.#parts.set(key, [quantitiesSum(parts)]);
  }

  get(key: string): Quantities {
    return quantitiesSum(this.#parts.get(key) ?? []);
  }

  keys(): Iterable<string> {
    return this.#parts.keys();
  }
}

/** So many parts are added up before more are kept. */
const MANY = 100;

/** How many rows of another kind a sum is as much work as. */
const SUM = 20;

/** Names of agents by name of framework. */
type Whereabouts = Map<string, Set<string>>;

class Books {
  readonly #state: AllocatorState;
  readonly #pace: Pace;
  readonly #total = new Sums();
  readonly #reserved = new Sums();
  /** By path of the row. */
  readonly #shares = new Sums();
  /** By role and path of the row. */
  readonly #clients = new Sums();
  /** By client key: agents of which something is held in a role that its framework is not subscribed to. */
  readonly #lingering = new Map<string, number>();
  readonly #orphans: Whereabouts = new Map();
  readonly #paths = new Map<string, readonly string[]>();

  constructor(state: AllocatorState, pace: Pace) {
    this.#state = state;
    this.#pace = pace;
  }

  /** Adds what an agent has, and what is held of it. */
  enter({ id, total, held }: AllocatorAgent): void {
    this.#total.add('', quantitiesFromScalarResources(total));
    for (const [role, part] of reservedByRole(total)) this.#reserved.add(role, quantitiesFromScalarResources(part));
    for (const { framework, role } of held) this.#enterPlace(id, framework, role);
    const known = held.filter(({ framework }) => this.#state.frameworks.has(framework));
    if (known.some(({ resources }) => hasShared(resources))) this.#enterShared(known);
    else for (const holding of known) this.#enterHeld(holding, quantitiesFromScalarResources(holding.resources));
  }

  #enterPlace(id: string, framework: string, role: string): void {
    const known = this.#state.frameworks.get(framework);
    if (known === undefined) {
      const agents = this.#orphans.get(framework);
      if (agents === undefined) this.#orphans.set(framework, new Set([id]));
      else agents.add(id);
    } else if (!known.roles.includes(role)) {
      const key = clientKey(framework, role);
      this.#lingering.set(key, (this.#lingering.get(key) ?? 0) + 1);
    }
  }

  #enterHeld({ framework, role }: Holding, amounts: Quantities): void {
    for (const path of this.#rowsOf(role)) this.#shares.add(path, amounts);
    this.#clients.add(clientKey('', role), amounts);
    this.#clients.add(clientKey(framework, role), amounts);
  }

  /** A shared thing counts once in each row, however many below it hold it (SORT-9). */
  #enterShared(held: readonly Holding[]): void {
    const byRow = new Map<string, Holding[]>();
    const byClient = new Map<string, Holding[]>();
    const file = (map: Map<string, Holding[]>, key: string, holding: Holding): void => {
      map.set(key, [...(map.get(key) ?? []), holding]);
    };
    for (const holding of held) {
      for (const path of this.#rowsOf(holding.role)) file(byRow, path, holding);
      file(byClient, clientKey('', holding.role), holding);
      file(byClient, clientKey(holding.framework, holding.role), holding);
    }
    for (const [path, parts] of byRow) this.#shares.add(path, scalarsOf(parts));
    for (const [key, parts] of byClient) this.#clients.add(key, scalarsOf(parts));
  }

  /** The rows of the tree of roles that count a role. */
  #rowsOf(role: string): readonly string[] {
    const known = this.#paths.get(role);
    if (known !== undefined) return known;
    const { nodes } = this.#state.shares;
    const paths = [nodes.has(`${role}/.`) ? `${role}/.` : role];
    for (let path = paths[0] ?? ''; path !== '';) {
      path = pathAbove(path);
      paths.push(path);
    }
    this.#paths.set(role, paths);
    return paths;
  }

  *demandAgreement(): Steps<void> {
    const { total, reserved, shares, clients } = this.#state;
    const pace = this.#pace;
    demandSum(total, this.#total.get(''), 'total');
    for (const role of this.#reserved.keys()) {
      demandSum(reserved.get(role), this.#reserved.get(role), `reserved[${JSON.stringify(role)}]`);
      if (pace.isOver()) yield;
    }
    yield* each(reserved.walk(), pace, (said, role) => {
      demandSum(said, this.#reserved.get(role), `reserved[${JSON.stringify(role)}]`);
    });
    yield* demandTree(shares, pace, (path) => this.#shares.get(path), 'shares');
    for (const [role, tree] of clients.walk()) {
      const sumOf = (path: string): Quantities => this.#clients.get(clientKey(path, role));
      yield* demandTree(tree, pace, sumOf, `clients[${JSON.stringify(role)}]`);
    }
    yield* this.#demandRows();
    yield* this.#demandWhereabouts();
  }

  /** Whoever holds something has a row, and so has the role. */
  *#demandRows(): Steps<void> {
    const { shares, clients } = this.#state;
    for (const key of this.#clients.keys()) {
      const role = key.slice(0, key.indexOf(' '));
      const client = key.slice(role.length + 1);
      if (clients.get(role)?.nodes.has(client) !== true)
        throw new Damage(`lacks ${client} in ${role}`, 'allocator.clients');
      if (this.#pace.isOver()) yield;
    }
    for (const path of this.#shares.keys()) {
      if (!shares.nodes.has(path)) throw new Damage(`lacks ${path}`, 'allocator.shares');
      if (this.#pace.isOver()) yield;
    }
  }

  *#demandWhereabouts(): Steps<void> {
    const { lingering, orphans } = this.#state;
    const pace = this.#pace;
    const demandPlacesOf = (key: string): void => {
      if (lingering.get(key) === this.#lingering.get(key)) return;
      const where = `allocator.lingering[${JSON.stringify(key)}]`;
      throw new Damage('does not count the agents of which something is held', where);
    };
    for (const key of this.#lingering.keys()) {
      demandPlacesOf(key);
      if (pace.isOver()) yield;
    }
    yield* each(lingering.walk(), pace, (_, key) => demandPlacesOf(key));
    for (const id of this.#orphans.keys()) {
      yield* demandPlaces(orphans.get(id), this.#orphans.get(id), pace, `orphans[${JSON.stringify(id)}]`);
    }
    for (const [id, agents] of orphans.walk()) {
      yield* demandPlaces(agents, this.#orphans.get(id), pace, `orphans[${JSON.stringify(id)}]`);
    }
  }
}

function demandTree(tree: ShareTree, pace: Pace, sumOf: (path: string) => Quantities, path: string): Steps<void> {
  const demand = ({ allocated }: ShareNode, row: string): void => {
    demandSum(allocated, sumOf(row), `${path}.nodes[${JSON.stringify(row)}].allocated`);
  };
  return each(tree.nodes.walk(), pace, demand, () => SUM);
}

function demandSum(said: Quantities = noQuantities, sum: Quantities, path: string): void {
  if (!quantitiesEqual(said, sum)) throw new Damage(`is not ${String(sum)}, the sum`, `allocator.${path}`);
}

function* demandPlaces(
  said: Table<true> | undefined,
  places: ReadonlySet<string> | undefined,
  pace: Pace,
  path: string,
): Steps<void> {
  const demand = (agrees: boolean): void => {
    if (!agrees) throw new Damage('does not name the agents of which something is held', `allocator.${path}`);
  };
  demand((said?.size ?? 0) === (places?.size ?? 0));
  if (said !== undefined) yield* each(said.walk(), pace, (_, id) => demand(places?.has(id) === true));
  if (pace.isOver()) yield;
}
