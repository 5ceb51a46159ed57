/**
 * The quotas of one run, in numbers: what is consumed and free moves with each grant. A row for each role with a quota, a
 * column for each name.
 */
import {
  Limits,
  Quantities,
  compareText,
  noLimits,
  noQuantities,
  roleAncestors,
  type Resources,
} from '../resources/index.js';
import { millisOf, namesOf } from '../resources/quantities.js';
import { consumptionOf, countedOf, headroomOf, type QuotaRoom, type QuotaStage } from './quota.js';
import type { AllocatorState } from './state.js';

/** Rows of the roles that matter to one role, the nearest first. */
export interface QuotaLine {
  /** Whose quotas bind it: its own and all above it, or as Mesos has it only its own (QUOTA-11). */
  readonly bound: readonly number[];
  /** Whose consumption it counts in: its own and all above it. */
  readonly charged: readonly number[];
}

/** What must stay free for all roles is kept in a row of its own, below that of the last role. */
export class QuotaBook {
  readonly #state: AllocatorState;
  /** In order: what anybody has a quota of, and what is free anywhere. */
  readonly #names: readonly string[];
  readonly #columns: ReadonlyMap<string, number>;
  readonly #width: number;
  readonly #rows = new Map<string, number>();
  readonly #lines = new Map<string, QuotaLine>();
  /** By row: that of the nearest role above with a quota; for a role at the top the last row. */
  readonly #above: Int32Array;
  readonly #guarantees: Float64Array;
  /** Infinity = unlimited. */
  readonly #limits: Float64Array;
  readonly #consumed: Float64Array;
  /** What must stay free for a role and those below it. */
  readonly #required: Float64Array;
  /** What those right below a role require, in all. */
  readonly #requiredBelow: Float64Array;
  /** Free and countable, over all agents. */
  readonly #available: Float64Array;
  /** By row: in how many columns the guarantee is not met. */
  readonly #unmetColumns: Int32Array;
  /** How many roles have an unmet guarantee. */
  #owed = 0;
  /** The names that were met last, and their columns. */
  #lastNames: readonly string[] = [];
  #lastColumns: readonly number[] = [];

  constructor(state: AllocatorState) {
    this.#state = state;
    const consumption = consumptionOf(state);
    const headroom = headroomOf(state);
    const roles = state.quotas.keys();
    const names = new Set(namesOf(headroom));
    for (const { guarantees, limits } of state.quotas.values()) {
      for (const name of [...namesOf(guarantees), ...namesOf(limits)]) names.add(name);
    }
    this.#names = [...names].sort(compareText);
    this.#columns = new Map(this.#names.map((name, column) => [name, column]));
    const width = this.#names.length;
    this.#width = width;
    for (const [row, role] of roles.entries()) this.#rows.set(role, row);
    this.#above = new Int32Array(roles.length + 1).fill(roles.length);
    this.#guarantees = new Float64Array(roles.length * width);
    this.#limits = new Float64Array(roles.length * width).fill(Infinity);
    this.#consumed = new Float64Array(roles.length * width);
    this.#required = new Float64Array(roles.length * width);
    this.#requiredBelow = new Float64Array((roles.length + 1) * width);
    this.#available = new Float64Array(width);
    this.#unmetColumns = new Int32Array(roles.length);
    this.#write(this.#available, 0, headroom);
    for (const [row, role] of roles.entries()) {
      const quota = state.quotas.get(role);
      const above = roleAncestors(role).find((name) => this.#rows.has(name));
      if (above !== undefined) this.#above[row] = this.#rows.get(above) as number;
      this.#write(this.#guarantees, row, quota?.guarantees ?? noQuantities);
      this.#write(this.#limits, row, quota?.limits ?? noLimits);
      this.#write(this.#consumed, row, consumption.get(role) ?? noQuantities);
    }
    const deepestFirst = roles.toSorted((a, b) => depthOf(b) - depthOf(a));
    for (const role of deepestFirst) this.#require(this.#rows.get(role) as number);
  }

  /** The rows that matter to a role. */
  line(role: string): QuotaLine {
    const known = this.#lines.get(role);
    if (known !== undefined) return known;
    const charged = [role, ...roleAncestors(role)].flatMap((name) => this.#rows.get(name) ?? []);
    const own = this.#rows.get(role);
    const bound = this.#state.config.nestedQuota ? charged : own === undefined ? [] : [own];
    const line = { bound, charged };
    this.#lines.set(role, line);
    return line;
  }

  /** Consumed by a role with a quota and everything below it: reserved to it, or held of what is not reserved (QUOTA-2). */
  consumed(role: string): Quantities {
    return this.#quantities(this.#rows.get(role), (at) => this.#consumed[at] as number);
  }

  /** Guaranteed to a role and not consumed yet. */
  unmet(role: string): Quantities {
    return this.#unmetOf(this.#rows.get(role));
  }

  /** What may be given to a role now. */
  room(role: string, stage: QuotaStage): QuotaRoom {
    const { bound } = this.line(role);
    const unmet = this.#unmetOf(bound.find((row) => this.#unmetColumns[row] !== 0));
    return { stage, role, unmet, limits: this.#limitsLeft(bound), surplus: this.surplus() };
  }

  /** What is free beyond all that is guaranteed and not held yet. */
  surplus(): Quantities {
    const demand = this.#above.length - 1;
    return this.#quantities(demand, (at, column) => {
      return Math.max(0, (this.#available[column] as number) - (this.#requiredBelow[at] as number));
    });
  }

  /** Whether anything is free beyond what is guaranteed. */
  get hasSurplus(): boolean {
    const demand = (this.#above.length - 1) * this.#width;
    for (let column = 0; column < this.#width; column += 1) {
      if ((this.#available[column] as number) > (this.#requiredBelow[demand + column] as number)) return true;
    }
    return false;
  }

  /** What is missing of the headroom: guaranteed and not held, and not free either. */
  shortfall(): Quantities {
    const demand = this.#above.length - 1;
    return this.#quantities(demand, (at, column) => {
      return Math.max(0, (this.#requiredBelow[at] as number) - (this.#available[column] as number));
    });
  }

  /** Whether the stage of guarantees has anything to give to a role. */
  isOwed(line: QuotaLine): boolean {
    for (const row of line.bound) if (this.#unmetColumns[row] !== 0) return true;
    return false;
  }

  /** Whether it has anything to give to anybody. */
  get owesAnybody(): boolean {
    return this.#owed > 0;
  }

  /** Whether limits leave nothing of any name: then a role gets nothing that counts. */
  isFull({ bound }: QuotaLine): boolean {
    for (let column = 0; column < this.#width; column += 1) if (this.#leftOf(bound, column) > 0) return false;
    return this.#width > 0;
  }

  /**
   * What may be given of so much that counts, name by name: as {@link withinQuota} has it, of amounts alone. Written to
   * `given`; whether there is anything is returned.
   */
  allowed(
    { bound }: QuotaLine,
    stage: QuotaStage,
    names: readonly string[],
    amounts: readonly number[],
    given: number[],
  ): boolean {
    const columns = this.#columnsOf(names);
    const demand = (this.#above.length - 1) * this.#width;
    const row = bound.find((candidate) => this.#unmetColumns[candidate] !== 0);
    let isOwed = false;
    let isAny = false;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] as number;
      given[i] = 0;
      if (column === -1) continue;
      const amount = amounts[i] as number;
      const left = this.#leftOf(bound, column);
      const owed = stage === 'fair-share' ? 0 : Math.min(amount, this.#unmetAt(row, column), left);
      const surplus = Math.max(
        0,
        (this.#available[column] as number) - (this.#requiredBelow[demand + column] as number),
      );
      const extra = Math.min(amount - owed, left - owed, surplus);
      if (owed > 0) isOwed = true;
      if (owed + extra > 0) isAny = true;
      given[i] = owed + extra;
    }
    // QUOTA-6: nothing guaranteed on this agent, nothing at all.
    return stage === 'guarantees' ? isOwed : isAny;
  }

  /** Something was given to a role. */
  take(role: string, resources: Resources): void {
    this.charge(this.line(role), countedOf(resources));
  }

  /** So much that counts was given to a role. */
  charge({ charged }: QuotaLine, taken: Quantities): void {
    const columns = this.#columnsOf(namesOf(taken));
    if (columns.length === 0) return;
    const millis = millisOf(taken);
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] as number;
      if (column === -1) continue;
      this.#available[column] = Math.max(0, (this.#available[column] as number) - (millis[i] as number));
    }
    for (const row of charged) {
      for (let i = 0; i < columns.length; i += 1) {
        if (columns[i] === -1) continue;
        const at = row * this.#width + (columns[i] as number);
        this.#consumed[at] = (this.#consumed[at] as number) + (millis[i] as number);
      }
      this.#require(row);
    }
  }

  /** What a role was offered went back to its agent; `free` is what that has free. */
  giveBack(role: string, resources: Resources, free: { readonly before: Resources; readonly after: Resources }): void {
    this.#add(this.#available, 0, countedOf(free.before), -1);
    this.#add(this.#available, 0, countedOf(free.after), 1);
    const back = countedOf(resources);
    for (const row of this.line(role).charged) {
      this.#add(this.#consumed, row, back, -1);
      this.#require(row);
    }
  }

  /** Computes anew what a role requires, after those below it; the sum above it follows (QUOTA-5; nested roles: design). */
  #require(row: number): void {
    const above = (this.#above[row] as number) * this.#width;
    let unmetColumns = 0;
    for (let column = 0; column < this.#width; column += 1) {
      const at = row * this.#width + column;
      const unmet = this.#unmetAt(row, column);
      if (unmet > 0) unmetColumns += 1;
      const required = Math.max(unmet, this.#requiredBelow[at] as number);
      this.#requiredBelow[above + column] =
        (this.#requiredBelow[above + column] as number) + required - (this.#required[at] as number);
      this.#required[at] = required;
    }
    this.#owed += Number(unmetColumns > 0) - Number((this.#unmetColumns[row] as number) > 0);
    this.#unmetColumns[row] = unmetColumns;
  }

  #unmetAt(row: number | undefined, column: number): number {
    if (row === undefined) return 0;
    const at = row * this.#width + column;
    return Math.max(0, (this.#guarantees[at] as number) - (this.#consumed[at] as number));
  }

  #unmetOf(row: number | undefined): Quantities {
    return this.#quantities(row, (_, column) => this.#unmetAt(row, column));
  }

  /** What limits leave of one name; Infinity = it is not limited. */
  #leftOf(bound: readonly number[], column: number): number {
    let left = Infinity;
    for (const row of bound) {
      const at = row * this.#width + column;
      left = Math.min(left, Math.max(0, (this.#limits[at] as number) - (this.#consumed[at] as number)));
    }
    return left;
  }

  #limitsLeft(bound: readonly number[]): Limits {
    const lefts = this.#names.map((_, column) => this.#leftOf(bound, column));
    const names = this.#names.filter((_, column) => lefts[column] !== Infinity);
    if (names.length === 0) return noLimits;
    return new Limits(
      Object.freeze(names),
      lefts.filter((left) => left !== Infinity),
    );
  }

  #quantities(row: number | undefined, milliOf: (at: number, column: number) => number): Quantities {
    if (row === undefined) return noQuantities;
    const millis = this.#names.map((_, column) => milliOf(row * this.#width + column, column));
    const names = this.#names.filter((_, column) => (millis[column] as number) > 0);
    if (names.length === 0) return noQuantities;
    return new Quantities(
      Object.freeze(names),
      millis.filter((milli) => milli > 0),
    );
  }

  /** The column of each name. What nobody has a quota of, and nobody has free, has none and is left out. */
  #columnsOf(names: readonly string[]): readonly number[] {
    if (names !== this.#lastNames) {
      this.#lastNames = names;
      this.#lastColumns = names.map((name) => this.#columns.get(name) ?? -1);
    }
    return this.#lastColumns;
  }

  #write(into: Float64Array, row: number, amounts: Quantities | Limits): void {
    const millis = millisOf(amounts);
    for (const [i, name] of namesOf(amounts).entries()) {
      const column = this.#columns.get(name);
      if (column !== undefined) into[row * this.#width + column] = millis[i] as number;
    }
  }

  #add(into: Float64Array, row: number, amounts: Quantities, sign: 1 | -1): void {
    const millis = millisOf(amounts);
    for (const [i, name] of namesOf(amounts).entries()) {
      const column = this.#columns.get(name);
      if (column === undefined) continue;
      const at = row * this.#width + column;
      into[at] = Math.max(0, (into[at] as number) + sign * (millis[i] as number));
    }
  }
}

function depthOf(role: string): number {
  return role.split('/').length;
}
