/** The hunt for a counterexample of one law. */
import type fc from 'fast-check';
import { minimized, type Found, type Judge } from './minimize.js';
import type { Law, LawResult } from './names.js';
import { sizeOf } from './simplify.js';
import type { Trial } from './trial.js';

/** A law, on what it is tried, and how it is judged. Laws with one and the same `trials` are tried on the same clusters. */
export interface LawCheck<L extends Law = Law> {
  readonly law: L;
  readonly trials: fc.Arbitrary<Trial>;
  /** What the law makes of a cluster before it looks. */
  prepare(trial: Trial): Trial;
  readonly judge: Judge;
}

/** With no more than this it is understood at a glance: one agent, two users, two kinds. */
const glance = 5;

/** For so many runs after the first counterexample a smaller one is looked for, if that cannot be made small. */
const afterthoughts = 300;

/** Looks until a law is broken, and a little longer if that cannot be shown at a glance. */
export class Hunt<L extends Law> {
  readonly #check: LawCheck<L>;
  readonly #judge: Judge;
  #found: Found | undefined;
  #foundAt = 0;
  /** How many more runs. */
  #left = Infinity;

  constructor(check: LawCheck<L>) {
    this.#check = check;
    this.#judge = (trial) => check.judge(check.prepare(trial));
  }

  get law(): L {
    return this.#check.law;
  }

  get isOn(): boolean {
    return this.#left > 0;
  }

  look(drawn: Trial, run: number): void {
    if (!this.isOn) return;
    this.#left -= 1;
    const trial = this.#check.prepare(drawn);
    if (this.#found !== undefined && thingsIn(trial) >= thingsIn(this.#found.trial)) return;
    const counterexample = this.#check.judge(trial);
    if (counterexample === undefined) return;
    if (this.#found === undefined) {
      this.#foundAt = run;
      this.#left = afterthoughts;
    }
    this.#found = minimized({ trial, counterexample }, this.#judge);
    if (thingsIn(this.#found.trial) <= glance) this.#left = 0;
  }

  result(runs: number): LawResult {
    if (this.#found === undefined) return { verdict: 'holds', runs };
    return { verdict: 'violated', runs: this.#foundAt, counterexample: this.#found.counterexample };
  }
}

/** How many agents, users, kinds and moves there are. */
function thingsIn(trial: Trial): number {
  return sizeOf(trial)[0] ?? 0;
}
