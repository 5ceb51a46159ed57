/** RECONCILE (§17): how the framework learns what became of its tasks. */
import { reconcileAnswer, stateSeenBy, type AgentStanding } from '../../tasks/index.js';
import { unreachableSince } from '../agents.js';
import { tell, type Draft } from '../draft.js';
import type { ReconcileCall } from '../inputs.js';
import type { Framework, Task } from '../state.js';
import { isPartitionAware, masterStatus, statusState } from '../tasks.js';
import { heard } from './heard.js';

/** No tasks named = all that are known; else an answer to each, where there is one. */
export function reconcile(draft: Draft, call: ReconcileCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  if (call.tasks.length > 0) {
    for (const question of call.tasks) answerQuestion(draft, framework, question);
    return;
  }
  for (const task of framework.tasks.values()) answer(draft, framework, task, 'Reconciliation: Latest task state');
}

/** Answers one explicit question; silent while an agent that might know is expected back. */
export function answerQuestion(
  draft: Draft,
  framework: Framework,
  question: { readonly task: string; readonly agent?: string },
): void {
  const known = framework.tasks.get(question.task);
  const since = question.agent === undefined ? undefined : unreachableSince(draft, question.agent);
  const reply = reconcileAnswer({
    ...(known === undefined ? {} : { known: { state: statusState(known) } }),
    agent: standing(draft, question.agent),
    anyRecovered: draft.recovered.size > 0,
    partitionAware: isPartitionAware(framework),
    ...(since === undefined ? {} : { unreachableTime: since }),
  });
  if (reply === undefined) return;
  if (known !== undefined) {
    answer(draft, framework, known, reply.message);
    return;
  }
  const status = masterStatus(draft, {
    task: question.task,
    state: reply.state,
    reason: 'reconciliation',
    message: reply.message,
    ...(question.agent === undefined ? {} : { agent: question.agent }),
    ...(reply.unreachableTime === undefined ? {} : { unreachableTime: reply.unreachableTime }),
  });
  tell(draft, framework.id, { type: 'update', status });
}

/** REC-1: no uuid, no data; health is kept. */
function answer(draft: Draft, framework: Framework, task: Task, message: string): void {
  const status = masterStatus(draft, {
    task: task.id,
    state: stateSeenBy(framework.settings, statusState(task)),
    reason: 'reconciliation',
    message,
    agent: task.agent,
    ...(task.executor === null ? {} : { executor: task.executor }),
    ...(task.status?.healthy === undefined ? {} : { healthy: task.status.healthy }),
  });
  tell(draft, framework.id, { type: 'update', status });
}

/** What is known of the agent that a question names. */
export function standing(draft: Draft, agent: string | undefined): AgentStanding {
  if (agent === undefined) return 'absent';
  if (draft.recovered.has(agent)) return 'recovered';
  if (draft.agents.has(agent)) return 'registered';
  if (draft.gone.has(agent)) return 'gone';
  return unreachableSince(draft, agent) === undefined ? 'unknown' : 'unreachable';
}
