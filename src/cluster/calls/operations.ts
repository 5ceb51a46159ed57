/** ACKNOWLEDGE_OPERATION_STATUS and RECONCILE_OPERATIONS (OP-2, REC-4). */
import { isTerminalOperation, type AgentStanding, type OperationState } from '../../tasks/index.js';
import { count, tell, type Draft } from '../draft.js';
import { acknowledgeAtAgent, putOperation, settleOperation, tellOperation } from '../feedback.js';
import type { AcknowledgeOperationCall, ReconcileOperationsCall } from '../inputs.js';
import type { Framework, Operation } from '../state.js';
import { heard } from './heard.js';
import { standing } from './reconcile.js';

/**
 * The framework knows what became of its operation: the agent need not repeat it, and the acknowledgement of an end is the
 * end of the operation here. One that names no status in flight, or that can't reach the agent, is counted and dropped;
 * the agent will send the status again (UPD-6).
 */
export function acknowledgeOperation(draft: Draft, call: AcknowledgeOperationCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  const row = operationOf(draft, framework, call.operation);
  const isRight = row !== undefined && row.statusUuid === call.uuid && (call.agent ?? row.agent) === row.agent;
  if (!isRight || draft.agents.get(row.agent)?.connected !== true) {
    count(draft, 'invalidAcknowledgements');
    return;
  }
  acknowledgeAtAgent(draft, row.agent, row.uuid, call.uuid);
  if (isTerminalOperation(row.state)) settleOperation(draft, row);
  else putOperation(draft, { ...row, statusUuid: null });
}

/** No operations named = all that are known; else an answer to each. Answers want no acknowledgement. */
export function reconcileOperations(draft: Draft, call: ReconcileOperationsCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  if (call.operations.length === 0) {
    for (const id of framework.operations.keys()) answer(draft, framework, { operation: id });
    return;
  }
  for (const question of call.operations) answer(draft, framework, question);
}

function answer(
  draft: Draft,
  framework: Framework,
  { operation, agent }: ReconcileOperationsCall['operations'][number],
): void {
  const row = operationOf(draft, framework, operation);
  if (row !== undefined) {
    tellOperation(draft, row, row.state, { message: 'Reconciliation: Latest operation state' });
    return;
  }
  const [state, message] = unknownOn[standing(draft, agent)];
  tell(draft, framework.id, {
    type: 'operation-update',
    operation,
    state,
    message: `Reconciliation: ${message}`,
    ...(agent === undefined ? {} : { agent }),
  });
}

/** What is said of an operation that is not known, by what is known of its agent. */
const unknownOn: Readonly<Record<AgentStanding, readonly [OperationState, string]>> = {
  recovered: ['recovering', 'Agent is expected back'],
  registered: ['unknown', 'Operation is unknown'],
  unreachable: ['unreachable', 'Agent is unreachable'],
  gone: ['gone-by-operator', 'Agent is gone'],
  unknown: ['unknown', 'Operation and agent are unknown'],
  absent: ['unknown', 'Operation is unknown'],
};

function operationOf(draft: Draft, framework: Framework, id: string): Operation | undefined {
  const uuid = framework.operations.get(id);
  return uuid === undefined ? undefined : draft.operations.get(uuid);
}
