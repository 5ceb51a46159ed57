import { InputError, recoded } from './errors.js';
import { TextMemo } from './memo.js';
import { fieldOf, quote } from './quote.js';
import { readValueObject } from './read-item.js';
import { formatValue, freezeValue, readValue, type TextValue, type Value, valuesEqual } from './values.js';

const brand: unique symbol = Symbol.for('proffer.attributes');

/** One attribute of an agent. */
export interface Attribute {
  readonly name: string;
  readonly value: Value | TextValue;
}

/**
 * What an agent says of itself, such as `zone:a;rack:r7`. Names may come twice and order matters: a constraint reads the
 * first (ATTR-1). Made by {@link attributes} only.
 *
 * @remarks Since 0.1.0
 */
export class Attributes {
  readonly items: readonly Attribute[];

  static {
    Object.defineProperty(this.prototype, brand, { value: true });
  }

  /** @internal */
  constructor(items: readonly Attribute[]) {
    this.items = Object.freeze(items);
    Object.freeze(this);
  }

  /** `zone:a;rack:r7`, or nothing. */
  toString(): string {
    return this.items.map((item) => `${item.name}:${formatValue(item.value)}`).join(';');
  }

  /** Text that {@link attributes} reads back; the items if text cannot hold one. */
  toJSON(): string | readonly Attribute[] {
    const texts = this.items.map(attributeText);
    return texts.includes(undefined) ? this.items : texts.join(';');
  }
}

/**
 * Everything that can be read as attributes.
 *
 * @remarks Since 0.1.0
 */
export type AttributesLike = string | Attributes | readonly Attribute[];

/** An agent that says nothing of itself. */
export const noAttributes: Attributes = new Attributes([]);

/** Whether a value was made by this library, be it by another copy of it. */
function isAttributes(value: unknown): value is Attributes {
  return value instanceof Attributes || (typeof value === 'object' && value !== null && brand in value);
}

/**
 * Reads attributes: text, or a list of names and values.
 *
 * @param path - what to call the place in errors.
 * @throws InputError `bad-attributes`
 * @example
 * ```ts
 * attributes('zone:a;rack:7').items[0]; // { name: 'zone', value: { type: 'text', text: 'a' } }
 * ```
 * @remarks Since 0.1.0
 */
export function attributes(like: AttributesLike, path: string = 'attributes'): Attributes {
  if (typeof like === 'string') return texts.recall(like, (text) => fromList(readText(text, path)));
  if (isAttributes(like)) return like;
  if (!Array.isArray(like)) throw bad(path, `Expecting text or a list but found ${quote(like)}`);
  return fromList(Array.from(like, (item, i) => readAttribute(item, `${path}[${i}]`)));
}

const texts = new TextMemo<Attributes>();

/**
 * Reads the text form `name:value;name:value` (ATTR-1): a name ends at the first colon.
 *
 * @throws InputError `bad-attributes`
 * @remarks Since 0.1.0
 */
export function parseAttributes(text: string): Attributes {
  return attributes(text);
}

function bad(path: string, message: string): InputError {
  return new InputError('bad-attributes', path, message);
}

function fromList(items: readonly Attribute[]): Attributes {
  for (const { value } of items) freezeValue(value);
  return items.length === 0 ? noAttributes : new Attributes(items);
}

function readText(text: string, path: string): Attribute[] {
  const items: Attribute[] = [];
  let at = 0;
  for (const token of text.split(';')) {
    const start = at;
    at += token.length + 1;
    if (token.trim() === '') continue;
    const colon = token.indexOf(':');
    const name = token.slice(0, colon).trim();
    const value = token.slice(colon + 1);
    if (colon === -1 || name === '' || value.trim() === '') {
      throw bad(path, `Expecting 'name:value' but found ${quote(token.trim())} at character ${start}`);
    }
    items.push(attributeOf(name, value, start + colon + 1, path));
  }
  return items;
}

function attributeOf(name: string, text: string, offset: number, path: string): Attribute {
  const value = readAttributeValue(text, offset, path);
  if (value.type === 'set')
    throw bad(path, `Attribute ${quote(name)} at character ${offset} is a set, which is not supported`);
  return Object.freeze({ name, value });
}

function readAttributeValue(text: string, offset: number, path: string): Value | TextValue {
  try {
    return readValue(text, offset).value;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // A number too long to count with, such as a serial number, is still a name for something.
    if (error.code === 'bad-number') return Object.freeze({ type: 'text', text: text.trim() });
    throw bad(path, error.message);
  }
}

function readAttribute(input: unknown, path: string): Attribute {
  if (typeof input !== 'object' || input === null) throw bad(path, `Expecting an attribute but found ${quote(input)}`);
  const { name, value, ...rest } = input as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw bad(fieldOf(path, unknown), `Unknown field ${quote(unknown)}`);
  if (typeof name !== 'string' || name === '') throw bad(`${path}.name`, `Expecting a name but found ${quote(name)}`);
  if (typeof value === 'string') return attributeOf(name, value, 0, `${path}.value`);
  return Object.freeze({ name, value: readTyped(value, `${path}.value`) });
}

function readTyped(input: unknown, path: string): Value | TextValue {
  if (typeof input === 'object' && input !== null && 'type' in input && input.type === 'text') {
    const { text } = input as { readonly text?: unknown };
    if (typeof text !== 'string') throw bad(`${path}.text`, `Expecting a string but found ${quote(text)}`);
    return Object.freeze({ type: 'text', text });
  }
  const value = recoded('bad-attributes', path, () => readValueObject(input, path));
  if (value.type === 'set') throw bad(path, 'An attribute cannot be a set');
  return value;
}

/** One attribute as text, or `undefined` if that would read back as something else. */
function attributeText({ name, value }: Attribute): string | undefined {
  const text = formatValue(value);
  if (/[;:]|^\s|\s$|^$/.test(name) || text.includes(';') || text.trim() === '') return undefined;
  try {
    return valuesEqual(readAttributeValue(text, 0, ''), value) ? `${name}:${text}` : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether each has every attribute of the other (ATTR-2); order and repetition do not count.
 *
 * @remarks Since 0.1.0
 */
export function attributesEqual(a: Attributes, b: Attributes): boolean {
  if (a === b) return true;
  const left = new Set(a.items.map(attributeKey));
  const right = new Set(b.items.map(attributeKey));
  return left.size === right.size && [...left].every((key) => right.has(key));
}

function attributeKey({ name, value }: Attribute): string {
  return JSON.stringify([name, value.type, formatValue(value)]);
}

/**
 * The value of the first attribute of a name (CONS-1), or `undefined`.
 *
 * @remarks Since 0.1.0
 */
export function attribute(list: Attributes, name: string): Value | TextValue | undefined {
  return list.items.find((item) => item.name === name)?.value;
}
