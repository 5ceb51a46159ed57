import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dominantResource, dominantShare, weightOf } from '../../src/drf/index.js';
import { reducedRatio, weightedRatio } from '../../src/drf/fraction.js';
import { MAX_MILLI, Quantities, noQuantities, quantities, quantitiesAdd } from '../../src/resources/index.js';

const amounts = (milli: number): Quantities => new Quantities(['x'], [milli]);

describe('dominantShare', () => {
  it.each([
    ['the larger of two shares', 'cpus:3;mem:1', 'cpus:9;mem:18', 3 / 9, 'cpus'],
    ['the only share', 'mem:4', 'cpus:9;mem:18', 4 / 18, 'mem'],
    ['nothing of what the total lacks', 'cpus:1;gpus:8', 'cpus:9', 1 / 9, 'cpus'],
    ['nothing at all of an empty total', 'cpus:1', '', 0, undefined],
    ['nothing for nothing', '', 'cpus:9', 0, undefined],
    ['more than one whole, after the pool shrank', 'cpus:12', 'cpus:9', 12 / 9, 'cpus'],
    ['the first name of equal shares', 'mem:2;cpus:1', 'cpus:9;mem:18', 1 / 9, 'cpus'],
    ['any names', '__proto__:1;constructor:1', '__proto__:2;constructor:4', 0.5, '__proto__'],
  ])('counts %s (SORT-1, SORT-11)', (_, allocated, total, share, name) => {
    expect(dominantShare(quantities(allocated), quantities(total))).toBe(share);
    expect(dominantResource(quantities(allocated), quantities(total))).toBe(name);
  });

  it('leaves excluded names out (SORT-10)', () => {
    const exclude = new Set(['gpus']);
    const args = [quantities('cpus:1;gpus:4'), quantities('cpus:10;gpus:4')] as const;
    expect(dominantShare(...args)).toBe(1);
    expect(dominantShare(...args, { exclude })).toBe(0.1);
    expect(dominantResource(...args, { exclude })).toBe('cpus');
  });

  it('is divided by the weight, given as a number or as a fraction', () => {
    const args = [quantities('cpus:6'), quantities('cpus:9')] as const;
    expect(dominantShare(...args, { weight: 2 })).toBe(3 / 9);
    expect(dominantShare(...args, { weight: weightOf(0.5) })).toBe(12 / 9);
    expect(() => dominantShare(...args, { weight: 0 })).toThrow(expect.objectContaining({ code: 'bad-weight' }));
  });

  it('gives equal shares as equal doubles, whatever amounts and weights they came from', () => {
    const part = fc.integer({ min: 1, max: 1_000 });
    // The same fraction twice: amounts and weights stretched by different whole factors.
    fc.assert(
      fc.property(part, part, part, part, part, part, fc.boolean(), (n, d, w, j, k, m, huge) => {
        const scale = huge ? 9_000_000 : 1;
        const one = dominantShare(amounts(n * j * scale), amounts(d * j * scale), { weight: { p: w, q: 1 } });
        const two = dominantShare(amounts(n * k), amounts(d * k * w));
        expect(one).toBe(two);
        const { p, q } = weightOf(w / 1000);
        const three = dominantShare(amounts(n * m * p * scale), amounts(d * m * q * scale), { weight: { p, q } });
        expect(three).toBe(dominantShare(amounts(n), amounts(d)));
      }),
    );
  });

  it('gives equal fractions the same double where the products are past 2^53', () => {
    const big = fc.integer({ min: 1, max: 2_000_000_000 });
    const weight = fc.integer({ min: 1, max: 4_000_000 }).map((milli) => weightOf(milli / 1000));
    fc.assert(
      fc.property(big, big, weight, fc.integer({ min: 1, max: 4_000_000 }), (n, d, { p, q }, factor) => {
        expect(weightedRatio(n * factor, d * factor, p, q)).toBe(weightedRatio(n, d, p, q));
        expect(reducedRatio(n, d, p, q)).toBe(weightedRatio(n, d, p, q));
      }),
    );
    expect(reducedRatio(0, MAX_MILLI, 1, 1000)).toBe(0);
  });

  it('grows with what is allocated and falls with the weight', () => {
    const arbitrary = fc
      .tuple(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000))
      .map(([cpus, mem, disk]) => quantities({ cpus, mem, disk }));
    fc.assert(
      fc.property(arbitrary, arbitrary, arbitrary, fc.integer({ min: 1, max: 9 }), (a, more, total, weight) => {
        const share = dominantShare(a, total);
        expect(dominantShare(quantitiesAdd(a, more), total)).toBeGreaterThanOrEqual(share);
        expect(dominantShare(a, quantitiesAdd(total, total))).toBe(share / 2);
        expect(dominantShare(a, total, { weight: weight + 1 })).toBeLessThanOrEqual(share);
        expect(dominantShare(noQuantities, total)).toBe(0);
      }),
    );
  });
});
