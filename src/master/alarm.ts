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

  /** Sees that it rings at `at` at the latest; `Infinity` = it need not. One that rings earlier is left: it costs less. */
  set(at: number): void {
    if (at === Infinity || (this.#set !== undefined && this.#set.at <= at)) return;
    this.cancel();
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
