import type { Policy } from '../offers/index.js';
import { checkPolicy, type CheckPolicyOptions } from './check-policy.js';
import type { CheckResult } from './laws/names.js';
import { isBroken, renderCheck } from './render.js';

/**
 * A policy broke a law. The message shows on which cluster, what happened there, and how to see it again.
 *
 * Compare `code`, not `instanceof`: the ESM and the CommonJS copy of this class are two classes.
 *
 * @remarks Since 0.1.0
 */
export class LawError extends Error {
  override readonly name: string = 'LawError';
  readonly code: 'law-broken' = 'law-broken';
  /** All that the check came to. */
  readonly result: CheckResult;

  constructor(result: CheckResult) {
    super(renderCheck(result));
    this.result = result;
  }
}

/**
 * Checks a policy as {@link checkPolicy} does, for a test: it is silent if all laws hold.
 *
 * @throws LawError `law-broken` if one does not, with the counterexamples as text; and what `checkPolicy` throws.
 * @example
 * ```ts
 * assertPolicy(mine, { laws: ['termination', 'determinism', 'sharing-incentive'], seed: 7 });
 * ```
 * @remarks Since 0.1.0
 */
export function assertPolicy(policy: Policy, options: CheckPolicyOptions = {}): void {
  const result = checkPolicy(policy, options);
  if (isBroken(result.laws)) throw new LawError(result);
}
