/**
 * Reading unknown values: small readers that check a shape and keep only what they know. A reader throws `InputError`
 * with the path of the field; what it returns shares nothing with what it was given, but for values it keeps opaque.
 */
import { InputError } from '../resources/index.js';

/** Reads a value found at `path`. */
export type Reader<T> = (value: unknown, path: string) => T;

/** Refuses a value. */
export function refuse(code: string, path: string, message: string): never {
  throw new InputError(code, path, `${path === '' ? 'The input' : path} ${message}`);
}

/** Any text. */
export const text: Reader<string> = (value, path) =>
  typeof value === 'string' ? value : refuse('wrong-type', path, `must be text, not ${kindOf(value)}`);

/** Any number that is one. Infinities pass where a field allows them by its own check. */
export const number: Reader<number> = (value, path) =>
  typeof value === 'number' && !Number.isNaN(value)
    ? value
    : refuse('wrong-type', path, `must be a number, not ${kindOf(value)}`);

/** A finite number. */
export const finite: Reader<number> = (value, path) => {
  const read = number(value, path);
  return Number.isFinite(read) ? read : refuse('bad-number', path, 'must be finite');
};

/** A whole number, 0 or more. */
export const whole: Reader<number> = (value, path) => {
  const read = number(value, path);
  return Number.isSafeInteger(read) && read >= 0
    ? read + 0
    : refuse('bad-number', path, 'must be a whole number, 0 or more');
};

/** True or false. */
export const flag: Reader<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse('wrong-type', path, `must be true or false, not ${kindOf(value)}`);

/** One of the given literals. */
export function oneOf<const T extends string>(literals: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = literals.find((literal) => literal === value);
    return found ?? refuse('unknown-value', path, `must be one of ${literals.join(', ')}`);
  };
}

/** A list of what `each` reads; a hole in it is read as undefined. */
export function list<T>(each: Reader<T>): Reader<readonly T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? Array.from(value as readonly unknown[], (item, index) => each(item, `${path}[${index}]`))
      : refuse('wrong-type', path, `must be a list, not ${kindOf(value)}`);
}

/** Null, or what `inner` reads. */
export function nullable<T>(inner: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : inner(value, path));
}

/** Kept as it is: the meaning is somebody else's to check. Text, objects and lists only, nested no deeper than {@link deepest}. */
export const written: Reader<string | object> = (value, path) => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) {
    return refuse('wrong-type', path, `must be text, an object or a list, not ${kindOf(value)}`);
  }
  if (isNested(value)) depthOf(value, path, deepest, new Map(), Infinity);
  return value;
};

/**
 * Kept as it is, whatever it is, but for what is nested deeper than {@link deepest}. What contains itself, which only a
 * host in this process can hand over, may: it cannot be recorded, nor sent as JSON.
 */
export const opaque: Reader<unknown> = (value, path) => {
  if (isNested(value)) depthOf(value, path, deepest, new Map(), 0);
  return value;
};

/** Not looked at yet. */
export const unread: Reader<unknown> = (value) => value;

/** How deep values may be nested that are kept as they are: a hundred thousand levels exhaust the stack of `JSON.stringify`. */
export const deepest = 100;

/**
 * How deep plain objects and lists are nested, which is all that JSON can bring; anything else that a host in this
 * process hands over is its own. Each is looked at once, however often it is there.
 *
 * @param cycle how deep what contains itself counts to be.
 * @throws InputError `too-deep` beyond `left`.
 */
function depthOf(value: object, path: string, left: number, known: Map<object, number>, cycle: number): number {
  let depth = known.get(value);
  if (depth === undefined) {
    if (left === 0) refuseDepth(path);
    known.set(value, cycle);
    depth = 1;
    for (const inner of Object.values(value)) {
      if (isNested(inner)) depth = Math.max(depth, 1 + depthOf(inner, path, left - 1, known, cycle));
    }
    known.set(value, depth);
  }
  return depth > left ? refuseDepth(path) : depth;
}

function refuseDepth(path: string): never {
  return refuse('too-deep', path, `must not be nested deeper than ${deepest} levels`);
}

function isNested(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  // Of whatever realm: a plain object's prototype is null, or has none itself.
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Fields of an object: a reader for each; `optional` ones may be absent (or undefined). Others are ignored. */
export interface Fields {
  readonly required?: Readonly<Record<string, Reader<unknown>>>;
  readonly optional?: Readonly<Record<string, Reader<unknown>>>;
}

type Read<R> = { readonly [K in keyof R]: R[K] extends Reader<infer T> ? T : never };

/** An object with known fields. What it returns has these and no others. */
export function fields<const F extends Fields>(
  shape: F,
): Reader<Read<NonNullable<F['required']>> & Partial<Read<NonNullable<F['optional']>>>> {
  const required = Object.entries(shape.required ?? {});
  const optional = Object.entries(shape.optional ?? {});
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse('wrong-type', path, `must be an object, not ${kindOf(value)}`);
    }
    const found: Record<string, unknown> = {};
    for (const [name, read] of required) {
      const field = ownField(value, name);
      if (field === undefined) refuse('missing-field', join(path, name), 'is missing');
      found[name] = read(field, join(path, name));
    }
    for (const [name, read] of optional) {
      const field = ownField(value, name);
      if (field !== undefined) found[name] = read(field, join(path, name));
    }
    return found as Read<NonNullable<F['required']>> & Partial<Read<NonNullable<F['optional']>>>;
  };
}

/** Only what the object itself has counts: a `__proto__` gives nobody fields. */
function ownField(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

/** The path of a field. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && Number.isNaN(value)) return 'NaN';
  return typeof value === 'object' ? 'an object' : typeof value === 'undefined' ? 'absent' : `a ${typeof value}`;
}
