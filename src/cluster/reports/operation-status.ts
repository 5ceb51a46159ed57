/** What agents say of operations (OP-1 … 4). */
import { isReportableOperation, isTerminalOperation, type OperationStatusReport } from '../../tasks/index.js';
import { count, type Draft } from '../draft.js';
import { acknowledgeAtAgent, addOperation, putOperation, settleOperation, tellOperation } from '../feedback.js';
import { completedFramework } from '../frameworks.js';
import { hasFailed, revertOperation, settleDebts } from '../revert.js';
import type { Operation } from '../state.js';

/** How long a new master waits for frameworks that it does not know before it answers in their place, ms (OP-4). */
const ORPHAN_GRACE_MS = 600_000;

/**
 * An operation ended, or is known to be under way: applied whether or not its framework listens, then forwarded. Where
 * nobody will ever acknowledge, the master does so at once, so that the agent does not repeat it for ever.
 */
export function operationStatus(draft: Draft, report: OperationStatusReport): void {
  const row = draft.operations.get(report.operation);
  const isForeign = row !== undefined && row.agent !== report.agent;
  if (draft.agents.get(report.agent)?.connected !== true || isForeign || !isReportableOperation(report.state)) {
    count(draft, 'invalidStatusReports');
    return;
  }
  if (row === undefined) {
    strayStatus(draft, report);
    return;
  }
  if (isTerminalOperation(row.state) && row.state !== report.state) {
    // What ended stays ended; the agent need not insist.
    count(draft, 'invalidStatusReports');
    if (report.uuid !== undefined && report.uuid !== row.statusUuid) acknowledgeReport(draft, report, report.uuid);
    return;
  }
  book(draft, row, report);
  settleDebts(draft, report.agent);
}

function book(draft: Draft, row: Operation, report: OperationStatusReport): void {
  const { state, uuid, message } = report;
  const statusUuid = uuid ?? row.statusUuid;
  const next = { ...row, state, statusUuid, message: message ?? row.message };
  putOperation(draft, next);
  const kept = hasFailed(state) && !hasFailed(row.state) ? revertOperation(draft, next) : next;
  tellOperation(draft, kept, state, { message, uuid });
  if (statusUuid === null) {
    // The agent will not repeat it: this is the end of the operation.
    if (isTerminalOperation(state)) settleOperation(draft, kept);
    return;
  }
  if (kept.id !== null) return;
  acknowledgeReport(draft, report, statusUuid);
  if (isTerminalOperation(state)) settleOperation(draft, kept);
  else putOperation(draft, { ...kept, statusUuid: null });
}

/**
 * An operation that this master does not know: of an earlier master, or settled already. That of a framework which is
 * known enters again; for one that may still come the agent repeats it for a while.
 */
function strayStatus(draft: Draft, report: OperationStatusReport): void {
  const { agent, operation, framework: owner, id, state, uuid, message } = report;
  if (owner === undefined || id === undefined) {
    acknowledgeReport(draft, report, uuid);
    return;
  }
  const framework = draft.frameworks.get(owner);
  if (framework === undefined) {
    const isOver = completedFramework(draft, owner) !== undefined || draft.now - draft.startedAt >= ORPHAN_GRACE_MS;
    if (isOver) acknowledgeReport(draft, report, uuid);
    return;
  }
  // The framework has given the name to another one, so it knows what became of this one.
  if (framework.operations.has(id)) {
    acknowledgeReport(draft, report, uuid);
    return;
  }
  if (uuid !== undefined || !isTerminalOperation(state)) {
    addOperation(draft, {
      ...{ uuid: operation, agent, framework: owner, id, type: null, state },
      ...{ statusUuid: uuid ?? null, message: message ?? null, conversions: [], owed: false },
    });
  }
  tellOperation(draft, { framework: owner, id, agent }, state, { message, uuid });
}

function acknowledgeReport(draft: Draft, { agent, operation }: OperationStatusReport, uuid: string | undefined): void {
  if (uuid !== undefined) acknowledgeAtAgent(draft, agent, operation, uuid);
}
