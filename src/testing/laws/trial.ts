/**
 * A cluster to try a law on, in whole thousandths: what the laws reckon with, and what is made smaller when one is broken.
 * The cluster of a reader, in text, is read into one and shown from one (`cluster.ts`).
 */
import type { ResourceInput } from '../../resources/index.js';
import type { Move } from '../histories/moves.js';

/** A machine. */
export interface TrialAgent {
  readonly id: string;
  /** By kind, thousandths. */
  readonly amounts: readonly number[];
  /** What it has besides: ports, what is reserved or revocable. Laws of fairness know nothing of it. */
  readonly others: readonly ResourceInput[];
  /** As text; none if absent. */
  readonly attributes?: string;
}

/** A framework, in a role that may be its own. It wants as many tasks as it can get. */
export interface TrialUser {
  readonly name: string;
  readonly role: string;
  /** A second role that it takes offers in. Laws of fairness know nothing of it. */
  readonly secondRole?: string;
  /** That of its role. */
  readonly weight: number;
  /** By kind, thousandths: one task. */
  readonly demand: readonly number[];
}

/** What a role is guaranteed, and what it may have at most. By kind, thousandths; null = not guaranteed, not limited. */
export interface TrialQuota {
  readonly role: string;
  readonly guarantees: readonly (number | null)[];
  readonly limits: readonly (number | null)[];
}

/** What changes nobody's part. */
export interface Setting {
  /** By the clock of the machine: when everything comes. Milliseconds. */
  readonly begins: number;
  /** Whether all roles are below one that is called `top`. */
  readonly isNested: boolean;
}

/** At the beginning of time, roles at the top. */
export const plainSetting: Setting = { begins: 0, isNested: false };

/** A cluster, and what a law does to it. */
export interface Trial {
  readonly setting: Setting;
  /** Names of resources. */
  readonly kinds: readonly string[];
  readonly agents: readonly TrialAgent[];
  readonly users: readonly TrialUser[];
  readonly quotas: readonly TrialQuota[];
  /** A user says that its task is this. */
  readonly lie: { readonly user: number; readonly demand: readonly number[] } | null;
  /** A user goes. */
  readonly leaver: number | null;
  /** By kind, thousandths: so much more there is of the first agent. */
  readonly growth: readonly number[] | null;
  /** What happens before the law looks. */
  readonly moves: readonly Move[];
}

/** How much there is of each kind. */
export function totalsOf({ kinds, agents }: Pick<Trial, 'kinds' | 'agents'>): readonly number[] {
  return kinds.map((_, kind) => agents.reduce((sum, { amounts }) => sum + (amounts[kind] ?? 0), 0));
}

/** The users where they are in the tree of roles. */
export function placed({ users, setting }: Pick<Trial, 'users' | 'setting'>): readonly TrialUser[] {
  return setting.isNested ? users.map((user) => ({ ...user, role: `top/${user.role}` })) : users;
}

/** All agents as one, so that nothing is lost in pieces. */
export function asOneAgent(trial: Trial): Trial {
  const [first] = trial.agents;
  if (first === undefined || trial.agents.length === 1) return trial;
  return { ...trial, agents: [{ ...first, amounts: totalsOf(trial) }] };
}

/** The same cluster with what its user claims to need. */
export function withLie(trial: Trial): Trial {
  const { lie, users } = trial;
  if (lie === null) return trial;
  return { ...trial, users: users.map((user, i) => (i === lie.user ? { ...user, demand: lie.demand } : user)) };
}

/** The same cluster without who leaves. */
export function withoutLeaver(trial: Trial): Trial {
  return { ...trial, users: trial.users.filter((_, i) => i !== trial.leaver) };
}

/** The same cluster with more of what there is. */
export function withGrowth(trial: Trial): Trial {
  const { growth, agents } = trial;
  if (growth === null) return trial;
  const grown = agents.map((agent, i) =>
    i > 0 ? agent : { ...agent, amounts: agent.amounts.map((amount, kind) => amount + (growth[kind] ?? 0)) },
  );
  return { ...trial, agents: grown };
}

/** Three times as much of everything, and of what comes to it. */
export function manyfold(trial: Trial): Trial {
  const more = (amounts: readonly number[]): readonly number[] => amounts.map((amount) => amount * 3);
  return {
    ...trial,
    agents: trial.agents.map((agent) => ({ ...agent, amounts: more(agent.amounts) })),
    growth: trial.growth && more(trial.growth),
  };
}

/** The same cluster with one kind only, of which everybody needs some. */
export function ofOneKind(trial: Trial): Trial {
  const [name] = trial.kinds;
  if (name === undefined) return trial;
  if (trial.kinds.length === 1) return everybodyNeeds(trial);
  return everybodyNeeds({
    ...trial,
    kinds: [name],
    agents: trial.agents.map((agent) => ({ ...agent, amounts: agent.amounts.slice(0, 1) })),
    users: trial.users.map((user) => ({ ...user, demand: user.demand.slice(0, 1) })),
    quotas: [],
  });
}

/** The same cluster in which everybody needs some of everything. */
export function everybodyNeeds(trial: Trial): Trial {
  return withDemands(trial, (demand) =>
    demand.map((amount, kind) => (amount === 0 ? modestNeed(trial, kind) : amount)),
  );
}

/** The same cluster in which everybody needs more of the first kind than of any other, compared with what there is. */
export function withBottleneck(trial: Trial): Trial {
  const totals = totalsOf(trial);
  const [whole = 0] = totals;
  return withDemands(trial, (demand) => {
    const first = demand[0] === 0 ? modestNeed(trial, 0) : (demand[0] ?? unit);
    // In whole units, so that it stays readable.
    const most = (kind: number): number => Math.floor((first * (totals[kind] ?? 0)) / Math.max(whole, 1) / unit) * unit;
    return demand.map((amount, kind) => (kind === 0 ? first : Math.min(amount, most(kind))));
  });
}

/** As much as whoever needs least of a kind; if nobody needs any, an eighth of it. Less would be more tasks than one counts. */
function modestNeed(trial: Trial, kind: number): number {
  const needs = trial.users.map(({ demand }) => demand[kind] ?? 0).filter((amount) => amount > 0);
  if (needs.length > 0) return Math.min(...needs);
  return Math.max(1, Math.ceil((totalsOf(trial)[kind] ?? 0) / 8 / unit)) * unit;
}

/** How many tasks could run at most, if each user were alone: what a drive takes grows with it. */
export function tasksIn(trial: Trial): number {
  const totals = totalsOf(trial);
  const alone = trial.users.map(({ demand }) =>
    demand.reduce((most, need, kind) => (need > 0 ? Math.min(most, (totals[kind] ?? 0) / need) : most), Infinity),
  );
  return alone.reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
}

/** With other demands; if they are what they were, the same object, so that what is known of it is known. */
function withDemands(trial: Trial, change: (demand: readonly number[]) => readonly number[]): Trial {
  const changed = trial.users.map((user) => ({ ...user, demand: change(user.demand) }));
  const isSame = changed.every(({ demand }, i) =>
    demand.every((amount, kind) => amount === trial.users[i]?.demand[kind]),
  );
  return isSame ? trial : { ...trial, users: changed };
}

/** A whole one in thousandths. */
export const unit = 1_000;
