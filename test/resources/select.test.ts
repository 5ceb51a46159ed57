import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identitiesOf } from '../../src/resources/resources.js';
import {
  add,
  allocatableTo,
  allocate,
  allocatedTo,
  allocationRoles,
  contains,
  equals,
  find,
  format,
  holds,
  isEmpty,
  isStrictSubrole,
  limits,
  limitsContainQuantities,
  mixedRevocable,
  named,
  nonRevocable,
  nonScalars,
  nonShared,
  overlaps,
  persistentVolumes,
  popReservation,
  pushReservation,
  quantities,
  quantitiesContains,
  quantitiesFromResources,
  quantitiesFromScalarResources,
  ranges,
  reservationAncestor,
  reservationRoles,
  reserved,
  resourceNames,
  resources,
  type ResourcesLike,
  revocable,
  scalar,
  scalars,
  set,
  shared,
  shrink,
  shrinkToLimits,
  shrinkToQuantities,
  stripped,
  subtract,
  toUnreserved,
  types,
  unallocate,
  unreserved,
} from '../../src/resources/index.js';
import { resourcesArb, scalarsArb } from './arbitraries.js';
import { refusal } from './refusal.js';

const of = (like: ResourcesLike): ReturnType<typeof resources> => resources(like);

describe('selections', () => {
  it('split resources in two and lose nothing', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const pairs = [
          [reserved(r), unreserved(r)],
          [revocable(r), nonRevocable(r)],
          [shared(r), nonShared(r)],
          [scalars(r), nonScalars(r)],
        ] as const;
        for (const [yes, no] of pairs) {
          expect(add(yes, no)).toEqual(r);
          expect(subtract(r, yes)).toEqual(no);
        }
        expect(
          resourceNames(r)
            .map((name) => named(r, name))
            .reduce(add, of('')),
        ).toEqual(r);
        expect(
          reservationRoles(r)
            .map((role) => reserved(r, role))
            .reduce(add, unreserved(r)),
        ).toEqual(r);
      }),
    );
  });

  it('find the first name that is both revocable and not (REV-2)', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const mixed = resourceNames(r).filter((name) => {
          const some = revocable(named(r, name));
          return !isEmpty(some) && !equals(some, named(r, name));
        });
        expect(mixedRevocable(r)).toBe(mixed[0]);
      }),
    );
    expect(mixedRevocable(of(['mem:1', 'cpus:1', { name: 'cpus', value: 1, revocable: true }]))).toBe('cpus');
  });

  it('give a role what is unreserved, its own, and what is reserved above it', () => {
    const r = of('cpus:1;cpus(a):2;cpus(a/b):4;cpus(a/b/c):8;cpus(ab):16');
    expect(scalar(allocatableTo(r, '*'), 'cpus')).toBe(1);
    expect(scalar(allocatableTo(r, 'a'), 'cpus')).toBe(3);
    expect(scalar(allocatableTo(r, 'a/b'), 'cpus')).toBe(7);
    expect(scalar(allocatableTo(r, 'a/x'), 'cpus')).toBe(3);
    expect(scalar(allocatableTo(r, 'ab'), 'cpus')).toBe(17);
    expect(isStrictSubrole('ab', 'a')).toBe(false);
  });

  it('find the persistent volumes', () => {
    const volume: ResourcesLike = { name: 'disk', value: 1, role: 'a', disk: { id: 'v', path: 'p' } };
    expect(persistentVolumes(of([volume, 'disk:2']))).toEqual(of(volume));
  });

  it('read amounts whatever the metadata', () => {
    const r = of([
      'cpus:1;cpus(a):2;ports:[1-2];ports(a):[2-4];zones:{x};zones(a):{y,x}',
      { name: 'cpus', value: 0.5, revocable: true },
    ]);
    expect(scalar(r, 'cpus')).toBe(3.5);
    expect(scalar(r, 'mem')).toBeUndefined();
    expect(scalar(r, 'ports')).toBeUndefined();
    expect(ranges(r, 'ports')).toEqual([{ begin: 1, end: 4 }]);
    expect(ranges(r, 'cpus')).toBeUndefined();
    expect(set(r, 'zones')).toEqual(['x', 'y']);
    expect(set(r, 'cpus')).toBeUndefined();
    expect([...types(r)]).toEqual([
      ['cpus', 'scalar'],
      ['ports', 'ranges'],
      ['zones', 'set'],
    ]);
    expect(Object.isFrozen(ranges(r, 'ports'))).toBe(true);
  });

  it('strip all metadata and keep the scalars', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const bare = stripped(r);
        expect(identitiesOf(bare)).toBeNull();
        expect(quantitiesFromScalarResources(bare)).toEqual(quantitiesFromScalarResources(r));
      }),
    );
  });
});

describe('allocations', () => {
  it('are set and cleared on every item', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const bare = unallocate(r);
        const given = allocate(bare, 'a/b');
        expect(unallocate(given)).toEqual(bare);
        expect(allocatedTo(given, 'a/b')).toEqual(given);
        expect(isEmpty(allocatedTo(given, 'a'))).toBe(true);
        expect(allocationRoles(given)).toEqual(isEmpty(bare) ? [] : ['a/b']);
        expect(allocate(given, 'a/b')).toBe(given);
        expect(resources(given.items)).toEqual(given);
      }),
    );
  });

  it('keep the same apart for two roles', () => {
    expect(format(add(allocate(of('cpus:1'), 'a'), allocate(of('cpus:1'), 'b')))).toBe(
      'cpus(allocated: a):1; cpus(allocated: b):1',
    );
    expect(refusal(() => allocate(of('cpus:1'), '-a'))).toMatch(/^bad-resources at role/);
  });
});

describe('reservations', () => {
  it('are popped as they were pushed', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const bare = toUnreserved(r);
        expect(isEmpty(reserved(bare))).toBe(true);
        const pushed = pushReservation(pushReservation(bare, { type: 'static', role: 'a' }), {
          type: 'dynamic',
          role: 'a/b',
        });
        expect(popReservation(popReservation(pushed))).toEqual(bare);
        expect(quantitiesFromScalarResources(pushed)).toEqual(quantitiesFromScalarResources(bare));
        expect(resources(pushed.items)).toEqual(pushed);
      }),
    );
  });

  it('refine downwards only', () => {
    const a = pushReservation(of('cpus:1'), { type: 'dynamic', role: 'a' });
    expect(refusal(() => pushReservation(a, { type: 'dynamic', role: 'b' }))).toMatch(/is not a refinement of 'a'$/);
    expect(refusal(() => pushReservation(a, { type: 'static', role: 'a/b' }))).toMatch(/cannot be STATIC$/);
    expect(refusal(() => popReservation(of('cpus:1')))).toMatch(
      /^bad-resources at reservations: Resource cpus is not reserved/,
    );
  });

  it('have a common ancestor if they are the same resources', () => {
    const a = pushReservation(of('cpus:1;mem:2'), { type: 'dynamic', role: 'a' });
    const ab = pushReservation(a, { type: 'dynamic', role: 'a/b', principal: 'p' });
    const other = pushReservation(a, { type: 'dynamic', role: 'a/b' });
    expect(reservationAncestor(ab, other)).toEqual(a);
    expect(refusal(() => reservationAncestor(ab, of('cpus:1')))).toMatch(/^bad-operation/);
  });
});

describe('find', () => {
  it.each([
    ['cpus(a):2;cpus:4', 'cpus(a):3', 'cpus:1; cpus(reservations: [(STATIC,a)]):2'],
    ['cpus(a):2;cpus:4', 'cpus:5', 'cpus:4; cpus(reservations: [(STATIC,a)]):1'],
    [
      'cpus(a):1;cpus(b):1;cpus(c):1',
      'cpus:2.5',
      'cpus(reservations: [(STATIC,a)]):1; cpus(reservations: [(STATIC,b)]):1; cpus(reservations: [(STATIC,c)]):0.5',
    ],
    ['ports(a):[1-5];ports:[7-9]', 'ports:[2-3]', 'ports(reservations: [(STATIC,a)]):[2-3]'],
    ['cpus(a):1', 'cpus:2', 'nothing'],
    ['cpus(a):1', 'mem:1', 'nothing'],
    ['cpus:3', 'cpus(a):2;cpus(b):2', 'nothing'],
    ['cpus:4', '', '{}'],
  ])('in %s of %s gives %s', (all, targets, found) => {
    const result = find(of(all), of(targets));
    expect(result === undefined ? 'nothing' : format(result)).toBe(found);
  });

  it('finds as much as was asked for, in what is there', () => {
    fc.assert(
      fc.property(scalarsArb, scalarsArb, (r, targets) => {
        const found = find(r, targets);
        if (found === undefined) return;
        expect(contains(r, found)).toBe(true);
        expect(equals(toUnreserved(found), toUnreserved(targets))).toBe(true);
      }),
    );
  });
});

describe('shrinking', () => {
  const mount: ResourcesLike = { name: 'disk', value: 20, disk: { source: { type: 'mount', root: 'm' } } };

  it.each<[ResourcesLike, string, string]>([
    ['cpus:4;mem:10', 'cpus:2', 'cpus:2'],
    ['cpus:4;cpus(a):4', 'cpus:6', 'cpus:4; cpus(reservations: [(STATIC,a)]):2'],
    ['cpus:4;ports:[1-9]', 'cpus:1', 'cpus:1; ports:[1-9]'],
    [mount, 'disk:10', '{}'],
    [mount, 'disk:20', 'disk[MOUNT:m]:20'],
    [['disk:10', mount], 'disk:25', 'disk:10'],
    ['cpus:4', '', '{}'],
  ])('%j to the quantities %s leaves %s', (like, most, left) => {
    expect(format(shrinkToQuantities(of(like), quantities(most)))).toBe(left);
  });

  it.each<[ResourcesLike, string, string]>([
    ['cpus:4;mem:10', 'cpus:2', 'cpus:2; mem:10'],
    ['cpus:4;mem:10', 'cpus:0', 'mem:10'],
    [['disk:10', mount], 'disk:25', 'disk:10'],
    [mount, '', 'disk[MOUNT:m]:20'],
  ])('%j to the limits %s leaves %s', (like, most, left) => {
    expect(format(shrinkToLimits(of(like), limits(most)))).toBe(left);
  });

  it('keeps within bounds and takes what fits', () => {
    const boundsArb = fc.record({ cpus: fc.nat(2000), mem: fc.nat(2000) });
    fc.assert(
      fc.property(scalarsArb, boundsArb, (r, bounds) => {
        const q = shrinkToQuantities(r, quantities(bounds));
        expect(contains(r, q)).toBe(true);
        expect(quantitiesContains(quantities(bounds), quantitiesFromResources(q))).toBe(true);
        const l = shrinkToLimits(r, limits(bounds));
        expect(contains(r, l)).toBe(true);
        expect(limitsContainQuantities(limits(bounds), quantitiesFromResources(l))).toBe(true);
        expect(contains(l, q)).toBe(true);
      }),
    );
  });

  it('of one item leaves nothing rather than a crumb of what cannot be divided', () => {
    const [item] = of(mount).items;
    if (item === undefined) throw new Error('no item');
    expect(shrink(item, 19_999)).toBeUndefined();
    expect(shrink(item, 20_000)).toBe(item);
  });
});

describe('measures', () => {
  it('count numbers and items', () => {
    expect(quantitiesFromResources(of('cpus:1.5;ports:[1-10];ports(a):[5-6];zones:{a,b}')).toString()).toBe(
      'cpus:1.5; ports:12; zones:2',
    );
    expect(quantitiesFromScalarResources(of('cpus:1.5;cpus(a):1;ports:[1-10]')).toString()).toBe('cpus:2.5');
    expect(refusal(() => quantitiesFromResources(of('x:[0-9007199254740990]')))).toMatch(/^too-large/);
  });

  it('hold quantities exactly to the thousandth', () => {
    const r = of('cpus:0.1;cpus(a):0.2;ports:[1-3];zones:{a};x:[0-9007199254740990]');
    expect(holds(r, quantities('cpus:0.3;ports:3;zones:1;x:5'))).toBe(true);
    expect(holds(r, quantities('cpus:0.301'))).toBe(false);
    expect(holds(r, quantities('ports:4'))).toBe(false);
    expect(holds(r, quantities('mem:1'))).toBe(false);
    expect(holds(of(''), quantities(''))).toBe(true);
  });

  it('see an overlap between bags, not within one', () => {
    expect(overlaps([of('ports:[1-2];ports(a):[2-3]')])).toBe(false);
    expect(overlaps([of('ports:[1-2]'), of('ports(a):[2-3]')])).toBe(true);
    expect(overlaps([of('ports:[1-2]'), of('other:[1-2]')])).toBe(false);
    expect(overlaps([of('cpus:1'), of('cpus:1')])).toBe(false);
    const of2 = (provider: string): ReturnType<typeof resources> => of({ name: 'zones', value: '{a}', provider });
    expect(overlaps([of2('x'), of2('y')])).toBe(false);
    expect(overlaps([of2('x'), of2('x')])).toBe(true);
  });
});
