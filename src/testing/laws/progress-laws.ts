/** Laws of conduct about what must happen in the end. What could happen is what `drf` would do in the same state. */
import { offers as offersOf, type ClusterState, type Offer } from '../../cluster/index.js';
import { drf } from '../../drf/index.js';
import type { Policy } from '../../offers/index.js';
import { contains, resources } from '../../resources/index.js';
import { Driven, offersIn } from '../drives/driven.js';
import { Filling } from '../drives/fill.js';
import type { Judge } from './minimize.js';
import { playedOutcome } from './outcomes.js';
import { heldBy, reservedTo } from './played.js';
import { amountsText, resourcesText } from './show.js';
import type { Play } from './safety-laws.js';
import type { Trial } from './trial.js';

/**
 * When nobody answers, run after run offers everything that anybody may have: in the end `drf` finds nothing more to give.
 */
export function workConservation(policy: Policy, play: Play): Judge {
  return (trial) => {
    const driven = continued(trial, policy, play);
    let idle = 0;
    for (let rounds = 50; rounds > 0 && idle < 2; rounds -= 1) {
      idle = driven.allocate().length === 0 ? idle + 1 : 0;
    }
    // Once more at the same instant: a filter may end with the batch of this instant, after which more may be given.
    const again = { type: 'allocate', at: driven.at, agents: 'all' } as const;
    driven.tell(again);
    const left = offersIn(driven.peek(again, drf)).find((offer) => !isSharedAndOffered(offer, driven.state));
    if (left === undefined) return undefined;
    const { resources: what, agent, framework } = left;
    const sentence = `${resourcesText(what)} of ${agent} is never offered, though ${framework} may have it.`;
    return { ...playedOutcome(trial, driven), sentence };
  };
}

/** What is shared is there as often as one likes: it is enough that somebody was offered it. */
function isSharedAndOffered({ agent, resources: what }: Offer, state: ClusterState): boolean {
  const standing = offersOf(state).filter((offer) => offer.agent === agent);
  return what.items.every(
    ({ shared, disk }) =>
      shared !== undefined &&
      standing.some((offer) =>
        offer.resources.items.some((item) => item.disk?.id === disk?.id && item.shared !== undefined),
      ),
  );
}

/**
 * When everybody refuses all that it is offered, for an hour, everybody is soon offered a task of its own: whoever is under
 * `drf` in as many runs. The number of runs is 4 and two for each framework on each agent.
 */
export function liveness(policy: Policy, play: Play): Judge {
  return (trial) => {
    const driven = continued(trial, policy, play);
    healed(driven);
    const other = new Driven(drf, sizeOf(trial)).follow(driven);
    const served = servedIn(trial, driven);
    const [starved] = [...servedIn(trial, other)].filter((framework) => !served.has(framework));
    if (starved === undefined) return undefined;
    const sentence = `In ${roundsFor(trial)} runs in which everybody refuses what it is offered, ${starved} is not offered its task.`;
    return { ...playedOutcome(trial, driven), sentence };
  };
}

/**
 * A role that is below its guarantee gets what it wants of it, as long as it fits somewhere: in the end no task of it that is
 * all guaranteed could still run.
 */
export function guaranteesFirst(policy: Policy): Judge {
  return (trial) => {
    if (trial.quotas.length === 0) return undefined;
    const { driven } = new Filling(trial, policy).goOn();
    for (const { name, role, demand } of trial.users) {
      const quota = trial.quotas.find((one) => one.role === role);
      if (quota === undefined || !isOwed(trial, driven.state, role, demand, quota.guarantees)) continue;
      const task = amountsText(trial.kinds, demand);
      const machine = driven.state.allocator.agents.values().find(({ free }) => contains(free, resources(task)));
      if (machine === undefined) continue;
      const guaranteed = amountsText(
        trial.kinds,
        quota.guarantees.map((amount) => amount ?? 0),
      );
      const sentence = `${role} is guaranteed ${guaranteed}, and ${name} is not offered a task of it, though one fits on ${machine.id}.`;
      return { ...playedOutcome(trial, driven), sentence };
    }
    return undefined;
  };
}

/** Whether a task is guaranteed in all that it takes. */
function isOwed(
  { kinds }: Trial,
  state: ClusterState,
  role: string,
  demand: readonly number[],
  guarantees: readonly (number | null)[],
): boolean {
  return demand.every((amount, kind) => {
    if (amount === 0) return true;
    const name = kinds[kind] ?? '';
    return heldBy(state, role, name) + reservedTo(state, role, name) + amount <= (guarantees[kind] ?? 0);
  });
}

function continued(trial: Trial, policy: Policy, play: Play): Driven {
  return new Driven(policy, sizeOf(trial)).follow(play(trial).driven);
}

function sizeOf({ agents, users }: Trial): { readonly agents: number; readonly users: number } {
  return { agents: agents.length, users: users.length };
}

function roundsFor({ agents, users }: Trial): number {
  return 4 + 2 * agents.length * users.length;
}

/** Nobody has an offer to answer, and everybody wants to be offered anything. */
function healed(driven: Driven): void {
  for (const offer of offersOf(driven.state)) driven.decline(offer, 0);
  for (const framework of driven.state.frameworks.keys()) {
    driven.tell({ type: 'revive', at: driven.at, connection: framework, framework });
  }
}

/** Who was offered enough for a task. */
function servedIn(trial: Trial, driven: Driven): ReadonlySet<string> {
  const served = new Set<string>();
  const demands = new Map(trial.users.map(({ name, demand }) => [name, resources(amountsText(trial.kinds, demand))]));
  for (let rounds = roundsFor(trial); rounds > 0; rounds -= 1) {
    for (const offer of driven.allocate()) {
      const demand = demands.get(offer.framework);
      if (demand !== undefined && contains(offer.resources, demand)) served.add(offer.framework);
      driven.decline(offer, 3_600);
    }
    if (served.size === demands.size) break;
  }
  return served;
}
