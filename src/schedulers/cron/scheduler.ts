import type { Scheduler, SubscriptionInfo } from '../../framework-api/index.js';
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { systemClock } from '../../master/system-clock.js';
import type { TaskStatus } from '../../tasks/index.js';
import { batchSettings } from '../batch/settings.js';
import { jobOf } from '../batch/jobs.js';
import { jobSummary, type JobSummary } from '../batch/summary.js';
import type { Packing } from '../common/bins.js';
import { capabilitiesFor } from '../common/capabilities.js';
import { deferred, type Deferred } from '../common/deferred.js';
import { seedOf, subscriptionInfo, type SchedulerOptions } from '../common/options.js';
import { duration } from '../common/reading.js';
import { makeCall } from '../desk/calls.js';
import { SchedulerError } from '../error.js';
import { SchedulerShell } from '../shell.js';
import { loadCalendar, type Calendar } from './calendar.js';
import { checkAfter } from './chains.js';
import { readCronJob, type CronJob, type CronSpec } from './job.js';
import { cronTransition, nextCronDeadline, type CronOutput, type CronOwnInput } from './machine.js';
import { isSameSaved, readCron, saveCron, type CronState } from './saved.js';
import { emptyCron, runId, type CronMachine, type CronRow, type PastRun } from './state.js';

/** What a cron scheduler does and how. */
export interface CronOptions extends SchedulerOptions {
  /** With `restore`, those that it knows already become what they are here; others that it knows go on as they are. */
  readonly jobs?: readonly CronJob[];
  /** A state that was saved, as JSON data: the scheduler goes on from it, as the framework that it was. */
  readonly restore?: unknown;
  /** Keeps the state, which is plain JSON, before anything is done that depends on it; as for the batch scheduler. */
  readonly save?: (state: CronState) => void;
  /** Which offer a run takes. Default `first-fit`. */
  readonly packing?: Packing;
  /** A job, or a run of it, is another than before. Once for all that happens together. */
  readonly onChange?: (job: CronInfo) => void;
  /** A run is over, or will never begin. */
  readonly onRun?: (run: RunInfo) => void;
  /** A status of the task of a run; with `finished` its `data`. */
  readonly onStatus?: (status: TaskStatus, of: { readonly job: string; readonly due: number }) => void;
}

/** A run that is over. */
export interface RunInfo extends Omit<PastRun, 'why' | 'startedAt'> {
  readonly job: string;
  /** `<job>@<when it was due>`. */
  readonly id: string;
  readonly why?: string;
  readonly startedAt?: number;
}

/** One cron job. */
export interface CronInfo {
  readonly id: string;
  /** When it is due next, ms; absent = never, or when others have run. */
  readonly next?: number;
  /** Its runs that are not over, oldest first, as jobs of a batch. */
  readonly open: readonly JobSummary[];
  /** When those were due that wait for their turn, oldest first, ms. */
  readonly queued: readonly number[];
  /** Its runs that are over, oldest first; the latest twenty. */
  readonly past: readonly RunInfo[];
}

/** A scheduler that runs jobs when they are due. Subscribe it with what `info` gives. */
export interface CronScheduler extends Scheduler {
  /** What to subscribe with: also who it was before, so that it takes over what it left. */
  info(): SubscriptionInfo;
  /** The state as it is, plain JSON: what `restore` takes. */
  readonly state: CronState;
  toJSON(): CronState;
  /** All jobs, by id. */
  jobs(): readonly CronInfo[];
  /** One of them; `undefined` = there is none of that id. */
  job(id: string): CronInfo | undefined;
  /**
   * Adds a job, or makes it what it is here from its next run on. What a new schedule would have made due before is not
   * missed.
   *
   * @throws InputError for what is no job, `bad-schedule`, `bad-time-zone`, `unknown-job` and `dependency-cycle`.
   */
  set(job: CronJob): void;
  /** Ends the runs of a job that are not over, and those that wait for their turn. @throws InputError `unknown-job` */
  cancel(id: string): void;
  /** Ends the runs of a job and forgets it. @throws InputError `unknown-job`; `job-in-use` if another runs after it. */
  remove(id: string): void;
  /** Resolves when the subscription has ended, with why: then nothing more is done. */
  readonly ended: Promise<SchedulerError>;
  /** Does nothing more and saves nothing more. Tasks run on; another scheduler may go on from the state. */
  close(): void;
}

/**
 * Runs jobs when they are due: each due time once, also over restarts; what was missed as each job wants.
 *
 * Cron expressions are read by the package `croner`, which must be installed.
 *
 * @throws InputError (as a rejection) `missing-peer` without that package; with the path of what is wrong in the options;
 *   `bad-state` for a state that cannot have been saved.
 * @example
 * const cron = await cronScheduler({
 *   role: 'ops',
 *   jobs: [
 *     { id: 'backup', schedule: '30 2 * * *', timezone: 'Europe/Berlin', task: { command: 'backup', resources: 'cpus:1;mem:512' } },
 *     { id: 'check', after: ['backup'], task: { command: 'check', resources: 'cpus:1;mem:64' } },
 *   ],
 *   save: (state) => writeFileSync('cron.json', JSON.stringify(state)),
 * });
 * master.subscribe(cron.info(), cron);
 */
export async function cronScheduler(options: CronOptions = {}): Promise<CronScheduler> {
  return new CronShell(options, await loadCalendar());
}

class CronShell implements CronScheduler {
  readonly subscribed: NonNullable<Scheduler['subscribed']>;
  readonly offers: NonNullable<Scheduler['offers']>;
  readonly rescind: NonNullable<Scheduler['rescind']>;
  readonly update: NonNullable<Scheduler['update']>;
  readonly disconnected: NonNullable<Scheduler['disconnected']>;
  readonly error: NonNullable<Scheduler['error']>;
  readonly rejected: NonNullable<Scheduler['rejected']>;
  readonly #options: CronOptions;
  readonly #calendar: Calendar;
  readonly #shell: SchedulerShell<CronMachine, CronOwnInput, CronOutput>;
  readonly #ended: Deferred<SchedulerError> = deferred();
  readonly #changed = new Set<string>();

  constructor(options: CronOptions, calendar: Calendar) {
    const { clock = systemClock(), restore, save, saveEveryMs = 0, onError } = options;
    const settings = { ...batchSettings(options), calendar };
    this.#options = options;
    this.#calendar = calendar;
    const machine = restore === undefined ? emptyCron(seedOf(options)) : readCron(restore, calendar);
    this.#shell = new SchedulerShell(machine, {
      clock,
      transition: (before, input, at) => cronTransition(before, input, { at, settings }),
      deadline: (now) => nextCronDeadline(now, settings),
      isSame: isSameSaved,
      save: (now) => save?.(saveCron(now)),
      perform: (output, driver) => this.#perform(output, driver),
      settled: () => this.#settled(),
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
    this.#setAll(options.jobs ?? [], 'jobs');
    // It has something to wait for, subscribed or not.
    this.#shell.tell({ type: 'tick' });
  }

  info(): SubscriptionInfo {
    const { batch, jobs } = this.#shell.machine;
    const specs = jobs.values().flatMap(({ spec }) => spec.run.tasks.map((task) => task.spec));
    const kept = { framework: batch.desk.framework, capabilities: capabilitiesFor(specs) };
    return subscriptionInfo(this.#options, 'cron', kept);
  }

  get state(): CronState {
    return saveCron(this.#shell.machine);
  }

  toJSON(): CronState {
    return this.state;
  }

  jobs(): readonly CronInfo[] {
    return this.#shell.machine.jobs.values().map((row) => this.#infoOf(row));
  }

  job(id: string): CronInfo | undefined {
    const row = this.#shell.machine.jobs.get(id);
    return row && this.#infoOf(row);
  }

  set(job: CronJob): void {
    this.#setAll([job], 'jobs');
  }

  cancel(id: string): void {
    this.#known(id);
    this.#shell.tell({ type: 'cancel', job: id });
  }

  remove(id: string): void {
    this.#known(id);
    const after = this.#shell.machine.jobs.values().find(({ spec }) => spec.after.includes(id));
    if (after !== undefined) {
      throw new InputError('job-in-use', 'id', `The job ${quote(after.spec.id)} runs after ${quote(id)}`);
    }
    this.#shell.tell({ type: 'remove', job: id });
  }

  get ended(): Promise<SchedulerError> {
    return this.#ended.promise;
  }

  close(): void {
    this.#shell.close();
  }

  #setAll(jobs: readonly CronJob[], path: string): void {
    const specs = jobs.map((job, index) => readCronJob(job, `${path}[${index}]`));
    for (const [index, spec] of specs.entries()) this.#checkSchedule(spec, `${path}[${index}]`);
    const known = this.#shell.machine.jobs.values().map(({ spec }) => spec);
    checkAfter(known, specs, path);
    for (const job of specs) this.#shell.tell({ type: 'set', job });
  }

  #checkSchedule({ schedule }: CronSpec, path: string): void {
    if (schedule === null) return;
    try {
      this.#calendar.next(schedule, 0);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(error.code, `${path}.${error.path}`, error.message);
    }
  }

  #known(id: string): void {
    if (!this.#shell.machine.jobs.has(id)) throw new InputError('unknown-job', 'id', `There is no job ${quote(id)}`);
  }

  #infoOf({ spec, open, queue, past }: CronRow): CronInfo {
    const { batch, next } = this.#shell.machine;
    const at = next.get(spec.id);
    const rows = open.flatMap((due) => jobOf(batch, runId({ job: spec.id, due })) ?? []);
    return {
      id: spec.id,
      ...(at !== undefined && { next: at }),
      open: rows.map((row) => jobSummary(batch, row)),
      queued: queue,
      past: past.map((run) => runInfo(spec.id, run)),
    };
  }

  #perform(output: CronOutput, driver: Parameters<typeof makeCall>[0] | undefined): void {
    const { onRun, onStatus } = this.#options;
    if (output.type === 'changed') this.#changed.add(output.job);
    else if (output.type === 'over') onRun?.(runInfo(output.job, output.run));
    else if (output.type === 'status') onStatus?.(output.status, { job: output.job, due: output.due });
    else if (driver !== undefined) makeCall(driver, output);
  }

  #settled(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) {
      const info = this.#options.onChange && this.job(id);
      if (info !== undefined) this.#shell.guard(() => this.#options.onChange?.(info));
    }
    if (this.#shell.machine.batch.desk.session.standing === 'wrong') {
      this.#over('wrong-framework', 'It was subscribed as another framework than the one whose tasks it knows');
    }
  }

  #over(code: string, message: string): void {
    this.#ended.resolve(new SchedulerError(code, message));
    this.close();
  }
}

function runInfo(job: string, { due, outcome, why, startedAt, endedAt }: PastRun): RunInfo {
  return {
    job,
    id: runId({ job, due }),
    due,
    outcome,
    ...(why !== null && { why }),
    ...(startedAt !== null && { startedAt }),
    endedAt,
  };
}
