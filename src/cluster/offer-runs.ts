/** What was offered and asked in one run times out together: one deadline for all (OFFER-6). */
import { pushDeadline } from './deadlines.js';
import type { Draft } from './draft.js';

/** Files what a run has made, from number `first` on. */
export function fileRun(draft: Draft, run: number, first: number): void {
  const key = runKey(run);
  draft.nextRun += 1;
  const last = draft.nextOffer - 1;
  draft.offerRuns = draft.offerRuns.set(key, { first, last, open: last - first + 1 }, draft.edit);
  const { offerTimeoutMs } = draft.config;
  if (offerTimeoutMs === null) return;
  const at = draft.now - draft.stalledMs + offerTimeoutMs;
  draft.deadlines = pushDeadline(draft.deadlines, { at, kind: 'offers', id: key, token: run });
}

/** One of a run's offers does not stand any more; the run goes with the last. */
export function closeInRun(draft: Draft, number: number): void {
  const key = runKey(number);
  const run = draft.offerRuns.get(key);
  if (run === undefined) return;
  draft.offerRuns =
    run.open > 1
      ? draft.offerRuns.set(key, { ...run, open: run.open - 1 }, draft.edit)
      : draft.offerRuns.remove(key, draft.edit);
}

/** Numbers of runs sort as text. */
function runKey(run: number): string {
  return String(run).padStart(16, '0');
}
