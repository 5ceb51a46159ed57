/**
 * JSON that comes in pieces, cut anywhere. It is taken apart at its commas and brackets only as far as a reader wants;
 * each value that a reader wants whole goes to `JSON.parse`, so that all in all nothing is taken for JSON that is none.
 */
import { Pace, type Steps } from './steps.js';

/** A text that is no JSON. */
export class NotJson extends Error {
  override readonly name: string = 'NotJson';

  constructor() {
    super('This is no JSON');
  }
}

/** Values of more characters are read part by part, where their reader can. */
const PIECE = 32_768;

const END = -1;
const [quoteMark, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a] as const;

/** Brackets by their units. */
export const bracket = { list: [0x5b, 0x5d], object: [0x7b, 0x7d] } as const;

/** A kind of bracket: how it opens and closes. */
export type Bracket = readonly [open: number, close: number];

/** Where in a value the walk to its end is. */
type Place = 'before' | 'structure' | 'text' | 'escape' | 'word';

/**
 * A text to read from. It is fed by whoever has the text: whenever a step ends and `isHungry`, it must get more before
 * the next one.
 *
 * @example
 * ```ts
 * const source = new Source();
 * const steps = readFrom(list(whole), source);
 * steps.next(); // source.isHungry
 * source.feed('[1,');
 * steps.next();
 * source.feed('2]');
 * ```
 */
export class Source {
  /** Whether nothing can be done before there is more text. */
  isHungry = false;
  /** Values of more characters are entered; and so many are read in one step. */
  readonly piece: number;
  /** Counts the characters that were read. */
  readonly pace: Pace;
  #text = '';
  #at = 0;
  #hasEnded = false;
  /** Of a value that is being walked: where it begins in the text, and what of it came before the text. */
  #from = 0;
  #held = '';
  #place: Place = 'before';
  #depth = 0;

  constructor(piece: number = PIECE) {
    this.piece = piece;
    this.pace = new Pace(piece);
  }

  /** Takes more text; undefined = there is no more. */
  feed(text: string | undefined): void {
    this.isHungry = false;
    if (text === undefined) this.#hasEnded = true;
    else if (this.#place === 'before') {
      this.#text = this.#text.slice(this.#at) + text;
      this.#at = 0;
    } else {
      // What was walked is only put aside: joining it to each piece anew would copy a long value over and over.
      this.#held += this.#text.slice(this.#from);
      this.#text = text;
      this.#from = this.#at = 0;
    }
  }

  /** The text of the next value, passed; or undefined if it is longer than `most`: then it is still to come. */
  *value(most: number): Steps<string | undefined> {
    if (!isStart(yield* this.#next())) throw new NotJson();
    this.#from = this.#at;
    for (;;) {
      const hasEnded = this.#walk(most);
      if (hasEnded !== undefined) return this.#cut(hasEnded);
      if (this.#hasEnded) throw new NotJson();
      yield* this.#more();
    }
  }

  /** The text of the next value, however long. */
  *wholeValue(): Steps<string> {
    return (yield* this.value(Infinity)) ?? '';
  }

  /** Passes an opening bracket, if that is what comes next. */
  *open([open]: Bracket): Steps<boolean> {
    if ((yield* this.#next()) !== open) return false;
    this.#at += 1;
    return true;
  }

  /** Whether another part comes before the bracket closes; the comma before it, or the bracket, is passed. */
  *hasPart([, close]: Bracket, isFirst: boolean): Steps<boolean> {
    const unit = yield* this.#next();
    if (unit !== close && isFirst) return true;
    if (unit !== close && unit !== comma) throw new NotJson();
    this.#at += 1;
    return unit === comma;
  }

  /** The name of a field, passed with its colon. */
  *fieldName(): Steps<string> {
    if ((yield* this.#next()) !== quoteMark) throw new NotJson();
    const name = parsed(yield* this.wholeValue());
    if ((yield* this.#next()) !== colon) throw new NotJson();
    this.#at += 1;
    return String(name);
  }

  /** Demands that nothing but blanks is left. */
  *end(): Steps<void> {
    if ((yield* this.#next()) !== END) throw new NotJson();
  }

  /**
   * Puts another text in the place of what comes next, if that matches.
   *
   * @param pattern - sticky, and of texts of 1,000 characters or less
   * @returns the match, or null
   */
  *replace(pattern: RegExp, text: string): Steps<RegExpExecArray | null> {
    while (this.#text.length - this.#at < 1_000 && !this.#hasEnded) yield* this.#more();
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#text = text + this.#text.slice(this.#at + match[0].length);
    this.#at = 0;
    return match;
  }

  *#more(): Steps<void> {
    this.isHungry = true;
    yield;
  }

  /** The next unit that is no blank, not passed; {@link END} when there is none. */
  *#next(): Steps<number> {
    for (;;) {
      while (this.#at < this.#text.length) {
        const unit = this.#text.charCodeAt(this.#at);
        if (!isBlank(unit)) return unit;
        this.#at += 1;
      }
      if (this.#hasEnded) return END;
      yield* this.#more();
    }
  }

  /** Walks on to the end of a value. @returns true = there; false = it is longer than `most`; undefined = the text ran out */
  #walk(most: number): boolean | undefined {
    const text = this.#text;
    const end = Math.min(text.length, this.#from + most - this.#held.length + 1);
    let at = this.#at;
    let place = this.#place;
    let depth = this.#depth;
    let isOver = false;
    for (; at < end && !isOver; at += 1) {
      const unit = text.charCodeAt(at);
      if (place === 'text') {
        if (unit === backslash) place = 'escape';
        else if (unit === quoteMark) {
          place = 'structure';
          isOver = depth === 0;
        }
      } else if (place === 'escape') place = 'text';
      else if (place === 'word') {
        isOver = isDelimiter(unit);
        if (isOver) at -= 1;
      } else if (unit === quoteMark) place = 'text';
      else if (unit === bracket.object[0] || unit === bracket.list[0]) {
        place = 'structure';
        depth += 1;
      } else if (unit === bracket.object[1] || unit === bracket.list[1]) {
        depth -= 1;
        isOver = depth === 0;
      } else if (place === 'before') place = 'word';
    }
    this.#at = at;
    this.#place = place;
    this.#depth = depth;
    if (isOver) return true;
    return at < text.length ? false : undefined;
  }

  /** Ends the walk of a value. */
  #cut(hasEnded: boolean): string | undefined {
    const walked = this.#held + this.#text.slice(this.#from, this.#at);
    if (!hasEnded) {
      this.#text = this.#held + this.#text.slice(this.#from);
      this.#at = 0;
    }
    this.#held = '';
    this.#place = 'before';
    this.#depth = 0;
    return hasEnded ? walked : undefined;
  }
}

/** The value of a text. @throws NotJson */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotJson();
  }
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}

/** What can't be a part of a number, or of `true`, `false` and `null`, and can follow them. */
function isDelimiter(unit: number): boolean {
  return unit === comma || unit === bracket.list[1] || unit === bracket.object[1] || isBlank(unit);
}

/** Whether a value can begin so. */
function isStart(unit: number): boolean {
  return unit !== END && unit !== colon && !isDelimiter(unit);
}
