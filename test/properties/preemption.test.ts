/**
 * Preemption without arrivals: frameworks want what they want, nothing ends by itself, whoever loses a task asks for another.
 * What was promised of it is that it comes to rest, that a stated potential strictly falls, and that who hoards or picks
 * starves nobody.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deserialize,
  emptyCluster,
  entitlements,
  nextDeadline,
  serialize,
  stepViolation,
  transition,
  type ClusterState,
  type Input,
  type Offer,
  type Output,
  type RoleStanding,
} from '../../src/cluster/index.js';
import { isRunRequested } from '../../src/offers/index.js';
import { amount, contains, resources, subtract } from '../../src/resources/index.js';
import type { TaskLike } from '../../src/tasks/index.js';

/** How a framework treats offers: it takes what it wants; never answers; or takes from one agent only. */
type Behaviour = 'honest' | 'hoarding' | 'picky';

interface Tenant {
  readonly role: string;
  readonly weight: number;
  readonly behaviour: Behaviour;
  readonly cpus: number;
  readonly mem: number;
  readonly wants: number;
  readonly preemptible: boolean;
  readonly priority: number;
}

interface World {
  readonly agents: readonly { readonly cpus: number; readonly mem: number }[];
  readonly tenants: readonly Tenant[];
  /** How many of the tenants are there before the others. */
  readonly early: number;
  readonly patienceMs: number;
  readonly margin: number;
}

const patienceMs = 10_000;
/** In so long everything must have come to rest. */
const restMs = 3_600_000;

/** Drives the machine; tenants and agents answer at once. */
class Play {
  state: ClusterState;
  /** By how much the potential fell when something was claimed. */
  readonly falls: number[] = [];
  /** Virtual times at which a task was launched or killed. */
  lastMove = 0;
  moves = 0;
  #nextTask = 0;
  readonly #world: World;
  readonly #running = new Map<string, Map<string, Offer['agent']>>();

  constructor(world: World) {
    this.#world = world;
    const preemption = { margin: world.margin, patienceMs: world.patienceMs, noticeMs: 5_000, graceMs: 1_000 };
    this.state = emptyCluster({ minAllocatable: [], offerTimeoutMs: null, preemption });
    for (const [n, { cpus, mem }] of world.agents.entries()) {
      this.tell({ type: 'register', at: 0, agent: `a${n}`, resources: `cpus:${cpus};mem:${mem}` });
    }
    for (const { role, weight } of world.tenants) this.tell({ type: 'set-weight', at: 0, role, weight });
    for (const [n] of world.tenants.slice(0, world.early).entries()) this.#join(n);
    this.pass(1_000);
    for (const [n] of world.tenants.entries()) if (n >= world.early) this.#join(n);
  }

  /** The sum of what roles lack of what they are entitled to. */
  get potential(): number {
    return entitlements(this.state).reduce((sum, { lacking }) => sum + lacking, 0);
  }

  pass(ms: number): void {
    const target = this.state.now + ms;
    for (let due = nextDeadline(this.state); due !== undefined && due <= target; due = nextDeadline(this.state)) {
      this.tell({ type: 'tick', at: due });
    }
    this.tell({ type: 'tick', at: target });
  }

  tell(input: Input): void {
    const before = this.state;
    const [after, outputs] = transition(before, input);
    expect(stepViolation(before, input, after, outputs)).toBeUndefined();
    this.state = after;
    if (input.type === 'tick') this.#noteClaims(before);
    for (const output of outputs) this.#answer(output);
    if (isRunRequested(this.state.allocator)) this.tell({ type: 'allocate', at: this.state.now });
  }

  /** An agent is there again, with all that ran on it. */
  comeBack(agent: string): void {
    if (this.state.agents.get(agent) === undefined) return;
    const tasks = this.state.frameworks
      .values()
      .flatMap((framework) => framework.tasks.values())
      .filter((task) => task.agent === agent)
      .map(({ id, framework, role, resources: own, state }) => ({ id, framework, role, resources: own, state }));
    const { total } = this.state.allocator.agents.get(agent) ?? {};
    this.tell({ type: 'reregister', at: this.state.now, agent, resources: total ?? '', tasks });
  }

  resubscribe(framework: string): void {
    const { role, priority } = this.#tenant(framework);
    const call = { at: this.state.now, framework, connection: framework };
    this.tell({ type: 'subscribe', ...call, roles: [role], priority, failoverTimeoutMs: 60_000 });
  }

  #noteClaims(before: ClusterState): void {
    const [claimed, now] = [before.preemption.claims, this.state.preemption.claims];
    const isMore = now.size > claimed.size && claimed.values().every((claim) => now.get(claim.agent) === claim);
    if (!isMore) return;
    const old = entitlements(before).reduce((sum, { lacking }) => sum + lacking, 0);
    this.falls.push(old - this.potential);
  }

  #join(n: number): void {
    const framework = `f${n}`;
    this.#running.set(framework, new Map());
    this.resubscribe(framework);
    this.#ask(framework);
  }

  #tenant(framework: string): Tenant {
    const tenant = this.#world.tenants[Number(framework.slice(1))];
    if (tenant === undefined) throw new Error(`${framework} is nobody`);
    return tenant;
  }

  #missing(framework: string): number {
    return this.#tenant(framework).wants - (this.#running.get(framework)?.size ?? 0);
  }

  #ask(framework: string): void {
    const { cpus, mem, behaviour } = this.#tenant(framework);
    if (behaviour === 'hoarding') return;
    const count = this.#missing(framework);
    const agent = behaviour === 'picky' ? { agent: 'a0' } : {};
    const requests = [{ resources: `cpus:${cpus};mem:${mem}`, count, ...agent }];
    const call = { at: this.state.now, framework, connection: framework };
    this.tell({ type: 'request', ...call, requests: count === 0 ? [] : requests });
    this.tell({ type: count === 0 ? 'suppress' : 'unsuppress', ...call });
  }

  #answer(output: Output): void {
    if (output.type === 'offers') for (const offer of output.offers) this.#take(offer);
    else if (output.type === 'kill') {
      const { agent, framework, task } = output;
      this.#move();
      this.tell({ type: 'status', at: this.state.now, agent, framework, task, state: 'killed' });
    } else if (output.type === 'update' && output.status.terminal === true) {
      this.#running.get(output.framework)?.delete(output.status.task);
      this.#ask(output.framework);
    }
  }

  #take({ id, framework, agent, resources: offered }: Offer): void {
    if (!this.state.offers.has(id)) return;
    const { behaviour, cpus, mem, preemptible } = this.#tenant(framework);
    if (behaviour === 'hoarding') return;
    const size = resources(`cpus:${cpus};mem:${mem}`);
    let left = offered;
    const tasks: TaskLike[] = [];
    const most = behaviour === 'picky' && agent !== 'a0' ? 0 : this.#missing(framework);
    while (tasks.length < most && contains(left, size)) {
      left = subtract(left, size);
      this.#nextTask += 1;
      tasks.push({ id: `t${this.#nextTask}`, resources: size, payload: 0, preemptible });
    }
    const call = { at: this.state.now, framework, connection: framework, offers: [id], refuseSeconds: 1e6 };
    if (tasks.length === 0) return this.tell({ type: 'decline', ...call });
    for (const task of tasks) this.#running.get(framework)?.set(task.id, agent);
    this.#move();
    this.tell({ type: 'accept', ...call, operations: [{ type: 'launch', tasks }] });
    for (const { id: task } of tasks) {
      this.tell({ type: 'status', at: this.state.now, agent, framework, task, state: 'running' });
    }
    this.#ask(framework);
  }

  #move(): void {
    this.moves += 1;
    this.lastMove = this.state.now;
  }
}

const tenant = (behaviour: fc.Arbitrary<Behaviour>): fc.Arbitrary<Omit<Tenant, 'role'>> =>
  fc.record({
    weight: fc.constantFrom(1, 1, 1, 2, 0.5),
    behaviour,
    cpus: fc.integer({ min: 1, max: 4 }),
    mem: fc.integer({ min: 1, max: 4 }),
    wants: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 20 })),
    preemptible: fc.constantFrom(true, true, false),
    priority: fc.constantFrom(0, 0, 1),
  });

const worlds = (behaviour: fc.Arbitrary<Behaviour>): fc.Arbitrary<World> =>
  fc
    .tuple(
      fc.array(fc.record({ cpus: fc.integer({ min: 2, max: 8 }), mem: fc.integer({ min: 2, max: 8 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.array(tenant(behaviour), { minLength: 2, maxLength: 5 }),
      fc.boolean(),
      fc.constantFrom(0, 0.1, 0.5),
    )
    .chain(([agents, tenants, nested, margin]) => {
      const roles = nested ? ['eng/web', 'eng/ads', 'ops', 'eng', 'ops/db'] : ['a', 'b', 'c', '__proto__', 'e'];
      const named = tenants.map((one, n): Tenant => ({ ...one, role: roles[n] ?? '*' }));
      const early = fc.constantFrom(1, 1, named.length - 1);
      return early.map((count): World => ({ agents, tenants: named, early: count, patienceMs, margin }));
    });

/** What may come between. */
const disturbances = {
  'the agent is cut off and comes back': (play, agent) => {
    play.tell({ type: 'agent-disconnected', at: play.state.now, agent });
    play.pass(2_000);
    play.comeBack(agent);
  },
  'the agent is lost': (play, agent) => play.tell({ type: 'mark-unreachable', at: play.state.now, agent }),
  'the agent is taken out of service': (play, agent) => {
    play.tell({ type: 'deactivate', at: play.state.now, agent });
    play.pass(20_000);
    play.tell({ type: 'reactivate', at: play.state.now, agent });
  },
  'the agent is drained': (play, agent) => {
    play.tell({ type: 'drain', at: play.state.now, agent, maxGraceMs: 0 });
  },
  'the agent will be away': (play, agent) => {
    const windows = [{ machines: [{ hostname: agent }], unavailability: { start: play.state.now + 60_000 } }];
    play.tell({ type: 'set-maintenance', at: play.state.now, windows });
    play.pass(15_000);
    play.tell({ type: 'set-maintenance', at: play.state.now, windows: [] });
  },
  'the framework fails over': (play, _, framework) => {
    play.tell({ type: 'framework-disconnected', at: play.state.now, framework, connection: framework });
    play.pass(1_000);
    play.resubscribe(framework);
  },
  'the framework is gone': (play, _, framework) => {
    play.tell({ type: 'teardown-framework', at: play.state.now, framework });
  },
  'the framework wants nothing for a while': (play, _, framework) => {
    const call = { at: play.state.now, framework, connection: framework };
    play.tell({ type: 'suppress', ...call });
    play.pass(7_000);
    play.tell({ type: 'unsuppress', ...call, at: play.state.now });
  },
  'the framework asks for nothing': (play, _, framework) => {
    play.tell({ type: 'request', at: play.state.now, framework, connection: framework, requests: [] });
  },
  'the master pauses': (play) => {
    play.tell({ type: 'pause', at: play.state.now });
    play.pass(30_000);
    play.tell({ type: 'resume', at: play.state.now });
  },
  'preemption is switched off and on': (play) => {
    const { preemption } = play.state.config;
    play.tell({ type: 'configure', at: play.state.now, config: { preemption: null } });
    play.pass(1_000);
    play.tell({ type: 'configure', at: play.state.now, config: { preemption } });
  },
  'a weight changes': (play) => play.tell({ type: 'set-weight', at: play.state.now, role: 'a', weight: 7 }),
} as const satisfies Record<string, (play: Play, agent: string, framework: string) => void>;

const names = Object.keys(disturbances) as readonly (keyof typeof disturbances)[];

const met = { claims: 0, kills: 0, disturbed: 0 };

describe('preemption without arrivals', () => {
  it('comes to rest, and with each claim the potential strictly falls', () => {
    fc.assert(
      fc.property(worlds(fc.constantFrom('honest', 'honest', 'honest', 'picky', 'hoarding')), (world) => {
        const play = new Play(world);
        play.pass(restMs);
        const quietSince = play.state.now - play.lastMove;
        expect(quietSince).toBeGreaterThan(restMs / 2);
        for (const fall of play.falls) expect(fall).toBeGreaterThan(1e-9);
        const { moves } = play;
        play.pass(restMs);
        expect(play.moves).toBe(moves);
        expect(play.state.preemption.claims.size).toBe(0);
        met.claims += play.falls.length;
        met.kills += play.state.counters.preemptions;
      }),
      { numRuns: 80 },
    );
  });

  it('breaks no rule, and is as it was when it is read again, whatever comes between', () => {
    const events = fc.array(
      fc.record({
        after: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom(10_500, 11_500, 13_000, 15_000)),
        what: fc.constantFrom(...names),
        n: fc.nat(3),
      }),
      { minLength: 4, maxLength: 8 },
    );
    fc.assert(
      fc.property(worlds(fc.constantFrom('honest', 'honest', 'picky', 'hoarding')), events, (world, all) => {
        const play = new Play(world);
        for (const { after, what, n } of all) {
          play.pass(after);
          if (play.state.preemption.claims.size > 0) met.disturbed += 1;
          const agent = play.state.agents.keys()[n % Math.max(1, play.state.agents.size)];
          const framework = play.state.frameworks.keys()[n % Math.max(1, play.state.frameworks.size)];
          if (agent !== undefined && framework !== undefined) disturbances[what](play, agent, framework);
          const text = [...serialize(play.state)].join('');
          const again = deserialize([text]);
          expect([...serialize(again)].join('')).toBe(text);
          play.state = again;
        }
        play.pass(100_000);
      }),
      { numRuns: 80 },
    );
  });

  it('was met in these worlds', () => {
    expect(met.claims).toBeGreaterThan(10);
    expect(met.kills).toBeGreaterThan(3);
    expect(met.disturbed).toBeGreaterThan(0);
  });
});

const cpusOf = ({ state }: Play): number => amount(state.allocator.total, 'cpus') / 1_000;

/** The most that a role has beyond what it is entitled to. */
const mostSpare = (all: readonly RoleStanding[]): number =>
  Math.max(0, ...all.map(({ used, entitled }) => used - entitled));

describe('whoever asks and lacks what it is entitled to', () => {
  /** Tasks of one cpu on machines of whole cpus fit wherever one ended. */
  const alike = worlds(fc.constant<Behaviour>('honest')).map((world): World => {
    const tenants = world.tenants.map((one): Tenant => ({ ...one, cpus: 1, mem: 1, preemptible: true }));
    const agents = world.agents.map(({ cpus }) => ({ cpus, mem: cpus }));
    return { ...world, agents, tenants, margin: 0 };
  });

  it('gets it but for less than a task, unless nobody else has a task more than it is entitled to', () => {
    fc.assert(
      fc.property(alike, (world) => {
        const play = new Play(world);
        play.pass(restMs);
        const all = entitlements(play.state);
        for (const { lacking } of all) expect(Math.min(lacking, mostSpare(all)) * cpusOf(play)).toBeLessThan(1 + 1e-6);
      }),
      { numRuns: 40 },
    );
  });

  it('is starved by nobody who hoards offers, nor by one who picks, be they there first or last', () => {
    fc.assert(
      fc.property(alike, fc.constantFrom<Behaviour>('hoarding', 'picky'), fc.boolean(), (world, behaviour, first) => {
        const [honest] = world.tenants;
        if (honest === undefined) return;
        const rogues = world.tenants.map((one): Tenant => ({ ...one, behaviour }));
        const tenants = rogues.map((one, n) =>
          n === (first ? 0 : rogues.length - 1) ? { ...honest, role: one.role } : one,
        );
        const play = new Play({ ...world, tenants });
        play.pass(restMs);
        const own = tenants.findIndex((one) => one.behaviour === 'honest');
        const all = entitlements(play.state);
        const { lacking = 0 } = all.find(({ role }) => role === tenants[own]?.role) ?? {};
        expect(Math.min(lacking, mostSpare(all)) * cpusOf(play)).toBeLessThan(1 + 1e-6);
      }),
      { numRuns: 40 },
    );
  });
});
