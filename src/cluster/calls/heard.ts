import { count, emit, type Draft } from '../draft.js';
import type { Call } from '../inputs.js';
import type { Framework } from '../state.js';

/** A call of a framework that must be subscribed. */
export type SubscribedCall = Exclude<Call, { readonly type: 'subscribe' }>;

/**
 * The framework of a call, if the call may be heard: only the newest connection of a connected framework counts (FW-3,
 * FW-5). A call that is not heard changes nothing; its connection is told why.
 */
export function heard(draft: Draft, call: SubscribedCall): Framework | undefined {
  const framework = draft.frameworks.get(call.framework);
  if (framework === undefined) {
    reject(draft, call, 'unknown-framework', 'Framework cannot be found');
    return undefined;
  }
  if (framework.connection !== call.connection) {
    count(draft, 'staleCalls');
    reject(draft, call, 'stale-connection', 'Framework is not subscribed over this connection');
    return undefined;
  }
  return framework;
}

/** Says that a call had no effect. The subscription goes on. */
export function reject(draft: Draft, call: SubscribedCall, code: string, message: string): void {
  emit(draft, {
    type: 'rejected',
    framework: call.framework,
    connection: call.connection,
    call: call.type,
    code,
    message,
  });
}
