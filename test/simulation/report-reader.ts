/** Reads the HTML that reports are made of, strictly: what a browser would mend is an error here. */

/** An element, with its text below. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (Element | string)[];
}

const voids = new Set(['meta', 'br', 'hr', 'link', 'img', 'input']);
/** Their content is text up to their end, whatever it looks like. */
const raw = new Set(['script', 'style']);

const tag = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z_:][-a-zA-Z0-9_:.]*="[^"<>]*")*)\s*(\/?)>|<!doctype html>/y;

/** The document. Throws at the first sign that is out of place. */
export function read(html: string): Element {
  const root: Element = { name: '#document', attributes: new Map(), children: [] };
  const open: Element[] = [root];
  const top = (): Element => open.at(-1) ?? root;
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    const end = next === -1 ? html.length : next;
    if (end > at) top().children.push(text(html.slice(at, end)));
    if (next === -1) break;
    tag.lastIndex = next;
    const match = tag.exec(html);
    if (match === null) throw new Error(`no tag at ${next}: ${html.slice(next, next + 80)}`);
    at = tag.lastIndex;
    const [, closing, name, attributes, selfClosing] = match;
    if (name === undefined) continue;
    if (closing === '/') {
      if (top().name !== name) throw new Error(`</${name}> closes <${top().name}> at ${next}`);
      open.pop();
      continue;
    }
    const element: Element = { name, attributes: attributesOf(attributes ?? ''), children: [] };
    top().children.push(element);
    if (raw.has(name)) {
      const close = html.indexOf(`</${name}`, at);
      element.children.push(html.slice(at, close));
      at = close;
      open.push(element);
    } else if (selfClosing !== '/' && !voids.has(name)) open.push(element);
  }
  if (open.length !== 1) throw new Error(`<${top().name}> is never closed`);
  return root;
}

function attributesOf(source: string): ReadonlyMap<string, string> {
  const all = [...source.matchAll(/([-a-zA-Z0-9_:.]+)="([^"]*)"/g)];
  const attributes = new Map(all.map(([, name = '', value = '']) => [name, text(value)]));
  if (attributes.size !== all.length) throw new Error(`an attribute comes twice: ${source}`);
  return attributes;
}

const signs: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
]);

function text(source: string): string {
  return source.replaceAll(/&[^;\s]*;?/g, (sign) => {
    const meant = signs.get(sign);
    if (meant === undefined) throw new Error(`an ampersand that means nothing: ${sign}`);
    return meant;
  });
}

/** All elements of a name, in order. */
export function all(within: Element, name: string): Element[] {
  return within.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  );
}

/** What can be read: the text of an element, with spaces run together. */
export function textOf(element: Element): string {
  const pieces = element.children.map((child) => (typeof child === 'string' ? child : textOf(child)));
  return pieces.join('').replaceAll(/\s+/g, ' ').trim();
}

/** The element with an id. */
export function byId(within: Element, id: string): Element | undefined {
  for (const child of within.children) {
    if (typeof child === 'string') continue;
    const found = child.attributes.get('id') === id ? child : byId(child, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Which elements there are, one inside the other, without their text. */
export function shapeOf(element: Element): string {
  const below = element.children.map((child) => (typeof child === 'string' ? '' : shapeOf(child))).join('');
  return `<${element.name}${below}>`;
}
