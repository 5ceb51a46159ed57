/** What {@link markup} takes: text and numbers are escaped, markup is not, lists are put one after the other, `undefined` is nothing. */
export type Content = string | number | Markup | undefined | readonly Content[];

/** Text that is HTML already. Only {@link markup} makes it, so what is no markup in the sources is none in the page. */
export class Markup {
  readonly #text: string;

  /** @param text HTML, complete in itself: no tag or attribute is left open */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** That of the sources is none of the page's. */
const indentation = /\n\s+/g;

/**
 * HTML from a template. Values are escaped such that they are text wherever they stand: between tags, and within attributes
 * in double quotes. They have no place within `<script>` and `<style>`.
 *
 * @example markup`<td title="${name}">${name}</td>`
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const pieces = parts.map((part, at) => {
    const text = part.replaceAll(indentation, '\n');
    return at === 0 ? text : textOf(values[at - 1]) + text;
  });
  return new Markup(pieces.join(''));
}

/** Several pieces of markup, one a line. */
export function lines(pieces: readonly Content[]): Markup {
  return new Markup(
    pieces
      .map(textOf)
      .filter((text) => text !== '')
      .join('\n'),
  );
}

function textOf(value: Content): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return escaped(String(value));
  return value.map(textOf).join('');
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => escapes.get(sign) ?? sign);
}
