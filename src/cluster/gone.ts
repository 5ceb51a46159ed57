/** An agent that is gone for ever (AG-6). */
import { isTerminal, outcome } from '../tasks/index.js';
import { boundGoneAgents, forgetRecovered, removeAgent, tellLoss } from './agents.js';
import { emit, frameworkOf, tell, type Draft } from './draft.js';
import { isPartitionAware, masterStatus, retireTask } from './tasks.js';
import { takeUnreachable } from './unreachable-tasks.js';

/**
 * The agent will never come back (AG-6): it is told to end if it can still hear, its tasks are gone, those of a time when
 * it could not be reached too, and its id is refused from now on.
 */
export function markGone(draft: Draft, id: string): void {
  const message = `Agent ${id} was marked gone`;
  const agent = draft.agents.get(id);
  if (agent === undefined) {
    forgetRecovered(draft, id);
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
  for (const task of takeUnreachable(draft, agent)) {
    const { state, reason, source } = outcome('agent-gone', isPartitionAware(frameworkOf(draft, task.framework)));
    const ended = { ...task, state: isTerminal(task.state) ? task.state : state };
    retireTask(draft, ended);
    const executor = task.executor === null ? {} : { executor: task.executor };
    const told = { task: task.id, state: ended.state, reason, source, message, agent, ...executor };
    tell(draft, task.framework, { type: 'update', status: masterStatus(draft, told) });
  }
}
