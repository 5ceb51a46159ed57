/**
 * The cluster machine: one door for everything that happens to a cluster.
 *
 *     transition(state, input, policy) -> [state, outputs]
 *
 * It is pure: the same state, input and policy give the same state and outputs, and the old state stays as it was. Time
 * comes in as `at`; ids come from counters in the state; luck is a hash of the seed. What the caller now owes comes out
 * as outputs, in order: events to frameworks, commands to agents, and a word to the host when its policy failed.
 *
 * Every input first fires what is due up to its `at`, each thing at its own instant (`time.ts`), then it acts.
 * Allocation never runs by itself: inputs and batches ask for a run, and the input `allocate` performs it; the shell
 * sends that when its queue is empty, so bursts coalesce.
 *
 * Calls, from frameworks (`calls/`). Never make it throw: they are answered.
 *
 * | input | v1 name | rows |
 * |---|---|---|
 * | subscribe | SUBSCRIBE | FW-1 … 4, FW-9 |
 * | update-framework | UPDATE_FRAMEWORK | FW-4, FW-10 |
 * | teardown | TEARDOWN | FW-7 |
 * | accept | ACCEPT | ACC-1 … 13 |
 * | decline | DECLINE | DECL-1, FILT-1 … 4 |
 * | suppress | SUPPRESS | SUPP-1 |
 * | unsuppress, clear-filters, revive | REVIVE, in halves and whole | SUPP-2 |
 * | request | REQUEST | recorded demand |
 * | kill, shutdown | KILL, SHUTDOWN | KILL-1 … 4 |
 * | acknowledge | ACKNOWLEDGE | UPD-4 |
 * | reconcile | RECONCILE | §17 |
 * | acknowledge-operation | ACKNOWLEDGE_OPERATION_STATUS | OP-2 |
 * | reconcile-operations | RECONCILE_OPERATIONS | REC-4 |
 * | accept-inverse-offers, decline-inverse-offers | ACCEPT_, DECLINE_INVERSE_OFFERS | INV-1 |
 * | framework-message | MESSAGE | KILL-5 |
 *
 * Reports, from agents (`reports/`). Never make it throw: they are answered or counted.
 *
 * | input | rows |
 * |---|---|
 * | register, reregister | AG-1, AG-5, AG-8, AG-9, AG-11 |
 * | unregister | AG-10 |
 * | update-agent | ALLOC-16, ATTR-3, REV-1 |
 * | operation-status | OP-1 … 4 |
 * | status, executor-exited, agent-message | UPD-7, TASK-5, TASK-7, TASK-12, KILL-5 |
 * | heartbeat | AG-2 |
 *
 * Links, from transports (`links.ts`): framework-disconnected (FW-5), agent-disconnected (AG-3).
 *
 * Controls, from operator and clock (`controls/`). Throw `InputError` on meaning.
 *
 * | input | rows |
 * |---|---|
 * | tick | lets time pass |
 * | allocate | ALLOC-1 … 10 |
 * | set-weight | WEIGHT-1, WEIGHT-2 |
 * | set-quota | QUOTA-1 … 3 |
 * | set-whitelist | ALLOC-2 |
 * | reserve, unreserve, create-volumes, destroy-volumes, grow-volume, shrink-volume | RSV-5, §10 |
 * | teardown-framework | FW-7 |
 * | set-maintenance, machine-down, machine-up | MNT-1 … 4 |
 * | drain, deactivate, reactivate | DRAIN-1, DRAIN-2 |
 * | mark-unreachable, mark-gone | AG-4, AG-6 |
 * | configure, pause, resume | ALLOC-18, ALLOC-19 |
 *
 * `batch` holds several inputs: one commit, the same result as one by one.
 *
 * Outputs (`outputs.ts`): subscribed, offers, rescind, inverse-offers, rescind-inverse-offer, update, operation-update, agent-message, failure, rejected and
 * error go to the `connection` they name; registered, registration-refused, launch, launch-group, kill,
 * shutdown-executor, shutdown-framework, shutdown-agent, acknowledge, reconcile, apply-operation, acknowledge-operation and
 * framework-message to the `agent` they name;
 * policy-failed and report-refused to the host.
 *
 * What always holds of a state, and of a step, is written down as code in `violation.ts`.
 */
import { drf } from '../drf/index.js';
import type { Policy } from '../offers/index.js';
import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { accept } from './calls/accept.js';
import { acknowledge } from './calls/acknowledge.js';
import { decline } from './calls/decline.js';
import { answerInverseOffers } from './calls/inverse-offers.js';
import { kill, shutdown } from './calls/kill.js';
import { sendMessage } from './calls/message.js';
import { acknowledgeOperation, reconcileOperations } from './calls/operations.js';
import { reconcile } from './calls/reconcile.js';
import { request } from './calls/request.js';
import { changeRoles } from './calls/roles.js';
import { subscribe } from './calls/subscribe.js';
import { teardown } from './calls/teardown.js';
import { updateFramework } from './calls/update-framework.js';
import { maintain } from './controls/maintenance.js';
import {
  allocate,
  configure,
  markAgentUnreachable,
  setPaused,
  teardownFramework,
  whitelist,
} from './controls/operate.js';
import { operateResources } from './controls/operate-resources.js';
import { serve } from './controls/service.js';
import { setQuotas } from './controls/set-quota.js';
import { setRoleWeight } from './controls/set-weight.js';
import { closeCluster, openCluster, type Draft } from './draft.js';
import type { Input } from './inputs.js';
import { breakLink } from './links.js';
import type { Output } from './outputs.js';
import { heartbeat, machineChanged, unregister } from './reports/machine.js';
import { operationStatus } from './reports/operation-status.js';
import { register, reregister } from './reports/register.js';
import { agentMessage, executorExited, status } from './reports/status.js';
import { dropVainClaims } from './preemption/claims.js';
import { settleDrains } from './service.js';
import type { ClusterState } from './state.js';
import { passTime, pruneDeadlines } from './time.js';

/**
 * Applies one input to a cluster.
 *
 * @param policy whom to prefer; `drf` by default
 * @throws InputError for a Control that means nothing (`unknown-agent`, `bad-weight` …), for an `at` that is not whole
 *   milliseconds, and for a type that is none (`unknown-type`). The state given in is never changed.
 * @example
 * const [next, outputs] = transition(state, { type: 'allocate', at: 1000 });
 */
export function transition(
  state: ClusterState,
  input: Input,
  policy: Policy = drf,
): readonly [state: ClusterState, outputs: readonly Output[]] {
  const draft = openCluster(state, policy);
  if (input.type === 'batch') for (const one of input.inputs) step(draft, one);
  else step(draft, input);
  return [closeCluster(draft), draft.outputs];
}

type Single = Exclude<Input, { readonly type: 'batch' }>;

function step(draft: Draft, input: Single): void {
  if (!Number.isSafeInteger(input.at)) {
    throw new InputError('bad-time', 'at', `at must be whole milliseconds, got ${String(input.at)}`);
  }
  draft.seq += 1;
  draft.allocator.seq = draft.seq;
  passTime(draft, input.at);
  // One that took over from another master knows since when already.
  if (draft.seq === 1 && draft.startedAt === 0) draft.startedAt = draft.now;
  act(draft, input);
  settleDrains(draft);
  if (draft.preemption.claims.size > 0) dropVainClaims(draft);
  pruneDeadlines(draft);
}

function act(draft: Draft, input: Single): void {
  switch (input.type) {
    case 'subscribe':
      return subscribe(draft, input);
    case 'update-framework':
      return updateFramework(draft, input);
    case 'teardown':
      return teardown(draft, input);
    case 'accept':
      return accept(draft, input);
    case 'decline':
      return decline(draft, input);
    case 'suppress':
    case 'unsuppress':
    case 'clear-filters':
    case 'revive':
      return changeRoles(draft, input);
    case 'request':
      return request(draft, input);
    case 'kill':
      return kill(draft, input);
    case 'shutdown':
      return shutdown(draft, input);
    case 'acknowledge':
      return acknowledge(draft, input);
    case 'reconcile':
      return reconcile(draft, input);
    case 'acknowledge-operation':
      return acknowledgeOperation(draft, input);
    case 'reconcile-operations':
      return reconcileOperations(draft, input);
    case 'accept-inverse-offers':
    case 'decline-inverse-offers':
      return answerInverseOffers(draft, input);
    case 'framework-message':
      return sendMessage(draft, input);

    case 'register':
      return register(draft, input);
    case 'reregister':
      return reregister(draft, input);
    case 'unregister':
      return unregister(draft, input);
    case 'update-agent':
      return machineChanged(draft, input);
    case 'status':
      return status(draft, input);
    case 'operation-status':
      return operationStatus(draft, input);
    case 'executor-exited':
      return executorExited(draft, input);
    case 'heartbeat':
      return heartbeat(draft, input);
    case 'agent-message':
      return agentMessage(draft, input);

    case 'framework-disconnected':
    case 'agent-disconnected':
      return breakLink(draft, input);

    case 'tick':
      return;
    case 'allocate':
      return allocate(draft, input);
    case 'set-weight':
      return setRoleWeight(draft, input);
    case 'set-quota':
      return setQuotas(draft, input);
    case 'set-whitelist':
      return whitelist(draft, input.hosts);
    case 'reserve':
    case 'unreserve':
    case 'create-volumes':
    case 'destroy-volumes':
    case 'grow-volume':
    case 'shrink-volume':
      return operateResources(draft, input);
    case 'set-maintenance':
    case 'machine-down':
    case 'machine-up':
      return maintain(draft, input);
    case 'drain':
    case 'deactivate':
    case 'reactivate':
    case 'mark-gone':
      return serve(draft, input);
    case 'teardown-framework':
      return teardownFramework(draft, input.framework);
    case 'mark-unreachable':
      return markAgentUnreachable(draft, input.agent);
    case 'configure':
      return configure(draft, input.config);
    case 'pause':
    case 'resume':
      return setPaused(draft, input.type === 'pause');
  }
  input satisfies never;
  const { type } = input as { readonly type: unknown };
  throw new InputError('unknown-type', 'type', `${quote(type)} is not an input`);
}
