/**
 * Operations whose agents say what becomes of them: from the command until the end is acknowledged (OP-1, OP-2). A row
 * stands in three places: in the table, with its agent, and with its framework under what that calls it.
 */
import type { Conversion, ResourceOperation } from '../resources/index.js';
import { isTerminalOperation, type OperationState } from '../tasks/index.js';
import {
  agentOf,
  emit,
  frameworkOf,
  idPrefix,
  noteEmptied,
  putAgent,
  putFramework,
  tell,
  type Draft,
} from './draft.js';
import type { Operation } from './state.js';

/** Whose an operation is: absent = the operator's. With `id` the framework hears what becomes of it. */
export interface OperationOwner {
  readonly framework: string;
  readonly id?: string;
}

/** Whether an agent says what becomes of operations (AG-12). */
export function givesFeedback(draft: Draft, agent: string): boolean {
  return draft.allocator.agents.get(agent)?.capabilities.includes('agent-operation-feedback') ?? false;
}

/** Enters an operation that an agent is sent now. */
export function openOperation(
  draft: Draft,
  agent: string,
  type: ResourceOperation['type'],
  conversions: readonly Conversion[],
  owner: OperationOwner | undefined,
): Operation {
  const row: Operation = {
    uuid: newUuid(draft),
    agent,
    framework: owner?.framework ?? null,
    id: owner?.id ?? null,
    type,
    state: 'pending',
    statusUuid: null,
    message: null,
    conversions,
    owed: false,
  };
  addOperation(draft, row);
  return row;
}

/** Agents bring names of their own; one that is in use is not given again. */
function newUuid(draft: Draft): string {
  for (;;) {
    const uuid = `${idPrefix(draft)}-P${draft.nextOperation}`;
    draft.nextOperation += 1;
    if (!draft.operations.has(uuid)) return uuid;
  }
}

/** Enters an operation with its agent and its framework. The newest is the last of its agent. */
export function addOperation(draft: Draft, row: Operation): void {
  putOperation(draft, row);
  const agent = agentOf(draft, row.agent);
  putAgent(draft, { ...agent, operations: [...agent.operations, row.uuid] });
  if (row.framework !== null && row.id !== null) {
    const framework = frameworkOf(draft, row.framework);
    putFramework(draft, { ...framework, operations: framework.operations.set(row.id, row.uuid, draft.edit) });
  }
  drainAgain(draft, row.agent);
}

/** An agent that had been drained has something to be waited for again (DRAIN-1). */
function drainAgain(draft: Draft, agent: string): void {
  const service = draft.service.get(agent);
  if (service?.drain?.state !== 'drained') return;
  draft.service = draft.service.set(agent, { ...service, drain: { ...service.drain, state: 'draining' } }, draft.edit);
}

/** Writes an operation's row. */
export function putOperation(draft: Draft, row: Operation): void {
  countDebt(draft, row, row.owed);
  draft.operations = draft.operations.set(row.uuid, row, draft.edit);
}

/** Its agent knows how many of its operations are owed. */
function countDebt(draft: Draft, { uuid, agent }: Operation, isOwed: boolean): void {
  const wasOwed = draft.operations.get(uuid)?.owed ?? false;
  if (wasOwed === isOwed) return;
  const row = agentOf(draft, agent);
  putAgent(draft, { ...row, debts: row.debts + (isOwed ? 1 : -1) });
}

/** The operations of an agent, oldest first. */
export function operationsOn(draft: Draft, agent: string): readonly Operation[] {
  return agentOf(draft, agent).operations.flatMap((uuid) => draft.operations.get(uuid) ?? []);
}

/** Tells a framework how an operation stands, if it named it. With `uuid` it wants an acknowledgement (OP-2). */
export function tellOperation(
  draft: Draft,
  { framework, id, agent }: Pick<Operation, 'framework' | 'id' | 'agent'>,
  state: OperationState,
  { message, uuid }: { readonly message?: string | undefined; readonly uuid?: string | undefined } = {},
): void {
  if (framework === null || id === null) return;
  tell(draft, framework, {
    type: 'operation-update',
    operation: id,
    state,
    agent,
    ...(message === undefined ? {} : { message }),
    ...(uuid === undefined ? {} : { uuid }),
  });
}

/** Tells an agent that a status needs no repetition. The caller says that it is connected. */
export function acknowledgeAtAgent(draft: Draft, agent: string, operation: string, uuid: string): void {
  emit(draft, { type: 'acknowledge-operation', agent, operation, uuid });
}

/**
 * The end of an operation is known to whom it concerns. Its row goes; that of a failure which could not be undone yet
 * stays, as nobody's, for as long as it may be (OP-3).
 */
export function settleOperation(draft: Draft, row: Operation): void {
  if (row.owed) putOperation(draft, { ...disown(draft, row), statusUuid: null });
  else forgetOperation(draft, row);
}

/** Takes an operation out of the tables. */
export function forgetOperation(draft: Draft, row: Operation): void {
  const { uuid, agent } = disown(draft, row);
  countDebt(draft, row, false);
  draft.operations = draft.operations.remove(uuid, draft.edit);
  const machine = agentOf(draft, agent);
  putAgent(draft, { ...machine, operations: machine.operations.filter((other) => other !== uuid) });
  noteEmptied(draft, agent);
}

/** The operation without an owner: its name is free again, and nobody hears of it. */
function disown(draft: Draft, row: Operation): Operation {
  if (row.framework !== null && row.id !== null) {
    const framework = frameworkOf(draft, row.framework);
    putFramework(draft, { ...framework, operations: framework.operations.remove(row.id, draft.edit) });
  }
  return { ...row, framework: null, id: null };
}

/**
 * The agent is lost: its operations are in the state that goes with that, as reconciliation answers from now on
 * (AG-4, AG-6, REC-4). Nothing of it wants an acknowledgement, and nothing is repeated.
 */
export function endOperations(
  draft: Draft,
  agent: string,
  state: 'unreachable' | 'gone-by-operator' | 'unknown',
): void {
  const rows = operationsOn(draft, agent);
  if (rows.length === 0) return;
  for (const row of rows) {
    tellOperation(draft, row, state, { message: whyLost[state] });
    disown(draft, row);
    draft.operations = draft.operations.remove(row.uuid, draft.edit);
  }
  putAgent(draft, { ...agentOf(draft, agent), operations: [], debts: 0 });
}

const whyLost = {
  unreachable: 'The agent is unreachable',
  'gone-by-operator': 'The agent was marked gone',
  unknown: 'The agent was removed',
} as const;

/** A framework is removed: what its agents still say of its operations is acknowledged by the master (OP-4). */
export function orphanOperations(draft: Draft, framework: string): void {
  for (const row of draft.operations.values()) {
    if (row.framework !== framework) continue;
    const orphan = disown(draft, row);
    if (row.statusUuid === null || draft.agents.get(row.agent)?.connected !== true) {
      // The agent says it when it is back.
      putOperation(draft, orphan);
      continue;
    }
    acknowledgeAtAgent(draft, row.agent, row.uuid, row.statusUuid);
    if (isTerminalOperation(row.state)) settleOperation(draft, orphan);
    else putOperation(draft, { ...orphan, statusUuid: null });
  }
}

/** The agent said what it has: operations that were reflected in advance are in that or not, and never undone (OP-3). */
export function forgetEffects(draft: Draft, agent: string): void {
  for (const row of operationsOn(draft, agent)) {
    if (row.conversions.length > 0 || row.owed) forgetEffect(draft, { ...row, conversions: [] });
  }
}

/** Nothing is owed of this operation any more; if that was all there was to it, it goes. */
export function forgetEffect(draft: Draft, row: Operation): void {
  const rest = { ...row, owed: false };
  if (isTerminalOperation(row.state) && row.statusUuid === null) forgetOperation(draft, rest);
  else putOperation(draft, rest);
}
