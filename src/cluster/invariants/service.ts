/** What is wanted of agents is done. */
import { first, type Pace, type Steps } from '../../resources/steps.js';
import type { ClusterState } from '../state.js';
import { broken, type Violation } from './rule.js';

/**
 * I14: nothing is offered of an agent that is away, out of service or claimed, of any other everything may be; a drain is over
 * when nothing is left to wait for, and not before; who is gone is nowhere else (AG-6, DRAIN-1, DRAIN-2).
 */
export function* serviceHolds(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const { agents, service, unreachable, recovered } = state;
  const against = yield* first(state.allocator.agents.walk(), pace, ({ id, active }) => {
    const mayBeOffered = agents.get(id)?.connected === true && !service.has(id) && !state.preemption.claims.has(id);
    return active === mayBeOffered ? undefined : broken('I14', id, 'it is offered against what is wanted of it');
  });
  if (against !== undefined) return against;
  const odd = yield* first(service.walk(), pace, ({ id, drain }) => {
    const agent = agents.get(id);
    if (agent === undefined && !unreachable.has(id) && !recovered.has(id)) {
      return broken('I14', id, 'it is out of service and not known');
    }
    if (agent === undefined || drain === null) return undefined;
    const isEmpty = agent.tasks.length === 0 && agent.operations.length === 0;
    const isRight = isEmpty === (drain.state === 'drained');
    return isRight ? undefined : broken('I14', id, `it is ${drain.state} with or without tasks`);
  });
  if (odd !== undefined) return odd;
  return yield* first(state.gone.walk(), pace, (_, id) => {
    const isThere = [agents, unreachable, recovered, service].some((table) => table.has(id));
    return isThere ? broken('I14', id, 'it is gone and there') : undefined;
  });
}

/** I16: while agents of a lost master are awaited, too few are there, it is not time yet, and nothing is offered (ALLOC-18). */
export function* waitIsEmpty(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  if (pace.isOver()) yield;
  const { awaiting, agents, requested, requestedAll, batchDue, now } = state.allocator;
  if (awaiting === null) return undefined;
  if (agents.size >= awaiting.agents) return broken('I16', 'awaiting', `${agents.size} agents are enough`);
  if (now >= awaiting.until) return broken('I16', 'awaiting', `it should have ended at ${awaiting.until}`);
  if (requested.size > 0 || requestedAll || batchDue) return broken('I16', 'awaiting', 'a run is asked for');
  return state.offers.size === 0 ? undefined : broken('I16', 'awaiting', 'something is offered');
}
