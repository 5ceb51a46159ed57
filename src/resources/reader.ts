/** What all readers are made of; see `reading.ts`. */
import { InputError } from './errors.js';
import { compareText } from './ids.js';
import { quote } from './quote.js';
import { parsed, type Source } from './source.js';
import type { Steps } from './steps.js';

/** Reads a saved value. @throws Damage */
export interface Reader<T> {
  (value: unknown): T;
  /** Reads one that is too long to be read in one step, part by part. Without it, values are read in one, however long. */
  readonly enter?: ((source: Source) => Steps<T>) | undefined;
}

/** A reader that can also read part by part. */
export function entered<T>(read: (value: unknown) => T, enter: Reader<T>['enter']): Reader<T> {
  return Object.assign((value: unknown) => read(value), { enter });
}

/** Reads what comes next: in one step if it is short. @throws Damage, NotJson */
export function* readFrom<T>(read: Reader<T>, source: Source): Steps<T> {
  const { enter } = read;
  const text = yield* source.value(enter === undefined ? Infinity : source.piece);
  if (text === undefined && enter !== undefined) return yield* enter(source);
  if (source.pace.isOver(text?.length)) yield;
  return read(parsed(text ?? ''));
}

/** Something that cannot have been saved like this. */
export class Damage extends Error {
  override readonly name: string = 'Damage';
  readonly what: string;
  readonly path: string;

  constructor(what: string, path: string = '') {
    super(what);
    this.what = what;
    this.path = path;
  }
}

/** Says that a value cannot have been saved. */
export function damaged(what: string): never {
  throw new Damage(what);
}

/** What went wrong in a part, told of the whole. */
export function within(part: string, error: unknown): unknown {
  // Readers of values say what is wrong with a value that somebody wrote; where it stands they don't know.
  if (error instanceof InputError) return new Damage(error.message, part);
  if (!(error instanceof Damage)) return error;
  const path = error.path === '' || error.path.startsWith('[') ? part + error.path : `${part}.${error.path}`;
  return new Damage(error.what, path);
}

/**
 * Reads a whole document.
 *
 * @param what - what to call it in errors.
 * @throws InputError `code` with the path of what is damaged
 */
export function readSaved<T>(read: Reader<T>, value: unknown, what: string, code: string = 'bad-state'): T {
  try {
    return read(value);
  } catch (error) {
    throw refusal(error, what, code);
  }
}

/** What to tell whoever wants a document read in which an error came up. Errors of another kind stay as they are. */
export function refusal(error: unknown, what: string, code: string = 'bad-state'): unknown {
  const damage = error instanceof InputError ? within('', error) : error;
  if (!(damage instanceof Damage)) return error;
  const where = damage.path === '' ? '' : `${damage.path} `;
  return new InputError(code, damage.path, `${what} can't be read: ${where}${damage.what}`);
}

/** Reads a part of something. */
export function inPart<T>(part: string, read: Reader<T>, value: unknown): T {
  try {
    return read(value);
  } catch (error) {
    throw within(part, error);
  }
}

/** Does work on a part of something. */
export function* stepsInPart<T>(part: string, steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    throw within(part, error);
  }
}

/** Reads a field that may be absent. */
export interface Optional<T> {
  readonly ifThere: Reader<T>;
}

/** The order of keys, each once, told one by one. */
export class KeyOrder {
  #before: string | undefined;
  #count = 0;
  #damage: Damage | undefined;

  /** Takes the next key. */
  add(key: string): void {
    const before = this.#before;
    if (before !== undefined && compareText(before, key) >= 0) {
      this.#damage ??= new Damage(`${quote(key)} comes after ${quote(before)}`, `[${this.#count}]`);
    }
    this.#before = key;
    this.#count += 1;
  }

  /** @throws Damage about the first that is out of order: after all that is wrong with rows themselves */
  demand(): void {
    if (this.#damage !== undefined) throw this.#damage;
  }
}
