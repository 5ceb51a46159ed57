/**
 * `node scripts/bench.mjs --write`: every workload at the sizes that matter, as a table in `bench/RESULTS.md`, beside what
 * others have measured.
 */
import { figure, flagsOf, machine, machineText, measure, table, whole, write } from './proffer.mjs';

/** @typedef {import('./proffer.mjs').WorkloadRow} WorkloadRow */
/** @typedef {import('./proffer.mjs').Flags} Flags */
/**
 * What others have measured of a phase, in the unit that is said.
 *
 * @typedef {object} Others
 * @property {'ms' | 'ns/op' | 'ops/s' | 'p50 µs' | 'MiB'} unit
 * @property {number} [mesos]
 * @property {number} [prototype]
 * @property {string} [note] a mark that the page explains
 */
/**
 * @typedef {object} Entry
 * @property {string} workload
 * @property {Flags} flags
 * @property {Readonly<Record<string, Others>>} [others] by phase
 * @property {'usual' | 'full'} [from] left out with `--quick`; or taken with `--full` only
 */

/** The page says of which machine these are. */
const mesosMark = '¹';
const publishedMark = '²';
const heapMark = '³';

/** Agents of clusters that `--quick` leaves out. */
const large = 40_000;

/** @type {readonly Entry[]} */
const entries = [
  {
    workload: 'full-cycle',
    flags: { agents: 1_000, frameworks: 100, compare: 'naive,limit' },
    others: { cycle: { unit: 'ms', mesos: 21 } },
  },
  {
    workload: 'full-cycle',
    flags: { agents: 10_000, frameworks: 1_000, compare: 'naive,limit' },
    others: { cycle: { unit: 'ms', mesos: 919, prototype: 3.1 } },
  },
  {
    workload: 'full-cycle',
    flags: { phase: 'cycle', agents: 10_000, frameworks: 1_000, layout: 'two-level', compare: 'naive,limit' },
    others: { cycle: { unit: 'ms', mesos: 2_600, prototype: 3.1 } },
  },
  {
    workload: 'full-cycle',
    flags: { phase: 'cycle', agents: 10_000, frameworks: 1_000, layout: 'spread', compare: 'naive,limit' },
    others: { cycle: { unit: 'ms', mesos: 207 } },
  },
  {
    workload: 'full-cycle',
    flags: { phase: 'cycle', agents: 50_000, frameworks: 1_000, layout: 'spread', compare: 'limit' },
    others: { cycle: { unit: 'ms', mesos: 1_370 } },
  },
  {
    workload: 'full-cycle',
    flags: { phase: 'cycle', agents: 100_000, frameworks: 10_000, compare: 'limit' },
    others: { cycle: { unit: 'ms', prototype: 56 } },
  },
  {
    workload: 'idle-cycle',
    flags: { agents: 10_000, frameworks: 1_000, compare: 'naive' },
    others: { cycle: { unit: 'ms', mesos: 744 } },
  },
  {
    workload: 'idle-cycle',
    flags: { agents: 100_000, frameworks: 10_000 },
    others: { cycle: { unit: 'ms', prototype: 0.001 } },
  },
  {
    workload: 'one-agent',
    flags: { agents: 10_000, frameworks: 100, compare: 'naive' },
    others: { cycle: { unit: 'ms', mesos: 2 } },
  },
  {
    workload: 'one-agent',
    flags: { agents: 100_000, frameworks: 10_000 },
    others: { cycle: { unit: 'ms', prototype: 0.8 } },
  },
  {
    workload: 'declined-cycle',
    flags: { agents: 1_000, frameworks: 1_000, compare: 'naive' },
    others: { closed: { unit: 'ms', mesos: 2_500 }, heap: { unit: 'MiB', mesos: 1_741, note: heapMark } },
    from: 'usual',
  },
  {
    workload: 'declined-cycle',
    flags: { agents: 10_000, frameworks: 1_000, runs: 7 },
    others: {
      cycle: { unit: 'ms', prototype: 6.6 },
      closed: { unit: 'ms', prototype: 1.8 },
      after: { unit: 'ms', prototype: 0.007 },
      heap: { unit: 'MiB', prototype: 87 },
    },
    from: 'full',
  },
  {
    workload: 'decline-offers',
    flags: { agents: 10_000, frameworks: 1_000, compare: 'naive' },
    others: {
      cycle: { unit: 'ms', mesos: 625, prototype: 5.4 },
      decline: { unit: 'ms', mesos: 580, prototype: 57 },
      'decline-framework': { unit: 'ms', prototype: 36 },
    },
  },
  {
    workload: 'large-small-quota',
    flags: { agents: 300, compare: 'naive,limit' },
    others: { first: { unit: 'ms', mesos: 72 }, empty: { unit: 'ms', mesos: 55 } },
  },
  {
    workload: 'large-small-quota',
    flags: { agents: 3_000, compare: 'limit' },
    others: { first: { unit: 'ms', mesos: 11_600 }, empty: { unit: 'ms', mesos: 9_800 } },
  },
  {
    workload: 'fill',
    flags: { agents: 1_000, frameworks: 100, runs: 5 },
    others: { fill: { unit: 'ops/s', mesos: 7_900, note: mesosMark } },
  },
  {
    workload: 'fill',
    flags: { agents: 10_000, frameworks: 100, runs: 3 },
    others: { fill: { unit: 'ops/s', mesos: 8_800, prototype: 106_000, note: mesosMark } },
  },
  { workload: 'multi-framework', flags: { runs: 5 } },
  { workload: 'inputs', flags: { agents: 10_000, tasks: 100_000 } },
  {
    workload: 'inputs',
    flags: { agents: 100_000, tasks: 1_000_000, runs: 3 },
    others: { mixed: { unit: 'p50 µs', prototype: 5.7 } },
  },
  {
    workload: 'register',
    flags: { phase: 'register', agents: 40_000, tasks: 400_000, runs: 3 },
    others: { register: { unit: 'ms', mesos: 19_100, prototype: 900, note: publishedMark } },
  },
  {
    workload: 'register',
    flags: { phase: 'heap', agents: 100_000, tasks: 1_000_000, runs: 1 },
    others: { heap: { unit: 'MiB', prototype: 260 } },
  },
  { workload: 'serialize', flags: { agents: 10_000, tasks: 100_000, runs: 3 } },
  {
    workload: 'serialize',
    flags: { phase: 'serialize', agents: 100_000, tasks: 1_000_000, runs: 3 },
    others: { serialize: { unit: 'ms', prototype: 4_500 } },
  },
  {
    workload: 'sorter',
    flags: { agents: 50_000, frameworks: 1_000, runs: 5 },
    others: {
      allocated: { unit: 'ms', mesos: 92 },
      sort: { unit: 'ns/op', mesos: 11_500 },
      unallocated: { unit: 'ms', mesos: 2_360 },
    },
  },
  {
    workload: 'resources',
    flags: {},
    others: {
      add: { unit: 'ns/op', mesos: 300 },
      contains: { unit: 'ns/op', mesos: 100 },
      parse: { unit: 'ns/op', mesos: 5_000 },
    },
  },
  { workload: 'explain', flags: { agents: 1_000, frameworks: 100 } },
];

/**
 * @param {{ readonly full: boolean, readonly quick: boolean, readonly command: string }} options `quick`: no large
 *   clusters, few runs, to see that all works
 */
export async function writeResults({ full, quick, command }) {
  const wanted = entries.filter(({ flags, from }) => {
    if (from === 'full') return full;
    return !quick || (from === undefined && Number(flags['agents'] ?? 0) < large);
  });
  const start = performance.now();
  const lines = wanted.flatMap((entry, turn) => {
    const flags = quick ? { ...entry.flags, runs: 2 } : entry.flags;
    process.stderr.write(`${turn + 1}/${wanted.length} ${[entry.workload, ...flagsOf(flags)].join(' ')}`);
    const before = performance.now();
    const rows = measure(entry.workload, flags);
    process.stderr.write(` ${((performance.now() - before) / 1e3).toFixed(1)} s\n`);
    return rows.map((row) => cellsOf(row, entry.others?.[row.phase]));
  });
  const minutes = ((performance.now() - start) / 6e4).toFixed(1);
  const text = table(head, lines, [0, 1, 2]);
  await write('bench/RESULTS.md', pageOf(text, { command, minutes }));
  console.log(text);
}

const head = [
  'workload',
  'phase',
  'agents / frameworks',
  'tasks',
  'median ms',
  'spread',
  'ns/op',
  'ops/s',
  'p50 µs',
  'p99 µs',
  'max µs',
  'live MiB',
  '× limit',
  'naive ×',
  'Mesos',
  'prototype',
];

/**
 * @param {WorkloadRow} row
 * @param {Others | undefined} others
 * @returns {readonly string[]}
 */
function cellsOf(row, others) {
  const inMicros = (/** @type {number | null | undefined} */ ns) => figure(ns == null ? null : ns / 1e3);
  const { naive, limit } = row.ratio;
  return [
    row.workload,
    row.phase,
    row.agents === null ? '–' : `${whole(row.agents)} / ${whole(row.frameworks)}${layoutOf(row)}`,
    row.tasks === 0 ? '–' : whole(row.tasks),
    figure(row.medianMs),
    row.runs < 3
      ? `${row.runs} run${row.runs === 1 ? '' : 's'}`
      : `${(row.spread * 100).toFixed(0)} %${row.noisy ? ' noisy' : ''}`,
    figure(row.nsPerOp),
    whole(row.opsPerSecond),
    inMicros(row.p50Ns),
    inMicros(row.p99Ns),
    inMicros(row.maxNs),
    figure(row.liveHeapMiB),
    figure(limit),
    naive === null || naive === 0 ? '–' : figure(1 / naive),
    theirs(row, others, others?.mesos, others?.note ?? ''),
    theirs(row, others, others?.prototype, ''),
  ];
}

/**
 * @param {WorkloadRow} row
 * @returns {string}
 */
function layoutOf({ layout, roles }) {
  if (layout === undefined) return '';
  return layout === 'spread' ? ` in ${whole(roles)} roles` : ` below ${whole(roles)} groups`;
}

/**
 * Their figure, and how many times as good ours is.
 *
 * @param {WorkloadRow} row
 * @param {Others | undefined} others
 * @param {number | undefined} value
 * @param {string} note
 * @returns {string}
 */
function theirs(row, others, value, note) {
  if (others === undefined || value === undefined) return '–';
  const ours = oursIn(row, others.unit);
  if (ours == null || ours === 0) return `${figure(value)} ${others.unit}${note}`;
  const better = others.unit === 'ops/s' ? ours / value : value / ours;
  return `${figure(value)} ${others.unit}${note} (${figure(better)}×)`;
}

/**
 * @param {WorkloadRow} row
 * @param {Others['unit']} unit
 * @returns {number | null | undefined}
 */
function oursIn(row, unit) {
  switch (unit) {
    case 'ms':
      return row.medianMs;
    case 'ns/op':
      return row.nsPerOp;
    case 'ops/s':
      return row.opsPerSecond;
    case 'p50 µs':
      return row.p50Ns === null ? null : row.p50Ns / 1e3;
    case 'MiB':
      return row.liveHeapMiB;
  }
}

/**
 * @param {string} figures
 * @param {{ readonly command: string, readonly minutes: string }} how
 * @returns {string}
 */
function pageOf(figures, { command, minutes }) {
  return `# Results

Written by \`${command}\` in ${minutes} minutes on ${machineText(machine())}. [README.md](README.md) says what the
workloads are, and how to read this.

${figures}

Frameworks have a role each unless it says otherwise. \`× limit\`: how many times as long as the arithmetic alone takes in
typed arrays. \`naive ×\`: how many times as long a plain allocator on objects takes. Both ran in the same process as what they
are compared with.

The last two columns are what others took, and in brackets how many times as good ours is. **They come from other
machines**, so only their order of magnitude counts. Mesos is its allocator alone, in C++ with -O2 (2024, 1.12-dev), on 2
virtual cores of an AMD EPYC with 24 GiB: no master, no book-keeping of tasks; most of our rows do more. The prototype was a
sketch of this library without quotas, reservations and deep roles.

${mesosMark} Tasks a second of processor time of its allocator; ours also hear that a task runs, and acknowledge it.

${publishedMark} Published by its authors, on a laptop of 2015: a whole master.

${heapMark} All of the allocator with that cluster, 1.7 GiB resident; ours are the refusals alone.
`;
}
