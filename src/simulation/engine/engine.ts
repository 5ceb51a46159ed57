/**
 * A cluster and its tenants by virtual time: the machine itself, driven without a shell. An event is the end of a task; jobs
 * come from an iterator, and the machine says when it wants to be asked.
 */
import {
  emptyCluster,
  nextDeadline,
  transition,
  type ClusterState,
  type ConfigLike,
  type Input,
  type Offer,
  type Output,
} from '../../cluster/index.js';
import type { Policy } from '../../offers/index.js';
import { InputError, InvariantError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import type { ReportedTask, StatusReport, TaskLike } from '../../tasks/index.js';
import { Books } from '../measure/books.js';
import { drawDuration } from '../workloads/durations.js';
import { checkJob } from '../workloads/check.js';
import type { AlreadyRunning, BehaviourName, Job, Tenant, Workload } from '../workloads/workload.js';
import type { HeldOffer } from './behaviours.js';
import { EventHeap } from './event-heap.js';
import type { MachineTable } from './machine-table.js';
import { RunningJob, type Placement, type Waiting } from './running-job.js';
import { ShapeTable, type Shape, type Vector } from './shapes.js';
import { TaskTable, type RunningTask } from './task-table.js';
import { TenantScheduler, type TenantWire } from './tenant.js';

/** The machine on which a task starts, that task counted. */
export interface FoundMachine {
  readonly id: string;
  /** What tasks use of a resource there, and what there is of it; plain numbers. */
  used(resource: string): number;
  total(resource: string): number;
}

/** How many times as long a task of a job takes that starts on such a machine: for what machines are too full for. */
export type Slowdown = (machine: FoundMachine, job: Job) => number;

/** What a run is made of. */
export interface EngineOptions {
  readonly table: MachineTable;
  readonly workload: Workload;
  readonly policy: Policy;
  readonly config: ConfigLike;
  readonly seed: number;
  readonly untilMs: number | undefined;
  /** Schedulers look for new jobs so often, ms; 0 = each is seen at once. */
  readonly pollMs: number;
  readonly slowdown: Slowdown | undefined;
  /** Called now and then. */
  readonly onStep: ((now: number, books: Books) => void) | undefined;
}

/** Nothing started for so long, and nothing runs that could end: nothing ever will. */
const hopelessMs = 3_600_000;
/** How often `onStep` is called: once for so many steps. */
const stepsAWord = 256;

/** A simulation under way. */
export class Engine implements TenantWire {
  readonly table: MachineTable;
  readonly seed: number;
  readonly books: Books;
  now = 0;
  inputs = 0;
  readonly #options: EngineOptions;
  readonly #shapes: ShapeTable;
  readonly #tenants = new Map<string, TenantScheduler>();
  readonly #byFramework = new Map<string, TenantScheduler>();
  readonly #list: TenantScheduler[] = [];
  /** Tenants that want offers, or have some. */
  readonly #asking = new Set<TenantScheduler>();
  readonly #heap = new EventHeap();
  readonly #tasks = new TaskTable();
  /** By id, the numbers of tasks that run; kept only if some may be ended. */
  readonly #numbers = new Map<string, number>();
  /** Tenants whose wishes have changed since the master heard of them. */
  readonly #asksToTell = new Set<TenantScheduler>();
  readonly #jobs: Iterator<Job>;
  #nextJob: Job | undefined;
  #state: ClusterState;
  /** Ends of tasks that the machine was not told of yet, and when it is to be. */
  #ended: Omit<StatusReport, 'type' | 'at'>[] = [];
  #reportAt = Infinity;
  /** When the oldest offer that nobody has answered is taken back, at the earliest. */
  #silentAt = Infinity;
  #order = 0;
  #taskIds = 0;
  /** Jobs that will be submitted again. */
  #coming = 0;
  #startedAt = 0;
  #steps = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.table = options.table;
    this.seed = options.seed;
    this.#shapes = new ShapeTable(options.table);
    this.books = new Books(options.table, options.untilMs, () => this.#waitingShapes());
    this.#state = emptyCluster({
      ...quietConfig,
      offerTimeoutMs: timeoutFor(options.workload.tenants),
      maxOffersPerFramework: offersBound(options.table.machines.length),
      seed: options.seed,
      ...options.config,
    });
    for (const tenant of options.workload.tenants) this.#welcome(tenant);
    this.#register();
    this.#jobs = options.workload.jobs(options.seed)[Symbol.iterator]();
    this.#pull();
  }

  get state(): ClusterState {
    return this.#state;
  }

  get runs(): number {
    return this.#state.allocator.runs;
  }

  behaviourOf(role: string): BehaviourName {
    return this.#tenants.get(role)?.behaviour.name ?? 'greedy';
  }

  /** Runs to the end: until the time is over, or nothing can happen any more. */
  run(): void {
    const { untilMs = Infinity } = this.#options;
    for (let next = this.#nextInstant(); next <= untilMs && !this.#isHopeless(next); next = this.#nextInstant()) {
      this.#moveTo(next);
      this.#hush();
      this.#arrive();
      this.#happen();
      this.#settle();
    }
    const end = Number.isFinite(untilMs) ? untilMs : Math.max(this.now, this.#leastMs());
    this.#moveTo(Math.max(this.now, end));
    this.#report();
    this.books.timeline.end(this.now);
  }

  /** Of what began at once and lasts for ever there must be time to see anything. */
  #leastMs(): number {
    return this.books.running.value > 0 ? this.#state.config.allocationIntervalMs : 0;
  }

  launch(tenant: TenantScheduler, offer: HeldOffer, placements: readonly Placement[], refuseSeconds: number): void {
    const tasks = placements.flatMap(({ waiting, tasks: count }) =>
      Array.from({ length: count }, () => this.#start(tenant, offer.machine, waiting)),
    );
    this.books.offers.accepted += 1;
    const { framework, connection } = tenant;
    const operations = [{ type: 'launch' as const, tasks }];
    this.#tell({ type: 'accept', at: this.now, framework, connection, offers: [offer.id], operations, refuseSeconds });
  }

  decline(tenant: TenantScheduler, offers: readonly string[], refuseSeconds: number): void {
    this.books.offers.declined += offers.length;
    tenant.book.declined += offers.length;
    const { framework, connection } = tenant;
    this.#tell({ type: 'decline', at: this.now, framework, connection, offers, refuseSeconds });
  }

  say(tenant: TenantScheduler, what: 'suppress' | 'unsuppress' | 'revive'): void {
    if (what === 'suppress') this.#asking.delete(tenant);
    else this.#asking.add(tenant);
    const { framework, connection } = tenant;
    this.#tell({ type: what, at: this.now, framework, connection });
  }

  wake(tenant: TenantScheduler, afterMs: number): void {
    this.#later(this.now + afterMs, () => tenant.awake());
  }

  #welcome(tenant: Tenant): TenantScheduler {
    const { role, weight = 1, guarantees, limits } = tenant;
    const scheduler = new TenantScheduler(tenant, this.#list.length, this.books.open(role, weight), this);
    const { framework, connection } = scheduler;
    const { now: at } = this;
    this.#tenants.set(role, scheduler);
    this.#byFramework.set(framework, scheduler);
    this.#list.push(scheduler);
    this.#asking.add(scheduler);
    if (weight !== 1) this.#tell({ type: 'set-weight', at, role, weight });
    if (guarantees !== undefined || limits !== undefined) {
      const quota = { role, ...(guarantees && { guarantees }), ...(limits && { limits }) };
      this.#tell({ type: 'set-quota', at, quotas: [quota], force: true });
    }
    const capabilities = ['multi-role', 'reservation-refinement', 'gpu-resources'] as const;
    this.#tell({ type: 'subscribe', at, connection, framework, name: framework, roles: [role], capabilities });
    scheduler.rest();
    return scheduler;
  }

  /** Machines on which something runs already come back to a master that has not seen them: that knows what is theirs. */
  #register(): void {
    const running = new Map<string, AlreadyRunning[]>();
    for (const one of this.#options.workload.running ?? []) {
      const mine = running.get(one.machine);
      if (mine === undefined) running.set(one.machine, [one]);
      else mine.push(one);
    }
    for (const [number, { id, resources, attributes }] of this.table.machines.entries()) {
      const machine = { at: 0, agent: id, resources, attributes, streams: true };
      const tasks = (running.get(id) ?? []).map((one) => this.#takeOver(one, number));
      running.delete(id);
      this.#tell(tasks.length === 0 ? { type: 'register', ...machine } : { type: 'reregister', ...machine, tasks });
    }
    for (const [machine] of running) {
      throw new InputError(
        'bad-workload',
        'workload.running',
        `There is no machine ${quote(machine)} to run something`,
      );
    }
  }

  #takeOver({ id, role, resources, lasts }: AlreadyRunning, machine: number): ReportedTask {
    const group = { count: 1, resources, lasts };
    const job: Job = { id, at: 0, role, groups: [group] };
    checkJob(job, 0);
    const tenant = this.#tenants.get(role) ?? this.#welcome({ role });
    const running = new RunningJob(job, 0, 0);
    running.startable();
    const shape = this.#shapes.shapeOf(group, `running ${quote(id)}`);
    tenant.book.jobs += 1;
    tenant.book.tasks += 1;
    this.#order += 1;
    const waiting = { job: running, group, shape, number: 0, left: 0, next: 0, since: 0, order: this.#order };
    const task = this.#run(tenant, machine, waiting);
    this.books.start(tenant.book, shape, undefined, 0);
    const { framework, preemptible } = tenant;
    return { framework, id: task, role, resources: shape.resources, state: 'running', preemptible };
  }

  /** Gives the machine an input, and tenants what follows from it. */
  #tell(input: Input): void {
    this.inputs += 1;
    const [state, outputs] = transition(this.#state, input, this.#options.policy);
    this.#state = state;
    for (const output of outputs) this.#heed(output);
  }

  #heed(output: Output): void {
    switch (output.type) {
      case 'offers':
        return this.#offered(output.framework, output.offers);
      case 'rescind':
        this.books.offers.takenBack += 1;
        return this.#byFramework.get(output.framework)?.rescinded(output.offer);
      case 'policy-failed':
        throw new InputError('policy-failed', 'policies', `${output.policy} failed: ${output.code}: ${output.message}`);
      case 'error':
      case 'rejected':
      case 'registration-refused':
      case 'report-refused':
        throw new InvariantError(`a simulated party was refused: ${output.code}: ${output.message}`);
      case 'kill':
        return this.#preempt(output.task);
      case 'update':
        // What was launched on a valid offer runs, and what ran goes on; what ends says so itself, and so does what had to go.
        if (output.status.state === 'finished' || output.status.state === 'running') return;
        if (output.status.reason === 'container-preempted') return;
        throw new InvariantError(`a simulated task is ${output.status.state}: ${output.status.message ?? ''}`);
      default:
        return;
    }
  }

  #offered(framework: string, offers: readonly Offer[]): void {
    const tenant = this.#byFramework.get(framework);
    if (tenant === undefined) return;
    this.books.offers.made += offers.length;
    tenant.book.offers += offers.length;
    tenant.offered(offers, (offer) => this.#vector(offer));
    this.#silentAt = Math.min(this.#silentAt, this.#silenceOf(tenant));
  }

  #silenceOf({ oldestOffer }: TenantScheduler): number {
    return oldestOffer + (this.#state.config.offerTimeoutMs ?? Infinity);
  }

  /** What was not answered in time is taken back before anybody uses it now. */
  #hush(): void {
    if (this.now < this.#silentAt) return;
    this.#tell({ type: 'tick', at: this.now });
    this.#silentAt = this.#list.reduce((least, tenant) => Math.min(least, this.#silenceOf(tenant)), Infinity);
  }

  #vector({ resources }: Offer): Vector {
    return this.table.index.vector(resources);
  }

  /** When something happens next, ms; Infinity = nothing ever does. */
  #nextInstant(): number {
    const due = this.#due();
    const job = this.#nextJob === undefined ? Infinity : this.#seenAt(this.#nextJob);
    return Math.max(this.now, Math.min(due, job, this.#heap.next, this.#reportDue()));
  }

  /** When the machine wants to be asked; not while nobody wants anything of it: runs that give nothing cost the most. */
  #due(): number {
    return this.#asking.size === 0 ? Infinity : (nextDeadline(this.#state) ?? Infinity);
  }

  /** When what ended is to be told; if nobody wants anything, it can wait. */
  #reportDue(): number {
    return this.#asking.size === 0 ? Infinity : this.#reportAt;
  }

  #seenAt({ at }: Job): number {
    const { pollMs } = this.#options;
    return pollMs <= 0 ? at : Math.ceil(at / pollMs) * pollMs;
  }

  /** Whether there is nothing to wait for: no job will come, nothing runs that ends, and what waits found no place. */
  #isHopeless(next: number): boolean {
    if (next === Infinity) return true;
    const mayStart = this.#nextJob !== undefined || this.#coming > 0 || this.#tasks.ending > 0;
    return !mayStart && (this.books.queued.value === 0 || next - this.#startedAt > hopelessMs);
  }

  #moveTo(at: number): void {
    this.now = at;
    this.books.moveTo(at);
    this.#steps += 1;
    if (this.#steps % stepsAWord === 0) this.#options.onStep?.(at, this.books);
  }

  #pull(): void {
    const next = this.#jobs.next();
    const before = this.#nextJob?.at ?? 0;
    this.#nextJob = next.done === true ? undefined : next.value;
    if (this.#nextJob !== undefined) checkJob(this.#nextJob, before);
  }

  #arrive(): void {
    for (let job = this.#nextJob; job !== undefined && this.#seenAt(job) <= this.now; job = this.#nextJob) {
      this.#submit(job, job.at, 0);
      this.#pull();
    }
  }

  #submit(job: Job, at: number, round: number): void {
    const tenant = this.#tenants.get(job.role) ?? this.#welcome({ role: job.role });
    const running = new RunningJob(job, at, round);
    tenant.book.jobs += 1;
    tenant.book.tasks += running.unended;
    this.#startedAt = this.now;
    this.#enqueue(tenant, running, at);
    if (job.until !== undefined) this.#later(Math.ceil(job.until), () => this.#giveUp(tenant, running));
  }

  #enqueue(tenant: TenantScheduler, job: RunningJob, since: number): void {
    const waiting: Waiting[] = [];
    for (const { group, number } of job.startable()) {
      const shape = this.#shapes.shapeOf(group, `job ${quote(job.job.id)}.groups[${number}].resources`);
      if (shape.isPossible) {
        this.#order += 1;
        waiting.push({ job, group, shape, number, left: group.count, next: 0, since, order: this.#order });
      } else {
        // Nobody waits for what can't be: the job never ends, and what comes after never starts.
        tenant.book.unplaceable += group.count;
      }
    }
    if (waiting.length === 0) return;
    const tasks = waiting.reduce((sum, { left }) => sum + left, 0);
    this.books.queue(tenant.book, tasks, this.now);
    this.#noteAsks(tenant);
    tenant.enqueue(waiting);
  }

  #start(tenant: TenantScheduler, machine: number, waiting: Waiting): TaskLike & { readonly id: string } {
    const id = this.#run(tenant, machine, waiting);
    this.books.queue(tenant.book, -1, this.now);
    this.books.start(tenant.book, waiting.shape, this.now - waiting.since, this.now);
    this.#startedAt = this.now;
    return { id, resources: waiting.shape.resources, payload: null, preemptible: tenant.preemptible };
  }

  /** A task runs from now on. @returns its id */
  #run(tenant: TenantScheduler, machine: number, waiting: Waiting): string {
    const { job, shape, group } = waiting;
    const lasts = drawDuration(group.lasts, this.seed, job.hash, waiting.number, waiting.next);
    waiting.next += 1;
    this.#taskIds += 1;
    const id = `t${this.#taskIds}`;
    this.table.take(machine, shape);
    const slower = this.#options.slowdown?.(this.table.look(machine), job.job) ?? 1;
    const ends = Number.isFinite(lasts);
    const number = this.#tasks.add({ id, machine, tenant, job, shape, ends, waiting, place: waiting.next - 1 });
    if (this.#state.config.preemption !== null) this.#numbers.set(id, number);
    this.#noteAsks(tenant);
    if (ends) this.#heap.push(this.now + Math.max(1, Math.round(lasts * slower)), number);
    job.running += 1;
    job.machines.add(machine);
    return id;
  }

  /** Everything that is due now: tasks end, jobs run out of time, tenants are looked at. */
  #happen(): void {
    if (this.now >= this.#reportAt) this.#report();
    while (this.#heap.next <= this.now) {
      const event = this.#tasks.remove(this.#heap.pop());
      if (typeof event === 'function') event();
      else this.#end(event);
    }
  }

  #later(at: number, run: () => void): void {
    this.#heap.push(at, this.#tasks.order(run));
  }

  /** A task has to make room for somebody else's: it is over at once, and waits to be started anew. */
  #preempt(id: string): void {
    const number = this.#numbers.get(id);
    const task = number === undefined ? undefined : this.#tasks.cancel(number);
    if (task === undefined) return;
    const { machine, tenant, job, shape, waiting, place } = task;
    this.#numbers.delete(id);
    this.table.giveBack(machine, shape);
    this.books.preempt(tenant.book, shape, this.now);
    job.running -= 1;
    const { framework } = tenant;
    this.#tell({ type: 'status', at: this.now, agent: this.table.idOf(machine), framework, task: id, state: 'killed' });
    this.#order += 1;
    const { homes: _homes, ...rest } = waiting;
    this.books.queue(tenant.book, 1, this.now);
    this.#noteAsks(tenant);
    tenant.enqueue([{ ...rest, left: 1, next: place, since: this.now, order: this.#order }]);
  }

  /** What a tenant waits for is to be told to the master, who makes room for it. */
  #noteAsks(tenant: TenantScheduler): void {
    if (this.#state.config.preemption !== null) this.#asksToTell.add(tenant);
  }

  #tellAsks(): void {
    for (const tenant of this.#asksToTell) {
      const { framework, connection, queue } = tenant;
      const requests = queue.counts().map(({ shape: { resources }, count }) => ({ resources, count }));
      this.#tell({ type: 'request', at: this.now, framework, connection, requests });
    }
    this.#asksToTell.clear();
  }

  #end({ id, machine, tenant, job, shape }: RunningTask): void {
    this.#numbers.delete(id);
    this.table.giveBack(machine, shape);
    this.books.end(tenant.book, shape, this.now);
    job.running -= 1;
    job.unended -= 1;
    this.#reportLater({ agent: this.table.idOf(machine), framework: tenant.framework, task: id });
    if (job.unended === 0) this.#endJob(tenant, job);
    else this.#enqueue(tenant, job, this.now);
  }

  #endJob(tenant: TenantScheduler, { job, at, round }: RunningJob): void {
    this.books.endJob(tenant.book, this.now - at);
    if (round >= tenant.resubmits) return;
    const again = this.now + tenant.pauseMs;
    this.#coming += 1;
    this.#later(again, () => {
      this.#coming -= 1;
      this.#submit(job, again, round + 1);
    });
  }

  /** What a job has not started by its time never starts, and the job never ends. */
  #giveUp(tenant: TenantScheduler, job: RunningJob): void {
    const late: Waiting[] = [];
    tenant.queue.forEach((waiting) => {
      if (waiting.job === job) late.push(waiting);
      return false;
    });
    for (const waiting of late) {
      const tasks = waiting.left;
      tenant.queue.took(waiting, tasks);
      this.books.queue(tenant.book, -tasks, this.now);
      tenant.book.givenUp += tasks;
      this.#noteAsks(tenant);
    }
    tenant.book.givenUp += job.close();
    if (late.length > 0) tenant.rest();
  }

  /**
   * What ended is told together, just before the next batch: a batch uses what came back before it, and nothing else does
   * unless there is a run, before which it is told at once.
   */
  #reportLater(ended: Omit<StatusReport, 'type' | 'at'>): void {
    this.#ended.push(ended);
    if (this.#ended.length > 1) return;
    const interval = this.#state.config.allocationIntervalMs;
    this.#reportAt = (Math.floor(this.now / interval) + 1) * interval - 1;
  }

  #report(): void {
    if (this.#ended.length === 0) return;
    const { now: at } = this;
    // Without a uuid nobody acknowledges them: the tasks are over with that.
    const inputs = this.#ended.map((ended) => ({ type: 'status' as const, at, state: 'finished' as const, ...ended }));
    this.#ended = [];
    this.#reportAt = Infinity;
    this.inputs += inputs.length - 1;
    this.#tell({ type: 'batch', at, inputs });
  }

  /** Allocates until nothing is wanted any more at this instant. */
  #settle(): void {
    this.#tellAsks();
    if (this.#due() <= this.now) this.#report();
    while (this.#due() <= this.now) {
      this.#tell({ type: 'allocate', at: this.now });
      this.#tellAsks();
    }
  }

  #waitingShapes(): readonly Shape[] {
    const shapes = new Set(this.#list.flatMap(({ queue }) => queue.shapes()));
    return [...shapes];
  }
}

/** What nobody looks at is not kept, and nobody is given up. */
const quietConfig: ConfigLike = {
  stallMs: null,
  maxCompletedTasks: 0,
  maxCompletedFrameworks: 0,
  filterGpus: false,
};

/** Offers are taken back after the usual five minutes, unless somebody is to keep his for longer. */
function timeoutFor(tenants: readonly Tenant[]): number {
  return tenants.reduce((longest, { keepsMs = 0 }) => Math.max(longest, Math.ceil(keepsMs * 1.2)), 300_000);
}

/**
 * How many unanswered offers a tenant has at most: in a large cluster most offers are of no use to anybody, and each is work.
 * null = any number.
 */
function offersBound(machines: number): number | null {
  return machines <= 256 ? null : Math.min(64, Math.max(16, Math.ceil(machines / 100)));
}
