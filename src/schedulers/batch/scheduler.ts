import type { Scheduler, SubscriptionInfo } from '../../framework-api/index.js';
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { systemClock } from '../../master/system-clock.js';
import type { TaskStatus } from '../../tasks/index.js';
import type { BackOff } from '../common/back-off.js';
import type { Packing } from '../common/bins.js';
import { capabilitiesFor } from '../common/capabilities.js';
import { deferred, type Deferred } from '../common/deferred.js';
import { seedOf, subscriptionInfo, type SchedulerOptions } from '../common/options.js';
import { duration } from '../common/reading.js';
import { SchedulerError } from '../error.js';
import { SchedulerShell } from '../shell.js';
import { makeCall } from '../desk/calls.js';
import { readJob, type BatchJob } from './job.js';
import { jobOf, newJobs } from './jobs.js';
import { batchTransition, nextBatchDeadline, type BatchOutput, type BatchOwnInput } from './machine.js';
import { isSameSaved, readBatch, saveBatch, type BatchState } from './saved.js';
import { emptyBatch, slotPlaces, type BatchMachine } from './state.js';
import { batchSettings } from './settings.js';
import { batchSummary, jobSummary, type BatchSummary, type JobSummary } from './summary.js';

/** Which instance of which task a status is about. */
export interface InstanceRef {
  readonly job: string;
  readonly task: string;
  readonly instance: number;
}

/** What a batch scheduler does and how. */
export interface BatchOptions extends SchedulerOptions {
  /** With `restore`, those that it knows already go on where they were; they must be the same as then. */
  readonly jobs?: readonly BatchJob[];
  /** A state that was saved, as JSON data: the scheduler goes on from it, as the framework that it was. */
  readonly restore?: unknown;
  /**
   * Keeps the state, which is plain JSON. It is called before anything is done that depends on the state, so what it was
   * given last must be safe when it returns: a task is written down before it is launched. If it throws, what depends on
   * the state waits, and it is called again a second later.
   */
  readonly save?: (state: BatchState) => void;
  /** Which offer a task takes. Default `first-fit`. */
  readonly packing?: Packing;
  /** How long a gang may hold offers while it waits for more, ms. Default 30 s. */
  readonly gangHoldMs?: number;
  /** How long a gang lets others have them then. Default: from 20 s, doubling to 10 min, up to three quarters of it left out. */
  readonly gangBackOff?: BackOff;
  /** A job is another than before. */
  readonly onChange?: (job: JobSummary) => void;
  /** A status of a task; with `finished` its `data`. Not called twice for one end. */
  readonly onStatus?: (status: TaskStatus, of: InstanceRef) => void;
}

/** A scheduler that runs jobs to their end. Subscribe it with what `info` gives. */
export interface BatchScheduler extends Scheduler {
  /** What to subscribe with: also who it was before, so that it takes over what it left. */
  info(): SubscriptionInfo;
  /** The state as it is, plain JSON: what `restore` takes. */
  readonly state: BatchState;
  toJSON(): BatchState;
  /** How all jobs stand. */
  summary(): BatchSummary;
  /** How one stands; `undefined` = there is none of that id. */
  job(id: string): JobSummary | undefined;
  /**
   * Resolves when no job is open any more; after `add`, ask for it anew. Rejects with a `SchedulerError` when the
   * subscription ends before that.
   */
  readonly done: Promise<BatchSummary>;
  /**
   * Adds jobs. What is known already, and the same, is left as it is.
   *
   * @throws InputError for what is no job, and `duplicate-job`, `job-changed`, `unknown-job`, `dependency-cycle`; none is
   *   added then.
   */
  add(jobs: BatchJob | readonly BatchJob[]): void;
  /** Ends a job: what runs of it is killed. @returns whether there was something to end. @throws InputError `unknown-job` */
  cancel(id: string): boolean;
  /** Forgets a job that is over and that nobody waits for. @returns whether it did. @throws InputError `unknown-job` */
  forget(id: string): boolean;
  /** Does nothing more and saves nothing more. Tasks run on; another scheduler may go on from the state. */
  close(): void;
}

/**
 * Runs jobs to their end: by priority and dependencies, with retries, gangs, deadlines and urgent and deferrable classes.
 *
 * @throws InputError with the path of what is wrong in the options; `bad-state` for a state that cannot have been saved;
 *   for jobs as `add`.
 * @example
 * const batch = batchScheduler({
 *   role: 'etl',
 *   jobs: [
 *     { id: 'fetch', tasks: [{ id: 'get', command: 'curl -O https://example.org/data', resources: 'cpus:1;mem:128' }] },
 *     { id: 'sum', after: ['fetch'], tasks: [{ id: 'add', command: 'sum data', resources: 'cpus:1;mem:128' }] },
 *   ],
 *   save: (state) => writeFileSync('batch.json', JSON.stringify(state)),
 * });
 * master.subscribe(batch.info(), batch);
 * const { ok } = await batch.done;
 */
export function batchScheduler(options: BatchOptions = {}): BatchScheduler {
  return new Batch(options);
}

class Batch implements BatchScheduler {
  readonly subscribed: NonNullable<Scheduler['subscribed']>;
  readonly offers: NonNullable<Scheduler['offers']>;
  readonly rescind: NonNullable<Scheduler['rescind']>;
  readonly update: NonNullable<Scheduler['update']>;
  readonly disconnected: NonNullable<Scheduler['disconnected']>;
  readonly error: NonNullable<Scheduler['error']>;
  readonly rejected: NonNullable<Scheduler['rejected']>;
  readonly #options: BatchOptions;
  readonly #shell: SchedulerShell<BatchMachine, BatchOwnInput, BatchOutput>;
  /** Jobs that the host was told of since all was last done. */
  readonly #told = new Set<string>();
  #done: Deferred<BatchSummary>;

  constructor(options: BatchOptions) {
    const { clock = systemClock(), restore, save, saveEveryMs = 0, onError } = options;
    const settings = batchSettings(options);
    this.#options = options;
    this.#done = deferred();
    const machine = restore === undefined ? emptyBatch(seedOf(options)) : readBatch(restore);
    this.#shell = new SchedulerShell(machine, {
      clock,
      transition: (before, input, at) => batchTransition(before, input, { at, settings }),
      deadline: (now) => nextBatchDeadline(now, settings),
      isSame: isSameSaved,
      save: (now) => save?.(saveBatch(now)),
      perform: (output, driver) => this.#perform(output, driver),
      settled: () => this.#settleDone(),
      over: (code, message) => this.#over(code, message),
      saveEveryMs: duration(saveEveryMs, 'saveEveryMs'),
      onError,
    });
    const { handlers } = this.#shell;
    this.subscribed = handlers.subscribed;
    this.offers = handlers.offers;
    this.rescind = handlers.rescind;
    this.update = handlers.update;
    this.disconnected = handlers.disconnected;
    this.error = handlers.error;
    this.rejected = handlers.rejected;
    this.add(options.jobs ?? []);
  }

  info(): SubscriptionInfo {
    const { desk, open } = this.#shell.machine;
    const specs = open.values().flatMap((job) => job.spec.tasks.map(({ spec }) => spec));
    const capabilities = capabilitiesFor(specs);
    return subscriptionInfo(this.#options, 'batch', { framework: desk.framework, capabilities });
  }

  get state(): BatchState {
    return saveBatch(this.#shell.machine);
  }

  toJSON(): BatchState {
    return this.state;
  }

  summary(): BatchSummary {
    return batchSummary(this.#shell.machine);
  }

  job(id: string): JobSummary | undefined {
    const { machine } = this.#shell;
    const job = jobOf(machine, id);
    return job && jobSummary(machine, job);
  }

  get done(): Promise<BatchSummary> {
    return this.#done.promise;
  }

  add(jobs: BatchJob | readonly BatchJob[]): void {
    const list: readonly unknown[] = Array.isArray(jobs) ? jobs : [jobs];
    const specs = list.map((job, index) => readJob(job, `jobs[${index}]`));
    const added = newJobs(this.#shell.machine, specs, 'jobs');
    if (added.length > 0 && this.#done.isSettled) this.#done = deferred();
    this.#shell.tell({ type: 'add', jobs: added });
  }

  cancel(id: string): boolean {
    if (this.#known(id).outcome !== null) return false;
    this.#shell.tell({ type: 'cancel', job: id });
    return true;
  }

  forget(id: string): boolean {
    this.#known(id);
    this.#shell.tell({ type: 'forget', job: id });
    return jobOf(this.#shell.machine, id) === undefined;
  }

  close(): void {
    this.#shell.close();
  }

  #known(id: string): NonNullable<ReturnType<typeof jobOf>> {
    const job = jobOf(this.#shell.machine, id);
    if (job === undefined) throw new InputError('unknown-job', 'id', `There is no job ${quote(id)}`);
    return job;
  }

  #perform(output: BatchOutput, driver: Parameters<typeof makeCall>[0] | undefined): void {
    const { onChange, onStatus } = this.#options;
    if (output.type === 'changed') {
      // A burst changes a job many times; what it is in the end is told once.
      const job = this.#told.has(output.job) ? undefined : onChange && this.job(output.job);
      this.#told.add(output.job);
      if (job !== undefined) onChange?.(job);
    } else if (output.type === 'status') {
      const { job, slot, status } = output;
      const spec = jobOf(this.#shell.machine, job)?.spec;
      const place = spec && slotPlaces(spec)[slot];
      const task = spec?.tasks[place?.task ?? -1];
      if (place && task) onStatus?.(status, { job, task: task.id, instance: place.instance });
    } else if (driver !== undefined) makeCall(driver, output);
  }

  #settleDone(): void {
    this.#told.clear();
    if (this.#shell.machine.open.size === 0) this.#done.resolve(this.summary());
    if (this.#shell.machine.desk.session.standing === 'wrong') {
      this.#over('wrong-framework', 'It was subscribed as another framework than the one whose tasks it knows');
    }
  }

  #over(code: string, message: string): void {
    this.#done.reject(new SchedulerError(code, message));
    this.close();
  }
}
