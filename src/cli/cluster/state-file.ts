import { constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** One saved state. The number says which of two is the newer. */
interface Saved {
  readonly number: number;
  readonly state: unknown;
  /** The same number: a file that was half written over has another one here. */
  readonly end: number;
}

/**
 * Keeps the newest of many states in two files that are written over in turn: whatever of one was being written when the
 * process died, the other is whole. Neither is ever renamed or emptied first: file systems take that for a reason to
 * wait for the disk.
 */
export class StateFile {
  readonly #path: string;
  readonly #files: (number | undefined)[] = [undefined, undefined];
  readonly #newest: Saved | undefined;
  #number: number;

  constructor(path: string) {
    this.#path = path;
    const found = [0, 1].flatMap((slot) => readSaved(this.#slot(slot)) ?? []);
    this.#newest = found.toSorted((one, other) => other.number - one.number)[0];
    this.#number = this.#newest?.number ?? 0;
  }

  /** What was kept when this was made; `undefined` = nothing. */
  get state(): unknown {
    return this.#newest?.state;
  }

  /** Keeps a state. It outlives the process, not the machine. */
  save(state: unknown): void {
    const number = this.#number + 1;
    const slot = number % 2;
    const file = (this.#files[slot] ??= openSync(this.#slot(slot), constants.O_RDWR | constants.O_CREAT, 0o600));
    const text = new TextEncoder().encode(`${JSON.stringify({ number, state, end: number } satisfies Saved)}\n`);
    for (let at = 0; at < text.length;) at += writeSync(file, text, at, text.length - at, at);
    ftruncateSync(file, text.length);
    // Only now: after a save that failed the other file still has the newest state, and must not be touched.
    this.#number = number;
  }

  #slot(slot: number): string {
    return `${this.#path}.${slot}.json`;
  }
}

/** What a file holds, if it is whole. */
function readSaved(path: string): Saved | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    const saved = JSON.parse(text) as Saved;
    return text.endsWith('\n') && saved.number === saved.end ? saved : undefined;
  } catch {
    return undefined;
  }
}
