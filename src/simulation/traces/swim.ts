/** Readers for the Facebook traces of SWIM (Statistical Workload Injector for MapReduce). */
import { hashText, InputError } from '../../resources/index.js';
import type { Job, TaskGroup, Tenant, Workload } from '../workloads/workload.js';
import { beginning } from './beginning.js';
import { keepsMs } from './keeping.js';
import { amountOf, eachLine, mostSeconds, RowProblem, RowReader, type ReadOptions, type ReadRows } from './rows.js';

/** One job of the trace. */
export interface SwimRow {
  readonly id: string;
  /** When it was submitted, ms, by the clock of the trace. */
  readonly at: number;
  readonly inputBytes: number;
  readonly shuffleBytes: number;
}

/** How jobs of bytes become tasks: the trace says nothing of these. */
export interface MapReduceShape {
  /** Bytes that one map reads. Default 64 MiB, Hadoop's block of the time. */
  readonly mapBytes?: number;
  /** Bytes that one reduce merges. Default 1 GiB. */
  readonly reduceBytes?: number;
  readonly mapResources?: string;
  readonly reduceResources?: string;
  /** Median of a task's duration, ms. Default 23 s (Hindman et al., NSDI 2011, §2.1). */
  readonly medianMs?: number;
  /** How many tenants submit the jobs, the first most of them. Default 5. */
  readonly tenants?: number;
}

const mib = 1_048_576;

/** A job asks for this many tasks of a kind at most: the largest of the trace would be a cluster of its own. */
const mostTasks = 200_000;

/**
 * Jobs from lines of six fields with tabs (or commas, or blanks) between them: id, submit time in s, gap to the one before in
 * s, bytes that maps read, bytes shuffled, bytes that reduces write. The last two may be missing. There is no header; a
 * first line that looks like one is left out.
 *
 * @throws InputError `bad-row`, if strict; `wrong-table` if the first line names columns of pods or nodes
 * @remarks Since 0.1.0
 */
export function readSwim(text: string, options: ReadOptions = {}): ReadRows<SwimRow> {
  const reader = new RowReader<SwimRow>(options);
  eachLine(text, (line, number) => {
    const fields = fieldsOf(line);
    if (number === 1 && !fields.slice(1).some((field) => /^\d/.test(field))) return checkHeader(fields);
    reader.read(number, () => swimRow(fields));
  });
  return reader.done();
}

/** Rows of pods would pass for jobs: their numbers are where those of jobs are. */
function checkHeader(fields: readonly string[]): void {
  if (!fields.some((field) => field.toLowerCase() === 'cpu_milli')) return;
  throw new InputError('wrong-table', 'line 1', 'The first line names columns of pods or nodes, not of jobs');
}

function fieldsOf(line: string): readonly string[] {
  const fields = line.includes('\t') ? line.split('\t') : line.trim().split(line.includes(',') ? ',' : /\s+/);
  return fields.map((field) => field.trim().replaceAll(/^"|"$/g, ''));
}

function swimRow(fields: readonly string[]): SwimRow {
  const [id = '', submitted = '', , input = '', shuffle = ''] = fields;
  if (fields.length < 4) throw new RowProblem(`it has ${fields.length} fields, and must have 4 at least`);
  if (id === '') throw new RowProblem('the id is empty');
  return {
    id,
    at: Math.round(amountOf(submitted, 'the submit time', mostSeconds) * 1_000),
    inputBytes: amountOf(input, 'map input'),
    shuffleBytes: shuffle === '' ? 0 : amountOf(shuffle, 'shuffle'),
  };
}

/**
 * What was read, as a workload: a map for each block of input, then a reduce for each so many bytes of shuffle. Tenants are
 * dealt by a hash of the job's id: of n, the first gets twice as many as the second, and so on (Zipf). Time begins with the
 * first job.
 */
export function workloadOfSwim(name: string, rows: readonly SwimRow[], shape: MapReduceShape = {}): Workload {
  const begin = beginning(rows);
  const jobs = rows.map((row) => jobOf({ ...row, at: row.at - begin }, shape)).sort((a, b) => a.at - b.at);
  return { name, tenants: teams(shape.tenants ?? 5), jobs: () => jobs };
}

function jobOf({ id, at, inputBytes, shuffleBytes }: SwimRow, shape: MapReduceShape): Job {
  const { mapBytes = 64 * mib, reduceBytes = 1_024 * mib } = shape;
  const maps = Math.max(1, Math.ceil(inputBytes / mapBytes));
  const reduces = Math.ceil(shuffleBytes / reduceBytes);
  return { id, at, role: tenantOf(id, shape.tenants ?? 5), groups: mapReduce(maps, reduces, shape) };
}

/** The groups of a job of so many maps and reduces. */
export function mapReduce(maps: number, reduces: number, shape: MapReduceShape = {}): readonly TaskGroup[] {
  const { mapResources = 'cpus:1;mem:1024', reduceResources = 'cpus:1;mem:2048', medianMs = 23_000 } = shape;
  const lasts = { median: medianMs, spread: 0.6 };
  const map: TaskGroup = { count: Math.min(maps, mostTasks), resources: mapResources, lasts };
  if (reduces === 0) return [map];
  const count = Math.min(reduces, mostTasks);
  return [map, { count, resources: reduceResources, lasts, afterOthers: true }];
}

/** The name of a tenant, by number. */
export function teamName(n: number): string {
  return `team-${n + 1}`;
}

/** So many teams. */
export function teams(count: number): readonly Tenant[] {
  return Array.from({ length: count }, (_, n) => ({ role: teamName(n), keepsMs }));
}

/** Whose a job is: tenant n with a chance in proportion to 1 / (n + 1). */
export function tenantOf(id: string, tenants: number): string {
  const weights = Array.from({ length: tenants }, (_, n) => 1 / (n + 1));
  let left = (hashText(id) / 0x1_0000_0000) * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [n, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return teamName(n);
  }
  return teamName(0);
}
