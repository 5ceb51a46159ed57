import { hashText, mix } from '../resources/index.js';

/**
 * The uuid of update number `count` of an agent: there is no luck in it, so that the same history gives the same uuids.
 * It looks like a version 4 one.
 */
export function updateUuid(seed: number, agent: string, count: number): string {
  const id = hashText(agent);
  const [a, b, c, d] = [1, 2, 3, 4].map((word) => mix(seed, id, count, word));
  const digits = [a, b, c, d].map((word = 0) => word.toString(16).padStart(8, '0')).join('');
  const variant = (8 + ((d ?? 0) & 3)).toString(16);
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
  return [...parts, `${variant}${digits.slice(17, 20)}`, digits.slice(20)].join('-');
}
