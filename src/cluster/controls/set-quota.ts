/** SET-QUOTA (QUOTA-1 … 3). */
import { consumptionOf, countable, setQuota, QuotaBook, type Quota } from '../../offers/index.js';
import {
  InputError,
  isStrictSubrole,
  limits as readLimits,
  limitsContainQuantities,
  noQuantities,
  nonRevocable,
  quantities as readQuantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  roleAncestors,
  type Quantities,
} from '../../resources/index.js';
import type { Draft } from '../draft.js';
import type { Control } from '../inputs.js';
import { rescindOffer } from '../offers.js';
import type { Offer } from '../outputs.js';
import { validateQuota, type QuotaLike } from '../quota.js';

/**
 * Sets quotas, all of them or none. Nothing that runs is touched; offers are taken back so that limits hold and
 * guarantees can be met.
 *
 * @throws InputError for a quota that makes no sense (`bad-role`, `bad-quantity`, `guarantee-above-limit` …), and unless
 *   forced `limit-below-consumption`, `guarantees-above-capacity`, `guarantees-above-parent`
 */
export function setQuotas(draft: Draft, control: Extract<Control, { readonly type: 'set-quota' }>): void {
  const read = control.quotas.map((like, index) => ({
    role: like.role,
    quota: readQuota(draft, like, `quotas[${index}]`),
  }));
  const after = new Map<string, Quota>(draft.allocator.quotas.entries());
  for (const { role, quota } of read) {
    if (quota === null) after.delete(role);
    else after.set(role, quota);
  }
  if (control.force !== true) {
    for (const [index, { role, quota }] of read.entries()) {
      if (quota !== null) demandRoom(draft, role, quota, `quotas[${index}].limits`);
    }
    demandOrder(after);
    demandCapacity(draft, after);
  }
  for (const { role, quota } of read) setQuota(draft.allocator, role, quota);
  for (const { role, quota } of read) if (quota !== null) makeRoom(draft, role, quota);
  for (const { role } of read) makeGuarantee(draft, role);
}

function readQuota(draft: Draft, like: QuotaLike, path: string): Quota | null {
  const problem = validateQuota(like);
  if (problem !== undefined) throw new InputError(problem.code, `${path}.${problem.path}`, problem.message);
  if (!draft.config.nestedQuota && like.role.includes('/')) {
    throw new InputError(
      'nested-quota',
      `${path}.role`,
      `Role '${like.role}' lies below another: it can have no quota`,
    );
  }
  if (draft.config.roles !== null && !draft.config.roles.includes(like.role)) {
    throw new InputError('role-not-whitelisted', `${path}.role`, `Role '${like.role}' may not be used`);
  }
  const guarantees = readQuantities(like.guarantees ?? []);
  const limits = readLimits(like.limits ?? []);
  return guarantees.names.length === 0 && limits.names.length === 0 ? null : { guarantees, limits };
}

/** QUOTA-3: a limit below what tasks already use would be broken from the start. Offers do not count: they can be taken back. */
function demandRoom(draft: Draft, role: string, quota: Quota, path: string): void {
  const consumed = consumptionOf(draft.allocator).get(role) ?? noQuantities;
  const used = quantitiesSubtract(consumed, offeredBelow(draft, role));
  if (limitsContainQuantities(quota.limits, used)) return;
  const message = `Role '${role}' already uses ${String(used)}, more than the limits ${String(quota.limits)}`;
  throw new InputError('limit-below-consumption', path, message);
}

/** What is guaranteed to roles below a role must be guaranteed to it, if anything is, and be within its limits. */
function demandOrder(quotas: ReadonlyMap<string, Quota>): void {
  for (const [role, { guarantees, limits }] of quotas) {
    const below = directlyBelow(quotas, role).reduce(
      (sum, quota) => quantitiesAdd(sum, quota.guarantees),
      noQuantities,
    );
    const isCovered = guarantees.names.length === 0 || quantitiesContains(guarantees, below);
    if (isCovered && limitsContainQuantities(limits, below)) continue;
    const message = `Roles below '${role}' are guaranteed ${String(below)}, more than the role itself`;
    throw new InputError('guarantees-above-parent', 'quotas', message);
  }
}

function directlyBelow(quotas: ReadonlyMap<string, Quota>, role: string): readonly Quota[] {
  return [...quotas].flatMap(([other, quota]) => {
    const above = roleAncestors(other).find((name) => quotas.has(name));
    return isStrictSubrole(other, role) && above === role ? [quota] : [];
  });
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
  const message = `${String(guaranteed)} would be guaranteed in all, the cluster has ${String(capacity)}`;
  throw new InputError('guarantees-above-capacity', 'quotas', message);
}

/** Takes offers of the role and those below it back, newest first, until it is within its limits. */
function makeRoom(draft: Draft, role: string, quota: Quota): void {
  let consumed = consumptionOf(draft.allocator).get(role) ?? noQuantities;
  for (const offer of offersBelow(draft, role).toReversed()) {
    if (limitsContainQuantities(quota.limits, consumed)) return;
    const amounts = quantitiesFromScalarResources(countable(offer.resources));
    if (amounts.names.length === 0) continue;
    rescindOffer(draft, offer.id);
    consumed = quantitiesSubtract(consumed, amounts);
  }
}

/** Takes back what others are only offered, agent by agent, until what the role is guaranteed could be given. */
function makeGuarantee(draft: Draft, role: string): void {
  const book = new QuotaBook(draft.allocator);
  const unmet = book.unmet(role);
  let missing = quantitiesSubtract(unmet, quantitiesSubtract(unmet, book.shortfall()));
  for (const agent of draft.agents.values()) {
    if (missing.names.length === 0) return;
    const others = agent.offers.filter((id) => !isBelow(draft.offers.get(id)?.offer.role ?? role, role));
    for (const id of others) {
      const offer = draft.offers.get(id)?.offer;
      if (offer === undefined) continue;
      rescindOffer(draft, id);
      missing = quantitiesSubtract(missing, quantitiesFromScalarResources(countable(offer.resources)));
    }
  }
}

function offeredBelow(draft: Draft, role: string): Quantities {
  return offersBelow(draft, role).reduce(
    (sum, { resources }) => quantitiesAdd(sum, quantitiesFromScalarResources(countable(resources))),
    noQuantities,
  );
}

/** Outstanding offers of a role and the roles below it, oldest first. */
function offersBelow(draft: Draft, role: string): readonly Offer[] {
  return draft.offers
    .values()
    .map(({ offer }) => offer)
    .filter((offer) => isBelow(offer.role, role))
    .sort((a, b) => a.at - b.at || a.id.length - b.id.length || (a.id < b.id ? -1 : 1));
}

function isBelow(role: string, top: string): boolean {
  return role === top || isStrictSubrole(role, top);
}
