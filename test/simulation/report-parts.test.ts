import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amount, count, index, percent, percentOf, times, whole } from '../../src/simulation/report/figures.js';
import { look, marker, mostLooks, palette, paper } from '../../src/simulation/report/looks.js';
import { markup } from '../../src/simulation/report/markup.js';
import { listed, plainName } from '../../src/simulation/report/names.js';
import { areaPath, extent, linePath } from '../../src/simulation/report/path.js';
import { endOf, spansOf } from '../../src/simulation/report/spans.js';
import { axisFor, axisTo, type Kind } from '../../src/simulation/report/ticks.js';
import { duration, timeTicks } from '../../src/simulation/report/times.js';
import { waitScale } from '../../src/simulation/report/wait-scale.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** What no user should have to look at. */
const odd = [NaN, Infinity, -Infinity];

describe('figures', () => {
  it('writes counts with commas', () => {
    expect([0, -0, 7, 999, 1_000, 12_345.4, 1_234_567].map(whole)).toEqual([
      '0',
      '0',
      '7',
      '999',
      '1,000',
      '12,345',
      '1,234,567',
    ]);
    expect(whole(-1_234)).toBe('−1,234');
    expect(whole(1e300)).toBe('1.0e+300');
  });

  it('says 0% and 100% of nothing and all only', () => {
    expect([0, 1, 0.345, 0.000271, 0.0001, -0.0001, 1e-7, 0.99999, 2.5].map(percent)).toEqual([
      ...['0%', '100%', '34.5%', '0.027%', '0.01%', '−0.01%', '<0.0001%', '>99.9%', '250.0%'],
    ]);
  });

  it('has a dash for what is no number', () => {
    for (const value of odd)
      expect([
        whole(value),
        percent(value),
        index(value),
        times(value),
        duration(value),
        amount('cpus', value),
      ]).toEqual(Array<string>(6).fill('–'));
    expect(percentOf(0, 0)).toBe('–');
  });

  it('tells one from many', () => {
    expect([count(1, 'task'), count(0, 'task'), count(2_000, 'task'), count(1, 'other', 'others')]).toEqual([
      '1 task',
      '0 tasks',
      '2,000 tasks',
      '1 other',
    ]);
  });

  it('tells memory and disk in units that fit, and other resources as they are', () => {
    expect(amount('mem', 512)).toBe('512 MiB');
    expect(amount('mem', 655_360)).toBe('640 GiB');
    expect(amount('disk', 1_536)).toBe('1.5 GiB');
    expect(amount('mem', 612_368_384)).toBe('584 TiB');
    expect(amount('cpus', 12_345)).toBe('12,345');
    expect(amount('gpu', 0.5)).toBe('0.5');
  });

  it('rounds a Jain index to 1 only if it is 1', () => {
    expect([1, 0.99999, 0.8404].map(index)).toEqual(['1.000', '>0.999', '0.840']);
  });
});

describe('times', () => {
  it('are told in the unit that fits', () => {
    const told = [0, 0.4, 1, 250, 1_200, 45 * second, 4.2 * minute, 3.2 * hour, 36 * hour, 2 * day, 149.3 * day];
    expect(told.map(duration)).toEqual([
      '0 s',
      '<1 ms',
      '1 ms',
      '250 ms',
      '1.2 s',
      '45 s',
      '4.2 min',
      '3.2 h',
      '36 h',
      '2 d',
      '149 d',
    ]);
  });

  it('are never as many of a unit as the next has', () => {
    expect(duration(59.7 * second)).toBe('1 min');
    expect(duration(59.6 * minute)).toBe('1 h');
    expect(duration(999.7)).toBe('1 s');
    expect(duration(47.8 * hour)).toBe('2 d');
  });

  it('have marks at times that people count by, in one unit', () => {
    expect(timeTicks(day, 6).map(({ text }) => text)).toEqual(['0', '6 h', '12 h', '18 h', '24 h']);
    expect(timeTicks(150 * day, 6).map(({ text }) => text)).toEqual(['0', '30 d', '60 d', '90 d', '120 d', '150 d']);
    expect(timeTicks(90 * second, 5).map(({ text }) => text)).toEqual(['0', '30 s', '60 s', '90 s']);
    expect(timeTicks(1, 5).map(({ text }) => text)).toEqual(['0', '1 ms']);
    expect(timeTicks(4_000 * day, 5).map(({ text }) => text)).toEqual([
      '0',
      '1,000 d',
      '2,000 d',
      '3,000 d',
      '4,000 d',
    ]);
  });

  it('have marks within their axis, not too many, and next to none without', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e13, noNaN: true }), fc.integer({ min: 3, max: 12 }), (end, most) => {
        const ticks = timeTicks(end, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        expect(ticks.every(({ at }) => at >= 0 && at <= end)).toBe(true);
      }),
    );
  });
});

describe('axes', () => {
  it('have marks at round numbers', () => {
    expect(axisTo(1, 'percent').ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(axisTo(0.62, 'percent').ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(axisTo(0.006, 'percent').ticks).toEqual([0, 0.002, 0.004, 0.006]);
    expect(axisTo(923, 'count').ticks).toEqual([0, 200, 400, 600, 800, 1_000]);
    expect(axisTo(3, 'count').ticks).toEqual([0, 1, 2, 3]);
  });

  it('hold every value in three to seven marks, whatever its size', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e200, noNaN: true }), (most) => {
        const { top, ticks } = axisTo(most, 'percent');
        expect(top).toBeGreaterThanOrEqual(most * (1 - 1e-6));
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(7);
        const step = (ticks[1] ?? 0) / 10 ** Math.floor(Math.log10(ticks[1] ?? 1) + 1e-9);
        expect([1, 2, 5].some((round) => Math.abs(step - round) < 1e-6)).toBe(true);
      }),
    );
  });

  it('count tasks by whole numbers', () => {
    expect(axisFor([0.3], 'count').ticks).toEqual([0, 1]);
  });

  it('go to 1 when there is nothing to show, and pass over what is no number', () => {
    for (const kind of ['percent', 'index', 'count'] satisfies Kind[]) {
      expect(axisFor([], kind).top).toBe(1);
      expect(axisFor([0, NaN, -1], kind).top).toBe(1);
    }
    expect(axisFor([NaN, 0.3, Infinity], 'percent').top).toBeCloseTo(0.3);
  });
});

describe('the scale of waiting times', () => {
  it('has a place for 0 at the left, and all times in order within its width', () => {
    const waits = [0, 900, 7 * second, 3 * hour, 12 * day];
    const scale = waitScale(waits);
    const places = waits.map((ms) => scale.place(ms));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places).size).toBe(waits.length);
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(Math.max(...places)).toBeLessThan(100);
  });

  it('begins and ends at a mark', () => {
    expect(waitScale([7 * second, 3 * hour]).ticks.map(({ text }) => text)).toEqual([
      '0',
      '1 s',
      '10 s',
      '1 min',
      '10 min',
      '1 h',
      '6 h',
    ]);
  });

  it('has nothing but 0 if nobody waited, and survives what is no number', () => {
    expect(waitScale([0, 0]).ticks.map(({ text }) => text)).toEqual(['0']);
    const scale = waitScale([NaN, Infinity, second]);
    expect([NaN, -1, Infinity, 1e300, second].map((ms) => Number.isFinite(scale.place(ms)))).toEqual(
      Array<boolean>(5).fill(true),
    );
  });
});

describe('spans', () => {
  const measured = { spanMs: minute, simulatedMs: 10 * minute };

  it('stay as they are when there are few', () => {
    expect(spansOf([1, 3], measured, 10)).toEqual([
      { from: 0, to: minute, value: 1 },
      { from: minute, to: 2 * minute, value: 3 },
    ]);
  });

  it('become their means over time when there are many', () => {
    expect(spansOf([1, 3, 5, 7, 9], measured, 3).map(({ value }) => value)).toEqual([2, 6, 9]);
    expect(spansOf(Array<number>(600).fill(0.25), measured, 150)).toHaveLength(150);
  });

  it('keep the mean: a last span that is shorter counts for less', () => {
    const [only] = spansOf([1, 4], { spanMs: minute, simulatedMs: 1.5 * minute }, 1);
    expect(only).toEqual({ from: 0, to: 1.5 * minute, value: 2 });
  });

  it('pass over what is no number, and are none where there is nothing else', () => {
    expect(spansOf([1, NaN, NaN, Infinity], measured, 2).map(({ value }) => value)).toEqual([1, NaN]);
  });

  it('end somewhere after 0, whatever is told of them', () => {
    expect(endOf([])).toBe(1);
    expect(endOf([{ spanMs: minute, simulatedMs: NaN, spans: 3 }])).toBe(3 * minute);
    expect(
      endOf([
        { ...measured, spans: 1 },
        { ...measured, simulatedMs: hour, spans: 1 },
      ]),
    ).toBe(hour);
  });
});

describe('paths', () => {
  const frame = { endMs: 4 * minute, top: 1 };
  const spans = (values: readonly number[]) => spansOf(values, { spanMs: minute, simulatedMs: 4 * minute }, 100);

  it('go through the middles of spans, from the first start to the last end', () => {
    expect(linePath(spans([0, 1, 0.5, 0.5]), frame)).toBe('M0 10000 1250 10000 3750 0 6250 5000 8750 5000 10000 5000');
  });

  it('are level lines where there is one span', () => {
    expect(linePath(spansOf([0.5], { spanMs: 4 * minute, simulatedMs: 4 * minute }, 9), frame)).toBe(
      'M0 5000 5000 5000 10000 5000',
    );
  });

  it('have a gap where a value is not known', () => {
    expect(linePath(spans([1, NaN, 1, 1]), frame).match(/M/g)).toHaveLength(2);
  });

  it('are nothing without a value', () => {
    expect([linePath([], frame), linePath(spans([NaN]), frame), areaPath([], undefined, frame)]).toEqual(['', '', '']);
  });

  it('come back along the line below', () => {
    expect(areaPath(spans([1]), spans([0.5]), frame)).toBe('M0 0 1250 0 2500 0 2500 5000 1250 5000 0 5000Z');
  });

  it('stay within the plot and have whole numbers only, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double(), { maxLength: 30 }),
        fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
        (values, top) => {
          const all = spans(values);
          const text = linePath(all, { endMs: 4 * minute, top }) + areaPath(all, undefined, { endMs: 4 * minute, top });
          expect(text).toMatch(/^[M0-9 Z]*$/);
          for (const number of text.match(/\d+/g) ?? []) expect(Number(number)).toBeLessThanOrEqual(extent);
        },
      ),
    );
  });
});

describe('names', () => {
  it('lose what cannot be seen and changes what is around it', () => {
    expect(plainName('a\u202eb')).toBe('a\ufffdb');
    expect(plainName('a\u2028b\u0000c\ud800')).toBe('a\ufffdb\ufffdc\ufffd');
    expect(plainName('מחקר')).toBe('מחקר');
    expect(plainName('')).toBe('(no name)');
  });

  it('are cut in the middle, between letters', () => {
    const long = plainName(`team-${'x'.repeat(100_000)}-7`);
    expect(long.length).toBeLessThan(80);
    expect(long).toMatch(/^team-x+…x+-7$/);
    expect(plainName('🦒'.repeat(100))).toMatch(/^🦒+…🦒+$/u);
  });

  it('are listed with commas and an and', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
  });
});

describe('markup', () => {
  it('escapes what it is given, and nothing twice', () => {
    const inner = markup`<b>${'<&>'}</b>`;
    expect(markup`<i title="${'"\''}">${inner}${[1, 'a<', undefined]}</i>`.toString()).toBe(
      '<i title="&quot;&#39;"><b>&lt;&amp;&gt;</b>1a&lt;</i>',
    );
  });

  it('keeps the line breaks of its template, not their indentation, and values as they are', () => {
    expect(
      markup`<p>
      ${'a\n   b'}
    </p>`.toString(),
    ).toBe('<p>\na\n   b\n</p>');
  });
});

describe('looks', () => {
  it('are all different up to twelve, and grey beyond', () => {
    const looks = Array.from({ length: mostLooks }, (_, at) => look(at));
    expect(new Set(looks).size).toBe(12);
    expect([look(mostLooks), look(-1)]).toEqual(['grey', 'grey']);
    expect(new Set([0, 1, 2, 3, 4, 5].map(marker)).size).toBe(6);
  });

  it.each(['light', 'dark'] as const)('stand out from %s paper by 3 to 1 or more', (scheme) => {
    for (const colour of palette[scheme]) expect(contrast(colour, paper[scheme]), colour).toBeGreaterThan(3);
  });

  it.each(['light', 'dark'] as const)('can be told apart on %s paper by who lacks a kind of cones', (scheme) => {
    for (const sight of Object.values(sights))
      for (const [at, a] of palette[scheme].entries())
        for (const b of palette[scheme].slice(at + 1)) expect(distance(a, b, sight), `${a} ${b}`).toBeGreaterThan(17);
  });
});

type Triple = readonly [number, number, number];

/** What is left of colours without one kind of cones: Machado, Oliveira and Fernandes 2009, severity 1. */
const sights: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function linear(colour: string): Triple {
  const part = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

function dot([a, b, c]: Triple, [x, y, z]: Triple): number {
  return a * x + b * y + c * z;
}

/** WCAG 2. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [a, b]
    .map((colour) => dot([0.2126, 0.7152, 0.0722], linear(colour)))
    .toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** In CIELAB, as somebody sees them. */
function distance(a: string, b: string, sight: readonly [Triple, Triple, Triple]): number {
  const lab = (colour: string): Triple => {
    const [r, g, b_] = sight.map((row) => Math.min(1, Math.max(0, dot(row, linear(colour)))));
    const seen: Triple = [r ?? 0, g ?? 0, b_ ?? 0];
    const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const x = f(dot([0.4124564, 0.3575761, 0.1804375], seen) / 0.95047);
    const y = f(dot([0.2126729, 0.7151522, 0.072175], seen));
    const z = f(dot([0.0193339, 0.119192, 0.9503041], seen) / 1.08883);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}
