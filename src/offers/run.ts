/**
 * One allocation run as scratch: it reads the draft, and nothing is written until `commit`. A policy that fails half-way
 * leaves no trace.
 */
import { drf, openOrder, type Order, type OrderRule } from '../drf/index.js';
import {
  isEmpty,
  mix,
  hashText,
  quantitiesFromScalarResources,
  subtract,
  unitFrom,
  type Resources,
} from '../resources/index.js';
import { judge, type Verdict } from './eligibility.js';
import { firstBatchWithout, hidingFilter } from './filters.js';
import type { Grant } from './policy.js';
import type { AllocatorAgent, AllocatorFramework, AllocatorState } from './state.js';

/** The scratch of one run. */
export class AllocationRun {
  readonly state: AllocatorState;
  /** In the order in which they were granted; at most one per framework, role and agent (ALLOC-8). */
  readonly grants: Grant[] = [];
  /** The first batch in which something that a filter withheld would be offered. */
  parkedUntil: number | null = null;
  readonly #rule: OrderRule;
  readonly #exclude: ReadonlySet<string>;
  readonly #roles: Order;
  readonly #frameworks = new Map<string, Order>();
  readonly #left = new Map<string, Resources>();
  #agentHash = 0;

  constructor(state: AllocatorState, rule: OrderRule = drf) {
    this.state = state;
    this.#rule = rule;
    this.#exclude = new Set(state.config.fairnessExclude);
    this.#roles = this.#open(state.shares);
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
      order = this.#open(tree);
      this.#frameworks.set(role, order);
    }
    return order;
  }

  /** What is left of an agent at this moment of the run. */
  left(agent: AllocatorAgent): Resources {
    return this.#left.get(agent.id) ?? agent.free;
  }

  /** What a framework would be offered of an agent in a role, or why nothing. Remembers until when filters withhold it. */
  judge(agent: AllocatorAgent, framework: AllocatorFramework, role: string): Verdict {
    const { config, now, batchDue } = this.state;
    const verdict = judge({ config, agent, free: this.left(agent), framework, role, now, batch: batchDue });
    if (verdict.refusal?.code === 'filtered') this.#park(verdict.refusal.firstBatch);
    return verdict;
  }

  /** Whether filters hide this part of what a framework could be offered (FILT-1). Remembers until when. */
  isHidden(agent: AllocatorAgent, id: string, role: string, part: Resources): boolean {
    const framework = this.state.frameworks.get(id);
    const { config, now, batchDue } = this.state;
    const filter = framework && hidingFilter(agent, framework, role, part, { now, batch: batchDue });
    if (filter === undefined) return false;
    this.#park(firstBatchWithout(filter, config.allocationIntervalMs));
    return true;
  }

  /** Gives: shares, order and what is left follow at once (ALLOC-4). */
  grant(grant: Grant, agent: AllocatorAgent): void {
    const scalars = quantitiesFromScalarResources(grant.resources);
    this.#left.set(agent.id, subtract(this.left(agent), grant.resources));
    this.#roles.allocated(grant.role, scalars);
    this.frameworks(grant.role).allocated(grant.framework, scalars);
    this.grants.push(grant);
  }

  /** Whether anything is left of an agent. */
  isSpent(agent: AllocatorAgent): boolean {
    return isEmpty(this.left(agent));
  }

  #park(batch: number): void {
    if (this.parkedUntil === null || batch < this.parkedUntil) this.parkedUntil = batch;
  }

  #open(tree: AllocatorState['shares']): Order {
    const { config, now, runs, total } = this.state;
    return openOrder({
      tree,
      total,
      rule: this.#rule,
      exclude: this.#exclude,
      now,
      // A unit exponential variate: the least of draw / weight comes first with a chance proportional to its weight.
      draw: (path) => {
        const hash = hashText(path);
        const half = (which: number): number => mix(config.seed, runs, this.#agentHash, hash, which);
        return -Math.log(1 - unitFrom(half(1), half(2)));
      },
    });
  }
}
