import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amount,
  limitOf,
  limits,
  limitsContainLimits,
  limitsContainQuantities,
  limitsEqual,
  type LimitsLike,
  limitsSubtractQuantities,
  names,
  noLimits,
  noQuantities,
  type Quantities,
  quantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesEqual,
  type QuantitiesLike,
  quantitiesSubtract,
  quantitiesSum,
} from '../../src/resources/index.js';
import { nameArb } from './arbitraries.js';
import { refusal } from './refusal.js';

type Pairs = readonly (readonly [string, number])[];
const pairsArb: fc.Arbitrary<Pairs> = fc.array(
  fc.tuple(
    nameArb,
    fc.integer({ min: 0, max: 100_000 }).map((n) => n / 1000),
  ),
  { maxLength: 6 },
);
const quantitiesArb = pairsArb.map((pairs) => quantities(pairs));
const limitsArb = pairsArb.map((pairs) => limits([...new Map(pairs)]));

/** The slow version: a map of thousandths. */
function table(q: Quantities): Map<string, number> {
  return new Map(names(q).map((name) => [name, amount(q, name)]));
}

describe('quantities', () => {
  it.each<[QuantitiesLike, string]>([
    ['cpus:1;mem:2', 'cpus:1; mem:2'],
    [' mem : 2 ; cpus:1;; ', 'cpus:1; mem:2'],
    ['cpus:1;cpus:0.5', 'cpus:1.5'],
    ['cpus:0', '{}'],
    ['', '{}'],
    [{ mem: 2, cpus: 1.0005 }, 'cpus:1.001; mem:2'],
    [
      [
        ['b', 1],
        ['a', 2],
        ['b', 0.5],
      ],
      'a:2; b:1.5',
    ],
    [JSON.parse('{"__proto__":1,"constructor":2}') as Record<string, number>, '__proto__:1; constructor:2'],
    ['\u{1F600}:1;\uFF5E:1', '\uFF5E:1; \u{1F600}:1'],
  ])('%j are %s', (like, text) => {
    expect(String(quantities(like))).toBe(text);
  });

  it.each<[unknown, string]>([
    ['cpus', "bad-quantities at q: Bad value 'cpus' at character 0: missing ':'"],
    ['cpus:1;:2', 'bad-quantities at q: Empty resource name at character 7'],
    [
      'cpus:-1',
      "bad-quantities at q: Failed to parse '-1' at character 5: only scalar values of at least 0 are allowed",
    ],
    [
      'ports:[1-2]',
      "bad-quantities at q: Failed to parse '[1-2]' at character 6: only scalar values of at least 0 are allowed",
    ],
    ['cpus:1e400', "bad-quantities at q: Number '1e400' is too large at character 5"],
    [{ cpus: -2 }, "bad-quantities at q: Invalid resource quantity for 'cpus': Negative values not supported"],
    [{ cpus: Number.NaN }, "bad-quantities at q: Invalid resource quantity for 'cpus': NaN is not an amount"],
    [{ cpus: '1' }, "bad-quantities at q: Invalid resource quantity for 'cpus': '1' is not an amount"],
    [{ '': 1 }, "bad-quantities at q: Expecting a name but found ''"],
    [[['cpus', 1, 2]], 'bad-quantities at q[0]: Expecting a pair but found an array'],
    [['cpus:1'], "bad-quantities at q[0]: Expecting a pair but found 'cpus:1'"],
    [Array(1), 'bad-quantities at q[0]: Expecting a pair but found undefined'],
    [null, 'bad-quantities at q: Expecting text, an object or pairs but found null'],
    [7, 'bad-quantities at q: Expecting text, an object or pairs but found 7'],
  ])('%j are refused', (like, message) => {
    expect(refusal(() => quantities(like as QuantitiesLike, 'q'))).toBe(message);
  });

  it('add, subtract and contain name by name', () => {
    fc.assert(
      fc.property(quantitiesArb, quantitiesArb, (a, b) => {
        const [x, y] = [table(a), table(b)];
        const all = [...new Set([...x.keys(), ...y.keys()])];
        const sums = all.map((name) => [name, (x.get(name) ?? 0) + (y.get(name) ?? 0)] as const);
        const rests = all
          .map((name) => [name, (x.get(name) ?? 0) - (y.get(name) ?? 0)] as const)
          .filter(([, milli]) => milli > 0);
        expect(table(quantitiesAdd(a, b))).toEqual(new Map(sums));
        expect(table(quantitiesSubtract(a, b))).toEqual(new Map(rests));
        expect(quantitiesContains(a, b)).toBe(all.every((name) => (x.get(name) ?? 0) >= (y.get(name) ?? 0)));
        expect(quantitiesEqual(a, b)).toBe(quantitiesContains(a, b) && quantitiesContains(b, a));
        expect(quantitiesSum([a, b, a])).toEqual(quantitiesAdd(quantitiesAdd(a, b), a));
        expect(names(quantitiesAdd(a, b))).toEqual([...names(quantitiesAdd(a, b))].sort());
      }),
    );
  });

  it('read back from text and from JSON', () => {
    fc.assert(
      fc.property(quantitiesArb, (q) => {
        expect(quantities(JSON.parse(JSON.stringify(q)) as QuantitiesLike)).toEqual(q);
        if (names(q).length > 0) expect(quantities(String(q))).toEqual(q);
      }),
    );
    const odd = quantities([['a:b', 1.5]]);
    expect(quantities(JSON.parse(JSON.stringify(odd)) as QuantitiesLike)).toEqual(odd);
  });

  it('refuse a sum beyond 2^53 thousandths', () => {
    const most = quantities('mem:9007199254740.991');
    expect(refusal(() => quantitiesAdd(most, quantities('mem:0.001')))).toMatch(/^too-large/);
    expect(refusal(() => quantitiesAdd(quantities('mem:0.001'), quantitiesAdd(most, quantities('cpus:1'))))).toMatch(
      /^too-large/,
    );
    expect(refusal(() => quantities('mem:9007199254740.991;mem:1'))).toBe(
      'too-large at : The sum of 9007199254740.991 and 1 is above 9007199254740.991, the most that can be counted',
    );
  });

  it('have none of an absent name', () => {
    expect(amount(quantities('cpus:1'), 'mem')).toBe(0);
    expect(amount(quantities('cpus:1'), '__proto__')).toBe(0);
    expect(quantities('')).toBe(noQuantities);
  });
});

describe('limits', () => {
  it('keep zeros and refuse a name twice', () => {
    expect(String(limits('mem:0;cpus:1'))).toBe('cpus:1; mem:0');
    expect(refusal(() => limits('cpus:1;cpus:1'))).toBe("bad-limits at limits: Duplicate limit for 'cpus'");
    expect(refusal(() => limits('cpus:-1'))).toMatch(/^bad-limits/);
    expect(limits({})).toBe(noLimits);
    expect(limitOf(limits('cpus:0'), 'cpus')).toBe(0);
    expect(limitOf(limits('cpus:0'), 'mem')).toBeUndefined();
  });

  it('contain what stays below every ceiling; the absent is unlimited', () => {
    fc.assert(
      fc.property(limitsArb, limitsArb, quantitiesArb, (l, m, q) => {
        expect(limitsContainQuantities(l, q)).toBe(
          l.names.every((name) => amount(q, name) <= (limitOf(l, name) ?? Infinity)),
        );
        if (limitsContainLimits(l, m) && limitsContainQuantities(m, q))
          expect(limitsContainQuantities(l, q)).toBe(true);
        expect(limitsContainLimits(noLimits, l)).toBe(true);
        expect(limitsContainLimits(l, noLimits)).toBe(l.names.length === 0);
        expect(limitsEqual(l, l)).toBe(true);
      }),
    );
  });

  it('are lowered by what is used, to nothing at most', () => {
    fc.assert(
      fc.property(limitsArb, quantitiesArb, (l, q) => {
        const rest = limitsSubtractQuantities(l, q);
        expect(rest.names).toEqual(l.names);
        for (const name of l.names)
          expect(limitOf(rest, name)).toBe(Math.max(0, (limitOf(l, name) ?? 0) - amount(q, name)));
      }),
    );
  });

  it('read back from JSON', () => {
    fc.assert(
      fc.property(limitsArb, (l) => {
        expect(limits(JSON.parse(JSON.stringify(l)) as LimitsLike)).toEqual(l);
      }),
    );
  });
});
