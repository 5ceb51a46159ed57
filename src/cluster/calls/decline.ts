/** DECLINE (DECL-1). */
import { refusalMs } from '../../offers/index.js';
import type { Draft } from '../draft.js';
import type { DeclineCall } from '../inputs.js';
import { forgiveSilence, returnOffer } from '../offers.js';
import { heard } from './heard.js';

/** Gives offers back, each hidden for a while. Ids of no outstanding offer of the framework are ignored silently. */
export function decline(draft: Draft, call: DeclineCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  forgiveSilence(draft, framework);
  const hideForMs = refusalMs(call.refuseSeconds);
  for (const id of call.offers) {
    if (draft.offers.get(id)?.offer.framework === framework.id) returnOffer(draft, id, hideForMs);
  }
}
