import { amount } from '../../resources/index.js';
import type { Client, OrderRule } from '../order-rule.js';

/**
 * Asset Fairness: whoever has the smallest sum of its shares of all resources, by weight, comes first. It is what one
 * gets by giving a percent of any resource the same price and everybody the same money (Ghodsi et al., NSDI 2011, §5.1).
 *
 * Good as a yardstick beside `drf`, and where the bill is what is to be equal. Bad as a promise: who wants much of two
 * resources pays for both, and may end with less than 1/n of each, so that a machine of its own would have served it
 * better (no sharing incentive, §6.1); nor need those who all lack the same resource get equal parts of it (no bottleneck
 * fairness, §6.1). Resources that are left out of shares (SORT-10) count here all the same.
 *
 * @remarks Since 0.1.0
 */
export const assetFairness: OrderRule = Object.freeze({
  name: 'asset-fairness',
  rank: ({ allocated, total, weight }: Client): number => {
    let sum = 0;
    // What the total lacks has no price.
    for (const name of total.names) sum += amount(allocated, name) / amount(total, name);
    return sum / weight;
  },
});
