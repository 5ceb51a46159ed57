import { describe, expect, it } from 'vitest';
import { mergeRuns, rowOf, type Measured } from '../../bench/index.js';
import { Stopwatch } from '../../bench/stopwatch.js';
import { drf } from '../../src/drf/index.js';

const options: Measured['options'] = {
  agents: 10,
  frameworks: 2,
  roles: 2,
  layout: 'own',
  tasks: 0,
  runs: 3,
  seed: 1,
  policy: drf,
  compare: [],
};

describe('a row', () => {
  it('sums up runs, and single operations where there are any', () => {
    const row = rowOf({ workload: 'w', phase: 'p', options, ops: 4, timesMs: [3, 1, 2], eachNs: [30, 10, 20] });
    expect(row).toEqual({
      workload: 'w',
      phase: 'p',
      agents: 10,
      frameworks: 2,
      roles: 2,
      tasks: 0,
      policy: 'drf',
      runs: 3,
      ops: 4,
      medianMs: 2,
      minMs: 1,
      spread: 0.5,
      nsPerOp: 500_000,
      p50Ns: 20,
      p99Ns: expect.closeTo(29.8, 9) as number,
      maxNs: 30,
      opsPerSecond: 2_000,
      peakRssMiB: expect.any(Number) as number,
      noisy: true,
      ratio: { naive: null, limit: null },
    });
  });

  it('has null where a figure means nothing', () => {
    const sizes = { agents: null, policy: null };
    const row = rowOf({ workload: 'w', phase: 'p', options, ops: 0, timesMs: [1, 1, 1], sizes });
    expect(row).toMatchObject({ agents: null, policy: null, nsPerOp: null, p50Ns: null, p99Ns: null });
    expect(row.opsPerSecond).toBeNull();
    expect(row).not.toHaveProperty('maxNs');
  });

  it('of several processes is one of as many runs', () => {
    const rows = [4, 9, 5].map((ms, n) => {
      const row = rowOf({ workload: 'w', phase: 'cold', options, ops: 2, timesMs: [ms] });
      return { ...row, peakRssMiB: 100 + n, ratio: { naive: null, limit: 10 - n } };
    });
    expect(mergeRuns(rows)).toEqual([
      {
        ...rows[0],
        runs: 3,
        medianMs: 5,
        minMs: 4,
        spread: 0.5,
        nsPerOp: 2_500_000,
        opsPerSecond: 400,
        peakRssMiB: 102,
        noisy: true,
        ratio: { naive: null, limit: 9 },
      },
    ]);
    expect(mergeRuns([])).toEqual([]);
  });
});

describe('a stopwatch', () => {
  it('forgets the rounds that warm up, and adds the parts of a phase', () => {
    const clock = new Stopwatch();
    let round = 0;
    clock.rounds(2, () => {
      round += 1;
      clock.time('parts', () => undefined);
      clock.time('parts', () => undefined);
      clock.count('parts', round);
      for (let n = 0; n < 3; n += 1) clock.timeEach('singles', () => n);
    });
    expect(round).toBe(12);
    expect(clock.laps.get('parts')?.timesMs.length).toBe(2);
    expect(clock.laps.get('parts')?.ops, 'of the last round').toBe(12);
    expect(clock.laps.get('singles')).toMatchObject({ ops: 3 });
    expect(clock.laps.get('singles')?.eachNs.length).toBe(6);
  });

  it('has cold rounds, which nothing warms up', () => {
    const clock = new Stopwatch();
    let rounds = 0;
    clock.coldRounds(1, () => clock.time('cold', () => (rounds += 1)));
    expect(rounds).toBe(1);
    expect(clock.laps.get('cold')?.timesMs.length).toBe(1);
  });

  it('hands back what the timed function gives', () => {
    const clock = new Stopwatch();
    expect(clock.time('a', () => 7)).toBe(7);
    expect(clock.timeEach('b', () => 'x')).toBe('x');
  });
});
