/**
 * A policy that cannot run for ever as long as it looks at anything on the way: every field that it reads is counted, and
 * beyond a bound reading throws. What it gets to see is otherwise what it is without the guard.
 */
import { drf, type Client, type OrderRule } from '../../drf/index.js';
import {
  isAllocationPolicy,
  type AgentView,
  type AllocationPolicy,
  type AllocationView,
  type Candidate,
  type Policy,
} from '../../offers/index.js';

/** Counts what a policy reads in one run. */
export class Patience {
  readonly #most: number;
  #left: number;

  /** @param most - how many fields may be read in one run. */
  constructor(most: number) {
    this.#most = most;
    this.#left = most;
  }

  /** A run begins. */
  renew(): void {
    this.#left = this.#most;
  }

  /** @throws Error when it is used up. */
  spend(): void {
    this.#left -= 1;
    if (this.#left < 0) throw new Error(`the policy looked at ${this.#most} things in one run, and went on`);
  }
}

/** The policy, guarded. `drf` is ours and needs none; as itself it goes the way that it goes in production. */
export function guarded(policy: Policy, patience: Patience): Policy {
  if (policy === drf) return policy;
  return isAllocationPolicy(policy) ? guardedPolicy(policy, patience) : guardedRule(policy, patience);
}

function guardedRule(rule: OrderRule, patience: Patience): OrderRule {
  const { name, changesWith, flat } = rule;
  return {
    name,
    ...(changesWith === undefined ? {} : { changesWith }),
    ...(flat === undefined ? {} : { flat }),
    rank: (client) => rule.rank(watched<Client>(client, patience)),
  };
}

function guardedPolicy(policy: AllocationPolicy, patience: Patience): AllocationPolicy {
  return { name: policy.name, allocate: (view) => policy.allocate(watchedView(view, patience)) };
}

function watchedView(view: AllocationView, patience: Patience): AllocationView {
  return {
    now: view.now,
    total: view.total,
    *agents() {
      patience.spend();
      for (const agent of view.agents()) {
        patience.spend();
        yield watched<AgentView>(agent, patience);
      }
    },
    *candidates(agent) {
      patience.spend();
      for (const candidate of view.candidates(agent)) {
        patience.spend();
        yield watched<Candidate>(candidate, patience);
      }
    },
  };
}

/** The same object but that reading a field of it is counted. */
function watched<T extends object>(seen: T, patience: Patience): T {
  return new Proxy(seen, {
    get(target, key) {
      patience.spend();
      // The target itself is asked, since it may keep to itself what no proxy may read.
      return Reflect.get(target, key, target) as unknown;
    },
  });
}
