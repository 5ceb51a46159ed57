import { markup, type Content, type Markup } from './markup.js';

/** What a mark on a plot means. */
export interface Key {
  readonly text: Content;
  /** Classes of the style sheet. */
  readonly look: string;
  readonly shape: 'line' | 'area' | { readonly marker: string };
}

/** What the marks of plots mean. Nothing when there are none. */
export function legend(keys: readonly Key[]): Content {
  if (keys.length === 0) return undefined;
  return markup`<ul class="legend">
    ${keys.map(entry)}
  </ul>`;
}

function entry({ text, look, shape }: Key): Markup {
  return markup`<li><svg class="key" width="22" height="12" aria-hidden="true">${swatch(look, shape)}</svg>${text}</li>`;
}

function swatch(look: string, shape: Key['shape']): Markup {
  if (shape === 'line') return markup`<g class="line ${look}"><path d="M0 6H22"/></g>`;
  if (shape === 'area')
    return markup`<g class="area ${look}"><path d="M0 1H22V11H0Z"/></g><g class="line ${look}"><path d="M0 1H22"/></g>`;
  return markup`<g class="dot ${look}"><path transform="translate(11 6)" d="${shape.marker}"/></g>`;
}
