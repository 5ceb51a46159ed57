import type { Label } from './info.js';

/** The labels without what else a caller wrote beside them, frozen, and no longer the caller's to change. */
export function readLabels(labels: readonly Label[]): readonly Label[] {
  return Object.freeze(
    labels.map(({ key, value }): Label => Object.freeze({ key, ...(value !== undefined && { value }) })),
  );
}
