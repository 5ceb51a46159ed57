import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setWeight, emptyShareTree, unitWeight, weightAt, weightOf, weightValue } from '../../src/drf/index.js';

describe('weightOf', () => {
  it.each([
    [1, 1, 1],
    [2, 2, 1],
    [0.5, 1, 2],
    [1.5, 3, 2],
    [0.001, 1, 1000],
    [0.0005, 1, 1000],
    [1 / 3, 333, 1000],
    [1000, 1000, 1],
    [9_007_199_254_740, 9_007_199_254_740, 1],
  ])('holds %d as %d/%d, in lowest terms of whole thousandths', (value, p, q) => {
    expect(weightOf(value)).toEqual({ p, q });
  });

  it.each([0, -1, 0.0004, Number.NaN, Infinity, -Infinity, 9_007_199_254_741])('refuses %d', (value) => {
    expect(() => weightOf(value, 'weights.a')).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'bad-weight', path: 'weights.a' }),
    );
  });

  it('says what a weight may be', () => {
    expect(() => weightOf(1e308)).toThrow('a weight is a number from 0.001 to 9007199254740.99, not 1e+308');
  });

  it('refuses what is no number, as plain JavaScript may pass it', () => {
    for (const value of ['2', undefined, null, {}, 2n]) {
      expect(() => weightOf(value as number)).toThrow(expect.objectContaining({ code: 'bad-weight', path: 'weight' }));
    }
  });

  it('keeps every weight of whole thousandths', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (milli) => {
        const weight = weightOf(milli / 1000);
        expect(weightValue(weight)).toBe(milli / 1000);
        expect(weight.p * (1000 / weight.q)).toBe(milli);
      }),
    );
  });
});

describe('weights in a tree', () => {
  it('are 1 where none was set, and stay when set to 1 again (SORT-8)', () => {
    const tree = setWeight(emptyShareTree, 'a', weightOf(2));
    expect(weightAt(tree, 'a')).toEqual({ p: 2, q: 1 });
    expect(weightAt(tree, 'b')).toBe(unitWeight);
    expect(setWeight(tree, 'a', weightOf(1)).weights.get('a')).toBe(unitWeight);
  });
});
