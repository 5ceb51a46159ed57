import type { ClusterState, Input, Output } from '../../cluster/index.js';
import { drf } from '../../drf/index.js';
import type { Policy } from '../../offers/index.js';
import { Driven, type Step } from '../drives/driven.js';
import { openingOf } from '../drives/opening.js';
import { readPlan, type ClusterPlan } from '../plan.js';
import { enact } from './enact.js';
import type { Move } from './moves.js';

/**
 * A cluster, and what happens in it. It is data: the same history and policy give the same inputs and states.
 *
 * @remarks Since 0.1.0
 */
export interface History {
  readonly cluster: ClusterPlan;
  readonly moves: readonly Move[];
}

/**
 * What became of a history.
 *
 * @remarks Since 0.1.0
 */
export interface PlayedHistory {
  readonly state: ClusterState;
  /** What `transition` was told, from `emptyCluster()` on. */
  readonly inputs: readonly Input[];
}

/**
 * One input of a history, and what it led to.
 *
 * @remarks Since 0.1.0
 */
export interface HistoryStep {
  readonly before: ClusterState;
  readonly input: Input;
  readonly after: ClusterState;
  readonly outputs: readonly Output[];
}

/**
 * Plays a history: each move becomes an input, or some, that means something in the state at hand.
 *
 * @param look - is shown each step, at once; what it throws ends the history.
 * @throws InputError as `checkPolicy` for a bad cluster.
 * @example
 * ```ts
 * fc.assert(
 *   fc.property(anyHistory(), (history) => {
 *     playHistory(history, drf, ({ before, input, after, outputs }) => {
 *       if (stepViolation(before, input, after, outputs) !== undefined) throw new Error('a rule is broken');
 *     });
 *   }),
 * );
 * ```
 * @remarks Since 0.1.0
 */
export function playHistory(
  { cluster, moves }: History,
  policy: Policy = drf,
  look: (step: HistoryStep) => void = () => {},
): PlayedHistory {
  const trial = readPlan(cluster);
  const driven = new Driven(policy, { agents: trial.agents.length, users: trial.users.length });
  driven.look = (step: Step) => look(step);
  for (const input of openingOf(trial)) driven.tell(input);
  for (const move of moves) enact(driven, trial, move);
  return { state: driven.state, inputs: driven.inputs };
}
