/** Numbers to choose by, one after the other; 0 when they run out, so that shrinking ends in the first of everything. */
export class Choices {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** 0 to `max`. */
  upTo(max: number): number {
    const number = this.#numbers[this.#next] ?? 0;
    this.#next += 1;
    // Later choices must not repeat earlier ones when the numbers are used up in cycles.
    return number % (max + 1);
  }

  /** True once in `outOf` times. */
  rarely(outOf: number): boolean {
    return this.upTo(outOf - 1) === outOf - 1;
  }

  /** One of several. */
  of<T>(first: T, ...others: readonly T[]): T {
    const all = [first, ...others];
    return all[this.upTo(all.length - 1)] ?? first;
  }

  /** One of a list, or `otherwise` when it is empty. */
  from<T, U>(list: readonly T[], otherwise: U): T | U {
    return list.length === 0 ? otherwise : (list[this.upTo(list.length - 1)] ?? otherwise);
  }

  /** The numbers that are left, for something that chooses by itself. */
  rest(): readonly number[] {
    return this.#numbers.slice(this.#next);
  }
}
