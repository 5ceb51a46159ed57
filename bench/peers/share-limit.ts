import { checkIn } from './check.js';
import { isWorthwhile, shareOf, Shuffle, type Columns } from './columns.js';

/** The limit without quotas: each agent goes to whoever is first, from the root of the tree down. */
export class ShareLimit {
  readonly #columns: Columns;
  readonly #shuffle: Shuffle;
  readonly #free: Float64Array;
  readonly #counts: Float64Array;
  readonly #allocated: Float64Array;
  readonly #shares: Float64Array;
  /** The children of each node as a heap, the first of them on top; each where the nodes themselves lie. */
  readonly #heap: Int32Array;
  /** The offers: of which agent, for which leaf, and how much. */
  readonly #offerAgents: Int32Array;
  readonly #offerLeaves: Int32Array;
  readonly #offerAmounts: Float64Array;

  constructor(columns: Columns) {
    const { agents, nodes, free } = columns;
    this.#columns = columns;
    this.#shuffle = new Shuffle(columns);
    this.#free = free.slice();
    this.#counts = nodes.counts.slice();
    this.#allocated = nodes.allocated.slice();
    this.#shares = new Float64Array(nodes.size);
    this.#heap = new Int32Array(nodes.size);
    this.#offerAgents = new Int32Array(agents);
    this.#offerLeaves = new Int32Array(agents);
    this.#offerAmounts = new Float64Array(free.length);
  }

  /** Puts everything back to where it was before the run. */
  reset(): void {
    this.#free.set(this.#columns.free);
    this.#counts.set(this.#columns.nodes.counts);
    this.#allocated.set(this.#columns.nodes.allocated);
  }

  /** How many offers, and a checksum of them. */
  run(salt: number = this.#columns.salt): { readonly offers: number; readonly checksum: number } {
    const { nodes, agentHashes, totals } = this.#columns;
    const free = this.#free;
    const amounts = this.#offerAmounts;
    const width = totals.length;
    if ((nodes.widths[0] as number) === 0) return { offers: 0, checksum: 0 };
    this.#build();
    const order = this.#shuffle.run(salt);
    let offers = 0;
    let checksum = 0;
    for (let turn = 0; turn < order.length; turn += 1) {
      const agent = order[turn] as number;
      const from = agent * width;
      if (!isWorthwhile(this.#columns, free, from)) continue;
      const leaf = this.#first();
      let milli = 0;
      for (let kind = 0; kind < width; kind += 1) {
        const amount = free[from + kind] as number;
        amounts[offers * width + kind] = amount;
        free[from + kind] = 0;
        milli += amount;
      }
      this.#offerAgents[offers] = agent;
      this.#offerLeaves[offers] = leaf;
      this.#grant(leaf, offers * width);
      checksum = checkIn(checksum, agentHashes[agent] as number, nodes.hashes[leaf] as number, milli);
      offers += 1;
    }
    return { offers, checksum };
  }

  /** All shares, then a heap of each node's children. */
  #build(): void {
    const { firsts, widths, size } = this.#columns.nodes;
    for (let node = 0; node < size; node += 1) {
      this.#shares[node] = shareOf(this.#columns, this.#allocated, node);
      this.#heap[node] = node;
    }
    for (let node = 0; node < size; node += 1) {
      for (let at = ((widths[node] as number) >>> 1) - 1; at >= 0; at -= 1) {
        this.#siftDown(firsts[node] as number, widths[node] as number, at);
      }
    }
  }

  /** The leaf whose turn it is. */
  #first(): number {
    const { firsts, widths } = this.#columns.nodes;
    let node = 0;
    while ((widths[node] as number) > 0) node = this.#heap[firsts[node] as number] as number;
    return node;
  }

  /** Adds the amounts that begin at `from` to the leaf and to all above it, each the first among its siblings. */
  #grant(leaf: number, from: number): void {
    const { parents, firsts, widths } = this.#columns.nodes;
    const allocated = this.#allocated;
    const amounts = this.#offerAmounts;
    const width = this.#columns.totals.length;
    for (let node = leaf; node !== 0;) {
      for (let kind = 0; kind < width; kind += 1) {
        const at = node * width + kind;
        allocated[at] = (allocated[at] as number) + (amounts[from + kind] as number);
      }
      this.#counts[node] = (this.#counts[node] as number) + 1;
      this.#shares[node] = shareOf(this.#columns, allocated, node);
      const parent = parents[node] as number;
      this.#siftDown(firsts[parent] as number, widths[parent] as number, 0);
      node = parent;
    }
  }

  #siftDown(head: number, size: number, start: number): void {
    const heap = this.#heap;
    const node = heap[head + start] as number;
    let at = start;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      let next = heap[head + child] as number;
      if (child + 1 < size) {
        const other = heap[head + child + 1] as number;
        if (this.#precedes(other, next)) {
          child += 1;
          next = other;
        }
      }
      if (this.#precedes(node, next)) break;
      heap[head + at] = next;
      at = child;
    }
    heap[head + at] = node;
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
