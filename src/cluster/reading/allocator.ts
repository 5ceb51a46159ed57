/** The first level. */
import {
  agentOrders,
  restoreAllocator,
  offerConstraints,
  type AgentMaintenance,
  type AllocatorConfig,
  type AllocatorState,
  type Demand,
  type Holding,
  type InverseStanding,
  type OfferConstraints,
  type Quota,
  type RoleMinimum,
  type SavedAllocator,
  type SavedAllocatorAgent,
  type SavedAllocatorFramework,
  type SavedRefusal,
  type SavedRefusalGroup,
  type SavedRefusals,
} from '../../offers/index.js';
import {
  Damage,
  derived,
  finite,
  flag,
  integer,
  list,
  nullable,
  oneOf,
  positive,
  rewritten,
  row,
  sorted,
  text,
  texts,
  whole,
  type Reader,
} from '../../resources/reading.js';
import { agentCapabilities, frameworkCapabilities } from '../../tasks/index.js';
import { shareTree } from './shares.js';
import {
  domain,
  ids,
  someAttributes,
  someLimits,
  someQuantities,
  someResources,
  table,
  unavailability,
} from './values.js';

const config = row<AllocatorConfig>({
  seed: whole,
  allocationIntervalMs: positive,
  agentOrder: oneOf(agentOrders),
  minAllocatable: list(someQuantities),
  fairnessExclude: list(text),
  filterGpus: flag,
  domain: nullable(domain),
  nestedQuota: flag,
  maxOffersPerFramework: nullable(whole),
  recoveryFraction: finite,
  recoveryWaitMs: nullable(whole),
});

const holding = row<Holding>({ framework: text, role: text, resources: someResources });

const refusal = row<SavedRefusal>({ role: text, framework: text, end: integer });
const refusalGroup = row<SavedRefusalGroup>({ refused: someResources, silence: flag, by: list(refusal) });
const refusals = row<SavedRefusals>({ seq: whole, groups: list(refusalGroup) });

const standing = row<InverseStanding>({
  framework: text,
  outstanding: flag,
  response: nullable(oneOf(['accept', 'decline'])),
  respondedAt: whole,
  filter: nullable(row<NonNullable<InverseStanding['filter']>>({ expiresAt: whole, once: flag, epoch: whole })),
});

const maintenance = row<AgentMaintenance>({
  unavailability,
  standings: sorted(standing, ({ framework }) => framework),
});

const agent = row<SavedAllocatorAgent>({
  id: text,
  hostname: text,
  attributes: someAttributes,
  capabilities: list(oneOf(agentCapabilities)),
  domain: nullable(domain),
  active: flag,
  total: someResources,
  free: someResources,
  held: list(holding),
  offers: list(whole),
  refusals,
  maintenance: nullable(maintenance),
});

const minimum = row<RoleMinimum>({ role: text, minAllocatable: list(someQuantities) });

/** Which agents a framework wants. */
export const constraints: Reader<OfferConstraints> = rewritten(offerConstraints, (read) => read);

const framework = row<SavedAllocatorFramework>({
  id: text,
  active: flag,
  roles: texts,
  suppressed: texts,
  capabilities: list(oneOf(frameworkCapabilities)),
  minimums: list(minimum),
  constraints,
  priority: finite,
  inverseEpoch: whole,
  standings: ids,
});

const demand = row<Demand>({ role: nullable(text), agent: nullable(text), resources: someResources, count: whole });

const savedAllocator = row<SavedAllocator>({
  config,
  now: whole,
  seq: whole,
  agents: table(agent, ({ id }) => id),
  frameworks: table(framework, ({ id }) => id),
  offersOut: table(positive),
  lingering: table(positive),
  total: someQuantities,
  shares: shareTree,
  clients: table(shareTree),
  quotas: table(row<Quota>({ guarantees: someQuantities, limits: someLimits })),
  reserved: table(someQuantities),
  orphans: table(ids),
  demand: table(list(demand)),
  whitelist: nullable(ids),
  paused: flag,
  awaiting: nullable(row<NonNullable<AllocatorState['awaiting']>>({ agents: whole, until: whole })),
  requested: ids,
  requestedAll: flag,
  batchDue: flag,
  fresh: ids,
  freshAll: flag,
  dirtySince: nullable(whole),
  parkedUntil: nullable(whole),
  runs: whole,
  epoch: whole,
});

/** The allocator's part of a state. */
export const allocatorState: Reader<AllocatorState> = derived(savedAllocator, (saved) =>
  restoreAllocator(saved, (id, why) => {
    throw new Damage(why, `agents[${JSON.stringify(id)}].refusals`);
  }),
);
