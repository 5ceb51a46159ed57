/**
 * The outstanding offers. Those of one run are kept as one batch, of which single offers are made when somebody looks at
 * them: a run makes ten thousand at once, and many go back unread.
 */
import type { AllocatorAgent, Grant } from '../offers/index.js';
import { Edit, Numbered } from '../resources/index.js';
import type { Offer } from './outputs.js';
import type { OfferRow } from './state.js';

/** What the offers of a run are made of, one of each grant. */
export interface BatchParts {
  readonly grants: readonly Grant[];
  /** By grant: the row of its agent after the run. */
  readonly rows: readonly AllocatorAgent[];
  /** By grant: executors of its framework on its agent, if there are any. */
  readonly executors: ReadonlyMap<number, readonly string[]>;
}

const noParts: BatchParts = { grants: [], rows: [], executors: new Map() };

/** What the offers of a run have in common. */
export interface BatchHead {
  readonly run: number;
  /** Number of the input that made them. */
  readonly seq: number;
  /** When they were made, ms. */
  readonly at: number;
  /** What ids of this master begin with; then comes the number. */
  readonly prefix: string;
  /** The number of the first offer. */
  readonly first: number;
}

/** The offers of one run, by number. It never changes; which of them are outstanding, the table says. */
export class OfferBatch {
  readonly head: BatchHead;
  /** How many offers it was made of. */
  readonly size: number;
  readonly #parts: BatchParts;
  /** Those that somebody has looked at. */
  readonly #made: (OfferRow | undefined)[];
  /** The numbers of each framework's offers; made when somebody asks. */
  #numbers: ReadonlyMap<string, readonly number[]> | undefined;

  constructor(
    head: BatchHead,
    parts: BatchParts,
    made: (OfferRow | undefined)[] = [],
    size: number = parts.grants.length,
  ) {
    this.head = head;
    this.#parts = parts;
    this.#made = made;
    this.size = size;
  }

  /** A batch of rows that are there already. */
  static of(rows: readonly OfferRow[]): OfferBatch {
    const [first] = rows;
    const id = first?.offer.id ?? 'O0';
    const number = offerNumber(id);
    const prefix = id.slice(0, id.length - String(number).length);
    const head = { run: first?.run ?? 0, seq: first?.seq ?? 0, at: first?.offer.at ?? 0, prefix, first: number };
    const made: (OfferRow | undefined)[] = [];
    for (const row of rows) made[offerNumber(row.offer.id) - number] = row;
    return new OfferBatch(head, noParts, made, rows.length);
  }

  /** How many numbers it spans. */
  get length(): number {
    return Math.max(this.#parts.grants.length, this.#made.length);
  }

  /** The offer of a number of this batch. */
  row(number: number): OfferRow {
    const index = number - this.head.first;
    const known = this.#made[index];
    if (known !== undefined) return known;
    const { run, seq, at, prefix } = this.head;
    const { grants, rows, executors } = this.#parts;
    const offer = offerOf(`${prefix}${number}`, grants[index] as Grant, rows[index] as AllocatorAgent, {
      executors: executors.get(index) ?? noExecutors,
      at,
    });
    const row = { offer, run, seq };
    this.#made[index] = row;
    return row;
  }

  /** The numbers of each framework's offers, the smallest first; in the order of these. */
  numbers(): ReadonlyMap<string, readonly number[]> {
    if (this.#numbers !== undefined) return this.#numbers;
    const numbers = new Map<string, number[]>();
    for (let index = 0; index < this.length; index += 1) {
      const owner = this.#parts.grants[index]?.framework ?? this.#made[index]?.offer.framework;
      if (owner === undefined) continue;
      const mine = numbers.get(owner);
      if (mine === undefined) numbers.set(owner, [this.head.first + index]);
      else mine.push(this.head.first + index);
    }
    this.#numbers = numbers;
    return numbers;
  }
}

const noExecutors: readonly string[] = Object.freeze([]);

function offerOf(
  id: string,
  { framework, role, resources }: Grant,
  machine: AllocatorAgent,
  { executors, at }: Pick<Offer, 'executors' | 'at'>,
): Offer {
  return Object.freeze({
    id,
    framework,
    agent: machine.id,
    role,
    hostname: machine.hostname,
    resources,
    attributes: machine.attributes,
    executors,
    ...(machine.domain === null ? {} : { domain: machine.domain }),
    ...(machine.maintenance === null ? {} : { unavailability: machine.maintenance.unavailability }),
    at,
  });
}

/** The number that an offer's id ends with; -1 = it ends with none that was made here. */
export function offerNumber(id: string): number {
  const start = id.lastIndexOf('O') + 1;
  const digits = id.length - start;
  if (start === 0 || digits === 0 || digits > 15) return -1;
  let number = 0;
  for (let at = start; at < id.length; at += 1) {
    const digit = id.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9 || (digit === 0 && at === start && digits > 1)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** A batch of which fewer than one in so many is left is replaced by one of what is left. */
const sparse = 4;
/** Smaller batches are not worth it. */
const small = 64;

/** A run of which something is outstanding, and how many offers that are. */
interface OpenRun {
  readonly batch: OfferBatch;
  readonly open: number;
}

/** All outstanding offers, by id. Persistent: every change gives a new table; for `edit` see `Table.set`. */
export class OfferTable {
  /** By number of the offer: the batch that it is in. */
  readonly #batches: Numbered<OfferBatch>;
  readonly #runs: Numbered<OpenRun>;

  private constructor(batches: Numbered<OfferBatch>, runs: Numbered<OpenRun>) {
    this.#batches = batches;
    this.#runs = runs;
  }

  static readonly #none = new OfferTable(Numbered.empty(), Numbered.empty());

  /** The table without offers. */
  static empty(): OfferTable {
    return OfferTable.#none;
  }

  /** A table of these rows, in any order. */
  static from(rows: Iterable<OfferRow>): OfferTable {
    const byRun = new Map<number, OfferRow[]>();
    for (const row of rows) {
      const mine = byRun.get(row.run);
      if (mine === undefined) byRun.set(row.run, [row]);
      else mine.push(row);
    }
    const edit = new Edit();
    let batches = Numbered.empty<OfferBatch>();
    let runs = Numbered.empty<OpenRun>();
    for (const [run, mine] of byRun) {
      const batch = OfferBatch.of(mine.sort((a, b) => offerNumber(a.offer.id) - offerNumber(b.offer.id)));
      for (const { offer } of mine) batches = batches.set(offerNumber(offer.id), batch, edit);
      runs = runs.set(run, { batch, open: mine.length }, edit);
    }
    return new OfferTable(batches, runs);
  }

  /** How many there are. */
  get size(): number {
    return this.#batches.size;
  }

  /** The offer of an id, or `undefined`. */
  get(id: string): OfferRow | undefined {
    const number = offerNumber(id);
    const batch = number === -1 ? undefined : this.#batches.get(number);
    if (batch === undefined || !id.startsWith(batch.head.prefix)) return undefined;
    const row = batch.row(number);
    return row.offer.id === id ? row : undefined;
  }

  /** Whether there is such an offer. */
  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** This table with the offers of a new run. */
  add(batch: OfferBatch, edit?: Edit): OfferTable {
    const { first, run } = batch.head;
    return new OfferTable(
      this.#batches.fill(first, first + batch.length - 1, batch, edit),
      this.#runs.set(run, { batch, open: batch.length }, edit),
    );
  }

  /** This table with one row changed, or one more. */
  set(id: string, row: OfferRow): OfferTable {
    return OfferTable.from([...this.values().filter(({ offer }) => offer.id !== id), row]);
  }

  /** This table without an offer; itself if there is none. */
  remove(id: string, edit?: Edit): OfferTable {
    const number = offerNumber(id);
    const batch = this.#batches.get(number);
    if (batch === undefined || !this.has(id)) return this;
    const { run } = batch.head;
    const open = (this.#runs.get(run)?.open ?? 1) - 1;
    const batches = this.#batches.remove(number, edit);
    if (open === 0) return new OfferTable(batches, this.#runs.remove(run, edit));
    const isSparse = batch.size > small && open * sparse < batch.size;
    return isSparse
      ? OfferTable.#dense(batches, this.#runs, batch, edit)
      : new OfferTable(batches, this.#runs.set(run, { batch, open }, edit));
  }

  /** With a smaller batch in the place of one of which little is left: it would keep the rows of all agents of its run alive. */
  static #dense(
    batches: Numbered<OfferBatch>,
    runs: Numbered<OpenRun>,
    old: OfferBatch,
    edit: Edit | undefined,
  ): OfferTable {
    const { first, run } = old.head;
    const rows: OfferRow[] = [];
    for (let number = first; number < first + old.length; number += 1) {
      if (batches.get(number) === old) rows.push(old.row(number));
    }
    const batch = OfferBatch.of(rows);
    let filled = batches;
    for (const { offer } of rows) filled = filled.set(offerNumber(offer.id), batch, edit);
    return new OfferTable(filled, runs.set(run, { batch, open: rows.length }, edit));
  }

  /** The numbers of a framework's outstanding offers, the oldest first. Looks at runs, not at the offers of others. */
  numbersOf(framework: string): readonly number[] {
    const found: number[] = [];
    this.#runs.forEach(({ batch }) => {
      for (const number of batch.numbers().get(framework) ?? [])
        if (this.#batches.get(number) === batch) found.push(number);
    });
    return found;
  }

  /** The offer of a number, or `undefined`. */
  at(number: number): OfferRow | undefined {
    return this.#batches.get(number)?.row(number);
  }

  /** The ids, the oldest offer first. */
  keys(): string[] {
    return this.values().map(({ offer }) => offer.id);
  }

  /** The rows, the oldest offer first. */
  values(): OfferRow[] {
    const rows: OfferRow[] = [];
    this.forEach((row) => rows.push(row));
    return rows;
  }

  /** The rows by id, one by one; the oldest offer first. */
  *walk(): Generator<[string, OfferRow], void, undefined> {
    for (const [number, batch] of this.#batches.walk()) {
      const row = batch.row(number);
      yield [row.offer.id, row];
    }
  }

  /** Visits every row, the oldest offer first. */
  forEach(visit: (row: OfferRow, id: string) => void): void {
    this.#batches.forEach((batch, number) => {
      const row = batch.row(number);
      visit(row, row.offer.id);
    });
  }
}
