/** A terminal as far as lines are drawn over each other on it. */
export interface Screen {
  /** Draws lines in the place of those that were drawn last. None may be wider than the terminal. */
  draw(lines: readonly string[]): void;
  /** Leaves what was drawn last and gives the cursor back. */
  close(): void;
}

const escape = '\u001b[';
const hideCursor = `${escape}?25l`;
const clearLine = `${escape}K`;
const clearBelow = `${escape}J`;

/** Gives the cursor back; harmless where it was never taken. */
export const showCursor = `${escape}?25h`;

export function screen(write: (text: string) => void): Screen {
  let drawn = 0;
  let begun = false;
  return {
    draw(lines) {
      const up = drawn === 0 ? '' : `${escape}${drawn}A\r`;
      const text = lines.map((line) => `${line}${clearLine}\n`).join('');
      // In one piece, so that no half of it is ever seen.
      write(`${begun ? '' : hideCursor}${up}${text}${clearBelow}`);
      drawn = lines.length;
      begun = true;
    },
    close() {
      if (begun) write(showCursor);
      begun = false;
      drawn = 0;
    },
  };
}

/** A line with its bars in colour. The colours come last, so that they change no width. */
export function paint(line: string): string {
  return line
    .replace(/[█▉▊▋▌▍▎▏]+/g, (filled) => `${escape}36m${filled}${escape}39m`)
    .replace(/·{2,}/g, (dots) => `${escape}2m${dots}${escape}22m`);
}
