/** What is drawn can be what it says, and shrinks to what a person takes in at a glance. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialize, stepViolation, tasks, type ClusterState } from '../../src/index.js';
import { drf, roundRobin } from '../../src/drf/index.js';
import { emptyCluster, transition } from '../../src/cluster/index.js';
import { quantities, resources, validateRole } from '../../src/resources/index.js';
import {
  anyCluster,
  anyDemand,
  anyHistory,
  anyResources,
  anyRoles,
  playHistory,
  type ClusterPlan,
  type History,
} from '../../src/testing/index.js';

/** What an arbitrary shrinks to when everything that is interesting is wrong. */
function smallest<T>(arbitrary: fc.Arbitrary<T>, interesting: (value: T) => boolean, seed = 4): T {
  const { counterexample } = fc.check(
    fc.property(arbitrary, (value) => !interesting(value)),
    { numRuns: 2_000, seed },
  );
  if (counterexample === null) throw new Error('nothing interesting is drawn');
  return counterexample[0];
}

const least: ClusterPlan = {
  agents: [{ id: 'm1', resources: 'cpus:1' }],
  frameworks: [{ name: 'a', role: 'a', weight: 1, demand: 'cpus:1' }],
};

describe('a cluster that is drawn', () => {
  it('shrinks to one machine and one framework', () => {
    for (const seed of [1, 2, 3]) expect(smallest(anyCluster(), () => true, seed)).toEqual(least);
    expect(smallest(anyCluster({ rich: true }), () => true)).toEqual(least);
  });

  it('keeps what matters when it shrinks', () => {
    const heavy = smallest(anyCluster(), ({ frameworks }) => frameworks.some(({ weight }) => weight === 2));
    expect(heavy.frameworks.map(({ weight }) => weight)).toContain(2);
    expect(heavy.agents).toHaveLength(1);
  });

  it('is, often enough, what policies err at', () => {
    const drawn = fc.sample(anyCluster({ rich: true }), { numRuns: 2_000, seed: 8 });
    const part = (holds: (cluster: ClusterPlan) => boolean): number => drawn.filter(holds).length / drawn.length;
    const taskOf = ({ demand }: ClusterPlan['frameworks'][number]): string => String(quantities(demand));
    const tied = ({ frameworks }: ClusterPlan): boolean => new Set(frameworks.map(taskOf)).size < frameworks.length;
    const idle = ({ frameworks }: ClusterPlan): boolean =>
      new Set(frameworks.map((one) => quantities(one.demand).names.length)).size > 1;
    expect(part(tied)).toBeGreaterThan(0.1);
    expect(part(idle)).toBeGreaterThan(0.1);
    expect(part(({ agents }) => agents.length > 1)).toBeGreaterThan(0.15);
    expect(part(({ frameworks }) => frameworks.some(({ weight = 1 }) => weight !== 1))).toBeGreaterThan(0.2);
    expect(part(({ quotas = [] }) => quotas.length > 0)).toBeGreaterThan(0.1);
    expect(part(({ frameworks }) => frameworks.some(({ role = '' }) => role.includes('/')))).toBeGreaterThan(0.1);
    expect(
      part(({ frameworks }) => new Set(frameworks.map(({ role }) => role)).size < frameworks.length),
    ).toBeGreaterThan(0.1);
  });

  it('has room for every task on every machine', () => {
    fc.assert(
      fc.property(anyCluster({ maxAgents: 5, maxFrameworks: 5 }), ({ agents, frameworks }) => {
        expect(agents.length).toBeLessThanOrEqual(5);
        for (const agent of agents) {
          const has = new Map(resources(agent.resources).items.map(({ name, value }) => [name, value]));
          for (const { demand } of frameworks) {
            const task = quantities(demand);
            for (const [i, name] of task.names.entries()) {
              const value = has.get(name);
              expect(value?.type === 'scalar' ? value.milli : 0).toBeGreaterThanOrEqual(task.millis[i] ?? 0);
            }
          }
        }
      }),
    );
  });
});

describe('parts of it', () => {
  it('are valid, and shrink to almost nothing', () => {
    fc.assert(fc.property(anyDemand(), (demand) => quantities(demand).names.length > 0));
    fc.assert(
      fc.property(anyRoles({ kinds: ['gpus'] }), (roles) => {
        for (const { role, weight, guarantees, limits } of roles) {
          expect(validateRole(role)).toBeUndefined();
          expect(weight).toBeGreaterThan(0);
          for (const [name, most] of Object.entries(limits)) expect(guarantees[name] ?? 0).toBeLessThanOrEqual(most);
        }
      }),
    );
    expect(smallest(anyDemand(), () => true)).toBe('cpus:1');
    expect(String(smallest(anyResources(), () => true))).toBe('{}');
    expect(String(smallest(anyResources(), (all) => all.items.some(({ revocable }) => revocable === true)))).toMatch(
      /^cpus\{REV\}:1$/,
    );
    expect(smallest(anyRoles(), () => true)).toHaveLength(1);
  });
});

function bytes(state: ClusterState): string {
  return [...serialize(state)].join('');
}

describe('a history that is drawn', () => {
  it('breaks no rule of the machine, whatever frameworks and agents do', () => {
    let steps = 0;
    fc.assert(
      fc.property(anyHistory(), fc.constantFrom(drf, roundRobin), (history, policy) => {
        playHistory(history, policy, ({ before, input, after, outputs }) => {
          steps += 1;
          expect(stepViolation(before, input, after, outputs)).toBeUndefined();
        });
      }),
      { numRuns: 250 },
    );
    expect(steps).toBeGreaterThan(2_500);
  });

  it('is data: it plays the same again, and so do its inputs', () => {
    fc.assert(
      fc.property(anyHistory(), (history) => {
        const copied = JSON.parse(JSON.stringify(history)) as History;
        const { state, inputs } = playHistory(history);
        expect(bytes(playHistory(copied).state)).toBe(bytes(state));
        const replayed = inputs.reduce<ClusterState>((one, input) => transition(one, input, drf)[0], emptyCluster());
        expect(bytes(replayed)).toBe(bytes(state));
      }),
      { numRuns: 60 },
    );
  });

  it('meets all that may happen', () => {
    const seen = new Set<string>();
    for (const history of fc.sample(anyHistory(), { numRuns: 400, seed: 2 })) {
      playHistory(history, drf, ({ input, outputs }) => {
        seen.add(input.type);
        for (const output of outputs) seen.add(`-> ${output.type}`);
      });
    }
    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...['accept', 'decline', 'suppress', 'revive', 'teardown', 'unregister', 'update-agent', 'status', 'set-quota'],
        ...['set-weight', '-> offers', '-> launch', '-> rescind', '-> update', '-> rejected'],
      ]),
    );
  });

  it('misbehaves only if it may', () => {
    const history = fc.sample(anyHistory({ misbehaving: false, maxMoves: 30 }), { numRuns: 100, seed: 2 });
    expect(history.flatMap(({ moves }) => moves.map(({ kind }) => kind))).not.toContain('accept-twice');
  });

  it('shrinks to the steps that matter', () => {
    const launched = smallest(anyHistory(), (history) => tasks(playHistory(history).state).length > 0);
    expect(launched.moves.map(({ kind }) => kind)).toEqual(['allocate', expect.stringMatching(/^take|^accept-twice/)]);
    expect(launched.cluster).toEqual(least);
  });
});
