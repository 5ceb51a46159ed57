/** What a run has granted so far, by number: found by grant, and by agent in the order of its grants. */
import { add, type Resources } from '../resources/index.js';

/** None. */
const none = -1;

/** The grants of a run. Agents and clients are numbers of whoever keeps the book. */
export class GrantBook {
  /** By grant, in the order in which they were granted. */
  readonly clients: number[] = [];
  readonly agents: number[] = [];
  readonly resources: Resources[] = [];
  /** By grant: the next one of the same agent. */
  readonly #next: number[] = [];
  /** By agent: its first grant, and its last. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** By agent and client: the grant that {@link merge} made. */
  readonly #merged = new Map<number, number>();

  constructor(agents: number) {
    this.#first = new Int32Array(agents).fill(none);
    this.#last = new Int32Array(agents).fill(none);
  }

  /** A grant more. */
  add(client: number, agent: number, resources: Resources): void {
    const grant = this.clients.push(client) - 1;
    this.agents.push(agent);
    this.resources.push(resources);
    this.#next.push(none);
    const last = this.#last[agent] as number;
    if (last === none) this.#first[agent] = grant;
    else this.#next[last] = grant;
    this.#last[agent] = grant;
  }

  /** As {@link add}, but what a client gets of one agent in several stages is one grant (ALLOC-8). */
  merge(client: number, agent: number, resources: Resources): void {
    const key = client * this.#first.length + agent;
    const grant = this.#merged.get(key);
    if (grant === undefined) {
      this.#merged.set(key, this.clients.length);
      this.add(client, agent, resources);
    } else this.resources[grant] = add(this.resources[grant] as Resources, resources);
  }

  /** Visits the grants of an agent, first come first. */
  each(agent: number, visit: (grant: number) => void): void {
    for (let grant = this.#first[agent] as number; grant !== none; grant = this.#next[grant] as number) visit(grant);
  }
}
