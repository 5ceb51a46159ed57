import type { ClusterState, ConfigLike } from '../../cluster/index.js';
import { drf } from '../../drf/index.js';
import type { Policy } from '../../offers/index.js';
import { InputError } from '../../resources/index.js';
import type { PolicyResult, SimulationResult, TenantResult } from '../result.js';
import { simulate, type SimulateOptions } from '../simulate.js';
import type { Job, Workload } from '../workloads/workload.js';
import { applied } from './apply.js';
import { changeText, type Change } from './changes.js';
import { sceneOf, type Scene } from './scene.js';

/** What to compare. */
export interface WhatIfOptions {
  readonly state: ClusterState;
  /** All of them together, in this order. */
  readonly changes: readonly Change[];
  /** As it is. Default `drf`. */
  readonly policy?: Policy;
  /** With the changes. Default: the same. */
  readonly changedPolicy?: Policy;
  /** How long tasks last on average, ms, those that run counted from now: the state does not say. Default 10 min. */
  readonly lastsMs?: number;
  /** How far it is run ahead, ms. Default 2 h. */
  readonly untilMs?: number;
  /** What has ended is not wanted again. Default false: everybody goes on wanting as much as he has and asked for. */
  readonly drains?: boolean;
  readonly seed?: number;
  readonly onProgress?: SimulateOptions['onProgress'];
}

/** How a tenant fares one way. */
export interface TenantFigures {
  readonly weight: number;
  /** Mean of its dominant share, as a part of the cluster: not divided by its weight. */
  readonly share: number;
  readonly started: number;
  readonly ended: number;
  readonly waiting: number;
  /** Of tasks that started, ms; null = none did. */
  readonly waitedP50Ms: number | null;
  readonly waitedP95Ms: number | null;
}

/** How a tenant fares both ways. */
export interface TenantDifference {
  readonly role: string;
  readonly before: TenantFigures;
  readonly after: TenantFigures;
}

/** What would come of changes. */
export interface WhatIfResult {
  /** By role; without those who neither have nor want anything. */
  readonly tenants: readonly TenantDifference[];
  /** Both runs, as it is first. The cluster is the one before. */
  readonly result: SimulationResult;
}

const minute = 60_000;
/** So many jobs a request is made of at most: each task that ends is wanted again by itself as long as there are fewer. */
const mostJobs = 500;

/**
 * Runs a cluster ahead from a state twice, as it is and with changes, under the demand recorded in it: tasks that run, and
 * requests (`request`). Agents that may be offered, roles, weights and quotas are those of the state; of resources only
 * scalars are looked at, and nothing of attributes and constraints.
 *
 * @throws InputError `unknown-role`, `unknown-agent`, `bad-change`; as `simulate`
 * @example
 * const { tenants } = whatIf({ state: master.state, changes: [parseChange('weight:ads=2')] });
 * @remarks Since 0.1.0
 */
export function whatIf(options: WhatIfOptions): WhatIfResult {
  const { state, changes, policy = drf, changedPolicy = policy } = options;
  const scene = sceneOf(state);
  const changed = changes.reduce(applied, scene);
  if (scene.machines.length === 0) throw new InputError('bad-state', 'state', 'No agent of the state could be offered');
  if (changed.machines.length === 0) throw new InputError('bad-cluster', 'changes', 'The changes leave no agent');
  const before = run(scene, policy, 'as it is', options);
  const after = run(changed, changedPolicy, 'changed', options);
  const policies = [...before.policies, ...after.policies];
  const result = { ...before, changes: changes.map(changeText), policies };
  return { tenants: differences(before.policies[0], after.policies[0]), result };
}

function run(scene: Scene, policy: Policy, what: string, options: WhatIfOptions): SimulationResult {
  const { state, untilMs = 120 * minute, seed = 1, onProgress } = options;
  const result = simulate({
    cluster: { name: 'saved cluster', machines: scene.machines },
    workload: workloadOf(scene, options),
    policies: [policy],
    config: configOf(state),
    untilMs,
    seed,
    ...(onProgress !== undefined && { onProgress }),
  });
  return { ...result, policies: result.policies.map((one) => ({ ...one, policy: `${one.policy} ${what}` })) };
}

/** What of the master's configuration matters to who gets what. */
function configOf({ config }: ClusterState): ConfigLike {
  const { allocationIntervalMs, agentOrder, minAllocatable, fairnessExclude, nestedQuota } = config;
  return { allocationIntervalMs, agentOrder, minAllocatable, fairnessExclude, nestedQuota };
}

function workloadOf(scene: Scene, { lastsMs = 10 * minute, drains = false }: WhatIfOptions): Workload {
  const lasts = { mean: lastsMs };
  const jobs = scene.demand.flatMap(({ role, resources, count }, request): Job[] => {
    const parts = Math.min(count, mostJobs);
    return Array.from({ length: parts }, (_, n) => {
      const tasks = Math.floor((count * (n + 1)) / parts) - Math.floor((count * n) / parts);
      return { id: `request ${request} ${n}`, at: 0, role, groups: [{ count: tasks, resources, lasts }] };
    });
  });
  return {
    name: 'recorded demand',
    tenants: scene.tenants.map((tenant) => ({ ...tenant, ...(!drains && { resubmits: Infinity }) })),
    jobs: () => jobs,
    running: scene.running.map(({ agent, ...task }) => ({ ...task, machine: `${agent}-0`, lasts })),
  };
}

function differences(before: PolicyResult | undefined, after: PolicyResult | undefined): readonly TenantDifference[] {
  return (before?.tenants ?? []).flatMap((one) => {
    const other = after?.tenants.find(({ role }) => role === one.role);
    if (other === undefined || (one.tasks === 0 && other.tasks === 0)) return [];
    return [{ role: one.role, before: figuresOf(one), after: figuresOf(other) }];
  });
}

function figuresOf({ weight, meanShare, started, ended, waiting, waitedMs }: TenantResult): TenantFigures {
  const orNone = (ms: number): number | null => (waitedMs.count === 0 ? null : ms);
  const [waitedP50Ms, waitedP95Ms] = [orNone(waitedMs.p50), orNone(waitedMs.p95)];
  return { weight, share: meanShare * weight, started, ended, waiting, waitedP50Ms, waitedP95Ms };
}
