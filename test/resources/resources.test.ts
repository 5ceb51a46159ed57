import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { identitiesOf } from '../../src/resources/resources.js';
import {
  add,
  contains,
  count,
  equals,
  format,
  isEmpty,
  noResources,
  type ResourceInput,
  type ResourceItem,
  resources,
  type Resources,
  quantitiesAdd,
  quantitiesContains,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  size,
  subtract,
} from '../../src/resources/index.js';
import { inputArb, plainArb, resourcesArb, scalarsArb } from './arbitraries.js';
import { isNothing, portrait, slowAdd, slowContains, slowSubtract } from './model.js';
import { refusal } from './refusal.js';

describe('the algebra of resources', () => {
  it('does what the slow version does', () => {
    fc.assert(
      fc.property(resourcesArb, resourcesArb, (a, b) => {
        expect(portrait(add(a, b).items)).toEqual(portrait(b.items.reduce(slowAdd, [...a.items])));
        expect(portrait(subtract(a, b).items)).toEqual(portrait(b.items.reduce(slowSubtract, [...a.items])));
        expect(contains(a, b)).toBe(slowContains(a.items, b.items));
      }),
      { numRuns: 500 },
    );
  });

  it('builds a list in any order into the same resources', () => {
    fc.assert(
      fc.property(fc.array(inputArb, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (list, keys) => {
        const shuffled = list.map((item) => ({ item, key: keys.next().value })).toSorted((x, y) => x.key - y.key);
        const a = resources(list);
        expect(equals(resources(shuffled.map(({ item }) => item)), a)).toBe(true);
        expect(equals(list.map((item) => resources(item)).reduce(add, noResources), a)).toBe(true);
        const empty = (item: ResourceItem): boolean => isNothing(item);
        expect(a.items.some(empty)).toBe(false);
      }),
    );
  });

  it('adds commutatively and associatively, with nothing as its zero', () => {
    fc.assert(
      fc.property(resourcesArb, resourcesArb, resourcesArb, (a, b, c) => {
        expect(equals(add(a, b), add(b, a))).toBe(true);
        expect(equals(add(add(a, b), c), add(a, add(b, c)))).toBe(true);
        expect(add(a, noResources)).toBe(a);
        expect(add(noResources, a)).toBe(a);
        expect(subtract(a, noResources)).toBe(a);
        expect(isEmpty(subtract(a, a))).toBe(true);
      }),
    );
  });

  it('takes away what it added', () => {
    fc.assert(
      fc.property(scalarsArb, scalarsArb, (a, b) => {
        expect(subtract(add(a, b), b)).toEqual(a);
      }),
    );
  });

  it('contains exactly what can be taken away whole and given back', () => {
    fc.assert(
      fc.property(resourcesArb, resourcesArb, (a, b) => {
        expect(contains(add(a, b), a)).toBe(true);
        expect(contains(a, subtract(a, b))).toBe(true);
        expect(contains(a, b)).toBe(isEmpty(subtract(b, a)));
        if (contains(a, b)) expect(equals(add(subtract(a, b), b), a)).toBe(true);
        expect(equals(a, b)).toBe(contains(a, b) && contains(b, a));
      }),
    );
  });

  it('makes and loses no thousandth', () => {
    const amounts = quantitiesFromScalarResources;
    fc.assert(
      fc.property(scalarsArb, scalarsArb, (a, b) => {
        expect(amounts(add(a, b))).toEqual(quantitiesAdd(amounts(a), amounts(b)));
        if (contains(a, b)) expect(amounts(subtract(a, b))).toEqual(quantitiesSubtract(amounts(a), amounts(b)));
        expect(quantitiesContains(amounts(a), amounts(subtract(a, b)))).toBe(true);
      }),
    );
  });

  it('leaves its operands as they were', () => {
    fc.assert(
      fc.property(resourcesArb, resourcesArb, (a, b) => {
        const before = JSON.stringify([a, b]);
        add(a, b);
        subtract(a, b);
        contains(a, b);
        expect(JSON.stringify([a, b])).toBe(before);
      }),
    );
  });

  it('has plain resources without any text of metadata', () => {
    fc.assert(
      fc.property(plainArb, plainArb, (a, b) => {
        expect(identitiesOf(add(a, b))).toBeNull();
        expect(identitiesOf(subtract(a, b))).toBeNull();
      }),
    );
  });

  it('refuses sums beyond 2^53 thousandths', () => {
    const most = resources('mem:9007199254740.991');
    expect(refusal(() => add(most, resources('mem:0.001')))).toMatch(/^too-large/);
    expect(refusal(() => resources([most, 'mem:0.001']))).toMatch(/^too-large/);
    expect(format(subtract(most, resources('mem:0.001')))).toBe('mem:9007199254740.99');
  });

  it('keeps 10^4 kinds apart, and adds two such bags in one pass', () => {
    const kinds = (from: number): Resources =>
      resources(Array.from({ length: 10_000 }, (_, i) => ({ name: `k${from + i}`, value: 1 })));
    const both = add(kinds(0), kinds(5_000));
    expect(size(both)).toBe(15_000);
    expect(equals(subtract(both, kinds(5_000)), kinds(0))).toBe(true);
    expect(contains(both, kinds(0))).toBe(true);
  });

  it('keeps the order in which the items of a set came', () => {
    expect(format(resources(['zones:{c}', 'zones:{a,b}', 'zones:{c,0}']))).toBe('zones:{c, a, b, 0}');
    expect(format(add(resources('zones:{c}'), resources('zones:{a}')))).toBe('zones:{c, a}');
  });

  it('merges 10^5 single ports of one list', () => {
    const ports = Array.from({ length: 100_000 }, (_, i): ResourceInput => ({ name: 'ports', value: `[${i}-${i}]` }));
    expect(format(resources(ports))).toBe('ports:[0-99999]');
  });
});

describe('shared volumes', () => {
  const volume: ResourceInput = { name: 'disk', value: 5, role: 'r', disk: { id: 'v', path: 'p' }, shared: true };
  const one = resources(volume);
  const [item] = one.items;

  it('are counted, not added up', () => {
    const three = add(add(one, one), one);
    expect(size(three)).toBe(1);
    expect(item === undefined ? undefined : count(three, item)).toBe(3);
    expect(contains(three, add(one, one))).toBe(true);
    expect(contains(one, three)).toBe(false);
    expect(equals(subtract(three, one), add(one, one))).toBe(true);
    expect(isEmpty(subtract(one, three))).toBe(true);
  });

  it('of another size are another thing', () => {
    const other = resources({ ...volume, value: 6 });
    expect(size(add(one, other))).toBe(2);
    expect(equals(subtract(one, other), one)).toBe(true);
  });

  it('vanish with their last copy', () => {
    expect(isEmpty(resources({ ...volume, shared: 0 }))).toBe(true);
  });
});

describe('things that cannot be divided', () => {
  const mount = resources({ name: 'disk', value: 5, disk: { source: { type: 'mount', root: 'm' } } });

  it('are needed one for one', () => {
    const two = add(mount, mount);
    expect(size(two)).toBe(2);
    expect(contains(mount, two)).toBe(false);
    expect(equals(subtract(two, mount), mount)).toBe(true);
    expect(isEmpty(subtract(two, two))).toBe(true);
  });
});

describe('another copy of this module', () => {
  it('makes resources that are trusted, unlike a look-alike', async () => {
    vi.resetModules();
    const other = await import('../../src/resources/index.js');
    const theirs = other.resources('cpus:1;mem(a):2');
    expect(other.resources).not.toBe(resources);
    expect(resources(theirs)).toBe(theirs);
    expect(format(add(theirs, resources('cpus:2')))).toBe('cpus:3; mem(reservations: [(STATIC,a)]):2');
    expect(other.quantities(other.quantities('cpus:1')).toString()).toBe('cpus:1');
    expect(refusal(() => resources({ items: [] } as never))).toMatch(/Unknown field 'items'/);
    expect(refusal(() => resources({ ...theirs } as never))).toMatch(/^bad-resources/);
  });
});
