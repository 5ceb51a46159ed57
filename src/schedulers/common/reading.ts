/**
 * Reading what a host has written about jobs and apps. Unlike what comes over a wire, a field that nobody knows is a
 * mistake here: a misspelt one would be a setting that is not set.
 */
import { fields, finite, list, refuse, type Fields, type Reader } from '../../cluster/shape.js';
import { InputError, validateId } from '../../resources/index.js';
import { cut, quote } from '../../resources/quote.js';
import { isDuration } from '../../tasks/index.js';

/** Instants and durations beyond this, some three thousand years, are refused: sums with the clock stay exact. */
export const longestMs = 1e14;

/** A duration: whole ms, 0 or more. */
export const duration: Reader<number> = (value, path) =>
  isDuration(value) && value <= longestMs
    ? value
    : refuse('bad-duration', path, `must be whole milliseconds, 0 or more, not ${quote(value)}`);

/** A duration of 1 ms or more. */
export const period: Reader<number> = (value, path) =>
  duration(value, path) > 0 ? duration(value, path) : refuse('bad-duration', path, 'must be 1 ms or more');

/** An instant: whole ms since whenever the clock began. */
export const instant: Reader<number> = (value, path) =>
  Number.isSafeInteger(value) && Math.abs(Number(value)) <= longestMs && !Object.is(value, -0)
    ? Number(value)
    : refuse('bad-time', path, `must be an instant in whole milliseconds, not ${quote(value)}`);

/** A whole number from `least` to `most`. */
export function between(least: number, most: number): Reader<number> {
  return (value, path) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most && !Object.is(value, -0)
      ? Number(value)
      : refuse('bad-count', path, `must be a whole number from ${least} to ${most}, not ${quote(value)}`);
}

/** A finite number; minus zero is none, because a state that is saved must read back as it was. */
export const amountOf: Reader<number> = (value, path) =>
  Object.is(value, -0) ? refuse('bad-number', path, 'must not be minus zero') : finite(value, path);

/** What may be part of the id of a task. */
export const idText: Reader<string> = (value, path) => {
  if (typeof value !== 'string') return refuse('wrong-type', path, 'must be text');
  const problem = validateId(value, path);
  if (problem !== undefined) throw new InputError(problem.code, path, `${path}: ${problem.message}`);
  return value;
};

/** A list of at least one. */
export function someOf<T>(each: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    const found = list(each)(value, path);
    return found.length > 0 ? found : refuse('empty-list', path, 'must have one element or more');
  };
}

/** As `fields`, and nothing else may be there. */
export function only<const F extends Fields>(shape: F): ReturnType<typeof fields<F>> {
  const known = new Set([...Object.keys(shape.required ?? {}), ...Object.keys(shape.optional ?? {})]);
  const readKnown = fields(shape);
  return (value, path) => {
    const found = readKnown(value, path);
    const stranger = Object.keys(value as object).find((name) => !known.has(name));
    if (stranger !== undefined) {
      const where = path === '' ? cut(stranger) : `${path}.${cut(stranger)}`;
      throw new InputError('unknown-field', where, `There is no field ${quote(stranger)} in ${path || 'the options'}`);
    }
    return found;
  };
}

/**
 * A copy of plain JSON data. Anything else would be lost when it is saved: it is refused.
 *
 * @throws InputError `not-json` with the path of what JSON cannot hold.
 */
export function json(value: unknown, path: string, depth = 0): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value;
  if (depth < 100 && Array.isArray(value)) {
    return Array.from(value as readonly unknown[], (item, index) => json(item, `${path}[${index}]`, depth + 1));
  }
  if (depth < 100 && isPlain(value)) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([name, inner]) => [name, json(inner, `${path}.${cut(name)}`, depth + 1)]));
  }
  throw new InputError('not-json', path, `${path} must be plain JSON, so that it can be saved`);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether two pieces of plain JSON are the same; the order of fields does not matter. */
export function sameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const fieldsOfOne = Object.entries(one);
  return (
    fieldsOfOne.length === Object.keys(other).length &&
    fieldsOfOne.every(
      ([name, value]) =>
        Object.hasOwn(other, name) && sameJson(value, (other as Readonly<Record<string, unknown>>)[name]),
    )
  );
}
