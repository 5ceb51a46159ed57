/** What a rule of the state is, and how one that is broken is told. */
import type { AllocatorAgent } from '../../offers/index.js';
import type { Pace, Steps } from '../../resources/steps.js';
import type { Agent, ClusterState } from '../state.js';

/** A broken rule: which one (I1 …), where, and what is wrong. */
export interface Violation {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
}

/** What always holds of a state, in steps; what it gives is the first place where it does not. */
export type Rule = (state: ClusterState, pace: Pace) => Steps<Violation | undefined>;

/** How much work a row of the allocator is. */
export function partsOfMachine({ held }: AllocatorAgent): number {
  return 1 + held.length;
}

/** How much work an agent is, with what is on it. */
export function partsOfAgent({ tasks, executors, operations }: Agent): number {
  return 1 + 2 * tasks.length + executors.length + operations.length;
}

/** Tells of a rule that is broken. */
export function broken(rule: string, where: string, what: string): Violation {
  return { rule, where, what };
}
