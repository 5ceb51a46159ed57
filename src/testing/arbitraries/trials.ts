/**
 * Clusters for laws to be tried on: small by default, and leaning to where policies err: equals, nothing, just exhausted,
 * one too many.
 */
import fc from 'fast-check';
import { agentName, plainKinds, strangeAgents, strangeUsers, userName } from '../laws/plain-names.js';
import {
  plainSetting,
  totalsOf,
  unit,
  type Setting,
  type Trial,
  type TrialAgent,
  type TrialUser,
} from '../laws/trial.js';

/** How large the clusters are that are drawn. */
export interface TrialBounds {
  readonly maxAgents?: number;
  readonly maxUsers?: number;
  /** Names of resources; each cluster has some of them. */
  readonly kinds?: readonly string[];
}

/** Whole numbers that are mostly very small. */
export function smallWhole(max: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.nat(Math.min(4, max)) },
    { weight: 3, arbitrary: fc.nat(Math.min(9, max)) },
    { weight: 1, arbitrary: fc.nat(max) },
  );
}

/** Mostly 1; else whole, or not; far apart now and then. */
export const weights: fc.Arbitrary<number> = fc.oneof(
  { withCrossShrink: true },
  { weight: 14, arbitrary: fc.constantFrom(1, 1, 1, 1, 2, 3, 0.5, 1.5) },
  { weight: 1, arbitrary: fc.constantFrom(10, 0.1) },
);

/** How much a machine has: so much, or just enough for so many tasks of each, or one more or less than that. */
interface Capacity {
  readonly free: number | null;
  readonly counts: readonly number[];
  readonly more: number;
}

const capacities: fc.Arbitrary<Capacity> = fc.record({
  free: fc.oneof(
    { withCrossShrink: true },
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 12 }) },
    { weight: 4, arbitrary: fc.integer({ min: 8, max: 24 }) },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 60 }) },
    { weight: 6, arbitrary: fc.constant(null) },
  ),
  counts: fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }),
  more: fc.constantFrom(0, 0, 1, -1),
});

interface RawUser {
  readonly demand: readonly number[];
  readonly weight: number;
}

/** Clusters with 1 to 3 machines and 1 to 3 users, each in a role of its own or all in one. */
export function plainTrials(bounds: TrialBounds = {}): fc.Arbitrary<Trial> {
  const { maxAgents = 3, maxUsers = 3, kinds = plainKinds } = bounds;
  const perKind = { minLength: kinds.length, maxLength: kinds.length };
  const machine = fc.array(capacities, perKind);
  return fc
    .record({
      kinds: someOf(kinds),
      agents: fc.oneof(
        { weight: 2, arbitrary: fc.array(machine, { minLength: 1, maxLength: 1 }) },
        { weight: 1, arbitrary: fc.array(machine, { minLength: 1, maxLength: maxAgents }) },
      ),
      users: mostlySeveral(fc.record({ demand: fc.array(smallWhole(20), perKind), weight: weights }), maxUsers),
      together: fc.constantFrom(false, false, false, true),
      grains: fc.array(fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 0.5, 0.1, 1_024, 1_048_576), perKind),
      strange: fc.record({ user: rareIndex(maxUsers), agent: rareIndex(maxAgents), name: fc.nat(4) }),
    })
    .map(({ kinds: chosen, agents, users, together, grains, strange }) => {
      const columns = chosen.map((kind) => kinds.indexOf(kind));
      const at = <T>(list: readonly T[]): readonly T[] => columns.flatMap((column) => list.slice(column, column + 1));
      const nameOf = (i: number): string => (i === strange.user && strangeUsers[strange.name]) || userName(i);
      const idOf = (i: number): string => (i === strange.agent && strangeAgents[strange.name]) || agentName(i);
      const wanting = users.map((user, i) => userOf({ ...user, demand: at(user.demand) }, nameOf(i), together));
      const machines = agents.map((agent, i) => agentOf(at(agent), idOf(i), wanting));
      const untouched = {
        setting: plainSetting,
        quotas: [],
        lie: null,
        leaver: null,
        growth: null,
        moves: [],
      };
      // A part of a gpu is nothing that a task could have.
      const units = chosen.map((kind, i) => (kind === 'gpus' ? 1 : (at(grains)[i] ?? 1)));
      return inGrains({ kinds: chosen, agents: machines, users: wanting, ...untouched }, units);
    });
}

/** One of so many, or mostly none: null. */
function rareIndex(count: number): fc.Arbitrary<number | null> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 9, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.nat(count - 1) },
  );
}

/** Some kinds, in their order; it shrinks to the first. */
function someOf(kinds: readonly string[]): fc.Arbitrary<readonly string[]> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: fc.constant(kinds.slice(0, 1)) },
    { weight: 6, arbitrary: fc.subarray([...kinds], { minLength: 1 }) },
  );
}

/** Each kind in units of its own: memory is counted in thousands, and a task may take half a processor. */
function inGrains(trial: Trial, grains: readonly number[]): Trial {
  if (grains.every((grain) => grain === 1)) return trial;
  const counted = (amounts: readonly number[]): readonly number[] =>
    amounts.map((amount, kind) => Math.round(amount * (grains[kind] ?? 1)));
  return {
    ...trial,
    agents: trial.agents.map((agent) => ({ ...agent, amounts: counted(agent.amounts) })),
    users: trial.users.map((user) => ({ ...user, demand: counted(user.demand) })),
  };
}

/** Among one there is nothing to divide: that is rare, and what others shrink to. */
function mostlySeveral<T>(one: fc.Arbitrary<T>, most: number): fc.Arbitrary<T[]> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: fc.array(one, { minLength: 1, maxLength: 1 }) },
    { weight: 9, arbitrary: fc.array(one, { minLength: Math.min(2, most), maxLength: most, size: 'max' }) },
  );
}

function userOf({ demand, weight }: RawUser, name: string, together: boolean): TrialUser {
  return {
    name,
    role: together ? 'all' : name,
    // What is in one role has the weight of the role, and that is compared with nobody's.
    weight: together ? 1 : weight,
    demand: inUnits(notNothing(demand)),
  };
}

/** Every task fits every machine: what theorem 7 of the paper asks, and without which nobody could be blamed. */
function agentOf(amounts: readonly Capacity[], id: string, users: readonly TrialUser[]): TrialAgent {
  return {
    id,
    amounts: amounts.map((capacity, kind) => {
      const demands = users.map(({ demand }) => demand[kind] ?? 0);
      const enough = demands.reduce((sum, demand, user) => sum + demand * (capacity.counts[user] ?? 0), 0);
      const amount = capacity.free === null ? enough + capacity.more * unit : capacity.free * unit;
      return Math.max(amount, unit, ...demands);
    }),
    others: [],
  };
}

/** When a history may begin: by a clock that is a day old, or one that counts since 1970. */
const settings: fc.Arbitrary<Setting> = fc.record({
  begins: fc.constantFrom(0, 0, 0, 0, 0, 0, 86_400_000, 1_764_547_200_000),
  isNested: fc.constantFrom(false, false, false, false, true),
});

/** Clusters that lie somewhere else in time and in the tree of roles, where two of three may be alike in one role. */
export function elsewhere(plain: fc.Arbitrary<Trial>): fc.Arbitrary<Trial> {
  const crewed = fc.constantFrom(false, false, false, false, false, true);
  return fc.tuple(plain, settings, crewed).map(([trial, setting, isCrewed]) => {
    const users = isCrewed ? withCrew(trial.users) : trial.users;
    return { ...trial, users, setting };
  });
}

/** The second of three is like the first, and in one role with it. */
function withCrew(users: Trial['users']): Trial['users'] {
  const [first, second, ...rest] = users;
  const isApart = new Set(users.map(({ role }) => role)).size === users.length;
  if (first === undefined || second === undefined || rest.length === 0 || !isApart) return users;
  const member = { ...first, role: 'both' };
  return [member, { ...member, name: second.name }, ...rest];
}

interface RawTwist {
  readonly who: number;
  /** By kind, over and over: what is asked for, as quarters of the truth or fortieths of all there is. */
  readonly claims: readonly { readonly how: 'truth' | 'times' | 'part'; readonly amount: number }[];
  readonly leaver: number;
  /** By kind, over and over: quarters of what there is that come to it. */
  readonly growth: readonly number[];
}

const claims = fc.record({ how: fc.constantFrom('truth', 'times', 'part'), amount: fc.nat(24) });

const twists: fc.Arbitrary<RawTwist> = fc.record({
  who: fc.nat(2),
  claims: fc.array(claims, { minLength: 3, maxLength: 3 }),
  leaver: fc.nat(2),
  growth: fc.array(fc.oneof(fc.constant(0), fc.nat(12)), { minLength: 3, maxLength: 3 }),
});

/** Clusters in which somebody may lie, somebody may leave, and there may be more. */
export function withTwists(plain: fc.Arbitrary<Trial>): fc.Arbitrary<Trial> {
  return fc.tuple(plain, twists).map(([trial, { who, claims: told, leaver, growth }]) => {
    const totals = totalsOf(trial);
    const user = who % trial.users.length;
    const truth = trial.users[user]?.demand ?? [];
    const claimed = truth.map((amount, kind) => {
      const { how, amount: by } = told[kind % told.length] ?? { how: 'truth', amount: 0 };
      if (how === 'truth') return amount;
      return wholeUnits(how === 'times' ? (amount * by) / 4 : ((totals[kind] ?? 0) * by) / 40);
    });
    return {
      ...trial,
      lie: { user, demand: claimed.some((amount) => amount > 0) ? claimed : truth },
      leaver: leaver % trial.users.length,
      growth: totals.map((total, kind) => wholeUnits((total * (growth[kind % growth.length] ?? 0)) / 4)),
    };
  });
}

/** The next whole number, in thousandths. */
function wholeUnits(amount: number): number {
  return Math.ceil(amount / unit) * unit;
}

/** A task takes something. */
function notNothing(demand: readonly number[]): readonly number[] {
  return demand.some((amount) => amount > 0) ? demand : demand.with(0, 1);
}

function inUnits(amounts: readonly number[]): readonly number[] {
  return amounts.map((amount) => amount * unit);
}
