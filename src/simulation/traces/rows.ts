/** Rows of text files as people have them: some are bad, and are told by their line. */
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';

/** A row that could not be used. */
export interface BadRow {
  /** From 1; the header, if there is one, is line 1. */
  readonly line: number;
  readonly message: string;
}

/** What was read of a file. */
export interface ReadRows<Row> {
  readonly rows: readonly Row[];
  /** The first of them, at most `badRowsKept`; `badCount` says how many there were. */
  readonly bad: readonly BadRow[];
  readonly badCount: number;
  /** Columns that the header of a table does not name, of those that could be there. */
  readonly absent: readonly string[];
}

/** How a file is read. */
export interface ReadOptions {
  /** A bad row is an error instead of being left out. Default false. */
  readonly strict?: boolean;
}

/** How many bad rows are told one by one. */
export const badRowsKept = 20;

/** Says why a row is of no use. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem';
}

/** Gathers what is made of lines, and what is wrong with them. */
export class RowReader<Row> {
  readonly #rows: Row[] = [];
  readonly #bad: BadRow[] = [];
  readonly #strict: boolean;
  #badCount = 0;

  constructor({ strict = false }: ReadOptions) {
    this.#strict = strict;
  }

  /**
   * Reads a line; a {@link RowProblem} that `make` throws makes it a bad one.
   *
   * @throws InputError `bad-row` in place of a bad row, if reading is strict
   */
  read(line: number, make: () => Row): void {
    try {
      this.#rows.push(make());
    } catch (error) {
      if (!(error instanceof RowProblem)) throw error;
      if (this.#strict) throw new InputError('bad-row', `line ${line}`, `Line ${line}: ${error.message}`);
      this.#badCount += 1;
      if (this.#bad.length < badRowsKept) this.#bad.push({ line, message: error.message });
    }
  }

  done(absent: readonly string[] = []): ReadRows<Row> {
    return { rows: this.#rows, bad: this.#bad, badCount: this.#badCount, absent };
  }
}

/** Calls back with each line that holds something, and its number from 1. Line ends of any system will do. */
export function eachLine(text: string, read: (line: string, number: number) => void): void {
  // A mark of the byte order is no part of the first name.
  const whole = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const end = whole.includes('\n') ? '\n' : '\r';
  let number = 0;
  for (let start = 0; start <= whole.length;) {
    const found = whole.indexOf(end, start);
    const line = whole.slice(start, found === -1 ? whole.length : found).replace(/\r$/, '');
    number += 1;
    if (line.trim() !== '') read(line, number);
    if (found === -1) break;
    start = found + 1;
  }
}

/** The fields of a comma-separated line; a field in quotes may hold commas, and quotes as `""`. */
export function commaFields(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',').map((field) => field.trim());
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
    const [field, next] = line[at] === '"' ? quotedField(line, at) : plainField(line, at);
    fields.push(field.trim());
    at = next;
  }
  return fields;
}

function plainField(line: string, at: number): readonly [field: string, next: number] {
  const comma = line.indexOf(',', at);
  return comma === -1 ? [line.slice(at), line.length + 1] : [line.slice(at, comma), comma + 1];
}

function quotedField(line: string, at: number): readonly [field: string, next: number] {
  let field = '';
  let from = at + 1;
  for (;;) {
    const close = line.indexOf('"', from);
    if (close === -1) throw new RowProblem('a quote is not closed');
    field += line.slice(from, close);
    if (line[close + 1] !== '"') {
      const comma = line.indexOf(',', close);
      return [field, comma === -1 ? line.length + 1 : comma + 1];
    }
    field += '"';
    from = close + 2;
  }
}

/** What a table must name, and in which order its columns are if it has no header. */
export interface Columns {
  readonly needed: readonly string[];
  readonly order: readonly string[];
}

/**
 * Reads a comma-separated table row by row; the first line names the columns, unless it holds a row already.
 *
 * @throws InputError `missing-column` when the first line is neither, `repeated-column` when it does not say which one is meant;
 *   `bad-row`, if strict
 */
export function readTable<Row>(
  text: string,
  columns: Columns,
  options: ReadOptions,
  make: (header: Header, fields: readonly string[]) => Row,
): ReadRows<Row> {
  const reader = new RowReader<Row>(options);
  let header: Header | undefined;
  eachLine(text, (line, number) => {
    if (header === undefined) {
      header = headerOf(line, columns);
      if (!header.isAssumed) return;
    }
    const known = header;
    reader.read(number, () => make(known, commaFields(line)));
  });
  return reader.done(header === undefined ? [] : columns.order.filter((name) => header?.has(name) !== true));
}

function headerOf(line: string, { needed, order }: Columns): Header {
  let fields: readonly string[] = [];
  try {
    fields = commaFields(line);
  } catch (error) {
    // Then it names no columns that one could look for.
    if (!(error instanceof RowProblem)) throw error;
  }
  const given = fields.map((field) => field.toLowerCase());
  const missing = needed.filter((name) => !given.includes(name));
  const twice = order.find((name) => given.indexOf(name) !== given.lastIndexOf(name));
  if (twice !== undefined) {
    throw new InputError('repeated-column', 'line 1', `The header names ${quote(twice)} more than once`);
  }
  if (missing.length === 0) return new Header(fields);
  // A row has numbers where the second column of the usual order is.
  if (missing.length === needed.length && isAmount(fields[1] ?? '')) return new Header(order, true);
  const message = `The header has no ${missing.map(quote).join(', ')}; it must name ${needed.join(', ')}, with commas between them`;
  throw new InputError('missing-column', 'line 1', message);
}

/** Where the columns are that a header names. */
export class Header {
  /** There was none: these are the usual columns. */
  readonly isAssumed: boolean;
  readonly #places = new Map<string, number>();

  constructor(fields: readonly string[], isAssumed: boolean = false) {
    this.isAssumed = isAssumed;
    for (const [place, name] of fields.entries()) this.#places.set(name.toLowerCase(), place);
  }

  /** Whether there is such a column. */
  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** The text in a column; empty = nothing is there. */
  text(fields: readonly string[], name: string): string {
    const place = this.#places.get(name);
    return place === undefined ? '' : (fields[place] ?? '');
  }

  /**
   * A number of 0 or more in a column.
   *
   * @param otherwise when nothing is there
   * @param most it may be
   * @throws RowProblem when it is none, or there is nothing and no `otherwise`
   */
  amount(fields: readonly string[], name: string, { otherwise, most }: AmountOptions = {}): number {
    const text = this.text(fields, name);
    if (text === '' && otherwise !== undefined) return otherwise;
    return amountOf(text, name, most);
  }
}

/** What may be in place of an amount. */
interface AmountOptions {
  readonly otherwise?: number;
  readonly most?: number;
}

/** No time of a trace is later, s: some thousand years. */
export const mostSeconds = 1e11;
/** No machine has more of anything. */
export const mostAmount = 1e12;

/** A number of 0 or more. @throws RowProblem */
export function amountOf(text: string, name: string, most: number = Number.MAX_SAFE_INTEGER): number {
  if (!isAmount(text)) {
    throw new RowProblem(`${name} is ${text === '' ? 'empty' : quote(text)}, and must be a number of 0 or more`);
  }
  const value = Number(text);
  if (value <= most) return value;
  throw new RowProblem(`${name} is ${quote(text)}, which is more than ${most}`);
}

function isAmount(text: string): boolean {
  return /^\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text);
}
