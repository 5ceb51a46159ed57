/** A cluster as columns of numbers: what the limit works on. Names are gone but for the hashes of the check. */
import type { ClusterState } from '../../src/cluster/index.js';
import type { ShareNode, ShareTree } from '../../src/drf/index.js';
import type { AllocatorAgent, AllocatorState } from '../../src/offers/index.js';
import {
  amount,
  mix,
  names,
  noQuantities,
  quantitiesFromScalarResources,
  type Quantities,
} from '../../src/resources/index.js';
import { agentHash, clientHash } from './check.js';
import { isPlain } from './fitness.js';
import { Lucks, RadixSort } from '../../src/offers/shuffle.js';

/** `kinds` numbers for each agent and node, one for each scalar of the total. */
export interface Columns {
  readonly kinds: readonly string[];
  readonly totals: Float64Array;
  /** Any of these makes an offer worthwhile; kind -1 is one that no agent has. None = anything does. */
  readonly minimums: readonly Minimum[];
  /** By agent, in the order of their ids. */
  readonly free: Float64Array;
  readonly agentHashes: Int32Array;
  readonly agents: number;
  readonly nodes: Nodes;
  /** What all keys of a run's shuffle begin with. */
  readonly salt: number;
}

interface Minimum {
  readonly kind: number;
  readonly milli: number;
}

/**
 * Roles and frameworks as one tree: the root is node 0, siblings lie side by side in the order of their paths. A role
 * with a single framework is a leaf itself, since there is nobody to put into an order.
 */
export interface Nodes {
  readonly size: number;
  readonly parents: Int32Array;
  /** Where the children of a node begin, and how many there are; 0 for a leaf. */
  readonly firsts: Int32Array;
  readonly widths: Int32Array;
  readonly weightP: Float64Array;
  readonly weightQ: Float64Array;
  readonly counts: Float64Array;
  readonly allocated: Float64Array;
  /** By leaf: the hash of role and framework. */
  readonly hashes: Int32Array;
  /** By leaf: its role. */
  readonly roles: readonly string[];
}

/** The columns of a cluster; `undefined` if it holds anything that the limit knows nothing of, such as filters. */
export function columnsOf(state: ClusterState): Columns | undefined {
  const { allocator } = state;
  const { config, total, agents } = allocator;
  const rows = agents.values();
  if (!isPlain(state) || !rows.every(isScalar)) return undefined;
  // Any of these, each of one kind.
  const minimums = config.minAllocatable.map(names);
  if (!minimums.every((least) => least.length === 1)) return undefined;

  const kinds = names(total);
  const width = kinds.length;
  const free = new Float64Array(rows.length * width);
  for (const [slot, row] of rows.entries()) writeAmounts(free, slot, kinds, quantitiesFromScalarResources(row.free));
  return {
    kinds,
    totals: Float64Array.from(kinds, (kind) => amount(total, kind)),
    minimums: minimums.map(([kind = ''], i) => {
      return { kind: kinds.indexOf(kind), milli: amount(config.minAllocatable[i] ?? noQuantities, kind) };
    }),
    free,
    agentHashes: Int32Array.from(rows, ({ id }) => agentHash(id)),
    agents: rows.length,
    nodes: nodesOf(allocator, kinds),
    salt: mix(config.seed, allocator.runs),
  };
}

function isScalar({ refusals, total }: AllocatorAgent): boolean {
  return refusals.groups.length === 0 && total.items.every(({ value }) => value.type === 'scalar');
}

/** A node that is to be numbered. */
interface Plan {
  readonly row: ShareNode;
  readonly role: string;
  /** Of a leaf. */
  readonly framework?: string;
  readonly below: readonly Plan[];
}

/** Level by level, so that siblings lie side by side. */
function nodesOf({ shares, clients }: AllocatorState, kinds: readonly string[]): Nodes {
  const plans: Plan[] = [planOf('', shares, clients, childrenByPath(shares))];
  const parents = [-1];
  const firsts: number[] = [];
  for (let at = 0; at < plans.length; at += 1) {
    firsts.push(plans.length);
    for (const child of plans[at]?.below ?? []) {
      plans.push(child);
      parents.push(at);
    }
  }
  const allocated = new Float64Array(plans.length * kinds.length);
  for (const [slot, { row }] of plans.entries()) writeAmounts(allocated, slot, kinds, row.allocated);
  return {
    size: plans.length,
    parents: Int32Array.from(parents),
    firsts: Int32Array.from(firsts),
    widths: Int32Array.from(plans, ({ below }) => below.length),
    weightP: Float64Array.from(plans, ({ row }) => row.weight.p),
    weightQ: Float64Array.from(plans, ({ row }) => row.weight.q),
    counts: Float64Array.from(plans, ({ row }) => row.count),
    allocated,
    hashes: Int32Array.from(plans, ({ role, framework = '' }) => clientHash(role, framework)),
    roles: plans.map(({ role }) => role),
  };
}

function childrenByPath({ nodes }: ShareTree): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const path of nodes.keys()) {
    if (path === '') continue;
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const siblings = children.get(above);
    if (siblings === undefined) children.set(above, [path]);
    else siblings.push(path);
  }
  return children;
}

function planOf(
  path: string,
  shares: ShareTree,
  clients: AllocatorState['clients'],
  children: ReadonlyMap<string, readonly string[]>,
): Plan {
  const row = shares.nodes.get(path) as ShareNode;
  // What a role holds itself while there are roles below it is a leaf of its own (SORT-6).
  const role = path.endsWith('/.') ? path.slice(0, -2) : path;
  if (!row.client) {
    const below = (children.get(path) ?? []).map((child) => planOf(child, shares, clients, children)).filter(isLive);
    return { row, role, below };
  }
  const frameworks = (clients.get(role)?.nodes.values() ?? [])
    .filter(({ client, active }) => client && active)
    .map((client) => ({ row: client, role, framework: client.path, below: [] }));
  const [first, ...others] = frameworks;
  if (first === undefined || others.length > 0) return { row, role, below: frameworks };
  return { row, role, framework: first.framework, below: [] };
}

function isLive({ framework, below }: Plan): boolean {
  return framework !== undefined || below.length > 0;
}

/** Writes the amounts of a slot, kind by kind. */
export function writeAmounts(to: Float64Array, slot: number, kinds: readonly string[], amounts: Quantities): void {
  for (const [i, kind] of kinds.entries()) to[slot * kinds.length + i] = amount(amounts, kind);
}

/** The agents of a run, shuffled. The list is good until the next run. */
export class Shuffle {
  readonly #radix: RadixSort;
  readonly #hashes: Int32Array;

  constructor({ agents, agentHashes }: Columns) {
    this.#radix = new RadixSort(agents);
    this.#hashes = agentHashes;
  }

  run(salt: number): Int32Array {
    const lucks = new Lucks(salt);
    const hashes = this.#hashes;
    const { keys, slots } = this.#radix;
    for (let slot = 0; slot < hashes.length; slot += 1) {
      keys[slot] = lucks.of(hashes[slot] as number);
      slots[slot] = slot;
    }
    return this.#radix.sort(hashes.length);
  }
}

/** The dominant share of a node: one division for each kind (SORT-1). */
export function shareOf({ nodes, totals }: Columns, allocated: Float64Array, node: number): number {
  const width = totals.length;
  const p = nodes.weightP[node] as number;
  const q = nodes.weightQ[node] as number;
  let share = 0;
  for (let kind = 0; kind < width; kind += 1) {
    const total = totals[kind] as number;
    const part = ((allocated[node * width + kind] as number) * q) / (total * p);
    if (part > share) share = part;
  }
  return share;
}

/** Whether what begins at `at` is worth an offer. */
export function isWorthwhile({ minimums }: Columns, amounts: Float64Array, at: number): boolean {
  for (let i = 0; i < minimums.length; i += 1) {
    const { kind, milli } = minimums[i] as Minimum;
    if (kind !== -1 && (amounts[at + kind] as number) >= milli) return true;
  }
  return minimums.length === 0;
}
