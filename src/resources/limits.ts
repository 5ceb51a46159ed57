import { InputError } from './errors.js';
import { compareText } from './ids.js';
import { type Amount, amount, amountsJson, formatAmounts, type Quantities, readAmounts } from './quantities.js';
import { quote } from './quote.js';

const brand: unique symbol = Symbol.for('proffer.limits');

/**
 * A ceiling for each of some names, in whole thousandths (QTY-2). An absent name is unlimited; a ceiling of 0 allows
 * nothing. Made by {@link limits} and the functions beside it only.
 *
 * @remarks Since 0.1.0
 */
export class Limits {
  /** In order ({@link compareText}). */
  readonly names: readonly string[];
  /** The ceilings in thousandths, in the order of the names. Never written. */
  readonly millis: readonly number[];

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** @internal */
  constructor(names: readonly string[], millis: readonly number[]) {
    this.names = names;
    this.millis = millis;
  }

  /** `cpus:1; mem:0`, or `{}` if nothing is limited. */
  toString(): string {
    return limitsFormat(this);
  }

  /** Text that {@link limits} reads back; pairs if a name cannot be said in text. */
  toJSON(): string | [string, number][] {
    return amountsJson(this.names, this.millis);
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
export const noLimits: Limits = new Limits([], []);

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
  if (isLimits(like)) return like;
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
    Object.freeze(sorted.map(([name]) => name)),
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
  const at = l.names.indexOf(name);
  return at === -1 ? undefined : l.millis[at];
}

/**
 * Whether whatever `inner` allows, `outer` allows too. An absent name contains any ceiling; no ceiling contains an absent
 * name.
 *
 * @remarks Since 0.1.0
 */
export function limitsContainLimits(outer: Limits, inner: Limits): boolean {
  return outer.names.every((name, i) => {
    const ceiling = limitOf(inner, name);
    return ceiling !== undefined && ceiling <= (outer.millis[i] ?? 0);
  });
}

/**
 * Whether quantities stay within limits.
 *
 * @remarks Since 0.1.0
 */
export function limitsContainQuantities(l: Limits, q: Quantities): boolean {
  return l.names.every((name, i) => amount(q, name) <= (l.millis[i] ?? 0));
}

/**
 * What limits leave after quantities have been used: each ceiling lowered, at most to 0; the unlimited stays unlimited.
 *
 * @remarks Since 0.1.0
 */
export function limitsSubtractQuantities(l: Limits, q: Quantities): Limits {
  if (l.names.length === 0 || q.names.length === 0) return l;
  return new Limits(
    l.names,
    l.millis.map((milli, i) => Math.max(0, milli - amount(q, l.names[i] ?? ''))),
  );
}

/**
 * `cpus:1; mem:0`, or `{}` if nothing is limited.
 *
 * @remarks Since 0.1.0
 */
export function limitsFormat(l: Limits): string {
  return formatAmounts(l.names, l.millis);
}

/**
 * Whether two limit the same names alike.
 *
 * @remarks Since 0.1.0
 */
export function limitsEqual(a: Limits, b: Limits): boolean {
  return limitsContainLimits(a, b) && limitsContainLimits(b, a);
}
