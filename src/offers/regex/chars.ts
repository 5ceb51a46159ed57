/** Sets of characters, by code point. */

/** First and last code point of a range. */
export type CharRange = readonly [first: number, last: number];

/** The characters that one place of a pattern takes. */
export interface CharSet {
  /** Sorted, apart from each other. */
  readonly ranges: readonly CharRange[];
  /** Takes all others instead. */
  readonly negated: boolean;
  /** Takes a character if it takes it in either case. */
  readonly anyCase: boolean;
}

/** The last code point that there is. */
export const LAST_CODE_POINT = 0x10ffff;

/** The code point of a character written in this source. */
export function point(character: string): number {
  return character.codePointAt(0) ?? 0;
}

/** Ranges from pairs of characters: `spans('az', '09')`. */
export function spans(...pairs: readonly string[]): readonly CharRange[] {
  return merged(pairs.map((pair) => [point(pair), point(pair.slice(-1))] as const));
}

/** The same characters in as few ranges as possible, sorted. */
export function merged(ranges: readonly CharRange[]): readonly CharRange[] {
  const result: (readonly [number, number])[] = [];
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last === undefined || range[0] > last[1] + 1) result.push(range);
    else result[result.length - 1] = [last[0], Math.max(last[1], range[1])];
  }
  return result;
}

/** All characters that are not in these ranges. */
export function complement(ranges: readonly CharRange[]): readonly CharRange[] {
  const gaps: CharRange[] = [];
  let from = 0;
  for (const [first, last] of merged(ranges)) {
    if (first > from) gaps.push([from, first - 1]);
    from = last + 1;
  }
  return from > LAST_CODE_POINT ? gaps : [...gaps, [from, LAST_CODE_POINT]];
}

/** Whether a set takes a character. */
export function takes(set: CharSet, codePoint: number): boolean {
  const found = isWithin(set.ranges, codePoint) || (set.anyCase && otherCases(codePoint).some(isIn(set.ranges)));
  return found !== set.negated;
}

function isIn(ranges: readonly CharRange[]): (codePoint: number) => boolean {
  return (codePoint) => isWithin(ranges, codePoint);
}

/** By halves: a class may name thousands of characters. */
function isWithin(ranges: readonly CharRange[], codePoint: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle];
    if (range === undefined) return false;
    if (codePoint < range[0]) high = middle - 1;
    else if (codePoint > range[1]) low = middle + 1;
    else return true;
  }
  return false;
}

/** Characters that are the same but for their case; a case that takes several characters is none. */
function otherCases(codePoint: number): readonly number[] {
  const character = String.fromCodePoint(codePoint);
  return [character.toLowerCase(), character.toUpperCase()].flatMap((other) => {
    const points = Array.from(other, point);
    return points.length === 1 ? points : [];
  });
}

const digits = spans('09');
const blanks = spans('\t\n', '\f\r', '  ');
const words = spans('09', 'AZ', 'az', '__');

/** What `\d`, `\s`, `\w` and their opposites mean: ASCII only, as in RE2. */
export const perlClasses: ReadonlyMap<string, readonly CharRange[]> = new Map([
  ['d', digits],
  ['D', complement(digits)],
  ['s', blanks],
  ['S', complement(blanks)],
  ['w', words],
  ['W', complement(words)],
]);

/** What `[:name:]` means inside a class. */
export const posixClasses: ReadonlyMap<string, readonly CharRange[]> = new Map([
  ['alnum', spans('09', 'AZ', 'az')],
  ['alpha', spans('AZ', 'az')],
  ['ascii', [[0, 0x7f]]],
  ['blank', spans('\t\t', '  ')],
  [
    'cntrl',
    merged([
      [0, 0x1f],
      [0x7f, 0x7f],
    ]),
  ],
  ['digit', digits],
  ['graph', spans('!~')],
  ['lower', spans('az')],
  ['print', spans(' ~')],
  ['punct', spans('!/', ':@', '[`', '{~')],
  ['space', spans('\t\r', '  ')],
  ['upper', spans('AZ')],
  ['word', words],
  ['xdigit', spans('09', 'AF', 'af')],
]);

/** Whether `\b` sees a word here; nothing is no word. */
export function isWord(codePoint: number | undefined): boolean {
  return codePoint !== undefined && isWithin(words, codePoint);
}
