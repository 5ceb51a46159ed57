/** SUPPRESS, UNSUPPRESS, CLEAR-FILTERS and REVIVE (SUPP-1, SUPP-2). */
import { clearRoleFilters, reviveRoles, suppressRoles, unsuppressRoles } from '../../offers/index.js';
import { putFramework, type Draft } from '../draft.js';
import type { ReviveCall, SuppressCall } from '../inputs.js';
import type { Framework } from '../state.js';
import { heard, reject } from './heard.js';
import { quote } from '../../resources/quote.js';

const effects = {
  suppress: suppressRoles,
  unsuppress: unsuppressRoles,
  'clear-filters': clearRoleFilters,
  revive: reviveRoles,
} as const;

/** Applies to the named roles; none named = all. A role that the framework is not subscribed to voids the whole call. */
export function changeRoles(draft: Draft, call: ReviveCall | SuppressCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  const roles = call.roles ?? [];
  const subscribed = new Set(framework.settings.roles);
  const stranger = roles.find((role) => !subscribed.has(role));
  if (stranger !== undefined) {
    reject(draft, call, 'role-not-subscribed', `The framework is not subscribed to role ${quote(stranger)}`);
    return;
  }
  effects[call.type](draft.allocator, framework.id, roles);
  rememberSuppressed(draft, framework);
}

/** The framework's settings follow the allocator, so that an update of something else does not undo the suppression. */
function rememberSuppressed(draft: Draft, framework: Framework): void {
  const suppressed = draft.allocator.frameworks.get(framework.id)?.suppressed ?? [];
  const settings = Object.freeze({ ...framework.settings, suppressedRoles: Object.freeze([...suppressed]) });
  putFramework(draft, { ...framework, settings });
}
