/** In which order the one predicate asks (ALLOC-5): of several reasons the first in its list is told. */
import { describe, expect, it } from 'vitest';
import { judge, offerConstraints, type AllocatorAgent, type AllocatorFramework } from '../../src/offers/index.js';
import { noRefusals, withRefusal } from '../../src/offers/refusals.js';
import { limits, quantities, resources, type ResourcesLike } from '../../src/resources/index.js';
import { allocator } from './harness.js';

type Match = Parameters<typeof judge>[0];
type Fix = (match: Match) => Match;

const role = 'a/b';
const refined = {
  name: 'cpus',
  value: 2,
  reservations: [
    { type: 'static', role: 'a' },
    { type: 'dynamic', role },
  ],
} as const;
const spare = { name: 'cpus', value: 2, revocable: true } as const;

const withFree =
  (like: ResourcesLike): Fix =>
  (match) => ({ ...match, free: resources(like) });
const withAgent =
  (part: (agent: AllocatorAgent) => Partial<AllocatorAgent>): Fix =>
  (match) => ({
    ...match,
    agent: { ...match.agent, ...part(match.agent) },
  });
const withFramework =
  (part: (framework: AllocatorFramework) => Partial<AllocatorFramework>): Fix =>
  (match) => ({
    ...match,
    framework: { ...match.framework, ...part(match.framework) },
  });
const agentKnows = (...names: AllocatorAgent['capabilities']): Fix =>
  withAgent(({ capabilities }) => ({ capabilities: [...capabilities, ...names] }));
const frameworkKnows = (...names: AllocatorFramework['capabilities']): Fix =>
  withFramework(({ capabilities }) => ({ capabilities: [...capabilities, ...names] }));
const withRoom =
  (left: string, surplus: string): Fix =>
  (match) => ({
    ...match,
    room: { stage: 'fair-share', role, unmet: quantities(''), limits: limits(left), surplus: quantities(surplus) },
  });

/** Everything that can be wrong at once. */
function hopeless(): Match {
  const box = allocator({ domain: { region: 'here', zone: 'z' }, maxOffersPerFramework: 1 });
  box.framework('f1', [role]);
  box.agent('a1', 'cpus:4;gpus:1', { capabilities: [], domain: { region: 'there', zone: 'z' } });
  const [agent, framework] = [box.state.agents.get('a1'), box.state.frameworks.get('f1')];
  if (agent === undefined || framework === undefined) throw new Error('they are not there');
  const refused = withRefusal(
    noRefusals,
    {
      slot: framework.slots[0]?.slot ?? 0,
      end: 60_000,
      refused: resources('cpus:100;mem:100000'),
      silence: false,
      seq: 1,
    },
    box.state,
    { now: 0, batch: false },
  );
  const nowhere = offerConstraints([
    { role, groups: [[{ selector: { attribute: 'x' }, predicate: { type: 'exists' } }]] },
  ]);
  return {
    state: box.state,
    agent: { ...agent, refusals: refused },
    framework: { ...framework, constraints: nowhere },
    role,
    free: resources('cpus(other):4'),
    offersBeside: 1,
    room: {
      stage: 'fair-share',
      role,
      unmet: quantities(''),
      limits: limits('cpus:0'),
      surplus: quantities(''),
    },
  };
}

/** What is told, and what then is mended: the next reason comes out. */
const ladder: readonly (readonly [clause: string, code: string, fix: Fix])[] = [
  ['(a), CONS-4', 'constraint', withFramework(() => ({ constraints: [] }))],
  ['ALLOC-7', 'agent-without-multi-role', agentKnows('multi-role')],
  ['ALLOC-7', 'agent-without-hierarchical-role', agentKnows('hierarchical-role')],
  ['(b)', 'nothing-free', withFree([{ ...spare, value: 0.001 }])],
  ['(c)', 'below-minimum', withFree([refined, spare])],
  ['(d)', 'gpus-reserved-for-gpu-frameworks', frameworkKnows('gpu-resources')],
  ['(d), DOM-2', 'remote-region', frameworkKnows('region-aware')],
  ['(e)', 'capability-missing', (match) => withFree([refined])(frameworkKnows('reservation-refinement')(match))],
  [
    '(e), AG-12',
    'agent-without-reservation-refinement',
    (match) => withFree('cpus:4')(agentKnows('reservation-refinement')(match)),
  ],
  ['(f), QUOTA-7', 'over-limit', withRoom('', '')],
  ['(f), QUOTA-5', 'kept-for-guarantees', withRoom('', 'cpus:0.001')],
  ['(g)', 'below-minimum', withRoom('', 'cpus:3')],
  ['bound on offers', 'too-many-offers', (match) => ({ ...match, offersBeside: 0 })],
  ['(g), FILT-1', 'filtered', withAgent(() => ({ refusals: noRefusals }))],
];

describe('the order of reasons (ALLOC-5)', () => {
  it.each(ladder.map(([clause, code], index) => [index + 1, clause, code] as const))(
    '%i: %s says %s',
    (place, _, code) => {
      const match = ladder.slice(0, place - 1).reduce((before, [, , fix]) => fix(before), hopeless());
      expect(judge(match).refusal?.code).toBe(code);
    },
  );

  it('ends with an offer of what quota leaves', () => {
    const match = ladder.reduce((before, [, , fix]) => fix(before), hopeless());
    expect(String(judge(match).offer)).toBe('cpus:3');
  });

  it('asks of everything that is free whether it is enough, before anything is left out (c), and of the rest after (g)', () => {
    const start = ladder.slice(0, 4).reduce((before, [, , fix]) => fix(before), hopeless());
    // Enough with what the framework does not know, and too little without.
    const mixed = withFree(['cpus:0.001', spare])(start);
    expect(judge(mixed).refusal?.code).toBe('gpus-reserved-for-gpu-frameworks');
    const known = frameworkKnows('gpu-resources', 'region-aware')(mixed);
    expect(judge({ ...known, room: undefined }).refusal).toEqual({
      code: 'below-minimum',
      short: [{ name: 'cpus', milli: 9 }],
    });
  });

  it('tells what is missing to the minimum of which least kinds are missing, and nothing that is not', () => {
    const short = (free: string, ...minimums: readonly string[]): unknown => {
      const box = allocator({ minAllocatable: minimums.map((minimum) => quantities(minimum)) });
      box.framework('f1', ['r']);
      box.agent('a1', free);
      const [agent, framework] = [box.state.agents.get('a1'), box.state.frameworks.get('f1')];
      if (agent === undefined || framework === undefined) throw new Error('they are not there');
      const match = {
        state: box.state,
        agent,
        framework,
        role: 'r',
        free: agent.free,
        offersBeside: 0,
        room: undefined,
      };
      return judge(match).refusal;
    };
    const missing = (...gaps: readonly (readonly [string, number])[]): unknown => ({
      code: 'below-minimum',
      short: gaps.map(([name, milli]) => ({ name, milli })),
    });
    expect(short('cpus:2;mem:64', 'cpus:2;mem:100')).toEqual(missing(['mem', 36_000]));
    expect(short('cpus:1.999;mem:64', 'cpus:2;mem:64')).toEqual(missing(['cpus', 1]));
    expect(short('disk:1', 'cpus:1;mem:32', 'mem:64', 'cpus:2;mem:8')).toEqual(missing(['mem', 64_000]));
  });
});
