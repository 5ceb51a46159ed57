/** What always holds of tasks. */
import { first, firstOfBig, type Pace, type Steps } from '../../resources/steps.js';
import { canApply, canReturn, isTerminal } from '../../tasks/index.js';
import type { Input } from '../inputs.js';
import type { ClusterState, Task } from '../state.js';
import { broken, type Violation } from './rule.js';

/** I7: a terminal task stays until it is acknowledged; one that nobody could acknowledge is gone at once. */
export function* terminalTasksWait(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* firstOfBig(state.frameworks.walk(), pace, ({ tasks }) => first(tasks.walk(), pace, waits));
}

function waits({ id, state, holds, status }: Task): Violation | undefined {
  if (holds === isTerminal(state)) {
    return broken('I7', id, `it is ${state} and holds ${holds ? 'its resources' : 'nothing'}`);
  }
  if (status?.terminal === true && status.uuid === undefined && status.source === 'master') {
    return broken('I7', id, 'the master ended it and nobody will acknowledge that');
  }
  return undefined;
}

/** I5: a task's state follows the legal edges; a terminal one changes only through its agent's re-registration (TASK-2). */
export function statesAreLegal(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  if (input.type === 'batch') return undefined;
  for (const framework of after.frameworks.values()) {
    const old = before.frameworks.get(framework.id);
    if (old === framework) continue;
    for (const task of framework.tasks.values()) {
      const lost = old?.unreachableTasks.get(task.id);
      // Whatever it was when it was lost sight of, it comes back as what its agent says (TASK-4).
      const was: Task | undefined = old?.tasks.get(task.id) ?? (lost && { ...lost, state: 'unreachable' });
      if (was === undefined || was.state === task.state || was.launchedAt !== task.launchedAt) continue;
      if (!canApply(was.state, task.state) && !(input.type === 'reregister' && hasReturned(before, was, after, task)))
        return broken('I5', task.id, `it went from ${was.state} to ${task.state}`);
    }
  }
  return undefined;
}

/** The task may come back as this; also when its agent was given up and came back within the step. */
function hasReturned(before: ClusterState, was: Task, after: ClusterState, task: Task): boolean {
  const isNew = before.agents.get(task.agent)?.registeredAt !== after.agents.get(task.agent)?.registeredAt;
  return canReturn(isNew ? 'unreachable' : was.state, task.state);
}
