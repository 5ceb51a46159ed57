/**
 * The naive rival: an allocator as somebody would write it in an afternoon, on objects and maps that are changed in
 * place. For each agent it sorts all roles, then the frameworks of a role, and asks each in turn. It keeps no history
 * and no tasks, and nobody can take a fork of it; in what it does know it offers exactly what the library offers.
 */
import type { ClusterState } from '../../src/cluster/index.js';
import { filtersOn, type AllocatorState } from '../../src/offers/index.js';
import { compareText, quantitiesFromScalarResources, type Resources } from '../../src/resources/index.js';
import { addTo, amountsOf, covers, takeFrom, type Amounts } from './amounts.js';
import { isPlain } from './fitness.js';
import { luckOf } from './luck.js';
import { QuotaRun, quotasOf, type Stage } from './naive-quota.js';
import { copyTree, countGrant, countReturn, millisOf, rank, sorted, type Row } from './naive-tree.js';

/** Resources of one agent for one framework in one role. */
export interface NaiveOffer {
  readonly id: string;
  readonly framework: string;
  readonly agent: string;
  readonly role: string;
  readonly hostname: string;
  readonly resources: Amounts;
  readonly attributes: unknown;
  readonly executors: readonly string[];
  readonly at: number;
}

interface Agent {
  readonly id: string;
  readonly hostname: string;
  readonly attributes: unknown;
  readonly free: Amounts;
  readonly held: Holding[];
  /** What frameworks refused, by the framework's row in its role. */
  readonly filters: Map<Row, Filter[]>;
}

interface Holding {
  readonly framework: string;
  readonly role: string;
  readonly amounts: Amounts;
}

interface Filter {
  readonly refused: Amounts;
  /** Hides before this instant. */
  readonly until: number;
}

interface Role {
  readonly name: string;
  readonly row: Row;
  readonly frameworks: Row[];
  readonly byId: Map<string, Row>;
}

interface Grant {
  readonly agent: Agent;
  readonly framework: string;
  readonly role: string;
  readonly amounts: Amounts;
}

/** One run under way. */
interface Run {
  readonly grants: Map<string, Grant>;
  /** Absent = nobody has a quota, and there is only one stage. */
  quota: QuotaRun | undefined;
  stage: Stage;
}

const defaultRefuseSeconds = 5;
const maxRefuseSeconds = 31_536_000;

/** An allocator that is changed in place. */
export class NaiveAllocator {
  readonly #seed: number;
  readonly #intervalMs: number;
  /** Any of these makes resources worth an offer. */
  readonly #minimums: readonly Map<string, number>[];
  readonly #idPrefix: string;
  readonly #agents = new Map<string, Agent>();
  readonly #total: Map<string, number>;
  /** Roles at the top of the tree. */
  readonly #top: Row[];
  readonly #roleOf = new Map<Row, Role>();
  readonly #roles = new Map<string, Role>();
  readonly #quotas: ReturnType<typeof quotasOf>;
  readonly #offers = new Map<string, NaiveOffer>();
  readonly #requested: Set<string>;
  #requestedAll: boolean;
  #now: number;
  #runs: number;
  #nextOffer: number;

  /** Copies a cluster; `undefined` if there is anything in it that this rival knows nothing of. */
  static of(state: ClusterState): NaiveAllocator | undefined {
    return isPlain(state) ? new NaiveAllocator(state) : undefined;
  }

  private constructor(state: ClusterState) {
    const { allocator, config, incarnation } = state;
    this.#seed = config.seed;
    this.#intervalMs = config.allocationIntervalMs;
    this.#minimums = config.minAllocatable.map(millisOf);
    this.#idPrefix = `${config.masterId}${incarnation === 0 ? '' : `.${incarnation}`}-O`;
    this.#total = millisOf(allocator.total);
    this.#quotas = quotasOf(allocator.quotas);
    this.#requested = new Set(allocator.requested.keys());
    this.#requestedAll = allocator.requestedAll;
    this.#now = state.now;
    this.#runs = allocator.runs;
    this.#nextOffer = state.nextOffer;
    this.#top = this.#copyRoles(allocator);
    this.#copyAgents(allocator);
    for (const { offer } of state.offers.values()) {
      this.#offers.set(offer.id, { ...offer, resources: amountsOf(offer.resources) });
    }
  }

  #copyRoles({ shares, clients }: AllocatorState): Row[] {
    const { top, rows } = copyTree(shares);
    for (const [name, tree] of clients.entries()) {
      // What a role holds itself while there are roles below it (SORT-6).
      const row = rows.get(`${name}/.`) ?? rows.get(name);
      if (row === undefined) continue;
      const { top: frameworks, rows: byId } = copyTree(tree);
      const role: Role = { name, row, frameworks, byId };
      this.#roleOf.set(row, role);
      this.#roles.set(name, role);
    }
    return top;
  }

  #copyAgents(state: AllocatorState): void {
    // Many filters refuse the very same resources.
    const read = new Map<Resources, Amounts>();
    const copyOf = (resources: Resources): Amounts => {
      const amounts = read.get(resources) ?? amountsOf(resources);
      read.set(resources, amounts);
      return amounts;
    };
    for (const row of state.agents.values()) {
      const { id, hostname, attributes, free, held } = row;
      const agent: Agent = { id, hostname, attributes, free: amountsOf(free), held: [], filters: new Map() };
      this.#agents.set(id, agent);
      for (const { framework, role, resources } of held) {
        agent.held.push({ framework, role, amounts: amountsOf(resources) });
      }
      for (const { framework, role, refused, expiresAt, once } of filtersOn(state, row)) {
        const client = this.#roles.get(role)?.byId.get(framework);
        if (client === undefined) continue;
        addFilter(agent, client, { refused: copyOf(refused), until: expiresAt + (once ? 1 : 0) });
      }
    }
  }

  /** An agent comes, and asks for a run of it. */
  addAgent(id: string, resources: Resources, attributes: unknown): void {
    const free = amountsOf(resources);
    this.#agents.set(id, { id, hostname: id, attributes, free, held: [], filters: new Map() });
    for (const [name, milli] of millisOf(quantitiesFromScalarResources(resources))) {
      this.#total.set(name, (this.#total.get(name) ?? 0) + milli);
    }
    this.#requested.add(id);
  }

  /** All offers that were not answered. */
  get offers(): Iterable<NaiveOffer> {
    return this.#offers.values();
  }

  /** An event asks for a run of an agent. */
  request(agent: string): void {
    this.#requested.add(agent);
  }

  /** Everything that was refused may be offered again. */
  clearFilters(): void {
    for (const { filters } of this.#agents.values()) filters.clear();
  }

  /** Gives offers back, each hidden from its framework for a while (FILT-2). */
  decline(ids: readonly string[], refuseSeconds: number = defaultRefuseSeconds, at: number = this.#now): void {
    this.#now = Math.max(this.#now, at);
    const lifetime = Math.max(Math.round(Math.min(refuseSeconds, maxRefuseSeconds) * 1_000), this.#intervalMs);
    // It must be seen by a batch: the one at the very end of it, if that is the first (FILT-3).
    const seenLate = lifetime === this.#intervalMs && this.#now % this.#intervalMs === 0;
    const until = this.#now + lifetime + (seenLate ? 1 : 0);
    for (const id of ids) {
      const offer = this.#offers.get(id);
      if (offer === undefined) continue;
      this.#offers.delete(id);
      this.#giveBack(offer, refuseSeconds === 0 ? undefined : until);
    }
  }

  #giveBack({ agent: id, framework, role: name, resources }: NaiveOffer, until: number | undefined): void {
    const agent = this.#agents.get(id);
    const role = this.#roles.get(name);
    const row = role?.byId.get(framework);
    if (agent === undefined || role === undefined || row === undefined) return;
    const at = agent.held.findIndex((held) => held.framework === framework && held.role === name);
    const holding = agent.held[at];
    if (holding !== undefined) {
      takeFrom(holding.amounts, resources);
      if (holding.amounts.size === 0) agent.held.splice(at, 1);
    }
    addTo(agent.free, resources);
    countReturn(role.row, resources);
    countReturn(row, resources);
    if (until !== undefined) addFilter(agent, row, { refused: resources, until });
  }

  /**
   * Performs the run that was asked for, or one of all agents. A run at a multiple of the interval is the batch of that
   * instant.
   *
   * @returns the offers of each framework, in the order in which it came to them.
   */
  allocate(agents: 'requested' | 'all' = 'requested', at: number = this.#now): Map<string, NaiveOffer[]> {
    this.#now = Math.max(this.#now, at);
    const ids = agents === 'all' || this.#requestedAll ? [...this.#agents.keys()] : [...this.#requested];
    this.#requested.clear();
    this.#requestedAll = false;
    const made = new Map<string, NaiveOffer[]>();
    if (ids.length === 0 && agents !== 'all') return made;

    for (const grant of this.#grantAll(this.#shuffled(ids))) {
      const offer = this.#offerOf(grant);
      const mine = made.get(grant.framework);
      if (mine === undefined) made.set(grant.framework, [offer]);
      else mine.push(offer);
    }
    this.#runs += 1;
    return made;
  }

  /** Those with something free, in the order of the run. */
  #shuffled(ids: readonly string[]): Agent[] {
    const keyed: { readonly agent: Agent; readonly luck: number }[] = [];
    for (const id of ids) {
      const agent = this.#agents.get(id);
      if (agent !== undefined && agent.free.size > 0) keyed.push({ agent, luck: luckOf(this.#seed, this.#runs, id) });
    }
    keyed.sort((a, b) => a.luck - b.luck || compareText(a.agent.id, b.agent.id));
    return keyed.map(({ agent }) => agent);
  }

  #grantAll(agents: readonly Agent[]): Iterable<Grant> {
    const run: Run = { grants: new Map(), quota: undefined, stage: 'fair-share' };
    rank(this.#top, this.#total);
    for (const { frameworks } of this.#roles.values()) rank(frameworks, this.#total);
    if (this.#quotas.size > 0) {
      run.quota = new QuotaRun(this.#quotas, this.#agents.values());
      run.stage = 'guarantees';
      for (const agent of agents) this.#giveAgent(agent, run);
      run.stage = 'fair-share';
    }
    for (const agent of agents) this.#giveAgent(agent, run);
    return run.grants.values();
  }

  /** From the first role to the last and within it from the first framework to the last, as they stood at the start. */
  #giveAgent(agent: Agent, run: Run): void {
    if (agent.free.size === 0) return;
    for (const row of sorted(this.#top)) {
      const role = this.#roleOf.get(row);
      if (role === undefined) continue;
      if (run.stage === 'guarantees' && run.quota?.isOwed(role.name) !== true) continue;
      for (const client of sorted(role.frameworks)) {
        const amounts = this.#mayHave(agent, role, client, run);
        if (amounts === undefined) continue;
        this.#grant(agent, role, client, amounts, run);
        if (agent.free.size === 0) return;
      }
    }
  }

  /** What a framework may have of an agent. */
  #mayHave(agent: Agent, role: Role, client: Row, { quota, stage }: Run): Amounts | undefined {
    if (!this.#isWorthwhile(agent.free)) return undefined;
    const amounts = quota === undefined ? agent.free : quota.within(agent.free, role.name, stage);
    if (amounts.size === 0 || !this.#isWorthwhile(amounts)) return undefined;
    return this.#isHidden(agent, client, amounts) ? undefined : new Map(amounts);
  }

  #isWorthwhile(amounts: Amounts): boolean {
    if (this.#minimums.length === 0) return true;
    return this.#minimums.some((least) => covers(amounts, least));
  }

  #isHidden({ filters }: Agent, client: Row, amounts: Amounts): boolean {
    const list = filters.get(client);
    if (list === undefined) return false;
    const live = list.filter(({ until }) => this.#now < until);
    if (live.length === 0) filters.delete(client);
    else if (live.length < list.length) filters.set(client, live);
    return live.some(({ refused }) => covers(refused, amounts));
  }

  #grant(agent: Agent, role: Role, client: Row, amounts: Amounts, run: Run): void {
    const name = role.name;
    const framework = client.path;
    takeFrom(agent.free, amounts);
    run.quota?.take(name, amounts);
    countGrant(role.row, amounts, this.#total);
    countGrant(client, amounts, this.#total);
    const holding = agent.held.find((held) => held.framework === framework && held.role === name);
    if (holding === undefined) agent.held.push({ framework, role: name, amounts: new Map(amounts) });
    else addTo(holding.amounts, amounts);
    // Both stages make one offer together (ALLOC-8).
    const key = `${name} ${framework} ${agent.id}`;
    const first = run.grants.get(key);
    if (first === undefined) run.grants.set(key, { agent, framework, role: name, amounts });
    else addTo(first.amounts, amounts);
  }

  #offerOf({ agent, framework, role, amounts }: Grant): NaiveOffer {
    const { id, hostname, attributes } = agent;
    const offer: NaiveOffer = {
      id: `${this.#idPrefix}${this.#nextOffer}`,
      framework,
      agent: id,
      role,
      hostname,
      resources: amounts,
      attributes,
      executors: [],
      at: this.#now,
    };
    this.#nextOffer += 1;
    this.#offers.set(offer.id, offer);
    return offer;
  }
}

function addFilter({ filters }: Agent, row: Row, filter: Filter): void {
  const list = filters.get(row);
  if (list === undefined) filters.set(row, [filter]);
  else list.push(filter);
}
