/** Bars and curves made of characters. */

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
const heights = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** A bar of some columns, as much of it full as the part is of the whole; the rest is dotted. */
export function bar(part: number, columns: number): string {
  const filled = Math.round(within(part) * columns * 8);
  const full = '█'.repeat(Math.floor(filled / 8)) + (eighths[filled % 8] ?? '');
  return full + '·'.repeat(columns - full.length);
}

/** A curve of one column a value, some rows high; `top` is where it touches the upper edge. From the upper row down. */
export function curve(
  values: readonly number[],
  { top, rows }: { readonly top: number; readonly rows: number },
): readonly string[] {
  const levels = values.map((value) => {
    const level = Math.round(within(top === 0 ? 0 : value / top) * rows * 8);
    // What there is of a share is seen, however little.
    return value > 0 ? Math.max(1, level) : 0;
  });
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * 8;
    return levels.map((level) => heights[Math.min(8, Math.max(0, level - below))] ?? ' ').join('');
  });
}

/** A part of one as whole per cents. */
export function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function within(part: number): number {
  return Math.min(1, Math.max(0, part));
}
