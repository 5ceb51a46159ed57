import { Immer, type WritableDraft } from 'immer';

/** Our own instance: the host's global settings of immer are its own. Rows are not frozen; nobody outside holds them. */
const immer = new Immer({ autoFreeze: false });

/**
 * A row with something changed deep inside, written as if it were mutable. For configuration and what a framework says of
 * itself; on hot paths rows are written by hand.
 */
export function revise<Row extends object>(row: Row, recipe: (draft: WritableDraft<Row>) => void): Row {
  return immer.produce(row, recipe);
}
