/** An agent as a scenario says that it comes back: only these tasks, in these states, with these updates pending. */
import type { AgentJson } from '../../agent/index.js';
import { isTerminal, type TaskState, type UpdateStream } from '../../tasks/index.js';
import { bad } from './fields.js';

/** A task of the returning agent. `pending` = states that were not acknowledged, oldest first. */
export interface ReturningTask {
  readonly framework: string;
  readonly task: string;
  readonly state: TaskState;
  readonly pending: readonly TaskState[];
}

type FrameworkRow = AgentJson['frameworks'][number][1];

/**
 * The saved agent with its tasks as they are said to be.
 *
 * @throws InputError `bad-scenario` for a task that the agent never had
 */
export function returningAgent(json: AgentJson, tasks: readonly ReturningTask[], now: number): AgentJson {
  for (const { framework, task } of tasks) {
    const row = json.frameworks.find(([id]) => id === framework)?.[1];
    if (row?.tasks.some(([id]) => id === task) !== true) throw bad(`the agent never had task ${task} of ${framework}`);
  }
  const frameworks = json.frameworks.map(([id, row]) => {
    const mine = tasks.filter(({ framework }) => framework === id);
    return [id, withTasks(row, mine, now)] as const;
  });
  return { ...json, frameworks };
}

function withTasks(row: FrameworkRow, returning: readonly ReturningTask[], now: number): FrameworkRow {
  const tasks = row.tasks.flatMap(([id, task]) => {
    const told = returning.find((one) => one.task === id);
    return told === undefined ? [] : [[id, { ...task, state: told.state }] as const];
  });
  const live = new Set(tasks.flatMap(([, task]) => (isTerminal(task.state) ? [] : [task.executor])));
  return {
    ...row,
    tasks,
    executors: row.executors.filter(([key]) => live.has(key)),
    streams: returning.flatMap(({ task, pending }) => {
      const known = row.streams.find(([id]) => id === task)?.[1];
      return pending.length === 0 && known === undefined ? [] : [[task, streamOf(known, task, pending, now)] as const];
    }),
  };
}

/** Updates that were in flight keep their uuids: they are the same updates. */
function streamOf(
  known: UpdateStream | undefined,
  task: string,
  pending: readonly TaskState[],
  now: number,
): UpdateStream {
  const old = known?.pending ?? [];
  return {
    acknowledged: known?.acknowledged ?? [],
    pending: pending.map((state, index) => {
      const same = old.find((update) => update.state === state);
      return same ?? { uuid: `${task}-returning-${index}`, state, source: 'executor', timestamp: now };
    }),
  };
}
