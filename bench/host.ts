/** The host of a cluster in a benchmark: it keeps the newest state and lets time pass; nothing here is timed by itself. */
import {
  emptyCluster,
  mesosDefaults,
  transition,
  type ClusterState,
  type Input,
  type Offer,
  type Output,
} from '../src/cluster/index.js';
import type { Policy } from '../src/offers/index.js';
import type { WorkloadOptions } from './types.js';

const HEARTBEAT_MS = 15_000;

/** An offer, as far as one must know it to answer. */
export type OfferName = Pick<Offer, 'id' | 'framework'>;

/** A cluster that goes on from state to state, as that of a master does. */
export class Host {
  state: ClusterState;
  /** The clock, ms. */
  now = 0;
  readonly policy: Policy;
  /** When agents were last heard. */
  #heardAt = 0;

  constructor({ seed, policy }: Pick<WorkloadOptions, 'seed' | 'policy'>) {
    this.state = emptyCluster({ ...mesosDefaults, seed });
    this.policy = policy;
  }

  /** Gives an input to the cluster. */
  tell(input: Input): readonly Output[] {
    const [next, outputs] = transition(this.state, input, this.policy);
    this.state = next;
    return outputs;
  }

  /** Performs the run that is due, or one of all agents. */
  allocate(agents: 'requested' | 'all' = 'requested'): readonly Output[] {
    return this.tell({ type: 'allocate', at: this.now, agents });
  }

  /** Lets time pass. Agents are heard as often as they said, so none is given up. */
  pass(ms: number): void {
    this.now += ms;
    if (this.now - this.#heardAt >= HEARTBEAT_MS) this.hearAgents();
  }

  /** A heartbeat of each agent. */
  hearAgents(): void {
    for (const agent of this.state.agents.keys()) this.tell({ type: 'heartbeat', at: this.now, agent });
    this.#heardAt = this.now;
  }

  /** A decline as its framework sends it. */
  decline(framework: string, offers: readonly string[], refuseSeconds: number): Input {
    const connection = connectionOf(framework);
    return { type: 'decline', at: this.now, framework, connection, offers, refuseSeconds };
  }

  /** Every framework gives back all that it was offered, and may be offered it again at once. */
  giveBack(offers: readonly OfferName[]): void {
    for (const [framework, ids] of idsByFramework(offers)) this.tell(this.decline(framework, ids, 0));
  }
}

/** Everything that was offered, in the order in which it was. */
export function offersIn(outputs: readonly Output[]): readonly Offer[] {
  return outputs.flatMap((output) => (output.type === 'offers' ? output.offers : []));
}

/** Ids of offers, by framework. */
export function idsByFramework(offers: readonly OfferName[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>();
  for (const { framework, id } of offers) {
    const mine = ids.get(framework);
    if (mine === undefined) ids.set(framework, [id]);
    else mine.push(id);
  }
  return ids;
}

/** The id of the framework of a number. */
export function frameworkId(n: number): string {
  return `framework${n}`;
}

/** The connection of a framework. */
export function connectionOf(framework: string): string {
  return `c-${framework}`;
}

/** The number behind an id that was made here. */
export function numberOf(id: string): number {
  return Number(/\d+$/.exec(id)?.[0]);
}

/** What comes off a wire: equal, and no object or text of it is one that somebody holds already. */
export function wire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
