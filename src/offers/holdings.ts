/**
 * Who holds what. An offer counts as held from the grant until its resources come back (ALLOC-9); every change of a
 * holding goes through here, so that agents, role shares and framework shares can't disagree.
 */
import {
  clientNode,
  emptyShareTree,
  recountAllocated,
  trackAllocated,
  trackAllocations,
  trackUnallocated,
  type Allocations,
  type Recount,
} from '../drf/index.js';
import {
  Table,
  add,
  compareText,
  contains,
  hasShared,
  hashText,
  isEmpty,
  mix,
  noResources,
  quantitiesFromScalarResources,
  quantitiesSum,
  subtract,
  type Quantities,
  type Resources,
} from '../resources/index.js';
import { hashOfPlain, Pool, pooled } from '../resources/pool.js';
import { freeOf } from './free.js';
import { noteLingering, trackClient } from './memberships.js';
import type { Refusals } from './refusals.js';
import { noteFresh } from './when.js';
import { clientKey, type AllocatorAgent, type AllocatorDraft, type AllocatorFramework, type Holding } from './state.js';

/** Names one holding. */
export interface HoldingKey {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
}

/** Adds to what a framework holds of an agent in a role, and to the shares of both: one allocation in the count (SORT-2). */
export function hold(draft: AllocatorDraft, key: HoldingKey, resources: Resources): void {
  const agent = draft.agents.get(key.agent);
  if (agent === undefined || isEmpty(resources)) return;
  const before = heldBy(agent, key);
  const held = setHeld(draft, agent, key, add(before, resources));
  const framework = draft.frameworks.get(key.framework);
  if (framework === undefined) rememberOrphan(draft, key);
  else
    trackHolding(draft, framework, key, { before: agent.held, after: held, part: resources, begins: isEmpty(before) });
}

/** What else changes of an agent's row when something comes back. */
export interface ReleaseNote {
  /** The number of the offer that does not stand any more. */
  readonly offer?: number | undefined;
  readonly refusals?: Refusals | undefined;
}

/**
 * Takes back from what a framework holds. More than is held can't be taken back: the rest is ignored, as is anything of
 * an unknown agent (ALLOC-11). A framework that the allocator does not know (yet) has no share to reduce.
 */
export function release(draft: AllocatorDraft, key: HoldingKey, resources: Resources, note: ReleaseNote = {}): void {
  const before = draft.agents.get(key.agent);
  if (before === undefined) return;
  const agent = withNote(before, note);
  const held = heldBy(agent, key);
  const back = heldPart(held, resources);
  if (isEmpty(back)) {
    if (agent !== before) draft.agents = draft.agents.set(agent.id, agent, draft.edit);
    return;
  }
  const left = subtract(held, back);
  const rest = setHeld(draft, agent, key, left);
  noteFresh(draft, agent.id);
  uncount(draft, key, { before: agent.held, after: rest, part: back });
  if (isEmpty(left)) noteEnd(draft, key);
}

function withNote(agent: AllocatorAgent, { offer, refusals }: ReleaseNote): AllocatorAgent {
  if (offer === undefined && refusals === undefined) return agent;
  const offers = offer === undefined ? agent.offers : withoutOffer(agent.offers, offer);
  return rowOf(agent, agent.held, agent.free, offers, refusals ?? agent.refusals);
}

/** No offers. */
export const noOffers: readonly number[] = Object.freeze([]);

function withoutOffer(offers: readonly number[], offer: number): readonly number[] {
  return offers.length === 1 && offers[0] === offer ? noOffers : offers.filter((other) => other !== offer);
}

/** An offer does not stand any more, and what it was of is still held: it is used. */
export function dropOffer(draft: AllocatorDraft, id: string, offer: number): void {
  const agent = draft.agents.get(id);
  if (agent !== undefined) draft.agents = draft.agents.set(id, withNote(agent, { offer }), draft.edit);
}

/** What of these resources is held. */
function heldPart(held: Resources, resources: Resources): Resources {
  return contains(held, resources) ? resources : subtract(held, subtract(held, resources));
}

/** Several {@link hold}s of one agent: each row is written once, be it of the agent or of a share. */
export function holdAll(draft: AllocatorDraft, id: string, parts: readonly Holding[]): void {
  const agent = draft.agents.get(id);
  if (agent === undefined || parts.length === 0) return;
  const gains = gainsOf(draft, parts);
  const fresh: Holding[] = [];
  for (const { role, holders } of gains.values()) {
    for (const [framework, { resources }] of holders) {
      const own = add(heldBy(agent, { framework, role }), resources);
      fresh.push(sharedHolding({ framework, role, resources: pooled(own) }));
    }
  }
  const others = agent.held.filter(({ framework, role }) => gains.get(role)?.holders.has(framework) !== true);
  if (fresh.length > 0) writeHeld(draft, agent, others.concat(fresh).sort(compareHoldings));
  countGains(draft, agent, gains);
  // Of something shared it counts who else holds it: one by one.
  for (const { framework, role, resources } of parts) {
    if (hasShared(resources)) hold(draft, { agent: id, framework, role }, resources);
  }
}

const holdings = new Pool<Holding>((a, b) => {
  return a.resources === b.resources && a.framework === b.framework && a.role === b.role;
});

/** What a framework holds of one machine it mostly holds of others, too. */
function sharedHolding(holding: Holding): Holding {
  const { framework, role, resources } = holding;
  return holdings.share(holding, mix(hashText(framework), hashText(role), hashOfPlain(resources)));
}

/** What is held anew in one role; `last` as in {@link Allocations}. */
interface RoleGain {
  readonly role: string;
  readonly holders: Map<string, Gain>;
  times: number;
  last: number;
}

/** What one framework of them holds anew. */
interface Gain {
  /** undefined = the allocator does not know it (yet): that is no allocation. */
  readonly framework: AllocatorFramework | undefined;
  resources: Resources;
  times: number;
  last: number;
}

/** By role: what these parts are together, but for those with something shared. */
function gainsOf(draft: AllocatorDraft, parts: readonly Holding[]): ReadonlyMap<string, RoleGain> {
  const gains = new Map<string, RoleGain>();
  let allocations = 0;
  for (const { framework: id, role, resources } of parts) {
    if (isEmpty(resources) || hasShared(resources)) continue;
    const inRole = gains.get(role) ?? { role, holders: new Map<string, Gain>(), times: 0, last: 0 };
    const before = inRole.holders.get(id);
    const gain = before ?? { framework: draft.frameworks.get(id), resources: noResources, times: 0, last: 0 };
    if (inRole.holders.size === 0) gains.set(role, inRole);
    if (before === undefined) inRole.holders.set(id, gain);
    gain.resources = add(gain.resources, resources);
    if (gain.framework === undefined) continue;
    allocations += 1;
    inRole.last = allocations;
    inRole.times += 1;
    gain.last = inRole.times;
    gain.times += 1;
  }
  return gains;
}

/** Counts what an agent's holders hold anew, in the shares of both trees. */
function countGains(draft: AllocatorDraft, agent: AllocatorAgent, gains: ReadonlyMap<string, RoleGain>): void {
  const ofRoles: Allocations[] = [];
  for (const { role, holders, times, last } of gains.values()) {
    const ofClients: Allocations[] = [];
    for (const [id, gain] of holders) {
      if (gain.framework === undefined) rememberOrphan(draft, { agent: agent.id, framework: id, role });
      else {
        trackClient(draft, gain.framework, role);
        const more = quantitiesFromScalarResources(gain.resources);
        ofClients.push({ path: id, more, times: gain.times, last: gain.last });
      }
    }
    const tree = draft.clients.get(role);
    if (tree === undefined || ofClients.length === 0) continue;
    draft.clients = draft.clients.set(role, trackAllocations(tree, ofClients, draft.edit), draft.edit);
    ofRoles.push({ path: role, more: quantitiesSum(ofClients.map(({ more }) => more)), times, last });
  }
  draft.shares = trackAllocations(draft.shares, ofRoles, draft.edit);
  for (const { role, holders } of gains.values()) {
    for (const { framework } of holders.values()) {
      if (framework !== undefined && isEmpty(heldBy(agent, { framework: framework.id, role })))
        noteLingering(draft, framework, role, 1);
    }
  }
}

/** Several {@link release}s of one agent: its row is written once. */
export function releaseAll(draft: AllocatorDraft, id: string, parts: readonly Holding[]): void {
  // Of something shared it counts who else holds it: one by one.
  for (const { framework, role, resources } of parts) {
    if (hasShared(resources)) release(draft, { agent: id, framework, role }, resources);
  }
  const agent = draft.agents.get(id);
  if (agent === undefined) return;
  const held = new Map(agent.held.map((holding) => [keyOf(holding), holding.resources]));
  const back: Holding[] = [];
  for (const part of parts) {
    const own = held.get(keyOf(part)) ?? noResources;
    const resources = hasShared(part.resources) ? noResources : heldPart(own, part.resources);
    if (isEmpty(resources)) continue;
    held.set(keyOf(part), subtract(own, resources));
    back.push({ ...part, resources });
  }
  const rest = agent.held.map((holding) => ({ ...holding, resources: held.get(keyOf(holding)) ?? noResources }));
  writeHeld(
    draft,
    agent,
    rest.filter(({ resources }) => !isEmpty(resources)),
  );
  noteFresh(draft, id);
  for (const { framework, role, resources } of back)
    uncount(draft, { agent: id, framework, role }, { part: resources });
  const ended = new Map(back.map((part) => [keyOf(part), part]));
  for (const [key, { framework, role }] of ended) {
    if (isEmpty(held.get(key) ?? noResources)) noteEnd(draft, { agent: id, framework, role });
  }
}

/**
 * Puts other resources in the place of a part of what a framework holds, and gives the agent another total: no allocation
 * in any count (ALLOC-12). The caller says that the part is held.
 */
export function exchange(
  draft: AllocatorDraft,
  key: HoldingKey,
  { part, other, total }: { readonly part: Resources; readonly other: Resources; readonly total: Resources },
): void {
  const agent = draft.agents.get(key.agent);
  if (agent === undefined) return;
  const own = add(subtract(heldBy(agent, key), part), other);
  const held = setHeld(draft, { ...agent, total }, key, own);
  noteFresh(draft, agent.id);
  if (draft.frameworks.has(key.framework)) {
    if (hasShared(part) || hasShared(other)) recount(draft, key, { before: agent.held, after: held }, false);
    else countInstead(draft, key, part, other);
  }
  if (isEmpty(own)) noteEnd(draft, key);
}

/** What a framework holds of an agent in a role, offered or in use. */
export function heldBy(agent: AllocatorAgent, key: { readonly framework: string; readonly role: string }): Resources {
  for (const holding of agent.held) {
    if (holding.framework === key.framework && holding.role === key.role) return holding.resources;
  }
  return noResources;
}

/** What changed of what is held of one agent, and if copies of something shared are in it, all that is held before and after. */
export interface HoldingChange {
  readonly part: Resources;
  readonly before?: readonly Holding[];
  readonly after?: readonly Holding[];
  /** The framework held nothing in the role of this agent before. */
  readonly begins: boolean;
}

/** Counts a holding that agents reported before its framework was known, or that came with an agent. */
export function trackHolding(
  draft: AllocatorDraft,
  framework: AllocatorFramework,
  key: HoldingKey,
  change: HoldingChange,
): void {
  trackClient(draft, framework, key.role);
  if (hasShared(change.part)) recount(draft, key, change, true);
  else {
    const scalars = quantitiesFromScalarResources(change.part);
    draft.shares = trackAllocated(draft.shares, key.role, scalars, draft.edit);
    const tree = draft.clients.get(key.role) ?? emptyShareTree;
    draft.clients = draft.clients.set(key.role, trackAllocated(tree, framework.id, scalars, draft.edit), draft.edit);
  }
  if (change.begins) noteLingering(draft, framework, key.role, 1);
}

/** What came back does not count in shares any more. A framework that is not known has none. */
function uncount(draft: AllocatorDraft, key: HoldingKey, change: Omit<HoldingChange, 'begins'>): void {
  const { framework, role } = key;
  const tree = draft.clients.get(role);
  if (!draft.frameworks.has(framework) || tree === undefined || clientNode(tree, framework) === undefined) return;
  if (hasShared(change.part)) {
    recount(draft, key, change, false);
    return;
  }
  const scalars = quantitiesFromScalarResources(change.part);
  draft.shares = trackUnallocated(draft.shares, role, scalars, draft.edit);
  draft.clients = draft.clients.set(role, trackUnallocated(tree, framework, scalars, draft.edit), draft.edit);
}

/**
 * Counts a change in which copies of something shared may take part: each row of the two trees counts what all below it
 * hold of the agent, a shared thing once (SORT-9, SHARE-2).
 */
function recount(
  draft: AllocatorDraft,
  { framework, role }: HoldingKey,
  { before = [], after = [] }: Pick<HoldingChange, 'before' | 'after'>,
  allocates: boolean,
): void {
  const [old, now] = [before, after].map((held) => held.filter((holding) => draft.frameworks.has(holding.framework)));
  const both = (counts: (holding: Holding) => boolean): Recount => ({
    before: scalarsOf(old?.filter(counts) ?? []),
    after: scalarsOf(now?.filter(counts) ?? []),
  });
  const inRow = (row: string): Recount => both((holding) => isUnder(holding.role, row));
  draft.shares = recountAllocated(draft.shares, role, inRow, allocates, draft.edit);
  const ofClient = (row: string): Recount =>
    both((holding) => holding.role === role && (row === '' || holding.framework === row));
  const tree = draft.clients.get(role) ?? emptyShareTree;
  const next = recountAllocated(tree, framework, ofClient, allocates, draft.edit);
  draft.clients = draft.clients.set(role, next, draft.edit);
}

/** Counts one thing in the place of another, neither of them shared: every row changes alike. */
function countInstead(draft: AllocatorDraft, { framework, role }: HoldingKey, part: Resources, other: Resources): void {
  const amounts = (): Recount => ({
    before: quantitiesFromScalarResources(part),
    after: quantitiesFromScalarResources(other),
  });
  draft.shares = recountAllocated(draft.shares, role, amounts, false, draft.edit);
  const tree = draft.clients.get(role) ?? emptyShareTree;
  draft.clients = draft.clients.set(role, recountAllocated(tree, framework, amounts, false, draft.edit), draft.edit);
}

/** The scalars of several holdings of one agent together: a shared thing counts once. */
export function scalarsOf(held: readonly Holding[]): Quantities {
  return quantitiesFromScalarResources(held.reduce((sum, { resources }) => add(sum, resources), noResources));
}

/** Whether a row of the tree of roles counts a role: the virtual leaf of a role is for itself alone (SORT-6). */
function isUnder(role: string, row: string): boolean {
  if (row.endsWith('/.')) return role === row.slice(0, -2);
  return row === '' || role === row || role.startsWith(`${row}/`);
}

/** A framework holds nothing any more of an agent in a role: a role that it left may go. */
function noteEnd(draft: AllocatorDraft, key: HoldingKey): void {
  const framework = draft.frameworks.get(key.framework);
  if (framework !== undefined) noteLingering(draft, framework, key.role, -1);
  else if (!holdsAnything(draft, key.agent, key.framework)) forgetOrphan(draft, key.agent, key.framework);
}

function holdsAnything(draft: AllocatorDraft, agentId: string, framework: string): boolean {
  return draft.agents.get(agentId)?.held.some((holding) => holding.framework === framework) ?? false;
}

function setHeld(
  draft: AllocatorDraft,
  agent: AllocatorAgent,
  key: HoldingKey,
  resources: Resources,
): readonly Holding[] {
  const held = heldWith(agent.held, { framework: key.framework, role: key.role, resources });
  writeHeld(draft, agent, held);
  return held;
}

/** Holdings with one set to what is said: where it stands already, or where it belongs; if it is of nothing, without it. */
function heldWith(before: readonly Holding[], holding: Holding): readonly Holding[] {
  const { framework, role, resources } = holding;
  const at = before.findIndex((other) => other.framework === framework && other.role === role);
  const held = before.slice();
  if (at !== -1 && isEmpty(resources)) held.splice(at, 1);
  else if (at !== -1) held[at] = { framework, role, resources: pooled(resources) };
  else if (!isEmpty(resources)) {
    const next = before.findIndex((other) => compareHoldings(other, holding) > 0);
    held.splice(next === -1 ? held.length : next, 0, holding);
  }
  return held;
}

function writeHeld(draft: AllocatorDraft, agent: AllocatorAgent, held: readonly Holding[]): void {
  draft.agents = draft.agents.set(agent.id, withHeld(agent, held, freeOf(agent.total, held)), draft.edit);
}

/** The row with other holdings and offers. */
export function withHeld(
  agent: AllocatorAgent,
  held: readonly Holding[],
  free: Resources,
  offers: readonly number[] = agent.offers,
): AllocatorAgent {
  return rowOf(agent, held, free, offers, agent.refusals);
}

/** A literal, as copying by spread costs several times as much on this path. */
function rowOf(
  agent: AllocatorAgent,
  held: readonly Holding[],
  free: Resources,
  offers: readonly number[],
  refusals: Refusals,
): AllocatorAgent {
  return {
    id: agent.id,
    hostname: agent.hostname,
    attributes: agent.attributes,
    capabilities: agent.capabilities,
    domain: agent.domain,
    active: agent.active,
    total: agent.total,
    free,
    held,
    offers,
    refusals,
    maintenance: agent.maintenance,
  };
}

function keyOf({ framework, role }: Holding): string {
  return clientKey(framework, role);
}

/** By role, then framework. */
export function compareHoldings(a: Holding, b: Holding): number {
  return compareText(a.role, b.role) || compareText(a.framework, b.framework);
}

function rememberOrphan(draft: AllocatorDraft, key: HoldingKey): void {
  const agents = draft.orphans.get(key.framework) ?? Table.empty<true>();
  draft.orphans = draft.orphans.set(key.framework, agents.set(key.agent, true, draft.edit), draft.edit);
}

/** An agent no longer holds anything for a framework that is not known. */
function forgetOrphan(draft: AllocatorDraft, agent: string, framework: string): void {
  const agents = draft.orphans.get(framework)?.remove(agent, draft.edit);
  if (agents === undefined) return;
  draft.orphans =
    agents.size === 0 ? draft.orphans.remove(framework, draft.edit) : draft.orphans.set(framework, agents, draft.edit);
}
