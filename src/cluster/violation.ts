/**
 * What always holds: of a state by itself (`violation`) and of one step (`stepViolation`). It looks at the tables alone
 * and has its own arithmetic, so that a mistake of the machine is not repeated by its judge.
 */
import { finish, Pace, ROWS_A_STEP, type Steps } from '../resources/steps.js';
import type { Input } from './inputs.js';
import { claimsHold } from './invariants/claims.js';
import { agentsHoldNoMoreThanTheyHave } from './invariants/holdings.js';
import { inverseOffersHold } from './invariants/inverse-offers.js';
import { limitsHold } from './invariants/limits.js';
import { wholeNumbers } from './invariants/numbers.js';
import {
  noOfferIsFiltered,
  offersAreBounded,
  offersAreCounted,
  offersLeaveOnce,
  offersNameTheLiving,
} from './invariants/offers.js';
import { endsStay, operationsHold } from './invariants/operations.js';
import { planHolds } from './invariants/plan.js';
import { memoryIsBounded, referencesHold } from './invariants/references.js';
import type { Rule, Violation } from './invariants/rule.js';
import { serviceHolds, waitIsEmpty } from './invariants/service.js';
import { sumsAgree } from './invariants/sums.js';
import { statesAreLegal, terminalTasksWait } from './invariants/tasks.js';
import type { Output } from './outputs.js';
import type { ClusterState } from './state.js';

export type { Violation };

/** The first rule that a state breaks; undefined = none. */
export function violation(state: ClusterState): Violation | undefined {
  return finish(violationInSteps(state));
}

/** As {@link violation}, in steps that look at so many rows. */
export function* violationInSteps(state: ClusterState, rowsAStep: number = ROWS_A_STEP): Steps<Violation | undefined> {
  const pace = new Pace(rowsAStep);
  for (const rule of rules) {
    const found = yield* rule(state, pace);
    if (found !== undefined) return found;
  }
  return undefined;
}

const rules: readonly Rule[] = [
  wholeNumbers,
  agentsHoldNoMoreThanTheyHave,
  offersNameTheLiving,
  terminalTasksWait,
  sumsAgree,
  noOfferIsFiltered,
  memoryIsBounded,
  referencesHold,
  operationsHold,
  offersAreCounted,
  waitIsEmpty,
  serviceHolds,
  planHolds,
  inverseOffersHold,
  claimsHold,
];

/** The first rule that a step breaks; undefined = none. */
export function stepViolation(
  before: ClusterState,
  input: Input,
  after: ClusterState,
  outputs: readonly Output[],
): Violation | undefined {
  return violation(after) ?? changeViolation(before, input, after, outputs);
}

/** As {@link stepViolation}, but for what a state by itself breaks: for who looks at states less often than at steps. */
export function changeViolation(
  before: ClusterState,
  input: Input,
  after: ClusterState,
  outputs: readonly Output[],
): Violation | undefined {
  return (
    limitsHold(before, input, after) ??
    offersAreBounded(before, input, after) ??
    offersLeaveOnce(before, after, outputs) ??
    statesAreLegal(before, input, after) ??
    endsStay(before, input, after)
  );
}
