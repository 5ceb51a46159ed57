/** The hunt for a counterexample of one law. */
import type fc from 'fast-check';
import { minimized, type Found, type Judge } from './minimize.js';
import type { Law, LawResult } from './names.js';
import { isSmaller, sizeOf } from './simplify.js';
import type { Trial } from './trial.js';

/** A law, on what it is tried, and how it is judged. Laws with one and the same `trials` are tried on the same clusters. */
export interface LawCheck<L extends Law = Law> {
  readonly law: L;
  readonly trials: fc.Arbitrary<Trial>;
  /** What the law makes of a cluster before it looks. */
  prepare(trial: Trial): Trial;
  readonly judge: Judge;
}

/** With no more things than this it is understood at a glance: one agent, two users, two kinds. */
const glance = 5;

/** How long a simpler counterexample is looked for, if the first cannot be made simple: so many runs, and so many others. */
const afterthoughts = { runs: 1_000, others: 3 };

/** Looks until a law is broken, and a little longer if that cannot be shown at a glance. */
export class Hunt<L extends Law> {
  readonly #check: LawCheck<L>;
  readonly #judge: Judge;
  #found: Found | undefined;
  #foundAt = 0;
  /** How many more runs, and how many more counterexamples. */
  #runs = Infinity;
  #others: number = afterthoughts.others;

  constructor(check: LawCheck<L>) {
    this.#check = check;
    this.#judge = (trial) => check.judge(check.prepare(trial));
  }

  get law(): L {
    return this.#check.law;
  }

  get isOn(): boolean {
    return this.#runs > 0 && this.#others > 0;
  }

  look(drawn: Trial, run: number): void {
    if (!this.isOn) return;
    this.#runs -= 1;
    const trial = this.#check.prepare(drawn);
    // One with more in it would hardly become simpler.
    if (this.#found !== undefined && thingsIn(trial) > thingsIn(this.#found.trial) + 1) return;
    const counterexample = this.#check.judge(trial);
    if (counterexample !== undefined) this.#note(minimized({ trial, counterexample }, this.#judge), run);
  }

  #note(found: Found, run: number): void {
    if (this.#found === undefined) {
      this.#foundAt = run;
      this.#runs = afterthoughts.runs;
      this.#found = found;
    } else {
      this.#others -= 1;
      if (isSmaller(sizeOf(found.trial), sizeOf(this.#found.trial))) this.#found = found;
    }
    if (isSimple(this.#found.trial)) this.#runs = 0;
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

/** Whether it is understood at a glance: few things, weights of 1, whole numbers. */
function isSimple(trial: Trial): boolean {
  const [things = 0, odd = 0, broken = 0] = sizeOf(trial);
  return things <= glance && odd === 0 && broken === 0;
}
