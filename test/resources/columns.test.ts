/** Plain scalars are held apart from all other items. Nobody may notice: not by what comes out, nor by its order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identityOf } from '../../src/resources/item.js';
import {
  add,
  allocatableTo,
  allocate,
  allocatedTo,
  allocationRoles,
  compareText,
  contains,
  count,
  equals,
  format,
  formatItem,
  fromMilli,
  hasName,
  hasPersistentVolumes,
  hasRevocable,
  hasShared,
  holds,
  isEmpty,
  isPersistentVolume,
  isPlainScalars,
  isStrictSubrole,
  limits,
  mixedRevocable,
  named,
  nonRevocable,
  nonScalars,
  nonShared,
  noResources,
  persistentVolumes,
  quantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesEqual,
  quantitiesFromResources,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  reserved,
  reservedByRole,
  reservationRole,
  type ResourceItem,
  resourceNames,
  resources,
  type Resources,
  revocable,
  scalar,
  scalars,
  shared,
  shrink,
  shrinkToLimits,
  shrinkToQuantities,
  size,
  subtract,
  sum,
  types,
  unallocate,
  unrefined,
  unreserved,
} from '../../src/resources/index.js';
import { millisOf, namesOf } from '../../src/resources/quantities.js';
import { plainColumns, plainMillis, plainNames, restOf } from '../../src/resources/resources.js';
import { inputArb, nameArb, plainArb, resourcesArb } from './arbitraries.js';
import { portrait, slowAdd, slowContains, slowSubtract } from './model.js';
import { refusal } from './refusal.js';

const typeOrder = ['scalar', 'ranges', 'set'];

function compareItems(a: ResourceItem, b: ResourceItem): number {
  const order = compareText(a.name, b.name) || compareText(identityOf(a), identityOf(b));
  return order || typeOrder.indexOf(a.value.type) - typeOrder.indexOf(b.value.type);
}

/** Items in order, and the bag held as it should be: of one content there is one form. */
function expectInOrder(r: Resources): void {
  expect(r.items).toEqual(r.items.toSorted(compareItems));
  expect(size(r)).toBe(r.items.length);
  expect(isEmpty(r)).toBe(r.items.length === 0);
  expect(Object.isFrozen(r.items) && r.items.every((item) => Object.isFrozen(item))).toBe(true);
  expect(r.items).toBe(r.items);
  const plain = r.items.filter((item) => item.value.type === 'scalar' && identityOf(item) === '');
  expect(plainNames(r)).toEqual(plain.map(({ name }) => name));
  expect(Object.isFrozen(plainNames(r))).toBe(true);
  expect(restOf(r)?.items ?? []).toEqual(r.items.filter((item) => !plain.includes(item)));
  expect(isPlainScalars(r)).toBe(plain.length === r.items.length);
}

/** How much there is by name, counted item by item. */
function amounts(r: Resources, milliOf: (item: ResourceItem) => number): [string, number][] {
  const sums = new Map<string, number>();
  for (const item of r.items) sums.set(item.name, (sums.get(item.name) ?? 0) + milliOf(item));
  return [...sums].filter(([, milli]) => milli > 0).map(([name, milli]) => [name, fromMilli(milli)]);
}

function milliOf({ value }: ResourceItem): number {
  return value.type === 'scalar' ? value.milli : 0;
}

function sizeOf({ value }: ResourceItem): number {
  if (value.type === 'ranges')
    return value.ranges.reduce((total, { begin, end }) => total + 1000 * (end - begin + 1), 0);
  return value.type === 'set' ? value.items.length * 1000 : value.milli;
}

describe('plain scalars among other items', () => {
  it('add, are taken and are contained as item by item, in order', () => {
    fc.assert(
      fc.property(resourcesArb, resourcesArb, (a, b) => {
        for (const r of [a, b, add(a, b), subtract(a, b), sum([a, b, a])]) expectInOrder(r);
        expect(portrait(add(a, b).items)).toEqual(portrait(b.items.reduce(slowAdd, [...a.items])));
        expect(portrait(subtract(a, b).items)).toEqual(portrait(b.items.reduce(slowSubtract, [...a.items])));
        expect(sum([a, b, a])).toEqual(add(a, add(b, a)));
        expect(contains(a, b)).toBe(slowContains(a.items, b.items));
        expect(equals(a, b)).toBe(slowContains(a.items, b.items) && slowContains(b.items, a.items));
      }),
      { numRuns: 500 },
    );
  });

  it('are written and read back', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const texts = r.items.map((item) => formatItem(item) + (item.shared === undefined ? '' : `<${item.shared}>`));
        expect(format(r)).toBe(texts.length === 0 ? '{}' : texts.join('; '));
        expect(resources(JSON.parse(JSON.stringify(r)) as never)).toEqual(r);
        expect(resources(r.items)).toEqual(r);
      }),
    );
  });

  it('count in quantities', () => {
    fc.assert(
      fc.property(resourcesArb, resourcesArb, (r, other) => {
        const all = quantities(amounts(r, sizeOf));
        expect(quantitiesFromScalarResources(r)).toEqual(quantities(amounts(r, milliOf)));
        expect(quantitiesFromResources(r)).toEqual(all);
        expect(holds(r, all)).toBe(true);
        const wanted = quantitiesFromResources(other);
        expect(holds(r, wanted)).toBe(quantitiesContains(all, wanted));
      }),
    );
  });

  it('are chosen with other items', () => {
    const choices: [(r: Resources) => Resources, (item: ResourceItem) => boolean][] = [
      [reserved, (item) => item.reservations.length > 0],
      [(r) => reserved(r, 'a'), (item) => reservationRole(item) === 'a'],
      [unreserved, (item) => item.reservations.length === 0],
      [unrefined, (item) => item.reservations.length < 2],
      [(r) => allocatableTo(r, 'a/b'), (item) => ['a', 'a/b', undefined].includes(reservationRole(item))],
      [(r) => allocatedTo(r, 'a'), (item) => item.allocated === 'a'],
      [revocable, (item) => item.revocable === true],
      [nonRevocable, (item) => item.revocable === undefined],
      [shared, (item) => item.shared !== undefined],
      [nonShared, (item) => item.shared === undefined],
      [persistentVolumes, isPersistentVolume],
      [scalars, (item) => item.value.type === 'scalar'],
      [nonScalars, (item) => item.value.type !== 'scalar'],
      [(r) => named(r, 'cpus'), (item) => item.name === 'cpus'],
    ];
    fc.assert(
      fc.property(resourcesArb, fc.constantFrom(...choices), (r, [choose, isChosen]) => {
        const chosen = choose(r);
        expectInOrder(chosen);
        expect(chosen.items).toEqual(r.items.filter(isChosen));
        if (r.items.every(isChosen)) expect(chosen).toBe(r);
      }),
      { numRuns: 500 },
    );
    expect(isStrictSubrole('a/b', 'a')).toBe(true);
  });

  it('are told by what they are', () => {
    fc.assert(
      fc.property(resourcesArb, nameArb, (r, name) => {
        const own = r.items.filter((item) => item.name === name);
        expect(hasName(r, name)).toBe(own.length > 0);
        expect(scalar(r, name)).toBe(
          own.some(milliOf) ? fromMilli(own.reduce((all, x) => all + milliOf(x), 0)) : undefined,
        );
        expect(hasRevocable(r)).toBe(r.items.some((item) => item.revocable === true));
        expect(hasShared(r)).toBe(r.items.some((item) => item.shared !== undefined));
        expect(hasPersistentVolumes(r)).toBe(r.items.some(isPersistentVolume));
        expect(mixedRevocable(r)).toBe(
          r.items.find((x) => r.items.some((y) => x.name === y.name && x.revocable !== y.revocable))?.name,
        );
        expect(resourceNames(r)).toEqual([...new Set(r.items.map((item) => item.name))]);
        expect([...types(r)]).toEqual([...new Map(r.items.map((item) => [item.name, item.value.type]))]);
        for (const item of r.items) expect(count(r, item)).toBe(item.shared ?? 1);
        expect(plainColumns(r)?.names).toBe(isPlainScalars(r) ? plainNames(r) : undefined);
      }),
    );
  });

  it('are allocated and freed with the rest', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const given = allocate(r, 'a');
        expectInOrder(given);
        expect(allocationRoles(given)).toEqual(isEmpty(r) ? [] : ['a']);
        expectInOrder(unallocate(given));
        expect(unallocate(given)).toEqual(unallocate(r));
        const byRole = [...reservedByRole(r).values()];
        expect(add(unreserved(r), sum(byRole))).toEqual(r);
      }),
    );
  });

  it('are lowered as item by item', () => {
    const bounds = fc.dictionary(nameArb, fc.integer({ min: 0, max: 3000 }));
    fc.assert(
      fc.property(plainArb, bounds, (r, most) => {
        const ceilings = Object.entries(most);
        const lowered = (none: number): Resources =>
          resources(r.items.flatMap((item) => shrink(item, (new Map(ceilings).get(item.name) ?? none) * 1000) ?? []));
        expect(shrinkToLimits(r, limits(ceilings))).toEqual(lowered(Infinity));
        expect(shrinkToQuantities(r, quantities(ceilings))).toEqual(lowered(0));
      }),
    );
  });

  it('of one name as another type stay apart', () => {
    const both = add(resources('x:1'), resources('x:[1-2]'));
    expect(format(add(both, resources(['x(r):3', 'a:[1-1]'])))).toBe(
      'a:[1-1]; x:1; x:[1-2]; x(reservations: [(STATIC,r)]):3',
    );
    expect(format(subtract(both, resources('x:1')))).toBe('x:[1-2]');
  });
});

describe('many names', () => {
  const bagArb = fc
    .array(fc.tuple(fc.nat(60), fc.integer({ min: 0, max: 5 })), { maxLength: 60 })
    .map((list) => list.map(([kind, value]) => ({ name: `n${kind}`, value })));

  it('add, are taken and are contained as few are', () => {
    fc.assert(
      fc.property(bagArb, bagArb, (left, right) => {
        const a = resources(left);
        const b = resources(right);
        const [p, q] = [quantitiesFromScalarResources(a), quantitiesFromScalarResources(b)];
        expectInOrder(add(a, b));
        expect(portrait(add(a, b).items)).toEqual(portrait(b.items.reduce(slowAdd, [...a.items])));
        expect(portrait(subtract(a, b).items)).toEqual(portrait(b.items.reduce(slowSubtract, [...a.items])));
        expect(contains(a, b)).toBe(slowContains(a.items, b.items));
        expect(contains(add(a, b), b)).toBe(true);
        expect(quantitiesAdd(p, q)).toEqual(quantitiesFromScalarResources(add(a, b)));
        expect(quantitiesSubtract(p, q)).toEqual(quantitiesFromScalarResources(subtract(a, b)));
        expect(quantitiesContains(p, q)).toBe(contains(a, b));
        expect(quantitiesEqual(p, q)).toBe(equals(a, b));
      }),
    );
  });
});

describe('lists of names', () => {
  it('are one list for all bags of the same names', () => {
    const a = resources('cpus:4;mem:8;disk:16');
    const b = resources([{ name: 'disk', value: 1 }, 'mem:1', 'cpus:4']);
    expect(plainNames(b)).toBe(plainNames(a));
    expect(plainNames(add(a, b))).toBe(plainNames(a));
    expect(plainNames(add(resources('mem:1'), a))).toBe(plainNames(a));
    expect(plainNames(subtract(a, b))).toBe(plainNames(resources('mem:1;disk:1')));
    expect(plainNames(subtract(a, b))).toBe(plainNames(subtract(a, b)));
    expect(namesOf(quantitiesFromScalarResources(a))).toBe(plainNames(a));
    expect(namesOf(quantities('disk:1;cpus:1;mem:2'))).toBe(plainNames(a));
    expect(namesOf(quantitiesFromScalarResources(resources('cpus:1;mem:1;disk:1;ports:[1-2]')))).toBe(plainNames(a));
  });

  it('are not one list for names that look alike together', () => {
    const joined = resources([{ name: 'a;b', value: 1 }]);
    const apart = resources('a:1;b:2');
    const again = resources([{ name: 'a;b', value: 3 }]);
    expect([joined, apart, again].map((r) => plainNames(r))).toEqual([['a;b'], ['a', 'b'], ['a;b']]);
    expect(format(add(joined, apart))).toBe('a:1; a;b:1; b:2');
  });

  it('are right whichever names vanish', () => {
    const list = Array.from({ length: 9 }, (_, i) => `n${i}:1`);
    const whole = resources(list);
    for (let bits = 0; bits < 2 ** 9; bits += 1) {
      const gone = list.filter((_, i) => (bits >> i) % 2 === 1);
      expect(subtract(whole, resources(gone))).toEqual(resources(list.filter((text) => !gone.includes(text))));
    }
  });
});

describe('numbers that bags share', () => {
  it('are never written to', () => {
    fc.assert(
      fc.property(resourcesArb, plainArb, fc.array(inputArb, { maxLength: 3 }), (a, b, list) => {
        const q = quantitiesFromScalarResources(b);
        const before = [a, b].map((r) => [...plainMillis(r)]);
        const millis = [...millisOf(q)];
        const bags = [add(a, b), add(b, a), subtract(a, b), subtract(b, a), resources([a, b, ...list])];
        for (const r of bags) expect(equals(r, r)).toBe(true);
        quantitiesAdd(q, quantitiesAdd(q, q));
        quantitiesSubtract(q, quantitiesFromScalarResources(a));
        sum([a, b, a, b]);
        sum([b, b, b]);
        expect([a, b].map((r) => [...plainMillis(r)])).toEqual(before);
        expect(millisOf(q)).toEqual(millis);
      }),
    );
  });

  it('are up to 2^53 thousandths, and no more', () => {
    const most = resources('cpus:1;mem:9007199254740.991');
    const crumb = resources('mem:0.001');
    const amount = /^too-large at : The sum of 9007199254740.991 and 0.001 is above/;
    expect(refusal(() => add(most, crumb))).toMatch(amount);
    expect(refusal(() => add(most, resources('mem:0.001;disk:1')))).toMatch(amount);
    expect(refusal(() => add(most, resources('cpus:1;mem:0.001')))).toMatch(amount);
    expect(refusal(() => sum([most, noResources, crumb]))).toMatch(amount);
    expect(refusal(() => sum([most, most]))).toMatch(/^too-large/);
    expect(refusal(() => resources('mem:9007199254740.991;mem:0.001'))).toMatch(amount);
    expect(refusal(() => quantitiesFromScalarResources(resources([most, 'mem(r):0.001'])))).toMatch(amount);
    expect(format(subtract(add(most, resources('cpus:1')), crumb))).toBe('cpus:2; mem:9007199254740.99');
  });
});
