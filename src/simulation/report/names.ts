import { markup, type Markup } from './markup.js';

/** Names longer than this are cut in the middle: what tells them apart is mostly at an end. */
const longest = 72;
const kept = { start: 44, end: 24 };

/**
 * What can't be seen and changes how the rest is read: controls, marks of direction, separators of lines, halves of
 * surrogates.
 */
const unseen = /[\p{Cc}\p{Cs}\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]/gu;

/** A user's name as plain text for a page: short enough, on one line, and without influence on what stands around it. */
export function plainName(name: string): string {
  // A name of a megabyte need not be looked at as a whole.
  const ends = name.length > 400 ? `${name.slice(0, 200)}${name.slice(-200)}` : name;
  const signs = [...ends.replaceAll(unseen, '\u{fffd}')];
  if (signs.length === 0) return '(no name)';
  if (signs.length <= longest) return signs.join('');
  return `${signs.slice(0, kept.start).join('')}…${signs.slice(-kept.end).join('')}`;
}

/** A user's name within a sentence or a cell: it may run from right to left, what is around it does not. */
export function nameOf(name: string): Markup {
  return markup`<bdi>${plainName(name)}</bdi>`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  return `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}
