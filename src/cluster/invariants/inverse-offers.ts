/** Who is asked to leave is asked rightly. */
import { each, first, type Pace, type Steps } from '../../resources/steps.js';
import type { InverseOffer } from '../outputs.js';
import type { ClusterState } from '../state.js';
import { isSamePlan } from './plan.js';
import { broken, type Violation } from './rule.js';

/** I20: an inverse offer asks one who is there to leave an agent that is there and will be away; who was asked what is known alike everywhere. */
export function* inverseOffersHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const asked = new Set<string>();
  let askedBack = 0;
  const wrong = yield* first(state.inverseOffers.walk(), pace, ({ offer }) => {
    asked.add(JSON.stringify([offer.agent, offer.framework]));
    askedBack += offer.tasks === undefined ? 0 : 1;
    return askedWrongly(state, offer);
  });
  if (wrong !== undefined) return wrong;
  if (asked.size !== state.inverseOffers.size) return broken('I20', 'inverseOffers', 'somebody was asked twice');
  const count = { listed: 0, outstanding: 0, standing: 0 };
  const forgotten = yield* first(state.agents.walk(), pace, ({ id, inverseOffers }) => {
    count.listed += inverseOffers.length;
    for (const { framework, outstanding } of state.allocator.agents.get(id)?.maintenance?.standings ?? []) {
      count.standing += 1;
      count.outstanding += outstanding ? 1 : 0;
      if (state.allocator.frameworks.get(framework)?.standings.has(id) === true) continue;
      return broken('I20', id, `${framework} does not know that it was asked`);
    }
    return undefined;
  });
  if (forgotten !== undefined) return forgotten;
  if (count.listed !== asked.size) return broken('I20', 'agents', 'they name inverse offers that are not there');
  if (count.outstanding + askedBack !== asked.size)
    return broken('I20', 'agents', 'an answer is waited for that nobody was asked for');
  yield* each(state.allocator.frameworks.walk(), pace, ({ standings }) => (count.standing -= standings.size));
  return count.standing === 0 ? undefined : broken('I20', 'frameworks', 'they remember agents that forgot them');
}

function askedWrongly(state: ClusterState, offer: InverseOffer): Violation | undefined {
  const { id, agent, framework, unavailability } = offer;
  if (state.agents.get(agent)?.connected !== true) return broken('I20', id, `agent ${agent} is not there`);
  if (state.service.has(agent)) return broken('I20', id, `agent ${agent} is out of service`);
  if (state.frameworks.get(framework)?.state !== 'connected') {
    return broken('I20', id, `framework ${framework} is not there`);
  }
  const isKnown = state.agents.get(agent)?.inverseOffers.includes(id) === true;
  if (!isKnown) return broken('I20', id, 'its agent does not know it');
  if (offer.tasks !== undefined) {
    const isAsking = state.preemption.claims.get(agent)?.stage === 'asking';
    return isAsking ? undefined : broken('I20', id, `nothing is claimed on agent ${agent}`);
  }
  const plan = state.allocator.agents.get(agent)?.maintenance;
  if (plan == null || !isSamePlan(plan.unavailability, unavailability)) return broken('I20', id, 'that is not planned');
  const standing = plan.standings.find((one) => one.framework === framework);
  return standing?.outstanding === true ? undefined : broken('I20', id, 'nobody waits for the answer');
}
