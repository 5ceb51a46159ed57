/** Bags of many items take another way through the algebra than short ones; it must come to the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  contains,
  convert,
  equals,
  noResources,
  resources,
  subtract,
  sum,
  type ResourceInput,
  type Resources,
} from '../../src/resources/index.js';

/** One of many kinds of things, so that long bags have as many items, and still meet. */
const item: fc.Arbitrary<ResourceInput> = fc
  .record({ kind: fc.nat(39), amount: fc.integer({ min: 1, max: 5 }), volume: fc.integer({ min: 0, max: 3 }) })
  .map(({ kind, amount, volume }) => ({
    name: kind % 2 === 0 ? 'cpus' : 'disk',
    value: amount,
    reservations: [{ type: 'dynamic', role: `r${kind}` }],
    ...(kind % 2 === 1 && volume > 0 ? { disk: { id: `v${volume}`, path: 'p', mode: 'rw' as const } } : {}),
  }));
const many = fc.array(item, { minLength: 20, maxLength: 60 });
const few = fc.array(item, { maxLength: 4 });

function oneByOne(start: Resources, parts: readonly ResourceInput[], step: typeof add): Resources {
  return parts.reduce<Resources>((rest, part) => step(rest, resources(part)), start);
}

describe('long bags', () => {
  it('add up as their items do, whichever comes first', () => {
    fc.assert(
      fc.property(many, fc.oneof(few, many), (a, b) => {
        const whole = resources([...a, ...b]);
        expect(equals(add(resources(a), resources(b)), whole)).toBe(true);
        expect(equals(add(resources(b), resources(a)), whole)).toBe(true);
        expect(equals(oneByOne(resources(a), b, add), whole)).toBe(true);
        expect(String(sum([resources(a), resources(b)]))).toBe(String(whole));
      }),
    );
  });

  it('lose what is taken, and nothing else', () => {
    fc.assert(
      fc.property(many, fc.oneof(few, many), (a, b) => {
        const whole = add(resources(a), resources(b));
        expect(contains(whole, resources(b))).toBe(true);
        expect(equals(subtract(whole, resources(b)), resources(a))).toBe(true);
        expect(equals(subtract(resources(a), resources(b)), oneByOne(resources(a), b, subtract))).toBe(true);
        expect(equals(subtract(resources(b), resources(a)), oneByOne(resources(b), a, subtract))).toBe(true);
      }),
    );
  });

  it('contain another exactly if adding what is missing changes nothing', () => {
    fc.assert(
      fc.property(many, few, (a, b) => {
        const missing = subtract(resources(b), resources(a));
        // A volume is there as a whole or not at all.
        expect(contains(resources(a), resources(b))).toBe(equals(missing, noResources));
      }),
    );
  });

  it('are converted at once as one by one', () => {
    fc.assert(
      fc.property(many, few, (a, b) => {
        const conversions = [...a.slice(0, 10), ...b].map((part, index) => ({
          consumed: resources(part),
          converted: resources({ name: 'made', value: index + 1 }),
        }));
        const told = (make: () => Resources): string => {
          try {
            return String(make());
          } catch (error) {
            return String((error as { readonly code: unknown }).code);
          }
        };
        const inTurn = (): Resources =>
          conversions.reduce((rest, conversion) => convert(rest, [conversion]), resources(a));
        expect(told(() => convert(resources(a), conversions))).toBe(told(inTurn));
      }),
    );
  });
});
