import type { PolicyResult } from '../../result.js';
import { worstOf } from '../cast.js';
import { unplaceable } from '../fates.js';
import { index, percent, percentOf, whole } from '../figures.js';
import { markup, type Content, type Markup } from '../markup.js';
import { nameOf } from '../names.js';
import { table, type Row, type RowGroup } from '../table.js';
import { duration } from '../times.js';
import type { View } from '../view.js';
import { section } from './section.js';

/** A figure of every policy, and whether less or more of it is better. */
interface FigureRow {
  readonly head: Content;
  readonly value: (policy: PolicyResult) => number;
  readonly text: (value: number, policy: PolicyResult) => string;
  readonly better?: 'less' | 'more';
  /** Left out where it is 0 under every policy. */
  readonly rare?: true;
}

/** All figures, policies side by side. */
export function policiesSection({ policies, data }: View): Markup {
  const several = policies.length > 1;
  const best = 'In each row in which one can say so the best is bold.';
  const same = 'All policies had the same cluster and the same jobs.';
  const told =
    data.changes === undefined ? same : 'The same demand, on the cluster as it is and on it with the changes.';
  const about = several ? `${told} ${best}` : 'The figures of the whole run.';
  return section(
    'policies',
    several ? (data.changes === undefined ? 'Policies side by side' : 'As it is, and changed') : 'Figures',
    about,
    table({
      name: 'Figures by policy',
      look: 'figures',
      columns: [
        { head: markup`<span class="hidden">Figure</span>`, look: 'words' },
        ...policies.map(({ policy }) => ({ head: nameOf(policy) })),
      ],
      groups: groupsOf(policies).map(({ title, rows }) => ({ title, rows: rows.map((row) => rowOf(row, policies)) })),
    }),
  );
}

function rowOf({ head, value, text, better }: FigureRow, policies: readonly PolicyResult[]): Row {
  const texts = policies.map((policy) => text(value(policy), policy));
  const best = better === undefined || new Set(texts).size < 2 ? undefined : bestOf(policies.map(value), better);
  const bestText = best === undefined ? undefined : texts[best];
  // What most policies have is nothing to point at.
  const few = texts.filter((each) => each === bestText).length * 2 <= texts.length;
  return { head, cells: texts.map((each) => (few && each === bestText ? markup`<strong>${each}</strong>` : each)) };
}

function bestOf(values: readonly number[], better: 'less' | 'more'): number | undefined {
  const known = values
    .map((value, at) => ({ value: better === 'less' ? value : -value, at }))
    .filter(({ value }) => Number.isFinite(value));
  return known.toSorted((a, b) => a.value - b.value)[0]?.at;
}

function groupsOf(
  policies: readonly PolicyResult[],
): readonly (Pick<RowGroup, 'title'> & { readonly rows: readonly FigureRow[] })[] {
  return [
    { title: 'Tasks', rows: tasks },
    { title: 'Waiting, of tasks that started', rows: waiting },
    { title: 'Jobs', rows: jobs },
    { title: 'Fairness', rows: fairness },
    { title: 'Use of the cluster, on average', rows: use(policies) },
    { title: 'Offers and work', rows: work },
  ]
    .map(({ title, rows }) => ({ title, rows: rows.filter((row) => isTold(row, policies)) }))
    .filter(({ rows }) => rows.length > 0);
}

/** What nobody has a figure of has no row. */
function isTold({ rare, value }: FigureRow, policies: readonly PolicyResult[]): boolean {
  return policies.some((policy) => (rare === true ? value(policy) !== 0 : Number.isFinite(value(policy))));
}

const wholeText = (value: number): string => whole(value);

const tasks: readonly FigureRow[] = [
  { head: 'Asked for', value: (p) => p.tasks, text: wholeText },
  { head: 'Started', value: (p) => p.started, text: wholeText, better: 'more' },
  { head: 'Ended', value: (p) => p.ended, text: wholeText, better: 'more' },
  { head: 'Running at the end', value: (p) => p.running, text: wholeText, rare: true },
  { head: 'Waiting at the end', value: (p) => p.waiting, text: wholeText, better: 'less', rare: true },
  { head: 'That no machine could hold', value: unplaceable, text: wholeText, rare: true },
  { head: 'Given up', value: (p) => p.givenUp, text: wholeText, better: 'less', rare: true },
  { head: 'Ended to make room', value: (p) => p.preemptions, text: wholeText, rare: true },
];

const waiting: readonly FigureRow[] = [
  { head: 'Median', value: (p) => orNone(p.waitedMs.count, p.waitedMs.p50), text: duration, better: 'less' },
  { head: '95th percentile', value: (p) => orNone(p.waitedMs.count, p.waitedMs.p95), text: duration, better: 'less' },
  { head: '99th percentile', value: (p) => orNone(p.waitedMs.count, p.waitedMs.p99), text: duration, better: 'less' },
  { head: 'Longest', value: (p) => orNone(p.waitedMs.count, p.waitedMs.max), text: duration, better: 'less' },
  { head: 'Worst-off tenant, 95th percentile', value: worstP95, text: duration, better: 'less' },
];

const jobs: readonly FigureRow[] = [
  { head: 'Submitted', value: (p) => p.jobs, text: wholeText },
  { head: 'Ended', value: (p) => p.jobsEnded, text: wholeText, better: 'more' },
  {
    head: 'Median time to completion',
    value: (p) => orNone(p.completionMs.count, p.completionMs.p50),
    text: duration,
    better: 'less',
  },
  {
    head: 'Mean time to completion',
    value: (p) => orNone(p.completionMs.count, p.completionMs.mean),
    text: duration,
    better: 'less',
  },
  {
    head: '95th percentile',
    value: (p) => orNone(p.completionMs.count, p.completionMs.p95),
    text: duration,
    better: 'less',
  },
];

const fairness: readonly FigureRow[] = [
  { head: 'Jain’s index', value: (p) => orNone(p.tenants.length, p.jain), text: index, better: 'more' },
  { head: 'Least mean share of a tenant', value: leastShare, text: percent },
  { head: 'Largest mean share of a tenant', value: largestShare, text: percent },
];

const work: readonly FigureRow[] = [
  { head: 'Offers made', value: (p) => p.offers.made, text: wholeText },
  { head: 'Accepted', value: (p) => p.offers.accepted, text: (value, p) => percentOf(value, p.offers.made) },
  { head: 'Declined', value: (p) => p.offers.declined, text: (value, p) => percentOf(value, p.offers.made) },
  {
    head: 'Taken back',
    value: (p) => p.offers.takenBack,
    text: (value, p) => percentOf(value, p.offers.made),
    rare: true,
  },
  { head: 'Allocation runs', value: (p) => p.runs, text: wholeText },
  { head: 'Inputs to the master', value: (p) => p.inputs, text: wholeText },
  { head: 'Simulated time', value: (p) => p.simulatedMs, text: duration },
];

function use(policies: readonly PolicyResult[]): readonly FigureRow[] {
  const names = [...new Set(policies.flatMap(({ utilisation }) => utilisation.map(({ resource }) => resource)))];
  const of = (policy: PolicyResult, name: string) => policy.utilisation.find(({ resource }) => resource === name);
  return names.flatMap((name): readonly FigureRow[] => [
    { head: markup`${nameOf(name)} in use`, value: (p) => of(p, name)?.mean ?? NaN, text: percent, better: 'more' },
    {
      head: markup`${nameOf(name)} stranded`,
      value: (p) => of(p, name)?.stranded ?? NaN,
      text: percent,
      better: 'less',
    },
  ]);
}

function orNone(number: number, value: number): number {
  return number > 0 ? value : NaN;
}

function worstP95(policy: PolicyResult): number {
  const worst = worstOf(policy);
  return worst === undefined ? NaN : orNone(worst.waitedMs.count, worst.waitedMs.p95);
}

/** Of those who asked for something: the others have none. */
function leastShare({ tenants }: PolicyResult): number {
  const [first, ...others] = tenants.filter(({ tasks }) => tasks > 0);
  return others.reduce((least, { meanShare }) => Math.min(least, meanShare), first?.meanShare ?? NaN);
}

function largestShare({ tenants }: PolicyResult): number {
  return tenants.reduce((most, { meanShare }) => Math.max(most, meanShare), tenants[0]?.meanShare ?? NaN);
}
