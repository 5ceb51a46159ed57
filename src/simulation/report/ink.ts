/** What is drawn between the axes of a plot. */
import type { Plot } from './chart.js';
import { lines, markup, type Content, type Markup } from './markup.js';
import { plainName } from './names.js';
import { areaPath, linePath, type Frame } from './path.js';
import { added, type Span } from './spans.js';

/** The lines of a plot, behind them their areas, and behind all the lines of others. */
export function ink(plot: Plot): Markup {
  const { id, axis, endMs, stacked, backdrop = [], ghosts = [] } = plot;
  const frame = { endMs, top: axis.top };
  return lines([
    ghosts.length === 0
      ? undefined
      : markup`<g class="ghost">${ghosts.map((other) => markup`<use href="#${other}-0"/>`)}</g>`,
    backdrop.length === 0
      ? undefined
      : markup`<g class="grey">${backdrop.map((spans) => pathOf(linePath(spans, frame)))}</g>`,
    ...(stacked === true
      ? stack(plot, frame)
      : plot.lines.map(({ name, spans, look }, at) => lineOf(`${id}-${at}`, { name, spans, look }, frame))),
  ]);
}

/** Areas one on top of the other. Lower lines are drawn last: an area of no height must not hide what it lies on. */
function stack({ id, lines: all }: Plot, frame: Frame): readonly Content[] {
  const areas: Content[] = [];
  const edges: Content[] = [];
  let below: readonly Span[] | undefined;
  for (const [at, { name, spans, look }] of all.entries()) {
    const top = below === undefined ? spans : added(spans, below);
    areas.push(markup`<g class="area ${look}">${pathOf(areaPath(top, below, frame))}</g>`);
    edges.unshift(lineOf(`${id}-${at}`, { name, spans: top, look, ...(at > 0 && { on: `${id}-${at - 1}` }) }, frame));
    below = top;
  }
  return [...areas, ...edges];
}

interface Edge {
  readonly name: string;
  readonly spans: readonly Span[];
  readonly look: string;
  /** The line that its values begin at. */
  readonly on?: string;
}

function lineOf(id: string, { name, spans, look, on }: Edge, frame: Frame): Content {
  const d = linePath(spans, frame);
  if (d === '') return undefined;
  const base = on === undefined ? undefined : markup` data-on="${on}"`;
  return markup`<g class="line ${look}"><path id="${id}" data-name="${plainName(name)}"${base} d="${d}" vector-effect="non-scaling-stroke"/></g>`;
}

function pathOf(d: string): Content {
  return d === '' ? undefined : markup`<path d="${d}" vector-effect="non-scaling-stroke"/>`;
}
