/**
 * The division of a policy among frameworks that always want more: the drive of the paper's theorem 7 (Ghodsi et al., NSDI
 * 2011, §6.3). One agent is filled at a time. Whoever is offered something takes one task and gives the rest back; tasks never
 * end. When nobody who was offered something could take a task, the agent is closed: nobody is passed over for one who comes
 * later. So whoever was granted a task was first at that moment, and what two have differs by no more than one task.
 */
import type { Input } from '../../cluster/index.js';
import type { Policy } from '../../offers/index.js';
import { contains, resources } from '../../resources/index.js';
import { amountsText } from '../laws/show.js';
import type { Trial } from '../laws/trial.js';
import { Driven } from './driven.js';
import { openingOf } from './opening.js';

/** What everybody has in the end. */
export interface Filled {
  /** In the order of the users. */
  readonly tasks: readonly number[];
  /** All that was told. */
  readonly inputs: readonly Input[];
}

/** Drives a policy. It can be gone on with after the agents were filled. */
export class Filling {
  readonly driven: Driven;
  readonly tasks: number[];
  readonly #trial: Trial;
  readonly #demands: readonly string[];
  readonly #places: ReadonlyMap<string, number>;

  constructor(trial: Trial, policy: Policy) {
    const { kinds, users, agents } = trial;
    this.#trial = trial;
    this.#demands = users.map(({ demand }) => amountsText(kinds, demand));
    this.#places = new Map(users.map(({ name }, i) => [name, i]));
    this.tasks = users.map(() => 0);
    this.driven = new Driven(policy, { agents: agents.length, users: users.length });
    for (const input of openingOf(trial)) this.driven.tell(input);
  }

  /** Fills agent after agent. */
  fill(): this {
    const { agents } = this.#trial;
    for (const { id } of agents) {
      if (agents.length > 1) this.#open([id]);
      while (this.round(0)) {
        // The next task.
      }
    }
    return this;
  }

  /**
   * Fills what is left, agents side by side: who cannot take a task of an agent does not look at it again, so that others
   * may.
   */
  goOn(): this {
    const { agents, users } = this.#trial;
    if (agents.length > 1) this.#open(null);
    // Each round launches something or ends a client's interest in an agent; some are left for a policy that dawdles.
    let idle = 0;
    for (let rounds = 10 + 4 * agents.length * users.length; rounds > 0 && idle < 2; rounds -= 1) {
      const before = this.driven.inputs.length;
      if (this.round(dayInSeconds)) rounds += 1;
      idle = this.driven.inputs.length === before + 1 ? idle + 1 : 0;
    }
    return this;
  }

  get filled(): Filled {
    return { tasks: [...this.tasks], inputs: [...this.driven.inputs] };
  }

  /** One run: whoever is offered enough takes one task. Whether anybody did. */
  round(refuseSeconds: number): boolean {
    let isTaken = false;
    for (const offer of this.driven.allocate()) {
      const user = this.#places.get(offer.framework);
      const demand = user === undefined ? '' : (this.#demands[user] ?? '');
      if (user !== undefined && contains(offer.resources, resources(demand))) {
        const count = (this.tasks[user] ?? 0) + 1;
        if (this.driven.take(offer, { id: `${offer.framework}${count}`, resources: demand })) {
          this.tasks[user] = count;
          isTaken = true;
        }
      } else this.driven.decline(offer, refuseSeconds);
    }
    return isTaken;
  }

  #open(hosts: readonly string[] | null): void {
    this.driven.tell({ type: 'set-whitelist', at: this.driven.at, hosts });
  }
}

const dayInSeconds = 86_400;
