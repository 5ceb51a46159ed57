/** A saved cluster: every field of the right kind, every row under its own key. */
import { InputError, Numbered, Table } from '../../resources/index.js';
import {
  damaged,
  Damage,
  finite,
  flag,
  list,
  nullable,
  oneOf,
  row,
  literal,
  text,
  whole,
  type Reader,
} from '../../resources/reading.js';
import { agentOrders } from '../../offers/index.js';
import { readConfig, type Config } from '../config.js';
import { compareDeadlines, heapOf, type Deadline, type DeadlineHeap } from '../deadlines.js';
import { runKey } from '../offer-runs.js';
import { offerNumber, OfferTable } from '../offer-table.js';
import type { ClusterState, OfferRun } from '../state.js';
import { allocatorState } from './allocator.js';
import {
  agent,
  completedFrameworks,
  counters,
  framework,
  inverseOfferRow,
  machinePlace,
  offerRow,
  offerRun,
  operation,
  recoveredAgent,
  service,
  taskRef,
} from './rows.js';
import { domain, someQuantities, table } from './values.js';

const settings = row<Config>({
  masterId: text,
  seed: whole,
  allocationIntervalMs: whole,
  agentOrder: oneOf(agentOrders),
  minAllocatable: list(someQuantities),
  fairnessExclude: list(text),
  filterGpus: flag,
  nestedQuota: flag,
  offerTimeoutMs: nullable(whole),
  unansweredFilterMs: nullable(whole),
  unansweredFilterMaxMs: whole,
  maxMissedHeartbeats: whole,
  agentReregisterTimeoutMs: whole,
  stallMs: nullable(whole),
  heartbeatIntervalMs: whole,
  agentRemovalRateLimit: nullable(row<NonNullable<Config['agentRemovalRateLimit']>>({ agents: whole, perMs: whole })),
  maxOffersPerFramework: nullable(whole),
  recoveryFraction: finite,
  recoveryWaitMs: nullable(whole),
  roles: nullable(list(text)),
  domain: nullable(domain),
  requireAgentDomain: flag,
  maxCompletedFrameworks: whole,
  maxCompletedTasks: whole,
  maxUnreachableTasks: whole,
  maxUnreachableAgentAgeMs: whole,
  maxUnreachableAgents: whole,
});

const config: Reader<Config> = (value) => {
  try {
    return readConfig(settings(value));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new Damage(error.message, error.path.replace('config.', ''));
  }
};

const deadlines = list(
  row<Deadline>({
    at: whole,
    kind: literal<Deadline['kind']>({ offers: true, failover: true, agent: true }),
    id: text,
    token: whole,
  }),
);

/** Deadlines, soonest first. */
const heap: Reader<DeadlineHeap> = (value) => {
  const read = deadlines(value);
  const early = read.findIndex((one, index) => {
    const before = read[index - 1];
    return before !== undefined && compareDeadlines(before, one) > 0;
  });
  return early === -1 ? heapOf(read) : damaged(`[${early}] falls due before the one above it`);
};

/** Runs by name. */
const offerRuns: Reader<Numbered<OfferRun>> = (value) => {
  const runs = table(offerRun)(value);
  let numbered = Numbered.empty<OfferRun>();
  for (const [key, run] of runs.entries()) {
    const number = Number(key);
    if (!Number.isSafeInteger(number) || key !== runKey(number)) damaged(`has a run ${key}, which is no number of one`);
    numbered = numbered.set(number, run);
  }
  return numbered;
};

/** Offers by id; an id ends with the number of its offer. */
const offers: Reader<OfferTable> = (value) => {
  const saved = table(offerRow, ({ offer }) => offer.id)(value);
  const misnamed = saved.keys().find((id) => offerNumber(id) === -1);
  return misnamed === undefined
    ? OfferTable.from(saved.values())
    : damaged(`has an offer ${misnamed}, which is no id of one`);
};

const saved = row<Omit<ClusterState, 'executorHosts'>>({
  config,
  now: whole,
  seq: whole,
  stalledMs: whole,
  incarnation: whole,
  nextFramework: whole,
  nextAgent: whole,
  nextOffer: whole,
  nextRun: whole,
  nextOperation: whole,
  nextWatch: whole,
  allocator: allocatorState,
  agents: table(agent, ({ id }) => id),
  recovered: table(recoveredAgent, ({ id }) => id),
  unreachable: table(whole),
  unreachableTasks: table(list(taskRef)),
  gone: table(whole),
  service: table(service, ({ id }) => id),
  machines: table(machinePlace),
  frameworks: table(framework, ({ id }) => id),
  completedFrameworks,
  offers,
  inverseOffers: table(inverseOfferRow, ({ offer }) => offer.id),
  operations: table(operation, ({ uuid }) => uuid),
  offerRuns,
  deadlines: heap,
  removals: heap,
  nextRemovalAt: whole,
  startedAt: whole,
  counters,
});

/** A state without its format and version; that its parts fit together is another question. */
export const clusterState: Reader<ClusterState> = (value) => {
  const state = saved(value);
  const hosts = state.agents.values().filter(({ executors }) => executors.length > 0);
  return { ...state, executorHosts: Table.from(hosts.map(({ id }) => [id, true] as const)) };
};
