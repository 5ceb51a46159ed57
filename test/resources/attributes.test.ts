import { describe, expect, it } from 'vitest';
import { attribute, attributes, attributesEqual, type AttributesLike, formatValue } from '../../src/resources/index.js';
import { refusal } from './refusal.js';

const shown = (like: AttributesLike): string[] =>
  attributes(like).items.map(({ name, value }) => `${name} ${value.type} ${formatValue(value)}`);

describe('attributes', () => {
  it.each<[AttributesLike, string[]]>([
    ['', []],
    [' ; ', []],
    ['zone:a;rack:r7', ['zone text a', 'rack text r7']],
    ['a:b:c;d:e:', ['a text b:c', 'd text e:']],
    ['n:7.5;p:[1-2, 3-4]', ['n scalar 7.5', 'p ranges [1-4]']],
    ['a:1;a:2', ['a scalar 1', 'a scalar 2']],
    ['__proto__:x', ['__proto__ text x']],
    ['t:-1;u:nan', ['t text -1', 'u text nan']],
    ['serial:99999999999999999999', ['serial text 99999999999999999999']],
    [[{ name: 'zone', value: { type: 'text', text: 'us east; 7' } }], ['zone text us east; 7']],
    [[{ name: 'n', value: { type: 'scalar', milli: 1500 } }], ['n scalar 1.5']],
  ])('%j are %j', (like, items) => {
    expect(shown(like)).toEqual(items);
    expect(attributes(JSON.parse(JSON.stringify(attributes(like))) as AttributesLike)).toEqual(attributes(like));
  });

  it.each<[unknown, string]>([
    ['zone', "bad-attributes at attributes: Expecting 'name:value' but found 'zone' at character 0"],
    ['a:b;zone:', "bad-attributes at attributes: Expecting 'name:value' but found 'zone:' at character 4"],
    [':a', "bad-attributes at attributes: Expecting 'name:value' but found ':a' at character 0"],
    ['a:{x,y}', "bad-attributes at attributes: Attribute 'a' at character 2 is a set, which is not supported"],
    ['a:x[1]', "bad-attributes at attributes: Unexpected '[' in 'x[1]' at character 3"],
    [7, 'bad-attributes at attributes: Expecting text or a list but found 7'],
    [[null], 'bad-attributes at attributes[0]: Expecting an attribute but found null'],
    [Array(1), 'bad-attributes at attributes[0]: Expecting an attribute but found undefined'],
    [[{ name: '', value: 'x' }], "bad-attributes at attributes[0].name: Expecting a name but found ''"],
    [[{ name: 'a', value: 'x', type: 'TEXT' }], "bad-attributes at attributes[0].type: Unknown field 'type'"],
    [
      [{ name: 'a', value: { type: 'text', text: 7 } }],
      'bad-attributes at attributes[0].value.text: Expecting a string but found 7',
    ],
    [
      [{ name: 'a', value: { type: 'set', items: ['x'] } }],
      'bad-attributes at attributes[0].value: An attribute cannot be a set',
    ],
    [
      [{ name: 'a', value: { type: 'scalar', milli: -1 } }],
      'bad-attributes at attributes[0].value: Invalid scalar resource: -1 is not a whole number of thousandths',
    ],
  ])('%j are refused', (like, message) => {
    expect(refusal(() => attributes(like as AttributesLike))).toBe(message);
  });

  it('are equal if each has all of the other', () => {
    const equal = (a: string, b: string): boolean => attributesEqual(attributes(a), attributes(b));
    expect(equal('a:1;b:x', 'b:x;a:1')).toBe(true);
    expect(equal('a:1;a:1', 'a:1')).toBe(true);
    expect(equal('a:1', 'a:1;b:x')).toBe(false);
    expect(equal('a:1', 'a:2')).toBe(false);
    expect(equal('p:[1-2]', 'p:[1-1, 2-2]')).toBe(true);
    expect(attributesEqual(attributes('n:1'), attributes([{ name: 'n', value: { type: 'text', text: '1' } }]))).toBe(
      false,
    );
  });

  it('are read by their first of a name', () => {
    const value = attribute(attributes('a:x;a:y'), 'a');
    expect(value).toEqual({ type: 'text', text: 'x' });
    expect(attribute(attributes('a:x'), 'constructor')).toBeUndefined();
  });

  it('show nothing that can be changed', () => {
    const { items } = attributes('a:x;p:[1-2]');
    const [, ports] = items;
    expect(Object.isFrozen(items) && items.every((item) => Object.isFrozen(item) && Object.isFrozen(item.value))).toBe(
      true,
    );
    expect(ports?.value.type === 'ranges' && Object.isFrozen(ports.value.ranges[0])).toBe(true);
  });
});
