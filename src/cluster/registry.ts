/** What survives the loss of a master, and a master made from it (AG-8, FW-9). */
import { setQuota } from '../offers/index.js';
import {
  InputError,
  Table,
  limits as readLimits,
  quantities,
  type Limits,
  type Quantities,
} from '../resources/index.js';
import { setWeight, weightOf, weightValue } from '../drf/index.js';
import { readConfig, type ConfigLike } from './config.js';
import { awaitReturn, keepBounds } from './agents.js';
import { closeCluster, openCluster } from './draft.js';
import { drf } from '../drf/index.js';
import { emptyCluster, type ClusterState } from './state.js';

/** The little that a master writes down before it acts on it: plain data, fit for JSON. */
export interface Registry {
  readonly version: 1;
  readonly masterId: string;
  readonly incarnation: number;
  /** Admitted agents. */
  readonly agents: readonly { readonly id: string; readonly hostname: string }[];
  /** Unreachable agents and since when, ms. */
  readonly unreachable: readonly { readonly id: string; readonly since: number }[];
  /** Weights other than 1, by role. */
  readonly weights: readonly { readonly role: string; readonly weight: number }[];
  /** Guarantees and limits, by role; as `quantities` and `limits` read them. Absent in older registries. */
  readonly quotas?: readonly {
    readonly role: string;
    readonly guarantees: ReturnType<Quantities['toJSON']>;
    readonly limits: ReturnType<Limits['toJSON']>;
  }[];
}

/** What of a state must survive the loss of the master. Frameworks and tasks come back by themselves. */
export function registryOf(state: ClusterState): Registry {
  const hosts = state.agents.keys().map((id) => ({ id, hostname: state.allocator.agents.get(id)?.hostname ?? id }));
  const recovered = state.recovered.values().map(({ id, hostname }) => ({ id, hostname }));
  return {
    version: 1,
    masterId: state.config.masterId,
    incarnation: state.incarnation,
    agents: [...hosts, ...recovered].sort((a, b) => (a.id < b.id ? -1 : 1)),
    unreachable: state.unreachable.entries().map(([id, since]) => ({ id, since })),
    weights: state.allocator.shares.weights.entries().map(([role, weight]) => ({ role, weight: weightValue(weight) })),
    quotas: state.allocator.quotas
      .entries()
      .map(([role, quota]) => ({ role, guarantees: quota.guarantees.toJSON(), limits: quota.limits.toJSON() })),
  };
}

/**
 * A new master on an old registry: its agents are expected back within `agentReregisterTimeoutMs`, else they are
 * unreachable (AG-8). Ids made by it never meet those of the lost one.
 *
 * @throws InputError `bad-registry` for another version, `bad-config`
 */
export function recoverCluster(registry: Registry, config: ConfigLike = {}, at = 0): ClusterState {
  if (registry.version !== 1) {
    throw new InputError('bad-registry', 'version', `A registry of version ${String(registry.version)} can't be read`);
  }
  // The name is the registry's, not the configuration's: it is part of ids that others remember.
  const complete = readConfig({ ...config, masterId: registry.masterId });
  const empty = { ...emptyCluster(complete), incarnation: registry.incarnation + 1, now: at };
  const draft = openCluster(empty, drf);
  draft.allocator.now = at;
  for (const { id, hostname } of registry.agents) {
    draft.recovered = draft.recovered.set(id, { id, hostname, watch: 0 }, draft.edit);
    awaitReturn(draft, id);
  }
  draft.unreachable = Table.from(registry.unreachable.map(({ id, since }) => [id, since] as const));
  for (const { role, weight } of registry.weights) {
    draft.allocator.shares = setWeight(draft.allocator.shares, role, weightOf(weight, 'weights'), draft.edit);
  }
  for (const { role, guarantees, limits } of registry.quotas ?? []) {
    setQuota(draft.allocator, role, { guarantees: quantities(guarantees), limits: readLimits(limits) });
  }
  keepBounds(draft);
  return closeCluster(draft);
}
