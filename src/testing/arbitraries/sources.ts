/** Where the clusters of a check come from. */
import fc from 'fast-check';
import type { Trial } from '../laws/trial.js';
import { readPlan, type ClusterPlan } from '../plan.js';
import { eventful, withMoves } from './histories.js';
import { elsewhere, plainTrials, withTwists } from './trials.js';

/**
 * A cluster of one's own to check something on, or many that are drawn. Absent: small ones that lean to where policies err.
 *
 * @remarks Since 0.1.0
 */
export type ClusterSource = ClusterPlan | fc.Arbitrary<ClusterPlan>;

/** Clusters for the laws of fairness. @throws InputError as {@link readPlan}, for a cluster of one's own */
export function fairTrials(source: ClusterSource | undefined): fc.Arbitrary<Trial> {
  return withTwists(ownTrials(source) ?? elsewhere(plainTrials()));
}

/** Clusters with a history, for the laws of conduct. @throws InputError as {@link readPlan}, for a cluster of one's own */
export function eventfulTrials(source: ClusterSource | undefined): fc.Arbitrary<Trial> {
  const own = ownTrials(source);
  return own === undefined ? eventful(plainTrials()) : withMoves(own);
}

function ownTrials(source: ClusterSource | undefined): fc.Arbitrary<Trial> | undefined {
  if (source === undefined) return undefined;
  return 'generate' in source ? source.map(readPlan) : fc.constant(readPlan(source));
}
