/** What came of simulations, as files for spreadsheets. */
import type { Fates, SimulationResult } from '../../simulation/index.js';

type Cell = string | number;

/** Comma-separated tables by the name of their file. */
export function csvFiles(result: SimulationResult): ReadonlyMap<string, string> {
  return new Map([
    ['summary.csv', csv(summaryRows(result))],
    ['tenants.csv', csv(tenantRows(result))],
    ['timeline.csv', csv(timelineRows(result))],
  ]);
}

const fateTitles = [
  ...['jobs', 'jobs_ended', 'tasks', 'started', 'ended', 'waiting', 'running', 'given_up', 'unplaceable'],
  ...['waited_mean_ms', 'waited_p50_ms', 'waited_p95_ms', 'waited_p99_ms', 'waited_max_ms'],
  ...['took_mean_ms', 'took_p50_ms', 'took_p95_ms', 'took_p99_ms', 'took_max_ms'],
];

function fateCells(fates: Fates): readonly Cell[] {
  const { jobs, jobsEnded, tasks, started, ended, waiting, running, givenUp, unplaceable = 0 } = fates;
  const spreads = [fates.waitedMs, fates.completionMs].flatMap(({ mean, p50, p95, p99, max }) => [
    ...[mean, p50, p95, p99, max],
  ]);
  return [jobs, jobsEnded, tasks, started, ended, waiting, running, givenUp, unplaceable, ...spreads];
}

function summaryRows({ policies }: SimulationResult): readonly (readonly Cell[])[] {
  const kinds = policies[0]?.utilisation.map(({ resource }) => resource) ?? [];
  const title = [
    ...['policy', 'simulated_ms', ...fateTitles, 'offers', 'accepted', 'declined', 'taken_back', 'preemptions', 'jain'],
    ...kinds.map((kind) => `${kind}_in_use`),
    ...kinds.map((kind) => `${kind}_stranded`),
  ];
  const rows = policies.map((one) => [
    ...[one.policy, one.simulatedMs, ...fateCells(one)],
    ...[one.offers.made, one.offers.accepted, one.offers.declined, one.offers.takenBack, one.preemptions, one.jain],
    ...one.utilisation.map(({ mean }) => mean),
    ...one.utilisation.map(({ stranded }) => stranded),
  ]);
  return [title, ...rows];
}

function tenantRows({ policies }: SimulationResult): readonly (readonly Cell[])[] {
  const title = ['policy', 'role', 'weight', 'behaviour', 'mean_share', ...fateTitles, 'offers', 'declined'];
  const rows = policies.flatMap(({ policy, tenants }) =>
    tenants.map((one) => [
      ...[policy, one.role, one.weight, one.behaviour, one.meanShare, ...fateCells(one), one.offers, one.declined],
    ]),
  );
  return [title, ...rows];
}

/** A row a span, told by its beginning. */
function timelineRows({ policies }: SimulationResult): readonly (readonly Cell[])[] {
  const kinds = policies[0]?.series.utilisation.map(({ name }) => name) ?? [];
  const roles = [...new Set(policies.flatMap(({ series }) => series.shares.map(({ name }) => name)))];
  const title = [
    ...['policy', 'at_ms', 'running', 'waiting', 'jain'],
    ...kinds.map((kind) => `${kind}_in_use`),
    ...kinds.map((kind) => `${kind}_stranded`),
    ...roles.map((role) => `share_${role}`),
  ];
  const rows = policies.flatMap(({ policy, series }) => {
    const shares = roles.map((role) => series.shares.find(({ name }) => name === role)?.values ?? []);
    const lists = [...series.utilisation, ...series.stranded].map(({ values }) => values);
    return series.jain.map((jain, span) => [
      ...[policy, span * series.spanMs, series.running[span] ?? 0, series.waiting[span] ?? 0, jain],
      ...[...lists, ...shares].map((values) => values[span] ?? 0),
    ]);
  });
  return [title, ...rows];
}

function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\n`).join('');
}

function cellText(cell: Cell): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
