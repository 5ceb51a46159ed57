import { describe, expect, it } from 'vitest';
import type { Client, OrderRule } from '../../src/drf/index.js';
import { nextRun, type AllocationPolicy, type AllocationView, type Grant } from '../../src/offers/index.js';
import { amount, resources } from '../../src/resources/index.js';
import { allocator, type Box } from './harness.js';

/** Two agents, a framework in each of two roles. */
function twoByTwo(policy?: Parameters<typeof allocator>[1]): Box {
  const box = allocator({}, policy);
  box.framework('f1', ['a']);
  box.framework('f2', ['b']);
  box.agent('a1', 'cpus:4;mem:1024');
  box.agent('a2', 'cpus:4;mem:1024');
  return box;
}

function policy(allocate: (view: AllocationView) => Iterable<Grant>): AllocationPolicy {
  return { name: 'mine', allocate };
}

function grant(agent: string, framework: string, role: string, text: string): Grant {
  return { agent, framework, role, resources: resources(text) };
}

describe('an order rule', () => {
  it('decides who comes first; ties go by allocations, then by name', () => {
    const byPriority: OrderRule = { name: 'by-priority', rank: (client) => -client.priority };
    const box = allocator({}, byPriority);
    box.framework('f1', ['a'], { priority: 1 });
    box.framework('f2', ['a'], { priority: 5 });
    box.agent('a1', 'cpus:1');
    box.agent('a2', 'cpus:1');
    expect(box.run().map((line) => line.slice(0, 2))).toEqual(['f2', 'f2']);
    box.send({ type: 'update-framework', framework: 'f1', roles: ['a'], priority: 9 });
    box.agent('a3', 'cpus:1');
    expect(box.run()).toEqual(['f1 a3 as a cpus:1']);
  });

  it('may rank roles by the priority that the operator gave them', () => {
    const box = allocator({}, { name: 'by-priority', rank: (client) => -client.priority });
    box.send({ type: 'set-weight', role: 'b', priority: 3 });
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    box.agent('a1', 'cpus:1');
    expect(box.run()).toEqual(['f2 a1 as b cpus:1']);
  });

  it('that ranks by luck has the same luck for the same seed, run and agent', () => {
    const lottery: OrderRule = { name: 'lottery', changesWith: 'sort', rank: (client) => client.draw / client.weight };
    const winners = (seed: number, agents: readonly string[]): ReadonlyMap<string, string> => {
      const box = allocator({ seed }, lottery);
      for (const id of ['f1', 'f2', 'f3', 'f4']) box.framework(id, [id]);
      for (const id of agents) box.agent(id, 'cpus:1');
      return new Map(box.run().map((line) => [line.slice(3, 5), line.slice(0, 2)]));
    };
    const all = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'];
    expect(winners(1, all)).toEqual(winners(1, all));
    expect(winners(1, all)).not.toEqual(winners(2, all));
    // Another agent, another draw.
    expect(new Set(winners(1, all).values()).size).toBeGreaterThan(1);
  });

  it('that divides its draw by the weight serves in proportion to the weights', () => {
    const box = allocator({}, { name: 'lottery', changesWith: 'sort', rank: (client) => client.draw / client.weight });
    box.send({ type: 'set-weight', role: 'b', weight: 3 });
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    for (let n = 0; n < 2_000; n += 1) box.agent(`a${n}`, 'cpus:1');
    const forB = box.run().filter((line) => line.startsWith('f2')).length;
    expect(forB / 2_000).toBeCloseTo(3 / 4, 1);
  });

  it.each([
    ['NaN', (): number => NaN, 'bad-rank'],
    [
      'its own throw',
      (): number => {
        throw new Error('out of ideas');
      },
      'policy-threw',
    ],
    [
      'a throw of something else',
      (): number => {
        throw 'text';
      },
      'policy-threw',
    ],
  ])('that fails by %s gives nothing, and the next batch asks it again', (_, rank, code) => {
    const box = twoByTwo({ name: 'mine', rank });
    const [line = '', ...others] = box.run();
    expect(line).toContain(`failed ${code}`);
    expect(others).toEqual([]);
    expect(box.shares()).toEqual({ a: 0, b: 0 });
    expect(nextRun(box.state)).toBe(1_000);
    box.policy = undefined;
    expect(box.pass(1_000)).toHaveLength(2);
  });

  it('that fails half-way leaves nothing of the half', () => {
    let asked = 0;
    const tired = (client: Client): number => ((asked += 1) > 4 ? NaN : client.dominantShare);
    const box = twoByTwo({ name: 'tired', rank: tired });
    expect(box.run()).toEqual([expect.stringContaining('failed bad-rank')]);
    expect(box.shares()).toEqual({ a: 0, b: 0 });
    expect(box.state.agents.get('a1')?.held).toEqual([]);
  });
});

describe('an allocation policy', () => {
  it('gives what it says: parts of agents, in its own order', () => {
    const box = twoByTwo(policy(() => [grant('a2', 'f2', 'b', 'cpus:1'), grant('a2', 'f1', 'a', 'cpus:3;mem:1024')]));
    expect(box.run()).toEqual(['f2 a2 as b cpus:1', 'f1 a2 as a cpus:3; mem:1024']);
    // a: 1024 of 2048 MB, b: 1 of 8 cpus.
    expect(box.shares()).toEqual({ a: 0.5, b: 0.125 });
  });

  it('sees agents, candidates, shares and what is left as its grants so far have made them', () => {
    const seen: string[] = [];
    const box = twoByTwo(
      policy(function* (view) {
        expect(String(view.total)).toBe('cpus:8; mem:2048');
        for (const agent of view.agents()) {
          for (;;) {
            const [first] = view.candidates(agent);
            if (first === undefined) break;
            const { framework, role, most, client, roleClient } = first;
            seen.push(
              `${framework} ${String(most)} ${client.dominantShare} ${roleClient.dominantShare} ${client.count}`,
            );
            yield { agent: agent.id, framework, role, resources: resources('cpus:2') };
            seen.push(String(agent.free));
          }
        }
      }),
    );
    expect(box.run()).toHaveLength(4);
    expect(seen).toEqual([
      'f1 cpus:4; mem:1024 0 0 0',
      'cpus:2; mem:1024',
      'f2 cpus:2; mem:1024 0 0 0',
      'mem:1024',
      'f1 cpus:4; mem:1024 0.25 0.25 1',
      'cpus:2; mem:1024',
      'f2 cpus:2; mem:1024 0.25 0.25 1',
      'mem:1024',
    ]);
  });

  it('is told only of those who may have something: filters, suppression and minimums are applied', () => {
    const seen: string[][] = [];
    const box = twoByTwo(
      policy((view) => {
        for (const agent of view.agents()) {
          seen.push([agent.id, ...[...view.candidates(agent)].map(({ framework }) => framework)]);
        }
        return [];
      }),
    );
    box.policy = undefined;
    box.giveBack(
      box.run().filter((line) => line.startsWith('f1')),
      3_600,
    );
    box.recover('f2', 'a1', 'b', 'cpus:4;mem:1024');
    box.recover('f2', 'a2', 'b', 'cpus:4;mem:1024');
    box.policy = policy((view) => {
      for (const agent of view.agents()) {
        seen.push([agent.id, ...[...view.candidates(agent)].map(({ framework }) => framework)]);
      }
      return [];
    });
    box.run('all');
    // f1 refused one of the two agents.
    expect(seen.map(([, ...frameworks]) => frameworks).sort((a, b) => a.length - b.length)).toEqual([
      ['f2'],
      ['f1', 'f2'],
    ]);
  });

  it('that leaves something grantable is asked again in the next batch, for ever if it must', () => {
    const box = twoByTwo(policy(() => []));
    expect(box.run()).toEqual([]);
    expect(nextRun(box.state)).toBe(1_000);
    expect(box.pass(3_000)).toEqual([]);
    expect(box.state.runs).toBe(4);
    expect(nextRun(box.state)).toBe(4_000);
  });

  it('that left nothing grantable is not', () => {
    const box = twoByTwo(
      policy(function* (view) {
        for (const agent of view.agents()) {
          const [first] = view.candidates(agent);
          if (first) yield { agent: agent.id, framework: first.framework, role: first.role, resources: first.most };
        }
      }),
    );
    expect(box.run()).toHaveLength(2);
    expect(nextRun(box.state)).toBeUndefined();
  });

  it('is passed over where a part of the most is just what its framework refused (FILT-1)', () => {
    const wholes = policy(function* (view) {
      for (const agent of view.agents()) {
        for (const { framework, role, most } of view.candidates(agent)) {
          const cpus = resources('cpus:2');
          yield { agent: agent.id, framework, role, resources: amount(view.total, 'cpus') > 0 ? cpus : most };
        }
      }
    });
    const box = allocator({}, wholes);
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    box.agent('a1', 'cpus:8');
    box.giveBack(
      box.run().filter((line) => line.startsWith('f1')),
      3,
    );
    // All 8 cpus together are more than what f1 refused, so it is a candidate; 2 of them are not.
    expect(box.pass(2_000)).toEqual(['1000: f2 a1 as b cpus:2', '2000: f2 a1 as b cpus:2']);
    expect(box.pass(1_000)).toEqual(['3000: f1 a1 as a cpus:2']);
  });

  const bad: readonly (readonly [string, () => Iterable<Grant>, string])[] = [
    ['an unknown agent', () => [grant('a9', 'f1', 'a', 'cpus:1')], 'unknown-agent'],
    ['an unknown framework', () => [grant('a1', 'f9', 'a', 'cpus:1')], 'unknown-framework'],
    ['a role that the framework is not in', () => [grant('a1', 'f1', 'b', 'cpus:1')], 'unknown-framework'],
    ['a role that the framework suppresses', () => [grant('a1', 'f3', 'c', 'cpus:1')], 'unknown-framework'],
    ['a framework that is away', () => [grant('a1', 'f4', 'd', 'cpus:1')], 'unknown-framework'],
    ['nothing', () => [grant('a1', 'f1', 'a', '')], 'empty-grant'],
    ['more than there is', () => [grant('a1', 'f1', 'a', 'cpus:4.001')], 'grant-above-most'],
    ['what there is not', () => [grant('a1', 'f1', 'a', 'gpus:1')], 'grant-above-most'],
    ['what is reserved to another', () => [grant('a1', 'f1', 'a', 'cpus(z):1')], 'grant-above-most'],
    [
      'more than its own grants have left',
      () => [grant('a1', 'f1', 'a', 'cpus:3'), grant('a1', 'f2', 'b', 'cpus:2')],
      'grant-above-most',
    ],
    ['twice the same', () => [grant('a1', 'f1', 'a', 'cpus:1'), grant('a1', 'f1', 'a', 'cpus:1')], 'duplicate-grant'],
    [
      'no resources',
      () => [{ ...grant('a1', 'f1', 'a', ''), resources: 'cpus:1' as unknown as Grant['resources'] }],
      'bad-grant',
    ],
    ['no grant at all', () => [undefined as unknown as Grant], 'policy-threw'],
    ['no list', () => 5 as unknown as Iterable<Grant>, 'policy-threw'],
    [
      'a throw after a good grant',
      function* () {
        yield grant('a1', 'f1', 'a', 'cpus:1');
        throw new RangeError('lost my way');
      },
      'policy-threw',
    ],
  ];

  it.each(bad)('that grants %s fails: nothing is given, the next batch tries again', (_, allocate, code) => {
    const box = twoByTwo(policy(allocate));
    box.framework('f3', ['c'], { suppressedRoles: ['c'] });
    box.framework('f4', ['d'], { active: false });
    expect(box.send({ type: 'allocate' })).toEqual([
      { type: 'policy-failed', failure: { policy: 'mine', code, message: expect.any(String) as string } },
    ]);
    expect(box.shares()).toEqual({ a: 0, b: 0, c: 0, d: 0 });
    expect(nextRun(box.state)).toBe(1_000);
    box.policy = undefined;
    expect(box.pass(1_000)).toHaveLength(2);
  });

  it('can not change what it is shown', () => {
    const box = twoByTwo(
      policy((view) => {
        for (const agent of view.agents()) {
          expect(() => Object.assign(agent.total, { items: [] })).toThrow();
          Object.assign(agent, { id: 'a9' });
          expect([...view.candidates(agent)]).toEqual([]);
        }
        return [];
      }),
    );
    expect(box.run()).toEqual([]);
    box.policy = undefined;
    expect(box.pass(1_000)).toHaveLength(2);
  });
});
