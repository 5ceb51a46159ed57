/** What an operation had done in advance is undone when its agent could not do it (OP-3). */
import { add, contains, isIndivisible, subtract, sum, type ResourceItem, type Resources } from '../resources/index.js';
import { identityOf } from '../resources/item.js';
import { isTerminalOperation, type OperationState } from '../tasks/index.js';
import { agentOf, type Draft } from './draft.js';
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
  if (agentOf(draft, agent).debts === 0) return;
  const rows = operationsOn(draft, agent);
  const owed = payOneByOne(draft, agent, rows.filter((row) => row.owed).reverse());
  const isOver = (): boolean => rows.every((row) => isTerminalOperation(row.state));
  if (owed.length > 0 && (undo(draft, agent, owed) || isOver())) {
    for (const row of owed) forgetEffect(draft, { ...row, conversions: [] });
  }
}

/**
 * Pays what can be paid by itself, and again what lacked something that this gave back; of several the first. What lacks
 * something else is not looked at twice.
 *
 * @returns what is still owed.
 */
function payOneByOne(draft: Draft, agent: string, owed: readonly Operation[]): readonly Operation[] {
  const paid = new Set<number>();
  const tried = new Set<number>();
  let waiting: ReadonlyMap<string, readonly number[]> | undefined;
  for (let at = 0; at < owed.length; at += 1) {
    const row = owed[at];
    if (row === undefined || tried.has(at)) continue;
    tried.add(at);
    if (!undo(draft, agent, [row])) continue;
    paid.add(at);
    forgetEffect(draft, { ...row, conversions: [] });
    waiting ??= whoLacks(owed);
    let first = at;
    for (const thing of effectOf(row).given.keys()) {
      for (const other of waiting.get(thing) ?? []) {
        if (paid.has(other) || !tried.delete(other)) continue;
        first = Math.min(first, other - 1);
      }
    }
    at = first;
  }
  return owed.filter((_, index) => !paid.has(index));
}

/** The places of those that take a thing. */
function whoLacks(owed: readonly Operation[]): ReadonlyMap<string, readonly number[]> {
  const waiting = new Map<string, number[]>();
  for (const [index, row] of owed.entries()) {
    for (const thing of effectOf(row).taken.keys()) {
      const places = waiting.get(thing);
      if (places === undefined) waiting.set(thing, [index]);
      else places.push(index);
    }
  }
  return waiting;
}

/** Puts what these operations consumed in the place of what they made, if that is there. */
function undo(draft: Draft, agent: string, rows: readonly Operation[]): boolean {
  const machine = draft.allocator.agents.get(agent);
  if (machine === undefined) return true;
  if (isLacking(machine.total, rows)) return false;
  const conversions = rows.flatMap((row) => row.conversions);
  if (conversions.length === 0) return true;
  const consumed = sum(conversions.map((one) => one.consumed));
  const converted = sum(conversions.map((one) => one.converted));
  // What one of them made and another one consumed need not be there.
  const taken = subtract(converted, consumed);
  if (!contains(machine.total, taken)) return false;
  changeMachine(draft, agent, { total: add(subtract(machine.total, taken), subtract(consumed, converted)) });
  return true;
}

/**
 * Things by name and metadata, and how many thousandths of each; of what can not be divided each size is another thing, and
 * counted. Of ranges and sets it says only that there is something.
 */
type Amounts = ReadonlyMap<string, number>;

/** What undoing an operation takes from its agent, and what it gives. */
interface Effect {
  readonly taken: Amounts;
  readonly given: Amounts;
}

/** Both follow from what they are kept with. */
const effects = new WeakMap<Operation['conversions'], Effect>();
const totals = new WeakMap<Resources, Amounts>();

function effectOf({ conversions }: Operation): Effect {
  const known = effects.get(conversions);
  if (known !== undefined) return known;
  const effect = {
    taken: amountsOf(conversions.map(({ converted }) => converted)),
    given: amountsOf(conversions.map(({ consumed }) => consumed)),
  };
  effects.set(conversions, effect);
  return effect;
}

function totalOf(total: Resources): Amounts {
  const known = totals.get(total);
  if (known !== undefined) return known;
  const amounts = amountsOf([total]);
  totals.set(total, amounts);
  return amounts;
}

function amountsOf(parts: readonly Resources[]): Amounts {
  const amounts = new Map<string, number>();
  for (const { items } of parts) {
    for (const item of items) {
      const thing = thingOf(item);
      amounts.set(thing, (amounts.get(thing) ?? 0) + amountOf(item));
    }
  }
  return amounts;
}

function thingOf(item: ResourceItem): string {
  const { name, value } = item;
  const isWhole = value.type === 'scalar' && (isIndivisible(item) || item.shared !== undefined);
  return `${name} ${value.type} ${isWhole ? value.milli : ''} ${identityOf(item)}`;
}

function amountOf(item: ResourceItem): number {
  if (item.value.type !== 'scalar') return 0;
  if (item.shared !== undefined) return item.shared;
  return isIndivisible(item) ? 1 : item.value.milli;
}

/**
 * Whether a total lacks something for undoing these operations; found without adding up resources, which is slow for many.
 * `false` = it may or may not: ranges and sets are not looked at.
 */
function isLacking(total: Resources, rows: readonly Operation[]): boolean {
  const there = totalOf(total);
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) {
    const { taken, given } = effectOf(only);
    for (const [thing, amount] of taken) {
      if (amount - (given.get(thing) ?? 0) > (there.get(thing) ?? 0)) return true;
    }
    return false;
  }
  const lacked = new Map<string, number>();
  for (const row of rows) {
    const { taken, given } = effectOf(row);
    for (const [thing, amount] of taken) lacked.set(thing, (lacked.get(thing) ?? 0) + amount);
    for (const [thing, amount] of given) lacked.set(thing, (lacked.get(thing) ?? 0) - amount);
  }
  for (const [thing, amount] of lacked) if (amount > (there.get(thing) ?? 0)) return true;
  return false;
}
