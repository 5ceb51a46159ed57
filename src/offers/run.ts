/**
 * One allocation run as scratch: it reads the draft, and nothing is written until `commit`. A policy that fails half-way
 * leaves no trace.
 */
import { drf, openOrder, unitExponential, type Order, type OrderRule } from '../drf/index.js';
import {
  hasShared,
  hashText,
  isEmpty,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  subtract,
  type Quantities,
  type Resources,
} from '../resources/index.js';
import { judge, type Verdict } from './eligibility.js';
import { firstBatchWithout, hidingFilter } from './filters.js';
import { offersOutOf } from './frameworks.js';
import { scalarsOf } from './holdings.js';
import type { Grant } from './policy.js';
import type { QuotaRoom } from './quota.js';
import { QuotaBook } from './quota-book.js';
import type { AllocatorAgent, AllocatorFramework, AllocatorState, Holding } from './state.js';

/** The scratch of one run. */
export class AllocationRun {
  readonly state: AllocatorState;
  /** In the order in which they were granted; one a stage per framework, role and agent. */
  readonly grants: Grant[] = [];
  /** The first batch in which something that a filter withheld would be offered. */
  parkedUntil: number | null = null;
  readonly #rule: OrderRule;
  readonly #exclude: ReadonlySet<string>;
  readonly #roles: Order;
  readonly #frameworks = new Map<string, Order>();
  readonly #left = new Map<string, Resources>();
  /** The offers that each framework gets in this run, by role and agent; kept only if they are bounded. */
  readonly #offers = new Map<string, Set<string>>();
  /** undefined = nobody has a quota, and nothing is looked at for it. */
  readonly #quota: QuotaBook | undefined;
  #agentHash = 0;

  constructor(state: AllocatorState, rule: OrderRule = drf) {
    this.state = state;
    this.#rule = rule;
    this.#exclude = new Set(state.config.fairnessExclude);
    this.#roles = this.#open(state.shares);
    this.#quota = state.quotas.size === 0 ? undefined : new QuotaBook(state);
  }

  /** What quotas leave to a role now; undefined = there are none. */
  room(role: string): QuotaRoom | undefined {
    return this.#quota?.room(role, 'any');
  }

  /** Draws for rules that want luck depend on the agent, never on how many were visited before it. */
  turnTo(agent: AllocatorAgent): void {
    this.#agentHash = hashText(agent.id);
  }

  /** All roles with frameworks that may be served: first come first. */
  get roles(): Order {
    return this.#roles;
  }

  /** The frameworks of one role: first come first. */
  frameworks(role: string): Order {
    let order = this.#frameworks.get(role);
    if (order === undefined) {
      const tree = this.state.clients.get(role);
      if (tree === undefined) throw new RangeError(`no framework is in role ${role}`);
      order = this.#open(tree, role);
      this.#frameworks.set(role, order);
    }
    return order;
  }

  /** What is left of an agent at this moment of the run. */
  left(agent: AllocatorAgent): Resources {
    return this.#left.get(agent.id) ?? agent.free;
  }

  /**
   * How many offers a framework has to answer when all is granted, besides one of this agent in this role: what is added
   * to an offer of this run makes no other one (ALLOC-8).
   */
  offersBeside(framework: AllocatorFramework, role: string, agent: string): number {
    const mine = this.#offers.get(framework.id);
    const out = offersOutOf(this.state, framework.id);
    if (mine === undefined) return out;
    return out + mine.size - (mine.has(offerKey(role, agent)) ? 1 : 0);
  }

  /** What a framework would be offered of an agent in a role, or why nothing. Remembers until when filters withhold it. */
  judge(agent: AllocatorAgent, framework: AllocatorFramework, role: string): Verdict {
    const { state } = this;
    const free = this.left(agent);
    const offersBeside = this.offersBeside(framework, role, agent.id);
    const room = this.room(role);
    const verdict = judge({ state, agent, free, framework, role, offersBeside, room });
    if (verdict.refusal?.code === 'filtered') this.#park(verdict.refusal.firstBatch);
    return verdict;
  }

  /** Whether filters hide this part of what a framework could be offered (FILT-1). Remembers until when. */
  isHidden(agent: AllocatorAgent, id: string, role: string, part: Resources): boolean {
    const framework = this.state.frameworks.get(id);
    const filter = framework && hidingFilter(this.state, agent, framework, role, part);
    if (filter === undefined) return false;
    this.#park(firstBatchWithout(filter, this.state.config.allocationIntervalMs));
    return true;
  }

  /** Gives: shares, order and what is left follow at once (ALLOC-4). */
  grant(grant: Grant, agent: AllocatorAgent): void {
    const { framework, role, resources } = grant;
    this.#left.set(agent.id, subtract(this.left(agent), resources));
    this.#quota?.take(role, resources);
    this.#roles.allocated(
      role,
      newScalars(agent, resources, (held) => held.role === role),
    );
    this.frameworks(role).allocated(
      framework,
      newScalars(agent, resources, (held) => held.role === role && held.framework === framework),
    );
    if (this.state.config.maxOffersPerFramework !== null) this.#noteOffer(grant);
    this.grants.push(grant);
  }

  #noteOffer({ framework, role, agent }: Grant): void {
    const mine = this.#offers.get(framework);
    if (mine === undefined) this.#offers.set(framework, new Set([offerKey(role, agent)]));
    else mine.add(offerKey(role, agent));
  }

  /** Whether anything is left of an agent. */
  isSpent(agent: AllocatorAgent): boolean {
    return isEmpty(this.left(agent));
  }

  #park(batch: number): void {
    if (this.parkedUntil === null || batch < this.parkedUntil) this.parkedUntil = batch;
  }

  /** Opens the order of all roles, or of the frameworks in one: a framework's luck in one role is not its luck in another. */
  #open(tree: AllocatorState['shares'], role = ''): Order {
    const { config, now, runs, total } = this.state;
    const place = hashText(role);
    return openOrder({
      tree,
      total,
      rule: this.#rule,
      exclude: this.#exclude,
      now,
      draw: (path) => unitExponential(config.seed, runs, this.#agentHash, place, hashText(path)),
    });
  }
}

/** A role holds no blank, so no two keys meet. */
function offerKey(role: string, agent: string): string {
  return `${role} ${agent}`;
}

/** The scalars of a grant; of something shared, further copies beside those that are held add nothing (SORT-9). */
export function newScalars(agent: AllocatorAgent, granted: Resources, counts: (held: Holding) => boolean): Quantities {
  if (!hasShared(granted)) return quantitiesFromScalarResources(granted);
  const held = agent.held.filter(counts);
  const after = scalarsOf([...held, { framework: '', role: '', resources: granted }]);
  return quantitiesSubtract(after, scalarsOf(held));
}
