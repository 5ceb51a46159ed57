/**
 * What cases may speak of that this version does not do yet, with the rows of its rules. A case that needs one of these
 * is skipped by the row, never by its id.
 */
const unbuiltWords: ReadonlyMap<string, string> = new Map([
  ['quota', 'QUOTA-6'],
  ['limits', 'QUOTA-7'],
  ['headroom', 'QUOTA-5'],
  ['reservations', 'ALLOC-21'],
  ['refinement', 'RSV-4'],
  ['operations', 'ALLOC-12'],
  ['shared', 'SHARE-1'],
  ['revocable', 'REV-1'],
  ['disk', 'VOL-1'],
  ['gpus', 'ALLOC-5'],
  ['maintenance', 'INV-1'],
  ['random', 'SORT-12'],
  ['domains', 'DOM-2'],
  ['storage', 'VAL-14'],
]);

const unbuiltOps: ReadonlyMap<string, string> = new Map([
  ['updateQuota', 'QUOTA-3'],
  ['updateAllocation', 'ALLOC-12'],
  ['updateAvailable', 'ALLOC-13'],
  ['updateUnavailability', 'INV-1'],
]);

/** Why a case has to wait: the row of the first thing in it that is not built; `undefined` = it can run. */
export function unbuiltRow(
  tags: readonly string[],
  ops: readonly string[],
  config: readonly string[],
): string | undefined {
  for (const tag of tags) {
    const row = unbuiltWords.get(tag);
    if (row !== undefined) return row;
  }
  for (const op of ops) {
    const row = unbuiltOps.get(op);
    if (row !== undefined) return row;
  }
  if (config.includes('filterGpus')) return 'ALLOC-5';
  return config.includes('domain') ? 'DOM-2' : undefined;
}
