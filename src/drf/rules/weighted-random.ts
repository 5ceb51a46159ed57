import type { Client, OrderRule } from '../order-rule.js';

/**
 * By lot: in a shuffle that is new at every look, whoever comes first does so with a chance proportional to its weight,
 * of those left the next one likewise, and so on (SORT-12). Clients are not looked at level by level: each has of every
 * node on its path the part of the weights of its active siblings, multiplied.
 *
 * Good for many who hold their offers for long, or want the same machines: nobody has to have little to get a look, and
 * luck breaks the lockstep in which an exact rule serves them. Over many grants each is offered its part. Bad for few
 * large grants, where luck has no time to even out, and for whoever counts on a share: what somebody holds already does
 * not matter, so a client that keeps everything it is given ends with more than one that gives back.
 *
 * @remarks Since 0.1.0
 */
export const weightedRandom: OrderRule = Object.freeze({
  name: 'weighted-random',
  changesWith: 'sort',
  flat: true,
  rank: (client: Client): number => client.draw / client.weight,
});
