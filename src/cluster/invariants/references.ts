/** What is named is there, and what is remembered is bounded. */
import { each, first, firstOfBig, type Pace, type Steps } from '../../resources/steps.js';
import { ringValues } from '../ring.js';
import type { Agent, ClusterState, Framework } from '../state.js';
import { broken, partsOfAgent, type Violation } from './rule.js';

/** I11: what is remembered of the past is bounded by the configuration. */
export function* memoryIsBounded(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const { config } = state;
  if (ringValues(state.completedFrameworks).length > config.maxCompletedFrameworks) {
    return broken('I11', 'completedFrameworks', 'too many');
  }
  if (state.unreachable.size > config.maxUnreachableAgents) return broken('I11', 'unreachable', 'too many');
  if (state.gone.size > config.maxUnreachableAgents) return broken('I11', 'gone', 'too many');
  return yield* first(state.frameworks.walk(), pace, ({ id, unreachableTasks, completedTasks }) => {
    if (unreachableTasks.size > config.maxUnreachableTasks) return broken('I11', id, 'too many unreachable tasks');
    const isOver = ringValues(completedTasks).length > config.maxCompletedTasks;
    return isOver ? broken('I11', id, 'too many completed tasks') : undefined;
  });
}

/** I12: every id in one table exists in the table it refers to. */
export function* referencesHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  if (state.agents.size !== state.allocator.agents.size) return broken('I12', 'agents', 'the allocator has others');
  if (state.frameworks.size !== state.allocator.frameworks.size)
    return broken('I12', 'frameworks', 'the allocator has others');
  let named = 0;
  const stray = yield* first(
    state.agents.walk(),
    pace,
    (agent) => {
      named += state.allocator.agents.get(agent.id)?.offers.length ?? 0;
      return strayOf(state, agent);
    },
    partsOfAgent,
  );
  if (stray !== undefined) return stray;
  if (named !== state.offers.size) return broken('I12', 'offers', 'some are of no agent');
  const lost = yield* firstOfBig(state.frameworks.walk(), pace, (framework) => lostOf(state, framework, pace));
  if (lost !== undefined) return lost;
  return yield* unreachableTasksHold(state, pace);
}

/** What an agent names that is not there. */
function strayOf(state: ClusterState, agent: Agent): Violation | undefined {
  const numbers = state.allocator.agents.get(agent.id)?.offers ?? [];
  const stray = numbers.find((number) => state.offers.at(number)?.offer.agent !== agent.id);
  if (stray !== undefined) return broken('I12', agent.id, `it names offer ${stray}, which is not there`);
  const lost = agent.tasks.find(
    ({ framework, task }) => state.frameworks.get(framework)?.tasks.get(task)?.agent !== agent.id,
  );
  if (lost !== undefined) return broken('I12', agent.id, `it names task ${lost.task}, which is not there`);
  const killed = agent.kills.find(
    (kill) => !agent.tasks.some((ref) => ref.task === kill.task && ref.framework === kill.framework),
  );
  if (killed !== undefined) return broken('I12', agent.id, `it is to end task ${killed.task}, which is not there`);
  const masterless = agent.executors.find(({ framework }) => !state.frameworks.has(framework));
  if (masterless !== undefined) return broken('I12', agent.id, `its executor ${masterless.info.id} is of nobody`);
  const isAway = state.unreachable.has(agent.id) || state.recovered.has(agent.id);
  return isAway ? broken('I12', agent.id, 'it is here and away at once') : undefined;
}

/** What a framework names that is not there. */
function* lostOf(state: ClusterState, framework: Framework, pace: Pace): Steps<Violation | undefined> {
  const { id, tasks, unreachableTasks, unanswered } = framework;
  const silence = yield* first(unanswered.walk(), pace, ({ agent }) =>
    state.agents.has(agent) ? undefined : broken('I12', id, `it is silent to ${agent}, which is not there`),
  );
  if (silence !== undefined) return silence;
  const stranger = yield* first(unreachableTasks.walk(), pace, (_, task) =>
    tasks.has(task) ? broken('I12', task, 'it is here and unreachable at once') : undefined,
  );
  if (stranger !== undefined) return stranger;
  return yield* first(tasks.walk(), pace, (task) => {
    const named = state.agents.get(task.agent)?.tasks ?? [];
    const isKnown = named.some((ref) => ref.task === task.id && ref.framework === id);
    return isKnown ? undefined : broken('I12', task.id, `agent ${task.agent} does not know it`);
  });
}

/** I12 for what can not be reached: agents that are away name the unreachable tasks of frameworks, each once. */
function* unreachableTasksHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  let named = 0;
  const stray = yield* first(
    state.unreachableTasks.walk(),
    pace,
    (refs, id) => {
      if (state.agents.has(id)) return broken('I12', id, 'it is here, and its tasks are unreachable');
      if (refs.length === 0) return broken('I12', id, 'it is said to have unreachable tasks, and has none');
      for (const { framework, task } of refs) {
        if (state.frameworks.get(framework)?.unreachableTasks.get(task)?.agent === id) continue;
        return broken('I12', id, `it names unreachable task ${task}, which is not there`);
      }
      const its = new Set(refs.map(({ framework, task }) => JSON.stringify([framework, task])));
      if (its.size !== refs.length) return broken('I12', id, 'it names an unreachable task twice');
      named += its.size;
      return undefined;
    },
    (refs) => 1 + refs.length,
  );
  if (stray !== undefined) return stray;
  yield* each(state.frameworks.walk(), pace, ({ unreachableTasks }) => (named -= unreachableTasks.size));
  return named === 0 ? undefined : broken('I12', 'unreachableTasks', 'some are of no agent');
}
