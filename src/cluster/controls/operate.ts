/** The operator's other words. What names nobody is the operator's mistake: it throws and changes nothing. */
import {
  allocate as runAllocation,
  giveUpWaiting,
  markDirty,
  pause,
  resume,
  setWhitelist,
} from '../../offers/index.js';
import { InputError } from '../../resources/index.js';
import { cut } from '../../resources/quote.js';
import { keepBounds, loseAgent, markUnreachable } from '../agents.js';
import { readConfig, type ConfigLike } from '../config.js';
import { emit, type Draft } from '../draft.js';
import { removeFramework } from '../frameworks.js';
import type { Control } from '../inputs.js';
import { makeOffers } from '../offers.js';
import { meetClaims, restartPreemption, reviewIfAsked } from '../preemption/review.js';
import { allocatorConfig } from '../state.js';

/** ALLOCATE: performs the run that was asked for, or one of all agents; what it grants and asks for becomes offers. */
export function allocate(draft: Draft, control: Extract<Control, { readonly type: 'allocate' }>): void {
  meetClaims(draft);
  const allocation = runAllocation(draft.allocator, control.agents ?? 'requested', draft.policy, draft.nextOffer);
  if (allocation.failure !== undefined) emit(draft, { type: 'policy-failed', ...allocation.failure });
  makeOffers(draft, allocation);
  reviewIfAsked(draft);
}

/** CONFIGURE: changes settings while the cluster runs. @throws InputError `bad-config` */
export function configure(draft: Draft, like: ConfigLike): void {
  const config = readConfig(like, draft.config);
  if (config.masterId !== draft.config.masterId) {
    // Ids that were made would no longer be told from those of another master.
    throw new InputError('bad-config', 'config.masterId', 'masterId can not change while the cluster runs');
  }
  draft.config = config;
  draft.allocator.config = allocatorConfig(config);
  keepBounds(draft);
  if (config.recoveryWaitMs === null) giveUpWaiting(draft.allocator);
  markDirty(draft.allocator);
  if (like.preemption !== undefined) restartPreemption(draft);
}

/** TEARDOWN-FRAMEWORK (FW-7): one that is connected hears that it is over. @throws InputError `unknown-framework` */
export function teardownFramework(draft: Draft, id: string): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined)
    throw new InputError('unknown-framework', 'framework', `There is no framework ${cut(id)}`);
  removeFramework(draft, id);
  const { connection } = framework;
  if (connection === null) return;
  const message = 'Framework has been removed';
  emit(draft, { type: 'error', framework: id, connection, code: 'framework-removed', message });
}

/** MARK-UNREACHABLE (AG-4): the operator or the host's own health check says so. @throws InputError `unknown-agent` */
export function markAgentUnreachable(draft: Draft, id: string): void {
  if (draft.unreachable.has(id)) return;
  if (draft.agents.has(id)) markUnreachable(draft, id);
  else if (draft.recovered.has(id)) loseAgent(draft, id);
  else throw new InputError('unknown-agent', 'agent', `There is no agent ${cut(id)}`);
}

/** SET-WHITELIST (ALLOC-2): null = every host. */
export function whitelist(draft: Draft, hosts: readonly string[] | null): void {
  setWhitelist(draft.allocator, hosts);
}

/** PAUSE and RESUME (ALLOC-19). */
export function setPaused(draft: Draft, paused: boolean): void {
  if (paused) pause(draft.allocator);
  else resume(draft.allocator);
}
