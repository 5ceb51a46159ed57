import type { Span } from './spans.js';

/** Plots are drawn in so many units each way, and stretched to the size that they have on the page. */
export const extent = 10_000;

/** What a plot's edges are: time from 0, and a value from 0 at the bottom. */
export interface Frame {
  readonly endMs: number;
  readonly top: number;
}

/**
 * A line through the middles of spans, from the start of the first to the end of the last. Where a value is not known it has
 * a gap.
 */
export function linePath(spans: readonly Span[], frame: Frame): string {
  return runs(spans)
    .map((run) => `M${through(run, frame).join(' ')}`)
    .join('');
}

/** The area between two lines; without a lower one that above 0. */
export function areaPath(upper: readonly Span[], lower: readonly Span[] | undefined, frame: Frame): string {
  const known = upper.filter((span, at) => Number.isFinite(span.value + (lower?.[at]?.value ?? 0)));
  if (known.length === 0) return '';
  const floor = lower ?? upper.map((span) => ({ ...span, value: 0 }));
  const below = floor.filter((span, at) => Number.isFinite(span.value + (upper[at]?.value ?? NaN)));
  return `M${[...through(known, frame), ...through(below, frame).toReversed()].join(' ')}Z`;
}

/** Neighbours of which all values are known. */
function runs(spans: readonly Span[]): readonly (readonly Span[])[] {
  const all: Span[][] = [];
  let open = false;
  for (const span of spans) {
    const known = Number.isFinite(span.value);
    if (known && open) all.at(-1)?.push(span);
    else if (known) all.push([span]);
    open = known;
  }
  return all;
}

function through(run: readonly Span[], { endMs, top }: Frame): string[] {
  const place = (at: number, value: number): string => {
    const x = clamped((extent * at) / endMs);
    const y = extent - clamped((extent * value) / top);
    return `${x} ${y}`;
  };
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined) return [];
  return [
    place(first.from, first.value),
    ...run.map(({ from, to, value }) => place((from + to) / 2, value)),
    place(last.to, last.value),
  ];
}

function clamped(value: number): number {
  return Math.round(Math.min(extent, Math.max(0, value)));
}
