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
