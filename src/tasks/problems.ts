import { problemIn, type Problem } from '../resources/index.js';

/** A problem whose message begins with `prefix`. */
export function prefixed(prefix: string, problem: Problem | undefined): Problem | undefined {
  return problem && { ...problem, message: `${prefix}${problem.message}` };
}

/** The first problem that one of the checks finds; later ones are not asked (§14: the first error is reported). */
export function firstProblem(checks: Iterable<() => Problem | undefined>): Problem | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/**
 * A duration is a whole number of milliseconds, zero or more. Minus zero, NaN, infinities and what is too large to be
 * exact are refused: a state must read back as it was written.
 *
 * @param subject how the message names it: `Task's 'kill_policy.grace_period'`
 */
export function validateDuration(ms: number | undefined, subject: string, path: string): Problem | undefined {
  if (ms === undefined || isDuration(ms)) return undefined;
  const demand = ms < 0 || Object.is(ms, -0) ? 'must be non-negative' : 'must be a whole number of milliseconds';
  return { code: 'bad-duration', path, message: `${subject} ${demand}` };
}

/** Whether `ms` can be a duration: a safe integer, zero or more. */
export function isDuration(ms: unknown): ms is number {
  return Number.isSafeInteger(ms) && (ms as number) >= 0 && !Object.is(ms, -0);
}

/**
 * What `check` finds; a mistake that some arithmetic on the way throws (a sum that is too large) is found like any other.
 */
export function guarded<P>(check: () => P | undefined, wrap: (thrown: Problem) => P): P | undefined {
  let found: P | undefined;
  const thrown = problemIn(() => {
    found = check();
  });
  return thrown === undefined ? found : wrap(thrown);
}
