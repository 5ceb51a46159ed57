/** Experiments of papers by name. */
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { drfFacebook } from './drf-facebook.js';
import { drfSharing } from './drf-sharing.js';
import { drfSlots } from './drf-slots.js';
import { mesosMacro } from './mesos-macro.js';
import type { PaperResult } from './paper.js';

const papers: ReadonlyMap<string, (seed: number) => PaperResult> = new Map([
  ['drf-sharing', drfSharing],
  ['drf-slots', drfSlots],
  ['drf-facebook', drfFacebook],
  ['mesos-macro', mesosMacro],
]);

/** The names that {@link reproducePaper} knows. */
export const paperNames: readonly string[] = [...papers.keys()];

/**
 * Makes an experiment of a paper again, and puts its figures beside ours.
 *
 * - `drf-sharing`: two jobs whose demands change (DRF, NSDI 2011, Figure 8)
 * - `drf-slots`: DRF against slots and CPU fairness (the same, Figures 9-12)
 * - `drf-facebook`: DRF against slots on Facebook's jobs, by size (the same, Figure 14)
 * - `mesos-macro`: four frameworks on one cluster against a quarter each (Mesos, NSDI 2011, Tables 3-5)
 *
 * @param seed of all luck
 * @throws InputError `unknown-paper`
 * @remarks Since 0.1.0
 */
export function reproducePaper(name: string, seed: number = 1): PaperResult {
  const make = papers.get(name);
  if (make !== undefined) return make(seed);
  const message = `There is no paper's experiment ${quote(name)}; there are: ${paperNames.join(', ')}`;
  throw new InputError('unknown-paper', 'paper', message);
}
