/** ACKNOWLEDGE (UPD-4, UPD-6). */
import { count, emit, type Draft } from '../draft.js';
import type { AcknowledgeCall } from '../inputs.js';
import { completeTask } from '../tasks.js';
import { heard } from './heard.js';

/**
 * The framework has an update: its agent's stream may go on. The acknowledgement of a terminal one is the end of the
 * task here. One that names no update in flight is counted and dropped; the agent will send the update again.
 */
export function acknowledge(draft: Draft, call: AcknowledgeCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  const agent = draft.agents.get(call.agent);
  if (agent?.connected !== true) {
    count(draft, 'invalidAcknowledgements');
    return;
  }
  const task = framework.tasks.get(call.task);
  if (task !== undefined) {
    if (task.agent !== agent.id || task.status?.uuid !== call.uuid) {
      count(draft, 'invalidAcknowledgements');
      return;
    }
    if (task.status.terminal) completeTask(draft, task);
  }
  // Of a task that is not known (any more) the agent may still hold updates: it decides by the uuid.
  emit(draft, { type: 'acknowledge', agent: agent.id, framework: framework.id, task: call.task, uuid: call.uuid });
}
