import type { Clock } from './clock.js';

/** One order with a clock at a time. It may ring before anything is due: whoever hears it looks, and sets it again. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /**
   * Sees that it rings at `at` at the latest; one that rings earlier is left, it costs less. `Infinity` = there is nothing
   * to wait for, and no timer may keep a process for it.
   */
  set(at: number): void {
    if (at !== Infinity && this.#set !== undefined && this.#set.at <= at) return;
    this.cancel();
    if (at === Infinity) return;
    const cancel = this.#clock.wake(at, () => {
      this.#set = undefined;
      this.#ring();
    });
    this.#set = { at, cancel };
  }

  cancel(): void {
    this.#set?.cancel();
    this.#set = undefined;
  }
}
