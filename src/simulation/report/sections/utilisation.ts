import type { PolicyResult } from '../../result.js';
import { panels, spansWithin, widthOf, type Plot } from '../chart.js';
import { amount } from '../figures.js';
import { legend } from '../legend.js';
import { markup, type Content, type Markup } from '../markup.js';
import { listed, nameOf, plainName } from '../names.js';
import { spansOf, type Span } from '../spans.js';
import { axisFor, axisTo, type Axis } from '../ticks.js';
import type { View } from '../view.js';
import { section } from './section.js';
import { empty, meansNote } from './side-by-side.js';

/** So many resources have plots; the table has all. */
const mostResources = 6;
/** Where less than this is used, the whole of the cluster would be an empty plot. */
const little = 0.1;
/** So many of the others are named. */
const mostNamed = 20;

/** What is used of each resource, and what is free and of no use, over time. */
export function utilisationSection(view: View): Markup {
  const names = [...new Set(view.policies.flatMap(({ series }) => series.utilisation.map(({ name }) => name)))];
  const shown = names.slice(0, mostResources);
  const left = names.slice(mostResources, mostResources + mostNamed).map(plainName);
  return section(
    'utilisation',
    'Use of the cluster',
    markup`Parts of the cluster. Stranded is what is free on agents where no waiting task fits: the cluster is fragmented, or what is left is of the wrong kind. ${meansNote(view)}`,
    legend([
      { text: 'in use', look: 'c0', shape: 'area' },
      { text: 'stranded', look: 'c1', shape: 'area' },
    ]),
    ...(names.length === 0 ? [empty('The cluster has no resources.')] : plots(view, shown)),
    left.length === 0 ? undefined : empty(`Only the table has ${listed(left)}.`),
  );
}

/** Resources side by side if there is one policy, else policies side by side, resource by resource. */
function plots(view: View, names: readonly string[]): readonly Content[] {
  const { policies, data } = view;
  const total = new Map(Object.entries(data.cluster.total));
  const titles = names.map((name) => markup`${nameOf(name)} <small>of ${amount(name, total.get(name) ?? NaN)}</small>`);
  const axis = axisOf(policies);
  const [only, ...others] = policies;
  if (only === undefined) return [];
  if (others.length === 0) {
    return [
      panels(
        names.map((name, at) =>
          plot(view, only, { name, id: `use${at}`, caption: titles[at], among: names.length, axis }),
        ),
      ),
    ];
  }
  return names.flatMap((name, at) => [
    markup`<h3>${titles[at]}</h3>`,
    panels(
      policies.map((policy, number) =>
        plot(view, policy, {
          name,
          id: `use${at}-${number}`,
          caption: nameOf(policy.policy),
          among: policies.length,
          axis,
        }),
      ),
    ),
  ]);
}

/** One for all: the whole of the cluster, unless next to nothing of it is used. */
function axisOf(policies: readonly PolicyResult[]): Axis {
  const all = policies.flatMap(({ series }) =>
    [...series.utilisation, ...series.stranded].flatMap(({ values }) => values),
  );
  const fitting = axisFor(all, 'percent');
  return fitting.top <= little ? fitting : axisTo(1, 'percent');
}

interface Place {
  readonly name: string;
  readonly id: string;
  readonly caption: Content;
  /** How many plots there are side by side. */
  readonly among: number;
  readonly axis: Axis;
}

function plot({ endMs }: View, policy: PolicyResult, { name, id, caption, among, axis }: Place): Plot {
  const { series, simulatedMs } = policy;
  const width = widthOf(among);
  const of = (all: typeof series.utilisation): readonly Span[] => {
    const values = all.find((each) => each.name === name)?.values ?? [];
    return spansOf(values, { spanMs: series.spanMs, simulatedMs }, spansWithin[width]);
  };
  const used = of(series.utilisation);
  const stranded = of(series.stranded);
  return {
    id,
    caption,
    title: `Use of ${plainName(name)} over time under ${plainName(policy.policy)}`,
    width,
    endMs,
    axis,
    stacked: true,
    lines: [
      { name: 'in use', spans: used, look: 'c0' },
      ...(stranded.length === used.length ? [{ name: 'stranded', spans: stranded, look: 'c1' }] : []),
    ],
  };
}
