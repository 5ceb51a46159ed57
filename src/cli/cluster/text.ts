/** Words on a terminal. */

// What is not for reading: it could move the cursor, or make one line look like two.
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** A text from outside as one line that can't do anything to a terminal. */
export function plain(text: string): string {
  return text.replaceAll(controls, ' ');
}

/** At most so many columns of it. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A bar of so many columns, full as far as `part` says, from 0 to 1. */
export function bar(part: number, columns: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * columns * 8);
  return ('█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '')).padEnd(columns, '·');
}

/** Rows as an aligned table: words lean left, figures right. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isFigure = widths.map((_, column) =>
    rows.slice(1).every((row) => /^(\d[\d.,]*[ \w%]{0,3})?$/.test(row[column] ?? '')),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isFigure[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** A span of time for a person: `840 ms`, `12.3 s`, `2 min 05 s`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
