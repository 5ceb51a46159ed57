import { describe, expect, it } from 'vitest';
import { unitExponential } from '../../src/drf/index.js';
import { hashText } from '../../src/resources/index.js';

const many = 40_000;
const draws = (seed: number): number[] => Array.from({ length: many }, (_, i) => unitExponential(seed, i));
const seeds = [0, 1, 2, 0xffff_ffff, Number.MAX_SAFE_INTEGER];

/** How far counts are from equal ones: the sum of (counted - expected)^2 / expected. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** How many fall into each of `parts` equal parts of [0, 1). */
function histogram(units: readonly number[], parts: number): number[] {
  const counts = Array.from({ length: parts }, () => 0);
  for (const unit of units) {
    const part = Math.floor(unit * parts);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

describe('a unit exponential variate', () => {
  it('has these bits, whatever the engine', () => {
    expect([unitExponential(1), unitExponential(1, 2), unitExponential(2, 1), unitExponential()]).toEqual([
      2.728819573653199, 2.7534711882356184, 0.5503307815671389, 0.10728082774526582,
    ]);
    expect(unitExponential(1, 42, hashText('agent-1'), hashText('role/a'))).toBe(0.17886332142383166);
  });

  it('is the same for the same key, another for another', () => {
    expect(draws(5)).toEqual(draws(5));
    expect(new Set([...draws(5), ...draws(6)]).size).toBe(2 * many);
    expect(unitExponential(1, 2)).not.toBe(unitExponential(2, 1));
    expect(unitExponential(1)).not.toBe(unitExponential(1, 0));
  });

  it.each(seeds)('has mean 1 and variance 1 (seed %i)', (seed) => {
    const list = draws(seed);
    const mean = list.reduce((sum, x) => sum + x) / many;
    const variance = list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / many;
    // Standard errors: 1 / sqrt(n) and sqrt(8 / n).
    expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(many));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(8 / many));
  });

  it.each(seeds)('is greater than t with a chance of e^-t (seed %i)', (seed) => {
    const list = draws(seed);
    for (const t of [0.01, 0.1, 0.5, 1, 1.5, 2, 3, 5, 7]) {
      const chance = Math.exp(-t);
      const part = list.filter((x) => x > t).length / many;
      expect(Math.abs(part - chance), `P(X > ${t})`).toBeLessThan(4 * Math.sqrt((chance * (1 - chance)) / many));
    }
    // 49 degrees of freedom: above 85.4 in one of a thousand.
    expect(
      chiSquare(
        histogram(
          list.map((x) => Math.exp(-x)),
          50,
        ),
      ),
    ).toBeLessThan(85.4);
    // Behind the point too, among the small ones, where the whole part and its rest meet.
    const rests = list.map((x) => (1 - Math.exp(-(x % 1))) / (1 - Math.exp(-1)));
    expect(chiSquare(histogram(rests, 50))).toBeLessThan(85.4);
  });

  it('does not follow its neighbours: keys in a row, paths that differ by a letter', () => {
    const pairs = histogram(
      Array.from({ length: many }, (_, i) => {
        const [a, b] = [`f${i}`, `f${i + 1}`].map((path) => Math.exp(-unitExponential(1, i, hashText(path))));
        return (Math.floor((a ?? 0) * 8) + (b ?? 0)) / 8;
      }),
      64,
    );
    // 63 degrees of freedom.
    expect(chiSquare(pairs)).toBeLessThan(103.4);
  });

  it('is a finite number above 0', () => {
    for (const draw of draws(9)) expect(draw > 0 && draw < 40).toBe(true);
  });

  it('sorts clients by weight when divided by it: the chances of every order are those of a weighted shuffle', () => {
    const weights = new Map([
      ['a', 1],
      ['b', 2],
      ['c', 5],
    ]);
    const counts = new Map<string, number>();
    for (let run = 0; run < many; run += 1) {
      const order = [...weights]
        .map(([name, weight]) => ({ name, rank: unitExponential(3, run, hashText(name)) / weight }))
        .toSorted((x, y) => x.rank - y.rank)
        .map(({ name }) => name)
        .join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    let distance = 0;
    for (const order of ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']) {
      const [first = 0, second = 0, third = 0] = [...order].map((name) => weights.get(name));
      const expected = many * (first / (first + second + third)) * (second / (second + third));
      distance += ((counts.get(order) ?? 0) - expected) ** 2 / expected;
    }
    // 5 degrees of freedom.
    expect(distance).toBeLessThan(20.5);
  });
});
