/** How often each word occurs. A map, because a word may be `__proto__`. */
export type WordCounts = Map<string, number>;

/**
 * A word is a run of letters and digits in any script, so that "naïve", "第3章" and "x86" are words and "don't" is two.
 * Marks of their own, such as a combining accent, end a run: texts that are not composed (NFC) count differently.
 *
 * A run is cut out first and lower-cased by itself: lower-casing looks at neighbours (a Greek sigma at the end of a
 * word) and may add marks (a dotted capital I), so a word would depend on what stands around it.
 */
const word = /[\p{L}\p{N}]+/gu;

/** Counts the words of a text; more of them may be added to the same counts. */
export function countWords(text: string, counts: WordCounts = new Map()): WordCounts {
  for (const [run] of text.matchAll(word)) addWord(counts, run.toLowerCase(), 1);
  return counts;
}

/** Adds counts of a part to those of the whole. */
export function mergeCounts(whole: WordCounts, part: Iterable<readonly [word: string, count: number]>): void {
  for (const [each, count] of part) addWord(whole, each, count);
}

/** How many words there are in all. */
export function totalWords(counts: WordCounts): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** The most frequent words; equally frequent ones in the order of their letters. */
export function topWords(counts: WordCounts, most: number): readonly (readonly [word: string, count: number])[] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, most);
}

function addWord(counts: WordCounts, each: string, count: number): void {
  counts.set(each, (counts.get(each) ?? 0) + count);
}
