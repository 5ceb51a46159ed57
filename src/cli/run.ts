import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../resources/index.js';
import { startFramework, type RunningFramework } from './cluster/frameworks.js';
import { LocalCluster, type LocalClusterOptions } from './cluster/local-cluster.js';
import { onInterrupt, type Interruption } from './cluster/interrupt.js';
import { readPlan, type RunPlan } from './cluster/plan.js';
import { summaryOf } from './cluster/summary.js';
import { showCluster, type View } from './cluster/view.js';
import { readAs, readJson } from './files.js';
import { type Io, messageOf, RunError, UsageError } from './io.js';
import { parseVerb, type Verb } from './verb.js';

const help = `Usage: proffer run FILE [--work-dir DIR] [--plain] [--isolation KIND]

Runs what a file describes on this machine: agents, each a process of its own, and frameworks
whose schedulers share them. Ends when every batch job has ended; services and cron jobs are
ended then. Without a batch it runs until it is interrupted.

  FILE              JSON: { agents: [{ id, resources, attributes?, count? }],
                    roles?: [{ role, weight?, guarantees?, limits? }],
                    frameworks: [{ name, role?, scheduler: batch | service | cron, jobs | apps }] };
                    schema/run.schema.json of the package describes all of it
  --work-dir DIR    where agents, sandboxes and schedulers keep what they must not forget. The same
                    file with the same DIR goes on where it was. Default: a new folder, which is
                    removed when all went well
  --plain           lines instead of a picture, also on a terminal
  --isolation KIND  instead of the file's: auto, cgroups-v2, cgroups-v1, rlimits or none

Exit code: 0 every batch task finished, 1 one did not, 2 the file cannot be understood,
130 it was interrupted; then nothing of it is left running.
`;

/** `proffer run`: agents and jobs from a file. */
export const run: Verb = { help, run: runVerb };

const kinds: readonly string[] = ['auto', 'cgroups-v2', 'cgroups-v1', 'rlimits', 'none'];

async function runVerb(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseVerb(args, {
    'work-dir': { type: 'string' },
    plain: { type: 'boolean' },
    isolation: { type: 'string' },
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new UsageError('run needs one file');
  const { isolation } = values;
  if (isolation !== undefined && !kinds.includes(isolation)) {
    throw new UsageError(`--isolation is one of ${kinds.join(', ')}`);
  }
  const plan = await planFrom(file, io);
  const own = isolation === undefined ? plan : { ...plan, isolation: isolation as RunPlan['isolation'] };
  return runPlan(own, io, { workDir: values['work-dir'], drawn: io.interactive && values.plain !== true });
}

async function planFrom(file: string, io: Io): Promise<RunPlan> {
  const json = await readJson(file, io);
  return readAs(file, () => readPlan(json));
}

/** How a plan is run. */
interface RunOptions {
  readonly workDir: string | undefined;
  readonly drawn: boolean;
}

/** Runs a plan to its end, and leaves nothing running whatever that is. */
async function runPlan(plan: RunPlan, io: Io, { workDir, drawn }: RunOptions): Promise<number> {
  const folder = workDir ?? mkdtempSync(join(tmpdir(), 'proffer-run-'));
  let view: View | undefined;
  const log = (message: string): void => (view === undefined ? io.stderr(`${message}\n`) : view.note(message));
  const interruption = onInterrupt();
  const cluster = await opened({ ...plan, workDir: folder, self: io.self, log }, interruption);
  const frameworks: RunningFramework[] = [];
  try {
    for (const [index, spec] of plan.frameworks.entries()) {
      frameworks.push(await startFramework(cluster, spec, `frameworks[${index}]`));
    }
    const columns = process.stderr.columns || 100;
    view = showCluster(cluster.master, frameworks, { write: io.stderr, interactive: drawn, columns });
    await Promise.race([interruption.happened, endOf(plan, frameworks), cluster.failed]);
  } catch (error) {
    throw error instanceof InputError ? new UsageError(error.message) : new RunError(messageOf(error));
  } finally {
    for (const framework of frameworks) framework.end();
    await cluster.close({ now: interruption.isOver() || frameworks.length < plan.frameworks.length });
    view?.stop();
    interruption.stop();
  }
  const failed = frameworks.some((framework) => framework.failed());
  io.stdout(summaryOf(frameworks, cluster));
  if (interruption.isOver()) return 130;
  if (failed) io.stdout(`\nThe sandboxes are in ${folder}\n`);
  else if (workDir === undefined) rmSync(folder, { recursive: true, force: true });
  return failed ? 1 : 0;
}

/** Opens a cluster; what is wrong with it is the file's fault. */
async function opened(options: LocalClusterOptions, interruption: Interruption): Promise<LocalCluster> {
  try {
    return await LocalCluster.open(options);
  } catch (error) {
    interruption.stop();
    if (error instanceof InputError) throw new UsageError(error.message);
    throw error;
  }
}

/** Resolves when nothing is left to wait for: the batches, or the time that it has. */
async function endOf({ durationMs }: RunPlan, frameworks: readonly RunningFramework[]): Promise<void> {
  const batches = frameworks.flatMap(({ done }) => done ?? []);
  const ends: Promise<unknown>[] = batches.length > 0 ? [Promise.all(batches)] : [];
  if (durationMs !== undefined) ends.push(new Promise((resolve) => setTimeout(resolve, durationMs).unref()));
  await (ends.length === 0 ? new Promise<never>(() => {}) : Promise.race(ends));
}
