import { agentOrders, type AgentOrder } from '../offers/index.js';
import { InputError, quantities, validateId, validateRole, type Quantities } from '../resources/index.js';
import { cut } from '../resources/quote.js';
import type { Domain } from '../tasks/index.js';

/** When the master takes from some to give to others, and how (see `preemption/review.ts`). */
export interface PreemptionSettings {
  /**
   * What a role may lack of its fair share before anything is taken for it, as a part of that share; from 0 to 1. What it
   * lacks of a guarantee counts from the first bit on.
   */
  readonly margin: number;
  /** How long it must have lacked that much, ms. */
  readonly patienceMs: number;
  /** How long before a task is ended its framework is told, by an inverse offer, ms. */
  readonly noticeMs: number;
  /** Bound on the grace period of a task that is ended, whatever its own kill policy says, ms. */
  readonly graceMs: number;
}

/** How a cluster behaves. Durations are milliseconds; `null` = never. It is part of the state. */
export interface Config {
  /** Prefix of every id that the master makes: `<masterId>-0001`, `<masterId>-O17`, `<masterId>-S3`. */
  readonly masterId: string;
  /** Seed of every shuffle and draw. */
  readonly seed: number;
  /** A batch run covers all agents at multiples of this (ALLOC-1). */
  readonly allocationIntervalMs: number;
  /**
   * In which order a run visits agents: `random` (ALLOC-3), `best-fit` (the least free first, so that whole machines stay
   * free) or `worst-fit` (the most free first, so that load is spread). Free is the dominant share of what is free in the
   * total; equals are shuffled.
   */
  readonly agentOrder: AgentOrder;
  /** Resources are worth offering when they hold any of these; empty = anything that is not empty (ALLOC-6). */
  readonly minAllocatable: readonly Quantities[];
  /** Resource names that do not count in shares (SORT-10). */
  readonly fairnessExclude: readonly string[];
  /** Agents with gpus are kept for frameworks with `gpu-resources` (ALLOC-5). */
  readonly filterGpus: boolean;
  /**
   * Whether a role below another may have a quota of its own; quotas then hold for whole subtrees. Otherwise only roles at
   * the top may, what is below counts as theirs, and is not bound by it (QUOTA-1, QUOTA-11).
   */
  readonly nestedQuota: boolean;
  /** An offer that is not answered for so long is rescinded (OFFER-6). */
  readonly offerTimeoutMs: number | null;
  /**
   * After an offer timed out, its framework, role and agent are filtered for this long, doubling with each further one up
   * to `unansweredFilterMaxMs`; any answer of the framework clears it. `null` = no such filter (as Mesos).
   */
  readonly unansweredFilterMs: number | null;
  readonly unansweredFilterMaxMs: number;
  /** A watched agent is unreachable after so many missed heartbeats (AG-2). */
  readonly maxMissedHeartbeats: number;
  /** A disconnected or recovered agent that stays away for so long is unreachable (AG-3, AG-8). */
  readonly agentReregisterTimeoutMs: number;
  /** An input later than the next deadline by more than this means that the process slept: deadlines shift. */
  readonly stallMs: number | null;
  /** Announced to frameworks; the wire's heartbeats keep to it (HTTP-7). */
  readonly heartbeatIntervalMs: number;
  /**
   * Agents that fall silent or stay away are declared unreachable one by one, no faster than this: a network that breaks
   * must not cost a fleet (AG-2, AG-8). `null` = as soon as they are due.
   */
  readonly agentRemovalRateLimit: { readonly agents: number; readonly perMs: number } | null;
  /**
   * A framework with so many unanswered offers gets no more until it answers; `null` = any number. One offer is for one
   * role on one agent. A lowered bound takes no offer back.
   */
  readonly maxOffersPerFramework: number | null;
  /**
   * Roles that ask (`request`) and lack what they are entitled to get it from those who have more than they are entitled
   * to: offers, then tasks that may be ended. `null` = nothing is ever taken from anybody (as Mesos).
   */
  readonly preemption: PreemptionSettings | null;
  /** After the master was lost and a quota is set: the part of its agents that must be back before anything is offered (ALLOC-18). */
  readonly recoveryFraction: number;
  /**
   * … or how long it waits for them; `null` = not at all. Both count when a master is recovered; `null` also ends a wait
   * that is under way.
   */
  readonly recoveryWaitMs: number | null;
  /** The only roles that may be used; `null` = any (ROLE-4). */
  readonly roles: readonly string[] | null;
  /** Where the master stands; agents of another region are remote (DOM-2). */
  readonly domain: Domain | null;
  /** Agents that do not say where they stand are refused (DOM-2). Needs `domain`. */
  readonly requireAgentDomain: boolean;
  readonly maxCompletedFrameworks: number;
  /** Per framework. */
  readonly maxCompletedTasks: number;
  /** Per framework. */
  readonly maxUnreachableTasks: number;
  /** Unreachable agents are forgotten after this (AG-7). */
  readonly maxUnreachableAgentAgeMs: number;
  readonly maxUnreachableAgents: number;
}

/** The numbers of Mesos (semantics §28): no offer timeout, no stall handling, no filter after silence. */
export const mesosDefaults: Config = Object.freeze({
  masterId: 'proffer',
  seed: 1,
  allocationIntervalMs: 1_000,
  agentOrder: 'random',
  minAllocatable: Object.freeze([quantities('cpus:0.01'), quantities('mem:32')]),
  fairnessExclude: Object.freeze([]),
  filterGpus: true,
  nestedQuota: false,
  offerTimeoutMs: null,
  unansweredFilterMs: null,
  unansweredFilterMaxMs: 600_000,
  maxMissedHeartbeats: 5,
  agentReregisterTimeoutMs: 600_000,
  stallMs: null,
  heartbeatIntervalMs: 15_000,
  agentRemovalRateLimit: null,
  maxOffersPerFramework: null,
  preemption: null,
  recoveryFraction: 0.8,
  recoveryWaitMs: 600_000,
  roles: null,
  domain: null,
  requireAgentDomain: false,
  maxCompletedFrameworks: 50,
  maxCompletedTasks: 1_000,
  maxUnreachableTasks: 1_000,
  maxUnreachableAgentAgeMs: 14 * 24 * 3_600_000,
  maxUnreachableAgents: 102_400,
});

/** Mesos's numbers but where silence would hurt: unanswered offers come back, a process that slept blames nobody. */
export const defaultConfig: Config = Object.freeze({
  ...mesosDefaults,
  nestedQuota: true,
  offerTimeoutMs: 300_000,
  unansweredFilterMs: 5_000,
  stallMs: 5_000,
});

/** What `preemption: {}` means. */
export const preemptionDefaults: PreemptionSettings = Object.freeze({
  margin: 0.1,
  patienceMs: 30_000,
  noticeMs: 30_000,
  graceMs: 30_000,
});

/**
 * What `emptyCluster` and `configure` take: any part of the configuration; `minAllocatable` also as text, and any part of
 * `preemption`, over {@link preemptionDefaults}.
 */
export type ConfigLike = Partial<Omit<Config, 'minAllocatable' | 'preemption'>> & {
  readonly minAllocatable?: readonly (string | Quantities)[];
  readonly preemption?: Partial<PreemptionSettings> | null;
};

/**
 * Completes a partial configuration over `base` and checks every field.
 *
 * @throws InputError `bad-config`, with the path of the field.
 */
export function readConfig(like: ConfigLike, base: Config = defaultConfig): Config {
  const { minAllocatable, preemption, ...rest } = like;
  for (const key of Object.keys(like)) if (!Object.hasOwn(mesosDefaults, key)) refuse(cut(key), 'is not a setting');
  const config: Config = {
    ...base,
    ...withoutUndefined(rest),
    ...(minAllocatable === undefined ? {} : { minAllocatable: readMinimums(minAllocatable) }),
    ...(preemption === undefined ? {} : { preemption: preemption && readPreemption(preemption) }),
  };

  checkNumbers(config);
  checkChoices(config);
  checkNames(config);
  return withOwnLists(config);
}

function checkNumbers(config: Config): void {
  const { agentRemovalRateLimit: rate, maxOffersPerFramework: most, recoveryFraction: part } = config;
  for (const key of wholeNumbers) {
    if (!Number.isSafeInteger(config[key]) || config[key] < 0) refuse(key, 'must be a whole number, 0 or more');
  }
  if (!isWithin(config.maxMissedHeartbeats, 1e6)) refuse('maxMissedHeartbeats', 'must be a whole number from 1 to 1e6');
  for (const key of durations) {
    if (!isWithin(config[key], LONGEST_MS)) refuse(key, `must be whole milliseconds from 1 to ${LONGEST_MS}`);
  }
  for (const key of nullableDurations) {
    const value = config[key];
    if (value !== null && !isWithin(value, LONGEST_MS)) {
      refuse(key, `must be whole milliseconds from 1 to ${LONGEST_MS}, or null`);
    }
  }
  if (rate !== null && !(typeof rate === 'object' && isWithin(rate.agents, 1e6) && isWithin(rate.perMs, LONGEST_MS))) {
    refuse('agentRemovalRateLimit', 'must be agents, a whole number from 1 to 1e6, and perMs, or null');
  }
  if (most !== null && !isWithin(most, 1e9)) refuse('maxOffersPerFramework', 'must be a whole number from 1, or null');
  if (!(typeof part === 'number' && part >= 0 && part <= 1)) refuse('recoveryFraction', 'must be a number from 0 to 1');
}

/** The settings of preemption, each by itself over its default. */
function readPreemption(like: Partial<PreemptionSettings>): PreemptionSettings {
  const path = 'preemption';
  if (typeof like !== 'object' || Array.isArray(like)) refuse(path, 'must be settings, or null');
  for (const key of Object.keys(like)) {
    if (!Object.hasOwn(preemptionDefaults, key)) refuse(`${path}.${cut(key)}`, 'is not a setting');
  }
  const settings = { ...preemptionDefaults, ...withoutUndefined(like) };
  const { margin } = settings;
  if (!(typeof margin === 'number' && margin >= 0 && margin <= 1)) {
    refuse(`${path}.margin`, 'must be a number from 0 to 1');
  }
  for (const key of ['patienceMs', 'noticeMs', 'graceMs'] as const) {
    if (!(settings[key] === 0 || isWithin(settings[key], LONGEST_MS))) {
      refuse(`${path}.${key}`, `must be whole milliseconds from 0 to ${LONGEST_MS}`);
    }
  }
  return Object.freeze({ ...settings, margin: margin + 0 });
}

function checkChoices(config: Config): void {
  for (const key of flags) if (typeof config[key] !== 'boolean') refuse(key, 'must be true or false');
  if (!agentOrders.includes(config.agentOrder)) refuse('agentOrder', `must be one of ${agentOrders.join(', ')}`);
  if (config.requireAgentDomain && config.domain === null) {
    // Those without a domain would be refused, and those with one as well (DOM-2).
    refuse('requireAgentDomain', "needs the master's own domain");
  }
}

function checkNames({ masterId, fairnessExclude, roles, domain }: Config): void {
  if (typeof masterId !== 'string') refuse('masterId', 'must be text');
  const idProblem = validateId(masterId);
  if (idProblem !== undefined) refuse('masterId', idProblem.message);
  if (!isTexts(fairnessExclude)) refuse('fairnessExclude', 'must be a list of resource names');
  if (roles !== null && !isTexts(roles)) refuse('roles', 'must be a list of roles, or null');
  for (const role of roles ?? []) {
    const problem = validateRole(role);
    if (problem !== undefined) refuse('roles', problem.message);
  }
  if (domain !== null && !(isText(domain.region) && isText(domain.zone))) {
    refuse('domain', 'must be a region and a zone, or null');
  }
}

/** What the host hands in stays the host's: changing it later must not change a state. */
function withOwnLists(config: Config): Config {
  const { minAllocatable, fairnessExclude, roles, domain, agentRemovalRateLimit: rate } = config;
  return Object.freeze({
    ...config,
    minAllocatable: Object.freeze([...minAllocatable]),
    fairnessExclude: Object.freeze([...fairnessExclude]),
    roles: roles && Object.freeze([...roles]),
    domain: domain && Object.freeze({ region: domain.region, zone: domain.zone }),
    agentRemovalRateLimit: rate && Object.freeze({ agents: rate.agents, perMs: rate.perMs }),
  });
}

function readMinimums(minimums: NonNullable<ConfigLike['minAllocatable']>): readonly Quantities[] {
  if (!Array.isArray(minimums)) refuse('minAllocatable', 'must be a list of quantities');
  try {
    return Array.from(minimums as readonly (string | Quantities)[], (minimum) => quantities(minimum));
  } catch (error) {
    if (error instanceof InputError) refuse('minAllocatable', `is not a list of quantities: ${error.message}`);
    throw error;
  }
}

/** Some three thousand years: sums with the clock stay exact. */
const LONGEST_MS = 1e14;

function isWithin(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= most;
}

/** What is typed may still have come from a file. */
function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && Array.from(value as readonly unknown[]).every(isText);
}

const wholeNumbers = [
  'seed',
  'maxCompletedFrameworks',
  'maxCompletedTasks',
  'maxUnreachableTasks',
  'maxUnreachableAgents',
] as const;

const durations = [
  'allocationIntervalMs',
  'unansweredFilterMaxMs',
  'agentReregisterTimeoutMs',
  'heartbeatIntervalMs',
  'maxUnreachableAgentAgeMs',
] as const;

const flags = ['filterGpus', 'nestedQuota', 'requireAgentDomain'] as const;

const nullableDurations = ['offerTimeoutMs', 'unansweredFilterMs', 'stallMs', 'recoveryWaitMs'] as const;

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

function refuse(field: string, why: string): never {
  throw new InputError('bad-config', `config.${field}`, `${field} ${why}`);
}
