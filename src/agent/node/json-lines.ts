import { InputError } from '../../resources/index.js';

/** Longest line that is read, characters: a peer that never ends its line must not fill the memory. */
const longest = 64 * 1024 * 1024;

/** A value as one line of JSON, with what JSON has no word for said as the rest of the library says it. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value, sayUnlimited)}\n`;
}

/** A limit of a task may be `Infinity`, for which JSON has `null`. */
function sayUnlimited(_key: string, value: unknown): unknown {
  return value === Infinity ? 'unlimited' : value;
}

/** Cuts a stream of text into lines and reads each as JSON. */
export class JsonLines {
  readonly #hear: (value: unknown) => void;
  #parts: string[] = [];
  #length = 0;

  /** @param hear is given each value; what it throws comes out of {@link push}. */
  constructor(hear: (value: unknown) => void) {
    this.#hear = hear;
  }

  /**
   * Takes what came next.
   *
   * @throws InputError `bad-json` for a line that is not JSON, `too-long` for one that doesn't end; the rest of what
   *   came with it is lost.
   */
  push(text: string): void {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (rest === '') return;
    this.#parts.push(rest);
    this.#length += rest.length;
    if (this.#length > longest) throw new InputError('too-long', '', `A line is longer than ${longest} characters`);
  }

  #line(end: string): void {
    const line = this.#parts.length === 0 ? end : this.#parts.join('') + end;
    this.#parts = [];
    this.#length = 0;
    if (line.trim() === '') return;
    this.#hear(parsed(line));
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new InputError('bad-json', '', 'A line is not JSON');
  }
}
