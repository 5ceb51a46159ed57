import type { PolicyResult, SimulationResult, TenantResult } from '../../src/simulation/result.js';

/** How large a made-up result is. */
export interface MadeUp {
  readonly cluster?: string;
  readonly workload?: string;
  readonly policies?: readonly string[];
  readonly roles?: readonly string[];
  readonly resources?: readonly string[];
  readonly spans?: number;
  readonly spanMs?: number;
}

/** A result of which every figure follows from its place: different everywhere, and always the same. */
export function madeUp({
  cluster = 'small',
  workload = 'mixed',
  policies = ['drf', 'fifo'],
  roles = ['web', 'etl'],
  resources = ['cpus', 'mem'],
  spans = 40,
  spanMs = 60_000,
}: MadeUp = {}): SimulationResult {
  return {
    cluster: { name: cluster, agents: 20, total: Object.fromEntries(resources.map((name) => [name, 1_024])) },
    workload,
    seed: 7,
    policies: policies.map((policy, at) => madeUpPolicy(policy, at, { roles, resources, spans, spanMs })),
  };
}

function madeUpPolicy(
  policy: string,
  at: number,
  { roles, resources, spans, spanMs }: Required<Pick<MadeUp, 'roles' | 'resources' | 'spans' | 'spanMs'>>,
): PolicyResult {
  const tenants = roles.map((role, of) => madeUpTenant(role, of, at));
  const sum = (of: (tenant: TenantResult) => number): number =>
    tenants.reduce((total, tenant) => total + of(tenant), 0);
  /** Between 0 and 1, going up and down. */
  const wave = (shift: number): number[] =>
    Array.from({ length: spans }, (_, span) => ((span * 7 + shift * 13 + at * 3) % 20) / 20);
  const series = (names: readonly string[], scale: number): { name: string; values: number[] }[] =>
    names.map((name, of) => ({ name, values: wave(of).map((value) => value * scale) }));
  return {
    policy,
    simulatedMs: spans * spanMs,
    inputs: 1_000 + at,
    runs: 100 + at,
    jobs: sum(({ jobs }) => jobs),
    jobsEnded: sum(({ jobsEnded }) => jobsEnded),
    tasks: sum(({ tasks }) => tasks),
    started: sum(({ started }) => started),
    ended: sum(({ ended }) => ended),
    waiting: 0,
    running: 0,
    givenUp: 0,
    waitedMs: spread(
      sum(({ started }) => started),
      30_000 * (at + 1),
    ),
    completionMs: spread(
      sum(({ jobsEnded }) => jobsEnded),
      90_000 * (at + 1),
    ),
    offers: { made: 400, accepted: 300, declined: 90, takenBack: 10 },
    preemptions: 0,
    utilisation: resources.map((resource, of) => ({ resource, mean: 0.5 + of / 100, stranded: 0.1 + at / 100 })),
    jain: 0.9 - at / 10,
    tenants,
    series: {
      spanMs,
      utilisation: series(resources, 0.8),
      stranded: series(resources, 0.2),
      shares: series(roles, 0.4),
      jain: roles.length === 0 ? [] : wave(1),
      waiting: wave(2).map((value) => value * 300),
      running: wave(3).map((value) => value * 120),
    },
  };
}

function madeUpTenant(role: string, of: number, at: number): TenantResult {
  const tasks = 100 + of;
  return {
    role,
    weight: 1,
    behaviour: 'greedy',
    jobs: 10,
    jobsEnded: 10,
    tasks,
    started: tasks,
    ended: tasks,
    waiting: 0,
    running: 0,
    givenUp: 0,
    waitedMs: spread(tasks, 20_000 * (at + 1) * (of + 1)),
    completionMs: spread(10, 60_000 * (at + 1)),
    meanShare: 0.3 / (of + 1),
    offers: 50,
    declined: 20,
  };
}

/** Figures around a median. */
export function spread(count: number, p50: number): TenantResult['waitedMs'] {
  if (count === 0) return { count, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 };
  return { count, mean: p50 * 1.5, p50, p95: p50 * 4, p99: p50 * 6, max: p50 * 7 };
}

/** A result with other figures for each of its policies. */
export function changed(
  data: SimulationResult,
  change: (policy: PolicyResult, at: number) => Partial<PolicyResult>,
): SimulationResult {
  return { ...data, policies: data.policies.map((policy, at) => ({ ...policy, ...change(policy, at) })) };
}

/** And for each tenant. */
export function changedTenants(
  data: SimulationResult,
  change: (tenant: TenantResult, policy: PolicyResult) => Partial<TenantResult>,
): SimulationResult {
  return changed(data, (policy) => ({
    tenants: policy.tenants.map((tenant) => ({ ...tenant, ...change(tenant, policy) })),
  }));
}
