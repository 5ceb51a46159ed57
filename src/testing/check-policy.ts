import type { Policy } from '../offers/index.js';
import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { eventfulTrials, fairTrials, type ClusterSource } from './arbitraries/sources.js';
import { conductLaws, fairnessLaws, isLaw, type CheckResult, type Law } from './laws/names.js';
import { policyChecks } from './laws/policy-checks.js';
import { readLaws, readSearch, search } from './laws/search.js';
import { manyfold } from './laws/trial.js';

/**
 * How a policy is checked.
 *
 * @remarks Since 0.1.0
 */
export interface CheckPolicyOptions {
  /** Absent: {@link defaultLaws}. */
  readonly laws?: readonly Law[];
  /** On how many clusters each law is tried; 1000 if absent. */
  readonly runs?: number;
  /** A whole number; drawn if absent, and told in the result. */
  readonly seed?: number;
  /** Absent: small clusters, of up to three agents and three frameworks, that lean to where policies err. */
  readonly cluster?: ClusterSource;
}

/**
 * The laws that `checkPolicy` asks if it is not told which: all but `resource-monotonicity`, which no policy can keep that
 * leaves nothing over and gives everybody its part (Ghodsi et al., NSDI 2011, theorem 6).
 *
 * @remarks Since 0.1.0
 */
export const defaultLaws: readonly Law[] = Object.freeze([
  ...conductLaws,
  ...fairnessLaws.filter((law) => law !== 'resource-monotonicity'),
]);

/**
 * Tries laws on a policy, each on many small clusters, by driving `transition` with it; synchronous. A law that is broken is
 * shown on a cluster that was made as small as it could be.
 *
 * **Laws of fairness.** Frameworks want as many tasks of one size as they can get, each in a role of its own or all in one, or
 * two that are alike in one, which then counts as one; one agent is filled at a time; whoever is offered something takes one task and gives the rest back; tasks never end; an agent
 * whose next client's task does not fit is closed (Ghodsi et al., NSDI 2011, theorem 7). What is divided cannot be cut, so each
 * law has its slack, which is what `drf` may need and no more. The _part_ of a user is the largest part of anything in the
 * cluster that one of its tasks takes; its _share_ is its tasks times its part, divided by its weight.
 *
 * - `sharing-incentive`: everybody's tasks times its part are at least its weight's part of what is in use (of the kind of
 *   which most is), when one task of each of the others is set aside.
 * - `envy-freeness`: nobody would run more tasks with what another has, less one task; both by weight.
 * - `pareto-efficiency`: when all agents are opened again and everybody looks away from those on which its task does not fit,
 *   in the end nobody's task fits anywhere.
 * - `strategy-proofness`: on one agent, by asking for other tasks nobody runs more of its own; but for one, and in shares one
 *   of the tasks asked for and one of anybody else.
 * - `single-resource-fairness`: of one kind alone, by weight, nobody has more than another by more than one task; nor, when
 *   everybody takes all that it is offered of several agents in one run, by more than the largest grant.
 * - `bottleneck-fairness`: the same of the kind that everybody needs most of, in parts of what there is.
 * - `population-monotonicity`: on one agent, when somebody is not there, nobody else has less; but for one of its tasks, and in
 *   shares one of anybody else.
 * - `resource-monotonicity`: the same when there is more of something. Not asked unless it is named, see {@link defaultLaws}.
 *
 * **Laws of conduct.** Histories in which agents and frameworks come, go and misbehave, offers are taken, refused and left
 * lying, with quotas, nested roles, frameworks of two roles, ports, sets, volumes, and what is reserved, revocable or shared.
 *
 * - `termination`: no run fails: the policy does not throw, ranks by numbers, and does not look at things for ever. (What loops
 *   without looking at anything is not found: it hangs.)
 * - `determinism`: the same run gives the same, asked twice in a row, in the same history once more, and with ranks asked anew
 *   each time, which finds a `changesWith` that is not true. Once more is with a `Math.random`, a `Date` and a
 *   `performance.now` that say something else (they are put back), from a state that was written down and read back, and while
 *   the policy serves another cluster. A rank depends on the fields of the client alone, not on the objects they are in.
 * - `no-over-allocation`: no grant is refused (above `most`, twice, to nobody), and no invariant of the machine breaks.
 * - `limits`: no role holds more than its limit, nor is granted more.
 * - `guarantees-first`: in the end no task that is all guaranteed to its role could still run.
 * - `work-conservation`: when nobody answers, in the end `drf` would find nothing more to give.
 * - `liveness`: when everybody refuses all it is offered, everybody is soon offered enough for its task, if it is under `drf`.
 *
 * A law that is broken is a verdict, not an error: `fifo` has no sharing incentive and is not meant to.
 *
 * @throws InputError `bad-policy`, `bad-runs`, `bad-seed`, `unknown-law`; of a cluster of one's own `bad-cluster` and what is
 *   wrong with its amounts, weights or quotas.
 * @example
 * ```ts
 * const { laws, seed } = checkPolicy(fifo, { laws: ['sharing-incentive'] });
 * laws['sharing-incentive']?.counterexample?.sentence; // 'b has 0 tasks, at most 0 % of anything, while 100 % of cpus …'
 * ```
 * @remarks Since 0.1.0
 */
export function checkPolicy(policy: Policy, options: CheckPolicyOptions = {}): CheckResult {
  demandPolicy(policy);
  const laws = readLaws(options.laws ?? defaultLaws, isLaw);
  const asked = readSearch(options);
  const fair = fairTrials(options.cluster);
  const trials = { fair, ample: fair.map(manyfold), eventful: eventfulTrials(options.cluster) };
  return { policy: policy.name, seed: asked.seed, laws: search(policyChecks(policy, laws, trials), asked) };
}

/** Users without types bring anything. @throws InputError `bad-policy` */
function demandPolicy(policy: unknown): asserts policy is Policy {
  const like = policy as Partial<Record<'name' | 'rank' | 'allocate', unknown>> | null;
  const isObject = typeof like === 'object' && like !== null;
  if (
    !isObject ||
    typeof like.name !== 'string' ||
    (typeof like.rank !== 'function' && typeof like.allocate !== 'function')
  ) {
    throw new InputError(
      'bad-policy',
      'policy',
      `a policy has a name and a rank or an allocate, ${quote(policy)} has not`,
    );
  }
}
