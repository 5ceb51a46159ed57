/** What is counted and measured while a cluster is simulated. */
import type { MachineTable } from '../engine/machine-table.js';
import type { Shape } from '../engine/shapes.js';
import { Distribution } from './distribution.js';
import { strandedParts } from './fragmentation.js';
import { setChannel, Timeline, type Channel } from './timeline.js';

/** What is measured of one tenant. */
export interface TenantBook {
  readonly role: string;
  readonly weight: number;
  /** By resource, thousandths that its tasks use. */
  readonly used: Float64Array<ArrayBuffer>;
  readonly waiting: Distribution;
  readonly completion: Distribution;
  readonly share: Channel;
  /** 1 while it has tasks that run or wait. */
  readonly active: Channel;
  jobs: number;
  jobsEnded: number;
  tasks: number;
  started: number;
  ended: number;
  givenUp: number;
  unplaceable: number;
  /** Tasks that wait now. */
  queued: number;
  running: number;
  /** Tasks that started where their data is, of those that have any. */
  local: number;
  placedByData: number;
  offers: number;
  declined: number;
  /** Tasks of it that were ended to make room. */
  preempted: number;
}

/**
 * For a look at what is stranded all machines are gone through. There are so many looks a span at most: where much happens, what
 * was seen last counts a little longer.
 */
const looksASpan = 32;

/** The books of one run. */
export class Books {
  readonly timeline: Timeline;
  readonly tenants: Map<string, TenantBook> = new Map();
  readonly waiting: Distribution = new Distribution();
  readonly completion: Distribution = new Distribution();
  readonly used: readonly Channel[];
  readonly stranded: readonly Channel[];
  readonly queued: Channel;
  readonly running: Channel;
  readonly offers: { made: number; accepted: number; declined: number; takenBack: number } = {
    made: 0,
    accepted: 0,
    declined: 0,
    takenBack: 0,
  };
  /** Tasks that were ended to make room. */
  preemptions = 0;
  readonly #table: MachineTable;
  readonly #shapes: () => readonly Shape[];
  #lookedAt = { version: -1, queued: -1 };
  #lookAgainAt = 0;
  #seen: readonly number[];
  #now = 0;
  #queuedTasks = 0;
  #runningTasks = 0;

  /** @param shapes those that wait now, of all tenants */
  constructor(table: MachineTable, untilMs: number | undefined, shapes: () => readonly Shape[]) {
    this.#table = table;
    this.#shapes = shapes;
    this.timeline = new Timeline(untilMs);
    this.#seen = table.index.names.map(() => 0);
    this.used = table.index.names.map(() => this.timeline.channel());
    this.stranded = table.index.names.map(() => this.timeline.channel());
    this.queued = this.timeline.channel();
    this.running = this.timeline.channel();
  }

  open(role: string, weight: number): TenantBook {
    const book: TenantBook = {
      role,
      weight,
      used: new Float64Array(this.#table.index.names.length),
      waiting: new Distribution(),
      completion: new Distribution(),
      share: this.timeline.channel(),
      active: this.timeline.channel(),
      jobs: 0,
      jobsEnded: 0,
      tasks: 0,
      started: 0,
      ended: 0,
      givenUp: 0,
      unplaceable: 0,
      queued: 0,
      running: 0,
      local: 0,
      placedByData: 0,
      offers: 0,
      declined: 0,
      preempted: 0,
    };
    this.tenants.set(role, book);
    return book;
  }

  /** Time has come to `now`: until then all was as it is in the books. */
  moveTo(now: number): void {
    if (now > this.#now) this.#noteStranded(this.#now, now);
    this.#now = now;
    this.timeline.moveTo(now);
  }

  /** Tasks of a tenant began to wait, or (less than 0) ended to. */
  queue(book: TenantBook, tasks: number, now: number): void {
    book.queued += tasks;
    this.#queuedTasks += tasks;
    setChannel(this.queued, this.#queuedTasks, now);
    this.#noteActive(book, now);
  }

  /** A task started after so long; undefined = nobody knows. The table has taken its resources. */
  start(book: TenantBook, shape: Shape, waitedMs: number | undefined, now: number): void {
    book.started += 1;
    if (waitedMs !== undefined) {
      book.waiting.add(waitedMs);
      this.waiting.add(waitedMs);
    }
    this.#use(book, shape, 1, now);
  }

  /** A task ended. The table has its resources back. */
  end(book: TenantBook, shape: Shape, now: number): void {
    book.ended += 1;
    this.#use(book, shape, -1, now);
  }

  /** A task was ended to make room, and is as if it had never started. The table has its resources back. */
  preempt(book: TenantBook, shape: Shape, now: number): void {
    this.preemptions += 1;
    book.preempted += 1;
    book.started -= 1;
    this.#use(book, shape, -1, now);
  }

  endJob(book: TenantBook, tookMs: number): void {
    book.jobsEnded += 1;
    book.completion.add(tookMs);
    this.completion.add(tookMs);
  }

  #use(book: TenantBook, { need }: Shape, sign: 1 | -1, now: number): void {
    const { used, totals } = this.#table;
    let share = 0;
    for (let at = 0; at < need.length; at += 1) {
      const mine = (book.used[at] as number) + sign * (need[at] as number);
      book.used[at] = mine;
      const total = totals[at] as number;
      if (total > 0) share = Math.max(share, mine / total);
      const channel = this.used[at];
      if (need[at] !== 0 && channel !== undefined) setChannel(channel, (used[at] as number) / Math.max(1, total), now);
    }
    setChannel(book.share, share / book.weight, now);
    book.running += sign;
    this.#runningTasks += sign;
    setChannel(this.running, this.#runningTasks, now);
    this.#noteActive(book, now);
  }

  #noteActive(book: TenantBook, now: number): void {
    const active = book.running > 0 || book.queued > 0 ? 1 : 0;
    if (book.active.value !== active) setChannel(book.active, active, now);
  }

  /** What was stranded from one time to the next. It is never more than was free. */
  #noteStranded(from: number, to: number): void {
    this.#lookForStranded(to);
    const { used, totals } = this.#table;
    for (const [number, channel] of this.stranded.entries()) {
      const free = 1 - (used[number] as number) / Math.max(1, totals[number] as number);
      setChannel(channel, Math.min(this.#seen[number] as number, free), from);
    }
  }

  /** Nothing is stranded while nobody waits; else it is looked at if something is another, and it has not just been. */
  #lookForStranded(at: number): void {
    const { version } = this.#table;
    const queued = this.#queuedTasks;
    if (version === this.#lookedAt.version && queued === this.#lookedAt.queued) return;
    if (queued > 0 && at < this.#lookAgainAt) return;
    this.#lookedAt = { version, queued };
    if (queued > 0) this.#lookAgainAt = at + this.timeline.spanMs / looksASpan;
    this.#seen = strandedParts(this.#table, queued > 0 ? this.#shapes() : []);
  }
}
