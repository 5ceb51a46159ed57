/** Single-resource fairness where everybody takes all that it is offered, of many machines in one run. */
import type { Policy } from '../../offers/index.js';
import { amount, fromMilli, quantitiesFromScalarResources } from '../../resources/index.js';
import { Driven } from '../drives/driven.js';
import { openingOf } from '../drives/opening.js';
import type { Judge } from './minimize.js';
import { byRole, summedByRole } from './crews.js';
import { shown } from './division-laws.js';
import { playedOutcome } from './outcomes.js';
import type { Trial } from './trial.js';

/** What somebody was granted of the first kind, in all and at most at once. Thousandths. */
interface Got {
  readonly sum: number;
  readonly most: number;
}

/**
 * Whoever has most was lowest when it got the last of it. So but for its largest grant it has, by weight, no more than anybody:
 * one who does not look again after each grant of a run gives it all to one.
 */
export function wholeMachines(policy: Policy): Judge {
  return (trial) => {
    if (trial.agents.length < 2) return undefined;
    const { driven, got } = takenWhole(trial, policy);
    const { users } = byRole(trial);
    const sums = summedByRole(
      trial,
      got.map(({ sum }) => sum),
    );
    const largest = Math.max(...got.map(({ most }) => most));
    for (const [i, user] of users.entries()) {
      for (const [j, other] of users.entries()) {
        const less = (sums[j] ?? 0) - largest;
        if (less / other.weight <= (sums[i] ?? 0) / user.weight + 1e-9 * largest) continue;
        const weights = user.weight === other.weight ? '' : ` for weights of ${other.weight} and ${user.weight}`;
        const kind = trial.kinds[0] ?? '';
        const sentence =
          `When everybody takes all it is offered, ${other.name} gets ${shown(fromMilli(sums[j] ?? 0))} ${kind} and ${user.name} ` +
          `${shown(fromMilli(sums[i] ?? 0))}${weights}: that is more than the largest grant apart.`;
        return { ...playedOutcome(trial, driven), sentence };
      }
    }
    return undefined;
  };
}

function takenWhole(trial: Trial, policy: Policy): { readonly driven: Driven; readonly got: readonly Got[] } {
  const { agents, users, kinds } = trial;
  const [kind = ''] = kinds;
  const driven = new Driven(policy, { agents: agents.length, users: users.length });
  for (const input of openingOf(trial)) driven.tell(input);
  const got = users.map((): Got => ({ sum: 0, most: 0 }));
  for (let rounds = 1 + agents.length; rounds > 0; rounds -= 1) {
    for (const offer of driven.allocate()) {
      const who = users.findIndex(({ name }) => name === offer.framework);
      const milli = amount(quantitiesFromScalarResources(offer.resources), kind);
      const task = { id: `${offer.framework}-${driven.inputs.length}`, resources: `${kind}:${fromMilli(milli)}` };
      if (milli === 0 || !driven.take(offer, task)) driven.decline(offer, 3_600);
      else got[who] = { sum: (got[who]?.sum ?? 0) + milli, most: Math.max(got[who]?.most ?? 0, milli) };
    }
  }
  return { driven, got };
}
