import { type Peer, runWorkload, type WorkloadOptions, type WorkloadRow, workloads } from '../../bench/index.js';
import { renderRows } from './bench-table.js';
import { type Io, messageOf, RunError, UsageError } from './io.js';
import { loadPolicy, policyNames } from './policy.js';
import { countOption, listOption, parseVerb, type Verb } from './verb.js';

const peers: readonly Peer[] = ['naive', 'limit'];
/** The options that take a whole number, and the least that makes sense. */
const counts = { agents: 1, frameworks: 1, roles: 1, tasks: 0, runs: 1, seed: 0 } as const;
const countNames = ['agents', 'frameworks', 'roles', 'tasks', 'runs', 'seed'] as const;

const help = `Usage: proffer bench WORKLOAD[,WORKLOAD] [options]

Measures workloads, each row in a process of its own.

  --agents N       machines in the cluster
  --frameworks N   frameworks that share them
  --roles N        roles that the frameworks are spread over
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
    compare: peersOf(values.compare ?? ''),
  };
  const passedOn = [...countNames, 'policy' as const, 'compare' as const].flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );

  const rows: WorkloadRow[] = [];
  for (const [index, { workload, phase }] of wanted.entries()) {
    const clear = progress(io, `${index + 1}/${wanted.length} ${workload} ${phase}`);
    try {
      if (values['in-process'] === true) rows.push(...runWorkload(workload, { ...options, phase }));
      else rows.push(...(await measureInChild(workload, phase, passedOn, io)));
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
}

/** The rows to measure, one for each phase of each workload. */
function plan(names: readonly string[], phase: string | undefined): WantedRow[] {
  const hint = `There are: ${workloads.map(({ name }) => name).join(', ')}.`;
  if (names.length === 0) throw new UsageError('bench needs a workload', hint);
  const rows = names.flatMap((name) => {
    const workload = workloads.find((known) => known.name === name);
    if (workload === undefined) throw new UsageError(`unknown workload '${name}'`, hint);
    return workload.phases.map((known) => ({ workload: name, phase: known }));
  });
  if (phase === undefined) return rows;
  const only = rows.filter((row) => row.phase === phase);
  if (only.length > 0) return only;
  throw new UsageError(`unknown phase '${phase}'`, `There are: ${rows.map((row) => row.phase).join(', ')}.`);
}

function peersOf(text: string): Peer[] {
  return listOption(text).map((name) => {
    const peer = peers.find((known) => known === name);
    if (peer === undefined) throw new UsageError(`unknown rival '${name}'`, `There are: ${peers.join(', ')}.`);
    return peer;
  });
}

async function measureInChild(
  workload: string,
  phase: string,
  passedOn: readonly string[],
  io: Io,
): Promise<WorkloadRow[]> {
  const child = await io.runChild(['bench', workload, '--phase', phase, '--in-process', '--json', ...passedOn]);
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
