/** DRAIN, DEACTIVATE, REACTIVATE, MARK-GONE (DRAIN-1, DRAIN-2, AG-6). */
import { InputError } from '../../resources/index.js';
import { cut } from '../../resources/quote.js';
import { refreshActivity } from '../activity.js';
import type { Draft } from '../draft.js';
import { markGone } from '../gone.js';
import type { ServiceControl } from '../inputs.js';
import { drainTasks, takeOutOfService } from '../service.js';

/**
 * Takes an agent out of service, or puts it back. The agent may be away: what is wanted holds when it returns.
 *
 * @throws InputError `unknown-agent`; `agent-gone`; `bad-number` for a grace that is none; `agent-incapable` for a bound on
 *   graces that the agent does not know of (AG-12); `not-deactivated` and `still-draining` when there is nothing to reactivate (yet)
 */
export function serve(draft: Draft, control: ServiceControl): void {
  const { agent } = control;
  if (control.type === 'mark-gone' && draft.gone.has(agent)) return;
  demandKnown(draft, agent);
  switch (control.type) {
    case 'drain':
      return drain(draft, control);
    case 'deactivate':
      return deactivate(draft, agent);
    case 'reactivate':
      return reactivate(draft, agent);
    case 'mark-gone':
      return markGone(draft, agent);
  }
  return control satisfies never;
}

function demandKnown(draft: Draft, agent: string): void {
  if (draft.gone.has(agent)) throw new InputError('agent-gone', 'agent', `Agent ${agent} is gone for good`);
  if (draft.agents.has(agent) || draft.recovered.has(agent) || draft.unreachable.has(agent)) return;
  throw new InputError('unknown-agent', 'agent', `There is no agent ${cut(agent)}`);
}

/** A drain that goes on, or is done, begins anew with what is said now. */
function drain(draft: Draft, control: Extract<ServiceControl, { readonly type: 'drain' }>): void {
  const { agent, maxGraceMs, markGone: gone = false } = control;
  if (maxGraceMs !== undefined && !(Number.isFinite(maxGraceMs) && maxGraceMs >= 0)) {
    throw new InputError('bad-number', 'maxGraceMs', 'maxGraceMs must be a finite number, 0 or more');
  }
  const capabilities = draft.allocator.agents.get(agent)?.capabilities;
  if (maxGraceMs !== undefined && capabilities?.includes('agent-draining') === false) {
    const message = `Agent ${cut(agent)} does not know how to bound the grace of tasks; drain it without maxGraceMs`;
    throw new InputError('agent-incapable', 'maxGraceMs', message);
  }
  takeOutOfService(draft, {
    id: agent,
    drain: {
      state: 'draining',
      maxGraceMs: maxGraceMs === undefined ? null : Math.round(maxGraceMs),
      markGone: gone,
      since: draft.now,
    },
  });
  drainTasks(draft, agent, 'all');
}

/** An agent that drains is deactivated already, and stays so. */
function deactivate(draft: Draft, agent: string): void {
  if (!draft.service.has(agent)) takeOutOfService(draft, { id: agent, drain: null });
}

function reactivate(draft: Draft, agent: string): void {
  const service = draft.service.get(agent);
  if (service === undefined) throw new InputError('not-deactivated', 'agent', `Agent ${agent} is not deactivated`);
  if (service.drain?.state === 'draining') {
    throw new InputError('still-draining', 'agent', `Agent ${agent} is still being drained`);
  }
  draft.service = draft.service.remove(agent, draft.edit);
  if (draft.agents.has(agent)) refreshActivity(draft, agent);
}
