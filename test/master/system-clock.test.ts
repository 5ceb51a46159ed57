import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/master/index.js';
import { rebasedClock } from '../../src/master/rebased-clock.js';

describe('the system clock', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }),
  );
  afterEach(() => void vi.useRealTimers());

  it('starts at the time of the wall clock, in whole ms', () => {
    const clock = systemClock();
    expect(Math.abs(clock.now() - 1_700_000_000_000)).toBeLessThanOrEqual(1);
    expect(Number.isInteger(clock.now())).toBe(true);
  });

  it('runs on when the wall clock is set', () => {
    const clock = systemClock();
    const start = clock.now();
    vi.advanceTimersByTime(1_000);
    vi.setSystemTime(0);
    expect(clock.now()).toBe(start + 1_000);
    vi.advanceTimersByTime(500);
    expect(clock.now()).toBe(start + 1_500);
  });

  it('wakes when the time has come, never earlier', () => {
    const clock = systemClock();
    const woken: number[] = [];
    const at = clock.now() + 1_234;
    clock.wake(at, () => woken.push(clock.now()));
    vi.advanceTimersByTime(1_233);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(woken).toHaveLength(1);
    expect(woken[0]).toBeGreaterThanOrEqual(at);
  });

  it('wakes later than the call, also for what is past', () => {
    const clock = systemClock();
    let woken = 0;
    clock.wake(0, () => (woken += 1));
    expect(woken).toBe(0);
    vi.advanceTimersByTime(0);
    expect(woken).toBe(1);
  });

  it('wakes further ahead than 32-bit timers reach', () => {
    const clock = systemClock();
    let woken = 0;
    const days = 100 * 24 * 3_600_000;
    clock.wake(clock.now() + days, () => (woken += 1));
    vi.advanceTimersByTime(days - 10);
    expect(woken).toBe(0);
    vi.advanceTimersByTime(20);
    expect(woken).toBe(1);
  });

  it('can be told not to wake, also when it has armed anew', () => {
    const clock = systemClock();
    let woken = 0;
    const days = 60 * 24 * 3_600_000;
    const cancels = [
      clock.wake(clock.now() + 10, () => (woken += 1)),
      clock.wake(clock.now() + days, () => (woken += 1)),
    ];
    cancels[0]?.();
    vi.advanceTimersByTime(days - 1_000);
    cancels[1]?.();
    vi.advanceTimersByTime(10_000);
    expect([woken, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('waiting for the system clock', () => {
  /** Timers that say whether they were unreferenced. */
  const withTimers = (run: (unreferenced: boolean[]) => void): void => {
    const unreferenced: boolean[] = [];
    vi.stubGlobal('setTimeout', () => {
      const at = unreferenced.push(false) - 1;
      return { unref: () => void (unreferenced[at] = true) };
    });
    try {
      run(unreferenced);
    } finally {
      vi.unstubAllGlobals();
    }
  };

  it('keeps a process alive while it waits, unless it is told not to', () => {
    withTimers((unreferenced) => {
      systemClock().wake(0, () => {});
      systemClock({ keepAlive: false }).wake(0, () => {});
      expect(unreferenced).toEqual([false, true]);
    });
  });

  it('works with timers that are numbers', () => {
    vi.stubGlobal('setTimeout', () => 7);
    try {
      expect(() => systemClock().wake(0, () => {})).not.toThrow();
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('a rebased clock', () => {
  it('is ahead by as much as it must be', () => {
    let now = 10;
    const orders: number[] = [];
    const clock = { now: () => now, wake: (at: number) => (orders.push(at), () => {}) };
    const rebased = rebasedClock(clock, 100);
    expect(rebased.now()).toBe(100);
    now = 15;
    expect(rebased.now()).toBe(105);
    rebased.wake(200, () => {});
    expect(orders).toEqual([110]);
    expect(rebasedClock(clock, 15)).toBe(clock);
  });
});
