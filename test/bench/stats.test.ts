import { describe, expect, it } from 'vitest';
import { latencies, median, quantile, runStats, spread } from '../../bench/stats.js';

describe('bench statistics', () => {
  it('takes quantiles between neighbours by proportion, in any order of the values', () => {
    expect(quantile([4, 1, 3, 2], 0)).toBe(1);
    expect(quantile([4, 1, 3, 2], 1)).toBe(4);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([9])).toBe(9);
    expect(median([])).toBeNaN();
  });

  it('sorts numbers as numbers', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('gives the median and the 99th percentile of single operations', () => {
    const values = Float64Array.from({ length: 101 }, (_, index) => 100 - index);
    expect(latencies(values)).toEqual({ p50: 50, p99: 99 });
    expect(values[0], 'what was handed in stays as it was').toBe(100);
  });

  it('is not moved by one slow run of many', () => {
    expect(spread([10, 10, 10, 10, 100])).toBe(0);
    expect(runStats([10, 10, 10, 10, 100])).toEqual({ medianMs: 10, minMs: 10, spread: 0, noisy: false });
  });

  it('flags runs that differ as a rule, and too few of them', () => {
    expect(runStats([10, 14, 18, 22, 26]).noisy).toBe(true);
    expect(runStats([10, 10]).noisy).toBe(true);
  });
});
