import { agents } from '../../cluster/index.js';
import { throwLater } from '../../framework-api/callbacks.js';
import type { Clock } from '../../master/clock.js';
import type { Master } from '../../master/index.js';
import { systemClock } from '../../master/system-clock.js';
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { capacityNeeded, isInUse, type AgentShape, type CapacityNeeded } from './capacity.js';

/** Where agents come from and go to: a cloud, a rack with a power switch, a test. */
export interface NodePool {
  /** Starts one agent of a kind. Resolves to its id as soon as that is known; it registers by itself. */
  add(shape: AgentShape): Promise<string>;
  /** Ends an agent that is out of service and runs nothing. Resolves when it will not come back. */
  drain(agent: string): Promise<void>;
  /** Whether an agent is one of the pool's. Absent = all are: then no other agent may be in the cluster. */
  owns?(agent: string): boolean;
}

/** What an autoscaler is made of. */
export interface AutoscalerOptions {
  readonly master: Pick<Master, 'state' | 'control' | 'report'>;
  readonly pool: NodePool;
  /** The kinds that it may add; where several would do, the first is taken. */
  readonly shapes: readonly AgentShape[];
  /** Never fewer agents than this because of it. Default 0. */
  readonly minAgents?: number;
  /** Never more agents than this because of it. */
  readonly maxAgents: number;
  /** How often it looks, ms. Default 10 s. */
  readonly everyMs?: number;
  /**
   * How long an agent must have been spare, and how long nothing must have been added, before one is taken away, ms. Default
   * 10 min: as long as it takes to be sure that what was needed is not needed again.
   */
  readonly cooldownMs?: number;
  /** How long an agent that was added may take to register, ms; then it is not counted on any more. Default 10 min. */
  readonly startMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Is told what was decided and why. */
  readonly onDecision?: (decision: ScalingDecision) => void;
  /** Hears what the pool or the master refused. Absent = thrown on a microtask. */
  readonly onError?: (error: unknown) => void;
}

/** Something that an autoscaler does. */
export type ScalingDecision =
  | { readonly type: 'add'; readonly shape: string; readonly count: number }
  | { readonly type: 'drain'; readonly agent: string };

/** A loop that keeps a cluster as large as its frameworks ask for. */
export interface Autoscaler {
  /** Stops looking. What was begun goes on. */
  close(): void;
}

/**
 * Adds agents while recorded requests need more than there is, and takes away those that were spare for long enough, one at
 * a time. An agent is taken out of service before it is taken away, and put back if a task came first: none that is busy is
 * ever ended.
 *
 * @throws InputError `bad-options`
 * @example
 * autoscaler({ master, pool, shapes: [{ name: 'small', resources: 'cpus:4;mem:8192' }], maxAgents: 20 });
 */
export function autoscaler(options: AutoscalerOptions): Autoscaler {
  const scaler = new Scaler(options);
  scaler.look();
  return { close: () => scaler.close() };
}

class Scaler {
  readonly #options: Required<Omit<AutoscalerOptions, 'onDecision'>> & Pick<AutoscalerOptions, 'onDecision'>;
  /** Agents on their way, and until when they are counted on, ms; by number as long as they have no id. */
  readonly #coming = new Map<string, { readonly shape: AgentShape; readonly until: number }>();
  /** Since when agents are spare, ms. */
  readonly #spareSince = new Map<string, number>();
  readonly #leaving = new Set<string>();
  #addedAt = -Infinity;
  #orders = 0;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(options: AutoscalerOptions) {
    const { minAgents = 0, everyMs = 10_000, cooldownMs = 600_000, startMs = 600_000, clock = systemClock() } = options;
    const { onError = throwLater } = options;
    for (const [name, value] of Object.entries({ minAgents, maxAgents: options.maxAgents, cooldownMs, startMs })) {
      demand(name, Number.isSafeInteger(value) && value >= 0, 'a whole number, 0 or more');
    }
    demand('everyMs', Number.isSafeInteger(everyMs) && everyMs > 0, 'a whole number, 1 or more');
    demand('maxAgents', options.maxAgents >= minAgents, 'no less than minAgents');
    // Kinds that make no sense are refused now, not in the middle of the night.
    capacityNeeded(options.master.state, options.shapes);
    this.#options = { ...options, minAgents, everyMs, cooldownMs, startMs, clock, onError };
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  look(): void {
    if (this.#closed) return;
    const { clock, everyMs, master, shapes } = this.#options;
    const now = clock.now();
    this.#cancel = clock.wake(now + everyMs, () => this.look());
    const known = new Set(agents(master.state).map(({ id }) => id));
    for (const [id, { until }] of this.#coming) if (known.has(id) || until <= now) this.#coming.delete(id);
    const needed = capacityNeeded(master.state, shapes);
    this.#noteSpare(needed, now);
    this.#grow(needed, known.size, now);
    this.#shrink(known.size, now);
  }

  #noteSpare({ spare }: CapacityNeeded, now: number): void {
    const { pool } = this.#options;
    const still = new Set(spare.filter((id) => pool.owns?.(id) ?? true));
    for (const id of this.#spareSince.keys()) if (!still.has(id)) this.#spareSince.delete(id);
    for (const id of still) if (!this.#spareSince.has(id)) this.#spareSince.set(id, now);
  }

  /** Adds what is needed beyond what is on its way. */
  #grow({ add }: CapacityNeeded, there: number, now: number): void {
    const { shapes, maxAgents, onDecision } = this.#options;
    for (const { shape: name, count } of add) {
      const shape = shapes.find((each) => each.name === name);
      const coming = [...this.#coming.values()].filter((each) => each.shape.name === name).length;
      const room = maxAgents - there - this.#coming.size;
      const more = Math.min(count - coming, room);
      if (shape === undefined || more <= 0) continue;
      onDecision?.({ type: 'add', shape: name, count: more });
      this.#addedAt = now;
      for (let n = 0; n < more; n += 1) this.#order(shape, now);
    }
  }

  #order(shape: AgentShape, now: number): void {
    const { pool, startMs, onError } = this.#options;
    const order = ` ${this.#orders++}`;
    const until = now + startMs;
    this.#coming.set(order, { shape, until });
    const failed = (error: unknown): void => {
      this.#coming.delete(order);
      onError(error);
    };
    settled(
      () => pool.add(shape),
      (id) => {
        if (!this.#coming.delete(order)) return;
        if (!this.#options.master.state.agents.has(id)) this.#coming.set(id, { shape, until });
      },
      failed,
    );
  }

  /** Takes one agent away, if one was spare for long enough and nothing was added lately. */
  #shrink(there: number, now: number): void {
    const { minAgents, cooldownMs } = this.#options;
    const after = there - this.#leaving.size;
    if (after <= minAgents || this.#coming.size > 0 || now - this.#addedAt < cooldownMs) return;
    const [agent] =
      [...this.#spareSince].filter(([id, since]) => now - since >= cooldownMs && !this.#leaving.has(id))[0] ?? [];
    if (agent === undefined) return;
    this.#leaving.add(agent);
    this.#retire(agent)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => this.#leaving.delete(agent));
  }

  async #retire(agent: string): Promise<void> {
    const { master, pool, onDecision } = this.#options;
    await master.control({ type: 'deactivate', agent });
    this.#spareSince.delete(agent);
    // Nothing is offered of it any more. What was accepted a moment ago is a task, and comes first.
    const row = agents(master.state).find(({ id }) => id === agent);
    if (row !== undefined && isInUse(row)) return void (await master.control({ type: 'reactivate', agent }));
    onDecision?.({ type: 'drain', agent });
    try {
      await pool.drain(agent);
    } catch (error) {
      await master.control({ type: 'reactivate', agent });
      throw error;
    }
    // It does not come back, so nobody need wait for it.
    if (master.state.agents.has(agent)) master.report({ type: 'unregister', agent });
  }
}

/** Calls what may throw, reject or be no promise at all. */
function settled<T>(run: () => Promise<T>, done: (value: T) => void, failed: (error: unknown) => void): void {
  void (async () => {
    try {
      done(await run());
    } catch (error) {
      failed(error);
    }
  })();
}

function demand(option: string, holds: boolean, what: string): void {
  if (!holds) throw new InputError('bad-options', option, `The option ${quote(option)} must be ${what}`);
}
