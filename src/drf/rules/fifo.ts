import type { Client, OrderRule } from '../order-rule.js';

/**
 * First come, first served: by when the framework subscribed, or the role got its first one. Grants change nothing.
 *
 * Good for queues of batch jobs that each take a machine or many, finish and leave: the oldest is done soonest, and
 * nothing is split among the half-served. Bad for company: whoever came first and never has enough gets everything until
 * it declines or suppresses, and later ones may wait for ever. Weights and shares do not count.
 *
 * @remarks Since 0.1.0
 */
export const fifo: OrderRule = Object.freeze({
  name: 'fifo',
  rank: (client: Client): number => client.since,
});
