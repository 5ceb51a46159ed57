/** The life of an agent in the allocator (ALLOC-15 … 17). */
import {
  add,
  attributes as readAttributes,
  attributesEqual,
  equals,
  noQuantities,
  noResources,
  quantitiesAdd,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  reservedByRole,
  type Attributes,
  type Quantities,
  type Resources,
} from '../resources/index.js';
import { defaultAgentCapabilities, type AgentCapability, type Domain } from '../tasks/index.js';
import { dropAgentFilters } from './filters.js';
import { freeOf } from './free.js';
import { holdAll, noOffers, releaseAll, trackHolding } from './holdings.js';
import { forgetStandings } from './maintenance.js';
import type { AllocatorAgent, AllocatorDraft, Holding, Unavailability } from './state.js';
import { noteReturn } from './recovery.js';
import { noRefusals } from './refusals.js';
import { markAgentDirty, markDirty, requestRun } from './when.js';

/** An agent as it is added. */
export interface NewAgent {
  readonly agent: string;
  readonly hostname?: string;
  readonly total: Resources;
  readonly attributes?: Attributes;
  readonly capabilities?: readonly AgentCapability[];
  readonly domain?: Domain | null;
  /** What frameworks, known or not, already use of it (ALLOC-17). */
  readonly used?: readonly Holding[];
  /** When its machine will be away; absent or null = nothing is planned. */
  readonly unavailability?: Unavailability | null;
}

/** Adds an agent and asks for a run of it. An agent of that id that is there already is replaced. */
export function addAgent(draft: AllocatorDraft, agent: NewAgent): void {
  removeAgent(draft, agent.agent);
  const row: AllocatorAgent = {
    id: agent.agent,
    hostname: agent.hostname ?? agent.agent,
    attributes: agent.attributes ?? readAttributes(''),
    capabilities: agent.capabilities === undefined ? defaultAgentCapabilities : Object.freeze([...agent.capabilities]),
    domain: ownDomain(agent.domain),
    active: true,
    total: agent.total,
    free: agent.total,
    held: [],
    offers: noOffers,
    refusals: noRefusals,
    maintenance: agent.unavailability == null ? null : { unavailability: agent.unavailability, standings: [] },
  };
  draft.agents = draft.agents.set(row.id, row, draft.edit);
  addTotal(draft, noResources, agent.total);
  holdAll(draft, row.id, agent.used ?? []);
  noteReturn(draft);
  requestRun(draft, row.id);
}

/** Removes an agent: totals shrink, what was held of it is forgotten, filters go with it. No run (ALLOC-1). */
export function removeAgent(draft: AllocatorDraft, id: string): void {
  const agent = draft.agents.get(id);
  if (agent === undefined) return;
  releaseAll(draft, id, agent.held);
  forgetStandings(draft, agent);
  draft.agents = draft.agents.remove(id, draft.edit);
  draft.requested = draft.requested.remove(id, draft.edit);
  draft.fresh = draft.fresh.remove(id, draft.edit);
  addTotal(draft, agent.total, noResources);
}

/** Offers and queries hand it out. */
function ownDomain(domain: Domain | null | undefined): Domain | null {
  return domain == null ? null : Object.freeze({ region: domain.region, zone: domain.zone });
}

/** What may change of an agent; absent = as it was. */
export interface AgentChange {
  readonly total?: Resources;
  readonly attributes?: Attributes;
  readonly capabilities?: readonly AgentCapability[];
  readonly domain?: Domain | null;
}

/** Changes an agent; asks for a run of it if anything did change (ALLOC-16). New attributes void its filters (ATTR-3). */
export function updateAgent(draft: AllocatorDraft, id: string, change: AgentChange): boolean {
  const agent = draft.agents.get(id);
  if (agent === undefined) return false;
  const total = change.total ?? agent.total;
  const attributes = change.attributes ?? agent.attributes;
  const capabilities = change.capabilities === undefined ? agent.capabilities : Object.freeze([...change.capabilities]);
  const domain = change.domain === undefined ? agent.domain : ownDomain(change.domain);

  const sameAttributes = attributesEqual(agent.attributes, attributes);
  const changed =
    !equals(agent.total, total) ||
    !sameAttributes ||
    !sameMembers(agent.capabilities, capabilities) ||
    agent.domain?.region !== domain?.region ||
    agent.domain?.zone !== domain?.zone;
  if (!changed) return false;

  addTotal(draft, agent.total, total);
  const row = { ...agent, total, attributes, capabilities, domain, free: freeOf(total, agent.held) };
  draft.agents = draft.agents.set(id, sameAttributes ? row : dropAgentFilters(row), draft.edit);
  requestRun(draft, id);
  return true;
}

/** Adds a part to an agent, with what is used of it already. No run: the part is offered in the next one (ALLOC-1). */
export function addProvider(draft: AllocatorDraft, id: string, part: Resources, used: readonly Holding[]): void {
  const agent = draft.agents.get(id);
  if (agent === undefined) return;
  const total = add(agent.total, part);
  addTotal(draft, agent.total, total);
  draft.agents = draft.agents.set(id, { ...agent, total, free: freeOf(total, agent.held) }, draft.edit);
  holdAll(draft, id, used);
  markAgentDirty(draft, id);
}

/** Stops or resumes offers of an agent; what is held of it stays. */
export function setAgentActive(draft: AllocatorDraft, id: string, active: boolean): void {
  const agent = draft.agents.get(id);
  if (agent === undefined || agent.active === active) return;
  draft.agents = draft.agents.set(id, { ...agent, active }, draft.edit);
  if (active) markAgentDirty(draft, id);
}

/** Counts what agents already hold for a framework that has just become known (ALLOC-17). */
export function adoptOrphans(draft: AllocatorDraft, frameworkId: string): void {
  const agents = draft.orphans.get(frameworkId);
  if (agents === undefined) return;
  draft.orphans = draft.orphans.remove(frameworkId, draft.edit);
  for (const id of agents.keys()) {
    const held = draft.agents.get(id)?.held ?? [];
    let counted = held.filter(({ framework }) => framework !== frameworkId);
    for (const holding of held) {
      const known = draft.frameworks.get(frameworkId);
      if (holding.framework !== frameworkId || known === undefined) continue;
      const { role, resources } = holding;
      const after = [...counted, holding];
      trackHolding(
        draft,
        known,
        { agent: id, framework: frameworkId, role },
        { before: counted, after, part: resources, begins: true },
      );
      counted = after;
    }
  }
}

/** Moves the cluster's total and the reservations per role from what an agent had to what it has. */
export function addTotal(draft: AllocatorDraft, before: Resources, after: Resources): void {
  const gone = quantitiesFromScalarResources(before);
  draft.total = quantitiesAdd(quantitiesSubtract(draft.total, gone), quantitiesFromScalarResources(after));
  addReserved(draft, before, quantitiesSubtract);
  addReserved(draft, after, quantitiesAdd);
  // What is free anywhere decides what may be given elsewhere (QUOTA-5).
  if (draft.quotas.size > 0) markDirty(draft);
}

function addReserved(
  draft: AllocatorDraft,
  part: Resources,
  combine: (a: Quantities, b: Quantities) => Quantities,
): void {
  for (const [role, resources] of reservedByRole(part)) {
    const own = quantitiesFromScalarResources(resources);
    const after = combine(draft.reserved.get(role) ?? noQuantities, own);
    draft.reserved =
      after.names.length === 0 ? draft.reserved.remove(role, draft.edit) : draft.reserved.set(role, after, draft.edit);
  }
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}
