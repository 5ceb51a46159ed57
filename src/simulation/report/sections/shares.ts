import { commonAxis, panels, spansWithin, type Line, type Plot } from '../chart.js';
import { count } from '../figures.js';
import { legend } from '../legend.js';
import { markup, type Markup } from '../markup.js';
import { nameOf, plainName } from '../names.js';
import { spansOf, type Span } from '../spans.js';
import type { View } from '../view.js';
import { section } from './section.js';
import { captionOf, empty, meansNote } from './side-by-side.js';

/** So many lines of roles without a colour are drawn behind the others. */
const mostGrey = 60;
/** Where there are more lines than colours each is told in so many times fewer points: it must be seen among the others. */
const coarser = 3;

/** Dominant shares by role, over time. */
export function sharesSection(view: View): Markup {
  const { policies, cast, endMs, width, weighted } = view;
  const most = Math.round(spansWithin[width] / (cast.others.length > 0 ? coarser : 1));
  const drawn = policies.map((policy) => {
    const { simulatedMs } = policy;
    const { spanMs } = policy.series;
    const all = new Map(policy.series.shares.map(({ name, values }) => [name, values]));
    const spans = (role: string): readonly Span[] => spansOf(all.get(role) ?? [], { spanMs, simulatedMs }, most);
    return {
      policy,
      lines: cast.main.map((role): Line => ({ name: role, spans: spans(role), look: cast.lookOf(role) })),
      backdrop: cast.others.slice(0, mostGrey).map(spans),
    };
  });
  const everyLine = drawn.flatMap(({ lines, backdrop }) => [...lines.map(({ spans }) => spans), ...backdrop]);
  const axis = commonAxis(everyLine, 'percent');
  const plots = drawn.map(({ policy, lines, backdrop }, at): Plot => ({
    id: `shares${at}`,
    ...captionOf(policy, policies),
    title: `Dominant shares over time under ${plainName(policy.policy)}`,
    width,
    endMs,
    axis,
    lines,
    backdrop,
  }));
  return section(
    'shares',
    weighted ? 'Dominant shares, by weight' : 'Dominant shares',
    markup`The part of the cluster that a tenant holds of the resource it holds most of${weighted ? ', divided by the tenant’s weight' : ''}. A fair policy brings the lines of all who want more together. ${meansNote(view, most)}`,
    keys(view),
    cast.roles.length === 0 ? empty('There are no tenants.') : panels(plots),
  );
}

function keys({ cast }: View): ReturnType<typeof legend> {
  const others = cast.others.length;
  const text = others > mostGrey ? `${mostGrey} of ${count(others, 'other')}` : count(others, 'other');
  return legend([
    ...cast.main.map((role) => ({ text: nameOf(role), look: cast.lookOf(role), shape: 'line' as const })),
    ...(others === 0 ? [] : [{ text, look: 'grey', shape: 'line' as const }]),
  ]);
}
