/** What a host is told of jobs. */
import type { JobRow, Outcome, Slot } from './state.js';
import { slotPlaces, type BatchMachine } from './state.js';
import { isBlocked } from './jobs.js';
import type { TaskState } from '../../tasks/index.js';

/** How an instance stands; `launched` as long as it may run. */
export type InstanceState = 'waiting' | 'launched' | 'finished' | 'failed' | 'dropped';

/** One instance of a task. */
export interface InstanceSummary {
  readonly task: string;
  /** Which instance of the task, from 0. */
  readonly instance: number;
  readonly state: InstanceState;
  /** Launched so far. */
  readonly attempts: number;
  /** The id of the latest attempt; absent = there was none. */
  readonly attempt?: string;
  /** Where that runs or ran. */
  readonly agent?: string;
  /** As last heard of it. */
  readonly status?: TaskState;
  /** What was said with that, or why it ended. */
  readonly message?: string;
  /** Ports that were assigned to it while it runs. */
  readonly ports?: readonly number[];
}

/**
 * How a job stands: `blocked` by others, `waiting` for its time or for offers, `running` once something of it was
 * launched, `ending` when how it ends is decided but tasks of it are still to end; else how it ended.
 */
export type JobState = 'blocked' | 'waiting' | 'running' | 'ending' | Outcome;

/** One job. */
export interface JobSummary {
  readonly id: string;
  readonly state: JobState;
  /** Why it did not finish. */
  readonly why?: string;
  /** Instants, ms. */
  readonly addedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly instances: readonly InstanceSummary[];
}

/** All jobs. */
export interface BatchSummary {
  /** Whether every job has finished. */
  readonly ok: boolean;
  /** In the order in which they came. */
  readonly jobs: readonly JobSummary[];
}

/** How a job stands, with all its instances. */
export function jobSummary(machine: BatchMachine, job: JobRow): JobSummary {
  const { spec, why, addedAt, startedAt, endedAt } = job;
  const places = slotPlaces(spec);
  return {
    id: spec.id,
    state: stateOf(machine, job),
    ...(why !== null && { why }),
    addedAt,
    ...(startedAt !== null && { startedAt }),
    ...(endedAt !== null && { endedAt }),
    instances: job.slots.map((slot, index) => {
      const { task = 0, instance = 0 } = places[index] ?? {};
      return instanceSummary(machine, slot, { task: spec.tasks[task]?.id ?? '', instance });
    }),
  };
}

/** How all jobs stand. */
export function batchSummary(machine: BatchMachine): BatchSummary {
  const rows = [...machine.open.values(), ...machine.done.values()].sort((one, other) => one.number - other.number);
  return {
    ok: rows.every(({ outcome, endedAt }) => endedAt !== null && outcome === 'finished'),
    jobs: rows.map((row) => jobSummary(machine, row)),
  };
}

function stateOf(machine: BatchMachine, job: JobRow): JobState {
  if (job.outcome !== null) return job.endedAt === null ? 'ending' : job.outcome;
  if (isBlocked(machine, job)) return 'blocked';
  return job.startedAt === null ? 'waiting' : 'running';
}

function instanceSummary(
  { desk }: BatchMachine,
  { state, attempt, attempts, last }: Slot,
  place: Pick<InstanceSummary, 'task' | 'instance'>,
): InstanceSummary {
  const live = attempt === null ? undefined : desk.attempts.get(attempt);
  const now = live === undefined ? last : { task: live.id, agent: live.agent, state: live.state, message: null };
  return {
    ...place,
    state: state === 'live' ? 'launched' : state,
    attempts,
    ...(now !== null && { attempt: now.task, agent: now.agent, status: now.state }),
    ...(now?.message != null && { message: now.message }),
    ...(live !== undefined && live.ports.length > 0 && { ports: live.ports }),
  };
}
