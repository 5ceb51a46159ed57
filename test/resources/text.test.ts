import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { format, parseWithDefaultRole, resources, type ResourcesLike } from '../../src/resources/index.js';
import { plainArb, resourcesArb } from './arbitraries.js';
import { refusal } from './refusal.js';

describe('the text form of resources', () => {
  it.each([
    ['', '{}'],
    [' ; ;', '{}'],
    ['cpus:4;mem:8192', 'cpus:4; mem:8192'],
    [' cpus : 4 ; mem: 8 192 ', 'cpus:4; mem:8192'],
    ['mem:1;cpus:2;mem:0.5', 'cpus:2; mem:1.5'],
    ['cpus(*):4', 'cpus:4'],
    ['cpus( a/b ):4', 'cpus(reservations: [(STATIC,a/b)]):4'],
    ['ports:[31000-32000]', 'ports:[31000-32000]'],
    ['zones:{b,a}', 'zones:{b, a}'],
    ['cpus:0;ports:[];zones:{}', '{}'],
    ['c p us:1', 'c p us:1'],
    ['__proto__:1;constructor:2', '__proto__:1; constructor:2'],
    ['cpus:\n4;\nmem:1\n', 'cpus:4; mem:1'],
  ])('%j is %s', (text, printed) => {
    expect(format(resources(text))).toBe(printed);
  });

  it.each([
    ['cpus', "Bad value 'cpus' at character 0: missing ':'"],
    [':', 'Empty resource name at character 0'],
    [':4', 'Empty resource name at character 0'],
    ['cpus:', 'Expecting a value but found nothing at character 5'],
    ['cpus:1;mem', "Bad value 'mem' at character 7: missing ':'"],
    ['cpus:1:2', "Bad value 'cpus:1:2' at character 0: extra ':'"],
    ['cpus(role1:1', "Mismatched parentheses in 'cpus(role1' at character 0"],
    ['mem:1;cpus)(role1:1', "Mismatched parentheses in 'cpus)(role1' at character 6"],
    ['cpus(a)(b):1', "Mismatched parentheses in 'cpus(a)(b)' at character 0"],
    ['cpus(a)x:1', "Mismatched parentheses in 'cpus(a)x' at character 0"],
    ['cpus():1', 'Empty role name is invalid'],
    ['cpus(/a):1', "Role '/a' cannot start with a slash"],
    ['cpus:-1', "Invalid scalar resource: value <= 0 in '-1' at character 5"],
    ['mem:1;cpus:0.0001', "Invalid scalar resource: value <= 0: '0.0001' rounds to 0"],
    ['mem:1;cpus:lots', "Bad type for resource 'cpus': 'lots' at character 11 is not a number, ranges or a set"],
    ['cpus:nan', "Bad type for resource 'cpus': 'nan' at character 5 is not a number, ranges or a set"],
    ['cpus:1e400', "Number '1e400' is too large at character 5"],
    ['mem:1;ports:[5-3]', "Invalid range '5-3': begin > end at character 13"],
    ['ports:[1-2]x', "Unexpected 'x' after ']' at character 11"],
    ['zones:{a,a}', "Invalid set: duplicated element 'a' at character 9"],
    ['foo(a):1;foo(b):[0-1]', "Resources with the same name ('foo') but different types are not allowed"],
  ])('%j is refused: %s', (text, message) => {
    expect(refusal(() => resources(text, 'offer.resources'))).toBe(`bad-resources at offer.resources: ${message}`);
  });

  it('gives items without a role the default role', () => {
    expect(format(parseWithDefaultRole('cpus:1;mem(b):2;disk(*):3', 'a'))).toBe(
      'cpus(reservations: [(STATIC,a)]):1; disk:3; mem(reservations: [(STATIC,b)]):2',
    );
    expect(refusal(() => parseWithDefaultRole('cpus:1', 'a//b'))).toMatch(/^bad-resources at role/);
  });

  it('reads back what it prints of plain resources', () => {
    fc.assert(
      fc.property(
        plainArb.filter((r) => r.items.length > 0),
        (r) => {
          expect(resources(format(r))).toEqual(r);
        },
      ),
    );
  });
});

describe('the JSON form of resources', () => {
  const roundTrip = (like: ResourcesLike): unknown => JSON.parse(JSON.stringify(resources(like)));

  it('is text where text can hold everything', () => {
    expect(roundTrip('mem:1;cpus(a/b):0.5;ports:[1-2,5-6];zones:{x,y}')).toBe(
      'cpus(a/b):0.5;mem:1;ports:[1-2,5-6];zones:{x,y}',
    );
    expect(roundTrip('')).toBe('');
  });

  it('is a list of items where it cannot', () => {
    const volume: ResourcesLike = {
      name: 'disk',
      value: 10,
      role: 'a',
      disk: { id: 'v', path: 'p', source: { type: 'PATH', root: 'r' } },
      shared: 2,
    };
    expect(roundTrip(['cpus:1', volume])).toEqual([
      { name: 'cpus', value: '1' },
      {
        name: 'disk',
        value: '10',
        reservations: [{ type: 'static', role: 'a' }],
        shared: 2,
        disk: { id: 'v', path: 'p', source: { type: 'path', root: 'r' } },
      },
    ]);
  });

  it.each<[string, ResourcesLike]>([
    ['a name with a colon', { name: 'a:b', value: 1 }],
    ['a name with spaces around', { name: ' a ', value: 1 }],
    ['an item of a set with a comma', { name: 's', value: { type: 'set', items: ['a,b', '', ' c', '}'] } }],
    ['a revocable item', { name: 'cpus', value: 1, revocable: true }],
  ])('holds %s', (_, like) => {
    const r = resources(like);
    expect(Array.isArray(r.toJSON())).toBe(true);
    expect(resources(roundTrip(like) as ResourcesLike)).toEqual(r);
  });

  it('reads back to the same resources', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        expect(resources(JSON.parse(JSON.stringify(r)) as ResourcesLike)).toEqual(r);
      }),
    );
  });
});
