/** The least list of inputs that breaks a rule of the machine, without anything around it. */
import {
  changeViolation,
  transition,
  violation,
  type ClusterState,
  type Input,
  type Output,
} from '../../cluster/index.js';
import { drf } from '../../drf/index.js';
import { replaySteps } from '../../master/index.js';
import { isInputError } from '../../master/errors.js';
import type { Policy } from '../../offers/index.js';
import { smallest } from './smaller.js';

/** From where, and what happens. */
export interface History {
  readonly start: ClusterState;
  readonly inputs: readonly Input[];
}

/** Whether a step shows what is looked for. */
export type Judge = (before: ClusterState, input: Input, after: ClusterState, outputs: readonly Output[]) => boolean;

/** Looks for one rule of the machine. */
export function judgeOf(rule: string): Judge {
  return (before, input, after, outputs) =>
    (changeViolation(before, input, after, outputs) ?? violation(after))?.rule === rule;
}

/**
 * What of a record shows something.
 *
 * @param lines of one master
 * @returns undefined when no step of it does: what broke was a promise about more than one
 */
export function shortestHistory(lines: readonly string[], shows: Judge, policy: Policy = drf): History | undefined {
  const whole = upToFailure(lines, shows, policy);
  if (whole === undefined) return undefined;
  let tries = 0;
  const inputs = smallest(whole.inputs, (part) => {
    tries += 1;
    return tries <= mostTries && endShows({ ...whole, inputs: part }, shows, policy);
  });
  return { ...whole, inputs };
}

/** Each takes as long as the history is. */
const mostTries = 2_000;

function upToFailure(lines: readonly string[], shows: Judge, policy: Policy): History | undefined {
  const inputs: Input[] = [];
  let start: ClusterState | undefined;
  for (const { before, input, state, outputs } of replaySteps(lines, { policies: [policy] })) {
    start ??= before;
    inputs.push(input);
    if (shows(before, input, state, outputs)) return { start, inputs };
  }
  return undefined;
}

/** Whether the last step shows it. What means nothing any more has no effect. */
function endShows({ start, inputs }: History, shows: Judge, policy: Policy): boolean {
  let state = start;
  for (const [index, input] of inputs.entries()) {
    const before = state;
    try {
      const [after, outputs] = transition(before, input, policy);
      state = after;
      if (index === inputs.length - 1) return shows(before, input, after, outputs);
    } catch (error) {
      if (!isInputError(error)) throw error;
    }
  }
  return false;
}
