/** The limit with quotas of top-level roles that have one framework each. */
import { consumptionOf, type AllocatorState } from '../../src/offers/index.js';
import { amount, limitOf, noQuantities } from '../../src/resources/index.js';
import { checkIn } from './check.js';
import { isWorthwhile, shareOf, Shuffle, writeAmounts, type Columns } from './columns.js';

/** By node and kind, as {@link Columns.nodes}. */
interface QuotaColumns {
  readonly guarantees: Float64Array;
  /** Infinity where there is none. */
  readonly limits: Float64Array;
  readonly consumed: Float64Array;
}

/** The columns of the quotas; `undefined` if roles lie below others, or are shared. */
export function quotaColumnsOf(allocator: AllocatorState, columns: Columns): QuotaColumns | undefined {
  const { kinds, nodes } = columns;
  const known = new Set(kinds);
  const isKnown = ({ guarantees }: { readonly guarantees: { readonly names: readonly string[] } }): boolean =>
    guarantees.names.every((name) => known.has(name));
  if (nodes.widths.some((width, node) => node > 0 && width > 0)) return undefined;
  if (!allocator.quotas.values().every(isKnown)) return undefined;
  if (!allocator.quotas.keys().every((role) => allocator.clients.has(role))) return undefined;

  const size = nodes.size * kinds.length;
  const guarantees = new Float64Array(size);
  const limits = new Float64Array(size).fill(Infinity);
  const consumed = new Float64Array(size);
  const sums = consumptionOf(allocator);
  for (const [node, role] of nodes.roles.entries()) {
    writeAmounts(consumed, node, kinds, sums.get(role) ?? noQuantities);
    const quota = allocator.quotas.get(role);
    if (quota === undefined) continue;
    for (const [i, kind] of kinds.entries()) {
      guarantees[node * kinds.length + i] = amount(quota.guarantees, kind);
      limits[node * kinds.length + i] = limitOf(quota.limits, kind) ?? Infinity;
    }
  }
  return { guarantees, limits, consumed };
}

/** One run with quotas: first what is guaranteed, then by fair shares, each from a heap of the roles that may still get something. */
export class QuotaLimit {
  readonly #columns: Columns;
  readonly #quota: QuotaColumns;
  readonly #shuffle: Shuffle;
  readonly #free: Float64Array;
  readonly #counts: Float64Array;
  readonly #allocated: Float64Array;
  readonly #shares: Float64Array;
  readonly #consumed: Float64Array;
  /** Free over all agents, and guaranteed but not held over all roles. */
  readonly #available: Float64Array;
  readonly #demand: Float64Array;
  readonly #heap: Int32Array;
  #size = 0;
  /** Who had a turn at this agent and waits for the next one. */
  readonly #waiting: Int32Array;
  readonly #part: Float64Array;
  #offers = 0;
  #checksum = 0;

  constructor(columns: Columns, quota: QuotaColumns) {
    const { nodes, free, totals } = columns;
    this.#columns = columns;
    this.#quota = quota;
    this.#shuffle = new Shuffle(columns);
    this.#free = free.slice();
    this.#counts = nodes.counts.slice();
    this.#allocated = nodes.allocated.slice();
    this.#consumed = quota.consumed.slice();
    this.#shares = new Float64Array(nodes.size);
    this.#available = new Float64Array(totals.length);
    this.#demand = new Float64Array(totals.length);
    this.#heap = new Int32Array(nodes.size);
    this.#waiting = new Int32Array(nodes.size);
    this.#part = new Float64Array(totals.length);
  }

  /** Puts everything back to where it was before the run. */
  reset(): void {
    const { nodes, free } = this.#columns;
    this.#free.set(free);
    this.#counts.set(nodes.counts);
    this.#allocated.set(nodes.allocated);
    this.#consumed.set(this.#quota.consumed);
  }

  /** How many grants, those of both stages for themselves, and a checksum of them. */
  run(salt: number = this.#columns.salt): { readonly offers: number; readonly checksum: number } {
    this.#offers = 0;
    this.#checksum = 0;
    this.#sum();
    const order = this.#shuffle.run(salt);
    this.#stage(order, true);
    this.#stage(order, false);
    return { offers: this.#offers, checksum: this.#checksum };
  }

  /** What is free, what is owed, and the shares. */
  #sum(): void {
    const { nodes, totals } = this.#columns;
    const width = totals.length;
    const free = this.#free;
    this.#available.fill(0);
    this.#demand.fill(0);
    for (let at = 0; at < free.length; at += width) {
      for (let kind = 0; kind < width; kind += 1) {
        this.#available[kind] = (this.#available[kind] as number) + (free[at + kind] as number);
      }
    }
    for (let node = 1; node < nodes.size; node += 1) {
      this.#shares[node] = shareOf(this.#columns, this.#allocated, node);
      for (let kind = 0; kind < width; kind += 1) {
        this.#demand[kind] = (this.#demand[kind] as number) + this.#unmet(node * width + kind);
      }
    }
  }

  #stage(order: Int32Array, guarantees: boolean): void {
    const { nodes, totals } = this.#columns;
    const width = totals.length;
    this.#size = 0;
    for (let node = 1; node < nodes.size; node += 1) if (this.#mayGet(node, guarantees)) this.#push(node);
    for (let turn = 0; turn < order.length && this.#size > 0; turn += 1) {
      const agent = order[turn] as number;
      let waiting = 0;
      while (this.#size > 0 && isWorthwhile(this.#columns, this.#free, agent * width)) {
        const node = this.#pop();
        if (this.#share(agent * width, node, guarantees)) this.#grant(agent, node);
        this.#waiting[waiting] = node;
        waiting += 1;
      }
      for (let i = 0; i < waiting; i += 1) {
        const node = this.#waiting[i] as number;
        if (this.#mayGet(node, guarantees)) this.#push(node);
      }
    }
  }

  /** Whether this stage has anything left for a role: what it has lost once does not come back within a stage. */
  #mayGet(node: number, guarantees: boolean): boolean {
    const width = this.#columns.totals.length;
    for (let kind = 0; kind < width; kind += 1) {
      const at = node * width + kind;
      if (guarantees ? this.#unmet(at) > 0 : this.#room(at) > 0 && this.#surplus(kind) > 0) return true;
    }
    return false;
  }

  /** What a role may have of an agent goes to `#part`; false if that is nothing. */
  #share(from: number, node: number, guarantees: boolean): boolean {
    const width = this.#columns.totals.length;
    let owesSomething = !guarantees;
    let any = false;
    for (let kind = 0; kind < width; kind += 1) {
      const at = node * width + kind;
      const have = this.#free[from + kind] as number;
      const room = this.#room(at);
      const owed = guarantees ? Math.min(have, this.#unmet(at), room) : 0;
      const part = owed + Math.min(have - owed, room - owed, this.#surplus(kind));
      this.#part[kind] = part;
      if (owed > 0) owesSomething = true;
      if (part > 0) any = true;
    }
    return owesSomething && any && isWorthwhile(this.#columns, this.#part, 0);
  }

  #grant(agent: number, node: number): void {
    const { agentHashes, nodes, totals } = this.#columns;
    const width = totals.length;
    let milli = 0;
    for (let kind = 0; kind < width; kind += 1) {
      const part = this.#part[kind] as number;
      const at = node * width + kind;
      const unmet = this.#unmet(at);
      this.#free[agent * width + kind] = (this.#free[agent * width + kind] as number) - part;
      this.#available[kind] = (this.#available[kind] as number) - part;
      this.#allocated[at] = (this.#allocated[at] as number) + part;
      this.#consumed[at] = (this.#consumed[at] as number) + part;
      this.#demand[kind] = (this.#demand[kind] as number) - unmet + this.#unmet(at);
      milli += part;
    }
    this.#counts[node] = (this.#counts[node] as number) + 1;
    this.#shares[node] = shareOf(this.#columns, this.#allocated, node);
    this.#checksum = checkIn(this.#checksum, agentHashes[agent] as number, nodes.hashes[node] as number, milli);
    this.#offers += 1;
  }

  #unmet(at: number): number {
    const unmet = (this.#quota.guarantees[at] as number) - (this.#consumed[at] as number);
    return unmet > 0 ? unmet : 0;
  }

  #room(at: number): number {
    const room = (this.#quota.limits[at] as number) - (this.#consumed[at] as number);
    return room > 0 ? room : 0;
  }

  #surplus(kind: number): number {
    const surplus = (this.#available[kind] as number) - (this.#demand[kind] as number);
    return surplus > 0 ? surplus : 0;
  }

  #push(node: number): void {
    const heap = this.#heap;
    let at = this.#size;
    this.#size += 1;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const other = heap[above] as number;
      if (this.#precedes(other, node)) break;
      heap[at] = other;
      at = above;
    }
    heap[at] = node;
  }

  #pop(): number {
    const heap = this.#heap;
    const first = heap[0] as number;
    this.#size -= 1;
    const size = this.#size;
    const node = heap[size] as number;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#precedes(heap[child + 1] as number, heap[child] as number)) child += 1;
      if (this.#precedes(node, heap[child] as number)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = node;
    return first;
  }

  /** By share, then by how often, then by path (SORT-2). */
  #precedes(a: number, b: number): boolean {
    const shareA = this.#shares[a] as number;
    const shareB = this.#shares[b] as number;
    if (shareA !== shareB) return shareA < shareB;
    const countA = this.#counts[a] as number;
    const countB = this.#counts[b] as number;
    return countA === countB ? a < b : countA < countB;
  }
}
