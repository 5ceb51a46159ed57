import type { Clock } from './clock.js';

/** The longest delay that timers keep; with a longer one they fire at once. */
const maxDelayMs = 2 ** 31 - 1;

/** How the system clock treats the process that it runs in. */
export interface SystemClockOptions {
  /**
   * Whether a deadline that is waited for keeps the process alive. Default true, as any timer does: an offer that will
   * come in a second must find somebody. A master that has nothing to wait for, or was closed, keeps nobody. Where timers
   * know no `unref` this changes nothing.
   */
  readonly keepAlive?: boolean;
}

/**
 * The system's time: it starts at what the wall clock says and then runs with the monotonic clock, so that a wall clock
 * that is set does not move deadlines.
 *
 * @example
 * const clock = systemClock();
 * const cancel = clock.wake(clock.now() + 1_000, () => console.log('a second later'));
 */
export function systemClock({ keepAlive = true }: SystemClockOptions = {}): Clock {
  const epoch = Date.now() - performance.now();
  const now = (): number => Math.floor(epoch + performance.now());
  return {
    now,
    wake(at, run) {
      let timer: ReturnType<typeof setTimeout>;
      const arm = (): void => {
        timer = setTimeout(fire, Math.min(Math.max(at - now(), 0), maxDelayMs));
        if (!keepAlive) unref(timer);
      };
      // Timers are also early by a fraction of a millisecond.
      const fire = (): void => (now() < at ? arm() : run());
      arm();
      return () => clearTimeout(timer);
    },
  };
}

/** Node's timers are objects that can let the process end; those of browsers are numbers. */
function unref(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null) return;
  if ('unref' in timer && typeof timer.unref === 'function') timer.unref();
}
