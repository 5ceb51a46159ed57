import type { ClusterState, SchedulerDriver } from 'proffer';
import { taskFunction } from 'proffer/framework-api';
import { roles, type Arguments, type Role } from './arguments.js';
import { Batch, type BatchOptions, type Progress } from './batch.js';
import type { Chunk } from './chunks.js';
import { startCluster } from './cluster.js';
import { recordHistory, type History } from './history.js';
import { mergeIndexes, noLines, type LineIndex } from './lines.js';
import { workerPool } from './pool.js';
import { keptLines, readLines, readWords, readWork, type Work } from './work.js';
import { mergeCounts, type WordCounts } from './words.js';

/** What is to be done, and on what. */
export interface JobOptions extends Pick<Arguments, 'weights' | 'agents'> {
  readonly chunks: readonly Chunk[];
  /** Threads of this process that do the work, or the program of the executors that do it in processes of their own. */
  readonly workers: { readonly script: URL; readonly size: number } | { readonly program: string };
  /** How often a task is tried. */
  readonly attempts: number;
  readonly signal: AbortSignal;
  /** Is shown the job when it has begun, and calls what it returned when the job is over. */
  watch?(job: Watched): () => void;
}

/** A job while it runs: two frameworks on one cluster. */
export interface Watched {
  /** How the cluster stands now. */
  cluster(): ClusterState;
  /** Is told of every change from now on. */
  onChange(listen: (cluster: ClusterState) => void): void;
  readonly frameworks: readonly Progress[];
}

/** What came of it. */
export interface Outcome {
  readonly counts: WordCounts;
  readonly index: LineIndex;
  readonly history: History;
  readonly retried: number;
}

/** What each framework's tasks take. */
const needs: Readonly<Record<Role, string>> = { words: 'cpus:1;mem:512', lines: 'cpus:2;mem:2048' };

/**
 * Runs both frameworks to their end on a cluster of its own.
 *
 * @throws BatchError when a task failed too often; the signal's reason when it was aborted; anything that went wrong in
 * the cluster.
 */
export async function runJob(options: JobOptions): Promise<Outcome> {
  const { workers, weights, agents, signal, watch } = options;
  signal.throwIfAborted();
  const { batches, outcome } = makeBatches(options);
  const trouble = new Trouble();
  signal.addEventListener('abort', () => trouble.report(signal.reason), { once: true });
  const pool = 'script' in workers ? workerPool(workers.script, workers.size) : undefined;
  const executor = pool && taskFunction((task, aborted) => pool.run(readWork(task.payload), aborted));
  const { master, close } = startCluster({ agents, executor, failed: (error) => trouble.report(error) });
  const drivers: SchedulerDriver[] = [];
  let unwatch: (() => void) | undefined;
  try {
    for (const role of roles) await master.control({ type: 'set-weight', role, weight: weights[role] });
    const history = recordHistory(master);
    unwatch = watch?.({
      cluster: () => master.state,
      onChange: (listen) => master.on('transition', ({ state }) => listen(state)),
      frameworks: batches,
    });
    for (const batch of batches) drivers.push(master.subscribe(batch.info, batch));
    await Promise.race([Promise.all(batches.map(({ finished }) => finished)), trouble.reported]);
    return outcome(history);
  } finally {
    unwatch?.();
    for (const driver of drivers) driver.teardown();
    await close();
    await pool?.close();
  }
}

interface Batches {
  readonly batches: readonly Batch[];
  /** What the batches found, when they have ended. */
  outcome(history: History): Outcome;
}

/** Both frameworks: what they do, and where they put what they find. */
function makeBatches({ chunks, attempts, workers }: JobOptions): Batches {
  const piecesOf = (kind: Work['kind']): BatchOptions['pieces'] =>
    chunks.map((chunk) => pieceOf({ kind, chunk }, workers));
  const counts: WordCounts = new Map();
  let index = noLines;
  const words = new Batch({
    name: 'words',
    resources: needs.words,
    pieces: piecesOf('count-words'),
    attempts,
    take: (data) => mergeCounts(counts, readWords(data)),
  });
  const lines = new Batch({
    name: 'lines',
    resources: needs.lines,
    pieces: piecesOf('index-lines'),
    attempts,
    take: (data) => (index = mergeIndexes(index, readLines(data), keptLines)),
  });
  const retried = (): number => words.retried + lines.retried;
  return { batches: [words, lines], outcome: (history) => ({ counts, index, history, retried: retried() }) };
}

/** A task as its worker wants it: a thread gets the work as it is, an executor is a program and gets text. */
function pieceOf(work: Work, workers: JobOptions['workers']): BatchOptions['pieces'][number] {
  if ('script' in workers) return { payload: work };
  const command = { value: process.execPath, arguments: [workers.program], shell: false };
  return { executor: { id: work.kind, command }, data: JSON.stringify(work) };
}

/** Where trouble is told that no scheduler hears of. */
class Trouble {
  /** Rejects with the first that is reported. */
  readonly reported: Promise<never>;
  #report: (error: unknown) => void = () => {};

  constructor() {
    this.reported = new Promise((_, reject) => (this.#report = reject));
    // Trouble that comes after the end, or before anybody waits for it, is no unhandled rejection.
    this.reported.catch(() => {});
  }

  report(error: unknown): void {
    this.#report(error);
  }
}
