import type { Client, OrderRule } from '../order-rule.js';

/**
 * In turn: whoever was served longest ago, or never, comes first, whatever it was granted.
 *
 * Good for clients that are alike, and as a yardstick: it can be followed with a finger. Bad as soon as grants differ in
 * size: a turn is a turn, so who takes whole machines gets more than who takes a part of one; weights do not count.
 *
 * @remarks Since 0.1.0
 */
export const roundRobin: OrderRule = Object.freeze({
  name: 'round-robin',
  rank: (client: Client): number => client.servedAt,
});
