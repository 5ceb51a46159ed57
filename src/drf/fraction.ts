import { MAX_MILLI } from '../resources/index.js';

/** The greatest whole number that divides both; `gcd(0, n)` is `n`. */
export function gcd(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}

/**
 * `(amount * q) / (total * p)` of whole numbers, `p / q` in lowest terms, such that equal fractions are equal doubles:
 * while both products are exact, the one division is rounded once and correctly, so it depends only on the quotient.
 */
export function weightedRatio(amount: number, total: number, p: number, q: number): number {
  const above = amount * q;
  const below = total * p;
  return above <= MAX_MILLI && below <= MAX_MILLI ? above / below : reducedRatio(amount, total, p, q);
}

/**
 * The same where a product would be rounded. In lowest terms equal fractions have the same two numbers, however they
 * came about, and so the same rounded products. If those are exact, the result is that of the direct division.
 */
export function reducedRatio(amount: number, total: number, p: number, q: number): number {
  const whole = gcd(amount, total);
  const fromWeight = gcd(amount / whole, p);
  const toWeight = gcd(total / whole, q);
  const above = (amount / whole / fromWeight) * (q / toWeight);
  const below = (total / whole / toWeight) * (p / fromWeight);
  return above / below;
}
