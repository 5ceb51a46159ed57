/** MESSAGE to an executor: opaque, no guarantee (KILL-5). */
import { emit, type Draft } from '../draft.js';
import type { FrameworkMessageCall } from '../inputs.js';
import { heard, reject } from './heard.js';
import { cut } from '../../resources/quote.js';

/** Passes bytes on to the agent, if it is there. */
export function sendMessage(draft: Draft, call: FrameworkMessageCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  if (draft.agents.get(call.agent)?.connected !== true) {
    reject(draft, call, 'unknown-agent', `Agent ${cut(call.agent)} is not connected`);
    return;
  }
  const { agent, executor, data } = call;
  emit(draft, { type: 'framework-message', agent, framework: framework.id, executor, data });
}
