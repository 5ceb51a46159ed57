import type { Client, OrderRule } from '../order-rule.js';

/** How many grants of waiting make up for a priority lower by one. */
const grantsPerPriority = 100;

/**
 * The more urgent first: by `priority`, and among equals whoever has waited longest. Waiting raises: 100 grants to
 * whomever, counted from the client's own last one or from when it came, are worth one priority.
 *
 * So nobody starves: of n siblings, one whose priority is lower by d than the highest, and which takes what it is
 * offered, is served by the (100 d + n)-th grant among them. Until 100 grants have passed, a higher priority (by one or
 * more) is strict.
 *
 * Good for urgent work beside work that can wait, when whoever sets priorities is trusted: who has the highest gets all
 * that it takes but for one grant in 100. Bad where everybody sets his own, since nothing is gained by modesty; and for
 * sharing, as neither weights nor what somebody holds count. Keep priorities small: of two that differ by a million, the
 * lower one waits for a hundred million grants.
 *
 * @remarks Since 0.1.0
 */
export const priority: OrderRule = Object.freeze({
  name: 'priority',
  // Who is ahead in `priority + waited / 100` is so at any instant alike, which therefore need not be known.
  rank: (client: Client): number => Math.max(client.servedAt, client.since) - grantsPerPriority * client.priority,
});
