import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  apply,
  format,
  quantitiesFromScalarResources,
  type ResourceInput,
  type ResourceOperation,
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
    expect(format(created)).toBe('disk(reservations: [(STATIC,r)]):6; disk(reservations: [(STATIC,r)])[v:p]<SHARED>:4');
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
});
