/** What became of a trial, as a reader sees it. */
import { tasks as tasksOf } from '../../cluster/index.js';
import { add, noResources } from '../../resources/index.js';
import type { Driven } from '../drives/driven.js';
import type { Filled } from '../drives/fill.js';
import type { Outcome } from './names.js';
import { amountsText, clusterOf, resourcesText } from './show.js';
import type { Trial } from './trial.js';

/** So many tasks each, whole ones or not. */
function tasksOutcome(trial: Trial, tasks: readonly number[]): Omit<Outcome, 'replay'> {
  return {
    ...clusterOf(trial),
    allocated: trial.users.map(({ name, demand }, i) => {
      const count = tasks[i] ?? 0;
      const amounts = demand.map((amount) => Math.round(amount * count));
      return { framework: name, tasks: count, resources: amountsText(trial.kinds, amounts) };
    }),
  };
}

/** How everybody fared in a division of what can be cut. */
export function dividedOutcome(trial: Trial, tasks: readonly number[]): Outcome {
  return { ...tasksOutcome(trial, tasks), replay: [] };
}

/** How everybody fared in a drive. */
export function filledOutcome(trial: Trial, { tasks, inputs }: Filled): Outcome {
  return { ...tasksOutcome(trial, tasks), replay: inputs };
}

/** What everybody runs after a history. */
export function playedOutcome(trial: Trial, { state, inputs }: Driven): Outcome {
  const tasks = tasksOf(state).filter(({ holds }) => holds);
  return {
    ...clusterOf(trial),
    allocated: trial.users.map(({ name }) => {
      const own = tasks.filter(({ framework }) => framework === name);
      const sum = own.reduce((all, { resources }) => add(all, resources), noResources);
      return { framework: name, tasks: own.length, resources: resourcesText(sum) };
    }),
    replay: [...inputs],
  };
}
