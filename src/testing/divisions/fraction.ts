/** Fractions of whole numbers without a bound: what the exact divisions reckon in. Always in lowest terms, `below` > 0. */
export interface Fraction {
  readonly above: bigint;
  readonly below: bigint;
}

export const zero: Fraction = Object.freeze({ above: 0n, below: 1n });
export const one: Fraction = Object.freeze({ above: 1n, below: 1n });

/** `above / below`. */
export function fraction(above: bigint, below: bigint = 1n): Fraction {
  const sign = below < 0n ? -1n : 1n;
  const common = gcd(above, below);
  return { above: (sign * above) / common, below: (sign * below) / common };
}

/** Exactly the double: each is a whole number times a power of two. */
export function fromDouble(value: number): Fraction {
  let below = 1n;
  let above = value;
  while (!Number.isInteger(above)) {
    above *= 2;
    below *= 2n;
  }
  return fraction(BigInt(above), below);
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return fraction(a.above * b.below + b.above * a.below, a.below * b.below);
}

export function minus(a: Fraction, b: Fraction): Fraction {
  return fraction(a.above * b.below - b.above * a.below, a.below * b.below);
}

export function times(a: Fraction, b: Fraction): Fraction {
  return fraction(a.above * b.above, a.below * b.below);
}

/** `b` must not be 0. */
export function over(a: Fraction, b: Fraction): Fraction {
  return fraction(a.above * b.below, a.below * b.above);
}

/** Below 0, 0 or above 0 as `a` is smaller than, equal to or greater than `b`. */
export function compare(a: Fraction, b: Fraction): number {
  const difference = a.above * b.below - b.above * a.below;
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

export function isZero(a: Fraction): boolean {
  return a.above === 0n;
}

export function isPositive(a: Fraction): boolean {
  return a.above > 0n;
}

export function sumOf(list: Iterable<Fraction>): Fraction {
  let sum = zero;
  for (const each of list) sum = plus(sum, each);
  return sum;
}

/** The smallest of some; `undefined` of none. */
export function least(list: Iterable<Fraction>): Fraction | undefined {
  let smallest: Fraction | undefined;
  for (const each of list) if (smallest === undefined || compare(each, smallest) < 0) smallest = each;
  return smallest;
}

/** The greatest of some; 0 of none, as all that is compared here is at least that. */
export function greatest(list: Iterable<Fraction>): Fraction {
  let largest = zero;
  for (const each of list) if (compare(each, largest) > 0) largest = each;
  return largest;
}

/** The nearest double, but perhaps for the last bit of a fraction of very long numbers. */
export function toDouble({ above, below }: Fraction): number {
  const size = above < 0n ? -above : above;
  if (size <= exact && below <= exact) return Number(above) / Number(below);
  // As many binary digits of the quotient as a double could tell, and some more.
  const shift = digits(below) - digits(size) + 64;
  const quotient = shift >= 0 ? (above << BigInt(shift)) / below : above / (below << BigInt(-shift));
  return Number(quotient) * 2 ** -shift;
}

/** Up to here all whole numbers are doubles. */
const exact = 2n ** 53n;

/** `45/11`, or `3` for whole numbers. */
export function textOf({ above, below }: Fraction): string {
  return below === 1n ? `${above}` : `${above}/${below}`;
}

/** How many binary digits it has. */
function digits(value: bigint): number {
  return value.toString(2).length;
}

function gcd(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
