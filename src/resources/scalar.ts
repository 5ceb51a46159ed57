import { InputError } from './errors.js';

/**
 * The largest amount, in thousandths: 2^53 - 1. Up to here every whole thousandth is an exact double, so sums and
 * differences need no rounding.
 *
 * @remarks Since 0.1.0
 */
export const MAX_MILLI: number = Number.MAX_SAFE_INTEGER;

/**
 * A plain number as whole thousandths, rounded half away from zero (RES-6), so `1.0005` is `1001`.
 *
 * @throws InputError `bad-number` if the value is not finite or has more than {@link MAX_MILLI} thousandths.
 * @remarks Since 0.1.0
 */
export function toMilli(value: number): number {
  const scaled = Math.abs(value) * 1000;
  if (!(scaled <= MAX_MILLI)) throw new InputError('bad-number', '', `${value} is not an amount`);
  // Not Math.floor(scaled + 0.5): that sum rounds 0.49999999999999994 up.
  const floor = Math.floor(scaled);
  const milli = scaled - floor >= 0.5 ? floor + 1 : floor;
  return value < 0 && milli !== 0 ? -milli : milli;
}

/**
 * Thousandths as a plain number.
 *
 * Above 4.4e15 thousandths neighbouring results are closer than a double can tell; {@link formatMilli} is always exact.
 *
 * @remarks Since 0.1.0
 */
export function fromMilli(milli: number): number {
  return milli / 1000;
}

/**
 * Thousandths as text with at most three decimals: `1500` is `1.5`, `-1` is `-0.001`.
 *
 * @remarks Since 0.1.0
 */
export function formatMilli(milli: number): string {
  const size = Math.abs(milli);
  const whole = Math.floor(size / 1000);
  const rest = size - whole * 1000;
  const sign = milli < 0 ? '-' : '';
  if (rest === 0) return `${sign}${whole}`;
  return `${sign}${whole}.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const smallestNormal = 2.2250738585072014e-308;

/** What a piece of text says when it is read as a number. */
export type ReadNumber =
  | { readonly type: 'milli'; readonly milli: number; readonly vanished: boolean }
  | { readonly type: 'negative' | 'subnormal' | 'too-large' | 'not-a-number' };

/**
 * Reads a decimal number (RES-14): only plain and exponent notation, never hexadecimal, `Infinity` or an empty text,
 * all of which `Number()` would take. `vanished` says that the number is not zero but rounds to it.
 */
export function readNumber(text: string): ReadNumber {
  const short = readShort(text);
  if (short !== undefined) return { type: 'milli', milli: short, vanished: false };
  if (!decimal.test(text)) return { type: 'not-a-number' };
  const value = Number(text);
  if (value !== 0 && Math.abs(value) < smallestNormal) return { type: 'subnormal' };
  if (value < 0) return { type: 'negative' };
  if (value * 1000 > MAX_MILLI) return { type: 'too-large' };
  const milli = toMilli(value);
  return { type: 'milli', milli, vanished: milli === 0 && value !== 0 };
}

/**
 * The thousandths of a number in digits, at most three of them decimals; `undefined` for any other text. Exact
 * where `value * 1000` would already be off, and much faster: nearly every number is such a one.
 */
export function readShort(text: string): number | undefined {
  const { length } = text;
  if (length === 0 || length > 17) return undefined;
  let digits = 0;
  let decimals = -1;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x30 && unit <= 0x39) {
      // In this order: digits * 10 + unit alone may already exceed what a double holds exactly.
      digits = digits * 10 + (unit - 0x30);
      if (decimals >= 0) decimals += 1;
    } else if (unit === 0x2e && decimals === -1 && i > 0) decimals = 0;
    else return undefined;
  }
  if (decimals === 0 || decimals > 3) return undefined;
  const milli = decimals === 3 ? digits : decimals === 2 ? digits * 10 : decimals === 1 ? digits * 100 : digits * 1000;
  return milli <= MAX_MILLI ? milli : undefined;
}

/**
 * The sum of two amounts in thousandths.
 *
 * @throws InputError `too-large` beyond {@link MAX_MILLI}.
 */
export function addMilli(a: number, b: number): number {
  const sum = a + b;
  if (sum > MAX_MILLI) throw tooLarge('', `The sum of ${formatMilli(a)} and ${formatMilli(b)}`);
  return sum;
}

/** What is too large to be counted exactly. */
export function tooLarge(path: string, what: string): InputError {
  return new InputError('too-large', path, `${what} is above ${formatMilli(MAX_MILLI)}, the most that can be counted`);
}
