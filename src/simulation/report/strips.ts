/** Times as marks on a line, one line a row of a table. */
import { markup, type Content, type Markup } from './markup.js';
import { duration } from './times.js';
import type { WaitScale } from './wait-scale.js';

/** A mark at a time. */
export interface Mark {
  readonly what: string;
  readonly ms: number;
  readonly marker: string;
  readonly look: string;
  /** How far above (less than 0) or below the line it is, so that marks of equal times can be seen. */
  readonly aside?: number;
}

/** Room for marks that are all on the line, and how far the outermost marks are from an edge. */
const leastHeight = 26;
const margin = 7;

/** The line of one row. The marks are joined from the least to the most. */
export function strip(marks: readonly Mark[], scale: WaitScale, title: string): Content {
  const known = marks.filter(({ ms }) => Number.isFinite(ms));
  const places = known.map(({ ms }) => scale.place(ms));
  const bar =
    places.length < 2
      ? undefined
      : markup`<line class="bar" x1="${Math.min(...places)}%" x2="${Math.max(...places)}%" y1="50%" y2="50%"/>`;
  const height = Math.max(leastHeight, ...marks.map(({ aside = 0 }) => 2 * (Math.abs(aside) + margin)));
  const text = known.map(({ what, ms }) => `${what} ${duration(ms)}`).join(', ');
  return markup`<svg class="strip" role="img" aria-label="${title}: ${text === '' ? 'nothing started' : text}" height="${height}">
    ${gridOf(scale)}${bar}${known.map((mark) => markAt(mark, scale))}
  </svg>`;
}

/** The axis above the lines. */
export function stripAxis(scale: WaitScale): Markup {
  const texts = labelsOf(scale).map(
    ({ place, text, rare }) => markup`<text class="x${rare ? ' rare' : ''}" x="${place}%" y="14">${text}</text>`,
  );
  return markup`<svg class="strip" aria-hidden="true" height="20"><g class="axis">${texts}</g></svg>`;
}

function gridOf(scale: WaitScale): Markup {
  return markup`<g class="axis">${scale.ticks.map(({ place }) => markup`<line x1="${place}%" x2="${place}%" y2="100%"/>`)}</g>`;
}

interface Label {
  readonly place: number;
  readonly text: string;
  /** There is no room for it on a narrow page. */
  readonly rare: boolean;
}

/** So far apart are labels, in percent of the line: on a wide page, and on a narrow one. */
const roomFor = { wide: 7, narrow: 30 };

/** Labels that do not overlap: of those that are too close to the one before there is only the line. */
function labelsOf({ ticks }: WaitScale): readonly Label[] {
  const labels: Label[] = [];
  let last = -Infinity;
  let lastNarrow = -Infinity;
  for (const { place, text } of ticks) {
    if (place - last < roomFor.wide) continue;
    last = place;
    const rare = place - lastNarrow < roomFor.narrow;
    if (!rare) lastNarrow = place;
    labels.push({ place, text, rare });
  }
  return labels;
}

function markAt({ ms, marker, look, what, aside = 0 }: Mark, scale: WaitScale): Markup {
  return markup`<svg class="mark" x="${scale.place(ms)}%" y="50%">
    <g class="dot ${look}" transform="translate(0 ${aside})">
      <path d="${marker}"><title>${what}: ${duration(ms)}</title></path>
    </g>
  </svg>`;
}
