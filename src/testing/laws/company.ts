/**
 * Another cluster that the same policy serves in between. What a policy remembers of one by the names that both have is wrong
 * for the other.
 */
import type { Policy } from '../../offers/index.js';
import { contains, resources } from '../../resources/index.js';
import { Driven } from '../drives/driven.js';
import { openingOf } from '../drives/opening.js';
import { amountsText } from './show.js';
import { unit, type Trial } from './trial.js';

/** Lives on beside a history: each call is a run, in which whoever is offered something takes a task. */
export function companyOf(trial: Trial, policy: Policy): () => void {
  const other = strangerTo(trial);
  const driven = new Driven(policy, { agents: other.agents.length, users: other.users.length });
  for (const input of openingOf(other)) driven.tell(input);
  const demands = new Map(other.users.map(({ name, demand }) => [name, amountsText(other.kinds, demand)]));
  let tasks = 0;
  return () => {
    for (const offer of driven.allocate()) {
      const demand = demands.get(offer.framework) ?? '';
      tasks += 1;
      if (contains(offer.resources, resources(demand))) driven.take(offer, { id: `t${tasks}`, resources: demand });
      else driven.decline(offer, 0);
    }
  };
}

/** The same names, and other numbers: everybody wants what the next one wants, and more is there. */
function strangerTo(trial: Trial): Trial {
  const { users, agents } = trial;
  return {
    ...trial,
    moves: [],
    quotas: [],
    agents: agents.map((agent) => ({ ...agent, amounts: agent.amounts.map((amount) => 2 * amount + unit) })),
    users: users.map((user, i) => ({ ...user, demand: users[(i + 1) % users.length]?.demand ?? user.demand })),
  };
}
