import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { readExit } from '../agent/node/sandbox.js';
import { InputError, validateId } from '../resources/index.js';
import type { Artifact, CommandInfo } from '../tasks/index.js';
import { Follower, prefixed } from './cluster/follow.js';
import { startFramework, type RunningFramework } from './cluster/frameworks.js';
import { onInterrupt } from './cluster/interrupt.js';
import { LocalCluster } from './cluster/local-cluster.js';
import type { FrameworkSpec } from './cluster/plan.js';
import { type Io, messageOf, RunError, UsageError } from './io.js';
import { countOption, parseVerb, type Verb } from './verb.js';

const help = `Usage: proffer task --name NAME [options] -- COMMAND [ARGUMENT...]

Runs one command on a cluster of its own on this machine, shows what it writes, and exits with
its code. One word after -- is a line for the shell, more are a program and its arguments.

  --name NAME       what it is called
  --cpus NUMBER     processors it may use; default 1
  --mem NUMBER      memory it may use, MiB; default 128
  --ports NUMBER    ports it gets, as PORT0, PORT1 … in its environment
  --instances N     how many run at the same time; default 1
  --role ROLE       the role that pays for it; default: its name
  --file PATH       a file that is copied into its sandbox first; may be repeated
  --env NAME=VALUE  a variable of its environment; may be repeated
  --timeout MS      it is ended, and has failed, when it ran for longer
  --isolation KIND  auto (the default), cgroups-v2, cgroups-v1, rlimits or none

Exit code: that of the command (of several, the first that is not 0), 128 and the number of the
signal that ended it, 1 when it could not run, 2 when the words cannot be understood, 130 when
it was interrupted; then nothing of it is left running.
`;

/** `proffer task`: one command on a cluster of its own. */
export const task: Verb = { help, run };

/** What was asked for. */
interface Wanted {
  readonly name: string;
  readonly role: string;
  readonly instances: number;
  readonly isolation: 'auto' | 'cgroups-v2' | 'cgroups-v1' | 'rlimits' | 'none';
  readonly spec: Readonly<Record<string, unknown>>;
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const wanted = readWanted(args);
  const interruption = onInterrupt();
  const folder = mkdtempSync(join(tmpdir(), 'proffer-task-'));
  const agents = [{ id: 'here', resources: machine(wanted) }];
  const { isolation } = wanted;
  // What the agent has to say is in its log; here only the command speaks.
  const cluster = await LocalCluster.open({
    agents,
    roles: [],
    isolation,
    config: { allocationIntervalMs: 20 },
    workDir: folder,
    self: io.self,
    log: () => {},
  });
  let framework: RunningFramework | undefined;
  try {
    framework = await startFramework(cluster, frameworkOf(wanted), 'task');
    const stop = showOutputs(cluster, framework, wanted, io);
    await Promise.race([interruption.happened, framework.done, cluster.failed]);
    stop();
    if (interruption.isOver()) return 130;
    return exitCode(cluster, framework, wanted, io);
  } catch (error) {
    throw error instanceof InputError ? new UsageError(error.message) : new RunError(messageOf(error));
  } finally {
    framework?.end();
    await cluster.close({ now: true });
    interruption.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readWanted(args: readonly string[]): Wanted {
  const { values, positionals: words } = parseVerb(args, {
    name: { type: 'string' },
    cpus: { type: 'string' },
    mem: { type: 'string' },
    ports: { type: 'string' },
    instances: { type: 'string' },
    role: { type: 'string' },
    file: { type: 'string', multiple: true },
    env: { type: 'string', multiple: true },
    timeout: { type: 'string' },
    isolation: { type: 'string' },
  });
  const { name } = values;
  if (name === undefined) throw new UsageError('task needs --name');
  const problem = validateId(name);
  if (problem !== undefined) throw new UsageError(`--name: ${problem.message}`);
  if (words.length === 0) throw new UsageError('task needs a command after --');
  const timeout = countOption('timeout', values.timeout, 1);
  const isolation = values.isolation ?? 'auto';
  if (!isIsolation(isolation)) throw new UsageError(`--isolation is one of ${isolations.join(', ')}`);
  const artifacts = (values.file ?? []).map((path): Artifact => ({ path: resolve(path), name: basename(path) }));
  return {
    name,
    role: values.role ?? name,
    instances: countOption('instances', values.instances, 1) ?? 1,
    isolation,
    spec: {
      command: commandOf(words),
      resources: `cpus:${numberOption('cpus', values.cpus) ?? 1};mem:${numberOption('mem', values.mem) ?? 128}`,
      ports: countOption('ports', values.ports, 0) ?? 0,
      env: variablesOf(values.env ?? []),
      ...(artifacts.length > 0 && { artifacts }),
      ...(timeout !== undefined && { maxCompletionMs: timeout }),
    },
  };
}

const isolations = ['auto', 'cgroups-v2', 'cgroups-v1', 'rlimits', 'none'] as const;

function isIsolation(text: string): text is Wanted['isolation'] {
  return (isolations as readonly string[]).includes(text);
}

function commandOf([first = '', ...others]: readonly string[]): CommandInfo {
  return others.length === 0 ? { value: first } : { value: first, arguments: others, shell: false };
}

function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(number > 0 && number < 1e12))
    throw new UsageError(`--${name} takes a number above 0, not ${JSON.stringify(text)}`);
  return number;
}

function variablesOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const end = text.indexOf('=');
      if (end < 1) throw new UsageError(`--env takes NAME=VALUE, not ${JSON.stringify(text)}`);
      return [text.slice(0, end), text.slice(end + 1)];
    }),
  );
}

/** An agent on which all instances fit, however small the machine is. */
function machine({ instances, spec }: Wanted): string {
  const [cpus = 1, mem = 128] = [...String(spec['resources']).matchAll(/[\d.]+/g)].map(Number);
  const [most, memory] = [
    Math.max(availableParallelism(), cpus * instances),
    Math.max(Math.floor(totalmem() / 2 ** 20), mem * instances),
  ];
  return `cpus:${most};mem:${memory};disk:1000000;ports:[31000-32000]`;
}

function frameworkOf({ name, role, instances, spec }: Wanted): FrameworkSpec {
  return { name, role, scheduler: 'batch', jobs: [{ id: name, tasks: [{ id: 'run', instances, ...spec }] }] };
}

/** Shows what instances write, from when each starts; gives what stops that. */
function showOutputs(cluster: LocalCluster, framework: RunningFramework, { instances }: Wanted, io: Io): () => void {
  const stops: (() => void)[] = [];
  const stopListening = cluster.master.on('task', (event) => {
    if (event.type !== 'status' || event.status.state !== 'running' || framework.id === undefined) return;
    const sandbox = cluster.sandbox('here', framework.id, event.task);
    if (sandbox === undefined) return;
    for (const stream of ['stdout', 'stderr'] as const) {
      const { write, end } =
        instances === 1 ? { write: io[stream], end: () => {} } : prefixed(`${event.task} | `, io[stream]);
      const follower = new Follower(join(sandbox, stream), write);
      stops.push(() => (follower.stop(), end()));
    }
  });
  return () => {
    stopListening();
    for (const stop of stops) stop();
  };
}

function exitCode(cluster: LocalCluster, framework: RunningFramework, { name }: Wanted, io: Io): number {
  for (const { task: id, message } of framework.failures()) {
    const sandbox =
      id === undefined || framework.id === undefined ? undefined : cluster.sandbox('here', framework.id, id);
    const code = sandbox === undefined ? undefined : readExit(sandbox);
    if (code !== undefined && code !== 0) return code;
    io.stderr(`proffer: ${name} could not run: ${message}\n`);
    return 1;
  }
  return 0;
}
