import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetFairness, drf, fifo, priority, roundRobin, weightedRandom, type OrderRule } from '../../src/drf/index.js';
import { isCandidate } from '../../src/offers/candidates.js';
import { isWhole, noRefusals } from '../../src/offers/refusals.js';
import {
  allocate,
  closeAllocator,
  openAllocator,
  planRun,
  type AllocatorState,
  type Grant,
  type RunScope,
} from '../../src/offers/index.js';
import { Edit, contains, hasShared, isEmpty, noLimits, noQuantities } from '../../src/resources/index.js';
import { Coverage } from '../properties/coverage.js';
import { allocator } from './harness.js';
import { begin, beginnings, follow, forkedIntents } from './order-histories.js';
import { plain, plainOf } from './plain.js';
import { isFull, lookedAt, referenceRun, writeSlowly, type ReferenceRun } from './reference-run.js';

const rules = [
  drf,
  fifo,
  priority,
  assetFairness,
  roundRobin,
  weightedRandom,
  { name: 'slow-drf', rank: (client) => client.dominantShare },
  { name: 'slow-drf-flat', rank: (client) => client.dominantShare, flat: true },
  { name: 'roomy', rank: (client) => -client.count, changesWith: 'allocation' },
  { name: 'biggest', rank: (client) => -client.dominantShare, changesWith: 'sort' },
  { name: 'luck', rank: (client) => client.draw / client.weight, changesWith: 'sort' },
  { name: 'youngest', rank: (client) => -client.since, changesWith: 'run' },
  { name: 'all-alike', rank: () => 0 },
] as const satisfies readonly OrderRule[];

const coverage = new Coverage();

/** A grant as text: who, what, and in which form. */
const inWords = ({ agent, framework, role, resources }: Grant): string =>
  `${framework} ${agent} as ${role} ${JSON.stringify(resources)}`;

/** Performs a run fast and slowly; both must come to the same. */
function expectSame(state: AllocatorState, scope: RunScope, rule: OrderRule): AllocatorState {
  const agents = lookedAt(state, scope);
  const slow = referenceRun(state, scope, rule);
  const plan = planRun(state, agents, rule);
  expect(plan.failure).toBeUndefined();
  expect(plan.grants.map(inWords)).toEqual(slow.grants.map(inWords));
  expect(plan.candidates.map((place) => agents[place]?.id)).toEqual(
    agents.filter((agent) => isCandidate(state, agent)).map(({ id }) => id),
  );
  // It may ask for a batch that brings nothing; it must not miss one that does.
  const isPartial = !isFull(state, scope);
  const parked = Math.min(plan.parkedUntil ?? Infinity, isPartial ? (state.parkedUntil ?? Infinity) : Infinity);
  if (slow.parkedUntil !== null) expect(parked).toBeLessThanOrEqual(slow.parkedUntil);
  if (isPartial && state.batchDue) coverage.count('batch that looks at some');
  if (plan.parkedUntil !== null) expect(plan.parkedUntil).toBeGreaterThan(state.now);
  note(state, scope, slow, plan.parkedUntil);

  const before = plainOf(state);
  const draft = openAllocator(state, new Edit());
  draft.seq += 1;
  const allocation = allocate(draft, scope, rule);
  const after = closeAllocator(draft);
  // Whether somebody met the bound on offers: the slow run asks more than the fast one, and meets it more often.
  const isBounded = after.freshAll && state.config.maxOffersPerFramework !== null;
  const written = writeSlowly(state, scope, { ...slow, parkedUntil: plan.parkedUntil }, isBounded || undefined);
  const least = written.state.parkedUntil;
  if (least !== null) expect(after.parkedUntil ?? Infinity).toBeLessThanOrEqual(least);
  expect(plainOf(after)).toEqual(plainOf({ ...written.state, parkedUntil: after.parkedUntil }));
  expect(allocation.inverse).toEqual(written.inverse);
  expect(plainOf(state)).toEqual(before);

  // Whoever makes offers of the grants goes by these.
  for (const [index, { agent }] of allocation.grants.entries()) {
    // Who was asked to leave is noted after it.
    const row = { ...after.agents.get(agent), maintenance: null, refusals: null };
    expect(plain({ ...allocation.rows[index], maintenance: null, refusals: null })).toEqual(plain(row));
  }
  return after;
}

function note(state: AllocatorState, scope: RunScope, slow: ReferenceRun, parked: number | null): void {
  coverage.count(isFull(state, scope) ? 'full run' : 'requested run');
  if (state.batchDue) coverage.count('batch');
  coverage.count(`order of agents: ${state.config.agentOrder}`);
  coverage.count('tie', slow.ties);
  if (parked !== slow.parkedUntil) coverage.count('parked for a batch that brings nothing');
  else if (parked !== null) coverage.count('parked');
  for (const { agent, framework, verdict } of slow.asked) {
    if (verdict.refusal === undefined) continue;
    coverage.count(`refusal ${verdict.refusal.code}`);
    if (verdict.refusal.code !== 'filtered') continue;
    if (verdict.refusal.until === state.now) coverage.count('a filter applies at its last instant');
    if (verdict.refusal.unanswered) coverage.count('hidden after silence');
    if (agent.refusals.groups.length > 1) coverage.count('several amounts refused');
    if (framework.constraints.length > 0) coverage.count('hidden from a constrained framework');
  }
  noteGrants(state, slow);
  noteAgents(state, slow);
  for (const framework of state.frameworks.values()) {
    if (!framework.active) coverage.count('inactive framework');
    if (framework.suppressed.length > 0) coverage.count('suppressed framework');
    if (framework.roles.length > 1) coverage.count('several roles');
    if (framework.minimums.length > 0) coverage.count('own minimum');
  }
  if (state.slots.size > 32) coverage.count('more than 32 clients');
  if (state.freeSlots !== null) coverage.count('free slot');
  if (state.lingering.size > 0) coverage.count('role left with something held');
  if (state.whitelist !== null) coverage.count('whitelist');
}

function noteGrants(state: AllocatorState, slow: ReferenceRun): void {
  const takers = new Map<string, number>();
  for (const { agent, framework, role, resources } of slow.grants) {
    coverage.count('grant');
    takers.set(agent, (takers.get(agent) ?? 0) + 1);
    if (hasShared(resources)) coverage.count('shared granted');
    for (const item of resources.items) {
      if (item.reservations.length > 0) coverage.count('reserved granted');
      if (item.reservations.length > 1) coverage.count('refined granted');
      if (item.revocable === true) coverage.count('revocable granted');
      if (item.name === 'gpus') coverage.count('gpus granted');
      if (item.disk?.id !== undefined) coverage.count('volume granted');
    }
    const row = state.agents.get(agent);
    if (row?.held.some((holding) => holding.framework === framework && holding.role === role) === true)
      coverage.count('added to what is held');
  }
  for (const count of takers.values()) if (count > 1) coverage.count('several takers of one agent');
}

function noteAgents(state: AllocatorState, slow: ReferenceRun): void {
  const rows = new Map(slow.asked.map(({ agent }) => [agent.id, agent]));
  const whole = new Set(
    slow.asked.filter(({ verdict }) => verdict.refusal?.code !== 'filtered').map(({ agent }) => agent.id),
  );
  const mayTake = new Set(
    slow.asked.filter(({ verdict }) => verdict.refusal?.code !== 'too-many-offers').map(({ agent }) => agent.id),
  );
  const moment = { now: state.now, batch: state.batchDue };
  for (const agent of rows.values()) {
    if (!whole.has(agent.id)) coverage.count('hidden from everybody');
    if (!mayTake.has(agent.id)) {
      coverage.count(`everybody has enough, ${agent.refusals.groups.length === 0 ? 'nobody' : 'somebody'} refused it`);
    }
    if (agent.refusals.groups.some((group) => isWhole(group, state.slots.size, state, moment)))
      coverage.count('refused by everybody');
    if (agent.held.length > 0) coverage.count('partly held agent');
  }
  if (rows.size > 3 && whole.size === 0) coverage.count('the whole cluster hidden from everybody');
  const alike = [...rows.values()];
  if (
    alike.some((a) =>
      alike.some((b) => a !== b && a.free === b.free && a.total === b.total && a.refusals !== b.refusals),
    )
  )
    coverage.count('alike but for refusals');
  for (const agent of state.agents.values()) {
    if (agent.held.some(({ resources }) => !contains(agent.total, resources))) coverage.count('shrunk agent');
    if (!agent.active) coverage.count('inactive agent');
    if (agent.maintenance !== null && agent.held.length > 0) coverage.count('held agent that will be away');
    if (agent.refusals !== noRefusals && isEmpty(agent.free)) coverage.count('refused and taken');
  }
}

/** Runs a history in two forks; every run is compared, and another follows when nothing has changed. */
function run(
  beginning: Parameters<typeof begin>[0],
  steps: typeof forkedIntents extends fc.Arbitrary<infer S> ? S : never,
  rule: OrderRule,
): void {
  const start = expectSame(begin(beginning), 'requested', rule);
  const forks: [AllocatorState, AllocatorState] = [start, start];
  for (const { intent, fork, splits } of steps) {
    if (splits) forks[1] = forks[0];
    const state = forks[fork];
    if (intent.kind === 'allocate') {
      coverage.count(fork === 0 ? 'run of the trunk' : 'run of the fork');
      coverage.count(`rule ${rule.name}`);
      forks[fork] = expectSame(state, intent.agents, rule);
    } else forks[fork] = follow(state, intent);
  }
  for (const state of forks) expectSame(state, 'all', rule);
}

const RUNS = 300;
const SEED = 20_261_129;

describe('a run by an order rule', () => {
  it('is what asking everybody about every agent in turn comes to', () => {
    fc.assert(fc.property(beginnings, forkedIntents, fc.constantFrom(...rules), run), { numRuns: RUNS, seed: SEED });
  });

  it('met all of it in these histories', () => {
    console.log(`coverage of ${RUNS} histories\n${coverage}`);
    expect(coverage.missing(expected)).toEqual([]);
  });

  it('is so in other histories too, drawn anew each time', () => {
    fc.assert(fc.property(beginnings, forkedIntents, fc.constantFrom(...rules), run), { numRuns: 50 });
  });
});

describe('a run in which everybody comes to have as many offers as it may', () => {
  /** Runs over so many agents, and counts how often somebody's rank was asked. */
  function ranksAsked(agents: number, most: number | null, quota: boolean): number {
    let asked = 0;
    const rank: OrderRule['rank'] = (client) => {
      asked += 1;
      return client.dominantShare;
    };
    // Ranks that change from sort to sort are asked for each agent that is given away.
    const box = allocator({ maxOffersPerFramework: most }, { name: 'counting', rank, changesWith: 'sort' });
    for (let n = 0; n < agents; n += 1) box.agent(`m${n}`, 'cpus:4;mem:512');
    box.framework('f1', ['a', 'b']);
    box.framework('f2', ['b']);
    box.framework('asleep', ['a'], { suppressedRoles: ['a'] });
    const none = { guarantees: noQuantities, limits: noLimits };
    if (quota) box.send({ type: 'set-quota', role: 'other', quota: none });
    asked = 0;
    const granted = box.run('all').length;
    expect(granted).toBe(most === null ? agents : 2 * most);
    return asked;
  }

  it('looks at no agent after that', () => {
    expect(ranksAsked(400, 3, false)).toBe(ranksAsked(20, 3, false));
    expect(ranksAsked(400, null, false)).toBeGreaterThan(10 * ranksAsked(20, null, false));
  });

  it('goes on where quotas make two turns of each agent', () => {
    expect(ranksAsked(400, 3, true)).toBeGreaterThan(10 * ranksAsked(20, 3, true));
  });

  it('still looks at agents that somebody refused: their filters say when to look again', () => {
    // The larger ones come first: at the second it is seen that their taker has enough.
    const box = allocator({ maxOffersPerFramework: 1, agentOrder: 'worst-fit' });
    box.framework('f1', ['a']);
    box.agent('small', 'cpus:4');
    box.giveBack(box.run('all'), 7);
    box.agent('middle', 'cpus:6');
    box.agent('large', 'cpus:8');
    expect(box.run('all')).toEqual(['f1 large as a cpus:8']);
    expect(box.state.parkedUntil).toBe(7_000);
  });
});

const expected: readonly string[] = [
  ...['full run', 'requested run', 'batch', 'run of the trunk', 'run of the fork', 'grant', 'tie', 'parked'],
  ...rules.map(({ name }) => `rule ${name}`),
  ...['random', 'best-fit', 'worst-fit'].map((order) => `order of agents: ${order}`),
  ...[
    'constraint',
    'agent-without-multi-role',
    'agent-without-hierarchical-role',
    'nothing-free',
    'below-minimum',
    'gpus-reserved-for-gpu-frameworks',
    'remote-region',
    'capability-missing',
    'agent-without-reservation-refinement',
    'too-many-offers',
    'filtered',
  ].map((code) => `refusal ${code}`),
  'a filter applies at its last instant',
  'hidden after silence',
  'several amounts refused',
  'hidden from a constrained framework',
  ...['shared', 'reserved', 'refined', 'revocable', 'gpus', 'volume'].map((what) => `${what} granted`),
  'added to what is held',
  'several takers of one agent',
  'hidden from everybody',
  'refused by everybody',
  'the whole cluster hidden from everybody',
  'everybody has enough, nobody refused it',
  'everybody has enough, somebody refused it',
  'alike but for refusals',
  'partly held agent',
  'shrunk agent',
  'inactive agent',
  'held agent that will be away',
  'refused and taken',
  'inactive framework',
  'suppressed framework',
  'several roles',
  'own minimum',
  'more than 32 clients',
  'free slot',
  'role left with something held',
  'whitelist',
];
