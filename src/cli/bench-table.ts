import type { WorkloadRow } from '../../bench/index.js';

interface Column {
  readonly title: string;
  /** Whether it holds words, which lean left; figures lean right. */
  readonly words?: true;
  cell(row: WorkloadRow): string;
}

const columns: readonly Column[] = [
  { title: 'workload', words: true, cell: (row) => row.workload },
  { title: 'phase', words: true, cell: (row) => row.phase },
  { title: 'agents', cell: (row) => whole(row.agents) },
  { title: 'frameworks', cell: (row) => whole(row.frameworks) },
  { title: 'roles', cell: (row) => whole(row.roles) },
  { title: 'layout', words: true, cell: (row) => row.layout ?? '-' },
  { title: 'tasks', cell: (row) => whole(row.tasks) },
  { title: 'policy', words: true, cell: (row) => row.policy ?? '-' },
  { title: 'runs', cell: (row) => whole(row.runs) },
  { title: 'ops', cell: (row) => whole(row.ops) },
  { title: 'median ms', cell: (row) => figure(row.medianMs) },
  { title: 'min ms', cell: (row) => figure(row.minMs) },
  { title: 'spread', cell: (row) => `${(row.spread * 100).toFixed(0)}%${row.noisy ? ' noisy' : ''}` },
  { title: 'ns/op', cell: (row) => figure(row.nsPerOp) },
  { title: 'p50 ns', cell: (row) => figure(row.p50Ns) },
  { title: 'p99 ns', cell: (row) => figure(row.p99Ns) },
  { title: 'max ns', cell: (row) => figure(row.maxNs ?? null) },
  { title: 'ops/s', cell: (row) => whole(row.opsPerSecond) },
  { title: 'RSS MiB', cell: (row) => whole(row.peakRssMiB) },
  { title: 'live MiB', cell: (row) => figure(row.liveHeapMiB ?? null) },
  { title: 'x naive', cell: (row) => figure(row.ratio.naive) },
  { title: 'x limit', cell: (row) => figure(row.ratio.limit) },
];

/** Rows as an aligned table. A column in which no row has a figure is left out. */
export function renderRows(rows: readonly WorkloadRow[]): string {
  const table = columns
    .map(({ title, words, cell }) => ({ words: words === true, cells: [title, ...rows.map(cell)] }))
    .filter(({ cells: [, ...body] }) => body.some((text) => text !== '-'));
  const widths = table.map(({ cells }) => Math.max(...cells.map((text) => text.length)));
  const lines = Array.from({ length: rows.length + 1 }, (_, line) =>
    table
      .map(({ words, cells }, column) => pad(cells[line] ?? '', widths[column] ?? 0, words))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function pad(text: string, width: number, left: boolean): string {
  return left ? text.padEnd(width) : text.padStart(width);
}

function whole(value: number | null): string {
  return value === null ? '-' : Math.round(value).toLocaleString('en-US');
}

/** Three figures that count, whatever the size. */
function figure(value: number | null): string {
  if (value === null) return '-';
  return value >= 100 ? whole(value) : Number(value.toPrecision(3)).toString();
}
