import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { help, readArguments, roles, UsageError, type Arguments } from './arguments.js';
import { defaultChunkSize, splitTexts } from './chunks.js';
import { runJob, type Outcome } from './job.js';
import { longLines, offerLines, readingLines, shareLines, wordLines } from './report.js';
import { disagreements, singlePass } from './single-pass.js';
import { safe } from './terminal-text.js';
import { ownPlaces, readTexts, type Place, type Text } from './texts.js';
import { watch, type ViewHost } from './watch.js';

/** What the command may touch of the process that runs it; tests hand in their own. */
export interface Host extends ViewHost {
  stderr(text: string): void;
  /** What paths on the command line are relative to. */
  readonly cwd: string;
  /** The folder of this package. */
  readonly home: string;
  /** The script of the worker threads. */
  readonly worker: URL;
  /** The program of the executors. */
  readonly executor: string;
  /** Aborted when whoever started the command wants it to end. */
  readonly signal: AbortSignal;
}

/** A task that fails is run so often before the job is given up. */
const attempts = 3;
/** Threads are real even where cpus are not. */
const mostThreads = 4;
/** Of lines that differ from a single pass; one would do to fail. */
const shownDisagreements = 10;

/** Runs the command and gives its exit code. */
export async function wordCount(args: readonly string[], host: Host): Promise<number> {
  try {
    return await run(readArguments(args), host);
  } catch (error) {
    const usage = error instanceof UsageError;
    const interrupted = host.signal.aborted;
    const message = interrupted ? 'interrupted' : error instanceof Error ? error.message : String(error);
    host.stderr(`word-count: ${safe(message)}\n${usage ? "Try 'npm start -- --help'.\n" : ''}`);
    return usage ? 2 : interrupted ? 130 : 1;
  }
}

async function run(options: Arguments, host: Host): Promise<number> {
  if (options.help) {
    host.stdout(help);
    return 0;
  }
  const reading = await readTexts(await placesOf(options, host), host.signal);
  const say = (lines: readonly string[]): void => host.stdout(`${lines.join('\n')}\n\n`);
  say(readingLines(reading));
  const outcome = await count(reading.texts, options, host);
  report(outcome, { texts: reading.texts, options, columns: host.terminal?.columns ?? 100, say });
  return check(outcome, reading.texts, host);
}

async function placesOf({ paths }: Arguments, { cwd, home }: Host): Promise<readonly Place[]> {
  return paths.length === 0 ? ownPlaces(home) : paths.map((name) => ({ path: resolve(cwd, name), name }));
}

/** Has everything counted by the two frameworks. */
function count(texts: readonly Text[], options: Arguments, host: Host): Promise<Outcome> {
  const characters = texts.reduce((sum, { content }) => sum + content.length, 0);
  return runJob({
    ...options,
    chunks: splitTexts(texts, options.chunkSize ?? defaultChunkSize(characters)),
    workers: options.processes
      ? { program: host.executor }
      : { script: host.worker, size: Math.min(mostThreads, availableParallelism()) },
    attempts,
    signal: host.signal,
    watch: (job) => watch(job, host),
  });
}

interface ReportOptions {
  readonly texts: readonly Text[];
  readonly options: Arguments;
  readonly columns: number;
  say(lines: readonly string[]): void;
}

function report(outcome: Outcome, { texts, options, columns, say }: ReportOptions): void {
  say(wordLines(outcome));
  say(longLines(outcome, texts, columns));
  say(
    shareLines(
      outcome,
      roles.map((role) => ({ role, weight: options.weights[role] })),
      columns,
    ),
  );
  say(offerLines(outcome, roles));
}

/** Compares with a single pass. @returns the exit code. */
function check(outcome: Outcome, texts: readonly Text[], host: Host): number {
  const found = disagreements(outcome, singlePass(texts));
  const retried = outcome.retried === 0 ? '' : ` (${outcome.retried} tasks were run again)`;
  if (found.length === 0) {
    host.stdout(`checked: a single pass over the texts finds the same${retried}\n`);
    return 0;
  }
  const shown = found.slice(0, shownDisagreements).map((each) => `  ${safe(each)}\n`);
  host.stderr(`word-count: a single pass finds something else in ${found.length} places\n${shown.join('')}`);
  return 1;
}
