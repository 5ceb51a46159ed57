import { curve, percent } from './bars.js';
import type { Sample } from './history.js';

/** What is drawn of a history. */
export interface ChartOptions {
  readonly roles: readonly string[];
  /** Until when, ms since the beginning. */
  readonly end: number;
  /** How often there is an allocation, ms; a column is no shorter, or every other one would be empty. */
  readonly intervalMs: number;
  readonly mostColumns: number;
}

const rows = 2;

/**
 * A curve for each role, one above the other on one scale. A column shows the largest share in its time: between two
 * allocations short tasks have ended already, and a mean would say how short they are and not how the cluster is shared.
 */
export function shareChart(
  samples: readonly Sample[],
  { roles, end, intervalMs, mostColumns }: ChartOptions,
): readonly string[] {
  const columns = Math.min(mostColumns, Math.floor(end / intervalMs));
  if (columns < 1) return [];
  const step = end / columns;
  const highest = roles.map((role) => highestOf(samples, role, { step, columns }));
  const top = Math.max(...highest.flat());
  const margin = Math.max(...roles.map((role) => role.length)) + 2;
  const drawn = highest.flatMap((values, at) =>
    curve(values, { top, rows }).map((line, row) => {
      const name = row === rows - 1 ? (roles[at] ?? '') : '';
      return `${name.padEnd(margin)}${line}`;
    }),
  );
  const seconds = `${(end / 1000).toFixed(1)} s`;
  const axis = `${' '.repeat(margin)}0 ${seconds.padStart(columns - 2)}`;
  return [
    ...drawn,
    axis,
    `${' '.repeat(margin)}a column is the largest share in ${Math.round(step)} ms, the highest is ${percent(top)}`,
  ];
}

/** The largest share that a role had in each column's time. */
function highestOf(
  samples: readonly Sample[],
  role: string,
  { step, columns }: { readonly step: number; readonly columns: number },
): readonly number[] {
  const highest = Array.from({ length: columns }, () => 0);
  for (const [at, { at: begin, shares }] of samples.entries()) {
    const end = samples[at + 1]?.at ?? step * columns;
    const share = shares.get(role) ?? 0;
    for (let column = Math.floor(begin / step); column < columns && column * step < end; column += 1) {
      highest[column] = Math.max(highest[column] ?? 0, share);
    }
  }
  return highest;
}
