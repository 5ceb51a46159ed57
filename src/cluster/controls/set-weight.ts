/** SET-WEIGHT (WEIGHT-1, WEIGHT-2). */
import { changeWeight } from '../../offers/index.js';
import { InputError, validateRole } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import type { Draft } from '../draft.js';
import type { Control } from '../inputs.js';
import { rescindAllOffers } from '../offers.js';

/**
 * Nothing allocated moves; if the role is in use, everything that is only offered is taken back, so that the next run
 * sees the new weights.
 *
 * @throws InputError `bad-role`, `bad-weight`, `bad-number`, `role-not-whitelisted`; `missing-field` for neither weight nor priority
 */
export function setRoleWeight(draft: Draft, control: Extract<Control, { readonly type: 'set-weight' }>): void {
  const { role, weight, priority } = control;
  const bad = validateRole(role);
  if (bad !== undefined) throw new InputError(bad.code, 'role', bad.message);
  if (draft.config.roles !== null && !draft.config.roles.includes(role)) {
    throw new InputError('role-not-whitelisted', 'role', `Role ${quote(role)} may not be used`);
  }
  if (weight === undefined && priority === undefined) {
    throw new InputError('missing-field', 'weight', 'There must be a weight or a priority');
  }
  if (priority !== undefined && !Number.isFinite(priority)) {
    throw new InputError('bad-number', 'priority', 'priority must be a finite number');
  }
  changeWeight(draft.allocator, role, { weight, priority });
  // A weight moves the order of all that is below it, too.
  if (weight !== undefined && draft.allocator.shares.nodes.has(role)) rescindAllOffers(draft);
}
