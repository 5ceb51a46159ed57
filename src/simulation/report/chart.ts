/** Plots over time as inline SVG. They need no script; with it, they tell values under the pointer. */
import { index, nothing, percent, trimmed, whole } from './figures.js';
import { lines, markup, type Content, type Markup } from './markup.js';
import { plainName } from './names.js';
import { ink } from './ink.js';
import { extent } from './path.js';
import type { Span } from './spans.js';
import { axisFor, type Axis, type Kind } from './ticks.js';
import { duration, timeTicks } from './times.js';

/** How wide a plot is likely to be: alone, or beside one or two others. */
export type Width = 'alone' | 'half' | 'third';

/** Something over time. */
export interface Line {
  readonly name: string;
  readonly spans: readonly Span[];
  /** Classes of the style sheet. */
  readonly look: string;
}

/** What a plot shows. */
export interface Plot {
  /** One of its kind on the page. */
  readonly id: string;
  /** Above the plot. */
  readonly caption?: Content;
  /** For who can't see it: what it is, in a few words. */
  readonly title: string;
  readonly width: Width;
  readonly endMs: number;
  readonly axis: Axis;
  readonly lines: readonly Line[];
  /** Lines that are no more than a backdrop. */
  readonly backdrop?: readonly (readonly Span[])[];
  /** Each line is on top of those before it, with the area below filled. */
  readonly stacked?: boolean;
  /** The first lines of other plots are seen behind these: their ids. */
  readonly ghosts?: readonly string[];
}

const sizes: Readonly<Record<Width, { readonly height: number; readonly ticks: number }>> = {
  alone: { height: 240, ticks: 10 },
  half: { height: 190, ticks: 6 },
  third: { height: 150, ticks: 5 },
};

/** How many spans a line is told in at most, by how wide it is drawn. */
export const spansWithin: Readonly<Record<Width, number>> = { alone: 300, half: 200, third: 150 };

/** How wide each of so many plots is. */
export function widthOf(plots: number): Width {
  if (plots === 1) return 'alone';
  return plots === 2 || plots === 4 ? 'half' : 'third';
}

/** Plots side by side, as many in a row as there is room for. */
export function panels(plots: readonly Plot[]): Markup {
  return markup`<div class="panels ${widthOf(plots.length)}">${lines(plots.map(panel))}</div>`;
}

/** A plot with its axes. What is drawn stretches with the page, letters and strokes do not. */
export function panel(plot: Plot): Markup {
  const { id, caption, title, width, endMs, axis } = plot;
  const { height } = sizes[width];
  return markup`<figure>
    ${caption === undefined ? undefined : markup`<figcaption>${caption}</figcaption>`}
    <div class="plot">
      <svg class="chart" id="${id}" role="img" aria-labelledby="${id}-t ${id}-d" height="${height}" data-end="${endMs}" data-top="${axis.top}" data-kind="${axis.kind}">
        <title id="${id}-t">${title}</title>
        <desc id="${id}-d">${describe(plot)}</desc>
        ${yAxis(axis, height)} ${xAxis(endMs, width, height)}
        <svg class="drawn" viewBox="0 0 ${extent} ${extent}" preserveAspectRatio="none" width="100%" height="${height}">
          ${ink(plot)}
        </svg>
      </svg>
    </div>
  </figure>`;
}

function yAxis(axis: Axis, height: number): Markup {
  const marks = axis.ticks.map((tick) => {
    const y = trimmed((height * (1 - tick / axis.top)).toFixed(1));
    return markup`<line x2="100%" y1="${y}" y2="${y}"/><text class="y" x="-8" y="${y}" dy=".32em">${tickText(tick, axis.kind)}</text>`;
  });
  return markup`<g class="axis">${marks}</g>`;
}

function xAxis(endMs: number, width: Width, height: number): Markup {
  const ticks = timeTicks(endMs, sizes[width].ticks);
  const marks = ticks.map(({ at, text }, n) => {
    const x = `${trimmed(((100 * at) / endMs).toFixed(2))}%`;
    // On narrow pages every other one goes.
    const rare = n % 2 === 1 && ticks.length > 5 ? ' rare' : '';
    return markup`<line class="tick${rare}" x1="${x}" x2="${x}" y1="${height}" y2="${height + 5}"/><text class="x${rare}" x="${x}" y="${height + 18}">${text}</text>`;
  });
  return markup`<g class="axis">${marks}</g>`;
}

function tickText(tick: number, kind: Kind): string {
  switch (kind) {
    case 'percent':
      return `${trimmed(String(Number((100 * tick).toPrecision(6))))}%`;
    case 'index':
      return String(tick);
    case 'count':
      return tick < 100_000
        ? whole(tick)
        : tick < 1e6
          ? `${tick / 1_000}k`
          : tick < 1e9
            ? `${tick / 1e6}M`
            : tick.toExponential(0);
  }
}

/** A value as this kind of plot tells it. */
export function valueText(value: number, kind: Kind): string {
  if (kind === 'percent') return percent(value);
  return kind === 'index' ? index(value) : whole(value);
}

/** In words: what each line comes to. */
function describe({ lines: all, axis, endMs }: Plot): string {
  const sentences = all.slice(0, 12).map(({ name, spans }) => {
    const known = spans.filter(({ value }) => Number.isFinite(value));
    const highest = known.reduce<Span | undefined>(
      (most, span) => (most && most.value >= span.value ? most : span),
      undefined,
    );
    if (highest === undefined) return `${plainName(name)}: nothing is known.`;
    const time = known.reduce((sum, { from, to }) => sum + to - from, 0);
    const mean = known.reduce((sum, { from, to, value }) => sum + value * (to - from), 0) / time;
    return `${plainName(name)}: ${valueText(mean, axis.kind)} on average, ${valueText(highest.value, axis.kind)} at most, around ${duration((highest.from + highest.to) / 2)}.`;
  });
  if (sentences.length === 0) return `There is nothing to show over ${endMs > 1 ? duration(endMs) : nothing}.`;
  return `Over ${duration(endMs)}. ${sentences.join(' ')}`;
}

/** One scale for plots that are compared with each other. */
export function commonAxis(all: readonly (readonly Span[])[], kind: Kind): Axis {
  return axisFor(
    all.flatMap((spans) => spans.map(({ value }) => value)),
    kind,
  );
}
