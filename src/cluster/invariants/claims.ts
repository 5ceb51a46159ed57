/** Room is made rightly. */
import { first, type Pace, type Steps } from '../../resources/steps.js';
import type { ClusterState } from '../state.js';
import { broken, type Violation } from './rule.js';

/** I21: room is made on agents that are there, for frameworks that are there and ask for it, and only if it is to be. */
export function* claimsHold(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const { claims, spent, lacking, review } = state.preemption;
  const isOff = state.config.preemption === null;
  if (isOff && claims.size + spent.size + lacking.size + (review === null ? 0 : 1) > 0) {
    return broken('I21', 'preemption', 'it is under way, and is not wanted');
  }
  const stray = yield* first(spent.walk(), pace, (_, id) =>
    state.frameworks.has(id) ? undefined : broken('I21', id, 'claims were made for it, and it is not there'),
  );
  if (stray !== undefined) return stray;
  return yield* first(claims.walk(), pace, ({ agent, framework, role }) => {
    if (state.agents.get(agent)?.connected !== true) return broken('I21', agent, 'it is claimed, and is not there');
    const isMember = state.allocator.frameworks.get(framework)?.roles.includes(role) === true;
    if (!isMember) return broken('I21', agent, `it is claimed for ${framework} in ${role}, where that is not`);
    return state.allocator.demand.has(framework) ? undefined : broken('I21', agent, 'it is claimed, and nobody asks');
  });
}
