import type { PolicyResult, SimulationResult } from '../result.js';
import { castOf, type Cast } from './cast.js';
import { spansWithin, widthOf, type Width } from './chart.js';
import { endOf, spansOf, type Span } from './spans.js';

/** What all parts of a report share. */
export interface View {
  readonly data: SimulationResult;
  readonly policies: readonly PolicyResult[];
  readonly cast: Cast;
  /** Where every axis of time ends. */
  readonly endMs: number;
  /** Whether any tenant has a weight other than 1: then shares are divided by it. */
  readonly weighted: boolean;
  /** How wide plots are of which there is one a policy. */
  readonly width: Width;
  /** A series in as many spans as can be seen on such a plot. */
  spans(values: readonly number[], policy: PolicyResult): readonly Span[];
}

/** Looks at a result. */
export function viewOf(data: SimulationResult): View {
  const { policies } = data;
  const width = widthOf(policies.length);
  return {
    data,
    policies,
    cast: castOf(data),
    endMs: endOf(
      policies.map(({ simulatedMs, series }) => ({ simulatedMs, spanMs: series.spanMs, spans: spansIn(series) })),
    ),
    weighted: policies.some(({ tenants }) => tenants.some(({ weight }) => weight !== 1)),
    width,
    spans: (values, { simulatedMs, series }) =>
      spansOf(values, { spanMs: series.spanMs, simulatedMs }, spansWithin[width]),
  };
}

function spansIn({ waiting, running, jain, utilisation }: PolicyResult['series']): number {
  return Math.max(...[waiting, running, jain, ...utilisation.map(({ values }) => values)].map(({ length }) => length));
}
