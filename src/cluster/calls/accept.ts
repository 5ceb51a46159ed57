/** ACCEPT: offers become tasks (ACC-1 … 13). */
import { recover, refusalMs } from '../../offers/index.js';
import { add, isEmpty, noResources } from '../../resources/index.js';
import { cut } from '../../resources/quote.js';
import { outcome } from '../../tasks/index.js';
import { agentOf, tell, type Draft } from '../draft.js';
import type { AcceptCall, LaunchGroupOperation, LaunchOperation, OperationLike } from '../inputs.js';
import { discardOffer, forgiveSilence, useOffer } from '../offers.js';
import type { Offer } from '../outputs.js';
import type { Framework } from '../state.js';
import { isPartitionAware, masterStatus } from '../tasks.js';
import { heard } from './heard.js';
import { launch, launchGroup } from './launch.js';
import { operate } from './operate.js';
import { leftOver, poolOf, type Pool } from './pool.js';

/**
 * Applies the operations in order to what is left of the offers; each is all-or-nothing by itself, a failing one is
 * dropped and the next ones still run (ACC-5). What is left at the end is declined (ACC-8, ACC-11). One bad offer id
 * makes the whole call void (ACC-2).
 */
export function accept(draft: Draft, call: AcceptCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  forgiveSilence(draft, framework);
  const pool = mergeOffers(draft, call, framework);
  if (typeof pool === 'string') {
    voidCall(draft, call, framework, pool);
    return;
  }
  for (const operation of call.operations) applyOperation(draft, framework, operation, pool);
  const { made, declined } = leftOver(pool);
  const key = { framework: framework.id, agent: pool.agent, role: pool.role };
  if (!isEmpty(made)) recover(draft.allocator, { ...key, resources: made }, 0);
  if (!isEmpty(declined)) recover(draft.allocator, { ...key, resources: declined }, refusalMs(call.refuseSeconds));
}

/** Takes the offers of a valid call, or says what is wrong, in the order of ACC-1. */
function mergeOffers(draft: Draft, call: AcceptCall, framework: Framework): Pool | string {
  const seen = new Set<string>();
  for (const id of call.offers) {
    if (seen.has(id)) return `Duplicate offer ${cut(id)} in offer list`;
    seen.add(id);
  }
  const offers: Offer[] = [];
  for (const id of call.offers) {
    const offer = draft.offers.get(id)?.offer;
    if (offer === undefined) return `Offer ${cut(id)} is no longer valid`;
    offers.push(offer);
  }
  const foreign = offers.find((offer) => offer.framework !== framework.id);
  if (foreign !== undefined) return `Offer ${foreign.id} has invalid framework`;

  const [first] = offers;
  if (first === undefined) return 'No offers specified';
  if (offers.some(({ role }) => role !== first.role)) return 'Aggregated offers must be allocated to the same role';
  if (offers.some(({ agent }) => agent !== first.agent)) return 'Aggregated offers must belong to one single agent';
  let remaining = noResources;
  for (const { id, resources } of offers) {
    useOffer(draft, id);
    remaining = add(remaining, resources);
  }
  const mine = agentOf(draft, first.agent).executors.filter((executor) => executor.framework === framework.id);
  return poolOf(
    first.agent,
    first.role,
    remaining,
    mine.map(({ info }) => info),
  );
}

/** ACC-2: the framework's offers of the call are discarded without a filter, every task of it ends here. */
function voidCall(draft: Draft, call: AcceptCall, framework: Framework, why: string): void {
  // A task that names no agent was meant for that of an offer, if one is still known.
  const meant = call.offers.map((id) => draft.offers.get(id)?.offer.agent).find((agent) => agent !== undefined);
  for (const id of call.offers) {
    if (draft.offers.get(id)?.offer.framework === framework.id) discardOffer(draft, id);
  }
  const { state, reason, source } = outcome('invalid-offers', isPartitionAware(framework));
  const message = `Task launched with invalid offers: ${why}`;
  for (const operation of call.operations) {
    if (isLaunch(operation)) {
      for (const { id, agent = meant } of operation.tasks) {
        const where = agent === undefined ? {} : { agent };
        const status = masterStatus(draft, { task: id, state, reason, source, message, ...where });
        tell(draft, framework.id, { type: 'update', status });
      }
    } else failOperation(draft, framework, operation, `Operation attempted with invalid offers: ${why}`);
  }
}

function applyOperation(draft: Draft, framework: Framework, operation: OperationLike, pool: Pool): void {
  switch (operation.type) {
    case 'launch':
      launch(draft, framework.id, operation, pool);
      return;
    case 'launch-group':
      launchGroup(draft, framework.id, operation, pool);
      return;
    case 'reserve':
    case 'unreserve':
    case 'create':
    case 'destroy':
    case 'grow-volume':
    case 'shrink-volume':
    case 'create-disk':
    case 'destroy-disk': {
      const problem = operate(draft, framework, operation, pool);
      if (problem !== undefined) failOperation(draft, framework, operation, problem.message, pool.agent);
      return;
    }
  }
  operation satisfies never;
}

function isLaunch(operation: OperationLike): operation is LaunchOperation | LaunchGroupOperation {
  return operation.type === 'launch' || operation.type === 'launch-group';
}

/** An operation without an id is dropped without a word (ACC-2, OP-2). */
function failOperation(
  draft: Draft,
  framework: Framework,
  operation: OperationLike,
  message: string,
  agent?: string,
): void {
  if (operation.id === undefined) return;
  tell(draft, framework.id, {
    type: 'operation-update',
    operation: operation.id,
    state: 'error',
    message,
    ...(agent === undefined ? {} : { agent }),
  });
}
