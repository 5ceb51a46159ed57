import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  apply,
  contains,
  equals,
  format,
  quantitiesFromResources,
  quantitiesFromScalarResources,
  type ResourceInput,
  type ResourceOperation,
  type Resources,
  resources,
  type ResourcesLike,
} from '../../src/resources/index.js';
import { resourcesArb } from './arbitraries.js';
import { refusal } from './refusal.js';

const dynamic = (role: string): NonNullable<ResourceInput['reservations']> => [{ type: 'dynamic', role }];
const volume = (value: number, more: Partial<ResourceInput> = {}): ResourceInput => ({
  name: 'disk',
  value,
  role: 'r',
  disk: { id: 'v', path: 'p' },
  ...more,
});

function after(like: ResourcesLike, operation: ResourceOperation): string {
  return format(apply(resources(like), operation));
}

function refused(like: ResourcesLike, operation: ResourceOperation): string {
  return refusal(() => apply(resources(like), operation));
}

describe('reserve', () => {
  it('takes the same with the last reservation popped', () => {
    const reserve: ResourceOperation = {
      type: 'reserve',
      resources: { name: 'cpus', value: 1, reservations: dynamic('r') },
    };
    expect(after('cpus:4;mem:1', reserve)).toBe('cpus:3; cpus(reservations: [(DYNAMIC,r)]):1; mem:1');
    expect(refused('cpus:0.5', reserve)).toBe('bad-operation at resources: cpus:0.5 does not contain cpus:1');
  });

  it('refines a reservation', () => {
    const refined: ResourceInput['reservations'] = [
      { type: 'static', role: 'a' },
      { type: 'dynamic', role: 'a/b/c' },
    ];
    expect(after('cpus(a):4', { type: 'reserve', resources: { name: 'cpus', value: 4, reservations: refined } })).toBe(
      'cpus(reservations: [(STATIC,a),(DYNAMIC,a/b/c)]):4',
    );
  });

  it('moves a reservation when the source is given', () => {
    const from: ResourceInput = { name: 'cpus', value: 2, reservations: dynamic('a') };
    const to: ResourceInput = { name: 'cpus', value: 2, reservations: dynamic('b') };
    expect(after([from, 'cpus:1'], { type: 'reserve', source: from, resources: to })).toBe(
      'cpus:1; cpus(reservations: [(DYNAMIC,b)]):2',
    );
    expect(refused([from], { type: 'reserve', source: from, resources: { ...to, value: 3 } })).toMatch(
      /^bad-operation at source/,
    );
  });

  it('needs a dynamic reservation', () => {
    expect(refused('cpus:4', { type: 'reserve', resources: 'cpus(a):1' })).toMatch(/is not dynamically reserved$/);
    expect(refused('cpus:4', { type: 'reserve', resources: 'cpus:1' })).toMatch(/is not dynamically reserved$/);
  });
});

describe('unreserve', () => {
  it('pops the last reservation', () => {
    const item: ResourceInput = { name: 'cpus', value: 3, reservations: dynamic('r') };
    expect(after(item, { type: 'unreserve', resources: { ...item, value: 1 } })).toBe(
      'cpus:1; cpus(reservations: [(DYNAMIC,r)]):2',
    );
  });

  it('leaves static reservations and volumes alone', () => {
    expect(refused('cpus(a):4', { type: 'unreserve', resources: 'cpus(a):1' })).toMatch(/is not dynamically reserved$/);
    const held: ResourceInput = { name: 'disk', value: 3, reservations: dynamic('r'), disk: { id: 'v', path: 'p' } };
    expect(refused(held, { type: 'unreserve', resources: held })).toMatch(/Please destroy the persistent volume first/);
  });
});

describe('create and destroy', () => {
  it('undo each other', () => {
    const created = apply(resources('disk(r):10'), { type: 'create', volumes: volume(4, { shared: true }) });
    expect(format(created)).toBe(
      'disk(reservations: [(STATIC,r)]):6; disk(reservations: [(STATIC,r)])[v:p]<SHARED>:4<1>',
    );
    expect(format(apply(created, { type: 'destroy', volumes: volume(4, { shared: true }) }))).toBe(
      'disk(reservations: [(STATIC,r)]):10',
    );
  });

  it('keep the source of the disk', () => {
    const source = { type: 'mount', root: 'm' } as const;
    const disk: ResourceInput = { name: 'disk', value: 4, role: 'r', disk: { source } };
    const made = volume(4, { disk: { id: 'v', path: 'p', source } });
    expect(after(disk, { type: 'create', volumes: made })).toBe('disk(reservations: [(STATIC,r)])[MOUNT:m,v:p]:4');
    expect(after(made, { type: 'destroy', volumes: made })).toBe('disk(reservations: [(STATIC,r)])[MOUNT:m]:4');
    expect(refused(disk, { type: 'create', volumes: { ...made, value: 3 } })).toMatch(/does not contain/);
  });

  it('need reserved disk that is not revocable', () => {
    const { role, ...bare } = volume(1);
    expect(role).toBe('r');
    expect(refused('disk:10', { type: 'create', volumes: bare })).toMatch(/from unreserved resources$/);
    expect(refused('disk(r):10', { type: 'create', volumes: volume(1, { revocable: true }) })).toMatch(
      /from revocable resources$/,
    );
    expect(refused('disk(r):10', { type: 'create', volumes: 'disk(r):1' })).toMatch(/is not a persistent volume$/);
  });

  it('do not destroy a volume while copies of it remain', () => {
    const shared = volume(4, { shared: true });
    expect(refused([shared, shared], { type: 'destroy', volumes: shared })).toMatch(/due to additional shared copies$/);
    expect(refused('disk(r):4', { type: 'destroy', volumes: shared })).toMatch(/does not contain/);
  });
});

describe('grow and shrink', () => {
  it('undo each other', () => {
    const start = resources([volume(4), 'disk(r):2']);
    const grown = apply(start, { type: 'grow-volume', volume: volume(4), addition: 'disk(r):1.5' });
    expect(format(grown)).toBe('disk(reservations: [(STATIC,r)]):0.5; disk(reservations: [(STATIC,r)])[v:p]:5.5');
    expect(apply(grown, { type: 'shrink-volume', volume: volume(5.5), subtract: 1.5 })).toEqual(start);
  });

  it.each<[string, ResourceOperation, RegExp]>([
    ['an empty addition', { type: 'grow-volume', volume: volume(4), addition: 'disk(r):0' }, /Expecting one item/],
    [
      'disk reserved otherwise',
      { type: 'grow-volume', volume: volume(4), addition: 'disk:1' },
      /Incompatible resources/,
    ],
    [
      'a shared volume',
      { type: 'grow-volume', volume: volume(4, { shared: true }), addition: 'disk(r):1' },
      /shared persistent volume/,
    ],
    ['a provider', { type: 'shrink-volume', volume: volume(4, { provider: 'p' }), subtract: 1 }, /resource provider/],
    [
      'a mount',
      {
        type: 'shrink-volume',
        volume: volume(4, { disk: { id: 'v', path: 'p', source: { type: 'mount' } } }),
        subtract: 1,
      },
      /MOUNT disk/,
    ],
    ['nothing', { type: 'shrink-volume', volume: volume(4), subtract: 0 }, /must be positive/],
    ['less than nothing', { type: 'shrink-volume', volume: volume(4), subtract: -1 }, /must be positive/],
    ['NaN', { type: 'shrink-volume', volume: volume(4), subtract: Number.NaN }, /must be positive/],
    ['all of it', { type: 'shrink-volume', volume: volume(4), subtract: 4 }, /must be less/],
    ['what is no volume', { type: 'shrink-volume', volume: 'disk(r):4', subtract: 1 }, /not a persistent volume/],
    ['an unknown operation', { type: 'explode' } as never, /Unknown operation 'explode'/],
  ])('refuse %s', (_, operation, message) => {
    expect(refused([volume(4), 'disk(r):2;disk:2'], operation)).toMatch(message);
  });
});

describe('every operation', () => {
  const operations: readonly [ResourcesLike, ResourceOperation][] = [
    ['cpus:2', { type: 'reserve', resources: { name: 'cpus', value: 1, reservations: dynamic('r') } }],
    [
      { name: 'cpus', value: 2, reservations: dynamic('r') },
      { type: 'unreserve', resources: { name: 'cpus', value: 1, reservations: dynamic('r') } },
    ],
    ['disk(r):9', { type: 'create', volumes: [volume(2), volume(3, { disk: { id: 'w', path: 'p' } })] }],
    [volume(2), { type: 'destroy', volumes: volume(2) }],
    [[volume(2), 'disk(r):1'], { type: 'grow-volume', volume: volume(2), addition: 'disk(r):1' }],
    [volume(2), { type: 'shrink-volume', volume: volume(2), subtract: 0.001 }],
  ];

  it('changes what resources are, not how much there is', () => {
    fc.assert(
      fc.property(resourcesArb, fc.constantFrom(...operations), (r, [needed, operation]) => {
        const before = add(r, resources(needed));
        const result = apply(before, operation);
        // Copies of one shared volume count once: a bag that had the volume already cannot tell.
        expect(quantitiesFromScalarResources(result)).toEqual(quantitiesFromScalarResources(before));
      }),
    );
  });

  it('loses no thousandth and makes none, in whatever sequence', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(6), fc.nat(), fc.nat()), { maxLength: 30 }), (choices) => {
        const start = resources('cpus:4;mem:64.001;disk:99.999;disk(s):10;ports:[1-9]');
        let now = start;
        for (const [kind, which, how] of choices) {
          const operation = possible(now, kind, which, how);
          if (operation !== undefined) now = apply(now, operation);
          expect(quantitiesFromResources(now)).toEqual(quantitiesFromResources(start));
          expect(equals(resources(JSON.parse(JSON.stringify(now)) as ResourcesLike), now)).toBe(true);
        }
      }),
    );
  });
});

/** Some operation that these resources allow; `undefined` if there is none of that kind for the item. */
function possible(r: Resources, kind: number, which: number, how: number): ResourceOperation | undefined {
  const item = r.items[which % r.items.length];
  if (item === undefined) return undefined;
  const milli = item.value.type === 'scalar' ? item.value.milli : 0;
  const isVolume = item.disk !== undefined;
  const part =
    isVolume || milli === 0 ? item : { ...item, value: { type: 'scalar', milli: 1 + (how % milli) } as const };
  const role = item.reservations.at(-1)?.role;
  const next = role === undefined ? ['r', 's'][how % 2] : `${role}/x`;
  switch (kind) {
    case 0:
      return {
        type: 'reserve',
        resources: { ...part, reservations: [...item.reservations, { type: 'dynamic', role: next ?? 'r' }] },
      };
    case 1:
      if (isVolume || item.reservations.at(-1)?.type !== 'dynamic') return undefined;
      return { type: 'unreserve', resources: part };
    case 2:
      if (isVolume || item.name !== 'disk' || role === undefined) return undefined;
      return {
        type: 'create',
        volumes: { ...part, disk: { id: `v${how}`, path: 'p' }, ...(how % 3 === 0 && { shared: 1 }) },
      };
    case 3:
      return isVolume && (item.shared ?? 1) === 1 ? { type: 'destroy', volumes: item } : undefined;
    case 4: {
      if (!isVolume || item.shared !== undefined) return undefined;
      const { disk: _disk, ...bare } = item;
      const addition = resources({ ...bare, value: 0.001 });
      return contains(r, addition) ? { type: 'grow-volume', volume: item, addition } : undefined;
    }
    case 5:
      if (!isVolume || item.shared !== undefined || milli < 2) return undefined;
      return { type: 'shrink-volume', volume: item, subtract: (1 + (how % (milli - 1))) / 1_000 };
    default: {
      // A re-reservation of plain things: from one stack to another.
      const top = item.reservations[0];
      if (isVolume || item.reservations.length !== 1 || top?.type !== 'dynamic') return undefined;
      return {
        type: 'reserve',
        source: part,
        resources: { ...part, reservations: [{ type: 'dynamic', role: 'moved' }] },
      };
    }
  }
}
