/** The laws of fairness for divisions of what can be cut at will. Each is exact but for what rounding may do. */
import type { FairnessLaw } from './names.js';
import { amountsText } from './show.js';
import { totalsOf, withGrowth, withLie, withoutLeaver, type Trial, type TrialUser } from './trial.js';

/** Who gets how many tasks of a trial. */
export type Division = (trial: Trial) => readonly number[];

/** Says in a sentence how a division of a trial breaks a law, and of which other trial it speaks; `undefined` if it does not. */
export type DivisionLaw = (trial: Trial, divide: Division) => Breach | undefined;

/** What is wrong. */
export interface Breach {
  readonly sentence: string;
  /** The trial that the first one is compared with. */
  readonly instead?: Trial;
}

/** By how much of a number two may differ that should be equal: rounding, and divisions that are found by approach. */
const tolerance = 1e-6;

function isLess(a: number, b: number): boolean {
  return a < b - tolerance * Math.max(1e-9, Math.abs(a), Math.abs(b));
}

/** The laws. All users want as many tasks as they can get, so nothing depends on how long somebody wants. */
export const divisionLaws: Readonly<Record<FairnessLaw, DivisionLaw>> = {
  'sharing-incentive': sharingIncentive,
  'envy-freeness': envyFreeness,
  'pareto-efficiency': paretoEfficiency,
  'strategy-proofness': strategyProofness,
  'single-resource-fairness': equalPartsOfTheFirst,
  'bottleneck-fairness': equalPartsOfTheFirst,
  'population-monotonicity': populationMonotonicity,
  'resource-monotonicity': resourceMonotonicity,
};

/** How many tasks somebody can run on so much, by kind. */
export function tasksOn(amounts: readonly number[], demand: readonly number[]): number {
  return demand.reduce((most, need, kind) => (need > 0 ? Math.min(most, (amounts[kind] ?? 0) / need) : most), Infinity);
}

/** Nobody gets less than it would run on its own part, by weight, of everything. */
function sharingIncentive(trial: Trial, divide: Division): Breach | undefined {
  const tasks = divide(trial);
  const totals = totalsOf(trial);
  const wealth = trial.users.reduce((sum, { weight }) => sum + weight, 0);
  for (const [i, { name, weight, demand }] of trial.users.entries()) {
    const alone = tasksOn(totals, demand) * (weight / wealth);
    if (isLess(tasks[i] ?? 0, alone)) {
      const sentence = `${name} gets ${shown(tasks[i])} tasks; on its own ${partOf(weight, wealth)} of everything it would run ${shown(alone)}.`;
      return { sentence };
    }
  }
  return undefined;
}

/** Nobody would run more tasks with what somebody else of the same weight gets; of other weights, with as much of it. */
function envyFreeness(trial: Trial, divide: Division): Breach | undefined {
  const tasks = divide(trial);
  for (const [i, user] of trial.users.entries()) {
    for (const [j, other] of trial.users.entries()) {
      const bundle = other.demand.map((amount) => (amount * (tasks[j] ?? 0) * user.weight) / other.weight);
      const envied = tasksOn(bundle, user.demand);
      if (isLess(tasks[i] ?? 0, envied)) {
        const what =
          user.weight === other.weight ? `what ${other.name} has` : `its part, by weight, of what ${other.name} has`;
        return { sentence: `${user.name} gets ${shown(tasks[i])} tasks, and would run ${shown(envied)} with ${what}.` };
      }
    }
  }
  return undefined;
}

/** No more is given than there is, and everybody needs something that is used up. */
function paretoEfficiency(trial: Trial, divide: Division): Breach | undefined {
  const tasks = divide(trial);
  const totals = totalsOf(trial);
  const used = trial.kinds.map((_, kind) => usedOf(trial.users, tasks, kind));
  for (const [kind, name] of trial.kinds.entries()) {
    if (isLess(totals[kind] ?? 0, used[kind] ?? 0)) {
      return {
        sentence: `${shown((used[kind] ?? 0) / 1_000)} ${name} are given, and there are ${shown((totals[kind] ?? 0) / 1_000)}.`,
      };
    }
  }
  const isLeft = (kind: number): boolean => isLess(used[kind] ?? 0, totals[kind] ?? 0);
  for (const { name, demand } of trial.users) {
    if (demand.every((amount, kind) => amount === 0 || isLeft(kind))) {
      return { sentence: `${name} could run more: something is left of everything that it needs.` };
    }
  }
  return undefined;
}

function usedOf(users: readonly TrialUser[], tasks: readonly number[], kind: number): number {
  return users.reduce((sum, { demand }, i) => sum + (demand[kind] ?? 0) * (tasks[i] ?? 0), 0);
}

/** Nobody runs more of its true tasks by saying that they are others. */
function strategyProofness(trial: Trial, divide: Division): Breach | undefined {
  const { lie } = trial;
  const liar = lie === null ? undefined : trial.users[lie.user];
  if (lie === null || liar === undefined) return undefined;
  const honest = divide(trial)[lie.user] ?? 0;
  const instead = withLie(trial);
  const claimed = divide(instead)[lie.user] ?? 0;
  const gained = tasksOn(
    lie.demand.map((amount) => amount * claimed),
    liar.demand,
  );
  if (!isLess(honest, gained)) return undefined;
  const asked = amountsText(trial.kinds, lie.demand);
  const sentence = `${liar.name} gets ${shown(honest)} tasks, and ${shown(gained)} of them by asking for tasks of ${asked} instead.`;
  return { sentence, instead };
}

/** Of the first kind, which is the only one or the one that everybody needs most of, everybody gets its part by weight. */
function equalPartsOfTheFirst(trial: Trial, divide: Division): Breach | undefined {
  const tasks = divide(trial);
  const [whole = 0] = totalsOf(trial);
  const wealth = trial.users.reduce((sum, { weight }) => sum + weight, 0);
  for (const [i, { name, weight, demand }] of trial.users.entries()) {
    const has = (tasks[i] ?? 0) * (demand[0] ?? 0);
    const due = (whole * weight) / wealth;
    if (isLess(has, due)) {
      const kind = trial.kinds[0] ?? '';
      const sentence = `${name} gets ${shown(has / 1_000)} of ${shown(whole / 1_000)} ${kind}; its ${partOf(weight, wealth)} of them is ${shown(due / 1_000)}.`;
      return { sentence };
    }
  }
  return undefined;
}

/** When somebody goes, nobody of the others gets less. */
function populationMonotonicity(trial: Trial, divide: Division): Breach | undefined {
  const { leaver } = trial;
  const gone = leaver === null ? undefined : trial.users[leaver];
  if (gone === undefined) return undefined;
  const before = divide(trial).filter((_, i) => i !== leaver);
  const instead = withoutLeaver(trial);
  return losers(instead.users, before, divide(instead), `when ${gone.name} leaves`, instead);
}

/** When there is more, nobody gets less. */
function resourceMonotonicity(trial: Trial, divide: Division): Breach | undefined {
  if (trial.growth === null) return undefined;
  const instead = withGrowth(trial);
  return losers(trial.users, divide(trial), divide(instead), `when there is more ${moreOf(trial)}`, instead);
}

function losers(
  users: readonly TrialUser[],
  before: readonly number[],
  after: readonly number[],
  when: string,
  instead: Trial,
): Breach | undefined {
  for (const [i, { name }] of users.entries()) {
    if (!isLess(after[i] ?? 0, before[i] ?? 0)) continue;
    return { sentence: `${name} has ${shown(before[i])} tasks, and ${shown(after[i])} ${when}.`, instead };
  }
  return undefined;
}

/** Names what there is more of. */
export function moreOf({ kinds, growth }: Trial): string {
  return kinds.filter((_, kind) => (growth?.[kind] ?? 0) > 0).join(' and ');
}

/** A number for a sentence. */
export function shown(value: number = 0): string {
  return String(Number(value.toPrecision(4)));
}

/** `1/3`, or `half`. */
export function partOf(weight: number, wealth: number): string {
  return weight * 2 === wealth ? 'half' : `${shown(weight)}/${shown(wealth)}`;
}
