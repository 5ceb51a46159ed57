import {
  batchScheduler,
  type BatchJob,
  type BatchOptions,
  type BatchScheduler,
  type BatchState,
  type JobSummary,
} from '../../src/schedulers/index.js';
import { tasks, violation } from '../../src/cluster/index.js';
import type { Lab } from '../master/harness.js';
import { lab } from '../master/harness.js';
import type { MemoryFramework } from '../../src/transport/index.js';

/** A task of one cpu that only lasts. */
export const task = (id = 't', more: object = {}): BatchJob['tasks'][number] => ({
  id,
  payload: { runs: id },
  resources: 'cpus:1;mem:32',
  ...more,
});

/** A job of one such task. */
export const job = (id: string, more: Partial<BatchJob> = {}): BatchJob => ({ id, tasks: [task()], ...more });

/** A batch scheduler on a master, and what it has said. */
export interface Running {
  readonly batch: BatchScheduler;
  readonly framework: MemoryFramework;
  /** What was saved, newest last. */
  readonly saved: BatchState[];
  readonly errors: unknown[];
}

/** Subscribes a batch scheduler over the memory transport. */
export function run({ memory, clock }: Lab, options: BatchOptions = {}): Running {
  const saved: BatchState[] = [];
  const errors: unknown[] = [];
  const batch = batchScheduler({
    clock,
    role: 'etl',
    onError: (error) => errors.push(error),
    ...options,
    save(state) {
      options.save?.(state);
      // As it would be read from a file.
      saved.push(JSON.parse(JSON.stringify(state)) as BatchState);
    },
  });
  return { batch, framework: memory.framework(batch.info(), batch), saved, errors };
}

/** How the jobs stand: `a finished`. */
export function standing(batch: BatchScheduler): string[] {
  return batch.summary().jobs.map(({ id, state }) => `${id} ${state}`);
}

/** Ids of the tasks that an agent of the cluster runs, by the order of their launch. */
export function running({ master }: Lab): string[] {
  return tasks(master.state)
    .filter(({ holds }) => holds)
    .sort((one, other) => one.launchedAt - other.launchedAt)
    .map(({ id }) => id);
}

export function jobOf(batch: BatchScheduler, id: string): JobSummary {
  const found = batch.job(id);
  if (found === undefined) throw new Error(`no job ${id}`);
  return found;
}

export { lab, violation, type Lab };
