/** What was offered and asked in one run times out together: one deadline for all (OFFER-6). */
import { pushDeadline } from './deadlines.js';
import type { Draft } from './draft.js';

/** Files what a run has made, from number `first` on. */
export function fileRun(draft: Draft, run: number, first: number): void {
  draft.nextRun += 1;
  const last = draft.nextOffer - 1;
  draft.offerRuns = draft.offerRuns.set(run, { first, last, open: last - first + 1 }, draft.edit);
  const { offerTimeoutMs } = draft.config;
  if (offerTimeoutMs === null) return;
  const at = draft.now - draft.stalledMs + offerTimeoutMs;
  draft.deadlines = pushDeadline(draft.deadlines, { at, kind: 'offers', id: runKey(run), token: run });
}

/** One of a run's offers does not stand any more; the run goes with the last. */
export function closeInRun(draft: Draft, number: number): void {
  const run = draft.offerRuns.get(number);
  if (run === undefined) return;
  draft.offerRuns =
    run.open > 1
      ? draft.offerRuns.set(number, { first: run.first, last: run.last, open: run.open - 1 }, draft.edit)
      : draft.offerRuns.remove(number, draft.edit);
}

/** The name of a run in deadlines, and where it is written down: these sort as text. */
export function runKey(run: number): string {
  return String(run).padStart(16, '0');
}
