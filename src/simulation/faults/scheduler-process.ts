/** One process of a scripted framework: it takes what it can use, and misbehaves as its habits say. */
import type { Offer, OperationLike } from '../../cluster/index.js';
import type { Scheduler, SchedulerDriver } from '../../framework-api/index.js';
import type { Clock } from '../../master/index.js';
import { contains, hashText, resources } from '../../resources/index.js';
import type { TaskLike, TaskStatus } from '../../tasks/index.js';
import { draw } from '../luck.js';
import type { Ledger } from './ledger.js';
import type { Habits } from './plan.js';
import { scriptText } from './task-executor.js';

/** What a process is started with. */
export interface ProcessOptions {
  readonly name: string;
  readonly seed: number;
  readonly habits: Habits;
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** How many tasks it wants alive. */
  readonly wants: number;
  /** It subscribed, under this id. */
  subscribed(id: string): void;
  /** Its subscription ended for good. */
  ended(code: string): void;
  /** It was offered something. */
  offered?(offers: readonly Offer[]): void;
}

const sizes = ['cpus:0.5;mem:128', 'cpus:1;mem:512', 'cpus:2;mem:256', 'cpus:0.1;mem:1024', 'mem:64'] as const;
/** Resources of a group's executor. */
const groupExecutor = 'cpus:0.1;mem:32';
const dayMs = 86_400_000;

/** A scripted scheduler. Its luck is a hash of what it is about, so one habit less leaves all others as they were. */
export class SchedulerProcess implements Scheduler {
  /** Nobody reads what it is told until this time. */
  hangsUntil: number = -Infinity;
  /** While it hangs, what it is told is lost on it. */
  forgets = false;
  /** It declines everything until this time. */
  sulksUntil: number = -Infinity;
  sulksFor = 5;
  /** Offers that it has not answered yet. */
  readonly holds: Map<string, Offer> = new Map();
  readonly #options: ProcessOptions;
  readonly #hash: number;
  #occasions = 0;
  #suppressed = false;
  #backlog: (() => void)[] = [];
  #isAlive = true;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#hash = hashText(options.name);
  }

  /** The process ends: nothing that it has begun goes on. */
  end(): void {
    this.#isAlive = false;
    this.#backlog = [];
  }

  subscribed({ framework }: { readonly framework: string }): void {
    this.#suppressed = false;
    this.#options.subscribed(framework);
  }

  offers(offers: readonly Offer[], driver: SchedulerDriver): void {
    this.#options.offered?.(offers);
    this.#read(() => {
      for (const offer of offers) this.holds.set(offer.id, offer);
      this.#answerAll(offers, driver);
    });
  }

  rescind(offer: string): void {
    this.#read(() => this.holds.delete(offer));
  }

  update(status: TaskStatus, driver: SchedulerDriver): void {
    this.#read(() => this.#heed(status, driver));
  }

  inverseOffers(offers: readonly { readonly id: string }[], driver: SchedulerDriver): void {
    this.#read(() => {
      const ids = offers.map(({ id }) => id);
      if (this.#luck() < 0.5) driver.acceptInverseOffers(ids);
      else driver.declineInverseOffers(ids, { refuseSeconds: 30 });
    });
  }

  disconnected(): void {
    this.holds.clear();
  }

  error({ code }: { readonly code: string }): void {
    if (this.#isAlive) this.#options.ended(code);
  }

  /** Reads again, what it was told meanwhile first. */
  wake(): void {
    if (this.#isHanging) return;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const read of backlog) read();
  }

  /** Gives back whatever it holds. */
  dropAll(driver: SchedulerDriver, refuseSeconds: number): void {
    if (this.holds.size > 0) driver.decline([...this.holds.keys()], { refuseSeconds });
    this.holds.clear();
  }

  get #isHanging(): boolean {
    return this.#options.clock.now() < this.hangsUntil;
  }

  #luck(): number {
    this.#occasions += 1;
    return draw(this.#options.seed, this.#hash, this.#occasions);
  }

  /** Whether a habit shows now. */
  #is(habit: Exclude<keyof Habits, 'lateMs'>): boolean {
    const rate = this.#options.habits[habit];
    return rate > 0 && this.#luck() < rate;
  }

  #read(read: () => void): void {
    if (!this.#isAlive) return;
    if (!this.#isHanging) read();
    else if (!this.forgets) this.#backlog.push(read);
  }

  #later(ms: number, run: () => void): void {
    const { clock } = this.#options;
    clock.wake(clock.now() + Math.ceil(ms), () => this.#read(run));
  }

  #heed(status: TaskStatus, driver: SchedulerDriver): void {
    const { ledger } = this.#options;
    ledger.told(status.task, status.state, status.terminal);
    if (!this.#is('forgetAcknowledgement')) driver.acknowledge(status);
    if (status.terminal) {
      if (this.#suppressed && this.#missing > 0) {
        this.#suppressed = false;
        driver.revive();
      }
      return;
    }
    // An answer to a question must not lead to the next one.
    if (status.uuid === undefined) return;
    if (this.#is('kill')) driver.kill(status.task, { killPolicy: { graceMs: 2_000 } });
    if (this.#is('reconcile')) driver.reconcile();
  }

  /** How many tasks it still wants. */
  get #missing(): number {
    return this.#options.wants - this.#options.ledger.open.length;
  }

  #answerAll(offers: readonly Offer[], driver: SchedulerDriver): void {
    if (offers.length > 1 && this.#is('mixedAccept')) {
      driver.launch(offers, this.#task(offers[0]));
      for (const { id } of offers) this.holds.delete(id);
      return;
    }
    for (const offer of offers) {
      if (this.#is('ignoreOffer')) continue;
      if (this.#is('lateAnswer')) {
        this.#later(this.#luck() * this.#options.habits.lateMs, () => this.#answer(offer, driver));
      } else this.#answer(offer, driver);
    }
  }

  #answer(offer: Offer, driver: SchedulerDriver): void {
    this.holds.delete(offer.id);
    if (this.#options.clock.now() < this.sulksUntil) {
      return driver.decline(offer, { refuseSeconds: this.sulksFor });
    }
    const missing = this.#missing;
    if (missing <= 0) return this.#leave(offer, driver);
    if (this.#is('longDecline')) return driver.decline(offer, { refuseSeconds: Math.ceil(this.#luck() * 3_600) });
    const operations = this.#use(offer, missing);
    driver.accept(offer, operations, { refuseSeconds: Math.floor(this.#luck() * 10) });
    if (this.#is('doubleAccept')) driver.accept(offer, operations);
  }

  #leave(offer: Offer, driver: SchedulerDriver): void {
    driver.decline(offer, { refuseSeconds: Math.ceil(this.#luck() * 60) });
    if (this.#suppressed || !this.#is('suppress')) return;
    this.#suppressed = true;
    driver.suppress();
  }

  /** What it does with an offer. */
  #use(offer: Offer, missing: number): readonly OperationLike[] {
    if (this.#is('group')) return [this.#groupOf(offer, missing)];
    const tasks: TaskLike[] = [];
    let used = resources('');
    for (let n = 0; n < Math.min(missing, 4); n += 1) {
      const task = this.#task(offer);
      const next = resources([used, task.resources]);
      if (!contains(offer.resources, next)) {
        this.#options.ledger.tasks.delete(task.id);
        break;
      }
      used = next;
      tasks.push(task);
    }
    const launch: OperationLike = { type: 'launch', tasks };
    return this.#is('reserve') ? [...this.#reservation(offer), launch] : [launch];
  }

  /** Reserves something of the offer, or gives up what was reserved. */
  #reservation({ role, resources: offered }: Offer): readonly OperationLike[] {
    const mine = `cpus(${role}):1`;
    const id = this.#luck() < 0.5 ? { id: `${this.#options.name}.op${this.#occasions}` } : {};
    if (contains(offered, resources(mine))) return [{ type: 'unreserve', resources: mine, ...id }];
    return [{ type: 'reserve', resources: mine, ...id }];
  }

  #groupOf({ framework }: Offer, missing: number): OperationLike {
    const size = Math.min(missing, 1 + Math.floor(this.#luck() * 3));
    const id = this.#options.ledger.newId(`${this.#options.name}-group`);
    const tasks = Array.from({ length: size }, () => this.#enter('cpus:0.5;mem:64', `${id}/${size}`));
    return { type: 'launch-group', executor: { id, type: 'default', framework, resources: groupExecutor }, tasks };
  }

  #task(offer: Offer | undefined): TaskLike {
    const size = sizes[Math.floor(this.#luck() * sizes.length)] ?? sizes[0];
    if (!this.#is('badTask')) return this.#enter(size);
    const used = this.#options.ledger.open[0]?.id;
    const what = this.#luck();
    if (what < 0.3 && used !== undefined) {
      this.#options.ledger.reused.add(used);
      return { ...this.#enter(size), id: used };
    }
    if (what < 0.6) return this.#enter('cpus:100000');
    return { ...this.#enter(size), agent: offer?.agent === 'a0' ? 'a1' : 'a0' };
  }

  #enter(size: string, group?: string): TaskLike {
    const { ledger, name } = this.#options;
    const id = ledger.newId(name);
    ledger.enter(id, group);
    const lastsMs = this.#is('endlessTask') ? null : Math.ceil(Math.min(600_000, 2_000 + this.#luck() ** 2 * 400_000));
    const script = {
      lastsMs,
      end: this.#is('failingTask') ? ('failed' as const) : ('finished' as const),
      stubborn: this.#is('stubbornTask'),
      noisy: this.#is('noisyTask'),
    };
    return {
      id,
      resources: size,
      command: { value: 'simulated' },
      data: scriptText(script),
      ...(group !== undefined && { labels: [{ key: 'group', value: group }] }),
      maxCompletionMs: dayMs,
    };
  }
}
