import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMilli, fromMilli, MAX_MILLI, parseValue, resources, toMilli } from '../../src/resources/index.js';
import { refusal } from './refusal.js';

describe('scalars', () => {
  it.each([
    [0, 0],
    [-0, 0],
    [1, 1000],
    [1.0004, 1000],
    [1.0005, 1001],
    [-1.0005, -1001],
    [0.0005, 1],
    [0.0004999999, 0],
    [0.0004999999999999999, 0],
    [-0.0001, 0],
    [0.1 + 0.2, 300],
    [1099511627776.5, 1099511627776500],
    [Number.MIN_VALUE, 0],
  ])('%d is %d thousandths, half away from zero', (value, milli) => {
    expect(Object.is(toMilli(value), milli)).toBe(true);
  });

  it.each([Number.NaN, Infinity, -Infinity, 1e308, 2 ** 53, 9007199254741])('refuses %d', (value) => {
    expect(refusal(() => toMilli(value))).toMatch(/^bad-number/);
  });

  it.each([
    [0, '0'],
    [1, '0.001'],
    [10, '0.01'],
    [1500, '1.5'],
    [-1, '-0.001'],
    [MAX_MILLI, '9007199254740.991'],
  ])('%d thousandths are written %s', (milli, text) => {
    expect(formatMilli(milli)).toBe(text);
  });

  it('reads what it writes, however large', () => {
    fc.assert(
      fc.property(fc.nat(MAX_MILLI), (milli) => {
        expect(parseValue(formatMilli(milli))).toEqual({ type: 'scalar', milli });
      }),
    );
  });

  it('keeps a plain number of up to a trillion', () => {
    fc.assert(
      fc.property(fc.nat(1e15), (milli) => {
        expect(toMilli(fromMilli(milli))).toBe(milli);
      }),
    );
  });

  it('adds 0.1 ten times to exactly 1', () => {
    const tenth = resources(Array.from({ length: 10 }, () => 'cpus:0.1'));
    expect(tenth.toString()).toBe('cpus:1');
  });
});
