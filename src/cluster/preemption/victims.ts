/**
 * Where room could be made for what somebody asks, and at whose cost. Nobody is asked for more than it has beyond what it is
 * entitled to, and nobody who would then have less of its own than the one it is taken for.
 */
import { dominantShare } from '../../drf/index.js';
import {
  freeOf,
  hidingFilter,
  judge,
  mayBeOffered,
  QuotaBook,
  offersOutOf,
  withMoreFree,
  type AllocatorAgent,
  type AllocatorFramework,
  type Holding,
} from '../../offers/index.js';
import {
  add,
  compareText,
  contains,
  hasRevocable,
  quantitiesFromScalarResources,
  subtract,
  type Quantities,
  type Resources,
} from '../../resources/index.js';
import { offersOn } from '../outstanding.js';
import type { Draft } from '../draft.js';
import type { Task } from '../state.js';
import { liveTask, type Standings } from './entitlements.js';

/** What a framework asks for in a role, of one agent; `agent` null = of any. */
export interface Ask {
  readonly framework: AllocatorFramework;
  readonly role: string;
  readonly agent: string | null;
  readonly resources: Resources;
}

/** How room is made on an agent. */
export interface Plan {
  readonly agent: string;
  /** Offers to take back. */
  readonly offers: readonly string[];
  /** Tasks that may be ended, the first to go first. */
  readonly victims: readonly Task[];
  /** Tasks that may not: their frameworks can only be asked. */
  readonly asked: readonly Task[];
}

/** Something that could be given back. */
interface Part extends Holding {
  /** What it costs: nothing, as it is ending anyway; an offer; a task that may be ended; one that may not. */
  readonly cost: 'ending' | 'offer' | 'victim' | 'asked';
  readonly offer?: string;
  readonly task?: Task;
}

const dearness = { ending: 0, offer: 1, victim: 2, asked: 3 } as const satisfies Record<Part['cost'], number>;

/** Shares are sums of quotients: what differs by less is equal. */
const epsilon = 1e-9;

/** Looks for room, under the cluster as it is and what was decided so far. */
export class RoomFinder {
  readonly #draft: Draft;
  readonly #standings: Standings;
  readonly #patienceMs: number;
  readonly #quotas: QuotaBook | undefined;

  constructor(draft: Draft, standings: Standings, patienceMs: number) {
    this.#draft = draft;
    this.#standings = standings;
    this.#patienceMs = patienceMs;
    this.#quotas = draft.allocator.quotas.size === 0 ? undefined : new QuotaBook(draft.allocator);
  }

  /**
   * The cheapest way to make room: without asking for what may not be ended if possible, then with the fewest tasks, the
   * smallest part of the cluster, on the first agent by id. undefined = there is none, or nothing needs to be taken.
   */
  cheapest(ask: Ask): Plan | undefined {
    let best: { readonly plan: Plan; readonly price: readonly number[] } | undefined;
    for (const agent of this.#draft.allocator.agents.values()) {
      if (!this.#mayClaim(agent, ask)) continue;
      if (this.fits(agent, ask)) return undefined;
      const parts = this.#partsFor(agent, ask);
      if (parts === undefined) continue;
      const price = priceOf(parts, this.#draft.allocator.total);
      if (best === undefined || isLess(price, best.price)) best = { plan: planOf(agent.id, parts), price };
    }
    return best?.plan;
  }

  /** Whether what is asked for would be offered if these parts of the agent were free, too. */
  fits(agent: AllocatorAgent, { framework, role, resources }: Ask, parts: readonly Holding[] = []): boolean {
    const { allocator } = this.#draft;
    const free = parts.length === 0 ? agent.free : freeOf(agent.total, without(agent.held, parts));
    if (!contains(free, resources)) return false;
    const room = this.#quotas?.room(role, 'any');
    const { offer } = judge({
      state: allocator,
      agent,
      free,
      framework,
      role,
      offersBeside: offersOutOf(allocator, framework.id),
      room: room && withMoreFree(room, parts),
    });
    // It is offered no more than it asked for, which may be refused where more would not be (I10).
    const isRefused = hidingFilter(allocator, agent, framework, role, resources) !== undefined;
    return offer !== undefined && contains(offer, resources) && !isRefused;
  }

  #mayClaim(agent: AllocatorAgent, ask: Ask): boolean {
    return (
      (ask.agent === null || ask.agent === agent.id) &&
      mayBeOffered(this.#draft.allocator, agent) &&
      agent.maintenance === null &&
      contains(agent.total, ask.resources)
    );
  }

  /** The parts that make room, none of them in vain; undefined = there is not enough. */
  #partsFor(agent: AllocatorAgent, ask: Ask): readonly Part[] | undefined {
    const taken: Part[] = [];
    for (const part of this.#partsOf(agent, ask)) {
      if (!this.#mayTake(part, ask, taken)) continue;
      taken.push(part);
      if (this.fits(agent, ask, taken)) return this.#needed(agent, ask, taken);
    }
    return undefined;
  }

  #needed(agent: AllocatorAgent, ask: Ask, taken: readonly Part[]): readonly Part[] {
    return taken.toReversed().reduce((kept, part) => {
      const fewer = kept.filter((other) => other !== part);
      return this.fits(agent, ask, fewer) ? fewer : kept;
    }, taken);
  }

  /** Everything on an agent that could be given back, the cheapest first. */
  #partsOf({ id }: AllocatorAgent, ask: Ask): readonly Part[] {
    const draft = this.#draft;
    const offers = offersOn(draft, id).map((offer): Part => {
      return {
        framework: offer.framework,
        role: offer.role,
        resources: offer.resources,
        cost: 'offer',
        offer: offer.id,
      };
    });
    const row = draft.agents.get(id);
    const ending = new Set(row?.kills.map(({ framework, task }) => JSON.stringify([framework, task])));
    const tasks = (row?.tasks ?? []).flatMap((ref) => liveTask(draft, ref) ?? []).sort((a, b) => byMercy(a, b));
    const ofTasks = tasks.map((task): Part => {
      const { framework, role, resources } = task;
      const isEnding = ending.has(JSON.stringify([framework, task.id]));
      const cost = isEnding ? 'ending' : mayBeEnded(task, ask) ? 'victim' : 'asked';
      return { framework, role, resources, cost, task };
    });
    return [...offers, ...ofTasks].sort((a, b) => dearness[a.cost] - dearness[b.cost]);
  }

  /** Whether a part may be asked for beside those that are: its role keeps what it is entitled to. */
  #mayTake(part: Part, ask: Ask, taken: readonly Part[]): boolean {
    if (part.cost === 'ending') return true;
    if (part.cost === 'offer') return this.#mayTakeOffer(part);
    if (part.role === ask.role) return false;
    const standings = this.#standings;
    let less = part.resources;
    for (const { role, cost, resources } of taken) {
      if (role === part.role && (cost === 'victim' || cost === 'asked')) less = add(less, resources);
    }
    const giver = standings.of(part.role);
    if (standings.usedBy(part.role, { less }) < giver.entitled - epsilon) return false;
    const taker = standings.of(ask.role);
    const after = standings.usedBy(ask.role, { more: ask.resources });
    // Of what each is entitled to, the one that gets has no more then than the one that gives has now.
    return after <= taker.guaranteed + epsilon || after * giver.entitled <= giver.used * taker.entitled + epsilon;
  }

  /** Who lacks something itself has as long to answer an offer as others wait. */
  #mayTakeOffer({ role, offer }: Part): boolean {
    if (this.#standings.of(role).lacking <= epsilon) return true;
    const at = offer === undefined ? undefined : this.#draft.offers.get(offer)?.offer.at;
    return at !== undefined && this.#draft.now - at >= this.#patienceMs;
  }
}

/** What may be ended for somebody: what is revocable, what says so itself, and what is less urgent than who asks. */
function mayBeEnded({ resources, preemptible, priority }: Task, { framework }: Ask): boolean {
  return hasRevocable(resources) || preemptible || priority < framework.priority;
}

/** Which task goes first: a revocable one, one that says that it may, the least urgent, the one that has done the least. */
function byMercy(a: Task, b: Task): number {
  return (
    Number(hasRevocable(b.resources)) - Number(hasRevocable(a.resources)) ||
    Number(b.preemptible) - Number(a.preemptible) ||
    a.priority - b.priority ||
    b.launchedAt - a.launchedAt ||
    compareText(a.framework, b.framework) ||
    compareText(a.id, b.id)
  );
}

/** What the holders of an agent have without these parts. */
function without(held: readonly Holding[], parts: readonly Holding[]): readonly Holding[] {
  return held.map(({ framework, role, resources }) => {
    const own = parts.filter((part) => part.framework === framework && part.role === role);
    return { framework, role, resources: own.reduce((left, part) => subtract(left, part.resources), resources) };
  });
}

/** To be compared number by number, the smaller is the cheaper. */
function priceOf(parts: readonly Part[], total: Quantities): readonly number[] {
  const tasks = parts.filter(({ cost }) => cost === 'victim' || cost === 'asked');
  const size = tasks.reduce(
    (all, { resources }) => all + dominantShare(quantitiesFromScalarResources(resources), total),
    0,
  );
  return [tasks.filter(({ cost }) => cost === 'asked').length, tasks.length, size];
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((own, index) => own !== b[index]);
  return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0);
}

function planOf(agent: string, parts: readonly Part[]): Plan {
  const tasks = (cost: Part['cost']): readonly Task[] =>
    parts.flatMap((part) => (part.cost === cost ? (part.task ?? []) : []));
  const offers = parts.flatMap(({ offer }) => offer ?? []);
  return { agent, offers, victims: tasks('victim'), asked: tasks('asked') };
}
