/** Who is who on the page: which role and which policy has which look. */
import { compareText } from '../../resources/index.js';
import type { PolicyResult, SimulationResult, TenantResult } from '../result.js';
import { look } from './looks.js';

/** With more roles than this only the most important ones have a colour of their own. */
const mostRoles = 6;
/** So many of these are those that waited longest; the others had the largest shares over the whole time. */
const worstOff = 2;

/** All roles, and those that can be told apart. */
export interface Cast {
  /** In the order of the results. */
  readonly roles: readonly string[];
  /** Those with a look of their own, in the order of the results. */
  readonly main: readonly string[];
  readonly others: readonly string[];
  lookOf(role: string): string;
}

/** Chooses. The same result gives the same choice. */
export function castOf({ policies }: SimulationResult): Cast {
  const roles = [...new Set(policies.flatMap(({ tenants }) => tenants.map(({ role }) => role)))];
  const asked = new Set(
    policies.flatMap(({ tenants }) => tenants.filter(({ tasks }) => tasks > 0).map(({ role }) => role)),
  );
  // Who asked for nothing needs no colour, unless nobody did.
  const seen = asked.size === 0 ? roles : roles.filter((role) => asked.has(role));
  const chosen = seen.length <= mostRoles ? new Set(seen) : chooseRoles(seen, policies);
  const main = roles.filter((role) => chosen.has(role));
  const looks = new Map(main.map((role, at) => [role, look(at)]));
  return {
    roles,
    main,
    others: roles.filter((role) => !chosen.has(role)),
    lookOf: (role) => looks.get(role) ?? 'grey',
  };
}

function chooseRoles(roles: readonly string[], policies: readonly PolicyResult[]): ReadonlySet<string> {
  const share = new Map<string, number>();
  for (const { series, simulatedMs } of policies)
    for (const { name, values } of series.shares) {
      const sum = values.reduce((total, value) => total + finite(value), 0);
      share.set(name, Math.max(share.get(name) ?? 0, finite((sum * series.spanMs) / simulatedMs)));
    }
  const largest = roles.toSorted((a, b) => (share.get(b) ?? 0) - (share.get(a) ?? 0) || compareText(a, b));
  const worst = policies.flatMap(({ tenants }) => tenants).toSorted(compareWorse);
  const chosen = new Set<string>();
  for (const { role } of worst) if (chosen.size < worstOff) chosen.add(role);
  for (const role of largest) if (chosen.size < mostRoles) chosen.add(role);
  return chosen;
}

/**
 * Who is worse off comes first: whoever started nothing of what it asked for, then by the waiting time of the 95th of a
 * hundred tasks, then by the longest.
 */
export function compareWorse(a: TenantResult, b: TenantResult): number {
  return (
    Number(starved(b)) - Number(starved(a)) ||
    finite(b.waitedMs.p95) - finite(a.waitedMs.p95) ||
    finite(b.waitedMs.max) - finite(a.waitedMs.max) ||
    compareText(a.role, b.role)
  );
}

/** Who had the least of what it asked for comes first: by the part of its tasks that started, then by its mean share. */
export function compareLeast(a: TenantResult, b: TenantResult): number {
  return startedPart(a) - startedPart(b) || finite(a.meanShare) - finite(b.meanShare) || compareText(a.role, b.role);
}

/** Whether it asked for something and got nothing. */
export function starved({ tasks, started }: TenantResult): boolean {
  return tasks > 0 && started === 0;
}

/** The part of its tasks that started; 1 if it had none. */
export function startedPart({ tasks, started }: TenantResult): number {
  return tasks > 0 ? finite(started / tasks) : 1;
}

/** The tenant that is worst off, of those that asked for something. */
export function worstOf({ tenants }: PolicyResult): TenantResult | undefined {
  return tenants.filter(({ tasks }) => tasks > 0).toSorted(compareWorse)[0];
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
