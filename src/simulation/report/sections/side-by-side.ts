/** The same plot over time for every policy, side by side, on the same scales. */
import type { PolicyResult } from '../../result.js';
import { commonAxis, panels, spansWithin, type Plot } from '../chart.js';
import { legend } from '../legend.js';
import { look } from '../looks.js';
import { markup, type Content, type Markup } from '../markup.js';
import { nameOf, plainName } from '../names.js';
import type { Axis } from '../ticks.js';
import { duration } from '../times.js';
import type { View } from '../view.js';

/** With more policies than this the lines of the others are not seen behind each. */
const mostGhosts = 8;

/** One figure over time. */
export interface Measure {
  /** One of its kind on the page. */
  readonly id: string;
  readonly name: string;
  /** Absent = as high as it has to be for a count. */
  readonly axis?: Axis;
  values(policy: PolicyResult): readonly number[];
}

/** One line a policy, each on a plot of its own with those of the others behind it. */
export function sideBySide(view: View, { id, name, values, axis }: Measure): Content {
  const { policies, endMs, width } = view;
  const all = policies.map((policy) => ({ policy, spans: view.spans(values(policy), policy) }));
  const drawn = all.map(({ spans }) => spans.some(({ value }) => Number.isFinite(value)));
  if (!drawn.includes(true)) return empty('There is nothing to show.');
  const several = policies.length > 1;
  const scale =
    axis ??
    commonAxis(
      all.map(({ spans }) => spans),
      'count',
    );
  const others = (at: number): readonly string[] =>
    all.length > mostGhosts
      ? []
      : all.flatMap((_, other) => (other !== at && drawn[other] === true ? [`${id}${other}`] : []));
  const plots = all.map(({ policy, spans }, at): Plot => ({
    id: `${id}${at}`,
    ...captionOf(policy, policies),
    title: `${name} over time under ${plainName(policy.policy)}`,
    width,
    endMs,
    axis: scale,
    lines: [{ name: several ? policy.policy : name, spans, look: look(at) }],
    ghosts: others(at),
  }));
  const key = {
    text: all.length === 2 ? 'the other policy' : 'the other policies',
    look: 'ghost',
    shape: 'line',
  } as const;
  return [legend(several && all.length <= mostGhosts ? [key] : []), panels(plots)];
}

/** The name of the policy above its plot, if there is more than one. */
export function captionOf({ policy }: PolicyResult, policies: readonly PolicyResult[]): { readonly caption?: Content } {
  return policies.length > 1 ? { caption: nameOf(policy) } : {};
}

/** In place of a plot. */
export function empty(text: string): Markup {
  return markup`<p class="faint">${text}</p>`;
}

/** How long the spans are of which plots show the means, so many of them at most. */
export function meansNote({ policies, width }: View, most: number = spansWithin[width]): string {
  const longest = Math.max(
    0,
    ...policies
      .map(({ series }) => series.spanMs * Math.max(1, Math.ceil(series.waiting.length / most)))
      .filter((ms) => Number.isFinite(ms)),
  );
  return longest === 0 ? '' : `Each point is the mean over ${duration(longest)}.`;
}
