/** Which agents a run looks at. */
import { isEmpty } from '../resources/index.js';
import type { AllocatorAgent, AllocatorState } from './state.js';

/** ALLOC-2: active, on the whitelist, and with something to give. */
export function isCandidate(state: AllocatorState, agent: AllocatorAgent): boolean {
  return mayBeOffered(state, agent) && !isEmpty(agent.free);
}

export function mayBeOffered(state: AllocatorState, agent: AllocatorAgent): boolean {
  return agent.active && isWhitelisted(state, agent);
}

/** Whether the operator lets this host be offered. */
export function isWhitelisted(state: AllocatorState, agent: AllocatorAgent): boolean {
  return state.whitelist === null || state.whitelist.has(agent.hostname);
}
