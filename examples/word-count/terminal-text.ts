/** Text that a terminal can be given, and how wide it is there. */

/**
 * What must not reach a terminal as it is, because it does something instead of being seen: control characters, with
 * which escape sequences begin; format characters, which may turn the order of a line round; line and paragraph
 * separators; halves of characters.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text from outside on one line: what is unsafe is written out, as `\u001b`. */
export function safe(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Text from a file on one line, safe, with all space between words as one blank. */
export function oneLine(text: string): string {
  return safe(text.replace(/\s+/g, ' ').trim());
}

/** A text of exactly so many columns: cut, with an ellipsis, or filled with blanks. */
export function fit(text: string, columns: number): string {
  const cut = clip(text, columns);
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)));
}

/** As {@link fit}, with the blanks on the left. */
export function fitRight(text: string, columns: number): string {
  const cut = clip(text, columns);
  return ' '.repeat(Math.max(0, columns - widthOf(cut))) + cut;
}

/** A text of at most so many columns, with an ellipsis where it was cut. */
export function clip(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  let width = 1;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    cut += character;
  }
  return columns > 0 ? `${cut}…` : '';
}

/** How many columns a text takes: none for marks on a letter, two for the wide scripts and pictures of East Asia. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (mark.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}

const mark = /\p{M}/u;
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
