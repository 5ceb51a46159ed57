/** What the master made of the agent's resources, and how the agent says what it made of that (OP-2, OP-3, RSV-6). */
import { convert, problemIn, resources } from '../resources/index.js';
import type { AcknowledgeOperationCommand, ApplyOperationCommand, ReportedOperation } from '../tasks/index.js';
import type { AgentOperation, AgentState } from './state.js';
import { drop, isOpen, nextUuid, report, setOperation, type Step } from './step.js';

/** How many acknowledged operations are remembered: a command that comes twice may come the second time after that. */
const remembered = 64;

/**
 * Keeps a change of what the agent has; it is a part of what it says of itself from now on. Of resources that it does not
 * have nothing can be made. What became of an operation with a uuid is told until that is acknowledged; without one, the
 * agent says what it does have, and the master goes by that.
 */
export function onApplyOperation(step: Step, command: ApplyOperationCommand): void {
  const { description, id, operations, settledOperations } = step.state;
  const { uuid } = command;
  if (uuid !== undefined && (operations.has(uuid) || settledOperations.includes(uuid))) return drop(step);
  // A command that came as JSON has its resources as text.
  const conversion = { consumed: resources(command.consumed), converted: resources(command.converted) };
  const problem = problemIn(() => {
    const changed = convert(description.resources, [conversion]);
    step.state = { ...step.state, description: { ...description, resources: changed } };
  });
  if (uuid !== undefined) {
    begin(step, uuid, command, problem?.message);
    return;
  }
  if (problem === undefined) return;
  drop(step);
  if (isOpen(step) && id !== undefined) {
    report(step, { type: 'update-agent', agent: id, resources: description.resources });
  }
}

/** An operation is over as soon as it came: it was applied, or it could not be. */
function begin(step: Step, uuid: string, { framework, id }: ApplyOperationCommand, problem: string | undefined): void {
  const operation: AgentOperation = {
    ...(framework !== undefined && { framework }),
    ...(id !== undefined && { id }),
    state: problem === undefined ? 'finished' : 'dropped',
    statusUuid: nextUuid(step),
    ...(problem !== undefined && { message: problem }),
  };
  if (isOpen(step)) send(step, uuid, operation);
  else setOperation(step, uuid, operation);
}

/** Says what became of an operation, for the first time or as if for the first time (UPD-8). */
function send(step: Step, uuid: string, operation: AgentOperation): void {
  const { firstMs } = step.state.description.streamConfig;
  setOperation(step, uuid, { ...operation, resendAt: step.at + firstMs, waitMs: firstMs });
  say(step, uuid, operation);
}

function say(step: Step, operation: string, { framework, id, state, statusUuid, message }: AgentOperation): void {
  report(step, {
    type: 'operation-status',
    agent: step.state.id ?? '',
    operation,
    state,
    ...(framework !== undefined && { framework }),
    ...(id !== undefined && { id }),
    uuid: statusUuid,
    ...(message !== undefined && { message }),
  });
}

/** The end of an operation is known where it must be: it need not be told again (OP-2). */
export function onAcknowledgeOperation(step: Step, { operation, uuid }: AcknowledgeOperationCommand): void {
  if (step.state.operations.get(operation)?.statusUuid !== uuid) return drop(step);
  setOperation(step, operation, undefined);
  const settledOperations = [...step.state.settledOperations, operation].slice(-remembered);
  step.state = { ...step.state, settledOperations };
}

/** No acknowledgement came: said again, and the wait doubles. After a long sleep once, not once for each time missed (UPD-3). */
export function onOperationResendDue(step: Step, uuid: string): void {
  const operation = step.state.operations.get(uuid);
  if (operation?.resendAt === undefined || operation.waitMs === undefined) return;
  const waitMs = Math.min(operation.waitMs * 2, step.state.description.streamConfig.maxMs);
  const next = operation.resendAt + waitMs;
  setOperation(step, uuid, { ...operation, resendAt: next > step.at ? next : step.at + waitMs, waitMs });
  say(step, uuid, operation);
}

/** The way to the master is closed: what became of operations waits. */
export function pauseOperations(step: Step): void {
  for (const [uuid, operation] of step.state.operations.entries()) {
    if (operation.resendAt === undefined) continue;
    const { resendAt: _at, waitMs: _wait, ...rest } = operation;
    setOperation(step, uuid, rest);
  }
}

/** The way to the master is open: what waits for an acknowledgement is said at once (UPD-8). */
export function resumeOperations(step: Step): void {
  for (const [uuid, operation] of step.state.operations.entries()) send(step, uuid, operation);
}

/** What a returning agent says of operations. */
export function reportOperations({ operations }: AgentState): readonly ReportedOperation[] {
  return operations.entries().map(([operation, { framework, id, state, statusUuid }]) => ({
    operation,
    ...(framework !== undefined && { framework }),
    ...(id !== undefined && { id }),
    state,
    statusUuid,
  }));
}
