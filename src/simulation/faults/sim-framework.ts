import type { Offer } from '../../cluster/index.js';
import type { SchedulerDriver } from '../../framework-api/index.js';
import type { Clock } from '../../master/index.js';
import { mix } from '../../resources/index.js';
import type { MemoryFramework, MemoryTransport } from '../../transport/index.js';
import { Ledger } from './ledger.js';
import { frameworkName, type FrameworkPlan, type Habits } from './plan.js';
import { SchedulerProcess } from './scheduler-process.js';

/** What all frameworks of a simulation share. */
export interface FrameworkHost {
  readonly transport: MemoryTransport;
  readonly clock: Clock;
  readonly seed: number;
  readonly habits: Habits;
  readonly wants: number;
  failed(error: unknown): void;
}

/** How long a process waits for an answer to its subscription before it tries again, ms. */
const patienceMs = 15_000;

interface Running {
  readonly process: SchedulerProcess;
  readonly wire: MemoryFramework;
}

/** A framework: whoever runs as it now, the id that it keeps, and what it has launched under that id. */
export class SimFramework {
  readonly name: string;
  /** The id that it was given; absent until a first subscription stood, or once that framework is over. */
  id: string | undefined;
  /** What it launched since it has that id. */
  ledger: Ledger = new Ledger();
  readonly #host: FrameworkHost;
  readonly #plan: FrameworkPlan;
  #running: Running | undefined;
  #starts = 0;
  #isGood = false;
  #offered: ((offers: readonly Offer[]) => void) | undefined;

  constructor(number: number, plan: FrameworkPlan, host: FrameworkHost) {
    this.name = frameworkName(number);
    this.#plan = plan;
    this.#host = host;
  }

  get driver(): SchedulerDriver | undefined {
    return this.#running?.wire.driver;
  }

  get process(): SchedulerProcess | undefined {
    return this.#running?.process;
  }

  /** Hears what it is offered. */
  onOffered(listen: ((offers: readonly Offer[]) => void) | undefined): void {
    this.#offered = listen;
  }

  /** Starts a process that takes over what there is of this framework, from another one if that runs. */
  start(): void {
    const before = this.#running;
    this.#launch();
    before?.process.end();
    before?.wire.driver.close();
  }

  #launch(): void {
    this.#starts += 1;
    const start = this.#starts;
    const { transport, clock, seed, habits, wants } = this.#host;
    const process = new SchedulerProcess({
      name: this.name,
      seed: mix(seed, start),
      habits: this.#isGood ? noHabits : habits,
      clock,
      ledger: this.ledger,
      wants: this.#isGood ? 0 : wants,
      subscribed: (id) => this.#admitted(start, id),
      ended: (code) => this.#ended(start, code),
      offered: (offers) => this.#offered?.(offers),
    });
    // The newer connection first: the older one's end is then nobody's end.
    this.#running = { process, wire: transport.framework(this.#info(), process, { acknowledge: 'explicit' }) };
    this.#watch(start);
  }

  /** The process ends. Another may be started later. */
  stop(): void {
    this.#starts += 1;
    this.#running?.process.end();
    this.#running?.wire.driver.close();
    this.#running = undefined;
  }

  /** It starts anew as another framework: nobody remembers what it was. */
  forgetId(): void {
    this.id = undefined;
    this.ledger = new Ledger();
  }

  /** A second process of the same id, beside the one that runs: that one learns of it from its end. */
  split(): void {
    this.#launch();
  }

  /** From now on it behaves, and wants nothing that it does not have. */
  reform(): void {
    this.#isGood = true;
    this.start();
  }

  #info(): Parameters<MemoryTransport['framework']>[0] {
    const { roles, failoverTimeoutMs, checkpoint, partitionAware } = this.#plan;
    const capabilities = ['multi-role', 'reservation-refinement', 'task-killing-state'] as const;
    return {
      name: this.name,
      ...(this.id !== undefined && { framework: this.id }),
      roles,
      failoverTimeoutMs,
      checkpoint,
      capabilities: partitionAware ? [...capabilities, 'partition-aware'] : capabilities,
    };
  }

  #admitted(start: number, id: string): void {
    if (start !== this.#starts) return;
    this.id = id;
  }

  #ended(start: number, code: string): void {
    if (start !== this.#starts) return;
    this.#running = undefined;
    // What it was is over; only somebody new may come.
    if (code === 'framework-removed') this.forgetId();
    this.#later(1_000, start, () => this.start());
  }

  /** The master, or its answer, may be lost. */
  #watch(start: number): void {
    this.#later(patienceMs, start, () => {
      if (this.driver?.connected === true) this.#watch(start);
      else this.start();
    });
  }

  #later(ms: number, start: number, run: () => void): void {
    const { clock } = this.#host;
    clock.wake(clock.now() + ms, () => {
      if (start === this.#starts) run();
    });
  }
}

/** None of the habits: whoever has none behaves. */
export const noHabits: Habits = {
  ignoreOffer: 0,
  lateAnswer: 0,
  lateMs: 0,
  doubleAccept: 0,
  mixedAccept: 0,
  badTask: 0,
  group: 0,
  reserve: 0,
  longDecline: 0,
  suppress: 0,
  forgetAcknowledgement: 0,
  kill: 0,
  reconcile: 0,
  failingTask: 0,
  endlessTask: 0,
  stubbornTask: 0,
  noisyTask: 0,
};
