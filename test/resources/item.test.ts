import { describe, expect, it } from 'vitest';
import {
  addable,
  format,
  isIndivisible,
  type ResourceInput,
  type ResourceItem,
  resources,
  type ResourcesLike,
  sameMetadata,
  subtractable,
  validateForUse,
  validateItem,
} from '../../src/resources/index.js';
import { refusal } from './refusal.js';

function item(like: ResourcesLike): ResourceItem {
  const [only] = resources(like).items;
  if (only === undefined) throw new Error('no item');
  return only;
}

const volume: ResourceInput = { name: 'disk', value: 10, role: 'r', disk: { id: 'v', path: 'p' } };
const unknown = (fields: object): ResourceInput => fields as ResourceInput;

describe('validateItem', () => {
  it.each<[string, ResourceInput]>([
    ['a scalar', { name: 'cpus', value: '8' }],
    ['nothing of something', { name: 'cpus', value: '0' }],
    ['minus nothing', { name: 'cpus', value: -0 }],
    ['a number', { name: 'cpus', value: 0.1 }],
    [
      'a value',
      {
        name: 'ports',
        value: {
          type: 'ranges',
          ranges: [
            { begin: 3, end: 4 },
            { begin: 1, end: 2 },
          ],
        },
      },
    ],
    ['overlapping ranges in text, which are joined', { name: 'ports', value: '[1-5, 3-8]' }],
    ['a role', { name: 'cpus', value: 1, role: 'a/b' }],
    ['the role *', { name: 'cpus', value: 1, role: '*' }],
    [
      'a role beside the same reservation',
      { name: 'cpus', value: 1, role: 'a', reservations: [{ type: 'STATIC', role: 'a' }] },
    ],
    ['enumerations in upper case', { ...volume, disk: { id: 'v', path: 'p', mode: 'RW', source: { type: 'MOUNT' } } }],
    ['a shared volume', { ...volume, shared: true }],
    ['what is explicitly not shared', { name: 'cpus', value: 1, shared: false, revocable: false }],
  ])('accepts %s', (_, input) => {
    expect(validateItem(input)).toBeUndefined();
  });

  it.each<[string, ResourceInput, string, string]>([
    ['no name', { name: '', value: 1 }, 'item.name', 'Empty resource name'],
    [
      'a negative text',
      { name: 'x', value: '-1' },
      'item.value',
      "Invalid scalar resource: value <= 0 in '-1' at character 0",
    ],
    ['a negative number', { name: 'x', value: -1 }, 'item.value', 'Invalid scalar resource: value <= 0: -1'],
    ['a crumb', { name: 'x', value: 0.0001 }, 'item.value', 'Invalid scalar resource: value <= 0: 0.0001'],
    ['NaN', { name: 'x', value: Number.NaN }, 'item.value', 'Invalid scalar resource: NaN is not an amount'],
    ['infinity', { name: 'x', value: Infinity }, 'item.value', 'Invalid scalar resource: Infinity is not an amount'],
    [
      'too much',
      { name: 'x', value: 2 ** 53 },
      'item.value',
      'Invalid scalar resource: 9007199254740992 is not an amount',
    ],
    [
      'half a thousandth',
      { name: 'x', value: { type: 'scalar', milli: 0.5 } },
      'item.value.milli',
      'Invalid scalar resource: 0.5 is not a whole number of thousandths',
    ],
    [
      'text',
      { name: 'x', value: 'abc' },
      'item.value',
      "Bad type for resource 'x': 'abc' at character 0 is not a number, ranges or a set",
    ],
    [
      'a text value',
      { name: 'x', value: { type: 'text', text: 'a' } as never },
      'item.value.text',
      "Unknown field 'text'",
    ],
    [
      'reversed ranges',
      { name: 'x', value: { type: 'ranges', ranges: [{ begin: 5, end: 1 }] } },
      'item.value.ranges[0]',
      'Invalid ranges resource: begin > end in 5-1',
    ],
    [
      'overlapping ranges',
      {
        name: 'x',
        value: {
          type: 'ranges',
          ranges: [
            { begin: 5, end: 8 },
            { begin: 1, end: 5 },
          ],
        },
      },
      'item.value.ranges',
      'Invalid ranges resource: overlapping ranges 1-5, 5-8',
    ],
    [
      'a negative bound',
      { name: 'x', value: { type: 'ranges', ranges: [{ begin: -1, end: 1 }] } },
      'item.value.ranges[0]',
      'Invalid ranges resource: bound -1',
    ],
    [
      'duplicates',
      { name: 'x', value: { type: 'set', items: ['a', 'a'] } },
      'item.value.items[1]',
      "Invalid set resource: duplicated elements 'a'",
    ],
    [
      'a disk on cpus',
      { name: 'cpus', value: 1, disk: { path: 'p' } },
      'item.disk',
      'DiskInfo should not be set for cpus resource',
    ],
    [
      'a root of a raw disk',
      { name: 'disk', value: 1, disk: { source: { type: 'raw', root: 'r' } } },
      'item.disk.source.root',
      'Root should not be set for RAW disk source',
    ],
    ['shared cpus', { name: 'cpus', value: 1, shared: true }, 'item.shared', 'Resource cpus cannot be shared'],
    [
      'a shared disk that is no volume',
      { name: 'disk', value: 1, shared: true },
      'item.shared',
      'Only persistent volumes can be shared',
    ],
    [
      'half a copy',
      { ...volume, shared: 1.5 },
      'item.shared',
      'Invalid shared resource: expecting a number of copies but found 1.5',
    ],
    [
      'a reservation to *',
      { name: 'cpus', value: 1, reservations: [{ type: 'dynamic', role: '*' }] },
      'item.reservations[0].role',
      'Invalid reservation: role "*" cannot be reserved',
    ],
    [
      'a bad role',
      { name: 'cpus', value: 1, role: 'a//b' },
      'item.role',
      "Role 'a//b' cannot contain two adjacent slashes",
    ],
    [
      'a bad allocation role',
      { name: 'cpus', value: 1, allocated: '' },
      'item.allocated',
      'Empty role name is invalid',
    ],
    [
      'a refinement to another role',
      {
        name: 'cpus',
        value: 1,
        reservations: [
          { type: 'static', role: 'a' },
          { type: 'dynamic', role: 'ab' },
        ],
      },
      'item.reservations[1].role',
      "Invalid refined reservation: role 'ab' is not a refinement of 'a'",
    ],
    [
      'a static refinement',
      {
        name: 'cpus',
        value: 1,
        reservations: [
          { type: 'static', role: 'a' },
          { type: 'static', role: 'a/b' },
        ],
      },
      'item.reservations[1].type',
      'Invalid refined reservation: A refined reservation cannot be STATIC',
    ],
    [
      'a role that does not match',
      { name: 'cpus', value: 1, role: 'b', reservations: [{ type: 'static', role: 'a' }] },
      'item.role',
      "Invalid resource format: role 'b' does not match the role 'a' of the reservation",
    ],
    [
      'a role beside two reservations',
      {
        name: 'cpus',
        value: 1,
        role: 'a',
        reservations: [
          { type: 'static', role: 'a' },
          { type: 'dynamic', role: 'a/b' },
        ],
      },
      'item.role',
      'Invalid resource format: role must not be set beside more than one reservation',
    ],
    ['an unknown field', unknown({ name: 'cpus', value: 1, scalar: 2 }), 'item.scalar', "Unknown field 'scalar'"],
    [
      'an own __proto__',
      unknown(JSON.parse('{"name":"cpus","value":1,"__proto__":{"role":"a"}}') as object),
      'item.__proto__',
      "Unknown field '__proto__'",
    ],
    [
      'an unknown field of a disk',
      unknown({ ...volume, disk: { persistence: 'v' } }),
      'item.disk.persistence',
      "Unknown field 'persistence'",
    ],
    [
      'an unknown type',
      unknown({ name: 'cpus', value: 1, reservations: [{ type: 'Static', role: 'a' }] }),
      'item.reservations[0].type',
      "Expecting one of 'static', 'dynamic' but found 'Static'",
    ],
    ['no value', unknown({ name: 'cpus' }), 'item.value', 'Expecting an object but found undefined'],
    ['a big integer', unknown({ name: 'cpus', value: 1n }), 'item.value', 'Expecting an object but found a bigint'],
    ['a name that is no text', unknown({ name: 7, value: 1 }), 'item.name', 'Expecting a string but found 7'],
    [
      'labels that are no list',
      unknown({ name: 'cpus', value: 1, reservations: [{ type: 'static', role: 'a', labels: {} }] }),
      'item.reservations[0].labels',
      'Expecting an array but found an object',
    ],
    ['nothing', unknown(null as never), 'item', 'Expecting an object but found null'],
    ['a list', unknown([]), 'item', 'Expecting an object but found an array'],
  ])('refuses %s', (_, input, path, message) => {
    expect(validateItem(input)).toEqual({ code: 'bad-resources', path, message });
  });

  it('reads own fields only', () => {
    const inherited = Object.assign(Object.create({ role: 'a', revocable: true }) as object, {
      name: 'cpus',
      value: 1,
    });
    expect(format(resources(inherited as ResourceInput))).toBe('cpus:1');
  });
});

describe('reading resources', () => {
  it('gives the path of the field in a list', () => {
    expect(refusal(() => resources(['cpus:1', [{ name: 'mem', value: -1 }]], 'task.resources'))).toMatch(
      /^bad-resources at task\.resources\[1\]\[0\]\.value: Invalid scalar/,
    );
  });

  it.each([undefined, null, 7, true, 1n, Symbol('s'), () => 'cpus:1'])('refuses %s', (like) => {
    expect(refusal(() => resources(like as never))).toMatch(
      /^bad-resources at resources: Expecting text, an item or a list/,
    );
  });

  it.each<[string, ResourceInput]>([
    ['value.ranges[0]', { name: 'ports', value: { type: 'ranges', ranges: Array(1) } }],
    ['value.items[0]', { name: 'zones', value: { type: 'set', items: Array(1) } }],
    ['reservations[0]', { name: 'cpus', value: 1, reservations: Array(1) }],
    [
      'reservations[0].labels[0]',
      { name: 'cpus', value: 1, reservations: [{ type: 'dynamic', role: 'a', labels: Array(1) }] },
    ],
  ])('refuses a hole at %s', (path, item) => {
    expect(refusal(() => resources(item)).startsWith(`bad-resources at resources.${path}: Expecting`)).toBe(true);
  });

  it('refuses lists nested without end', () => {
    const endless: unknown[] = [];
    endless.push(endless);
    expect(refusal(() => resources(endless as never))).toMatch(/nested deeper than 64$/);
  });

  it('cuts what it quotes', () => {
    expect(refusal(() => resources(`cpus:${'x'.repeat(1e6)}`)).length).toBeLessThan(200);
    const name = 'x'.repeat(1e6);
    expect(refusal(() => resources({ name, value: 1, shared: true })).length).toBeLessThan(200);
    expect(refusal(() => resources({ name, value: 1, disk: { id: 'v' } })).length).toBeLessThan(200);
  });

  it('does not keep what it was given', () => {
    const labels = [{ key: 'k', value: 'v' }];
    const ranges = [{ begin: 1, end: 2 }];
    const disk = { id: 'v', path: 'p', source: { type: 'path' as const, root: 'r' } };
    const r = resources([
      { name: 'ports', value: { type: 'ranges', ranges }, reservations: [{ type: 'dynamic', role: 'a', labels }] },
      { name: 'disk', value: 1, disk },
    ]);
    const before = JSON.stringify(r);
    labels[0] = { key: 'other', value: 'x' };
    ranges[0] = { begin: 7, end: 9 };
    disk.id = 'w';
    disk.source.root = 's';
    expect(JSON.stringify(r)).toBe(before);
  });

  it('shows nothing that can be changed', () => {
    const r = resources([
      'cpus:1;ports:[1-2];zones:{a}',
      { ...volume, reservations: [{ type: 'dynamic', role: 'r', labels: [{ key: 'k' }] }] },
    ]);
    const open: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) open.push(path);
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
    };
    visit(r.items, 'items');
    expect(open).toEqual([]);
  });
});

describe('the metadata of items', () => {
  const disk = (fields: ResourceInput['disk'], value = 10): ResourceItem =>
    item({ name: 'disk', value, ...(fields === undefined ? {} : { disk: fields }) });

  it.each<[string, ResourceItem, ResourceItem, boolean]>([
    ['the container path of a volume', disk({ id: 'v', path: 'p' }), disk({ id: 'v', path: 'q', mode: 'rw' }), true],
    ['the id of a volume', disk({ id: 'v', path: 'p' }), disk({ id: 'w', path: 'p' }), false],
    ['that there is a disk at all', disk({ path: 'p' }), disk(undefined), false],
    [
      'the root of a source',
      disk({ source: { type: 'path', root: 'a' } }),
      disk({ source: { type: 'path', root: 'b' } }),
      false,
    ],
    [
      'the order of labels',
      item({
        name: 'c',
        value: 1,
        reservations: [{ type: 'dynamic', role: 'r', labels: [{ key: 'a' }, { key: 'b' }] }],
      }),
      item({
        name: 'c',
        value: 1,
        reservations: [{ type: 'dynamic', role: 'r', labels: [{ key: 'b' }, { key: 'a' }] }],
      }),
      true,
    ],
    [
      'a label without a value',
      item({ name: 'c', value: 1, reservations: [{ type: 'dynamic', role: 'r', labels: [{ key: 'a' }] }] }),
      item({ name: 'c', value: 1, reservations: [{ type: 'dynamic', role: 'r', labels: [{ key: 'a', value: '' }] }] }),
      false,
    ],
    [
      'the role it is allocated to',
      item({ name: 'c', value: 1, allocated: 'a' }),
      item({ name: 'c', value: 1 }),
      false,
    ],
    ['its provider', item({ name: 'c', value: 1, provider: 'a' }), item({ name: 'c', value: 1, provider: 'b' }), false],
    [
      'what could pass for other metadata',
      item({ name: 'c', value: 1, provider: 'x', allocated: 'b' }),
      item({ name: 'c', value: 1, provider: 'xAb' }),
      false,
    ],
    ['its type', item('x:1'), item('x:[1-2]'), false],
  ])('%s tells items apart: or not', (_, a, b, same) => {
    expect(sameMetadata(a, b)).toBe(same);
    expect(sameMetadata(b, a)).toBe(same);
  });

  it.each<[string, ResourceInput['disk'], boolean, boolean]>([
    ['a path', { source: { type: 'path', root: 'm' } }, true, true],
    ['a mount', { source: { type: 'mount', root: 'm' } }, false, false],
    ['a block device', { source: { type: 'block', id: 'b' } }, false, false],
    ['raw storage', { source: { type: 'raw' } }, true, true],
    ['an identified raw disk', { source: { type: 'raw', id: 'b' } }, false, false],
    ['a volume', { id: 'v', path: 'p' }, false, false],
  ])('%s can be divided: or not', (_, info, adds, subtracts) => {
    const [a, b] = [disk(info, 10), disk(info, 20)];
    expect(addable(a, b)).toBe(adds);
    expect(subtractable(b, a)).toBe(subtracts);
    expect(subtractable(a, a)).toBe(true);
    expect(isIndivisible(a)).toBe(!adds);
  });
});

describe('validateForUse', () => {
  it.each<[ResourcesLike, string]>([
    ['gpus:1.5', "The 'gpus' resource must be an unsigned integer"],
    [{ ...volume, disk: { id: 'v', path: 'p', mode: 'ro' } }, 'Read-only persistent volume not supported'],
    [{ name: 'disk', value: 1, disk: {} }, 'DiskInfo is set but empty'],
    [{ ...volume, disk: { id: '..', path: 'p' } }, "Invalid persistence ID for persistent volume: '..' is disallowed"],
    [{ name: 'cpus', value: -1 }, 'Invalid scalar resource: value <= 0: -1'],
  ])('refuses %j', (like, message) => {
    expect(validateForUse(like, 'r')).toMatchObject({ code: 'bad-resources', message });
  });

  it('accepts whole gpus, volumes and bare disks of a source', () => {
    expect(
      validateForUse(['gpus:2;cpus:0.1', volume, { name: 'disk', value: 1, disk: { source: { type: 'mount' } } }]),
    ).toBeUndefined();
  });
});

describe('printing', () => {
  it.each<[ResourcesLike, string]>([
    [{ name: 'disk', value: 1, disk: { source: { type: 'block', id: 'i', vendor: 'v' } } }, 'disk[BLOCK(v,i,)]:1'],
    [{ name: 'disk', value: 1, disk: { source: { type: 'raw', profile: 'p' } } }, 'disk[RAW(,,p)]:1'],
    [{ name: 'disk', value: 1, disk: { source: { type: 'path' } } }, 'disk[PATH]:1'],
    [{ ...volume, shared: 2, revocable: true }, 'disk(reservations: [(STATIC,r)])[v:p]{REV}<SHARED>:10<2>'],
    [{ ...volume, disk: { id: 'v', path: 'p', mode: 'rw' } }, 'disk(reservations: [(STATIC,r)])[v:p]:10'],
  ])('%j is %s', (like, text) => {
    expect(format(resources(like))).toBe(text);
  });
});
