import type { Client, OrderRule } from '../order-rule.js';

/**
 * In turn: whoever was served longest ago, or never, comes first, whatever it was granted.
 *
 * @remarks Since 0.1.0
 */
export const roundRobin: OrderRule = Object.freeze({
  name: 'round-robin',
  rank: (client: Client): number => client.servedAt,
});
