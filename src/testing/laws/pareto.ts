/** Nothing is left that somebody could use. */
import { contains, resources } from '../../resources/index.js';
import type { Filled, Filling } from '../drives/fill.js';
import type { Judge } from './minimize.js';
import { filledOutcome } from './outcomes.js';
import { amountsText, resourcesText } from './show.js';
import type { Trial } from './trial.js';

/** Fills a trial, once; it can be gone on with. */
export type FillOf = (trial: Trial) => { readonly filling: Filling; readonly filled: Filled };

/**
 * When agents are closed one by one, others may still have use for what is left of them. So they are opened again, all of
 * them; whoever finds too little on one looks away from it. In the end no agent has room for one more task of anybody.
 */
export function paretoEfficiency(fill: FillOf): Judge {
  return (trial) => {
    const { filling } = fill(trial);
    filling.goOn();
    for (const { id, free } of filling.driven.state.allocator.agents.values()) {
      for (const { name, demand } of trial.users) {
        if (!contains(free, resources(amountsText(trial.kinds, demand)))) continue;
        const sentence = `${name} could run another task on ${id}, where ${resourcesText(free)} is free, and is never offered it.`;
        return { ...filledOutcome(trial, filling.filled), sentence };
      }
    }
    return undefined;
  };
}
