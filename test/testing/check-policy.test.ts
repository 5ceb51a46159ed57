/** What the laws say of policies that are as they should be, and of the orders that come with the library. */
import { describe, expect, it } from 'vitest';
import {
  amount,
  emptyCluster,
  stepViolation,
  tasks,
  transition,
  type ClusterState,
  type Policy,
} from '../../src/index.js';
import { assetFairness, drf, fifo, priority, roundRobin, weightedRandom } from '../../src/drf/index.js';
import { quantities } from '../../src/resources/index.js';
import {
  anyCluster,
  assertPolicy,
  checkPolicy,
  conductLaws,
  defaultLaws,
  fairnessLaws,
  type CheckResult,
  type Law,
} from '../../src/testing/index.js';

function violated({ laws }: CheckResult): readonly string[] {
  return Object.entries(laws).flatMap(([law, result]) => (result.verdict === 'violated' ? [law] : []));
}

const ownDrf: Policy = { name: 'own', rank: ({ dominantShare }) => dominantShare };

/** DRF with full control: each agent to whoever comes first. */
const byHand: Policy = {
  name: 'by-hand',
  *allocate(view) {
    for (const agent of view.agents()) {
      const [first] = view.candidates(agent);
      if (first === undefined) continue;
      yield { agent: agent.id, framework: first.framework, role: first.role, resources: first.most };
    }
  },
};

describe('sound policies keep all laws', () => {
  it.each([
    ['drf', drf, 80],
    ["the same as a rule of one's own", ownDrf, 60],
    ['with ranks asked at every look', { ...ownDrf, changesWith: 'sort' } as Policy, 20],
    ['with all leaves in one list', { ...ownDrf, flat: true } as Policy, 20],
    ['with full control', byHand, 30],
  ] as const)('%s', (_, policy, runs) => {
    const result = checkPolicy(policy, { runs });
    expect(violated(result), `seed ${result.seed}`).toEqual([]);
    expect(Object.keys(result.laws)).toEqual(defaultLaws);
  });
});

describe('the orders of proffer/drf', () => {
  const unequal: readonly Law[] = [
    'sharing-incentive',
    'envy-freeness',
    'single-resource-fairness',
    'bottleneck-fairness',
  ];

  it.each([
    ['drf', drf, []],
    ['assetFairness', assetFairness, ['sharing-incentive', 'bottleneck-fairness']],
    ['roundRobin', roundRobin, [...unequal, 'strategy-proofness']],
    ['weightedRandom', weightedRandom, [...unequal, 'strategy-proofness']],
    ['priority', priority, [...unequal, 'strategy-proofness']],
    ['fifo', fifo, unequal],
  ] as const)('break no other laws of fairness than they are known to: %s', (_, policy, broken) => {
    // As in the page on policies.
    const laws = defaultLaws.filter((law) => fairnessLaws.some((fair) => fair === law));
    const found = violated(checkPolicy(policy, { laws, runs: 120, seed: 2 }));
    expect(found.toSorted()).toEqual([...broken].toSorted());
  });

  it.each([drf, assetFairness])('take from somebody when there is more: $name, as table 2 has it', (policy) => {
    expect(violated(checkPolicy(policy, { laws: ['resource-monotonicity'], seed: 1 }))).toEqual([
      'resource-monotonicity',
    ]);
  });

  it.each([assetFairness, roundRobin, weightedRandom, priority, fifo])('keep the laws of conduct: $name', (policy) => {
    const result = checkPolicy(policy, { laws: conductLaws, runs: 40 });
    expect(violated(result), `seed ${result.seed}`).toEqual([]);
  });
});

describe('a check', () => {
  it('is the same from the same seed, whatever else is asked', () => {
    const options = { seed: 9, runs: 25 };
    const all = checkPolicy(roundRobin, options);
    expect(checkPolicy(roundRobin, options)).toEqual(all);
    const one = checkPolicy(roundRobin, { ...options, laws: ['envy-freeness'] });
    expect(one.laws).toEqual({ 'envy-freeness': all.laws['envy-freeness'] });
    expect(all).toMatchObject({ policy: 'round-robin', seed: 9 });
  });

  it('shows a counterexample that reads, replays and breaks no rule of the machine', () => {
    const { counterexample } =
      checkPolicy(fifo, { laws: ['sharing-incentive'], seed: 1 }).laws['sharing-incentive'] ?? {};
    expect(counterexample).toEqual({
      agents: [{ id: 'm1', resources: 'cpus:2' }],
      frameworks: [
        { name: 'a', role: 'a', weight: 1, demand: 'cpus:1' },
        { name: 'b', role: 'b', weight: 1, demand: 'cpus:1' },
      ],
      allocated: [
        { framework: 'a', tasks: 2, resources: 'cpus:2' },
        { framework: 'b', tasks: 0, resources: '' },
      ],
      sentence:
        'b has 0 tasks, at most 0 % of anything, while 100 % of cpus are in use and its part by weight is half.',
      replay: expect.any(Array) as unknown,
    });
    let state: ClusterState = emptyCluster();
    for (const input of counterexample?.replay ?? []) {
      const [after, outputs] = transition(state, input, fifo);
      expect(stepViolation(state, input, after, outputs)).toBeUndefined();
      state = after;
    }
    expect(tasks(state).map(({ framework, resources }) => [framework, String(resources)])).toEqual([
      ['a', 'cpus:1'],
      ['a', 'cpus:1'],
    ]);
  });

  it('shows a policy that looks at some kinds only on the kinds on which it errs', () => {
    const blindToDisk: Policy = {
      name: 'blind-to-disk',
      rank: ({ allocated }) => amount(allocated, 'cpus') + amount(allocated, 'mem'),
    };
    const laws: readonly Law[] = ['sharing-incentive'];
    for (const seed of [1, 2]) {
      const { counterexample } = checkPolicy(blindToDisk, { laws, seed }).laws['sharing-incentive'] ?? {};
      if (counterexample === undefined) throw new Error('it holds');
      const { agents, replay } = counterexample;
      const registered = replay.flatMap((input) => (input.type === 'register' ? [input.resources] : []));
      expect(registered).toEqual(agents.map(({ resources }) => resources));
      const again = checkPolicy(blindToDisk, { laws, cluster: counterexample, runs: 1 });
      expect(violated(again)).toEqual(laws);
    }
  });

  it("takes a counterexample as a cluster of one's own", () => {
    const laws: readonly Law[] = ['bottleneck-fairness'];
    const { counterexample } = checkPolicy(assetFairness, { laws, seed: 1 }).laws['bottleneck-fairness'] ?? {};
    if (counterexample === undefined) throw new Error('it holds');
    const again = checkPolicy(assetFairness, { laws, cluster: counterexample, runs: 1 });
    expect(again.laws['bottleneck-fairness']?.verdict).toBe('violated');
    expect(violated(checkPolicy(drf, { cluster: counterexample, runs: 20 }))).toEqual([]);
  });

  it('is fair to frameworks of one role beside others, and keeps their names', () => {
    const cluster = {
      agents: [{ id: 'host', resources: 'cpus:32;mem:65536;ports:[1-9];gpus:2' }],
      frameworks: [
        { name: 'nightly', role: 'batch', demand: 'cpus:1;mem:4096' },
        { name: 'hourly', role: 'batch', demand: 'cpus:4;mem:1024' },
        { name: '__proto__', role: 'web/front', weight: 3, demand: 'cpus:2;mem:512' },
      ],
      quotas: [{ role: 'batch', guarantees: { cpus: 8 }, limits: { cpus: 30 } }],
    };
    expect(violated(checkPolicy(drf, { cluster, runs: 8 }))).toEqual([]);
    const { laws } = checkPolicy(fifo, { cluster, laws: ['sharing-incentive'], runs: 8 });
    const names = laws['sharing-incentive']?.counterexample?.frameworks.map(({ name }) => name) ?? [];
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) expect(['nightly', 'hourly', '__proto__']).toContain(name);
  });

  it('takes clusters that are drawn', () => {
    const cluster = anyCluster({ maxAgents: 1, kinds: ['gpus'], rich: true });
    expect(violated(checkPolicy(drf, { cluster, runs: 30 }))).toEqual([]);
  });

  it.each([
    ['bad-policy', null],
    ['bad-policy', 'drf'],
    ['bad-policy', { name: 'x' }],
    ['bad-policy', { rank: () => 0 }],
  ] as const)('refuses what is no policy: %s %j', (code, policy) => {
    expect(() => checkPolicy(policy as unknown as Policy)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['unknown-law', { laws: ['kindness' as Law] }],
    ['bad-runs', { runs: -1 }],
    ['bad-seed', { seed: 0.5 }],
    [
      'bad-cluster',
      { cluster: { agents: [{ id: 'a/b', resources: '' }], frameworks: [{ name: 'f', demand: 'cpus:1' }] } },
    ],
    [
      'bad-cluster',
      { cluster: { agents: [{ id: 'a', resources: '' }], frameworks: [{ name: 'f', role: '/', demand: 'cpus:1' }] } },
    ],
    [
      'bad-cluster',
      { cluster: { agents: [{ id: 'a', resources: 'gpus:2' }], frameworks: [{ name: 'f', demand: 'gpus:0.5' }] } },
    ],
    [
      'bad-cluster',
      {
        cluster: {
          agents: [{ id: 'a', resources: '' }],
          frameworks: [
            { name: 'f', role: 'r', demand: 'cpus:1' },
            { name: 'g', role: 'r', weight: 2, demand: 'cpus:1' },
          ],
        },
      },
    ],
    [
      'bad-resources',
      { cluster: { agents: [{ id: 'a', resources: 'cpus' }], frameworks: [{ name: 'f', demand: 'cpus:1' }] } },
    ],
    [
      'bad-quantities',
      { cluster: { agents: [{ id: 'a', resources: '' }], frameworks: [{ name: 'f', demand: 'ports:[1-2]' }] } },
    ],
  ] as const)('refuses what makes no sense by code: %s', (code, options) => {
    expect(() => checkPolicy(drf, options)).toThrow(expect.objectContaining({ code }));
  });
});

describe('assertPolicy', () => {
  it('is silent when all laws hold', () => {
    expect(() => assertPolicy(drf, { runs: 20 })).not.toThrow();
  });

  it('throws the counterexample as a text that tells the cluster, what happened, and one sentence', () => {
    const thrown = (): unknown => {
      try {
        return assertPolicy(fifo, { laws: ['sharing-incentive', 'liveness'], runs: 30, seed: 1 });
      } catch (error) {
        return error;
      }
    };
    const error = thrown() as Error & { code: string; result: CheckResult };
    expect(error).toMatchObject({ name: 'LawError', code: 'law-broken', result: { seed: 1, policy: 'fifo' } });
    expect(`${error.message}\n`).toBe(`'fifo' breaks a law (seed 1)

sharing-incentive, on cluster 1: b has 0 tasks, at most 0 % of anything, while 100 % of cpus are in use and its part by weight is half.
  agent      m1  cpus:2
  framework  a   wants cpus:1 a task; has 2 tasks (cpus:2)
  framework  b   wants cpus:1 a task; has 0 tasks
  what happened
         0 ms  configure {"config":{"minAllocatable":[],"filterGpus":false}}
         0 ms  subscribe a as a
         0 ms  subscribe b as b
         0 ms  register m1 cpus:2
      1000 ms  allocate all
      1000 ms  a takes a1 (cpus:1) of proffer-O0
      2000 ms  allocate all
      2000 ms  a takes a2 (cpus:1) of proffer-O1
      3000 ms  allocate all
`);
  });

  it('tells both outcomes where a law compares two', () => {
    const run = (): void => assertPolicy(roundRobin, { laws: ['strategy-proofness'], seed: 1 });
    expect(run).toThrow(/if it asks for tasks of \S+ instead\.\n[\s\S]*\n {2}instead\n {4}agent/);
  });

  it('throws what checkPolicy throws', () => {
    expect(() => assertPolicy(drf, { runs: 0 })).toThrow(expect.objectContaining({ code: 'bad-runs' }));
    expect(quantities('cpus:1').names).toEqual(['cpus']);
  });
});
