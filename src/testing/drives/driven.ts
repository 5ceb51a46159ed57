/** A machine under a policy, with all that it was told and what became of it. */
import {
  emptyCluster,
  transition,
  type ClusterState,
  type Input,
  type Offer,
  type Output,
} from '../../cluster/index.js';
import type { Policy } from '../../offers/index.js';
import { guarded, Patience } from './guard.js';

/** How the policy failed in a run. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** One input, and what it led to. */
export interface Step {
  readonly before: ClusterState;
  readonly input: Input;
  readonly after: ClusterState;
  readonly outputs: readonly Output[];
}

/** Drives `transition`, and remembers. */
export class Driven {
  state: ClusterState = emptyCluster();
  readonly inputs: Input[] = [];
  /** The first time that the policy failed. */
  failure: Failure | undefined;
  /** Is shown each step. */
  look: (step: Step) => void = () => {};
  readonly #policy: Policy;
  readonly #patience: Patience;

  /** @param size - agents and frameworks that there will be: the more, the more a policy may look at. */
  constructor(policy: Policy, size: { readonly agents: number; readonly users: number }) {
    this.#patience = new Patience(2_000 + 200 * (size.agents + 1) * (size.users + 1));
    this.#policy = guarded(policy, this.#patience);
  }

  get at(): number {
    return this.state.now;
  }

  tell(input: Input): readonly Output[] {
    this.#patience.renew();
    const before = this.state;
    const [after, outputs] = transition(before, input, this.#policy);
    this.inputs.push(input);
    this.state = after;
    for (const output of outputs) {
      if (output.type === 'policy-failed') this.failure ??= { code: output.code, message: output.message };
    }
    this.look({ before, input, after, outputs });
    return outputs;
  }

  /** What would come of an input; nothing is remembered. */
  peek(input: Input, policy: Policy = this.#policy): readonly Output[] {
    this.#patience.renew();
    return transition(this.state, input, policy)[1];
  }

  /** Goes on from another one, which stays where it is. */
  follow({ state, inputs }: Driven): this {
    this.state = state;
    this.inputs.push(...inputs);
    return this;
  }

  /** Lets the policy decide over all agents at the next second; what is offered. */
  allocate(): readonly Offer[] {
    return offersIn(this.tell({ type: 'allocate', at: this.at + 1_000, agents: 'all' }));
  }

  /** Uses an offer for one task and gives the rest back at once. Whether the task was launched. */
  take(offer: Offer, task: { readonly id: string; readonly resources: string }): boolean {
    const { framework, id } = offer;
    const outputs = this.tell({
      type: 'accept',
      at: this.at,
      connection: framework,
      framework,
      offers: [id],
      operations: [{ type: 'launch', tasks: [{ ...task, payload: null }] }],
      refuseSeconds: 0,
    });
    return outputs.some(({ type }) => type === 'launch');
  }

  decline({ framework, id }: Offer, refuseSeconds: number): void {
    this.tell({ type: 'decline', at: this.at, connection: framework, framework, offers: [id], refuseSeconds });
  }
}

/** All offers among outputs. */
export function offersIn(outputs: readonly Output[]): readonly Offer[] {
  return outputs.flatMap((output) => (output.type === 'offers' ? output.offers : []));
}
