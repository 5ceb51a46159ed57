/** Figures of how something is spread. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Parts of a doubling: what is more than half a percent apart is told apart. */
const parts = 128;

/**
 * Many numbers of 0 or more, kept in bounded memory: by orders of magnitude in steps of half a percent. Of each step it is
 * known how many there were and their sum, so numbers that are all alike are told exactly.
 */
export class Distribution {
  readonly #steps = new Map<number, { count: number; sum: number }>();
  #count = 0;
  #sum = 0;
  #max = 0;

  add(value: number): void {
    const step = value <= 0 ? -Infinity : Math.floor(Math.log2(value) * parts);
    const known = this.#steps.get(step);
    if (known === undefined) this.#steps.set(step, { count: 1, sum: value });
    else {
      known.count += 1;
      known.sum += value;
    }
    this.#count += 1;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  /** What is known of the numbers; all 0 without any. */
  spread(): Spread {
    const steps = [...this.#steps].sort(([a], [b]) => a - b).map(([, step]) => step);
    const at = (part: number): number => {
      // The nearest rank: of 100 numbers the 95th is the 95th percentile.
      let left = Math.max(1, Math.ceil(part * this.#count));
      for (const { count, sum } of steps) {
        left -= count;
        if (left <= 0) return sum / count;
      }
      return 0;
    };
    const mean = this.#count === 0 ? 0 : this.#sum / this.#count;
    return { count: this.#count, mean, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: this.#max };
  }
}
