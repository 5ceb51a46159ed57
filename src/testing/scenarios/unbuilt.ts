/**
 * What cases may speak of that this version does not do yet, with the rows of its rules. A case that needs one of these
 * is skipped by the row, never by its id.
 */
const unbuiltWords: ReadonlyMap<string, string> = new Map([
  ['maintenance', 'INV-1'],
  ['storage', 'VAL-14'],
]);

const unbuiltOps: ReadonlyMap<string, string> = new Map([['updateUnavailability', 'INV-1']]);

/** Why a case has to wait: the row of the first thing in it that is not built; `undefined` = it can run. */
export function unbuiltRow(tags: readonly string[], ops: readonly string[]): string | undefined {
  for (const tag of tags) {
    const row = unbuiltWords.get(tag);
    if (row !== undefined) return row;
  }
  for (const op of ops) {
    const row = unbuiltOps.get(op);
    if (row !== undefined) return row;
  }
  return undefined;
}
