import fc from 'fast-check';
import type { History } from '../histories/history.js';
import { planOf } from '../plan.js';
import { drawn, type ClusterBounds } from './clusters.js';
import { moves } from './histories.js';

/**
 * How large a history may be.
 *
 * @remarks Since 0.1.0
 */
export interface HistoryBounds extends ClusterBounds {
  /** 20 if absent. */
  readonly maxMoves?: number;
  /**
   * Whether there are frameworks and agents that do not know the rules, or do not care: offers accepted twice, offers that
   * nobody made, tasks larger than the offer, answers over an old connection, reports of tasks that nobody launched. True if
   * absent.
   */
  readonly misbehaving?: boolean;
}

/**
 * A cluster and what happens in it: agents come, go and change; frameworks take, refuse and ignore offers, suppress and
 * revive; tasks end; weights change; and now and then somebody misbehaves. Any part of it taken away leaves a history, so it
 * shrinks to the steps that matter.
 *
 * @remarks Since 0.1.0
 */
export function anyHistory(bounds: HistoryBounds = {}): fc.Arbitrary<History> {
  const { maxMoves = 20, misbehaving = true, rich = true } = bounds;
  return fc.record({
    cluster: drawn({ ...bounds, rich }).map(planOf),
    moves: moves({ maxMoves, dishonest: misbehaving }),
  });
}
