import { join } from 'node:path';
import { drf } from '../drf/index.js';
import type { Policy } from '../offers/index.js';
import {
  changeForms,
  paperNames,
  report,
  reproducePaper,
  simulate as simulateCluster,
  type SimulateOptions,
  type SimulationResult,
} from '../simulation/index.js';
import { type Io, UsageError } from './io.js';
import { loadPolicy, policyNames } from './policy.js';
import { durationOption } from './simulate/duration.js';
import { guarded, writeText } from './simulate/outcome.js';
import { paperText } from './simulate/paper-text.js';
import { progressLine } from './simulate/progress.js';
import { namesForHelp, readSources } from './simulate/sources.js';
import { summaryOf } from './simulate/summary.js';
import { csvFiles } from './simulate/tables.js';
import { runWhatIf } from './simulate/what-if.js';
import { countOption, listOption, parseVerb, type Verb } from './verb.js';

const help = `Usage: proffer simulate [options]

Simulates a cluster under a workload by virtual time: the allocator is the real one, tenants are
schedulers that behave in ways of their own. The same options give the same result.

The cluster; without any of these, the one that the workload is for:
  --nodes FILE.csv     machines: columns sn, cpu_milli, memory_mib, and if there are gpu, model
  --cluster NAME       ${wrapped(namesForHelp.clusters)}
  --agents N           so many machines: of that cluster, in the same proportions; without it of
                       cpus:16;mem:65536

The workload:
  --pods FILE.csv      tasks: columns name, cpu_milli, memory_mib, num_gpu, gpu_milli, gpu_spec, qos,
                       creation_time, deletion_time, scheduled_time (in s)
  --jobs FILE.tsv      jobs: id, submit time in s, gap, bytes read, shuffled, written
  --workload NAME      ${wrapped(namesForHelp.workloads)}; default mixed
  --weight ROLE=N,…    the weight of a tenant
  --behaviour ROLE=B,… how its scheduler uses offers:
                       ${wrapped(namesForHelp.behaviours)}

  --preemption         who lacks what it is entitled to gets it from those who have more
  --policy P[,P…]      side by side, on the same jobs; a file whose default export is a policy, or
                       ${wrapped(policyNames.join(', '))}; default drf
  --until TIME         by virtual time: 90s, 15m, 12h, 7d; default: until all has ended
  --seed N             of all luck; default 1
  --strict             a row that is no good is an error; otherwise it is told and left out
  --paper NAME         instead: an experiment of a paper made again, its figures beside ours:
                       ${wrapped(paperNames.join(', '))}
  --from STATE.json    instead: what if; a saved state is run ahead (2 h, or --until) as it is and
                       with changes, under its running tasks and recorded requests
  --change CHANGE      one of these, once or more, all together:
                       ${wrapped(changeForms.join(' '))}
  --lasts TIME         how long tasks last on average then; default 10m
  --drain              what has ended then is not wanted again
  --json               print the whole result
  --report FILE.html   write a page with plots that needs nothing from elsewhere
  --csv DIR            write summary.csv, tenants.csv, timeline.csv there

Exit code: 0 simulated, 1 a policy failed, 2 the words or the files cannot be understood.
`;

/** A list in the help, on as many lines as it takes. */
function wrapped(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length > 74) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join(`\n${' '.repeat(23)}`);
}

/** What a state says itself, and what is not reckoned for one. */
const notWithFrom = [
  ...(['nodes', 'cluster', 'agents', 'pods', 'jobs', 'workload'] as const),
  ...(['weight', 'behaviour', 'preemption', 'csv', 'paper'] as const),
];

/** `proffer simulate`: how a cluster, its tenants and a policy get along. */
export const simulate: Verb = { help, run };

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    nodes: { type: 'string' },
    cluster: { type: 'string' },
    agents: { type: 'string' },
    pods: { type: 'string' },
    jobs: { type: 'string' },
    workload: { type: 'string' },
    weight: { type: 'string' },
    behaviour: { type: 'string' },
    policy: { type: 'string' },
    until: { type: 'string' },
    seed: { type: 'string' },
    strict: { type: 'boolean' },
    json: { type: 'boolean' },
    csv: { type: 'string' },
    report: { type: 'string' },
    preemption: { type: 'boolean' },
    paper: { type: 'string' },
    from: { type: 'string' },
    change: { type: 'string', multiple: true },
    lasts: { type: 'string' },
    drain: { type: 'boolean' },
  });
  if (positionals.length > 0)
    throw new UsageError(`simulate takes options only, not ${JSON.stringify(positionals[0])}`);
  const seed = countOption('seed', values.seed, 0) ?? 1;
  if (values.from !== undefined) {
    const others = notWithFrom.filter((name) => values[name] !== undefined);
    if (others.length > 0)
      throw new UsageError(`--from can not be with ${others.map((name) => `--${name}`).join(', ')}`);
  }
  if (values.from !== undefined) return runWhatIf(values.from, { ...values, seed }, io);
  if (values.change !== undefined) throw new UsageError('--change needs --from, the state that is changed');
  if (values.paper !== undefined) return runPaper(values.paper, seed, values, io);
  const untilMs = durationOption('until', values.until);
  const policies = await policiesOf(values.policy);
  const result = await guarded(async () => {
    const { cluster, workload, lastMs } = await readSources(values, io);
    const until = untilMs === undefined ? {} : { untilMs };
    const config = values.preemption === true ? { config: { preemption: {} } } : {};
    return simulated({ cluster, workload, policies, seed, ...until, ...config }, lastMs, io);
  });
  // First what cannot fail: a disk that is full costs no figures.
  io.stdout(values.json === true ? `${JSON.stringify(result, undefined, 2)}\n` : summaryOf(result));
  if (values.report !== undefined) await writeText(values.report, report(result), io);
  for (const [name, text] of values.csv === undefined ? [] : csvFiles(result)) {
    await writeText(join(values.csv ?? '', name), text, io);
  }
  return 0;
}

async function runPaper(name: string, seed: number, { json, report: file }: PaperOptions, io: Io): Promise<number> {
  const made = await guarded(async () => reproducePaper(name, seed));
  const [first] = made.results;
  io.stdout(json === true ? `${JSON.stringify(made, undefined, 2)}\n` : paperText(made));
  if (file !== undefined && first !== undefined) await writeText(file, report(first), io);
  return 0;
}

interface PaperOptions {
  readonly json?: boolean | undefined;
  readonly report?: string | undefined;
}

async function policiesOf(text: string | undefined): Promise<readonly Policy[]> {
  if (text === undefined) return [drf];
  const policies = await Promise.all(listOption(text).map(loadPolicy));
  if (policies.length === 0) throw new UsageError('--policy names none');
  return policies;
}

function simulated(options: SimulateOptions, lastMs: number | undefined, io: Io): SimulationResult {
  const line = progressLine(io, lastMs);
  try {
    return simulateCluster({ ...options, ...(line.show !== undefined && { onProgress: line.show }) });
  } finally {
    line.clear();
  }
}
