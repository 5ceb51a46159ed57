/** Figures of simulations for people. */

/** A whole number with its thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A number of at most three places. */
export function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** A part of one, in percent, to a tenth; to two figures where that would be nothing. */
export function percent(part: number): string {
  if (part !== 0 && Math.abs(part) < 1e-6) return '<0.0001 %';
  if (part !== 0 && Math.abs(part) < 0.0005) return `${Number((part * 100).toPrecision(2))} %`;
  return `${(part * 100).toFixed(1)} %`;
}

const spans = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A span of time, `0 ms` to `149 d`, to three figures. */
export function time(ms: number): string {
  for (const [unit, length] of spans) {
    if (ms >= length) return `${Number((ms / length).toPrecision(3))} ${unit}`;
  }
  return `${Number(ms.toPrecision(3))} ms`;
}

/** Rows as an aligned table; what is in the first column leans left, all else right. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const padded = rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))),
  );
  return padded.map((cells) => cells.join('  ').trimEnd());
}
