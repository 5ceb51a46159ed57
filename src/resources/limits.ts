import { sharedNames } from './columns.js';
import { InputError } from './errors.js';
import { compareText } from './ids.js';
import {
  amount,
  type Amount,
  amountsJson,
  formatAmounts,
  keepAmounts,
  millisOf,
  namesOf,
  type Quantities,
  readAmounts,
} from './quantities.js';
import { TextMemo } from './memo.js';
import { quote } from './quote.js';

const brand: unique symbol = Symbol.for('proffer.limits');

/**
 * A ceiling for each of some names, in whole thousandths (QTY-2). An absent name is unlimited; a ceiling of 0 allows
 * nothing. Made by {@link limits} and the functions beside it only.
 *
 * @remarks Since 0.1.0
 */
export class Limits {
  static {
    Object.defineProperty(this.prototype, brand, { value: true });
    // No instance can be given a method of its own.
    Object.freeze(this.prototype);
  }

  /** @internal @param names - frozen. */
  constructor(names: readonly string[], millis: readonly number[]) {
    keepAmounts(this, names, millis);
  }

  /** In order ({@link compareText}). */
  get names(): readonly string[] {
    return namesOf(this);
  }

  /** The ceilings in thousandths, in the order of the names: a copy. */
  get millis(): readonly number[] {
    return [...millisOf(this)];
  }

  /** `cpus:1; mem:0`, or `{}` if nothing is limited. */
  toString(): string {
    return limitsFormat(this);
  }

  /** Text that {@link limits} reads back; pairs if a name cannot be said in text. */
  toJSON(): string | [string, number][] {
    return amountsJson(namesOf(this), millisOf(this));
  }
}

/**
 * Everything that can be read as limits; numbers are plain, not thousandths.
 *
 * @remarks Since 0.1.0
 */
export type LimitsLike =
  string | Limits | Readonly<Record<string, number>> | readonly (readonly [name: string, value: number])[];

/**
 * Nothing is limited.
 *
 * @remarks Since 0.1.0
 */
export const noLimits: Limits = new Limits(Object.freeze([]), []);

/** Whether a value was made by this library, be it by another copy of it. */
function isLimits(value: unknown): value is Limits {
  return value instanceof Limits || (typeof value === 'object' && value !== null && brand in value);
}

/**
 * Reads limits: text, an object, or pairs. A name that comes twice is an error.
 *
 * @param path - what to call the place in errors.
 * @throws InputError `bad-limits`
 * @example
 * ```ts
 * limitsContainQuantities(limits('cpus:4'), quantities('cpus:4;mem:9999')); // true: mem is unlimited
 * ```
 * @remarks Since 0.1.0
 */
export function limits(like: LimitsLike, path: string = 'limits'): Limits {
  if (typeof like !== 'string') return isLimits(like) ? like : fromLike(like, path);
  return texts.recall(like, (text) => fromLike(text, path));
}

const texts = new TextMemo<Limits>();

function fromLike(like: unknown, path: string): Limits {
  const ceilings = new Map<string, number>();
  for (const [name, milli] of readAmounts(like, 'bad-limits', path)) {
    if (ceilings.has(name)) throw new InputError('bad-limits', path, `Duplicate limit for ${quote(name)}`);
    ceilings.set(name, milli);
  }
  return fromCeilings([...ceilings]);
}

function fromCeilings(list: readonly Amount[]): Limits {
  if (list.length === 0) return noLimits;
  const sorted = [...list].sort((a, b) => compareText(a[0], b[0]));
  return new Limits(
    sharedNames(sorted.map(([name]) => name)),
    sorted.map(([, milli]) => milli),
  );
}

/**
 * Reads the text form `cpus:1;mem:0` (QTY-2).
 *
 * @throws InputError `bad-limits`
 * @remarks Since 0.1.0
 */
export function parseLimits(text: string): Limits {
  return limits(text);
}

/**
 * The ceiling of a name in thousandths; `undefined` means unlimited.
 *
 * @remarks Since 0.1.0
 */
export function limitOf(l: Limits, name: string): number | undefined {
  const at = namesOf(l).indexOf(name);
  return at === -1 ? undefined : millisOf(l)[at];
}

/**
 * Whether whatever `inner` allows, `outer` allows too. An absent name contains any ceiling; no ceiling contains an absent
 * name.
 *
 * @remarks Since 0.1.0
 */
export function limitsContainLimits(outer: Limits, inner: Limits): boolean {
  return namesOf(outer).every((name, i) => {
    const ceiling = limitOf(inner, name);
    return ceiling !== undefined && ceiling <= (millisOf(outer)[i] ?? 0);
  });
}

/**
 * Whether quantities stay within limits.
 *
 * @remarks Since 0.1.0
 */
export function limitsContainQuantities(l: Limits, q: Quantities): boolean {
  const names = namesOf(l);
  const ceilings = millisOf(l);
  for (let i = 0; i < names.length; i += 1) {
    if (amount(q, names[i] as string) > (ceilings[i] as number)) return false;
  }
  return true;
}

/**
 * What limits leave after quantities have been used: each ceiling lowered, at most to 0; the unlimited stays unlimited.
 *
 * @remarks Since 0.1.0
 */
export function limitsSubtractQuantities(l: Limits, q: Quantities): Limits {
  if (namesOf(l).length === 0 || namesOf(q).length === 0) return l;
  return new Limits(
    namesOf(l),
    millisOf(l).map((milli, i) => Math.max(0, milli - amount(q, namesOf(l)[i] ?? ''))),
  );
}

/**
 * `cpus:1; mem:0`, or `{}` if nothing is limited.
 *
 * @remarks Since 0.1.0
 */
export function limitsFormat(l: Limits): string {
  return formatAmounts(namesOf(l), millisOf(l));
}

/**
 * Whether two limit the same names alike.
 *
 * @remarks Since 0.1.0
 */
export function limitsEqual(a: Limits, b: Limits): boolean {
  return limitsContainLimits(a, b) && limitsContainLimits(b, a);
}
