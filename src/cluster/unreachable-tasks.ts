/**
 * Tasks on agents that can not be reached. Each stands with its framework, and with its agent by name: an agent that comes
 * back or is gone for ever need not be looked for among the tasks of all others (AG-5, AG-6, TASK-6).
 */
import { compareText } from '../resources/index.js';
import { putFramework, type Draft } from './draft.js';
import type { Task, TaskRef } from './state.js';

/** These tasks, all of one agent, are with their frameworks as unreachable. */
export function nameUnreachable(draft: Draft, agent: string, tasks: readonly Task[]): void {
  if (tasks.length === 0) return;
  const refs = tasks.map(({ framework, id }): TaskRef => ({ framework, task: id }));
  draft.unreachableTasks = draft.unreachableTasks.set(agent, refs, draft.edit);
}

/** Frameworks do not have these tasks as unreachable any more: their agents do not name them. */
export function unnameUnreachable(draft: Draft, tasks: readonly Task[]): void {
  const struck = new Map<string, Set<string>>();
  for (const { agent, framework, id } of tasks) {
    const keys = struck.get(agent);
    if (keys === undefined) struck.set(agent, new Set([refKey({ framework, task: id })]));
    else keys.add(refKey({ framework, task: id }));
  }
  for (const [agent, keys] of struck) {
    const rest = draft.unreachableTasks.get(agent)?.filter((ref) => !keys.has(refKey(ref))) ?? [];
    draft.unreachableTasks =
      rest.length === 0
        ? draft.unreachableTasks.remove(agent, draft.edit)
        : draft.unreachableTasks.set(agent, rest, draft.edit);
  }
}

/** Ids have no slash (VAL-1). */
function refKey({ framework, task }: TaskRef): string {
  return `${framework}/${task}`;
}

/** Takes all unreachable tasks of an agent out of the tables, by framework and id. */
export function takeUnreachable(draft: Draft, agent: string): readonly Task[] {
  const refs = draft.unreachableTasks.get(agent);
  if (refs === undefined) return [];
  draft.unreachableTasks = draft.unreachableTasks.remove(agent, draft.edit);
  const taken: Task[] = [];
  for (const ref of [...refs].sort(compareRefs)) {
    const framework = draft.frameworks.get(ref.framework);
    const task = framework?.unreachableTasks.get(ref.task);
    // One that came back with its agent is not there any more.
    if (framework === undefined || task?.agent !== agent) continue;
    putFramework(draft, { ...framework, unreachableTasks: framework.unreachableTasks.remove(ref.task, draft.edit) });
    taken.push(task);
  }
  return taken;
}

function compareRefs(a: TaskRef, b: TaskRef): number {
  return compareText(a.framework, b.framework) || compareText(a.task, b.task);
}
