/** The laws by name, and what a check of them comes to. */
import type { Input } from '../../cluster/index.js';

/**
 * Laws of a fair division: the eight of the paper's table 2 (Ghodsi et al., NSDI 2011, §3 and §6). What each says is in the
 * comment of `checkPolicy` for policies, and of `checkDivision` for divisions.
 *
 * @remarks Since 0.1.0
 */
export type FairnessLaw =
  | 'sharing-incentive'
  | 'envy-freeness'
  | 'pareto-efficiency'
  | 'strategy-proofness'
  | 'single-resource-fairness'
  | 'bottleneck-fairness'
  | 'population-monotonicity'
  | 'resource-monotonicity';

/**
 * Laws of a policy at work, beside those of fairness.
 *
 * @remarks Since 0.1.0
 */
export type ConductLaw =
  | 'no-over-allocation'
  | 'limits'
  | 'guarantees-first'
  | 'work-conservation'
  | 'determinism'
  | 'liveness'
  | 'termination';

/**
 * Everything that `checkPolicy` can ask.
 *
 * @remarks Since 0.1.0
 */
export type Law = FairnessLaw | ConductLaw;

/**
 * The laws of fairness, in the order of the paper.
 *
 * @remarks Since 0.1.0
 */
export const fairnessLaws: readonly FairnessLaw[] = Object.freeze([
  'sharing-incentive',
  'envy-freeness',
  'pareto-efficiency',
  'strategy-proofness',
  'single-resource-fairness',
  'bottleneck-fairness',
  'population-monotonicity',
  'resource-monotonicity',
] as const);

/**
 * The laws of conduct.
 *
 * @remarks Since 0.1.0
 */
export const conductLaws: readonly ConductLaw[] = Object.freeze([
  'termination',
  'determinism',
  'no-over-allocation',
  'limits',
  'guarantees-first',
  'work-conservation',
  'liveness',
] as const);

/** Whether a name is that of a law of fairness. */
export function isFairnessLaw(name: unknown): name is FairnessLaw {
  return fairnessLaws.some((law) => law === name);
}

/** Whether a name is that of a law. */
export function isLaw(name: unknown): name is Law {
  return isFairnessLaw(name) || conductLaws.some((law) => law === name);
}

/**
 * Who has how much, and how it came about.
 *
 * @remarks Since 0.1.0
 */
export interface Outcome {
  /** Resources as text. */
  readonly agents: readonly { readonly id: string; readonly resources: string }[];
  /** `demand` is one task, as text; each framework wants as many as it can get. */
  readonly frameworks: readonly {
    readonly name: string;
    readonly role: string;
    readonly weight: number;
    readonly demand: string;
  }[];
  /** What each framework has in the end: how many tasks (of a division: not whole), and what all of them take. */
  readonly allocated: readonly { readonly framework: string; readonly tasks: number; readonly resources: string }[];
  /** What `transition` is to be given, one after the other, from `emptyCluster()` on. Of a division: nothing. */
  readonly replay: readonly Input[];
}

/**
 * A cluster on which a law does not hold, as small as it could be made.
 *
 * @remarks Since 0.1.0
 */
export interface Counterexample extends Outcome {
  /** What is wrong, for a person. */
  readonly sentence: string;
  /** The other outcome, where a law compares two: after a lie, or when somebody left, or there is more, or once again. */
  readonly instead?: Outcome;
}

/**
 * What became of one law.
 *
 * @remarks Since 0.1.0
 */
export interface LawResult {
  readonly verdict: 'holds' | 'violated';
  /** On how many clusters it was tried. */
  readonly runs: number;
  /** There if it is violated. */
  readonly counterexample?: Counterexample;
}

/**
 * What a check came to.
 *
 * @remarks Since 0.1.0
 */
export interface CheckResult<L extends Law = Law> {
  /** Name of the policy, or of the function that divides. */
  readonly policy: string;
  /** With the same seed, laws and runs the same clusters are tried. */
  readonly seed: number;
  readonly laws: Partial<Record<L, LawResult>>;
}
