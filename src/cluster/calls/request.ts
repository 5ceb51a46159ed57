/** REQUEST: recorded as demand, never a preference; with preemption, what room is made for. */
import { recordDemand, type Demand } from '../../offers/index.js';
import { InputError, resources, validateRole } from '../../resources/index.js';
import type { Draft } from '../draft.js';
import type { RequestCall, ResourceRequest } from '../inputs.js';
import { renewAsks } from '../preemption/review.js';
import { heard, reject } from './heard.js';

/** Replaces what the framework last said that it would like to get; a bad entry leaves that as it was. */
export function request(draft: Draft, call: RequestCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  try {
    const demand = call.requests.map((entry, index) => readRequest(entry, `requests[${index}]`));
    recordDemand(draft.allocator, framework.id, demand);
    renewAsks(draft, framework.id);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    reject(draft, call, error.code, error.message);
  }
}

function readRequest(entry: ResourceRequest, path: string): Demand {
  const count = entry.count ?? 1;
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new InputError('bad-count', `${path}.count`, 'count must be a whole number, 0 or more');
  }
  const bad = entry.role === undefined ? undefined : validateRole(entry.role);
  if (bad !== undefined) throw new InputError(bad.code, `${path}.role`, bad.message);
  return {
    role: entry.role ?? null,
    agent: entry.agent ?? null,
    resources: resources(entry.resources ?? [], `${path}.resources`),
    count,
  };
}
