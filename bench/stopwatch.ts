/** Rounds to warm up, and how long they may take together. */
const warmUps = 10;
const usualWarmUpMs = 2_000;

/** What was timed of one phase. */
export interface Lap {
  /** Milliseconds of each run. */
  readonly timesMs: readonly number[];
  /** Operations in the last run. */
  readonly ops: number;
  /** Nanoseconds of single operations over all runs, where they were timed one by one. */
  readonly eachNs: readonly number[];
}

/** One phase in one round: its parts add up. */
interface Part {
  ms: number;
  ops: number;
  readonly eachNs: number[];
}

/** Times phases of rounds. What is not handed to it is not timed: the next state is prepared between phases. */
export class Stopwatch {
  readonly #laps = new Map<string, { timesMs: number[]; ops: number; eachNs: number[] }>();
  #round = new Map<string, Part>();

  /** Times `run` as a part of a phase in this round. */
  time<T>(phase: string, run: () => T): T {
    const part = this.#part(phase);
    const start = performance.now();
    const result = run();
    part.ms += performance.now() - start;
    return result;
  }

  /** As {@link Stopwatch.time}, for one operation: it is also kept by itself. */
  timeEach<T>(phase: string, run: () => T): T {
    const part = this.#part(phase);
    const start = process.hrtime.bigint();
    const result = run();
    const ns = Number(process.hrtime.bigint() - start);
    part.eachNs.push(ns);
    part.ms += ns / 1e6;
    part.ops += 1;
    return result;
  }

  /** Says how many operations the phase had in this round. */
  count(phase: string, ops: number): void {
    this.#part(phase).ops = ops;
  }

  /**
   * The rounds that count: some to warm up come first, and are forgotten.
   *
   * @param warmUpMs once they have taken so long there is no further one; without an end, what is done before the runs is
   *   the same on every machine
   */
  rounds(runs: number, round: (clock: Stopwatch) => void, warmUpMs: number = usualWarmUpMs): void {
    const start = performance.now();
    for (let n = 0; n < warmUps && (n === 0 || performance.now() - start < warmUpMs); n += 1) {
      round(this);
      this.#round = new Map();
    }
    this.coldRounds(runs, round);
  }

  /** Rounds without any to warm up. */
  coldRounds(runs: number, round: (clock: Stopwatch) => void): void {
    for (let run = 0; run < runs; run += 1) {
      round(this);
      for (const [phase, part] of this.#round) this.#keep(phase, part);
      this.#round = new Map();
    }
  }

  /** What was timed, by phase. */
  get laps(): ReadonlyMap<string, Lap> {
    return this.#laps;
  }

  #keep(phase: string, { ms, ops, eachNs }: Part): void {
    const lap = this.#laps.get(phase) ?? { timesMs: [], ops: 0, eachNs: [] };
    lap.timesMs.push(ms);
    lap.ops = ops;
    for (const ns of eachNs) lap.eachNs.push(ns);
    this.#laps.set(phase, lap);
  }

  #part(phase: string): Part {
    const known = this.#round.get(phase);
    if (known !== undefined) return known;
    const part = { ms: 0, ops: 0, eachNs: [] };
    this.#round.set(phase, part);
    collectYoung();
    return part;
  }
}

/**
 * Clears the young garbage of what came before, if node was started with `--expose-gc`. Never all of it: after a full
 * collection V8 forgets the optimised code of classes that have no object at that moment, which a host never meets.
 */
function collectYoung(): void {
  globalThis.gc?.({ type: 'minor' });
}
