import { InputError } from './errors.js';
import { compareText } from './ids.js';
import { quote } from './quote.js';
import { addMilli, formatMilli, readNumber, readShort } from './scalar.js';

/** An amount in whole thousandths, at least 0. */
export interface ScalarValue {
  readonly type: 'scalar';
  readonly milli: number;
}

/** Whole numbers from `begin` to `end`, both included; safe integers, at least 0. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** A set of whole numbers as ranges, sorted, with a gap between any two (RES-8). */
export interface RangesValue {
  readonly type: 'ranges';
  readonly ranges: readonly Range[];
}

/** A set of texts, each once; the order is that in which they came (RES-9). */
export interface SetValue {
  readonly type: 'set';
  readonly items: readonly string[];
}

/** A text: legal for attributes only (RES-1). */
export interface TextValue {
  readonly type: 'text';
  readonly text: string;
}

/**
 * What a resource may be worth.
 *
 * @remarks Since 0.1.0
 */
export type Value = ScalarValue | RangesValue | SetValue;

/** A scalar of so many thousandths. Like all values made here it is frozen only when somebody outside can see it. */
export function scalarValue(milli: number): ScalarValue {
  return { type: 'scalar', milli };
}

/** Ranges that are known to be sorted and apart. */
function rangesOf(ranges: readonly Range[]): RangesValue {
  return { type: 'ranges', ranges };
}

/** A set of texts that are known to be distinct. */
export function setOf(items: readonly string[]): SetValue {
  return { type: 'set', items };
}

/** Freezes a value with all that is in it. */
export function freezeValue(value: Value | TextValue): void {
  if (value.type === 'ranges') freezeRanges(value.ranges);
  if (value.type === 'set') Object.freeze(value.items);
  Object.freeze(value);
}

/** Freezes ranges and their list. */
export function freezeRanges(list: readonly Range[]): readonly Range[] {
  for (const range of list) Object.freeze(range);
  return Object.freeze(list);
}

/**
 * Reads a value as it is written in resources and attributes (RES-13, RES-14): `[1-5, 8-9]` are ranges, `{a, b}` is a
 * set, a number is a scalar, all else is text. Spaces do not count.
 *
 * @example
 * ```ts
 * parseValue('[6-8, 4-6]'); // { type: 'ranges', ranges: [{ begin: 4, end: 8 }] }
 * ```
 * @throws InputError `bad-value`, or `bad-number` for a number that is subnormal or beyond {@link MAX_MILLI}.
 * @remarks Since 0.1.0
 */
export function parseValue(text: string): Value | TextValue {
  return readValue(text, 0).value;
}

/** A value and whether it is a number that is not zero but rounds to it (RES-14). */
export interface ReadValue {
  readonly value: Value | TextValue;
  readonly vanished: boolean;
}

/** As {@link parseValue}; `offset` is where `text` begins in what the caller has written, for the messages. */
export function readValue(text: string, offset: number): ReadValue {
  const short = readShort(text);
  if (short !== undefined) return { value: scalarValue(short), vanished: false };
  checkBrackets(text, offset);
  const lead = text.length - text.trimStart().length;
  const body = text.trim();
  if (body === '') throw bad('bad-value', 'Expecting a value but found nothing', offset);
  const first = body[0];
  if (first === '[') return { value: readRanges(body.slice(1, -1), offset + lead + 1), vanished: false };
  if (first === '{') return { value: readSet(body.slice(1, -1), offset + lead + 1), vanished: false };
  const compact = body.replaceAll(' ', '');
  const number = readNumber(compact);
  if (number.type === 'milli') return { value: scalarValue(number.milli), vanished: number.vanished };
  if (number.type === 'subnormal') throw bad('bad-number', `Subnormal number ${quote(compact)}`, offset + lead);
  if (number.type === 'too-large') throw bad('bad-number', `Number ${quote(compact)} is too large`, offset + lead);
  // Negative numbers, nan and inf are text: right for an attribute, refused for a resource.
  return { value: { type: 'text', text: compact }, vanished: false };
}

function bad(code: string, message: string, offset: number): InputError {
  return new InputError(code, '', `${message} at character ${offset}`);
}

const closing: ReadonlyMap<string, string> = new Map([
  ['[', ']'],
  ['{', '}'],
  ['(', ')'],
]);

/** Brackets must match, and a bracket that makes ranges or a set must be the first and last of the value. */
function checkBrackets(text: string, offset: number): void {
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length - 1;
  const open: string[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    const close = closing.get(char);
    if (close !== undefined) {
      if (char !== '(' && i !== start)
        throw bad('bad-value', `Unexpected '${char}' in ${quote(text.trim())}`, offset + i);
      open.push(close);
    } else if (char === ']' || char === '}' || char === ')') {
      if (open.pop() !== char) throw bad('bad-value', `Mismatched '${char}' in ${quote(text.trim())}`, offset + i);
      if (char !== ')' && i !== end)
        throw bad('bad-value', `Unexpected '${text.charAt(i + 1)}' after '${char}'`, offset + i + 1);
    }
  }
  if (open.length > 0)
    throw bad('bad-value', `Missing '${open[open.length - 1]}' in ${quote(text.trim())}`, offset + end + 1);
}

const rangeText = /^\s*(\d+)\s*-\s*(\d+)\s*$/;

function readRanges(text: string, offset: number): RangesValue {
  const list: Range[] = [];
  if (text.trim() === '') return noRanges;
  let at = offset;
  for (const part of text.split(',')) {
    const match = rangeText.exec(part);
    if (match === null) throw bad('bad-value', `Expecting a range 'begin-end' but found ${quote(part.trim())}`, at);
    const begin = Number(match[1]);
    const end = Number(match[2]);
    if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end)) {
      throw bad('bad-value', `Range ${quote(part.trim())} is too large`, at);
    }
    if (begin > end) throw bad('bad-value', `Invalid range ${quote(part.trim())}: begin > end`, at);
    list.push({ begin, end });
    at += part.length + 1;
  }
  return coalesce(list);
}

function readSet(text: string, offset: number): SetValue {
  const items: string[] = [];
  const seen = new Set<string>();
  if (text.trim() === '') return emptySet;
  let at = offset;
  for (const part of text.split(',')) {
    const item = part.trim().replaceAll(' ', '');
    if (item === '') throw bad('bad-value', 'Empty item in a set', at);
    if (seen.has(item)) throw bad('bad-value', `Invalid set: duplicated element ${quote(item)}`, at);
    seen.add(item);
    items.push(item);
    at += part.length + 1;
  }
  return setOf(items);
}

const noRanges: RangesValue = rangesOf([]);
const emptySet: SetValue = setOf([]);

/** Sorts ranges and joins those that overlap or touch (RES-8). */
export function coalesce(list: readonly Range[]): RangesValue {
  const sorted = [...list].sort((a, b) => a.begin - b.begin);
  const out = new RangeWriter();
  for (const range of sorted) out.add(range.begin, range.end, range);
  return out.value();
}

/** Collects ranges that come ordered by their beginning, and joins what overlaps or touches. */
class RangeWriter {
  readonly #ranges: Range[] = [];
  #begin = -1;
  #end = -2;
  /** The range object for exactly `#begin` to `#end`, if one was given: saves making another. */
  #same: Range | undefined;

  add(begin: number, end: number, same: Range | undefined): void {
    if (this.#begin !== -1 && begin <= this.#end + 1) {
      if (end > this.#end) {
        this.#end = end;
        this.#same = undefined;
      }
      return;
    }
    this.#flush();
    this.#begin = begin;
    this.#end = end;
    this.#same = same;
  }

  value(): RangesValue {
    this.#flush();
    return rangesOf(this.#ranges);
  }

  #flush(): void {
    if (this.#begin !== -1) this.#ranges.push(this.#same ?? { begin: this.#begin, end: this.#end });
  }
}

/**
 * Reads ranges.
 *
 * @throws InputError `bad-value` if the text is not ranges.
 * @remarks Since 0.1.0
 */
export function parseRanges(text: string): RangesValue {
  const value = parseValue(text);
  if (value.type !== 'ranges') throw new InputError('bad-value', '', `Expecting ranges but found ${quote(text)}`);
  return value;
}

/**
 * The union of two sets of numbers, in one pass over both.
 *
 * @remarks Since 0.1.0
 */
export function rangesAdd(a: RangesValue, b: RangesValue): RangesValue {
  if (a.ranges.length === 0) return b;
  if (b.ranges.length === 0) return a;
  const out = new RangeWriter();
  let i = 0;
  let j = 0;
  let x = a.ranges[0];
  let y = b.ranges[0];
  while (x !== undefined || y !== undefined) {
    if (y === undefined || (x !== undefined && x.begin <= y.begin)) {
      if (x !== undefined) out.add(x.begin, x.end, x);
      x = a.ranges[++i];
    } else {
      out.add(y.begin, y.end, y);
      y = b.ranges[++j];
    }
  }
  return out.value();
}

/** The union of many, without adding them up one by one. */
export function rangesUnion(values: readonly RangesValue[]): RangesValue {
  return coalesce(values.flatMap((value) => value.ranges));
}

/**
 * The numbers of `a` that are not in `b`, which may have others (RES-7, RES-8), in one pass over both.
 *
 * @remarks Since 0.1.0
 */
export function rangesSubtract(a: RangesValue, b: RangesValue): RangesValue {
  if (a.ranges.length === 0 || b.ranges.length === 0) return a;
  const out: Range[] = [];
  let j = 0;
  for (const x of a.ranges) {
    let begin = x.begin;
    let y = b.ranges[j];
    while (y !== undefined && y.end < begin) y = b.ranges[++j];
    while (y !== undefined && y.begin <= x.end) {
      if (y.begin > begin) out.push({ begin, end: y.begin - 1 });
      begin = y.end + 1;
      // A range of b that reaches beyond x may also cut the next one, so it stays.
      if (y.end > x.end) break;
      y = b.ranges[++j];
    }
    if (begin === x.begin) out.push(x);
    else if (begin <= x.end) out.push({ begin, end: x.end });
  }
  return rangesOf(out);
}

/**
 * Whether every number of `part` is in `whole`.
 *
 * @remarks Since 0.1.0
 */
export function rangesContain(whole: RangesValue, part: RangesValue): boolean {
  let j = 0;
  for (const x of part.ranges) {
    let y = whole.ranges[j];
    while (y !== undefined && y.end < x.begin) y = whole.ranges[++j];
    // Both are coalesced, so one range of the whole must hold all of x.
    if (y === undefined || y.begin > x.begin || y.end < x.end) return false;
  }
  return true;
}

/** How many numbers there are. */
export function rangesCount(value: RangesValue): number {
  let count = 0;
  for (const range of value.ranges) count += range.end - range.begin + 1;
  return count;
}

/**
 * The union of two sets: the items of `a`, then those that only `b` has (RES-9).
 *
 * @remarks Since 0.1.0
 */
export function setAdd(a: SetValue, b: SetValue): SetValue {
  if (setContains(a, b)) return a;
  return setOf([...new Set([...a.items, ...b.items])]);
}

/**
 * The items of `a` that `b` does not have.
 *
 * @remarks Since 0.1.0
 */
export function setSubtract(a: SetValue, b: SetValue): SetValue {
  const gone = new Set(b.items);
  return setOf(a.items.filter((item) => !gone.has(item)));
}

/**
 * Whether every item of `part` is in `whole`; order does not matter.
 *
 * @remarks Since 0.1.0
 */
export function setContains(whole: SetValue, part: SetValue): boolean {
  if (part.items.length > whole.items.length) return false;
  const has = new Set(whole.items);
  return part.items.every((item) => has.has(item));
}

/** The sum of two values of one type (RES-6, RES-8, RES-9). */
export function valuesAdd(a: Value, b: Value): Value {
  if (a.type === 'scalar' && b.type === 'scalar') return scalarValue(addMilli(a.milli, b.milli));
  if (a.type === 'ranges' && b.type === 'ranges') return rangesAdd(a, b);
  if (a.type === 'set' && b.type === 'set') return setAdd(a, b);
  return a;
}

/** What is left of `a` after taking `b` of the same type: never less than nothing (RES-7). */
export function valuesSubtract(a: Value, b: Value): Value {
  if (a.type === 'scalar' && b.type === 'scalar') return scalarValue(Math.max(0, a.milli - b.milli));
  if (a.type === 'ranges' && b.type === 'ranges') return rangesSubtract(a, b);
  if (a.type === 'set' && b.type === 'set') return setSubtract(a, b);
  return a;
}

/** Whether `whole` is at least `part`; values of two types never are. */
export function valueContains(whole: Value, part: Value): boolean {
  if (whole.type === 'scalar' && part.type === 'scalar') return whole.milli >= part.milli;
  if (whole.type === 'ranges' && part.type === 'ranges') return rangesContain(whole, part);
  if (whole.type === 'set' && part.type === 'set') return setContains(whole, part);
  return false;
}

/** Whether two values are the same; sets compare without order (RES-9). */
export function valuesEqual(a: Value | TextValue, b: Value | TextValue): boolean {
  if (a === b) return true;
  if (a.type === 'text' || b.type === 'text') return a.type === 'text' && b.type === 'text' && a.text === b.text;
  return compareValues(a, b) === 0;
}

const typeRank = { scalar: 0, ranges: 1, set: 2 } as const;

/** A total order of values: by type, then by what they hold. */
export function compareValues(a: Value, b: Value): number {
  if (a.type === 'scalar' && b.type === 'scalar') return a.milli - b.milli;
  if (a.type === 'ranges' && b.type === 'ranges') return compareRanges(a.ranges, b.ranges);
  if (a.type === 'set' && b.type === 'set')
    return compareTexts([...a.items].sort(compareText), [...b.items].sort(compareText));
  return typeRank[a.type] - typeRank[b.type];
}

function compareRanges(a: readonly Range[], b: readonly Range[]): number {
  for (const [i, x] of a.entries()) {
    const y = b[i];
    if (y === undefined) return 1;
    if (x.begin !== y.begin) return x.begin - y.begin;
    if (x.end !== y.end) return x.end - y.end;
  }
  return a.length - b.length;
}

function compareTexts(a: readonly string[], b: readonly string[]): number {
  for (const [i, x] of a.entries()) {
    const y = b[i];
    if (y === undefined) return 1;
    const order = compareText(x, y);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Whether nothing is there: zero, no ranges, no items (RES-2). */
export function isEmptyValue(value: Value): boolean {
  if (value.type === 'scalar') return value.milli === 0;
  return value.type === 'ranges' ? value.ranges.length === 0 : value.items.length === 0;
}

/**
 * A value as text: `1.5`, `[1-2, 5-8]`, `{a, b}`.
 *
 * @remarks Since 0.1.0
 */
export function formatValue(value: Value | TextValue): string {
  switch (value.type) {
    case 'scalar':
      return formatMilli(value.milli);
    case 'ranges':
      return `[${value.ranges.map((range) => `${range.begin}-${range.end}`).join(', ')}]`;
    case 'set':
      return `{${value.items.join(', ')}}`;
    case 'text':
      return value.text;
    default:
      return value satisfies never;
  }
}
