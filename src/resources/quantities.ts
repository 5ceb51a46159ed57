import {
  addColumns,
  addPlaces,
  type Columns,
  columnsContain,
  columnsEqual,
  columnsOf,
  milliOf,
  noNames,
  subtractPlaces,
  withoutZeros,
} from './columns.js';
import { InputError, recoded } from './errors.js';
import { TextMemo } from './memo.js';
import { quote } from './quote.js';
import { fromMilli, MAX_MILLI, toMilli } from './scalar.js';
import { amountsText, splitEntries } from './text.js';
import { readValue } from './values.js';

const brand: unique symbol = Symbol.for('proffer.quantities');
const nameKey: unique symbol = Symbol.for('proffer.names');
const milliKey: unique symbol = Symbol.for('proffer.millis');

/**
 * What quantities and limits are made of. Nobody outside comes by it, so the numbers need not be frozen, which would make
 * V8 box each; a user sees copies. The keys are registered, so that the ESM and the CommonJS copy can read each other.
 */
interface Held {
  [nameKey]: readonly string[];
  [milliKey]: readonly number[];
}

/** Quantities or limits. */
type Amounts = Pick<Quantities, 'names' | 'millis'>;

/**
 * An amount for each of some names, in whole thousandths (QTY-1). An absent name means none of it, so no amount is 0. Made
 * by {@link quantities} and the functions beside it only.
 *
 * @remarks Since 0.1.0
 */
export class Quantities {
  static {
    Object.defineProperty(this.prototype, brand, { value: true });
    // No instance can be given a method of its own.
    Object.freeze(this.prototype);
  }

  /** @internal @param own - frozen. */
  constructor(own: readonly string[], millis: readonly number[]) {
    keepAmounts(this, own, millis);
  }

  /** In order ({@link compareText}). */
  get names(): readonly string[] {
    return namesOf(this);
  }

  /** The amounts in thousandths, in the order of the names: a copy. */
  get millis(): readonly number[] {
    return [...millisOf(this)];
  }

  /** `cpus:1; mem:2`, or `{}` for none. */
  toString(): string {
    return quantitiesFormat(this);
  }

  /** Text that {@link quantities} reads back; pairs if a name cannot be said in text. */
  toJSON(): string | [string, number][] {
    return amountsJson(namesOf(this), millisOf(this));
  }
}

/**
 * Everything that can be read as quantities; numbers are plain, not thousandths.
 *
 * @remarks Since 0.1.0
 */
export type QuantitiesLike =
  string | Quantities | Readonly<Record<string, number>> | readonly (readonly [name: string, value: number])[];

/** Gives an instance its names, which must be frozen, and their amounts. */
export function keepAmounts(amounts: Amounts, names: readonly string[], millis: readonly number[]): void {
  const own = amounts as unknown as Held;
  own[nameKey] = names;
  own[milliKey] = millis;
}

/** The names in order, frozen. */
export function namesOf(amounts: Amounts): readonly string[] {
  return (amounts as unknown as Held)[nameKey];
}

/** The thousandths in the order of the names, as they are: not for handing out. */
export function millisOf(amounts: Amounts): readonly number[] {
  return (amounts as unknown as Held)[milliKey];
}

/** The names and amounts: not for handing out. */
function columnsIn(amounts: Amounts): Columns {
  return { names: namesOf(amounts), millis: millisOf(amounts) };
}

/**
 * None of anything.
 *
 * @remarks Since 0.1.0
 */
export const noQuantities: Quantities = new Quantities(noNames, []);

/** Whether a value was made by this library, be it by another copy of it. */
function isQuantities(value: unknown): value is Quantities {
  return value instanceof Quantities || (typeof value === 'object' && value !== null && brand in value);
}

/**
 * Reads quantities: text, an object, or pairs. Names that come twice add up, zeros drop out.
 *
 * @param path - what to call the place in errors.
 * @throws InputError `bad-quantities`; `too-large` if a sum exceeds 2^53 thousandths.
 * @example
 * ```ts
 * quantities({ cpus: 1.5, mem: 512 }).toString(); // 'cpus:1.5; mem:512'
 * ```
 * @remarks Since 0.1.0
 */
export function quantities(like: QuantitiesLike, path: string = 'quantities'): Quantities {
  if (typeof like !== 'string') return isQuantities(like) ? like : fromLike(like, path);
  return texts.recall(like, (text) => fromLike(text, path));
}

const texts = new TextMemo<Quantities>();

function fromLike(like: unknown, path: string): Quantities {
  return fromAmounts(readAmounts(like, 'bad-quantities', path));
}

/**
 * Reads the text form `cpus:1;mem:2` (QTY-1).
 *
 * @throws InputError `bad-quantities`, `too-large`
 * @remarks Since 0.1.0
 */
export function parseQuantities(text: string): Quantities {
  return quantities(text);
}

/** A name and its amount in thousandths. */
export type Amount = readonly [name: string, milli: number];

/** Reads names with amounts, as they come; shared with limits. */
export function readAmounts(like: unknown, code: string, path: string): Amount[] {
  if (typeof like === 'string') return readAmountText(like, code, path);
  if (typeof like !== 'object' || like === null) {
    throw new InputError(code, path, `Expecting text, an object or pairs but found ${quote(like)}`);
  }
  const pairs: readonly unknown[] = Array.isArray(like) ? like : Object.entries(like);
  return Array.from(pairs, (pair, i) => readPair(pair, code, Array.isArray(like) ? `${path}[${i}]` : path));
}

function readPair(pair: unknown, code: string, path: string): Amount {
  if (!Array.isArray(pair) || pair.length !== 2)
    throw new InputError(code, path, `Expecting a pair but found ${quote(pair)}`);
  const [name, value] = pair as [unknown, unknown];
  if (typeof name !== 'string' || name === '')
    throw new InputError(code, path, `Expecting a name but found ${quote(name)}`);
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) * 1000 > MAX_MILLI) {
    throw new InputError(code, path, `Invalid resource quantity for ${quote(name)}: ${quote(value)} is not an amount`);
  }
  if (value < 0)
    throw new InputError(code, path, `Invalid resource quantity for ${quote(name)}: Negative values not supported`);
  return [name, toMilli(value)];
}

function readAmountText(text: string, code: string, path: string): Amount[] {
  return splitEntries(text, code, path).map((entry): Amount => {
    if (entry.name === '') throw new InputError(code, path, `Empty resource name at character ${entry.nameAt}`);
    const { value } = recoded(code, path, () => readValue(entry.value, entry.valueAt));
    if (value.type !== 'scalar') {
      const what = `${quote(entry.value.trim())} at character ${entry.valueAt}`;
      throw new InputError(code, path, `Failed to parse ${what}: only scalar values of at least 0 are allowed`);
    }
    return [entry.name, value.milli];
  });
}

/** Quantities of amounts in any order. */
export function fromAmounts(amounts: readonly Amount[]): Quantities {
  const { names: own, millis } = columnsOf(
    amounts.map(([name]) => name),
    amounts.map(([, milli]) => milli),
  );
  return own.length === 0 ? noQuantities : new Quantities(own, millis);
}

const unsafeName = /[;:]|^\s|\s$|^$/;

/** Names with amounts as text, or as pairs if text cannot hold a name. */
export function amountsJson(list: readonly string[], millis: readonly number[]): string | [string, number][] {
  const at = (i: number): number => millis[i] ?? 0;
  if (list.some((name) => unsafeName.test(name))) return list.map((name, i) => [name, fromMilli(at(i))]);
  return amountsText(list, millis, ';');
}

/**
 * How much of a name there is, in thousandths; 0 if it is absent.
 *
 * @remarks Since 0.1.0
 */
export function amount(q: Quantities, name: string): number {
  return milliOf(columnsIn(q), name);
}

/**
 * The names of which there is some, in order.
 *
 * @remarks Since 0.1.0
 */
export function names(q: Quantities): readonly string[] {
  return namesOf(q);
}

/**
 * The sum, name by name.
 *
 * @throws InputError `too-large` if an amount would exceed 2^53 thousandths.
 * @remarks Since 0.1.0
 */
export function quantitiesAdd(a: Quantities, b: Quantities): Quantities {
  const names = namesOf(a);
  if (namesOf(b).length === 0) return a;
  if (names.length === 0) return b;
  if (names === namesOf(b)) return new Quantities(names, addPlaces(millisOf(a), millisOf(b)));
  const sums = addColumns(columnsIn(a), columnsIn(b));
  return new Quantities(sums.names, sums.millis);
}

/**
 * What is left of `a`, name by name and never less than nothing.
 *
 * @remarks Since 0.1.0
 */
export function quantitiesSubtract(a: Quantities, b: Quantities): Quantities {
  const names = namesOf(a);
  if (names.length === 0 || namesOf(b).length === 0) return a;
  const rest = withoutZeros(names, subtractPlaces(columnsIn(a), columnsIn(b)));
  return rest.names.length === 0 ? noQuantities : new Quantities(rest.names, rest.millis);
}

/**
 * Whether there is at least as much of every name in `whole` as in `part`.
 *
 * @remarks Since 0.1.0
 */
export function quantitiesContains(whole: Quantities, part: Quantities): boolean {
  return columnsContain(columnsIn(whole), columnsIn(part));
}

/**
 * The sum of many.
 *
 * @throws InputError `too-large`
 * @remarks Since 0.1.0
 */
export function quantitiesSum(list: Iterable<Quantities>): Quantities {
  let sum = noQuantities;
  for (const q of list) sum = quantitiesAdd(sum, q);
  return sum;
}

/**
 * `cpus:1; mem:2`, or `{}` for none.
 *
 * @remarks Since 0.1.0
 */
export function quantitiesFormat(q: Quantities): string {
  return formatAmounts(namesOf(q), millisOf(q));
}

/** Names with amounts as people read them. */
export function formatAmounts(list: readonly string[], millis: readonly number[]): string {
  return list.length === 0 ? '{}' : amountsText(list, millis, '; ');
}

/**
 * Whether two have the same names and amounts.
 *
 * @remarks Since 0.1.0
 */
export function quantitiesEqual(a: Quantities, b: Quantities): boolean {
  return a === b || columnsEqual(columnsIn(a), columnsIn(b));
}
