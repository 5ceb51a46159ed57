import { InputError } from '../../resources/index.js';

/**
 * The fields of a step or an event, read by name. What was never read is something that the format does not know, and
 * must not be passed over: see {@link Fields.unread}.
 */
export class Fields {
  readonly #json: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>(['note']);

  /** @throws InputError `bad-scenario` if it is not an object */
  constructor(json: unknown) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('expected an object');
    this.#json = json as Readonly<Record<string, unknown>>;
  }

  /** Whether a field is there. */
  has(name: string): boolean {
    return Object.hasOwn(this.#json, name);
  }

  /** A field as it is; `undefined` if it is not there. */
  raw(name: string): unknown {
    this.#read.add(name);
    return this.has(name) ? this.#json[name] : undefined;
  }

  /** A field that must be a text. */
  text(name: string): string {
    const value = this.raw(name);
    if (typeof value !== 'string') throw bad(`${name} must be a text`);
    return value;
  }

  /** A text, or `undefined` if it is not there. */
  optionalText(name: string): string | undefined {
    return this.raw(name) === undefined ? undefined : this.text(name);
  }

  /** A field that must be a number. */
  number(name: string): number {
    const value = this.raw(name);
    if (typeof value !== 'number') throw bad(`${name} must be a number`);
    return value;
  }

  /** A number, or `undefined` if it is not there. */
  optionalNumber(name: string): number | undefined {
    return this.raw(name) === undefined ? undefined : this.number(name);
  }

  /** A flag, or `undefined` if it is not there. */
  optionalFlag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value !== undefined && typeof value !== 'boolean') throw bad(`${name} must be true or false`);
    return value;
  }

  /** A field that must be a list. */
  list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (!Array.isArray(value)) throw bad(`${name} must be a list`);
    return value;
  }

  /** A list of texts. */
  texts(name: string): readonly string[] {
    return this.list(name).map((item) => {
      if (typeof item !== 'string') throw bad(`${name} must be a list of texts`);
      return item;
    });
  }

  /** A list of texts, or `undefined` if it is not there. */
  optionalTexts(name: string): readonly string[] | undefined {
    return this.raw(name) === undefined ? undefined : this.texts(name);
  }

  /** The entries of a field that is an object, in the order in which they are written; none if it is not there. */
  entries(name: string): readonly (readonly [string, unknown])[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`${name} must be an object`);
    return Object.entries(value);
  }

  /** A field that is an object. */
  inner(name: string): Fields {
    return new Fields(this.raw(name));
  }

  /** Fields that nobody asked for: the format does not know them. */
  unread(): readonly string[] {
    return Object.keys(this.#json).filter((name) => !this.#read.has(name));
  }

  /** @throws InputError `bad-scenario` if there is a field that nobody asked for */
  end(): void {
    const [first] = this.unread();
    if (first !== undefined) throw bad(`unknown field ${first}`);
  }
}

/** A case that can't be read. */
export function bad(message: string): InputError {
  return new InputError('bad-scenario', '', message);
}

/** `TASK_RUNNING` as this library writes enumerations: `task-running`. */
export function kebab(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** What went wrong, in one line. */
export function described(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
