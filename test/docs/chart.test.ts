/** The charts of `docs/scale.md`: axes have no place for what has no logarithm, and still show it. */
import { describe, expect, it } from 'vitest';
import { axis, svgOf } from '../../scripts/measure/chart.mjs';

const chartOf = (...points: readonly (readonly [number, number])[]): string =>
  svgOf({ title: 'T & <t>', description: 'D', x: 'tasks', y: 'ms', series: [{ name: 'one', points }] });

describe('an axis', () => {
  it('goes over whole orders of magnitude, with ticks between few', () => {
    expect(axis([3, 70], 0, 100).ticks).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(axis([1_000, 1_000_000], 0, 300).ticks).toEqual([1_000, 10_000, 100_000, 1_000_000]);
    expect(axis([0.0032, 11], 0, 100).ticks).toEqual([0.001, 0.01, 0.1, 1, 10, 100]);
  });

  it('has equal steps for equal ratios', () => {
    const { place } = axis([1_000, 1_000_000], 0, 300);
    expect([1_000, 10_000, 100_000, 1_000_000].map((value) => Math.round(place(value)))).toEqual([0, 100, 200, 300]);
  });

  it('runs upwards as well', () => {
    const { place } = axis([1, 100], 370, 70);
    expect([1, 10, 100].map((value) => Math.round(place(value)))).toEqual([370, 220, 70]);
  });

  it('puts a lone value into its surroundings', () => {
    const lone = axis([100], 0, 200);
    expect(lone.ticks).toEqual([10, 20, 50, 100, 200, 500, 1_000]);
    expect(Math.round(lone.place(100))).toBe(100);
    expect(axis([30], 0, 200).ticks).toEqual([10, 20, 50, 100]);
  });

  it('has a place for zero below all others', () => {
    const { ticks, place } = axis([0, 1, 10], 0, 128);
    expect(ticks).toEqual([0, 1, 2, 5, 10]);
    expect([0, 1, 10].map((value) => Math.round(place(value)))).toEqual([0, 28, 128]);
  });

  it('is there when nothing is', () => {
    for (const values of [[], [0]]) {
      const { ticks, place } = axis(values, 0, 100);
      expect(ticks).toContain(1);
      expect([0, 1].every((value) => Number.isFinite(place(value)))).toBe(true);
    }
  });
});

describe('a chart', () => {
  it('draws a line between values, none to zero, and a hollow mark there', () => {
    const svg = chartOf([1, 0], [10, 5], [100, 50]);
    expect(svg.match(/<path class="curve s0" d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(1);
    expect(svg.match(/class="mark s0 hollow"/g)).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('shows a single point without a line', () => {
    const svg = chartOf([1_000, 3]);
    expect(svg).not.toContain('<path class="curve');
    expect(svg).not.toContain('in proportion');
    expect(svg).toContain('<title>one: 1,000, 3</title>');
  });

  it('says in words what it is', () => {
    const svg = chartOf([1, 1]);
    expect(svg).toContain('<title id="title">T &amp; &lt;t&gt;</title>');
    expect(svg).toContain('<desc id="desc">D</desc>');
    expect(svg).toContain('aria-labelledby="title desc"');
  });
});
