import type { Label } from './info.js';

/** No labels: most tasks have none. */
const noLabels: readonly Label[] = Object.freeze([]);

/** The labels without what else a caller wrote beside them, frozen, and no longer the caller's to change. */
export function readLabels(labels: readonly Label[]): readonly Label[] {
  if (labels.length === 0) return noLabels;
  return Object.freeze(
    labels.map(({ key, value }): Label => Object.freeze({ key, ...(value !== undefined && { value }) })),
  );
}
