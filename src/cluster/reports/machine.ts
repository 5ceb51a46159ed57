/** UPDATE-AGENT, HEARTBEAT and UNREGISTER (ALLOC-16, AG-2, AG-10). */
import { InputError, attributes, type Problem } from '../../resources/index.js';
import type { HeartbeatReport, UnregisterReport, UpdateAgentReport } from '../../tasks/index.js';
import type { AgentChange } from '../../offers/index.js';
import { removeAgent } from '../agents.js';
import { emit, putAgent, type Draft } from '../draft.js';
import { forgetEffects } from '../feedback.js';
import { changeMachine } from './register.js';
import { readNewTotal } from './total.js';

/** The machine changed; a bad description changes nothing: the host hears of it. */
export function machineChanged(draft: Draft, report: UpdateAgentReport): void {
  if (!draft.agents.has(report.agent)) return;
  const change = readChange(draft, report);
  if ('problem' in change) {
    const { code, message } = change.problem;
    emit(draft, { type: 'report-refused', agent: report.agent, report: report.type, code, message });
    return;
  }
  if (report.resources !== undefined) forgetEffects(draft, report.agent);
  changeMachine(draft, report.agent, change.change);
}

function readChange(
  draft: Draft,
  report: UpdateAgentReport,
): { readonly change: AgentChange } | { readonly problem: Problem } {
  try {
    return {
      change: {
        ...(report.resources === undefined && report.oversubscribed === undefined
          ? {}
          : { total: readNewTotal(draft, report.agent, report) }),
        ...(report.attributes === undefined ? {} : { attributes: attributes(report.attributes) }),
        ...(report.capabilities === undefined ? {} : { capabilities: report.capabilities }),
      },
    };
  } catch (error) {
    if (error instanceof InputError) return { problem: error };
    throw error;
  }
}

/** The agent lives: one number, and nothing else happens. */
export function heartbeat(draft: Draft, report: HeartbeatReport): void {
  const agent = draft.agents.get(report.agent);
  if (agent?.connected === true) putAgent(draft, { ...agent, lastSeen: draft.now - draft.stalledMs });
}

/** A graceful end: its tasks are lost with it (AG-10). */
export function unregister(draft: Draft, report: UnregisterReport): void {
  if (draft.agents.has(report.agent)) removeAgent(draft, report.agent, 'agent-removed', 'Agent unregistered');
}
