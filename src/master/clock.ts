/**
 * Where the time comes from. Both methods are called often: `now` with every input, `wake` whenever the next deadline
 * comes nearer.
 */
export interface Clock {
  /** The time, ms; never less than the last answer. */
  now(): number;
  /**
   * Calls `run` once, later than this call, when `now()` has reached `at`. `at` may lie in the past (then as soon as
   * possible) and further ahead than 32-bit timers reach (then the clock re-arms).
   *
   * @returns what takes the order back; harmless once `run` was called.
   */
  wake(at: number, run: () => void): () => void;
}
