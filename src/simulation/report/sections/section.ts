import { markup, lines, type Content, type Markup } from '../markup.js';

/** A part of the page under a heading of its own. */
export function section(id: string, title: string, about: Content, ...pieces: readonly Content[]): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-h">
    <h2 id="${id}-h">${title}</h2>
    <p class="about">${about}</p>
    ${lines(pieces)}
  </section>`;
}
