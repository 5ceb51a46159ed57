/**
 * The tree as sets and maps, worked out anew after every operation: a node is there because some client's path goes
 * through it, and holds what the clients at or below it hold. Only counts and stamps have a history, so they are kept.
 */
import {
  dominantShare,
  unitWeight,
  type OrderRule,
  type ShareNode,
  type ShareTree,
  type Weight,
} from '../../src/drf/index.js';
import {
  compareText,
  noQuantities,
  quantitiesAdd,
  quantitiesSubtract,
  quantitiesSum,
  type Quantities,
} from '../../src/resources/index.js';

/** The history of a row. */
interface Past {
  count: number;
  since: number;
  servedAt: number;
}

interface ModelClient {
  active: boolean;
  allocated: Quantities;
  /** Of the client's leaf, be it virtual or not. */
  leaf: Past;
}

/** A row without what differs between two trees that mean the same. */
export type PlainRow = Omit<ShareNode, 'allocated' | 'weight'> & {
  readonly allocated: string;
  readonly weight: string;
};

export class Model {
  readonly clients = new Map<string, ModelClient>();
  readonly weights = new Map<string, Weight>();
  readonly priorities = new Map<string, number>();
  /** Of every node that has somebody below it, and of the root. */
  readonly nodes = new Map<string, Past>([['', { count: 0, since: 0, servedAt: 0 }]]);
  clock = 0;

  add(path: string): void {
    this.clock += 1;
    const now = { count: 0, since: this.clock, servedAt: 0 };
    for (const above of prefixes(path)) {
      // A leaf that gets something below it goes on as a node with the same past.
      if (!this.nodes.has(above)) this.nodes.set(above, { ...(this.clients.get(above)?.leaf ?? now) });
    }
    this.clients.set(path, { active: false, allocated: noQuantities, leaf: now });
  }

  remove(path: string): void {
    this.clients.delete(path);
    for (const above of prefixes(path)) {
      if (above === '' || this.hasBelow(above)) continue;
      const client = this.clients.get(above);
      // A node whose last sub-client went is a leaf again, with the count of the node (SORT-6).
      if (client !== undefined) client.leaf.count = this.nodes.get(above)?.count ?? 0;
      this.nodes.delete(above);
    }
  }

  allocated(path: string, more: Quantities): void {
    this.clock += 1;
    this.change(path, (allocated) => quantitiesAdd(allocated, more));
    const pasts = [
      this.client(path).leaf,
      this.nodes.get(path),
      ...prefixes(path).map((above) => this.nodes.get(above)),
    ];
    for (const past of pasts) {
      if (past === undefined) continue;
      past.count += 1;
      past.servedAt = this.clock;
    }
  }

  replaced(path: string, before: Quantities, after: Quantities): void {
    this.change(path, (allocated) => quantitiesAdd(quantitiesSubtract(allocated, before), after));
  }

  client(path: string): ModelClient {
    const client = this.clients.get(path);
    if (client === undefined) throw new Error(`no client ${path}`);
    return client;
  }

  /** Every row, by path. */
  rows(): PlainRow[] {
    const rows: PlainRow[] = [];
    for (const [path, past] of this.nodes) rows.push(this.row(path, past, { client: false, active: false }));
    for (const [path, { active, leaf }] of this.clients) {
      rows.push(this.row(this.leafPath(path), leaf, { client: true, active }));
    }
    return rows.toSorted((a, b) => compareText(a.path, b.path));
  }

  /** The order, by sorting siblings from the root down. */
  sort(
    total: Quantities,
    options: { readonly exclude?: ReadonlySet<string>; readonly rule?: OrderRule } = {},
  ): string[] {
    const rows = this.rows();
    const rank = ({ path, servedAt }: PlainRow): number =>
      options.rule === undefined
        ? dominantShare(this.held(path), total, {
            weight: this.weights.get(path) ?? unitWeight,
            ...(options.exclude === undefined ? {} : { exclude: options.exclude }),
          })
        : servedAt;
    const walk = (above: string): string[] =>
      rows
        .filter(({ path }) => path !== '' && parentOf(path) === above)
        .toSorted((a, b) => rank(a) - rank(b) || a.count - b.count || compareText(a.path, b.path))
        .flatMap((row) => (row.client ? (row.active ? [nameOf(row.path)] : []) : walk(row.path)));
    return walk('');
  }

  private row(path: string, past: Past, kind: { readonly client: boolean; readonly active: boolean }): PlainRow {
    const { p, q } = this.weights.get(path) ?? unitWeight;
    return {
      path,
      ...kind,
      children: kind.client ? 0 : this.childrenOf(path),
      ...past,
      allocated: String(this.held(path)),
      priority: this.priorities.get(path) ?? 0,
      weight: `${p}/${q}`,
    };
  }

  private held(path: string): Quantities {
    const own = path.endsWith('/.');
    const name = nameOf(path);
    const covered = [...this.clients].filter(([client]) =>
      own ? client === name : path === '' || client === path || client.startsWith(`${path}/`),
    );
    return quantitiesSum(covered.map(([, { allocated }]) => allocated));
  }

  private childrenOf(path: string): number {
    const paths = [...[...this.clients.keys()].map((client) => this.leafPath(client)), ...this.nodes.keys()];
    return new Set(paths.filter((other) => other !== '' && parentOf(other) === path)).size;
  }

  private leafPath(client: string): string {
    return this.hasBelow(client) ? `${client}/.` : client;
  }

  private hasBelow(path: string): boolean {
    return [...this.clients.keys()].some((client) => client.startsWith(`${path}/`));
  }

  private change(path: string, change: (allocated: Quantities) => Quantities): void {
    const client = this.client(path);
    client.allocated = change(client.allocated);
  }
}

/** The rows of a tree in the form of {@link Model.rows}. */
export function plainRows(tree: ShareTree): PlainRow[] {
  return tree.nodes
    .values()
    .map((row) => ({ ...row, allocated: String(row.allocated), weight: `${row.weight.p}/${row.weight.q}` }));
}

function prefixes(path: string): string[] {
  const list = [''];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    list.push(path.slice(0, slash));
  return list;
}

function parentOf(path: string): string {
  return prefixes(path).at(-1) ?? '';
}

function nameOf(path: string): string {
  return path.endsWith('/.') ? path.slice(0, -2) : path;
}
