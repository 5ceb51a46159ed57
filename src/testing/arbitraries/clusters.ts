/** What clusters are made of, to be drawn in a test of one's own. */
import fc from 'fast-check';
import { noResources, resources, type ResourceInput, type Resources } from '../../resources/index.js';
import { amountsText } from '../laws/show.js';
import { plainKinds } from '../laws/plain-names.js';
import { unit } from '../laws/trial.js';
import { planOf, type ClusterPlan } from '../plan.js';
import { eventful } from './histories.js';
import { plainTrials, smallWhole, weights } from './trials.js';

/**
 * How large what is drawn may be.
 *
 * @remarks Since 0.1.0
 */
export interface ClusterBounds {
  /** 3 if absent, at most 9. */
  readonly maxAgents?: number;
  /** 3 if absent, at most 26. */
  readonly maxFrameworks?: number;
  /** Names of resources, of which each cluster has some. Absent: cpus, mem and disk. */
  readonly kinds?: readonly string[];
  /** Whether there are quotas, roles below others, ports, and what is reserved or revocable. False if absent. */
  readonly rich?: boolean;
}

/**
 * What one task takes, as text: something of some kinds, mostly very little.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(anyDemand(), (demand) => quantities(demand).names.length > 0));
 * ```
 * @remarks Since 0.1.0
 */
export function anyDemand({ kinds = plainKinds }: Pick<ClusterBounds, 'kinds'> = {}): fc.Arbitrary<string> {
  const amounts = fc.array(smallWhole(20), { minLength: kinds.length, maxLength: kinds.length });
  return amounts.map((units) => {
    const some = units.some((amount) => amount > 0) ? units : units.with(0, 1);
    return amountsText(
      kinds,
      some.map((amount) => amount * unit),
    );
  });
}

/**
 * What a machine has: amounts, and now and then ports, a set, a part that is reserved or revocable. It shrinks to nothing.
 *
 * @remarks Since 0.1.0
 */
export function anyResources({ kinds = plainKinds }: Pick<ClusterBounds, 'kinds'> = {}): fc.Arbitrary<Resources> {
  const item = fc.oneof(
    { weight: 6, arbitrary: fc.record({ name: fc.constantFrom(...kinds), value: smallWhole(99) }) },
    { weight: 1, arbitrary: fc.constant<ResourceInput>({ name: 'ports', value: '[31000-31003]' }) },
    { weight: 1, arbitrary: fc.constant<ResourceInput>({ name: 'zones', value: '{a,b}' }) },
    {
      weight: 1,
      arbitrary: fc.record({ name: fc.constantFrom(...kinds), value: smallWhole(9), role: fc.constant('a') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ name: fc.constantFrom(...kinds), value: smallWhole(9), revocable: fc.constant(true) }),
    },
  );
  const list = fc.array<ResourceInput>(item, { maxLength: 5 });
  return list.map((items) => {
    const some = items.filter(({ value }) => value !== 0);
    return some.length === 0 ? noResources : resources(some);
  });
}

/**
 * A role with a weight, and what it is guaranteed and may have at most, in plain amounts.
 *
 * @remarks Since 0.1.0
 */
export interface DrawnRole {
  readonly role: string;
  readonly weight: number;
  readonly guarantees: Readonly<Record<string, number>>;
  readonly limits: Readonly<Record<string, number>>;
}

/**
 * Roles, some below others, some with a guarantee or a limit, which is never below the guarantee. A limit may be exactly the
 * guarantee, or nothing at all.
 *
 * @remarks Since 0.1.0
 */
export function anyRoles({ kinds = plainKinds }: Pick<ClusterBounds, 'kinds'> = {}): fc.Arbitrary<
  readonly DrawnRole[]
> {
  const amounts = fc.uniqueArray(
    fc.tuple(fc.constantFrom(...kinds), smallWhole(9), fc.constantFrom(null, 0, 0, 1, 3)),
    {
      maxLength: 2,
      selector: ([kind]) => kind,
    },
  );
  const one = fc.record({ weight: weights, quota: amounts });
  const names = fc.subarray(['a', 'b', 'c', 'a/x', 'a/y', '__proto__'], { minLength: 1 });
  return fc.tuple(names, fc.array(one, { minLength: 6, maxLength: 6 })).map(([roles, facts]) =>
    roles.map((role, i) => {
      const { weight = 1, quota = [] } = facts[i] ?? {};
      const limited = quota.flatMap(([kind, floor, more]) => (more === null ? [] : [[kind, floor + more] as const]));
      return { role, weight, guarantees: Object.fromEntries(quota), limits: Object.fromEntries(limited) };
    }),
  );
}

/**
 * A cluster with machines, and frameworks that want as many tasks of one size as they can get. Small, and leaning to the
 * interesting: equals, needs of nothing, machines that are just filled by so many tasks, or by one less. Every task fits every
 * machine. It shrinks to one machine of `cpus:1` and one framework that wants it.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(anyCluster({ rich: true }), (cluster) => checkPolicy(mine, { cluster, runs: 1, laws: ['limits'] })…));
 * ```
 * @remarks Since 0.1.0
 */
export function anyCluster(bounds: ClusterBounds = {}): fc.Arbitrary<ClusterPlan> {
  return drawn(bounds).map(planOf);
}

/** The same as a trial. */
export function drawn({
  maxAgents = 3,
  maxFrameworks = 3,
  kinds = plainKinds,
  rich = false,
}: ClusterBounds): ReturnType<typeof plainTrials> {
  const plain = plainTrials({ maxAgents: Math.min(9, maxAgents), maxUsers: Math.min(26, maxFrameworks), kinds });
  return rich ? eventful(plain, { maxMoves: 0 }) : plain;
}
