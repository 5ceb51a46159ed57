/**
 * Whether a text is like a pattern, in which `*` stands for any characters and `?` for one; every other character stands
 * for itself. Takes time in proportion to both lengths at worst, whatever the pattern: it is no regular expression.
 *
 * @example
 * isLike('rack-17', 'rack-*'); // true
 */
export function isLike(text: string, pattern: string): boolean {
  const characters = [...text];
  const wanted = [...pattern];
  let at = 0;
  let next = 0;
  // Where to go on if the last star must stand for one more.
  let star = -1;
  let from = 0;
  while (at < characters.length) {
    if (wanted[next] === '*') {
      star = next;
      from = at;
      next += 1;
    } else if (next < wanted.length && (wanted[next] === '?' || wanted[next] === characters[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      from += 1;
      at = from;
      next = star + 1;
    } else return false;
  }
  return wanted.slice(next).every((character) => character === '*');
}
