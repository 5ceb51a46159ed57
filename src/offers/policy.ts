import { PolicyError, type Client, type OrderRule } from '../drf/index.js';
import type { Attributes, Quantities, Resources } from '../resources/index.js';

/** One agent as a policy sees it. Resources are in unallocated form. */
export interface AgentView {
  readonly id: string;
  readonly hostname: string;
  readonly attributes: Attributes;
  /** What is left of it at this moment of the run. */
  readonly free: Resources;
  readonly total: Resources;
}

/** A framework in a role that may be granted something of one agent now. */
export interface Candidate {
  readonly framework: string;
  readonly role: string;
  /** The most that it may get of this agent: filters, minimum, capabilities and limits are already honoured. */
  readonly most: Resources;
  /** The framework within its role. */
  readonly client: Client;
  /** The role among all roles. */
  readonly roleClient: Client;
}

/** What a policy decides: these resources of this agent for this framework in this role. */
export interface Grant {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
  readonly resources: Resources;
}

/** What a policy may look at. Everything reflects the grants yielded so far. */
export interface AllocationView {
  readonly now: number;
  /** Scalars of all agents. */
  readonly total: Quantities;
  /** The agents of this run with something to give, in the configured order. */
  agents(): Iterable<AgentView>;
  /**
   * Who may be granted something of this agent, first come first by shares; filters, suppression and limits are applied.
   * It may be left early, and granted from while it is walked: `most` is what is left by then.
   */
  candidates(agent: AgentView): Iterable<Candidate>;
}

/**
 * Full control over a run. `allocate` is consumed lazily: after each yielded grant, free resources, `most`, candidates,
 * order and shares reflect it. A grant above `most`, of an unknown id, or twice for one framework, role and agent fails
 * the run: it gives nothing, the host is told by `policy-failed`, and the next batch tries again.
 *
 * A grant of less than `most` may be just what the framework refused a moment ago. That is no mistake, for nobody told
 * the policy: such a grant is passed over.
 *
 * It must be pure: the same view, the same grants.
 */
export interface AllocationPolicy {
  readonly name: string;
  allocate(view: AllocationView): Iterable<Grant>;
}

/** Accepted everywhere a policy is. An order rule runs on the fast path; `drf` is one, and the default. */
export type Policy = OrderRule | AllocationPolicy;

/** Whether a policy decides everything itself, or only who comes first. */
export function isAllocationPolicy(policy: Policy): policy is AllocationPolicy {
  return 'allocate' in policy;
}

/** How a policy broke its contract; never leaves `transition`, becomes `policy-failed`. */
export interface PolicyFailure {
  readonly policy: string;
  readonly code: string;
  readonly message: string;
}

/** Describes whatever a policy threw, without trusting it to be an Error. */
export function policyFailure(policy: Policy, thrown: unknown): PolicyFailure {
  const name = typeof policy.name === 'string' ? policy.name : '';
  if (thrown instanceof PolicyError) return { policy: name, code: thrown.code, message: thrown.message };
  const message = thrown instanceof Error ? thrown.message : 'a value that is not an Error was thrown';
  return { policy: name, code: 'policy-threw', message };
}
