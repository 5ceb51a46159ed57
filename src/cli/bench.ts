import {
  type Layout,
  mergeRuns,
  type PeerName,
  runWorkload,
  type WorkloadOptions,
  type WorkloadRow,
  workloads,
} from '../../bench/index.js';
import { InputError } from '../resources/index.js';
import { renderRows } from './bench-table.js';
import { type Io, messageOf, RunError, UsageError } from './io.js';
import { loadPolicy, policyNames } from './policy.js';
import { countOption, listOption, parseVerb, type Verb } from './verb.js';

const peers: readonly PeerName[] = ['naive', 'limit'];
const layouts: readonly Layout[] = ['own', 'two-level', 'spread'];
/** Stands for every workload. */
const everything = 'all';
/** How often a row is measured that takes a process for each run, unless said otherwise. */
const usualProcesses = 5;
/** The options that take a whole number, and the least that makes sense. */
const counts = { agents: 1, frameworks: 1, roles: 1, tasks: 0, runs: 1, seed: 0 } as const;
const countNames = ['agents', 'frameworks', 'roles', 'tasks', 'runs', 'seed'] as const;

const help = `Usage: proffer bench WORKLOAD[,WORKLOAD] [options]

Measures workloads, each row in a process of its own. '${everything}' names them all.

  --agents N       machines in the cluster
  --frameworks N   frameworks that share them
  --layout L       own: a role for each framework (the default)
                   two-level: such a role below one of --roles groups
                   spread: frameworks share --roles roles, round-robin
  --roles N        as said above; without --layout it means spread
  --tasks N        running tasks to begin with
  --runs N         how often each phase is timed
  --seed N         what shuffles and draws derive from
  --policy P       ${policyNames.join(', ')},
                   or a file whose default export is a policy
  --compare LIST   rivals to run beside it: naive, limit
  --json           print an array of rows instead of a table
  --phase NAME     only this row of the workload
  --in-process     run in this process, for a profiler

Workloads:
${workloads.map(({ name, summary }) => `  ${name}: ${summary}`).join('\n')}
`;

/** `proffer bench`: measure workloads. */
export const bench: Verb = { help, run };

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    agents: { type: 'string' },
    frameworks: { type: 'string' },
    roles: { type: 'string' },
    tasks: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    layout: { type: 'string' },
    policy: { type: 'string' },
    compare: { type: 'string' },
    json: { type: 'boolean' },
    phase: { type: 'string' },
    'in-process': { type: 'boolean' },
  });
  const wanted = plan(positionals.flatMap(listOption), values.phase);
  const options: Partial<WorkloadOptions> = {
    ...Object.fromEntries(countNames.flatMap((name) => pair(name, countOption(name, values[name], counts[name])))),
    ...Object.fromEntries(pair('policy', values.policy === undefined ? undefined : await loadPolicy(values.policy))),
    ...Object.fromEntries(pair('layout', values.layout === undefined ? undefined : layoutOf(values.layout))),
    compare: peersOf(values.compare ?? ''),
  };
  checkSizes(wanted, options);
  const passedOn = [...countNames, 'layout' as const, 'policy' as const, 'compare' as const].flatMap((name) =>
    values[name] === undefined || name === 'runs' ? [] : [`--${name}`, values[name]],
  );

  const rows: WorkloadRow[] = [];
  for (const [index, row] of wanted.entries()) {
    const clear = progress(io, `${index + 1}/${wanted.length} ${row.workload} ${row.phase}`);
    try {
      if (values['in-process'] === true) rows.push(...runWorkload(row.workload, { ...options, phase: row.phase }));
      else if (row.oncePerProcess) rows.push(...(await measureInChildren(row, options.runs, passedOn, io)));
      else rows.push(...(await measureInChild(row, options.runs, passedOn, io)));
    } finally {
      clear();
    }
  }
  io.stdout(values.json === true ? `${JSON.stringify(rows, undefined, 2)}\n` : renderRows(rows));
  return 0;
}

interface WantedRow {
  readonly workload: string;
  readonly phase: string;
  /** Each run wants a process of its own. */
  readonly oncePerProcess: boolean;
}

/** The rows to measure, one for each phase of each workload. */
function plan(names: readonly string[], phase: string | undefined): WantedRow[] {
  const hint = `There are: ${workloads.map(({ name }) => name).join(', ')}.`;
  if (names.length === 0) throw new UsageError('bench needs a workload', hint);
  const all = names.includes(everything) ? workloads.map(({ name }) => name) : names;
  const rows = all.flatMap((name) => {
    const workload = workloads.find((known) => known.name === name);
    if (workload === undefined) throw new UsageError(`unknown workload '${name}'`, hint);
    const { phases, oncePerProcess = [] } = workload;
    return phases.map((known) => ({ workload: name, phase: known, oncePerProcess: oncePerProcess.includes(known) }));
  });
  if (phase === undefined) return rows;
  const only = rows.filter((row) => row.phase === phase);
  if (only.length > 0) return only;
  throw new UsageError(`unknown phase '${phase}'`, `There are: ${rows.map((row) => row.phase).join(', ')}.`);
}

/** So that sizes which do not go together are told here, and not by a child process. */
function checkSizes(wanted: readonly WantedRow[], options: Partial<WorkloadOptions>): void {
  try {
    for (const { name, defaults } of workloads) if (wanted.some((row) => row.workload === name)) defaults(options);
  } catch (error) {
    throw error instanceof InputError ? new UsageError(error.message) : error;
  }
}

function layoutOf(text: string): Layout {
  const layout = layouts.find((known) => known === text);
  if (layout === undefined) throw new UsageError(`unknown layout '${text}'`, `There are: ${layouts.join(', ')}.`);
  return layout;
}

function peersOf(text: string): PeerName[] {
  return listOption(text).map((name) => {
    const peer = peers.find((known) => known === name);
    if (peer === undefined) throw new UsageError(`unknown rival '${name}'`, `There are: ${peers.join(', ')}.`);
    return peer;
  });
}

/** As many processes as there are to be runs, one after the other. */
async function measureInChildren(
  row: WantedRow,
  runs: number | undefined,
  passedOn: readonly string[],
  io: Io,
): Promise<WorkloadRow[]> {
  const rows: WorkloadRow[] = [];
  for (let run = 0; run < (runs ?? usualProcesses); run += 1)
    rows.push(...(await measureInChild(row, 1, passedOn, io)));
  return mergeRuns(rows);
}

async function measureInChild(
  { workload, phase }: WantedRow,
  runs: number | undefined,
  passedOn: readonly string[],
  io: Io,
): Promise<WorkloadRow[]> {
  const count = runs === undefined ? [] : ['--runs', String(runs)];
  const child = await io.runChild([
    'bench',
    workload,
    '--phase',
    phase,
    '--in-process',
    '--json',
    ...passedOn,
    ...count,
  ]);
  if (child.exitCode !== 0)
    throw new RunError(`measuring ${workload} ${phase} failed with exit code ${child.exitCode}`);
  try {
    return JSON.parse(child.stdout) as WorkloadRow[];
  } catch (error) {
    throw new RunError(`measuring ${workload} ${phase} printed no rows: ${messageOf(error)}`, { cause: error });
  }
}

/** Shows what is being measured while it is, on a terminal only. */
function progress(io: Io, text: string): () => void {
  if (!io.interactive) return () => undefined;
  io.stderr(text);
  return () => io.stderr('\r\u001b[K');
}

/** An option that was given, as an entry; none otherwise (an option that is `undefined` is not the same as absent). */
function pair<V>(name: string, value: V | undefined): [string, V][] {
  return value === undefined ? [] : [[name, value]];
}
