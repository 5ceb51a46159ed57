/** The second level: what a tenant's scheduler does with offers. */
import type { Offer } from '../../cluster/index.js';
import type { TenantBook } from '../measure/books.js';
import type { Tenant } from '../workloads/workload.js';
import { behaviourOf, type Behaviour, type HeldOffer, type View } from './behaviours.js';
import { fillGang, type GangPlan } from './gang.js';
import type { Placement, Waiting } from './running-job.js';
import { isNoEasier, mostOf, takeFrom, type Vector } from './shapes.js';
import { TaskQueue } from './task-queue.js';

/** What a scheduler says to the cluster. */
export interface TenantWire extends View {
  /** Uses an offer: the tasks start now. */
  launch(tenant: TenantScheduler, offer: HeldOffer, placements: readonly Placement[], refuseSeconds: number): void;
  decline(tenant: TenantScheduler, offers: readonly string[], refuseSeconds: number): void;
  say(tenant: TenantScheduler, what: 'suppress' | 'unsuppress' | 'revive'): void;
  /** Asks to be looked at again. */
  wake(tenant: TenantScheduler, afterMs: number): void;
}

/** The part of all machines of which somebody without tasks may keep offers. */
const keptPart = 0.005;
/** How long a gang's offers are kept until they suffice, ms. */
const gangPatienceMs = 60_000;

/** One framework, in one role. */
export class TenantScheduler {
  readonly role: string;
  readonly behaviour: Behaviour;
  readonly resubmits: number;
  readonly pauseMs: number;
  readonly preemptible: boolean;
  readonly book: TenantBook;
  readonly queue: TaskQueue = new TaskQueue();
  readonly framework: string;
  readonly connection: string;
  readonly #wire: TenantWire;
  /** Offers that it has not answered. */
  readonly #hand = new Map<string, HeldOffer>();
  readonly #keepsMs: number;
  #suppressed = false;
  /** Refusals of it may be hiding something. */
  #hasRefused = false;
  #wakes = false;

  constructor(
    { role, behaviour = 'greedy', resubmits = 0, pauseMs = 0, keepsMs = 0, preemptible = true }: Tenant,
    number: number,
    book: TenantBook,
    wire: TenantWire,
  ) {
    this.role = role;
    this.behaviour = behaviourOf(behaviour);
    this.resubmits = resubmits;
    this.pauseMs = pauseMs;
    this.preemptible = preemptible;
    this.#keepsMs = keepsMs;
    this.book = book;
    this.framework = `f${number}`;
    this.connection = `c${number}`;
    this.#wire = wire;
  }

  /** Since when it holds the oldest offer that it has not answered, ms; Infinity = there is none. */
  get oldestOffer(): number {
    const [oldest] = this.#hand.values();
    return oldest?.since ?? Infinity;
  }

  /** Tasks came that can start now. */
  enqueue(waiting: readonly Waiting[]): void {
    const isEasier = waiting.some(({ shape }) => !this.queue.shapes().some((other) => isNoEasier(shape, other)));
    for (const one of waiting) this.queue.add(one);
    if (this.#hand.size > 0) this.#answer([...this.#hand.values()]);
    if (this.queue.count === 0) return this.#rest();
    // What is refused was of no use to what waited; to what comes it may be.
    if (this.#hasRefused ? this.#suppressed || isEasier : this.#suppressed) this.#ask();
  }

  offered(offers: readonly Offer[], vector: (offer: Offer) => Vector): void {
    const { table, now } = this.#wire;
    const held = offers.map((offer): HeldOffer => {
      return { id: offer.id, machine: table.numberOf(offer.agent), amounts: vector(offer), since: now };
    });
    for (const offer of held) this.#hand.set(offer.id, offer);
    this.#answer(held);
    if (this.queue.count === 0) this.#rest();
  }

  rescinded(offer: string): void {
    this.#hand.delete(offer);
  }

  /** It asked to be looked at again. */
  awake(): void {
    this.#wakes = false;
    if (this.behaviour.gangs === true) this.#giveUp(gangPatienceMs, this.behaviour.refuseSeconds);
    else if (this.#keepsMs > 0) this.#giveUp(this.#keepsMs, 0);
  }

  /** It has all it wants: it asks for no more, and keeps nothing that others could use. */
  rest(): void {
    if (this.queue.count === 0) this.#rest();
  }

  #ask(): void {
    this.#wire.say(this, this.#hasRefused ? 'revive' : 'unsuppress');
    this.#suppressed = false;
    this.#hasRefused = false;
  }

  #rest(): void {
    if (this.behaviour.keeps === true && this.behaviour.gangs !== true) return;
    if (!this.#suppressed) this.#wire.say(this, 'suppress');
    this.#suppressed = true;
    const kept = this.#keepsMs > 0 ? Math.ceil(this.#wire.table.machines.length * keptPart) : 0;
    this.#decline([...this.#hand.values()].slice(kept), 0);
    if (kept > 0) this.#wakeAfter(this.#keepsMs);
  }

  /** Asks to be looked at when the oldest of its offers is so old. */
  #wakeAfter(ms: number): void {
    const [oldest] = this.#hand.values();
    if (oldest === undefined || this.#wakes) return;
    this.#wakes = true;
    this.#wire.wake(this, Math.max(1, oldest.since + ms - this.#wire.now));
  }

  #answer(offers: readonly HeldOffer[]): void {
    if (this.behaviour.gangs === true) return this.#answerGang();
    const { behaviour } = this;
    const useless: HeldOffer[] = [];
    for (const offer of behaviour.order?.(offers, this.#wire) ?? offers) {
      const wanted = this.queue.count > 0 && behaviour.wants?.(offer.machine, this.#wire) !== false;
      const placements = wanted ? this.#place(offer) : [];
      if (placements.length > 0) this.#use(offer, placements);
      else useless.push(offer);
    }
    // With nothing left to start, what is to be kept is decided as a whole.
    if (this.behaviour.keeps !== true && this.queue.count > 0) this.#decline(useless, behaviour.refuseSeconds);
  }

  /** What of the queue starts on an offer, oldest first. */
  #place({ machine, amounts }: HeldOffer): readonly Placement[] {
    const left = amounts.slice();
    const placements: Placement[] = [];
    const { table } = this.#wire;
    this.queue.forEachShape((waiting) => {
      const { shape } = waiting;
      const most = table.suits(machine, shape) ? mostOf(shape, left, waiting.left) : 0;
      if (most === 0) return false;
      const tasks = this.behaviour.starts?.(waiting, machine, most, this.#wire) ?? most;
      if (tasks > 0) {
        placements.push({ waiting, tasks });
        takeFrom(left, shape, tasks);
      }
      // Those of the next group, too, if all of this one start, or if this one is not to start here.
      return tasks === waiting.left || tasks < most;
    });
    for (const { waiting, tasks } of placements) this.queue.took(waiting, tasks);
    if (this.behaviour.looksForData === true) this.#noteData(placements);
    return placements;
  }

  #noteData(placements: readonly Placement[]): void {
    for (const { waiting, tasks } of placements) {
      this.book.placedByData += tasks;
      this.book.local += waiting.homes?.localJustNow ?? 0;
    }
  }

  #use(offer: HeldOffer, placements: readonly Placement[]): void {
    this.#hand.delete(offer.id);
    // Nothing else that waits fits into what is left.
    const refuseSeconds = this.queue.count === 0 ? 0 : this.behaviour.refuseSeconds;
    if (refuseSeconds > 0) this.#hasRefused = true;
    this.#wire.launch(this, offer, placements, refuseSeconds);
  }

  #decline(offers: readonly HeldOffer[], refuseSeconds: number): void {
    if (offers.length === 0) return;
    for (const { id } of offers) this.#hand.delete(id);
    if (refuseSeconds > 0) this.#hasRefused = true;
    this.#wire.decline(
      this,
      offers.map(({ id }) => id),
      refuseSeconds,
    );
  }

  /** Starts each job that fits as a whole into what it holds. */
  #answerGang(): void {
    for (let plan = this.#nextGang(); plan !== undefined; plan = this.#nextGang()) {
      for (const { waiting, tasks } of [...plan.values()].flat()) this.queue.took(waiting, tasks);
      for (const [offer, placements] of plan) this.#use(offer, placements);
    }
    this.#wakeAfter(gangPatienceMs);
  }

  #nextGang(): GangPlan | undefined {
    if (this.queue.count === 0 || this.#hand.size === 0) return undefined;
    return fillGang(this.queue, [...this.#hand.values()], this.#wire.table);
  }

  /** Gives back what it has held for so long. */
  #giveUp(afterMs: number, refuseSeconds: number): void {
    const { now } = this.#wire;
    const stale = [...this.#hand.values()].filter(({ since }) => now - since >= afterMs);
    this.#decline(stale, refuseSeconds);
    this.#wakeAfter(afterMs);
  }
}
