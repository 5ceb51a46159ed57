/** SET-QUOTA (QUOTA-1 … 3). */
import { consumptionOf, countedOf, setQuota, QuotaBook, type Quota } from '../../offers/index.js';
import {
  InputError,
  isStrictSubrole,
  limits as readLimits,
  limitsContainQuantities,
  noQuantities,
  noResources,
  nonRevocable,
  quantities as readQuantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  quantitiesSum,
  roleAncestors,
  type Quantities,
  type Resources,
} from '../../resources/index.js';
import { quote, shown } from '../../resources/quote.js';
import type { Draft } from '../draft.js';
import type { Control } from '../inputs.js';
import { rescindOffer } from '../offers.js';
import { offersOn } from '../outstanding.js';
import type { Offer } from '../outputs.js';
import { validateQuota, type QuotaLike } from '../quota.js';

/** A role and its quota to be; null = none. */
interface RoleQuota {
  readonly role: string;
  readonly quota: Quota | null;
}

/**
 * Sets quotas, all of them or none. Nothing that runs is touched; offers are taken back so that limits hold and
 * guarantees can be met.
 *
 * @throws InputError for a quota that makes no sense (`bad-role`, `bad-quantity`, `guarantee-above-limit` …), and unless
 *   forced `limit-below-consumption`, `guarantees-above-capacity`, `guarantees-above-parent`
 */
export function setQuotas(draft: Draft, control: Extract<Control, { readonly type: 'set-quota' }>): void {
  const roles = draft.config.roles === null ? null : new Set(draft.config.roles);
  const read = control.quotas.map((like, index) => ({
    role: like.role,
    quota: readQuota(draft, like, roles, `quotas[${index}]`),
  }));
  const after = new Map<string, Quota>(draft.allocator.quotas.entries());
  for (const { role, quota } of read) {
    if (quota === null) after.delete(role);
    else after.set(role, quota);
  }
  if (control.force !== true) {
    demandRoom(draft, read);
    demandOrder(after);
    demandCapacity(draft, after);
  }
  for (const { role, quota } of read) setQuota(draft.allocator, role, quota);
  const book = new QuotaBook(draft.allocator);
  const offers = offersByRole(draft);
  for (const { role, quota } of read)
    if (quota !== null) makeRoom(draft, book, offers.get(role) ?? [], { role, quota });
  const agents = new Set(draft.agents.keys());
  for (const { role } of read) makeGuarantee(draft, book, agents, role);
}

function readQuota(draft: Draft, like: QuotaLike, roles: ReadonlySet<string> | null, path: string): Quota | null {
  const problem = validateQuota(like);
  if (problem !== undefined) throw new InputError(problem.code, `${path}.${problem.path}`, problem.message);
  if (!draft.config.nestedQuota && like.role.includes('/')) {
    throw new InputError(
      'nested-quota',
      `${path}.role`,
      `Role ${quote(like.role)} lies below another: it can have no quota`,
    );
  }
  if (roles?.has(like.role) === false) {
    throw new InputError('role-not-whitelisted', `${path}.role`, `Role ${quote(like.role)} may not be used`);
  }
  const guarantees = readQuantities(like.guarantees ?? []);
  const limits = readLimits(like.limits ?? []);
  return guarantees.names.length === 0 && limits.names.length === 0 ? null : { guarantees, limits };
}

/** QUOTA-3: a limit below what tasks already use would be broken from the start. Offers do not count: they can be taken back. */
function demandRoom(draft: Draft, quotas: readonly RoleQuota[]): void {
  const consumed = consumptionOf(draft.allocator);
  const offers = offersByRole(draft);
  for (const [index, { role, quota }] of quotas.entries()) {
    const offered = quantitiesSum((offers.get(role) ?? []).map(({ resources }) => countedOf(resources)));
    const used = quantitiesSubtract(consumed.get(role) ?? noQuantities, offered);
    if (quota === null || limitsContainQuantities(quota.limits, used)) continue;
    const message = `Role '${role}' already uses ${shown(used)}, more than the limits ${shown(quota.limits)}`;
    throw new InputError('limit-below-consumption', `quotas[${index}].limits`, message);
  }
}

/** What is guaranteed to roles below a role must be guaranteed to it, if anything is, and be within its limits. */
function demandOrder(quotas: ReadonlyMap<string, Quota>): void {
  const guaranteedBelow = new Map<string, Quantities>();
  for (const [role, { guarantees }] of quotas) {
    const above = roleAncestors(role).find((name) => quotas.has(name));
    if (above === undefined) continue;
    guaranteedBelow.set(above, quantitiesAdd(guaranteedBelow.get(above) ?? noQuantities, guarantees));
  }
  for (const [role, { guarantees, limits }] of quotas) {
    const below = guaranteedBelow.get(role) ?? noQuantities;
    const isCovered = guarantees.names.length === 0 || quantitiesContains(guarantees, below);
    if (isCovered && limitsContainQuantities(limits, below)) continue;
    const message = `Roles below '${role}' are guaranteed ${shown(below)}, more than the role itself`;
    throw new InputError('guarantees-above-parent', 'quotas', message);
  }
}

/** QUOTA-3: not more can be guaranteed than all agents have, reserved or not. */
function demandCapacity(draft: Draft, quotas: ReadonlyMap<string, Quota>): void {
  let capacity = noQuantities;
  draft.allocator.agents.forEach(({ total }) => {
    capacity = quantitiesAdd(capacity, quantitiesFromScalarResources(nonRevocable(total)));
  });
  const top = [...quotas].filter(([role]) => !roleAncestors(role).some((name) => quotas.has(name)));
  const guaranteed = top.reduce((sum, [, quota]) => quantitiesAdd(sum, quota.guarantees), noQuantities);
  if (quantitiesContains(capacity, guaranteed)) return;
  const message = `${shown(guaranteed)} would be guaranteed in all, the cluster has ${shown(capacity)}`;
  throw new InputError('guarantees-above-capacity', 'quotas', message);
}

/** Takes offers of the role and those below it back, newest first, until it is within its limits. */
function makeRoom(
  draft: Draft,
  book: QuotaBook,
  offers: readonly Offer[],
  { role, quota }: { readonly role: string; readonly quota: Quota },
): void {
  for (const offer of offers.toReversed()) {
    if (limitsContainQuantities(quota.limits, book.consumed(role))) return;
    if (countedOf(offer.resources).names.length > 0) takeBack(draft, book, offer.id);
  }
}

/**
 * Takes back what others are only offered, agent by agent, until what the role is guaranteed could be given.
 *
 * @param agents where to look; those of which nothing is offered are struck off
 */
function makeGuarantee(draft: Draft, book: QuotaBook, agents: Set<string>, role: string): void {
  const unmet = book.unmet(role);
  let missing = quantitiesSubtract(unmet, quantitiesSubtract(unmet, book.shortfall()));
  if (missing.names.length === 0) return;
  for (const agent of agents) {
    const offers = offersOn(draft, agent);
    if (offers.length === 0) agents.delete(agent);
    for (const { id, role: owner } of offers) {
      if (isBelow(owner, role)) continue;
      missing = quantitiesSubtract(missing, takeBack(draft, book, id));
    }
    if (missing.names.length === 0) return;
  }
}

/** Takes an offer back, unless it is not there any more; returns what came back of what counts. */
function takeBack(draft: Draft, book: QuotaBook, id: string): Quantities {
  const offer = draft.offers.get(id)?.offer;
  if (offer === undefined) return noQuantities;
  const free = (): Resources => draft.allocator.agents.get(offer.agent)?.free ?? noResources;
  const before = free();
  rescindOffer(draft, id);
  book.giveBack(offer.role, offer.resources, { before, after: free() });
  return countedOf(offer.resources);
}

/** Per role: the outstanding offers of it and the roles below it, oldest first. */
function offersByRole(draft: Draft): ReadonlyMap<string, readonly Offer[]> {
  const byRole = new Map<string, Offer[]>();
  const oldestFirst = draft.offers
    .values()
    .map(({ offer }) => offer)
    .sort((a, b) => a.at - b.at || a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
  for (const offer of oldestFirst) {
    for (const role of [offer.role, ...roleAncestors(offer.role)]) {
      const offers = byRole.get(role);
      if (offers === undefined) byRole.set(role, [offer]);
      else offers.push(offer);
    }
  }
  return byRole;
}

function isBelow(role: string, top: string): boolean {
  return role === top || isStrictSubrole(role, top);
}
