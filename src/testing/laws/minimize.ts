/** Making a counterexample small. */
import type { Counterexample } from './names.js';
import { isSmaller, simpler, sizeOf } from './simplify.js';
import { tasksIn, type Trial } from './trial.js';

/** Says what is wrong with a trial, or nothing. */
export type Judge = (trial: Trial) => Counterexample | undefined;

/** How many trials may be made on the way. The steps that take most away come first, so it is mostly done long before. */
const patience = 4_000;

/** With so many tasks a drive is still short. */
const fewTasks = 60;

/** A trial on which a law is broken, and how that looks. */
export interface Found {
  readonly trial: Trial;
  readonly counterexample: Counterexample;
}

/**
 * Takes away what can be taken away while the law stays broken. What was found to be wrong is kept from the time it was seen:
 * a policy that rolls dice may not show it again.
 */
export function minimized(found: Found, judge: Judge): Found {
  let smallest = found;
  let tries = 0;
  search: while (tries < patience) {
    const size = sizeOf(smallest.trial);
    // Smaller tasks are more of them: that is simpler up to a point.
    const most = Math.max(fewTasks, tasksIn(smallest.trial));
    for (const trial of simpler(smallest.trial)) {
      if (!isSmaller(sizeOf(trial), size) || tasksIn(trial) > most) continue;
      tries += 1;
      const counterexample = judge(trial);
      if (counterexample !== undefined) {
        smallest = { trial, counterexample };
        continue search;
      }
      if (tries >= patience) break search;
    }
    break;
  }
  return smallest;
}
