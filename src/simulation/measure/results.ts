/** From books to results. */
import type { Engine } from '../engine/engine.js';
import type { Fates, PolicyResult, TenantResult } from '../result.js';
import type { BehaviourName } from '../workloads/workload.js';
import type { Books, TenantBook } from './books.js';
import { jainIndex } from './jain.js';
import type { Channel } from './timeline.js';

/** What came of a run that is over. */
export function resultOf(policy: string, engine: Engine): PolicyResult {
  const { books, table, now } = engine;
  const tenants = [...books.tenants.values()];
  const jain = jainOver(tenants, books.running.means.length);
  const { spanMs } = books.timeline;
  // The last span may be shorter than the others.
  const lengthOf = (span: number): number => Math.min(spanMs, now - span * spanMs);
  return {
    policy,
    simulatedMs: now,
    inputs: engine.inputs,
    runs: engine.runs,
    ...fatesOf(tenants, books),
    offers: { ...books.offers },
    preemptions: books.preemptions,
    utilisation: table.index.names.map((resource, at) => ({
      resource,
      mean: meanOver(books.used[at]?.means ?? [], lengthOf),
      stranded: meanOver(books.stranded[at]?.means ?? [], lengthOf),
    })),
    jain: meanOver(jain, (span) => (isAnybodyActive(tenants, span) ? lengthOf(span) : 0)) || 1,
    tenants: tenants.map((book) => tenantResult(book, engine.behaviourOf(book.role), lengthOf)),
    series: {
      spanMs,
      utilisation: table.index.names.map((name, at) => ({ name, values: valuesOf(books.used[at]) })),
      stranded: table.index.names.map((name, at) => ({ name, values: valuesOf(books.stranded[at]) })),
      shares: tenants.map(({ role, share }) => ({ name: role, values: valuesOf(share) })),
      jain,
      waiting: valuesOf(books.queued),
      running: valuesOf(books.running),
    },
  };
}

function fatesOf(tenants: readonly TenantBook[], { waiting, completion }: Books): Fates {
  const sum = (of: (book: TenantBook) => number): number => tenants.reduce((total, book) => total + of(book), 0);
  return {
    jobs: sum(({ jobs }) => jobs),
    jobsEnded: sum(({ jobsEnded }) => jobsEnded),
    tasks: sum(({ tasks }) => tasks),
    started: sum(({ started }) => started),
    ended: sum(({ ended }) => ended),
    waiting: sum(({ queued }) => queued),
    running: sum(({ running }) => running),
    givenUp: sum(({ givenUp }) => givenUp),
    unplaceable: sum(({ unplaceable }) => unplaceable),
    waitedMs: waiting.spread(),
    completionMs: completion.spread(),
  };
}

function tenantResult(book: TenantBook, behaviour: BehaviourName, lengthOf: LengthOf): TenantResult {
  const { role, weight, jobs, jobsEnded, tasks, started, ended, queued, running, givenUp, unplaceable } = book;
  return {
    role,
    weight,
    behaviour,
    jobs,
    jobsEnded,
    tasks,
    started,
    ended,
    waiting: queued,
    running,
    givenUp,
    unplaceable,
    waitedMs: book.waiting.spread(),
    completionMs: book.completion.spread(),
    meanShare: meanWhileActive(book, lengthOf),
    offers: book.offers,
    declined: book.declined,
    ...(book.placedByData > 0 && { localPart: book.local / book.placedByData }),
  };
}

function meanWhileActive({ share, active }: TenantBook, lengthOf: LengthOf): number {
  const time = meanOver(active.means, lengthOf);
  return time === 0 ? 0 : meanOver(share.means, lengthOf) / time;
}

function isAnybodyActive(tenants: readonly TenantBook[], span: number): boolean {
  return tenants.some(({ active }) => (active.means[span] ?? 0) > 0);
}

/** By span: the index over the shares of those who had anything to run in it. */
function jainOver(tenants: readonly TenantBook[], spans: number): readonly number[] {
  return Array.from({ length: spans }, (_, span) => {
    const there = tenants.filter(({ active }) => (active.means[span] ?? 0) > 0);
    return jainIndex(there.map(({ share }) => share.means[span] ?? 0));
  });
}

/** How much a span counts, by its number. */
type LengthOf = (span: number) => number;

/** The mean of what was so in each span; 0 without any. */
function meanOver(means: readonly number[], lengthOf: LengthOf): number {
  const length = means.reduce((total, _, span) => total + lengthOf(span), 0);
  return length === 0 ? 0 : means.reduce((total, value, span) => total + value * lengthOf(span), 0) / length;
}

/** Six places are more than any picture shows. */
function valuesOf(channel: Channel | undefined): readonly number[] {
  return (channel?.means ?? []).map((value) => Math.round(value * 1e6) / 1e6);
}
