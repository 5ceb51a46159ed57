/** Workloads by name. */
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { facebookWorkload, mixedWorkload, omegaWorkload } from './generators.js';
import type { Workload } from './workload.js';

const workloads: ReadonlyMap<string, () => Workload> = new Map<string, () => Workload>([
  ['facebook', () => facebookWorkload()],
  ['facebook-24k', () => facebookWorkload({ jobs: 24_000, tenants: 10 })],
  ['omega', () => omegaWorkload()],
  ['mixed', () => mixedWorkload()],
]);

/** The names that {@link workloadPreset} knows. */
export const workloadNames: readonly string[] = [...workloads.keys()];

/**
 * A workload by name.
 *
 * - `facebook`: a day of 5,900 jobs shaped as those of Facebook's trace of 2009, by five teams
 * - `facebook-24k`: a day of 24,000 of them, by ten teams
 * - `omega`: a day of the default jobs of the Omega simulator, batch and service
 * - `mixed`: six hours of services, batch jobs of two teams, and gangs, for some hundred cpus
 *
 * @throws InputError `unknown-workload`
 * @remarks Since 0.1.0
 */
export function workloadPreset(name: string): Workload {
  const make = workloads.get(name);
  if (make !== undefined) return make();
  const message = `There is no workload ${quote(name)}; there are: ${workloadNames.join(', ')}`;
  throw new InputError('unknown-workload', 'workload', message);
}
