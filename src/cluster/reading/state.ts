/** A saved cluster: every field of the right kind, every row under its own key. */
import { Edit, InputError, Numbered, Table } from '../../resources/index.js';
import { Pace, ROWS_A_STEP } from '../../resources/steps.js';
import {
  damaged,
  Damage,
  derived,
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
import { compareDeadlines, pushDeadline, type Deadline, type DeadlineHeap } from '../deadlines.js';
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
  preemption,
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
  preemption: nullable(
    row<NonNullable<Config['preemption']>>({ margin: finite, patienceMs: whole, noticeMs: whole, graceMs: whole }),
  ),
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
    kind: literal<Deadline['kind']>({ offers: true, failover: true, agent: true, review: true }),
    id: text,
    token: whole,
  }),
);

/** Deadlines, soonest first. */
const heap: Reader<DeadlineHeap> = derived(deadlines, function* (read) {
  const pace = new Pace(ROWS_A_STEP);
  let found: DeadlineHeap = null;
  for (const [index, one] of read.entries()) {
    const before = read[index - 1];
    if (before !== undefined && compareDeadlines(before, one) > 0)
      damaged(`[${index}] falls due before the one above it`);
    found = pushDeadline(found, one);
    if (pace.isOver()) yield;
  }
  return found;
});

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

/** Offers in the order of their numbers, with which their ids end. */
const offers: Reader<OfferTable> = derived(list(offerRow), function* (rows) {
  const pace = new Pace(ROWS_A_STEP);
  let before = -1;
  for (const [index, row] of rows.entries()) {
    const number = offerNumber(row.offer.id);
    if (number === -1) damaged(`[${index}] has an id that is none of an offer`);
    if (number <= before) damaged(`[${index}] comes after a later one`);
    before = number;
    if (pace.isOver()) yield;
  }
  return OfferTable.from(rows);
});

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
  preemption,
  counters,
});

/** A state without its format and version; that its parts fit together is another question. */
export const clusterState: Reader<ClusterState> = derived(saved, function* (state) {
  const pace = new Pace(ROWS_A_STEP);
  const edit = new Edit();
  let executorHosts = Table.empty<true>();
  for (const [id, { executors }] of state.agents.walk()) {
    if (executors.length > 0) executorHosts = executorHosts.set(id, true, edit);
    if (pace.isOver()) yield;
  }
  return { ...state, executorHosts };
});
