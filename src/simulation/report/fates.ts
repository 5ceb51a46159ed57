import type { Fates } from '../result.js';

/** Tasks that no machine could hold, were it empty. 0 in results that do not tell. */
export function unplaceable({ unplaceable: number = 0 }: Fates & { readonly unplaceable?: number }): number {
  return number;
}
