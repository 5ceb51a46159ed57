/** What every output must look like, whatever led to it. */
import type { ClusterState, Output } from '../../src/cluster/index.js';
import type { Step } from './history.js';

/** What is wrong with the outputs of a step; undefined = nothing. */
export function malformed({ before, input, after, outputs }: Step): string | undefined {
  for (const output of outputs) {
    const problem =
      input.type === 'batch' ? nameProblem([before, after], output, true) : nameProblem([before, after], output, false);
    if (problem !== undefined) return `${problem}: ${JSON.stringify(output)}`;
    if (hasHoles(output)) return `a field is there and undefined: ${JSON.stringify(output)}`;
  }
  return undefined;
}

function nameProblem(
  states: readonly [ClusterState, ClusterState],
  output: Output,
  batch: boolean,
): string | undefined {
  const [before, after] = states;
  switch (output.type) {
    case 'policy-failed':
      return undefined;
    case 'report-refused':
    case 'rejected':
    case 'error':
      return output.code === '' || output.message === '' ? 'a refusal says nothing' : undefined;
    case 'subscribed':
    case 'offers':
    case 'rescind':
    case 'inverse-offers':
    case 'rescind-inverse-offer':
    case 'update':
    case 'operation-update':
    case 'agent-message':
    case 'failure': {
      if (batch) return undefined;
      const connections = states.map((state) => state.frameworks.get(output.framework)?.connection);
      if (!connections.includes(output.connection)) return 'an event is for nobody';
      if (output.type === 'offers') return offersProblem(after, output);
      if (output.type === 'rescind' && !before.offers.has(output.offer))
        return 'an offer is rescinded that was not there';
      if (output.type === 'update') return updateProblem(output);
      return undefined;
    }
    case 'registration-refused':
      return output.code === '' || output.message === '' ? 'a refusal says nothing' : undefined;
    case 'registered':
      // It may have come back only to be sent away: nothing was left of its drain to wait for.
      return batch || after.agents.get(output.agent)?.connected === true || after.gone.has(output.agent)
        ? undefined
        : 'an agent is welcomed that is not there';
    default:
      if (batch || after.gone.has(output.agent)) return undefined;
      return states.some((state) => state.agents.get(output.agent)?.connected === true)
        ? undefined
        : 'a command is for nobody';
  }
}

function offersProblem(after: ClusterState, output: Extract<Output, { readonly type: 'offers' }>): string | undefined {
  if (output.offers.length === 0) return 'no offers are offered';
  for (const offer of output.offers) {
    if (offer.framework !== output.framework) return "somebody else's offer";
    if (after.offers.get(offer.id)?.offer !== offer) return 'an offer does not stand';
    if (offer.resources.items.length === 0) return 'an empty offer';
    if (offer.resources.items.some(({ allocated }) => allocated !== undefined)) return 'an offer in allocated form';
  }
  return undefined;
}

function updateProblem({ status }: Extract<Output, { readonly type: 'update' }>): string | undefined {
  if (status.reason === 'reconciliation' && (status.uuid !== undefined || status.data !== undefined))
    return 'an answer wants an answer';
  return Number.isFinite(status.timestamp) ? undefined : 'a status without a time';
}

function hasHoles(output: Output): boolean {
  return Object.values(output).some((value) => value === undefined);
}
