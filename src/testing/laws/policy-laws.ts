/**
 * The laws of fairness for policies. What a policy divides cannot be cut, so each law has its slack: one task here or there.
 * The slack is what follows, to the last task, from the two things that make a sound policy: in the drive of `drives/fill.ts`
 * each task went to whoever had the lowest share at that moment, and an agent is closed when the task of that one does not fit.
 *
 * With `part` the largest part of anything of all there is that one task takes, the share of a user is its tasks times its
 * part, divided by its weight; so in the end no share is above another by more than one task of whoever has the larger one.
 */
import type { FairnessLaw } from './names.js';
import { moreOf, partOf, shown, tasksOn } from './division-laws.js';
import { amountsText } from './show.js';
import { totalsOf, withGrowth, withLie, withoutLeaver, type Trial } from './trial.js';

/** What everybody gets from the policy. */
export type Fill = (trial: Trial) => readonly number[];

/** Says how a policy breaks a law. */
export type PolicyLaw = (trial: Trial, fill: Fill) => Breach | undefined;

/** What is wrong. */
export interface Breach {
  readonly sentence: string;
  readonly instead?: Trial;
}

/** Laws that look at what is divided in the drive alone. */
export const policyLaws: Readonly<Record<Exclude<FairnessLaw, 'pareto-efficiency'>, PolicyLaw>> = {
  'sharing-incentive': sharingIncentive,
  'envy-freeness': envyFreeness,
  'strategy-proofness': strategyProofness,
  'single-resource-fairness': equalPartsOfTheFirst,
  'bottleneck-fairness': equalPartsOfTheFirst,
  'population-monotonicity': populationMonotonicity,
  'resource-monotonicity': resourceMonotonicity,
};

/** For what rounding may do to a quotient of small whole numbers. */
const rounding = 1e-9;

/** By user: the largest part of anything that one task takes. What the cluster lacks does not count (SORT-11). */
function partsOf(trial: Trial): readonly number[] {
  const totals = totalsOf(trial);
  return trial.users.map(({ demand }) =>
    demand.reduce((most, need, kind) => {
      const whole = totals[kind] ?? 0;
      return whole > 0 ? Math.max(most, need / whole) : most;
    }, 0),
  );
}

/**
 * Everybody gets its part, by weight, of what is in use: of the kind of which most is. One task of each of the others is set
 * aside first.
 *
 * tasks x part >= weight / all weights x (largest part of a kind in use - the parts of the others' tasks)
 */
function sharingIncentive(trial: Trial, fill: Fill): Breach | undefined {
  const { users, kinds } = trial;
  const tasks = fill(trial);
  const parts = partsOf(trial);
  const totals = totalsOf(trial);
  const wealth = users.reduce((sum, { weight }) => sum + weight, 0);
  const inUse = kinds.map((_, kind) => usedOf(trial, tasks, kind) / Math.max(1, totals[kind] ?? 0));
  const most = Math.max(...inUse);
  const taskOfEach = parts.reduce((sum, part) => sum + part, 0);
  for (const [i, { name, weight }] of users.entries()) {
    const part = parts[i] ?? 0;
    const has = (tasks[i] ?? 0) * part;
    const due = (weight / wealth) * (most - (taskOfEach - part));
    if (has >= due - rounding) continue;
    const kind = kinds[inUse.indexOf(most)] ?? '';
    const sentence =
      `${name} has ${tasksText(tasks[i] ?? 0)}, at most ${percent(has)} of anything, while ${percent(most)} of ${kind} ` +
      `${most === 1 ? 'are' : 'is'} in use and its part by weight is ${partOf(weight, wealth)}.`;
    return { sentence };
  }
  return undefined;
}

function usedOf({ users }: Trial, tasks: readonly number[], kind: number): number {
  return users.reduce((sum, { demand }, i) => sum + (demand[kind] ?? 0) * (tasks[i] ?? 0), 0);
}

/** Nobody would run more tasks with what somebody else has, less one task of it; of other weights, with as much of it. */
function envyFreeness(trial: Trial, fill: Fill): Breach | undefined {
  const tasks = fill(trial);
  for (const [i, user] of trial.users.entries()) {
    for (const [j, other] of trial.users.entries()) {
      if (i === j) continue;
      const less = Math.max(0, (tasks[j] ?? 0) - 1);
      const bundle = other.demand.map((amount) => (amount * less * user.weight) / other.weight);
      const envied = tasksOn(bundle, user.demand);
      if (envied <= (tasks[i] ?? 0) + rounding) continue;
      const whose = user.weight === other.weight ? 'what' : 'its part, by weight, of what';
      const sentence =
        `${user.name} has ${tasksText(tasks[i] ?? 0)}; with ${whose} ${other.name} has, and even with one task less of ` +
        `it, it would run ${tasksText(envied)}.`;
      return { sentence };
    }
  }
  return undefined;
}

/**
 * Nobody runs more of its true tasks by saying that they are others: no more than one, and in shares no more than one of the
 * claimed tasks and one of anybody else.
 */
function strategyProofness(trial: Trial, fill: Fill): Breach | undefined {
  const { lie, users } = trial;
  const liar = lie === null ? undefined : users[lie.user];
  const steps = stepsOf(trial);
  const own = steps[lie?.user ?? 0] ?? 0;
  if (lie === null || liar === undefined || own === 0) return undefined;
  const instead = withLie(trial);
  const honest = fill(trial)[lie.user] ?? 0;
  const claimed = fill(instead)[lie.user] ?? 0;
  const gained = tasksOn(
    lie.demand.map((amount) => amount * claimed),
    liar.demand,
  );
  const others = Math.max(0, ...steps.filter((_, i) => i !== lie.user));
  const slack = Math.max(1, ((stepsOf(instead)[lie.user] ?? 0) + others) / own);
  if (gained <= honest + slack + rounding) return undefined;
  const asked = amountsText(trial.kinds, lie.demand);
  const sentence = `${liar.name} runs ${tasksText(honest)}, and ${shown(gained)} of them if it asks for tasks of ${asked} instead.`;
  return { sentence, instead };
}

/** By user: by how much one task raises its share. */
function stepsOf(trial: Trial): readonly number[] {
  return partsOf(trial).map((part, i) => part / (trial.users[i]?.weight ?? 1));
}

/** Of the first kind, which is the only one or the one that everybody needs most of: no more than one task apart by weight. */
function equalPartsOfTheFirst(trial: Trial, fill: Fill): Breach | undefined {
  const tasks = fill(trial);
  const kind = trial.kinds[0] ?? '';
  for (const [i, user] of trial.users.entries()) {
    const has = (tasks[i] ?? 0) * (user.demand[0] ?? 0);
    for (const [j, other] of trial.users.entries()) {
      const less = Math.max(0, (tasks[j] ?? 0) - 1) * (other.demand[0] ?? 0);
      if (less / other.weight <= has / user.weight + rounding) continue;
      const weights = user.weight === other.weight ? '' : ` for weights of ${other.weight} and ${user.weight}`;
      const all = (tasks[j] ?? 0) * (other.demand[0] ?? 0);
      const sentence = `${other.name} has ${shown(all / 1_000)} ${kind} and ${user.name} ${shown(has / 1_000)}${weights}: that is more than a task apart.`;
      return { sentence };
    }
  }
  return undefined;
}

/** When somebody goes, nobody of the others has less: but for one task of its own and one as large as anybody's. */
function populationMonotonicity(trial: Trial, fill: Fill): Breach | undefined {
  const gone = trial.leaver === null ? undefined : trial.users[trial.leaver];
  if (gone === undefined || trial.users.length < 2) return undefined;
  const instead = withoutLeaver(trial);
  const before = fill(trial).filter((_, i) => i !== trial.leaver);
  return losers(instead, before, instead, fill, `when ${gone.name} is not there`);
}

/** When there is more, nobody has less: but for one task of its own and one as large as anybody's. */
function resourceMonotonicity(trial: Trial, fill: Fill): Breach | undefined {
  if (trial.growth === null || trial.growth.every((more) => more === 0)) return undefined;
  const instead = withGrowth(trial);
  const grown = amountsText(trial.kinds, totalsOf(instead));
  return losers(trial, fill(trial), instead, fill, `when there is more ${moreOf(trial)}, ${grown} in all`);
}

/** @param trial - with the users that are left; `before` is what they had. */
function losers(trial: Trial, before: readonly number[], instead: Trial, fill: Fill, when: string): Breach | undefined {
  const after = fill(instead);
  const steps = stepsOf(trial);
  const largest = Math.max(...steps);
  for (const [i, { name }] of trial.users.entries()) {
    const lost = (before[i] ?? 0) - (after[i] ?? 0);
    if (lost <= 1 + largest / (steps[i] ?? 1) + rounding) continue;
    return { sentence: `${name} has ${tasksText(before[i] ?? 0)}, and ${after[i] ?? 0} ${when}.`, instead };
  }
  return undefined;
}

/** `1 task`, `2 tasks`. */
export function tasksText(count: number): string {
  return count === 1 ? '1 task' : `${shown(count)} tasks`;
}

function percent(part: number): string {
  return `${shown(Math.round(part * 1_000) / 10)} %`;
}
