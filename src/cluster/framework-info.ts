/** What a framework may say of itself (FW-1 … 4, ROLE-1, ROLE-2, ROLE-4, SUPP-3), and reading it. */
import { noConstraints, offerConstraints } from '../offers/index.js';
import {
  InputError,
  compareText,
  problemIn,
  quantities,
  validateId,
  validateRole,
  type Problem,
  type Quantities,
} from '../resources/index.js';
import { fieldOf, quote } from '../resources/quote.js';
import { frameworkCapabilities, readLabels, type FrameworkCapability } from '../tasks/index.js';
import type { FrameworkInfo, OfferFilterLike } from './inputs.js';
import type { FrameworkSettings } from './state.js';

/** Capabilities of a framework that names none: one written against this library knows roles and all fourteen states. */
export const defaultFrameworkCapabilities: readonly FrameworkCapability[] = Object.freeze<FrameworkCapability[]>([
  'multi-role',
  'partition-aware',
]);

/** A failover timeout beyond this (some three thousand years) means for ever; sums with the clock stay exact. */
const LONGEST_FAILOVER_MS = 1e14;

/** What {@link validateFramework} looks at: what a framework says of itself, and the id that it claims. */
export interface FrameworkClaim extends FrameworkInfo {
  readonly id?: string;
}

/**
 * Whether a framework may say this of itself.
 *
 * @param roles the only roles that may be used; null = any (ROLE-4)
 */
export function validateFramework(info: FrameworkClaim, roles: readonly string[] | null = null): Problem | undefined {
  return (
    validateClaimedId(info) ??
    validateCapabilities(info) ??
    validateRoles(info, roles) ??
    validateSuppressed(info) ??
    validateOfferFilters(info) ??
    validateConstraints(info) ??
    validateFailoverTimeout(info.failoverTimeoutMs) ??
    validatePriority(info.priority)
  );
}

/** Whether a framework may change from one description to another: principal, user and checkpoint are for ever (FW-4). */
export function validateFrameworkChange(before: FrameworkInfo, after: FrameworkInfo): Problem | undefined {
  if (before.principal !== after.principal) {
    return problem('principal-changed', 'principal', "Changing framework's principal is not allowed.");
  }
  if (before.user !== after.user) {
    return problem('user-changed', 'user', "Updating 'FrameworkInfo.user' is unsupported");
  }
  if ((before.checkpoint ?? false) !== (after.checkpoint ?? false)) {
    return problem('checkpoint-changed', 'checkpoint', "Updating 'FrameworkInfo.checkpoint' is unsupported");
  }
  return undefined;
}

/**
 * Reads a valid description and completes it with defaults. It is frozen, since queries and launches hand out its lists.
 *
 * @throws InputError for a quantity or a constraint that `validateFramework` would have found
 */
export function readFramework(info: FrameworkInfo): FrameworkSettings {
  return Object.freeze({
    name: info.name ?? '',
    user: info.user ?? '',
    principal: info.principal ?? null,
    hostname: info.hostname ?? null,
    webuiUrl: info.webuiUrl ?? null,
    roles: sorted(rolesOf(info)),
    suppressedRoles: sorted(info.suppressedRoles ?? []),
    capabilities: Object.freeze([...capabilitiesOf(info)]),
    failoverTimeoutMs: Math.min(Math.round(info.failoverTimeoutMs ?? 0), LONGEST_FAILOVER_MS),
    checkpoint: info.checkpoint ?? false,
    minAllocatable: Object.freeze(
      offerFilters(info).flatMap(([role, filter]) => {
        // A filter that says nothing of a minimum leaves the cluster's (ALLOC-6).
        const minAllocatable = minimumsOf(filter, role);
        return minAllocatable === undefined ? [] : [Object.freeze({ role, minAllocatable })];
      }),
    ),
    offerConstraints: info.offerConstraints === undefined ? noConstraints : offerConstraints(info.offerConstraints),
    priority: info.priority ?? 0,
    labels: readLabels(info.labels ?? []),
  });
}

/** The capabilities of a description; absent = the default ones. */
export function capabilitiesOf(info: FrameworkInfo): readonly FrameworkCapability[] {
  return info.capabilities ?? defaultFrameworkCapabilities;
}

/** The roles of a description (ROLE-2): `roles` with `multi-role`, else the one `role`, else `*`. */
function rolesOf(info: FrameworkInfo): readonly string[] {
  if (info.roles !== undefined) return info.roles;
  if (info.role !== undefined) return [info.role];
  return capabilitiesOf(info).includes('multi-role') && info.capabilities !== undefined ? [] : ['*'];
}

function validateClaimedId({ id }: FrameworkClaim): Problem | undefined {
  return id === undefined || id === '' ? undefined : validateId(id, 'framework');
}

function validateCapabilities({ capabilities }: FrameworkInfo): Problem | undefined {
  const known: readonly string[] = frameworkCapabilities;
  const stranger = capabilities?.find((capability) => !known.includes(capability));
  return stranger === undefined
    ? undefined
    : problem('unknown-capability', 'capabilities', `There is no capability ${quote(stranger)}`);
}

function validateRoles(info: FrameworkInfo, whitelist: readonly string[] | null): Problem | undefined {
  const multiRole = capabilitiesOf(info).includes('multi-role');
  if (info.role !== undefined && (info.roles !== undefined || (multiRole && info.capabilities !== undefined))) {
    return problem(
      'role-and-roles',
      'role',
      "'role' must not be set with the capability multi-role, or beside 'roles'",
    );
  }
  if (info.roles !== undefined && !multiRole) {
    return problem('roles-without-multi-role', 'roles', "'roles' must not be set without the capability multi-role");
  }
  const named = new Set<string>();
  const allowed = whitelist === null ? null : new Set(whitelist);
  for (const [index, role] of rolesOf(info).entries()) {
    const path = info.roles === undefined ? 'role' : `roles[${index}]`;
    const bad = validateRole(role);
    if (bad !== undefined) return problem(bad.code, path, bad.message);
    if (named.has(role)) return problem('duplicate-role', path, `The role ${quote(role)} is named twice`);
    named.add(role);
    if (allowed?.has(role) === false) {
      return problem('role-not-whitelisted', path, `Role ${quote(role)} is not present in the master's --roles`);
    }
  }
  return undefined;
}

function validateSuppressed(info: FrameworkInfo): Problem | undefined {
  const roles = new Set(rolesOf(info));
  const stranger = info.suppressedRoles?.find((role) => !roles.has(role));
  return stranger === undefined
    ? undefined
    : problem(
        'suppressed-not-subscribed',
        'suppressedRoles',
        `Suppressed role ${quote(stranger)} is not among the roles`,
      );
}

function validateOfferFilters(info: FrameworkInfo): Problem | undefined {
  for (const [role, filter] of offerFilters(info)) {
    const path = fieldOf('offerFilters', role);
    const bad = validateRole(role);
    if (bad !== undefined) return problem(bad.code, path, bad.message);
    try {
      if (minimumsOf(filter, role) !== undefined) continue;
    } catch (error) {
      if (error instanceof InputError) return problem('bad-offer-filter', error.path, error.message);
      throw error;
    }
  }
  return undefined;
}

/** CONS-3: they must make sense, and only for roles of the framework. */
function validateConstraints(info: FrameworkInfo): Problem | undefined {
  const { offerConstraints: constraints } = info;
  if (constraints === undefined) return undefined;
  const bad = problemIn(() => offerConstraints(constraints));
  if (bad !== undefined) return problem(bad.code, bad.path, `${bad.path}: ${bad.message}`);
  const roles = new Set(rolesOf(info));
  const stranger = constraints.findIndex(({ role }) => !roles.has(role));
  if (stranger === -1) return undefined;
  const message = `Constrained role ${quote(constraints[stranger]?.role)} is not among the roles`;
  return problem('bad-constraints', `offerConstraints[${stranger}].role`, message);
}

function validateFailoverTimeout(timeout: number | undefined): Problem | undefined {
  if (timeout === undefined || (Number.isFinite(timeout) && timeout >= 0)) return undefined;
  return problem(
    'bad-failover-timeout',
    'failoverTimeoutMs',
    'The failover timeout must be a finite number, 0 or more',
  );
}

function validatePriority(priority: number | undefined): Problem | undefined {
  if (priority === undefined || Number.isFinite(priority)) return undefined;
  return problem('bad-priority', 'priority', 'The priority must be a finite number');
}

/** Per role, whichever way they were written. */
function offerFilters({ offerFilters: filters }: FrameworkInfo): readonly (readonly [string, OfferFilterLike])[] {
  if (filters === undefined) return [];
  return isPairs(filters) ? filters : Object.entries(filters);
}

function isPairs(
  filters: NonNullable<FrameworkInfo['offerFilters']>,
): filters is readonly (readonly [string, OfferFilterLike])[] {
  return Array.isArray(filters);
}

function minimumsOf(filter: OfferFilterLike, role: string): readonly Quantities[] | undefined {
  return filter.minAllocatable && Object.freeze(filter.minAllocatable.map((like) => readMinimum(like, role)));
}

function readMinimum(like: string | Readonly<Record<string, number>>, role: string): Quantities {
  if (typeof like !== 'string') {
    for (const [name, value] of Object.entries(like)) {
      // A remote framework may have written anything: only numbers are compared.
      const isNumber = typeof value === 'number';
      if (isNumber && Number.isFinite(value) && value >= 0) continue;
      const why = isNumber && value < 0 ? 'Negative values not supported' : 'Values must be finite';
      throw new InputError(
        'bad-quantity',
        fieldOf('offerFilters', role),
        `Invalid resource quantity for ${quote(name)}: ${why}`,
      );
    }
  }
  return quantities(like);
}

function sorted(roles: readonly string[]): readonly string[] {
  return Object.freeze([...roles].sort(compareText));
}

function problem(code: string, path: string, message: string): Problem {
  return { code, path, message };
}
