import type { Clock } from './clock.js';

/**
 * `clock`, moved ahead so that it never shows less than `start`, ms: a state that was made on a machine with a later
 * clock goes on from its own time.
 */
export function rebasedClock(clock: Clock, start: number): Clock {
  const ahead = start - clock.now();
  if (ahead <= 0) return clock;
  return { now: () => clock.now() + ahead, wake: (at, run) => clock.wake(at - ahead, run) };
}
