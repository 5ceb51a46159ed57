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
import { bagOf } from '../resources/resources.js';
import { judgeUse, meetsMinimum, minimumsFor } from './eligibility.js';
import { firstBatchAfter } from './filters.js';
import { offersOutOf } from './frameworks.js';
import { GrantBook } from './grant-book.js';
import { Judgement, likenessesOf, type Likenesses } from './likeness.js';
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

/** With more likenesses than this, what is known of each is not worth keeping: hardly two agents are alike. */
const keptJudgements = 64;

/** The scratch of one run. */
export class OrderRun implements RunEnd {
  /** In the order in which they were granted; one for each framework, role and agent (ALLOC-8). */
  grants: readonly Grant[] = [];
  /** By agent: what is left of one that something was granted of. */
  left: (Resources | undefined)[] = [];
  /** The first batch in which something that a filter withheld would be offered. */
  parkedUntil: number | null = null;
  /** Somebody had as many offers as it may: when it has fewer, any agent may be for it. */
  metBound = false;
  /** Who has as many offers as it may, and how many there are who take any; kept where a bound is met and there are no quotas. */
  readonly #full = new Set<number>();
  #isEverybodyFull: boolean;
  readonly #state: AllocatorState;
  readonly #forest: Forest;
  readonly #roster: ClientRoster;
  readonly #moment: Moment;
  /** The offers that each framework gets in this run, by client and place; kept only if they are bounded. */
  readonly #offers = new Map<string, Set<string>>();
  /** undefined = nobody has a quota, and nothing is looked at for it. */
  readonly #quota: QuotaBook | undefined;
  /** The same grants by number, of agents as they stand among those of the run. */
  book: GrantBook = new GrantBook(0);
  #stage: QuotaStage = 'any';
  /**
   * All that is free counts towards quotas. Otherwise who may have no more of what counts may still have what does not:
   * ports, or what is reserved to him.
   */
  #isAllCounted = false;

  #agents: readonly AllocatorAgent[] = [];
  #likenesses: Likenesses = likenessesOf([], true);
  /** By likeness: what is known of such agents. */
  readonly #judgements: (Judgement | undefined)[] = [];

  // The agent whose turn it is.
  #agent: AllocatorAgent | undefined;
  #agentHash: number | undefined;
  /** Nobody refused anything of it. */
  #isBare = false;
  /** Who was granted something of it, and what. */
  readonly #takers: number[] = [];
  readonly #taken: Resources[] = [];
  /** How many these are: the lists are longer, to make one shorter costs more than all else. */
  #turnGrants = 0;
  /** The resources that were counted last, and their scalars: mostly many agents have the same. */
  #counted: Resources = noResources;
  #scalars: Quantities = noQuantities;
  /** By kind: which of its refusals hide what the kind could use; null = not looked for yet. */
  readonly #hiding: (readonly RefusalGroup[] | null)[];

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
    this.#isEverybodyFull = this.#roster.takerCount === 0;
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
   */
  perform(agents: readonly AllocatorAgent[], order: ArrayLike<number>): void {
    this.#agents = agents;
    this.#likenesses = likenessesOf(agents, this.#roster.hasConstraints);
    this.left = Array<Resources | undefined>(agents.length).fill(undefined);
    this.book = new GrantBook(agents.length);
    if (this.#quota === undefined) {
      for (let turn = 0; turn < order.length; turn += 1) this.#give(order[turn] as number);
    } else this.#performStages(order, this.#quota);
    this.grants = this.#madeGrants();
  }

  #performStages(order: ArrayLike<number>, quota: QuotaBook): void {
    this.#stage = 'guarantees';
    this.#forest.restrict((role) => quota.isOwed(quota.line(role)));
    for (let turn = 0; turn < order.length && quota.owesAnybody; turn += 1) this.#give(order[turn] as number);
    this.#stage = 'fair-share';
    this.#isAllCounted = this.#agents.every(({ free }) => isPlainScalars(free));
    this.#forest.restrict((role) => !this.#isAllCounted || !quota.isFull(quota.line(role)));
    for (let turn = 0; turn < order.length; turn += 1) this.#give(order[turn] as number);
  }

  /** In the order in which agents lie in memory, not in which they were granted. */
  #madeGrants(): readonly Grant[] {
    const { book } = this;
    const grants = Array<Grant | undefined>(book.clients.length).fill(undefined);
    for (let at = 0; at < this.#agents.length; at += 1) {
      book.each(at, (grant) => {
        const client = book.clients[grant] as number;
        grants[grant] = {
          agent: (this.#agents[at] as AllocatorAgent).id,
          framework: this.#forest.frameworkOf(client),
          role: this.#forest.roleOf(client),
          resources: book.resources[grant] as Resources,
        };
      });
    }
    return grants as readonly Grant[];
  }

  /** Gives what is left of an agent to whom it may be given. */
  #give(at: number): void {
    // Nobody can have anything of it, and nobody's refusal of it runs.
    if (this.#isEverybodyFull && this.#likenesses.bare[at] === 1) return;
    const agent = this.#agents[at] as AllocatorAgent;
    const left = this.left[at];
    let judgement = left === undefined ? this.#judgementOf(at) : this.#judged(left);
    if (this.#stage === 'fair-share' && this.#quota?.hasSurplus === false && judgement.isPlain) return;
    this.#turnTo(at, agent);
    if (!this.#isWorthAsking(judgement, agent)) return;
    let parked: End | undefined;
    this.#forest.start();
    for (let client = this.#forest.next(); client !== -1; client = this.#forest.next()) {
      if (this.#stage === 'guarantees' && !this.#isOwed(client)) {
        this.#forest.leaveRole();
        continue;
      }
      const offer = this.#offerTo(client, agent, judgement);
      if (offer === undefined || this.#hasEnough(client, agent)) continue;
      const hidden = this.#isBare ? undefined : this.#hiddenFrom(client, agent, judgement, offer);
      if (hidden !== undefined) {
        if (parked === undefined || endsBefore(hidden, parked)) parked = hidden;
        continue;
      }
      const { free } = judgement;
      const spends = equals(offer, free);
      const rest = spends ? noResources : subtract(free, offer);
      this.#grant(client, at, offer);
      this.left[at] = rest;
      if (spends) {
        parked = undefined;
        break;
      }
      judgement = this.#judged(rest);
      this.#hiding.fill(null);
      if (!this.#isOfUse(judgement, agent)) break;
    }
    this.#endTurn(agent);
    if (parked !== undefined) this.#park(parked);
  }

  #turn(): number {
    this.#agentHash ??= hashText(this.#agent?.id ?? '');
    return this.#agentHash;
  }

  #turnTo(at: number, agent: AllocatorAgent): void {
    this.#agent = agent;
    this.#agentHash = undefined;
    this.#isBare = this.#likenesses.bare[at] === 1;
    if (!this.#isBare) this.#hiding.fill(null);
  }

  /** What is known of agents that are like this one, of which all that is free is left. */
  #judgementOf(at: number): Judgement {
    const { of, examples } = this.#likenesses;
    const likeness = of[at] as number;
    const example = examples[likeness] as AllocatorAgent;
    if (examples.length > keptJudgements) return this.#judged(example.free);
    return (this.#judgements[likeness] ??= this.#judged(example.free));
  }

  #judged(free: Resources): Judgement {
    return new Judgement(free, this.#roster.kinds.length);
  }

  /** Whether anybody could use something of what is left of an agent, as far as that can be said of all at once. */
  #isOfUse(judgement: Judgement, agent: AllocatorAgent): boolean {
    judgement.isOfUse ??=
      !judgement.isForAll ||
      this.#roster.kinds.some((_, kind) => this.#usableByKind(kind, agent, judgement) !== undefined);
    return judgement.isOfUse;
  }

  /** Whether anybody could be offered something of an agent, as far as that can be said of all at once. */
  #isWorthAsking(judgement: Judgement, agent: AllocatorAgent): boolean {
    if (!judgement.isForAll) return true;
    if (this.#isBare) return this.#isOfUse(judgement, agent);
    const { kinds } = this.#roster;
    let parked: End | undefined;
    for (let kind = 0; kind < kinds.length; kind += 1) {
      const offer = this.#usableByKind(kind, agent, judgement);
      if (offer === undefined) continue;
      const end = this.#hiddenFromAll(kind, agent, judgement, offer);
      if (end === undefined) return true;
      if (parked === undefined || endsBefore(end, parked)) parked = end;
    }
    if (parked !== undefined) this.#park(parked);
    return false;
  }

  /** If a kind's offer is hidden from all of its clients that take offers: no refusal ends before. */
  #hiddenFromAll(kind: number, agent: AllocatorAgent, judgement: Judgement, offer: Resources): End | undefined {
    const groups = this.#hidingOf(kind, agent, judgement, offer);
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
  #offerTo(client: number, agent: AllocatorAgent, judgement: Judgement): Resources | undefined {
    const { free } = judgement;
    const usable = judgement.isForAll
      ? this.#usableByKind(this.#roster.kindOf[client] as number, agent, judgement)
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

  #usableByKind(number: number, agent: AllocatorAgent, { free, usable }: Judgement): Resources | undefined {
    const known = usable[number];
    if (known !== null) return known;
    const { framework, role } = this.#roster.kinds[number] as Kind;
    const { offer } = judgeUse({ state: this.#state, agent, free, framework, role });
    usable[number] = offer;
    return offer;
  }

  /** What of an agent's refusals hides a kind's offer. */
  #hidingOf(
    kind: number,
    { refusals }: AllocatorAgent,
    { isForAll }: Judgement,
    offer: Resources,
  ): readonly RefusalGroup[] {
    if (refusals.groups.length === 0) return noGroups;
    const known = this.#hiding[kind];
    // What quotas leave differs from role to role.
    if (known != null && isForAll && this.#quota === undefined) return known;
    const hiding = refusals.groups.filter(({ refused }) => contains(refused, offer));
    this.#hiding[kind] = hiding;
    return hiding;
  }

  /** Until when an offer is hidden from a client; undefined = it is not (FILT-1). */
  #hiddenFrom(client: number, agent: AllocatorAgent, judgement: Judgement, offer: Resources): End | undefined {
    const groups = this.#hidingOf(this.#roster.kindOf[client] as number, agent, judgement, offer);
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
    if (this.#quota === undefined) this.#noteFull(client);
    return true;
  }

  /** Without quotas an agent has one turn, so whoever has enough at one has enough at all that follow. */
  #noteFull(client: number): void {
    this.#full.add(client);
    this.#isEverybodyFull = this.#full.size === this.#roster.takerCount;
  }

  /** Notes a grant. What quotas leave follows at once, the order when the agent's turn is over: until then it stands. */
  #grant(client: number, at: number, resources: Resources): void {
    this.#takers[this.#turnGrants] = client;
    this.#taken[this.#turnGrants] = resources;
    this.#turnGrants += 1;
    if (this.#quota === undefined) this.book.add(client, at, resources);
    else {
      this.#quota.take(this.#forest.roleOf(client), resources);
      this.book.merge(client, at, resources);
    }
    if (this.#state.config.maxOffersPerFramework === null) return;
    const framework = this.#forest.frameworkOf(client);
    const key = offerKey(this.#forest.roleOf(client), (this.#agents[at] as AllocatorAgent).id);
    const mine = this.#offers.get(framework);
    if (mine === undefined) this.#offers.set(framework, new Set([key]));
    else mine.add(key);
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

/** A role holds no blank, so no two keys meet. */
function offerKey(role: string, agent: string): string {
  return `${role} ${agent}`;
}
