/** What an operation had done in advance is undone when its agent could not do it (OP-3). */
import { add, contains, noResources, subtract, type Resources } from '../resources/index.js';
import { isTerminalOperation, type OperationState } from '../tasks/index.js';
import type { Draft } from './draft.js';
import { forgetEffect, operationsOn, putOperation } from './feedback.js';
import { changeMachine } from './reports/register.js';
import type { Operation } from './state.js';

/** Whether an operation in this state did nothing. */
export function hasFailed(state: OperationState): boolean {
  return state === 'failed' || state === 'error' || state === 'dropped';
}

/**
 * Undoes an operation that failed. What it made may be used up by a later operation, which must fail too: then it is owed
 * until that one is undone. What is offered or in use of it is treated as of any machine that lost something.
 *
 * @returns the row as it is now.
 */
export function revertOperation(draft: Draft, row: Operation): Operation {
  const owed = !undo(draft, row.agent, [row]);
  const next = { ...row, owed, conversions: owed ? row.conversions : [] };
  putOperation(draft, next);
  return next;
}

/**
 * Pays what is owed of an agent as far as that can be done now: one by one, newest first, else all at once, for they may
 * lack just what each other gives. With nothing under way it will never be otherwise, and what is left is let go.
 */
export function settleDebts(draft: Draft, agent: string): void {
  const rows = operationsOn(draft, agent);
  const owed = rows.filter((row) => row.owed).reverse();
  if (owed.length === 0) return;
  const paid = owed.find((row) => undo(draft, agent, [row]));
  if (paid !== undefined) {
    forgetEffect(draft, { ...paid, conversions: [] });
    settleDebts(draft, agent);
  } else if (undo(draft, agent, owed) || rows.every((row) => isTerminalOperation(row.state))) {
    for (const row of owed) forgetEffect(draft, { ...row, conversions: [] });
  }
}

/** Puts what these operations consumed in the place of what they made, if that is there. */
function undo(draft: Draft, agent: string, rows: readonly Operation[]): boolean {
  const machine = draft.allocator.agents.get(agent);
  const conversions = rows.flatMap((row) => row.conversions);
  if (machine === undefined || conversions.length === 0) return true;
  const consumed = sum(conversions.map((one) => one.consumed));
  const converted = sum(conversions.map((one) => one.converted));
  // What one of them made and another one consumed need not be there.
  const taken = subtract(converted, consumed);
  if (!contains(machine.total, taken)) return false;
  changeMachine(draft, agent, { total: add(subtract(machine.total, taken), subtract(consumed, converted)) });
  return true;
}

function sum(list: readonly Resources[]): Resources {
  return list.reduce((all, one) => add(all, one), noResources);
}
