/** The mean of something from one time to another, ms; NaN where it is not known. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** Longer than anything lasts, ms, and more than there is of anything. */
const vast = 1e15;

/** What a series is measured by. */
export interface Measured {
  readonly spanMs: number;
  readonly simulatedMs: number;
}

/**
 * A series in `most` spans at most: neighbours become one, with the mean over their time. The last span may be shorter than
 * the others.
 */
export function spansOf(values: readonly number[], { spanMs, simulatedMs }: Measured, most: number): readonly Span[] {
  const length = spanMs > 0 && spanMs < vast ? spanMs : 1;
  const size = Math.max(1, Math.ceil(values.length / most));
  const endOf = (span: number): number => {
    const end = (span + 1) * length;
    // An end that lies before its span is none.
    return span === values.length - 1 && simulatedMs > span * length && simulatedMs < end ? simulatedMs : end;
  };
  return Array.from({ length: Math.ceil(values.length / size) }, (_, group) => {
    const start = group * size;
    const end = Math.min(values.length, start + size);
    let sum = 0;
    let time = 0;
    for (let span = start; span < end; span += 1) {
      const value = values[span] ?? NaN;
      // Neither no number nor one beyond all measure has a place on a plot.
      if (!(Math.abs(value) < vast)) continue;
      const lasts = endOf(span) - span * length;
      sum += value * lasts;
      time += lasts;
    }
    return { from: start * length, to: endOf(end - 1), value: time === 0 ? NaN : sum / time };
  });
}

/** Two series of equal spans, added. */
export function added(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  return a.map((span, at) => ({ ...span, value: span.value + (b[at]?.value ?? 0) }));
}

/** When everything that was measured is over, ms; more than 0. */
export function endOf(measured: readonly (Measured & { readonly spans: number })[]): number {
  const ends = measured.map(({ spanMs, spans, simulatedMs }) => {
    return simulatedMs > 0 && simulatedMs < vast ? simulatedMs : spans * spanMs;
  });
  const end = Math.max(0, ...ends.filter((ms) => ms < vast));
  return end > 0 ? end : 1;
}
