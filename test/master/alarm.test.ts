import { describe, expect, it } from 'vitest';
import { Alarm } from '../../src/master/alarm.js';
import type { Clock } from '../../src/master/clock.js';

/** A clock that only tells what was ordered of it and is still wanted. */
function orders(): { readonly clock: Clock; readonly open: () => readonly number[] } {
  const open = new Set<{ readonly at: number }>();
  const clock: Clock = {
    now: () => 0,
    wake(at) {
      const order = { at };
      open.add(order);
      return () => void open.delete(order);
    },
  };
  return { clock, open: () => [...open].map(({ at }) => at) };
}

describe('an alarm', () => {
  it('orders one waking at a time, the earliest that was asked for', () => {
    const { clock, open } = orders();
    const alarm = new Alarm(clock, () => {});
    alarm.set(500);
    alarm.set(900);
    expect(open()).toEqual([500]);
    alarm.set(200);
    expect(open()).toEqual([200]);
  });

  it('orders nothing any more once there is nothing to wait for, so that no timer keeps a process', () => {
    const { clock, open } = orders();
    const alarm = new Alarm(clock, () => {});
    alarm.set(10_000);
    alarm.set(Infinity);
    expect(open()).toEqual([]);
  });

  it('orders nothing after it was cancelled', () => {
    const { clock, open } = orders();
    const alarm = new Alarm(clock, () => {});
    alarm.set(10_000);
    alarm.cancel();
    expect(open()).toEqual([]);
  });
});
