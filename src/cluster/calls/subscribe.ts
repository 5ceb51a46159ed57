/** SUBSCRIBE: a new framework, or one that comes back over another connection (FW-1 … 4, FW-9). */
import {
  activateFramework,
  addFramework,
  updateFramework as updateInAllocator,
  type FrameworkSettings as AllocatorSettings,
} from '../../offers/index.js';
import { Table } from '../../resources/index.js';
import { emit, frameworkOf, idPrefix, newWatch, putFramework, tell, type Draft } from '../draft.js';
import { readFramework, validateFramework } from '../framework-info.js';
import { completedFramework } from '../frameworks.js';
import type { SubscribeCall } from '../inputs.js';
import { discardInverseOffersOf } from '../inverse-offers.js';
import { discardOffer, forgiveSilence, offersOf } from '../offers.js';
import { emptyRing } from '../ring.js';
import type { Framework, FrameworkSettings } from '../state.js';

/** Answers `subscribed`, or `error` and nothing changed (FW-2). */
export function subscribe(draft: Draft, call: SubscribeCall): void {
  const id = call.framework === undefined || call.framework === '' ? undefined : call.framework;
  const problem = validateFramework({ ...call, ...(id === undefined ? {} : { id }) }, draft.config.roles);
  if (problem !== undefined) {
    refuse(draft, call, problem.code, problem.message);
    return;
  }
  if (id !== undefined && completedFramework(draft, id) !== undefined) {
    refuse(draft, call, 'framework-removed', 'Framework has been removed');
    return;
  }
  const settings = readFramework(call);
  const known = id === undefined ? undefined : draft.frameworks.get(id);
  if (known === undefined) {
    welcome(draft, call, id ?? newFrameworkId(draft), settings);
    return;
  }
  if (known.state !== 'recovered' && known.settings.principal !== settings.principal) {
    refuse(draft, call, 'principal-changed', "Changing framework's principal is not allowed.");
    return;
  }
  failOver(draft, call, known, settings);
}

/** What the allocator needs to know of a framework. */
export function allocatorSettings(settings: FrameworkSettings): AllocatorSettings {
  const { roles, suppressedRoles, capabilities, minAllocatable, offerConstraints, priority } = settings;
  return { roles, suppressedRoles, capabilities, minAllocatable, offerConstraints, priority };
}

/** FW-9: an id that the master does not know is fine; the framework is made anew under it. */
function welcome(draft: Draft, call: SubscribeCall, id: string, settings: FrameworkSettings): void {
  putFramework(draft, {
    id,
    settings,
    state: 'connected',
    connection: call.connection,
    registeredAt: draft.now,
    watch: newWatch(draft),
    tasks: Table.empty(),
    unreachableTasks: Table.empty(),
    completedTasks: emptyRing(),
    unanswered: Table.empty(),
    operations: Table.empty(),
  });
  addFramework(draft.allocator, id, allocatorSettings(settings), true);
  greet(draft, id);
}

/**
 * FW-3: the newest connection takes over. The old one is told so, outstanding offers are discarded, tasks stay. User and
 * checkpoint can't change, silently (FW-4).
 */
function failOver(draft: Draft, call: SubscribeCall, known: Framework, asked: FrameworkSettings): void {
  if (known.connection !== null && known.connection !== call.connection) {
    emit(draft, {
      type: 'error',
      framework: known.id,
      connection: known.connection,
      code: 'failed-over',
      message: 'Framework failed over',
    });
  }
  for (const offer of offersOf(draft, known.id)) discardOffer(draft, offer);
  discardInverseOffersOf(draft, known.id);
  // Whoever was silent before, it was not this one.
  forgiveSilence(draft, known);
  const settings =
    known.state === 'recovered'
      ? asked
      : Object.freeze({ ...asked, user: known.settings.user, checkpoint: known.settings.checkpoint });
  putFramework(draft, {
    ...frameworkOf(draft, known.id),
    settings,
    state: 'connected',
    connection: call.connection,
    watch: newWatch(draft),
  });
  updateInAllocator(draft.allocator, known.id, allocatorSettings(settings));
  if (known.state !== 'connected') activateFramework(draft.allocator, known.id);
  greet(draft, known.id);
}

function greet(draft: Draft, id: string): void {
  const { heartbeatIntervalMs } = draft.config;
  tell(draft, id, { type: 'subscribed', masterId: idPrefix(draft), heartbeatIntervalMs });
}

/** Ids that the host chose are never made again by the counter. */
function newFrameworkId(draft: Draft): string {
  for (;;) {
    const id = `${idPrefix(draft)}-${String(draft.nextFramework).padStart(4, '0')}`;
    draft.nextFramework += 1;
    if (!draft.frameworks.has(id) && completedFramework(draft, id) === undefined) return id;
  }
}

function refuse(draft: Draft, call: SubscribeCall, code: string, message: string): void {
  const framework = call.framework === undefined || call.framework === '' ? {} : { framework: call.framework };
  emit(draft, { type: 'error', ...framework, connection: call.connection, code, message });
}
