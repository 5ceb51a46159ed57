import type { Client, OrderRule } from '../order-rule.js';

/**
 * Dominant Resource Fairness: whoever has the smallest dominant share by weight comes first (SORT-1, SORT-2; Ghodsi et
 * al., NSDI 2011). The default everywhere.
 *
 * @remarks Since 0.1.0
 */
export const drf: OrderRule = Object.freeze({
  name: 'drf',
  rank: (client: Client): number => client.dominantShare,
});
