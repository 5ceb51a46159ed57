/** Operations that an agent brings when it connects again (AG-11, OP-4). */
import { InputError } from '../../resources/index.js';
import { isReportableOperation, isTerminalOperation, type ReportedOperation } from '../../tasks/index.js';
import { agentOf, type Draft } from '../draft.js';
import {
  addOperation,
  forgetEffects,
  forgetOperation,
  operationsOn,
  putOperation,
  tellOperation,
} from '../feedback.js';
import { completedFramework } from '../frameworks.js';
import type { Operation } from '../state.js';

/**
 * Checks what an agent says of operations.
 *
 * @throws InputError `bad-operation-state` for a state that only the master can know (OP-1)
 */
export function checkReportedOperations(operations: readonly ReportedOperation[]): readonly ReportedOperation[] {
  for (const [index, { state }] of operations.entries()) {
    if (isReportableOperation(state)) continue;
    const message = `An agent can not report an operation as ${state}`;
    throw new InputError('bad-operation-state', `operations[${index}].state`, message);
  }
  return operations;
}

/**
 * What the agent does not know never reached it, or has been settled; what it knows better is applied; what only it knows
 * enters again. Its total is as it says, so nothing is undone.
 */
export function settleOperations(draft: Draft, agent: string, reported: readonly ReportedOperation[]): void {
  const before = new Set(agentOf(draft, agent).operations);
  forgetEffects(draft, agent);
  const named = new Map(reported.map((one) => [one.operation, one] as const));
  for (const row of operationsOn(draft, agent)) {
    const own = named.get(row.uuid);
    if (own === undefined) forgetMissing(draft, row);
    else update(draft, row, own);
  }
  for (const one of named.values()) {
    // What was settled stays settled.
    if (!before.has(one.operation) && !draft.operations.has(one.operation)) adopt(draft, agent, one);
  }
}

/** Nobody will speak of it again. What had ended, ended as it did; what had not never began. */
function forgetMissing(draft: Draft, row: Operation): void {
  const ended = isTerminalOperation(row.state);
  const message = ended ? row.message : 'The operation did not reach the agent';
  tellOperation(draft, row, ended ? row.state : 'dropped', { message: message ?? undefined });
  forgetOperation(draft, row);
}

/** The status itself comes by itself when it wants an acknowledgement. */
function update(draft: Draft, row: Operation, { state, statusUuid }: ReportedOperation): void {
  const latest = isTerminalOperation(row.state) ? row.state : state;
  const next = { ...row, state: latest, statusUuid: statusUuid ?? row.statusUuid };
  putOperation(draft, next);
  if (!isTerminalOperation(latest) || next.statusUuid !== null) return;
  tellOperation(draft, next, latest);
  forgetOperation(draft, next);
}

function adopt(draft: Draft, agent: string, reported: ReportedOperation): void {
  const { operation: uuid, framework = null, id, state, statusUuid } = reported;
  const known = framework === null ? undefined : draft.frameworks.get(framework);
  // That of a framework that may still come enters with its status, when the framework is there.
  const isAwaited = framework !== null && known === undefined && completedFramework(draft, framework) === undefined;
  if (isAwaited || (isTerminalOperation(state) && statusUuid === undefined)) return;
  const isNamed = known !== undefined && id !== undefined && !known.operations.has(id);
  addOperation(draft, {
    ...{ uuid, agent, framework: known === undefined ? null : framework, id: isNamed ? id : null, type: null, state },
    ...{ statusUuid: statusUuid ?? null, message: null, conversions: [], owed: false },
  });
}
