/**
 * A run decided by an order rule: agent by agent, everything that it can give goes to the first client that may have it
 * (ALLOC-4). It asks no more than it must: what is the same for all clients of a kind is judged once an agent, who refused
 * is told from bits, and an agent that everybody refused is passed over without looking at anybody.
 */
import { drf, Forest, unitExponential, type OrderRule } from '../drf/index.js';
import {
  add,
  contains,
  equals,
  hasShared,
  hashText,
  isEmpty,
  isPlainScalars,
  noQuantities,
  noResources,
  quantitiesFromScalarResources,
  subtract,
  type Quantities,
  type Resources,
} from '../resources/index.js';
import { millisOf, namesOf } from '../resources/quantities.js';
import { bagOf, someOther } from '../resources/resources.js';
import { judgeUse, meetsMinimum, minimumsFor } from './eligibility.js';
import { firstBatchAfter } from './filters.js';
import { offersOutOf } from './frameworks.js';
import type { RunEnd } from './plan.js';
import type { Grant } from './policy.js';
import { withinQuota, type QuotaRoom, type QuotaStage } from './quota.js';
import { QuotaBook } from './quota-book.js';
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

/** The scratch of one run. */
export class OrderRun implements RunEnd {
  /** In the order in which they were granted; one for each framework, role and agent (ALLOC-8). */
  readonly grants: Grant[] = [];
  /** By grant: the place of its agent. */
  readonly places: number[] = [];
  /** By place: what is left of an agent that something was granted of. */
  readonly left: (Resources | undefined)[] = [];
  /** The first batch in which something that a filter withheld would be offered. */
  parkedUntil: number | null = null;
  /** Somebody had as many offers as it may: when it has fewer, any agent may be for it. */
  metBound = false;
  readonly #state: AllocatorState;
  readonly #forest: Forest;
  readonly #roster: ClientRoster;
  readonly #moment: Moment;
  /** The offers that each framework gets in this run, by client and place; kept only if they are bounded. */
  readonly #offers = new Map<string, Set<string>>();
  /** undefined = nobody has a quota, and nothing is looked at for it. */
  readonly #quota: QuotaBook | undefined;
  /** Which grant a client has of an agent already, by both; kept only if there are stages. */
  readonly #granted = new Map<number, number>();
  #stage: QuotaStage = 'any';
  /**
   * All that is free counts towards quotas. Otherwise who may have no more of what counts may still have what does not:
   * ports, or what is reserved to him.
   */
  #isAllCounted = false;

  // The agent whose turn it is.
  #agent = '';
  #agentHash: number | undefined;
  /** Who was granted something of it, and what. */
  readonly #takers: number[] = [];
  readonly #taken: Resources[] = [];
  /** How many these are: the lists are longer, to make one shorter costs more than all else. */
  #turnGrants = 0;
  /** The resources that were counted last, and their scalars: mostly many agents have the same. */
  #counted: Resources = noResources;
  #scalars: Quantities = noQuantities;
  /** By kind: what of it could be used; null = not judged yet. And which of its refusals hide that. */
  readonly #usable: (Resources | undefined | null)[];
  readonly #hiding: (readonly RefusalGroup[] | null)[];
  /** The last agent, and what was free of it: of one that is like it, the same can be used. */
  #judged: AllocatorAgent | undefined;
  #judgedFree: Resources = noResources;
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
    this.#quota = state.quotas.size === 0 ? undefined : new QuotaBook(state);
  }

  /** The trees of shares with all that was granted. */
  get forest(): Pick<Forest, 'commit'> {
    return this.#forest;
  }

  /** How many offers a framework has to answer when all is granted, of this run those of other agents and roles. */
  offersBeside(framework: AllocatorFramework, role: string, agent: string): number {
    const out = offersOutOf(this.#state, framework.id);
    const mine = this.#offers.get(framework.id);
    if (mine === undefined) return out;
    return out + mine.size - (mine.has(offerKey(role, agent)) ? 1 : 0);
  }

  /** What quotas leave to a role when all is granted; undefined = there are none. */
  room(role: string): QuotaRoom | undefined {
    return this.#quota?.room(role, this.#stage);
  }

  /**
   * Gives what agents have, in the order given: first what is guaranteed and not held yet, then the rest by fair shares
   * (QUOTA-6, QUOTA-7).
   *
   * @param places by agent: where it stands among all that the run looks at
   */
  perform(agents: readonly AllocatorAgent[], places: readonly number[], order: ArrayLike<number>): void {
    const quota = this.#quota;
    if (quota === undefined) {
      for (let turn = 0; turn < order.length; turn += 1) this.#giveNext(agents, places, order[turn] as number);
      return;
    }
    this.#stage = 'guarantees';
    this.#forest.restrict((role) => quota.isOwed(quota.line(role)));
    for (let turn = 0; turn < order.length && quota.owesAnybody; turn += 1) {
      this.#giveNext(agents, places, order[turn] as number);
    }
    this.#stage = 'fair-share';
    this.#isAllCounted = agents.every(({ free }) => isPlainScalars(free));
    this.#forest.restrict((role) => !this.#isAllCounted || !quota.isFull(quota.line(role)));
    for (let turn = 0; turn < order.length; turn += 1) this.#giveNext(agents, places, order[turn] as number);
  }

  #giveNext(agents: readonly AllocatorAgent[], places: readonly number[], at: number): void {
    this.#give(agents[at] as AllocatorAgent, places[at] as number);
  }

  /** Gives what is left of an agent to whom it may be given. */
  #give(agent: AllocatorAgent, place: number): void {
    let free = this.left[place] ?? agent.free;
    if (this.#stage === 'fair-share' && this.#quota?.hasSurplus === false && isPlainScalars(free)) return;
    this.#turnTo(agent, free);
    if (!this.#isWorthAsking(agent, free)) return;
    let parked: End | undefined;
    this.#forest.start();
    for (let client = this.#forest.next(); client !== -1; client = this.#forest.next()) {
      if (this.#stage === 'guarantees' && !this.#isOwed(client)) {
        this.#forest.leaveRole();
        continue;
      }
      const offer = this.#offerTo(client, agent, free);
      if (offer === undefined || this.#hasEnough(client, agent)) continue;
      const hidden = this.#hiddenFrom(client, agent, offer);
      if (hidden !== undefined) {
        if (parked === undefined || endsBefore(hidden, parked)) parked = hidden;
        continue;
      }
      const spends = offer === free || equals(offer, free);
      free = spends ? noResources : subtract(free, offer);
      this.#grant(client, agent, place, offer);
      this.left[place] = free;
      if (spends) {
        parked = undefined;
        break;
      }
      this.#forgetJudgement(free);
      if (!this.#isOfUse(agent, free)) break;
    }
    this.#endTurn(agent);
    if (parked !== undefined) this.#park(parked);
  }

  #turn(): number {
    this.#agentHash ??= hashText(this.#agent);
    return this.#agentHash;
  }

  #turnTo(agent: AllocatorAgent, free: Resources): void {
    this.#agent = agent.id;
    this.#agentHash = undefined;
    const before = this.#judged;
    if (before === undefined || free !== this.#judgedFree || !isJudgedAlike(before, agent, this.#roster)) {
      this.#forgetJudgement(free);
    } else if (before.refusals !== agent.refusals) this.#hiding.fill(null);
    this.#judged = agent;
  }

  #forgetJudgement(free: Resources): void {
    this.#judged = undefined;
    this.#judgedFree = free;
    this.#isForAll = !hasReserved(free);
    this.#usable.fill(null);
    this.#hiding.fill(null);
  }

  /** Whether anybody could use something of what is left of an agent, as far as that can be said of all at once. */
  #isOfUse(agent: AllocatorAgent, free: Resources): boolean {
    if (!this.#isForAll) return true;
    const { kinds } = this.#roster;
    for (let kind = 0; kind < kinds.length; kind += 1) {
      if (this.#usableByKind(kind, agent, free) !== undefined) return true;
    }
    return false;
  }

  /** Whether anybody could be offered something of an agent, as far as that can be said of all at once. */
  #isWorthAsking(agent: AllocatorAgent, free: Resources): boolean {
    if (!this.#isForAll) return true;
    const { kinds } = this.#roster;
    let parked: End | undefined;
    for (let kind = 0; kind < kinds.length; kind += 1) {
      const offer = this.#usableByKind(kind, agent, free);
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
    if (groups.length === 0 || !this.#isClosed(kind, groups)) return undefined;
    let parked: End | undefined;
    for (const group of groups) {
      const end = leastEnd(group, this.#state, this.#moment);
      if (end !== undefined && (parked === undefined || endsBefore(end, parked))) parked = end;
    }
    return parked;
  }

  /** Whether each of a kind's clients that takes offers is in one of these groups. */
  #isClosed(kind: number, groups: readonly RefusalGroup[]): boolean {
    const { slots } = this.#state;
    if (groups.some((group) => isWhole(group, slots.size, this.#state, this.#moment))) return true;
    const takers = this.#roster.takers[kind] as Int32Array;
    for (let word = 0; word < takers.length; word += 1) {
      let open = takers[word] as number;
      for (const group of groups) open &= ~hiddenBits(group, word, this.#state, this.#moment);
      if (open !== 0) return false;
    }
    return true;
  }

  /** What a client could be offered of an agent, but for filters and for how many offers it has. */
  #offerTo(client: number, agent: AllocatorAgent, free: Resources): Resources | undefined {
    const usable = this.#isForAll
      ? this.#usableByKind(this.#roster.kindOf[client] as number, agent, free)
      : judgeUse({
          state: this.#state,
          agent,
          free,
          framework: this.#roster.frameworks[client] as AllocatorFramework,
          role: this.#forest.roleOf(client),
        }).offer;
    if (usable === undefined || this.#quota === undefined) return usable;
    const offer = this.#withinQuota(client, usable, this.#quota);
    if (offer === undefined || offer === usable) return offer;
    const framework = this.#roster.frameworks[client] as AllocatorFramework;
    const minimums = minimumsFor(this.#state.config, framework, this.#forest.roleOf(client));
    return meetsMinimum(offer, minimums) ? offer : undefined;
  }

  /** What of it quotas leave to the client's role: amounts alone where it has nothing else. */
  #withinQuota(client: number, usable: Resources, quota: QuotaBook): Resources | undefined {
    const role = this.#forest.roleOf(client);
    if (!isPlainScalars(usable)) {
      const offer = withinQuota(usable, quota.room(role, this.#stage));
      return isEmpty(offer) ? undefined : offer;
    }
    const amounts = quantitiesFromScalarResources(usable);
    const given: number[] = [];
    if (!quota.allowed(quota.line(role), this.#stage, namesOf(amounts), millisOf(amounts), given)) return undefined;
    return millisOf(amounts).every((milli, i) => milli === given[i]) ? usable : bagOf(namesOf(amounts), given, null);
  }

  /** Whether this stage can give more to a client's role: what that has only grows in a run. */
  #getsMore(client: number, quota: QuotaBook): boolean {
    if (this.#stage === 'guarantees') return this.#isOwed(client);
    return !this.#isAllCounted || !quota.isFull(quota.line(this.#forest.roleOf(client)));
  }

  #isOwed(client: number): boolean {
    const quota = this.#quota;
    return quota === undefined || quota.isOwed(quota.line(this.#forest.roleOf(client)));
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
    // What quotas leave differs from role to role.
    if (known != null && this.#isForAll && this.#quota === undefined) return known;
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

  #hasEnough(client: number, agent: AllocatorAgent): boolean {
    const most = this.#state.config.maxOffersPerFramework;
    if (most === null) return false;
    const framework = this.#roster.frameworks[client] as AllocatorFramework;
    if (this.offersBeside(framework, this.#forest.roleOf(client), agent.id) < most) return false;
    this.metBound = true;
    return true;
  }

  /** Notes a grant. What quotas leave follows at once, the order when the agent's turn is over: until then it stands. */
  #grant(client: number, agent: AllocatorAgent, place: number, resources: Resources): void {
    const role = this.#forest.roleOf(client);
    const framework = this.#forest.frameworkOf(client);
    const grant = { agent: agent.id, framework, role, resources };
    this.#takers[this.#turnGrants] = client;
    this.#taken[this.#turnGrants] = resources;
    this.#turnGrants += 1;
    if (this.#quota === undefined) this.#add(grant, place);
    else {
      this.#quota.take(role, resources);
      this.#merge(grant, client, place);
    }
    if (this.#state.config.maxOffersPerFramework === null) return;
    const mine = this.#offers.get(framework);
    if (mine === undefined) this.#offers.set(framework, new Set([offerKey(role, agent.id)]));
    else mine.add(offerKey(role, agent.id));
  }

  #add(grant: Grant, place: number): void {
    this.grants.push(grant);
    this.places.push(place);
  }

  /** What both stages give a client of an agent is one grant. */
  #merge(grant: Grant, client: number, place: number): void {
    const key = place * this.#forest.layout.paths.length + client;
    const index = this.#granted.get(key);
    if (index === undefined) {
      this.#granted.set(key, this.grants.length);
      this.#add(grant, place);
      return;
    }
    const before = this.grants[index] as Grant;
    this.grants[index] = { ...before, resources: add(before.resources, grant.resources) };
  }

  /** Who was granted something moves to a new place; roles that get no more in this stage go. */
  #endTurn(agent: AllocatorAgent): void {
    for (let index = 0; index < this.#turnGrants; index += 1) {
      const client = this.#takers[index] as number;
      const resources = this.#taken[index] as Resources;
      if (hasShared(resources)) {
        const role = this.#forest.roleOf(client);
        const framework = this.#forest.frameworkOf(client);
        this.#forest.allocated(
          client,
          newScalars(agent, resources, (held) => held.role === role),
          newScalars(agent, resources, (held) => held.role === role && held.framework === framework),
        );
      } else {
        const scalars = this.#scalarsOf(resources);
        this.#forest.allocated(client, scalars, scalars);
      }
    }
    if (this.#quota !== undefined) {
      for (let index = 0; index < this.#turnGrants; index += 1) {
        const client = this.#takers[index] as number;
        if (!this.#getsMore(client, this.#quota)) this.#forest.withdraw(client);
      }
    }
    this.#turnGrants = 0;
  }

  #scalarsOf(resources: Resources): Quantities {
    if (resources !== this.#counted) {
      this.#counted = resources;
      this.#scalars = quantitiesFromScalarResources(resources);
    }
    return this.#scalars;
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
  return someOther(free, ({ reservations }) => reservations.length > 0);
}

/** A role holds no blank, so no two keys meet. */
function offerKey(role: string, agent: string): string {
  return `${role} ${agent}`;
}
