import type { Problem } from './errors.js';

const surrogate = /[\ud800-\udfff]/u;

/** Whether a text has a control character, or half a surrogate pair, which no UTF-8 can carry. */
export function hasUnprintable(text: string): boolean {
  let high = false;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return true;
    if (unit >= 0xd800) high = true;
  }
  return high && surrogate.test(text);
}

/**
 * Checks an id of a task, executor, agent, framework or persistent volume (VAL-1): 1 to 255 characters, neither `.` nor
 * `..`, no slash, backslash, control character or lone surrogate, so that it can be the name of a directory.
 *
 * @param path - what to call the place in the problem.
 * @returns a problem with code `bad-id`, or `undefined`.
 * @remarks Since 0.1.0
 */
export function validateId(id: string, path: string = 'id'): Problem | undefined {
  const bad = (message: string): Problem => ({ code: 'bad-id', path, message });
  if (id === '') return bad('ID must not be empty');
  if (id.length > 255) return bad('ID must not be greater than 255 characters');
  if (id === '.' || id === '..') return bad(`'${id}' is disallowed`);
  if (id.includes('/') || id.includes('\\') || hasUnprintable(id)) return bad(`'${id}' contains invalid characters`);
  return undefined;
}

/**
 * Orders two texts byte-wise as UTF-8, that is by code points (SORT-2). Not `<`: that compares UTF-16 units and puts
 * `'\u{1F600}'` before `'\uFF5E'`.
 *
 * @remarks Since 0.1.0
 */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankOfUnit(x) < rankOfUnit(y) ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

/** Surrogates stand for code points above every other unit. */
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
