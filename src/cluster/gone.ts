/** An agent that is gone for ever (AG-6). */
import { isTerminal, outcome } from '../tasks/index.js';
import { boundGoneAgents, removeAgent, tellLoss } from './agents.js';
import { emit, frameworkOf, putFramework, tell, type Draft } from './draft.js';
import type { Task } from './state.js';
import { isPartitionAware, masterStatus, retireTask } from './tasks.js';

/**
 * The agent will never come back (AG-6): it is told to end if it can still hear, its tasks are gone, those of a time when
 * it could not be reached too, and its id is refused from now on.
 */
export function markGone(draft: Draft, id: string): void {
  const message = `Agent ${id} was marked gone`;
  const agent = draft.agents.get(id);
  if (agent === undefined) {
    draft.recovered = draft.recovered.remove(id, draft.edit);
    draft.unreachable = draft.unreachable.remove(id, draft.edit);
    endUnreachableTasks(draft, id, message);
    tellLoss(draft, id);
  } else {
    if (agent.connected) emit(draft, { type: 'shutdown-agent', agent: id, message });
    removeAgent(draft, id, 'agent-gone', message);
  }
  draft.service = draft.service.remove(id, draft.edit);
  draft.gone = draft.gone.set(id, draft.now, draft.edit);
  boundGoneAgents(draft);
}

/** What might have come back with an agent will not. What had ended for certain stays as it ended (TASK-4). */
function endUnreachableTasks(draft: Draft, agent: string, message: string): void {
  for (const framework of draft.frameworks.values()) {
    for (const task of framework.unreachableTasks.values()) {
      if (task.agent !== agent) continue;
      const { state, reason, source } = outcome('agent-gone', isPartitionAware(framework));
      const ended = { ...task, state: isTerminal(task.state) ? task.state : state };
      forgetUnreachable(draft, ended);
      const executor = task.executor === null ? {} : { executor: task.executor };
      const told = { task: task.id, state: ended.state, reason, source, message, agent, ...executor };
      tell(draft, framework.id, { type: 'update', status: masterStatus(draft, told) });
    }
  }
}

function forgetUnreachable(draft: Draft, task: Task): void {
  const framework = frameworkOf(draft, task.framework);
  putFramework(draft, { ...framework, unreachableTasks: framework.unreachableTasks.remove(task.id, draft.edit) });
  retireTask(draft, task);
}
