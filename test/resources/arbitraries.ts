import fc from 'fast-check';
import { type ResourceInput, resources, type Resources } from '../../src/resources/index.js';

/** Names with traps among them: whatever keeps values by name must take any. */
export const nameArb = fc.constantFrom('cpus', 'mem', 'disk', 'ports', 'zones', '__proto__', 'constructor', 'toString');

/** Whole thousandths as a plain number, from crumbs to a lot. */
const amountArb = fc
  .oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5_000_000 }))
  .map((n) => n / 1000);

const rangesArb = fc
  .array(fc.tuple(fc.nat(60), fc.nat(6)), { maxLength: 6 })
  .map((list) => `[${list.map(([begin, length]) => `${begin}-${begin + length}`).join(',')}]`);

const setArb = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), { maxLength: 5 })
  .map((list) => `{${list.join(',')}}`);

const typeOf: Readonly<Record<string, fc.Arbitrary<string | number>>> = {
  cpus: amountArb,
  mem: amountArb,
  disk: amountArb,
  ports: rangesArb,
  zones: setArb,
};

/** An item with a name and a value only; every name has one type. */
export const plainInputArb: fc.Arbitrary<ResourceInput> = nameArb.chain((name) =>
  fc.record({ name: fc.constant(name), value: (Object.hasOwn(typeOf, name) ? typeOf[name] : undefined) ?? amountArb }),
);

const reservationsArb = fc.constantFrom<NonNullable<ResourceInput['reservations']>>(
  [],
  [{ type: 'static', role: 'a' }],
  [{ type: 'dynamic', role: 'a', principal: 'p' }],
  [{ type: 'dynamic', role: 'a', labels: [{ key: 'k', value: 'v' }] }],
  [{ type: 'dynamic', role: 'a', labels: [{ key: 'k' }] }],
  [
    { type: 'static', role: 'a' },
    { type: 'dynamic', role: 'a/b' },
  ],
);

const diskArb = fc.constantFrom<NonNullable<ResourceInput['disk']>>(
  { path: 'p' },
  { id: 'v1', path: 'p' },
  { id: 'v1', path: 'q' },
  { id: 'v2', path: 'p', source: { type: 'mount', root: 'm' } },
  { source: { type: 'path', root: 'm' } },
  { source: { type: 'mount', root: 'm' } },
  { source: { type: 'block', id: 'b' } },
  { source: { type: 'raw' } },
  { source: { type: 'raw', id: 'r', vendor: 'x' } },
);

const metadataArb: fc.Arbitrary<Partial<ResourceInput>> = fc.record(
  {
    reservations: reservationsArb,
    revocable: fc.boolean(),
    provider: fc.constantFrom('one', 'two'),
    allocated: fc.constantFrom('a', 'b'),
  },
  { requiredKeys: [] },
);

/** Few sizes, so that whole things meet their like. */
const diskInputArb: fc.Arbitrary<ResourceInput> = fc
  .tuple(fc.constantFrom(1, 2), diskArb, fc.integer({ min: 1, max: 3 }), fc.boolean())
  .map(([value, disk, copies, many]) => ({
    name: 'disk',
    value,
    disk,
    ...(disk.id !== undefined && many ? { shared: copies } : {}),
  }));

/** Any item: plain ones, reserved ones, volumes, shared ones. */
export const inputArb: fc.Arbitrary<ResourceInput> = fc.oneof(
  plainInputArb,
  fc.tuple(plainInputArb, metadataArb).map(([item, metadata]) => ({ ...item, ...metadata })),
  fc.tuple(diskInputArb, metadataArb).map(([item, metadata]) => ({ ...item, ...metadata })),
);

/** Bags without any metadata. */
export const plainArb: fc.Arbitrary<Resources> = fc
  .array(plainInputArb, { maxLength: 6 })
  .map((list) => resources(list));

/** Bags of anything. */
export const resourcesArb: fc.Arbitrary<Resources> = fc
  .array(inputArb, { maxLength: 7 })
  .map((list) => resources(list));

/** Bags of scalars that add up. */
export const scalarsArb: fc.Arbitrary<Resources> = fc
  .array(
    fc
      .tuple(fc.constantFrom('cpus', 'mem', '__proto__'), amountArb, metadataArb)
      .map(([name, value, metadata]) => ({ name, value, ...metadata })),
    { maxLength: 7 },
  )
  .map((list) => resources(list));
