/**
 * A run decided by an order rule: agent by agent, everything that it can give goes to the first client that may have it
 * (ALLOC-4). It asks no more than it must: what is the same for all clients of a kind is judged once an agent, who refused
 * is told from bits, and an agent that everybody refused is passed over without looking at anybody.
 */
import { drf, Forest, unitExponential, type OrderRule } from '../drf/index.js';
import {
  contains,
  equals,
  hasShared,
  hashText,
  noResources,
  quantitiesFromScalarResources,
  subtract,
  type Resources,
} from '../resources/index.js';
import { identitiesOf, itemsOf } from '../resources/resources.js';
import { judgeUse } from './eligibility.js';
import { firstBatchAfter } from './filters.js';
import { offersOutOf } from './frameworks.js';
import type { Grant } from './policy.js';
import {
  endsBefore,
  hiddenBits,
  isRunning,
  isWhole,
  leastEnd,
  refusalIn,
  type End,
  type Moment,
  type RefusalGroup,
} from './refusals.js';
import { rosterOf, type ClientRoster, type Kind } from './roster.js';
import { newScalars } from './run.js';
import type { AllocatorAgent, AllocatorFramework, AllocatorState } from './state.js';

/** Nothing is hidden. */
const noGroups: readonly RefusalGroup[] = [];

/** The scratch of one run without quotas. */
export class OrderRun {
  /** In the order in which they were granted. */
  readonly grants: Grant[] = [];
  /** By grant: the place of its agent. */
  readonly places: number[] = [];
  /** By place: what is left of an agent that something was granted of. */
  readonly left: (Resources | undefined)[] = [];
  /** The first batch in which something that a filter withheld would be offered. */
  parkedUntil: number | null = null;
  readonly #state: AllocatorState;
  readonly #forest: Forest;
  readonly #roster: ClientRoster;
  readonly #moment: Moment;
  /** How many offers each framework gets in this run; kept only if they are bounded. */
  readonly #offers = new Map<string, number>();
  #agentHash: number | undefined;
  #agent = '';

  // The agent whose turn it is: what of it each kind could use (null = not judged yet), and what hides it from them.
  readonly #usable: (Resources | undefined | null)[];
  readonly #hiding: (readonly RefusalGroup[] | null)[];
  /** The last agent: of one that is like it, the same can be used. */
  #judged: AllocatorAgent | undefined;
  /** Nothing of it is reserved, so that it depends on the kind alone who can use what. */
  #isForAll = true;

  constructor(state: AllocatorState, rule: OrderRule = drf) {
    const { config, now, batchDue, total, shares, clients, runs } = state;
    this.#state = state;
    this.#moment = { now, batch: batchDue };
    this.#forest = new Forest({
      roles: shares,
      clients,
      total,
      rule,
      exclude: new Set(config.fairnessExclude),
      now,
      // Luck depends on the agent, never on how many were visited before it; and a framework's in one role is not its
      // luck in another.
      draw: (role, path) => unitExponential(config.seed, runs, this.#turn(), hashText(role), hashText(path)),
    });
    this.#roster = rosterOf(state, this.#forest);
    this.#usable = this.#roster.kinds.map(() => null);
    this.#hiding = this.#roster.kinds.map(() => null);
  }

  /** The trees of shares with all that was granted. */
  get forest(): Pick<Forest, 'commit'> {
    return this.#forest;
  }

  /** How many offers a framework has to answer when all is granted. */
  offersBeside(framework: AllocatorFramework): number {
    return offersOutOf(this.#state, framework.id) + (this.#offers.get(framework.id) ?? 0);
  }

  /** Without quotas there is room for everything. */
  room(): undefined {
    return undefined;
  }

  /** Gives what an agent has to whom it may be given. */
  give(agent: AllocatorAgent, place: number): void {
    this.#turnTo(agent);
    if (!this.#isWorthAsking(agent)) return;
    let free = agent.free;
    let parked: End | undefined;
    let rest: readonly number[] | undefined;
    this.#forest.start();
    for (let at = 0; ; at += 1) {
      const client = rest === undefined ? this.#forest.next() : (rest[at] ?? -1);
      if (client === -1) break;
      const offer = this.#usableBy(client, agent, free);
      if (offer === undefined || this.#hasEnough(client)) continue;
      const hidden = this.#hiddenFrom(client, agent, offer);
      if (hidden !== undefined) {
        if (parked === undefined || endsBefore(hidden, parked)) parked = hidden;
        continue;
      }
      const spends = offer === free || equals(offer, free);
      if (!spends && rest === undefined) {
        // The order as it stands at this agent: who comes after is noted before the grant moves anything.
        rest = this.#forest.rest();
        at = -1;
      }
      free = spends ? noResources : subtract(free, offer);
      this.left[place] = free;
      this.#grant(client, agent, place, offer);
      if (spends) return;
      this.#forgetJudgement();
    }
    if (parked !== undefined) this.#park(parked);
  }

  #turn(): number {
    this.#agentHash ??= hashText(this.#agent);
    return this.#agentHash;
  }

  #turnTo(agent: AllocatorAgent): void {
    this.#agent = agent.id;
    this.#agentHash = undefined;
    const before = this.#judged;
    if (before === undefined || !isJudgedAlike(before, agent, this.#roster)) {
      this.#forgetJudgement();
      this.#isForAll = !hasReserved(agent.free);
    } else if (before.refusals !== agent.refusals) this.#hiding.fill(null);
    this.#judged = agent;
  }

  #forgetJudgement(): void {
    this.#judged = undefined;
    this.#usable.fill(null);
    this.#hiding.fill(null);
  }

  /** Whether anybody could be offered something of an agent, as far as that can be said of all at once. */
  #isWorthAsking(agent: AllocatorAgent): boolean {
    if (!this.#isForAll) return true;
    const { kinds } = this.#roster;
    let parked: End | undefined;
    for (let kind = 0; kind < kinds.length; kind += 1) {
      const offer = this.#usableByKind(kind, agent, agent.free);
      if (offer === undefined) continue;
      const end = this.#hiddenFromAll(kind, agent, offer);
      if (end === undefined) return true;
      if (parked === undefined || endsBefore(end, parked)) parked = end;
    }
    if (parked !== undefined) this.#park(parked);
    return false;
  }

  /** If a kind's offer is hidden from all of its clients that take offers: no refusal ends before. */
  #hiddenFromAll(kind: number, agent: AllocatorAgent, offer: Resources): End | undefined {
    const groups = this.#hidingOf(kind, agent, offer);
    if (groups.length === 0) return undefined;
    for (const group of groups)
      if (isWhole(group, this.#state.slots.size, this.#state, this.#moment)) return group.least;
    const takers = this.#roster.takers[kind] as Int32Array;
    let parked: End | undefined;
    for (let word = 0; word < takers.length; word += 1) {
      let open = takers[word] as number;
      for (const group of groups) {
        if (open === 0) break;
        const hidden = open & hiddenBits(group, word, this.#state, this.#moment);
        if (hidden === 0) continue;
        open &= ~hidden;
        const end = leastEnd(group, word, this.#moment);
        if (end !== undefined && (parked === undefined || endsBefore(end, parked))) parked = end;
      }
      if (open !== 0) return undefined;
    }
    return parked;
  }

  #usableBy(client: number, agent: AllocatorAgent, free: Resources): Resources | undefined {
    if (this.#isForAll) return this.#usableByKind(this.#roster.kindOf[client] as number, agent, free);
    const framework = this.#roster.frameworks[client] as AllocatorFramework;
    return judgeUse({ state: this.#state, agent, free, framework, role: this.#forest.roleOf(client) }).offer;
  }

  #usableByKind(number: number, agent: AllocatorAgent, free: Resources): Resources | undefined {
    const known = this.#usable[number];
    if (known !== null) return known;
    const { framework, role } = this.#roster.kinds[number] as Kind;
    const { offer } = judgeUse({ state: this.#state, agent, free, framework, role });
    this.#usable[number] = offer;
    return offer;
  }

  /** What of an agent's refusals hides a kind's offer. */
  #hidingOf(kind: number, { refusals }: AllocatorAgent, offer: Resources): readonly RefusalGroup[] {
    if (refusals.groups.length === 0) return noGroups;
    const known = this.#hiding[kind];
    if (known != null && this.#isForAll) return known;
    const hiding = refusals.groups.filter(({ refused }) => contains(refused, offer));
    this.#hiding[kind] = hiding;
    return hiding;
  }

  /** Until when an offer is hidden from a client; undefined = it is not (FILT-1). */
  #hiddenFrom(client: number, agent: AllocatorAgent, offer: Resources): End | undefined {
    const groups = this.#hidingOf(this.#roster.kindOf[client] as number, agent, offer);
    if (groups.length === 0) return undefined;
    const slot = this.#roster.refusalSlots[client] as number;
    let last: End | undefined;
    for (const group of groups) {
      const end = refusalIn(group, slot, this.#state);
      if (end === undefined || !isRunning(end, this.#moment.now, this.#moment.batch)) continue;
      if (last === undefined || endsBefore(last, end)) last = end;
    }
    return last;
  }

  #hasEnough(client: number): boolean {
    const most = this.#state.config.maxOffersPerFramework;
    return most !== null && this.offersBeside(this.#roster.frameworks[client] as AllocatorFramework) >= most;
  }

  #grant(client: number, agent: AllocatorAgent, place: number, resources: Resources): void {
    const role = this.#forest.roleOf(client);
    const framework = this.#forest.frameworkOf(client);
    this.grants.push({ agent: agent.id, framework, role, resources });
    this.places.push(place);
    if (hasShared(resources)) {
      this.#forest.allocated(
        client,
        newScalars(agent, resources, (held) => held.role === role),
        newScalars(agent, resources, (held) => held.role === role && held.framework === framework),
      );
    } else {
      const scalars = quantitiesFromScalarResources(resources);
      this.#forest.allocated(client, scalars, scalars);
    }
    if (this.#state.config.maxOffersPerFramework !== null) {
      this.#offers.set(framework, (this.#offers.get(framework) ?? 0) + 1);
    }
  }

  #park(end: End): void {
    const batch = firstBatchAfter(end, this.#state.config.allocationIntervalMs);
    if (this.parkedUntil === null || batch < this.parkedUntil) this.parkedUntil = batch;
  }
}

/** Whether of two agents the same can be used by everybody. */
function isJudgedAlike(a: AllocatorAgent, b: AllocatorAgent, { hasConstraints }: ClientRoster): boolean {
  return (
    !hasConstraints &&
    a.free === b.free &&
    a.total === b.total &&
    a.capabilities === b.capabilities &&
    a.domain === b.domain
  );
}

/** Whether any of it is reserved: then it depends on the role who can use what. */
function hasReserved(free: Resources): boolean {
  return identitiesOf(free) !== null && itemsOf(free).some(({ reservations }) => reservations.length > 0);
}
