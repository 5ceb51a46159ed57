import type { Client, OrderRule } from '../order-rule.js';

/**
 * Dominant Resource Fairness: whoever has the smallest dominant share by weight comes first (SORT-1, SORT-2; Ghodsi et
 * al., NSDI 2011). The default everywhere.
 *
 * Good for tenants who share machines and need them for different things: each gets at least what its part of every
 * machine would have given it, and nothing is gained by asking for more than one needs. Bad where few large grants decide,
 * since a share is made of what is held now: who left nothing behind owes nothing, and who waited long is owed nothing.
 *
 * @remarks Since 0.1.0
 */
export const drf: OrderRule = Object.freeze({
  name: 'drf',
  rank: (client: Client): number => client.dominantShare,
});
