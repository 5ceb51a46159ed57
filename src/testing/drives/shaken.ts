/**
 * Other dice and another clock: a policy that looks at `Math.random` or at the time of the day decides otherwise, however
 * seldom that matters.
 */
import { mix, unitFrom } from '../../resources/index.js';

/**
 * Runs something with a `Math.random` that says the extreme as often as the mean, and clocks that show any hour of any day.
 *
 * @param salt - a whole number: with another one dice and clocks show other things.
 */
export function shaken<T>(salt: number, run: () => T): T {
  const own = { random: Math.random, date: Date, elapsed: performance.now };
  let looks = salt;
  const ahead = (): number => {
    looks += 1;
    return Math.floor(unitFrom(mix(salt, looks, 1), mix(salt, looks, 2)) * furthest);
  };
  Math.random = () => {
    looks += 1;
    return throws[looks % throws.length] ?? 0;
  };
  performance.now = () => own.elapsed.call(performance) + ahead();
  globalThis.Date = rushing(own.date, ahead);
  try {
    return run();
  } finally {
    Math.random = own.random;
    performance.now = own.elapsed;
    globalThis.Date = own.date;
  }
}

/** From the least to the most that can be thrown, in no order. */
const throws: readonly number[] = [0, 0.5, 1 - 2 ** -53, 0.25, 2 ** -53, 0.9, 0.1];

/** How far ahead a clock may be: years. Milliseconds. */
const furthest = 2 ** 37;

function rushing(own: DateConstructor, ahead: () => number): DateConstructor {
  const now = (): number => own.now() + ahead();
  return new Proxy(own, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [now()], newTarget) as Date,
    apply: () => new own(now()).toString(),
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key, target) as unknown)),
  });
}
