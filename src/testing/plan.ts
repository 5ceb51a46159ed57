import type { QuotaLike } from '../cluster/index.js';
import { weightOf, weightValue } from '../drf/index.js';
import {
  amount,
  InputError,
  limitOf,
  limits,
  names,
  quantities,
  resources,
  validateForUse,
  validateId,
  validateRole,
  type QuantitiesLike,
  type ResourceItem,
  type ResourcesLike,
} from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { clusterOf, resourcesOf } from './laws/show.js';
import { plainSetting, type Trial, type TrialAgent, type TrialQuota, type TrialUser } from './laws/trial.js';

/**
 * A cluster to check something on: machines, and frameworks that each want as many tasks of one size as they can get. A
 * counterexample is one, so it can be checked again.
 *
 * @remarks Since 0.1.0
 */
export interface ClusterPlan {
  readonly agents: readonly { readonly id: string; readonly resources: ResourcesLike }[];
  readonly frameworks: readonly {
    /** Its id, too. */
    readonly name: string;
    /** Its name if absent. */
    readonly role?: string;
    /** That of its role; 1 if absent. Frameworks of one role have one weight. */
    readonly weight?: number;
    /** One task. */
    readonly demand: QuantitiesLike;
  }[];
  /** Guarantees and limits of roles; none if absent. The laws of fairness leave them out. */
  readonly quotas?: readonly QuotaLike[];
}

/**
 * Reads a plan.
 *
 * @throws InputError `bad-cluster`: nobody or nothing there, an id or role that is none, a name that comes twice, two weights
 *   of one role, a task that takes nothing or a part of a gpu; and what reading of resources, quantities and weights throws.
 */
export function readPlan(plan: ClusterPlan): Trial {
  const machines = plan.agents.map(({ id, resources: what }, i) => readMachine(id, what, `cluster.agents[${i}]`));
  const tasks = plan.frameworks.map(({ demand }, i) => quantities(demand, `cluster.frameworks[${i}].demand`));
  const kinds = [...new Set([...machines.flatMap(({ plain }) => [...plain.keys()]), ...tasks.flatMap(names)])];
  if (machines.length === 0) throw bad('cluster.agents', 'there is no agent');
  if (tasks.length === 0) throw bad('cluster.frameworks', 'there is no framework');
  demandDistinct(
    machines.map(({ id }) => id),
    'cluster.agents',
  );
  demandDistinct(
    plan.frameworks.map(({ name }) => name),
    'cluster.frameworks',
  );
  const users = plan.frameworks.map((framework, i): TrialUser => {
    const task = tasks[i] ?? quantities({});
    const demand = kinds.map((kind) => amount(task, kind));
    return readUser(framework, kinds, demand, `cluster.frameworks[${i}]`);
  });
  demandOneWeightARole(users);
  return {
    setting: plainSetting,
    kinds,
    agents: machines.map(({ id, plain, others }): TrialAgent => ({
      id,
      amounts: kinds.map((kind) => plain.get(kind) ?? 0),
      others,
    })),
    users,
    quotas: (plan.quotas ?? []).map((quota) => readQuota(kinds, quota)),
    lie: null,
    leaver: null,
    growth: null,
    moves: [],
  };
}

/** A trial as a plan, without what is done to it. */
export function planOf(trial: Trial): ClusterPlan {
  const { kinds, quotas } = trial;
  const { frameworks } = clusterOf(trial);
  const agents = trial.agents.map((agent) => ({ id: agent.id, resources: resourcesOf(kinds, agent) }));
  const named = (amounts: readonly (number | null)[]): readonly (readonly [string, number])[] =>
    amounts.flatMap((milli, kind) => (milli === null ? [] : [[kinds[kind] ?? '', milli / 1_000] as const]));
  const plans = quotas.map(({ role, guarantees, limits: most }) => ({
    role,
    guarantees: named(guarantees),
    limits: named(most),
  }));
  return plans.length === 0 ? { agents, frameworks } : { agents, frameworks, quotas: plans };
}

interface Machine {
  readonly id: string;
  /** Plain amounts by name. */
  readonly plain: ReadonlyMap<string, number>;
  readonly others: readonly ResourceItem[];
}

function readMachine(id: string, what: ResourcesLike, path: string): Machine {
  const problem = validateId(id);
  if (problem !== undefined) throw bad(`${path}.id`, problem.message);
  const plain = new Map<string, number>();
  const others: ResourceItem[] = [];
  for (const item of resources(what).items) {
    if (isPlain(item) && item.value.type === 'scalar') plain.set(item.name, item.value.milli);
    else others.push(item);
  }
  return { id, plain, others };
}

/** Whether there is nothing to say of it but how much it is. */
function isPlain(item: ResourceItem): boolean {
  return item.reservations.length === 0 && Object.keys(item).every((key) => plainKeys.has(key));
}

const plainKeys: ReadonlySet<string> = new Set(['name', 'value', 'reservations']);

function readUser(
  { name, role = name, weight = 1 }: ClusterPlan['frameworks'][number],
  kinds: readonly string[],
  demand: readonly number[],
  path: string,
): TrialUser {
  const problem = validateId(name);
  if (problem !== undefined) throw bad(`${path}.name`, problem.message);
  const badRole = validateRole(role);
  if (badRole !== undefined) throw bad(`${path}.role`, badRole.message);
  if (demand.every((milli) => milli === 0)) throw bad(`${path}.demand`, `a task of ${quote(name)} takes nothing`);
  const badTask = validateForUse(kinds.map((kind, i) => ({ name: kind, value: (demand[i] ?? 0) / 1_000 })));
  if (badTask !== undefined) throw bad(`${path}.demand`, badTask.message);
  return { name, role, weight: weightValue(weightOf(weight, `${path}.weight`)), demand };
}

function readQuota(kinds: readonly string[], { role, guarantees = [], limits: most = [] }: QuotaLike): TrialQuota {
  const floor = quantities(guarantees);
  const ceiling = limits(most);
  return {
    role,
    guarantees: kinds.map((kind) => amount(floor, kind) || null),
    limits: kinds.map((kind) => limitOf(ceiling, kind) ?? null),
  };
}

function demandDistinct(ids: readonly string[], path: string): void {
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw bad(path, `there are two of the name ${quote(twice)}`);
}

function demandOneWeightARole(users: readonly TrialUser[]): void {
  const weights = new Map(users.map(({ role, weight }) => [role, weight]));
  const odd = users.find(({ role, weight }) => weights.get(role) !== weight);
  if (odd !== undefined) throw bad('cluster.frameworks', `the role ${quote(odd.role)} has two weights`);
}

function bad(path: string, message: string): InputError {
  return new InputError('bad-cluster', path, message);
}
