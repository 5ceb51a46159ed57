import { columnsEqual } from './columns.js';
import { mix } from './hash.js';
import { plainColumns, plainNames, type Resources } from './resources.js';

/** How many bags are remembered at most; one that falls on the place of another takes it. */
const places = 1_024;
const pool: (Resources | undefined)[] = Array.from({ length: places }, () => undefined);

/**
 * The bag, or an equal one that was seen lately: what machines of one kind have left, or frameworks hold of them, is the
 * same over and over, and rows that are kept for long need not each have it of their own. Bags with more than plain scalars
 * come back as they are.
 */
export function pooled(r: Resources): Resources {
  const columns = plainColumns(r);
  if (columns === undefined) return r;
  const place = mix(...columns.millis) % places;
  const known = pool[place];
  if (known !== undefined && plainNames(known) === columns.names) {
    const other = plainColumns(known);
    if (other !== undefined && columnsEqual(other, columns)) return known;
  }
  pool[place] = r;
  return r;
}
