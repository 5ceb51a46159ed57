import type { ClusterState, Input, Output } from '../cluster/index.js';
import type { Table } from '../resources/index.js';
import { plainInputs } from './inputs.js';
import type { AgentEvent, FrameworkEvent, OfferEvent, TaskEvent } from './events.js';

/** One transition, as its consequences are read from it. */
export interface Change {
  readonly input: Input;
  readonly before: ClusterState;
  readonly state: ClusterState;
  readonly outputs: readonly Output[];
}

/** What one output says of offers. */
export function offerEvents(output: Output): readonly OfferEvent[] {
  switch (output.type) {
    case 'offers':
      return output.offers.map((offer) => ({ type: 'offered', framework: output.framework, offer }));
    case 'rescind':
      return [{ type: 'rescinded', framework: output.framework, offer: output.offer }];
    case 'inverse-offers':
      return output.offers.map((offer) => ({ type: 'inverse-offered', framework: output.framework, offer }));
    case 'rescind-inverse-offer':
      return [{ type: 'inverse-rescinded', framework: output.framework, offer: output.offer }];
    default:
      return [];
  }
}

/** What one output says of tasks. */
export function taskEvents(output: Output): readonly TaskEvent[] {
  switch (output.type) {
    case 'launch':
      return [launched(output, output.task.id)];
    case 'launch-group':
      return output.tasks.map(({ id }) => launched(output, id));
    case 'update':
      return [{ type: 'status', framework: output.framework, task: output.status.task, status: output.status }];
    default:
      return [];
  }
}

function launched(
  { framework, agent }: { readonly framework: string; readonly agent: string },
  task: string,
): TaskEvent {
  return { type: 'launched', framework, task, agent };
}

/** What became of agents: first those that went, by id, then what was answered. */
export function agentEvents({ input, before, state, outputs }: Change): readonly AgentEvent[] {
  const admitted = outputs.filter((output) => output.type === 'registered').map(({ agent }) => agent);
  const gone = missing(before.agents, state.agents, admitted).map((agent): AgentEvent => ({
    type: state.unreachable.has(agent) ? 'unreachable' : state.gone.has(agent) ? 'gone' : 'removed',
    agent,
  }));
  const disconnected = plainInputs(input).flatMap((each): readonly AgentEvent[] => {
    if (each.type !== 'agent-disconnected') return [];
    const { agent } = each;
    const broke = before.agents.get(agent)?.connected === true && state.agents.get(agent)?.connected === false;
    return broke ? [{ type: 'disconnected', agent }] : [];
  });
  const answered = outputs.flatMap((output): readonly AgentEvent[] => {
    if (output.type === 'registered') return [{ type: 'registered', agent: output.agent }];
    if (output.type === 'report-refused') return [output];
    if (output.type !== 'registration-refused') return [];
    return [{ type: 'refused', agent: output.agent, code: output.code, message: output.message }];
  });
  return [...gone, ...disconnected, ...answered, ...serviceEvents(before, state)];
}

/** Who went out of service, who is empty now, and who may be offered again. */
function serviceEvents({ service: before }: ClusterState, { service, agents }: ClusterState): readonly AgentEvent[] {
  if (before === service) return [];
  const changed = service.values().flatMap(({ id: agent, drain }): readonly AgentEvent[] => {
    const old = before.get(agent);
    const type = drain?.state ?? 'deactivated';
    return old !== undefined && (old.drain?.state ?? 'deactivated') === type ? [] : [{ type, agent }];
  });
  const back = before.keys().filter((agent) => !service.has(agent) && agents.has(agent));
  return [...changed, ...back.map((agent): AgentEvent => ({ type: 'reactivated', agent }))];
}

/** What became of frameworks: first those that went, by id, then what was answered. */
export function frameworkEvents({ input, before, state, outputs }: Change): readonly FrameworkEvent[] {
  const welcomed = outputs.filter((output) => output.type === 'subscribed').map(({ framework }) => framework);
  const gone = missing(before.frameworks, state.frameworks, welcomed).map((framework): FrameworkEvent => ({
    type: 'removed',
    framework,
  }));
  const disconnected = plainInputs(input).flatMap((each): readonly FrameworkEvent[] => {
    if (each.type !== 'framework-disconnected') return [];
    const { framework } = each;
    const now = state.frameworks.get(framework);
    const broke = before.frameworks.get(framework)?.state === 'connected' && now?.state === 'disconnected';
    return broke ? [{ type: 'disconnected', framework }] : [];
  });
  const answered = outputs.flatMap((output): readonly FrameworkEvent[] => {
    if (output.type === 'subscribed') return [{ type: 'subscribed', framework: output.framework }];
    if (output.type !== 'error') return [];
    const { framework, code, message } = output;
    return [{ type: 'ended', ...(framework !== undefined && { framework }), code, message }];
  });
  return [...gone, ...disconnected, ...answered];
}

/** Which ids of a table are gone. The sizes tell whether any is: tables are large, and nearly always none is. */
function missing(before: Table<unknown>, after: Table<unknown>, entered: readonly string[]): readonly string[] {
  if (before === after) return [];
  const newcomers = new Set(entered.filter((id) => !before.has(id))).size;
  if (after.size >= before.size + newcomers) return [];
  return before.keys().filter((id) => !after.has(id));
}
