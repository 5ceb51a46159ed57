/** Looks for clusters on which laws do not hold. */
import fc from 'fast-check';
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { Hunt, type LawCheck } from './hunt.js';
import type { Law, LawResult } from './names.js';
import type { Trial } from './trial.js';

/** How long to look. */
export interface SearchOptions {
  /** How many clusters each law is tried on. */
  readonly runs: number;
  readonly seed: number;
}

/** Reads the options of a check. @throws InputError `bad-runs`, `bad-seed` */
export function readSearch({ runs = 1_000, seed = luck() }: Partial<SearchOptions>): SearchOptions {
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new InputError('bad-runs', 'runs', `runs must be a whole number from 1`);
  if (!Number.isSafeInteger(seed)) throw new InputError('bad-seed', 'seed', `seed must be a whole number`);
  return { runs, seed };
}

/** Reads the names of laws. @throws InputError `unknown-law` */
export function readLaws<L extends Law>(laws: readonly L[], isKnown: (name: unknown) => name is L): readonly L[] {
  const unknown = laws.find((law) => !isKnown(law));
  if (unknown !== undefined)
    throw new InputError('unknown-law', 'laws', `there is no law ${quote(unknown)} to check here`);
  return laws;
}

/** fast-check takes seeds of 32 bits. */
function luck(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

/** Tries each law until it is broken or has been tried often enough; the broken ones are shown on small clusters. */
export function search<L extends Law>(
  checks: readonly LawCheck<L>[],
  options: SearchOptions,
): Partial<Record<L, LawResult>> {
  const found = new Map<L, LawResult>();
  for (const trials of new Set(checks.map((check) => check.trials))) {
    searchGroup(
      trials,
      checks.filter((check) => check.trials === trials),
      options,
      found,
    );
  }
  const results: Partial<Record<L, LawResult>> = {};
  for (const { law } of checks) {
    const result = found.get(law);
    if (result !== undefined) results[law] = result;
  }
  return results;
}

function searchGroup<L extends Law>(
  trials: fc.Arbitrary<Trial>,
  group: readonly LawCheck<L>[],
  { runs, seed }: SearchOptions,
  results: Map<L, LawResult>,
): void {
  const hunts = group.map((check) => new Hunt(check));
  let done = 0;
  const look = (trial: Trial): boolean => {
    done += 1;
    for (const hunt of hunts) hunt.look(trial, done);
    // fast-check stops at false: nothing is left to look for.
    return hunts.some((hunt) => hunt.isOn);
  };
  const { errorInstance } = fc.check(fc.property(trials, look), { numRuns: runs, seed, endOnFailure: true });
  // What a judge throws is our own mistake, or that of a function that divides.
  if (errorInstance instanceof Error && hunts.some((hunt) => hunt.isOn)) throw errorInstance;
  for (const hunt of hunts) results.set(hunt.law, hunt.result(done));
}
