import { throwLater } from '../framework-api/callbacks.js';
import type { Scheduler, SchedulerDriver } from '../framework-api/index.js';
import { Alarm } from '../master/alarm.js';
import type { Clock } from '../master/clock.js';
import type { DeskInput } from './desk/input.js';

/** When a state is offered for saving again that could not be saved, ms. */
const saveAgainMs = 1_000;

/** A machine and what surrounds it. `Own` is what only its host can say. */
export interface ShellParts<Machine, Own, Output> {
  readonly clock: Clock;
  transition(machine: Machine, input: DeskInput | Own, at: number): readonly [Machine, readonly Output[]];
  /** When it has something to do by itself, ms; `Infinity` = never. */
  deadline(machine: Machine): number;
  /** Whether both would be saved alike. */
  isSame(one: Machine, other: Machine): boolean;
  /** Keeps the state. Outputs that came with it are done after it returned; if it throws, they wait. */
  save(machine: Machine): void;
  /** Does what is owed; without a driver only what needs none. */
  perform(output: Output, driver: SchedulerDriver | undefined): void;
  /** All was saved and done. */
  settled(machine: Machine): void;
  /** The subscription ended, or must not be used. Nothing more is done. */
  over(code: string, message: string): void;
  /** Saves are at least so far apart, ms. Absent or 0 = each burst is saved as soon as it is over. */
  readonly saveEveryMs?: number | undefined;
  /** Absent = thrown on a microtask. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * The surroundings of a scheduler's machine. What is heard takes effect on the state at once. Later, on a microtask, the
 * machine settles, the state is saved, and then what is owed is done: so a burst costs one save, and nothing that
 * depends on a state is done before that is safe. A handler's promise resolves when all that is done, so an update is
 * acknowledged when what follows from it is saved.
 */
export class SchedulerShell<Machine, Own, Output> {
  readonly #parts: ShellParts<Machine, Own, Output>;
  readonly #alarm: Alarm;
  #machine: Machine;
  /** What was saved last; absent = nothing. */
  #saved: Machine | undefined;
  #owed: Output[] = [];
  #driver: SchedulerDriver | undefined;
  #flush: Promise<void> | undefined;
  /** When it last saved, ms. */
  #savedAt = -Infinity;
  #closed = false;

  constructor(machine: Machine, parts: ShellParts<Machine, Own, Output>) {
    this.#machine = machine;
    this.#parts = parts;
    this.#alarm = new Alarm(parts.clock, () => this.tell({ type: 'tick' }));
  }

  get machine(): Machine {
    return this.#machine;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** The handlers of a `Scheduler`. */
  get handlers(): Required<
    Pick<Scheduler, 'subscribed' | 'offers' | 'rescind' | 'update' | 'disconnected' | 'error' | 'rejected'>
  > {
    const hear = (input: DeskInput, driver: SchedulerDriver): Promise<void> => {
      this.#driver = driver;
      return this.input(input);
    };
    return {
      subscribed: ({ framework }, driver) => hear({ type: 'subscribed', framework }, driver),
      offers: (offers, driver) => hear({ type: 'offers', offers }, driver),
      rescind: (offer, driver) => hear({ type: 'rescind', offer }, driver),
      update: (status, driver) => hear({ type: 'update', status }, driver),
      disconnected: (driver) => hear({ type: 'disconnected' }, driver),
      error: ({ code, message }, driver) => this.#ended(code, message, driver),
      // What a lost wire could not carry is said again after the next subscription.
      rejected: ({ call, code, message }) => {
        if (code !== 'disconnected') this.#failed(new Error(`The master rejected '${call}': ${message}`));
      },
    };
  }

  /** Something happened. Resolves when all that follows from it is done; rejects when it could not be saved. */
  input(input: DeskInput | Own): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#step(input);
    this.#flush ??= this.#turn().then(() => this.#settle());
    return this.#flush;
  }

  /** Waits until it is time to settle: until the burst is over, or longer after a save that was a moment ago. */
  #turn(): Promise<void> {
    const { clock, saveEveryMs = 0 } = this.#parts;
    const at = this.#savedAt + saveEveryMs;
    if (saveEveryMs === 0 || clock.now() >= at) return Promise.resolve();
    return new Promise((resolve) => clock.wake(at, resolve));
  }

  /** As `input`, for those who wait for nothing: errors go where errors go. */
  tell(input: DeskInput | Own): void {
    this.input(input).catch((error: unknown) => this.#failed(error));
  }

  /** Does nothing more: what is owed is let go, nothing is saved. */
  close(): void {
    this.#closed = true;
    this.#owed = [];
    this.#alarm.cancel();
  }

  #step(input: DeskInput | Own): void {
    const { clock, transition } = this.#parts;
    const [machine, outputs] = transition(this.#machine, input, Math.floor(clock.now()));
    this.#machine = machine;
    for (const output of outputs) this.#owed.push(output);
  }

  #settle(): void {
    this.#flush = undefined;
    if (this.#closed) return;
    const { deadline, settled } = this.#parts;
    this.#step({ type: 'settle' });
    this.#save(this.#machine);
    const owed = this.#owed;
    this.#owed = [];
    for (const output of owed) this.#perform(output);
    if (this.#closed) return;
    this.#alarm.set(deadline(this.#machine));
    this.guard(() => settled(this.#machine));
  }

  #save(machine: Machine): void {
    const { clock, isSame, save } = this.#parts;
    if (this.#saved !== undefined && isSame(this.#saved, machine)) return;
    try {
      save(machine);
      this.#saved = machine;
      this.#savedAt = clock.now();
    } catch (error) {
      this.#alarm.set(clock.now() + saveAgainMs);
      throw error;
    }
  }

  #perform(output: Output): void {
    // A callback of the host may have closed the scheduler.
    if (!this.#closed) this.guard(() => this.#parts.perform(output, this.#driver));
  }

  async #ended(code: string, message: string, driver: SchedulerDriver): Promise<void> {
    if (this.#closed) return;
    this.#driver = driver;
    // Whoever took over has the state now, and saves it.
    if (code === 'failed-over') this.close();
    else await this.input({ type: 'ended', code });
    this.#parts.over(code, message);
  }

  /** Runs what a host wrote: what it throws is no reason to stop. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { onError = throwLater } = this.#parts;
    onError(error);
  }
}
