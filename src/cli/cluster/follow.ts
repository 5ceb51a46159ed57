import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const followEveryMs = 50;
const chunkBytes = 64 * 1024;

/**
 * Passes on what is written to a file that may not exist yet, and that may be begun anew under its name, the older ones
 * being `NAME.1`, `NAME.2`, … then.
 */
export class Follower {
  readonly #path: string;
  readonly #pass: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #timer: ReturnType<typeof setInterval>;
  #file: number | undefined;

  constructor(path: string, pass: (text: string) => void) {
    this.#path = path;
    this.#pass = pass;
    this.#timer = setInterval(() => this.#read(), followEveryMs);
  }

  /** Passes on the rest and stops. */
  stop(): void {
    clearInterval(this.#timer);
    this.#read();
    const rest = this.#decoder.end();
    if (rest !== '') this.#pass(rest);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #read(): void {
    this.#file ??= opened(nextOf(undefined, this.#path));
    while (this.#file !== undefined) {
      this.#drain(this.#file);
      // The file was full and has another name now; under its own there is a new one.
      if (isSame(this.#file, this.#path)) return;
      this.#drain(this.#file);
      const next = opened(nextOf(this.#file, this.#path));
      closeSync(this.#file);
      this.#file = next;
    }
  }

  #drain(file: number): void {
    const chunk = new Uint8Array(chunkBytes);
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const text = this.#decoder.write(Buffer.from(chunk.subarray(0, length)));
      if (text !== '') this.#pass(text);
    }
  }
}

/** Passes on whole lines, each with something before it: for the output of several at once. */
export function prefixed(prefix: string, pass: (text: string) => void): { write(text: string): void; end(): void } {
  let open = '';
  return {
    write(text) {
      const lines = (open + text).split('\n');
      open = lines.pop() ?? '';
      if (lines.length > 0) pass(lines.map((line) => `${prefix}${line}\n`).join(''));
    },
    end() {
      if (open !== '') pass(`${prefix}${open}\n`);
      open = '';
    },
  };
}

/** What was begun after a file, which may be an older one, too: the oldest there is, when the file is gone. */
function nextOf(file: number | undefined, path: string): string {
  const own = file === undefined ? undefined : fstatSync(file).ino;
  for (let next = path, age = 1; ; age += 1) {
    const older = statSync(`${path}.${age}`, { throwIfNoEntry: false });
    if (older === undefined || older.ino === own) return next;
    next = `${path}.${age}`;
  }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

function isSame(file: number, path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  return there === undefined || there.ino === fstatSync(file).ino;
}
