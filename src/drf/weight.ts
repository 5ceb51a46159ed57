import { InputError, MAX_MILLI, toMilli } from '../resources/index.js';
import { gcd } from './fraction.js';

/**
 * A weight as the fraction `p / q` in lowest terms; `q` divides 1000. Not a double, because a share with a weight is
 * compared with other shares, and 1/3 of something must be the same double whichever way it came about.
 *
 * @remarks Since 0.1.0
 */
export interface Weight {
  readonly p: number;
  readonly q: number;
}

/**
 * The weight of whoever was given none (WEIGHT-1).
 *
 * @remarks Since 0.1.0
 */
export const unitWeight: Weight = Object.freeze({ p: 1, q: 1 });

/**
 * A plain number as a weight, rounded to whole thousandths (WEIGHT-1).
 *
 * @param path - what to call the place in the error.
 * @throws InputError `bad-weight` unless the number is finite, above zero after rounding and at most 2^53 thousandths.
 * @example
 * ```ts
 * weightOf(1.5); // { p: 3, q: 2 }
 * ```
 * @remarks Since 0.1.0
 */
export function weightOf(value: number, path: string = 'weight'): Weight {
  if (typeof value !== 'number' || !(value > 0) || !(value * 1000 <= MAX_MILLI)) throw badWeight(value, path);
  const milli = toMilli(value);
  if (milli === 0) throw badWeight(value, path);
  const common = gcd(milli, 1000);
  return milli === 1000 ? unitWeight : { p: milli / common, q: 1000 / common };
}

/**
 * A weight as a plain number.
 *
 * @remarks Since 0.1.0
 */
export function weightValue(weight: Weight): number {
  return weight.p / weight.q;
}

function badWeight(value: unknown, path: string): InputError {
  return new InputError(
    'bad-weight',
    path,
    `a weight is a number from 0.001 to ${MAX_MILLI / 1000}, not ${String(value)}`,
  );
}
