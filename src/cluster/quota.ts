/** Which quota configurations make sense (QUOTA-1). */
import {
  formatMilli,
  InputError,
  limits as readLimits,
  limitsContainQuantities,
  quantities as readQuantities,
  validateRole,
  type Limits,
  type Problem,
  type Quantities,
} from '../resources/index.js';
import { fieldOf, quote, shown } from '../resources/quote.js';

/** A quota as an operator writes it: amounts by name; an absent limit = unlimited. */
export interface QuotaLike {
  readonly role: string;
  readonly guarantees?: AmountsLike;
  readonly limits?: AmountsLike;
}

/** Plain amounts by resource name, or as pairs for names that an object could not hold. */
export type AmountsLike = Readonly<Record<string, number>> | readonly (readonly [string, number])[];

const EXABYTE_IN_MB = 1024 ** 4;
const TRILLION = 1e12;

/** Whether a quota may be set: a valid top-level or nested role, finite amounts within bounds, guarantees within limits. */
export function validateQuota(quota: QuotaLike): Problem | undefined {
  const role = validateQuotaRole(quota.role);
  if (role !== undefined) return role;
  const amounts = validateAmounts(quota.guarantees, 'guarantees') ?? validateAmounts(quota.limits, 'limits');
  if (amounts !== undefined) return amounts;
  try {
    const guarantees = readQuantities(entries(quota.guarantees));
    const limits = readLimits(entries(quota.limits));
    if (limitsContainQuantities(limits, guarantees)) return undefined;
    const message =
      `'QuotaConfig.guarantees' ${listed(guarantees)} is not contained within` +
      ` the 'QuotaConfig.limits' ${listed(limits)}`;
    return problem('guarantee-above-limit', 'guarantees', message);
  } catch (error) {
    if (error instanceof InputError) return problem(error.code, error.path, error.message);
    throw error;
  }
}

/** The type says that there is a role; a caller without types may leave it out all the same. */
function validateQuotaRole(role: unknown): Problem | undefined {
  if (typeof role !== 'string') return problem('bad-role', 'role', "'QuotaConfig.role' must be set");
  const bad = validateRole(role);
  return bad && problem(bad.code, 'role', `Invalid 'QuotaConfig.role': ${bad.message}`);
}

/** Amounts as Mesos prints them: `{ cpus: 20, mem: 40 }`. */
function listed({ names, millis }: Quantities | Limits): string {
  return `{ ${shown(names.map((name, index) => `${name}: ${formatMilli(millis[index] ?? 0)}`).join(', '))} }`;
}

function validateAmounts(amounts: AmountsLike | undefined, path: string): Problem | undefined {
  if (amounts !== undefined && (typeof amounts !== 'object' || amounts === null)) {
    return problem('bad-quantity', path, `Invalid 'QuotaConfig.${path}': expected amounts by name`);
  }
  for (const [name, value] of entries(amounts)) {
    const field = fieldOf(path, name);
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      return problem(
        'bad-quantity',
        field,
        `Invalid 'QuotaConfig.${path}': ${quote(name)} must be a finite number, 0 or more`,
      );
    }
    const isMegabytes = name === 'mem' || name === 'disk';
    if (isMegabytes && value > EXABYTE_IN_MB) {
      return problem(
        'too-large',
        field,
        `${quote(name)} values greater than 1 exabyte (${EXABYTE_IN_MB}) are not supported`,
      );
    }
    if (!isMegabytes && value > TRILLION) {
      return problem(
        'too-large',
        field,
        `${quote(name)} values greater than 1 trillion (${TRILLION}) are not supported`,
      );
    }
  }
  return undefined;
}

function entries(amounts: AmountsLike | undefined): readonly (readonly [string, number])[] {
  if (amounts === undefined) return [];
  return isPairs(amounts) ? amounts : Object.entries(amounts);
}

function isPairs(amounts: AmountsLike): amounts is readonly (readonly [string, number])[] {
  return Array.isArray(amounts);
}

function problem(code: string, path: string, message: string): Problem {
  return { code, path, message };
}
