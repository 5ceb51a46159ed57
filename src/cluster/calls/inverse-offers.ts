/** ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS (INV-1). */
import { refusalMs } from '../../offers/index.js';
import type { Draft } from '../draft.js';
import type { InverseOffersCall } from '../inputs.js';
import { answerInverseOffer } from '../inverse-offers.js';
import { heard } from './heard.js';

/** Records the answer; nothing moves by itself. Ids of no outstanding inverse offer of the framework are ignored silently. */
export function answerInverseOffers(draft: Draft, call: InverseOffersCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  const response = call.type === 'accept-inverse-offers' ? 'accept' : 'decline';
  const hideForMs = refusalMs(call.refuseSeconds);
  for (const id of call.offers) {
    if (draft.inverseOffers.get(id)?.offer.framework !== framework.id) continue;
    answerInverseOffer(draft, id, response, hideForMs);
  }
}
