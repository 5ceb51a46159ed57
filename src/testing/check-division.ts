import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { fairTrials, type ClusterSource } from './arbitraries/sources.js';
import type { Divide } from './divisions/divisions.js';
import { divisionLaws, type Division } from './laws/division-laws.js';
import { fairnessLaws, isFairnessLaw, type CheckResult, type FairnessLaw } from './laws/names.js';
import { dividedOutcome } from './laws/outcomes.js';
import { preparations } from './laws/prepare.js';
import type { LawCheck } from './laws/hunt.js';
import { readLaws, readSearch, search } from './laws/search.js';
import { quantitiesOf, totalOf } from './laws/show.js';
import type { Trial } from './laws/trial.js';

/**
 * How a division is checked.
 *
 * @remarks Since 0.1.0
 */
export interface CheckDivisionOptions {
  /** Absent: all eight. */
  readonly laws?: readonly FairnessLaw[];
  /** On how many pools each law is tried; 1000 if absent. */
  readonly runs?: number;
  /** A whole number; drawn if absent, and told in the result. */
  readonly seed?: number;
  /** What is divided: all agents of it are one pool. Absent: small pools with two or three users. */
  readonly cluster?: ClusterSource;
}

/**
 * Checks a division of what can be cut at will against the eight laws of the paper's table 2 (Ghodsi et al., NSDI 2011, §3 and
 * §6). Users want as many tasks as they can get, and have weights; two numbers are the same if they differ by less than one in
 * a million.
 *
 * - `sharing-incentive`: nobody gets less than its own part, by weight, of everything would run.
 * - `envy-freeness`: nobody would run more with what another has, times its own weight by the other's.
 * - `pareto-efficiency`: no more is given than there is, and of something that each needs nothing is left.
 * - `strategy-proofness`: nobody runs more of its tasks by asking for other ones.
 * - `single-resource-fairness`: of one kind alone, everybody gets its part by weight.
 * - `bottleneck-fairness`: of the kind that everybody needs most of, in parts of what there is, everybody gets its part by weight.
 * - `population-monotonicity`: when somebody leaves nobody gets less. Tried where every task needs some of every kind, without
 *   which it holds of no division of the paper.
 * - `resource-monotonicity`: when there is more of something nobody gets less.
 *
 * A counterexample is made as small as it can be; `instead` has the second division where a law compares two.
 *
 * @throws InputError `bad-division` when the function does not answer with as many numbers as there are users, each 0 or more;
 *   `bad-runs`, `bad-seed`, `unknown-law`, and as for `checkPolicy` for a bad cluster.
 * @example
 * ```ts
 * const equalTasks: Divide = (total, users) => users.map(() => 1 / users.length);
 * checkDivision(equalTasks).laws['pareto-efficiency']?.verdict; // 'violated'
 * ```
 * @remarks Since 0.1.0
 */
export function checkDivision(divide: Divide, options: CheckDivisionOptions = {}): CheckResult<FairnessLaw> {
  const laws = readLaws(options.laws ?? fairnessLaws, isFairnessLaw);
  const asked = readSearch(options);
  const division = divisionBy(divide);
  const trials = fairTrials(options.cluster);
  const checks = laws.map((law): LawCheck<FairnessLaw> => {
    return { law, trials, prepare: preparations[law], judge: (trial) => judged(law, trial, division) };
  });
  return { policy: divide.name || 'division', seed: asked.seed, laws: search(checks, asked) };
}

function judged(law: FairnessLaw, trial: Trial, divide: Division): ReturnType<LawCheck['judge']> {
  const breach = divisionLaws[law](trial, divide);
  if (breach === undefined) return undefined;
  const { sentence, instead } = breach;
  const shown = dividedOutcome(trial, divide(trial));
  if (instead === undefined) return { ...shown, sentence };
  return { ...shown, sentence, instead: dividedOutcome(instead, divide(instead)) };
}

/** Asks the function. @throws InputError `bad-division` */
function divisionBy(divide: Divide): Division {
  return (trial) => {
    const users = trial.users.map(({ demand, weight }) => ({ demand: quantitiesOf(trial.kinds, demand), weight }));
    const tasks: unknown = divide(totalOf(trial), users);
    if (isDivision(tasks, users.length)) return tasks;
    const wanted = `a division among ${users.length} is as many numbers, each 0 or more`;
    throw new InputError(
      'bad-division',
      'divide',
      `${wanted}, not ${Array.isArray(tasks) ? `[${tasks.join(', ')}]` : quote(tasks)}`,
    );
  };
}

function isDivision(tasks: unknown, users: number): tasks is readonly number[] {
  return (
    Array.isArray(tasks) && tasks.length === users && tasks.every((amount) => Number.isFinite(amount) && amount >= 0)
  );
}
