const longest = 60;

/** Anything as a short piece of text for a message: strings in single quotes, long things cut. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return `'${cut(value)}'`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || value === undefined)
    return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A text for a message, cut if it is long. */
export function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** How much of a text a message shows that is about the whole of it. */
const longestShown = 1_000;

/**
 * Something as text for a message, cut where it is long: an agent may have thousands of ports in pieces, and each of a
 * thousand tasks that do not fit gets a message.
 */
export function shown(value: { toString(): string }): string {
  const text = value.toString();
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

/** The path of a field that somebody has named. */
export function fieldOf(path: string, name: string): string {
  return `${path}.${cut(name)}`;
}
