import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatValue,
  parseRanges,
  parseValue,
  rangesAdd,
  rangesContain,
  rangesSubtract,
  type RangesValue,
  setAdd,
  setContains,
  setSubtract,
  type SetValue,
  valuesEqual,
} from '../../src/resources/index.js';
import { refusal } from './refusal.js';

describe('parseValue', () => {
  it.each([
    ['4', 'scalar 4'],
    [' 4.5 ', 'scalar 4.5'],
    ['1 000', 'scalar 1000'],
    ['.5', 'scalar 0.5'],
    ['5.', 'scalar 5'],
    ['+5', 'scalar 5'],
    ['-0', 'scalar 0'],
    ['1e3', 'scalar 1000'],
    ['15e-1', 'scalar 1.5'],
    ['0.123456789012345', 'scalar 0.123'],
    ['0000000000000000000001', 'scalar 1'],
    ['9007199254740.991', 'scalar 9007199254740.991'],
    ['[]', 'ranges []'],
    ['[ 8-9 , 1-5 ]', 'ranges [1-5, 8-9]'],
    ['[1-2, 3-4]', 'ranges [1-4]'],
    ['{}', 'set {}'],
    ['{ b , a }', 'set {b, a}'],
    ['rack1,rack2', 'text rack1,rack2'],
    ['-1', 'text -1'],
    ['nan', 'text nan'],
    ['Infinity', 'text Infinity'],
    ['0x10', 'text 0x10'],
    ['0b1', 'text 0b1'],
    ['1_000', 'text 1_000'],
    ['1.2.3', 'text 1.2.3'],
    ['os(20)', 'text os(20)'],
  ])('reads %s as %s', (text, result) => {
    const value = parseValue(text);
    expect(`${value.type} ${formatValue(value)}`).toBe(result);
  });

  it.each([
    ['', 'bad-value at : Expecting a value but found nothing at character 0'],
    ['   ', 'bad-value at : Expecting a value but found nothing at character 0'],
    ['{a,b}}', "bad-value at : Unexpected '}' after '}' at character 5"],
    ['{a,{b}}', "bad-value at : Unexpected '{' in '{a,{b}}' at character 3"],
    ['[1-2', "bad-value at : Missing ']' in '[1-2' at character 4"],
    ['[1-2}', "bad-value at : Mismatched '}' in '[1-2}' at character 4"],
    ['1-2]', "bad-value at : Mismatched ']' in '1-2]' at character 3"],
    ['a[1-2]', "bad-value at : Unexpected '[' in 'a[1-2]' at character 1"],
    ['[1-2b]', "bad-value at : Expecting a range 'begin-end' but found '1-2b' at character 1"],
    ['[1-2, 3]', "bad-value at : Expecting a range 'begin-end' but found '3' at character 5"],
    ['[1-2,]', "bad-value at : Expecting a range 'begin-end' but found '' at character 5"],
    ['[-3-5]', "bad-value at : Expecting a range 'begin-end' but found '-3-5' at character 1"],
    ['[5-1]', "bad-value at : Invalid range '5-1': begin > end at character 1"],
    ['[0-9007199254740992]', "bad-value at : Range '0-9007199254740992' is too large at character 1"],
    ['{a,,b}', 'bad-value at : Empty item in a set at character 3'],
    ['{a,b,a}', "bad-value at : Invalid set: duplicated element 'a' at character 5"],
    ['7.63918e-313', "bad-number at : Subnormal number '7.63918e-313' at character 0"],
    ['-7.63918e-313', "bad-number at : Subnormal number '-7.63918e-313' at character 0"],
    ['9007199254741', "bad-number at : Number '9007199254741' is too large at character 0"],
    ['1e400', "bad-number at : Number '1e400' is too large at character 0"],
    ['1e308', "bad-number at : Number '1e308' is too large at character 0"],
  ])('refuses %s and points at the place', (text, message) => {
    expect(refusal(() => parseValue(text))).toBe(message);
  });

  it('says what parseRanges cannot read', () => {
    expect(refusal(() => parseRanges('{a}'))).toBe("bad-value at : Expecting ranges but found '{a}'");
  });
});

/** Ranges and the same numbers as a plain set. */
const rangesArb = fc.array(fc.tuple(fc.nat(40), fc.nat(5)), { maxLength: 8 }).map((list) => {
  const numbers = new Set(list.flatMap(([begin, length]) => Array.from({ length: length + 1 }, (_, i) => begin + i)));
  return { value: parseRanges(`[${list.map(([begin, length]) => `${begin}-${begin + length}`).join(',')}]`), numbers };
});

function numbersIn(value: RangesValue): number[] {
  return value.ranges.flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, i) => begin + i));
}

const ascending = (list: Iterable<number>): number[] => [...list].sort((a, b) => a - b);

function expectCoalesced(value: RangesValue): void {
  for (const [i, { begin, end }] of value.ranges.entries()) {
    expect(begin).toBeLessThanOrEqual(end);
    expect(begin).toBeGreaterThan((value.ranges[i - 1]?.end ?? -2) + 1);
  }
}

describe('ranges', () => {
  it('are sets of numbers: add is the union, subtract the difference, contain the subset', () => {
    fc.assert(
      fc.property(rangesArb, rangesArb, (a, b) => {
        const union = rangesAdd(a.value, b.value);
        const rest = rangesSubtract(a.value, b.value);
        expect(numbersIn(union)).toEqual(ascending(new Set([...a.numbers, ...b.numbers])));
        expect(numbersIn(rest)).toEqual(ascending([...a.numbers].filter((n) => !b.numbers.has(n))));
        expect(rangesContain(a.value, b.value)).toBe([...b.numbers].every((n) => a.numbers.has(n)));
        expectCoalesced(union);
        expectCoalesced(rest);
      }),
    );
  });

  it('read back from their text', () => {
    fc.assert(
      fc.property(rangesArb, ({ value }) => {
        expect(parseValue(formatValue(value))).toEqual(value);
      }),
    );
  });

  it('reach up to 2^53 - 1', () => {
    const all = parseRanges('[0-9007199254740991]');
    expect(formatValue(rangesSubtract(all, parseRanges('[1-9007199254740990]')))).toBe(
      '[0-0, 9007199254740991-9007199254740991]',
    );
    expect(formatValue(rangesAdd(all, all))).toBe('[0-9007199254740991]');
  });

  it('of 10^5 pieces are added and subtracted in one pass', () => {
    const text = (from: number): string =>
      `[${Array.from({ length: 100_000 }, (_, i) => `${from + 4 * i}-${from + 4 * i}`).join(',')}]`;
    const even = parseRanges(text(0));
    const odd = parseRanges(text(2));
    const both = rangesAdd(even, odd);
    expect(both.ranges).toHaveLength(200_000);
    expect(rangesSubtract(both, odd)).toEqual(even);
    expect(rangesContain(both, odd)).toBe(true);
    expect(rangesContain(odd, both)).toBe(false);
  });
});

describe('sets', () => {
  const setOf = (text: string): SetValue => parseValue(text) as SetValue;

  it('keep the order of the left, then what only the right has', () => {
    expect(setAdd(setOf('{c,a}'), setOf('{b,a}')).items).toEqual(['c', 'a', 'b']);
    expect(setSubtract(setOf('{c,a,b}'), setOf('{a,x}')).items).toEqual(['c', 'b']);
  });

  it('compare without order', () => {
    expect(valuesEqual(setOf('{a,b}'), setOf('{b,a}'))).toBe(true);
    expect(valuesEqual(setOf('{a,b}'), setOf('{a,c}'))).toBe(false);
    expect(setContains(setOf('{a,b}'), setOf('{b}'))).toBe(true);
    expect(setContains(setOf('{a,b}'), setOf('{b,c}'))).toBe(false);
  });

  it('take any text for an item', () => {
    expect(setAdd(setOf('{__proto__}'), setOf('{constructor}')).items).toEqual(['__proto__', 'constructor']);
  });
});

describe('values of different types', () => {
  it('are never equal', () => {
    expect(valuesEqual(parseValue('1'), parseValue('{1}'))).toBe(false);
    expect(valuesEqual(parseValue('{}'), parseValue('[]'))).toBe(false);
    expect(valuesEqual(parseValue('a'), parseValue('{a}'))).toBe(false);
    expect(valuesEqual(parseValue('a'), parseValue('a'))).toBe(true);
  });
});
