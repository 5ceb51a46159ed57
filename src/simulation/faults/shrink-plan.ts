/** The least plan that shows a failure. */
import type { FaultPlan, Weather } from './plan.js';
import { noHabits } from './sim-framework.js';
import { simulateFaults, type FaultRun } from './simulate-faults.js';
import { smallestLater } from './smaller.js';
import type { FaultFailure } from './watch.js';
import type { FaultOptions } from './world.js';

/** How long it may take. */
export interface ShrinkOptions extends Pick<FaultOptions, 'policy'> {
  /** Most simulations that are run for it. Default 150. */
  readonly runs?: number;
}

/** Tries simpler plans, as many as it may, and keeps the simplest that breaks the same rule. */
export class PlanShrinker {
  plan: FaultPlan;
  failure: FaultFailure;
  readonly #options: ShrinkOptions;
  #runs = 0;

  constructor({ plan }: FaultRun, failure: FaultFailure, options: ShrinkOptions) {
    this.plan = plan;
    this.failure = failure;
    this.#options = options;
  }

  async shrink(): Promise<void> {
    await this.#stopThere();
    await this.#withFewerEvents();
    await this.#withSmaller('tasks');
    await this.#withFewerHabits();
    await this.#inBetterWeather();
    await this.#withSmaller('frameworks');
    await this.#withSmaller('agents');
    await this.#withLessConfig();
    await this.#withFewerEvents();
    await this.#stopThere();
  }

  /** Whether a plan breaks the same rule; then it is kept. */
  async #try(plan: FaultPlan): Promise<boolean> {
    if (this.#runs >= (this.#options.runs ?? 150)) return false;
    this.#runs += 1;
    const { failure } = await simulateFaults(plan, this.#options);
    if (failure === undefined || failure.rule !== this.failure.rule) return false;
    this.plan = plan;
    this.failure = failure;
    return true;
  }

  /** What comes after the failure is of no use. */
  async #stopThere(): Promise<void> {
    const { at } = this.failure;
    if (at >= this.plan.faultyMs) return;
    await this.#try({ ...this.plan, faultyMs: at + 1, events: this.plan.events.filter((event) => event.at <= at) });
  }

  async #withFewerEvents(): Promise<void> {
    await smallestLater(this.plan.events, (events) => this.#try({ ...this.plan, events }));
  }

  async #withSmaller(what: keyof FaultPlan['size']): Promise<void> {
    for (let next = 1; next < this.plan.size[what]; next *= 2) {
      if (await this.#try({ ...this.plan, size: { ...this.plan.size, [what]: next } })) return;
    }
  }

  async #withFewerHabits(): Promise<void> {
    if (await this.#try({ ...this.plan, habits: noHabits })) return;
    for (const [habit, rate] of Object.entries(this.plan.habits)) {
      if (rate > 0) await this.#try({ ...this.plan, habits: { ...this.plan.habits, [habit]: 0 } });
    }
  }

  async #inBetterWeather(): Promise<void> {
    const parts: readonly Partial<Weather>[] = [{ drop: 0 }, { duplicate: 0 }, { delay: 0 }, { reorder: false }];
    for (const part of parts) await this.#try({ ...this.plan, weather: { ...this.plan.weather, ...part } });
  }

  async #withLessConfig(): Promise<void> {
    for (const name of Object.keys(this.plan.config)) {
      const config = Object.fromEntries(Object.entries(this.plan.config).filter(([other]) => other !== name));
      await this.#try({ ...this.plan, config });
    }
  }
}
