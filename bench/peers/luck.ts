import { hashText, mix } from '../../src/resources/index.js';

/** When an agent's turn comes in a run: by this number, then by id. The same hash as the library's (ALLOC-3). */
export function luckOf(seed: number, run: number, agent: string): number {
  return mix(mix(seed, run), hashText(agent));
}
