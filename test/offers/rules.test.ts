/** What every order rule owes, on small random clusters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetFairness, drf, fifo, priority, roundRobin, weightedRandom, type OrderRule } from '../../src/drf/index.js';
import type { AgentOrder } from '../../src/offers/index.js';
import { isEmpty } from '../../src/resources/index.js';
import { allocator, type Box } from './harness.js';

const rules: readonly OrderRule[] = [drf, roundRobin, weightedRandom, priority, fifo, assetFairness];

interface Plan {
  readonly seed: number;
  readonly agentOrder: AgentOrder;
  readonly agents: readonly { readonly cpus: number; readonly mem: number }[];
  readonly frameworks: readonly { readonly roles: readonly string[]; readonly priority: number }[];
  readonly weights: readonly number[];
}

const roles = ['a', 'a/b', 'c'];

const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  agentOrder: fc.constantFrom<AgentOrder>('random', 'best-fit', 'worst-fit'),
  agents: fc.array(fc.record({ cpus: fc.integer({ min: 1, max: 8 }), mem: fc.integer({ min: 32, max: 256 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  frameworks: fc.array(
    fc.record({ roles: fc.subarray(roles, { minLength: 1 }), priority: fc.integer({ min: 0, max: 2 }) }),
    { minLength: 1, maxLength: 4 },
  ),
  weights: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: roles.length, maxLength: roles.length }),
});

function build({ seed, agentOrder, agents, frameworks, weights }: Plan, rule: OrderRule): Box {
  const box = allocator({ seed, agentOrder }, rule);
  for (const [i, weight] of weights.entries()) box.send({ type: 'set-weight', role: roles[i] ?? '', weight });
  for (const [i, framework] of frameworks.entries()) box.framework(`f${i}`, framework.roles, framework);
  for (const [i, { cpus, mem }] of agents.entries()) box.agent(`a${i}`, `cpus:${cpus};mem:${mem}`);
  return box;
}

/** `f0 a1 as role` of a grant in words. */
const pairOf = (grant: string): string =>
  grant
    .replace(/^\d+: /, '')
    .split(' ')
    .slice(0, 4)
    .join(' ');

describe.each(rules.map((rule) => [rule.name, rule] as const))('under %s', (_, rule) => {
  it('everybody is offered every agent once those before it declined', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const box = build(plan, rule);
        const due = plan.frameworks.flatMap((framework, f) =>
          framework.roles.flatMap((role) => plan.agents.map((__, a) => `f${f} a${a} as ${role}`)),
        );
        const seen = new Set<string>();
        let grants = box.run();
        for (let batch = 0; grants.length > 0; batch += 1) {
          for (const grant of grants) seen.add(pairOf(grant));
          box.giveBack(grants, 3_600);
          grants = box.pass(1_000);
          expect(batch).toBeLessThan(due.length);
        }
        expect([...seen].toSorted()).toEqual(due.toSorted());
      }),
      { numRuns: 40 },
    );
  });

  it('nothing that somebody would take is left over', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const box = build(plan, rule);
        box.run();
        for (const { free } of box.state.agents.values()) expect(isEmpty(free)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('the same seed gives the same grants', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(build(plan, rule).run()).toEqual(build(plan, rule).run());
      }),
      { numRuns: 20 },
    );
  });
});

/** Who is served in so many batches by somebody who takes all and gives it back at once. */
function serve(box: Box, batches: number): readonly string[] {
  const served: string[] = [];
  let grants = box.run();
  for (let batch = 0; batch < batches; batch += 1) {
    served.push(...grants.map((grant) => pairOf(grant).split(' ')[0] ?? ''));
    box.giveBack(grants);
    grants = box.pass(1_000);
  }
  return served;
}

describe('without anybody declining', () => {
  // Under fifo the first may have it all: that is what it is for.
  it.each(rules.filter((rule) => rule !== fifo).map((rule) => [rule.name, rule] as const))(
    'nobody starves under %s',
    (_, rule) => {
      fc.assert(
        fc.property(plans, (plan) => {
          const box = build({ ...plan, agents: plan.agents.slice(0, 1), weights: [1, 1, 1] }, rule);
          // A role gets a quarter or more of the grants, and of these priority 0 beside 2 and two others one in 204.
          const served = new Set(serve(box, 4 * 204));
          expect(served.size).toBe(plan.frameworks.length);
        }),
        { numRuns: 10 },
      );
    },
  );

  it('under weighted-random roles are served by weight', () => {
    const box = allocator({}, weightedRandom);
    for (const [role, weight] of [
      ['x', 1],
      ['y', 3],
    ] as const) {
      box.send({ type: 'set-weight', role, weight });
      box.framework(`of-${role}`, [role]);
    }
    for (let i = 0; i < 40; i += 1) box.agent(`a${i}`, 'cpus:1');
    const served = serve(box, 50);
    expect(served).toHaveLength(2_000);
    const part = served.filter((id) => id === 'of-y').length / served.length;
    expect(Math.abs(part - 3 / 4)).toBeLessThan(0.04);
  });

  it('the luck of a framework in one role is not its luck in another', () => {
    // Nothing but the role is another.
    const winners = ['x', 'y'].map((role) => {
      const box = allocator({}, weightedRandom);
      box.framework('f1', [role]);
      box.framework('f2', [role]);
      for (let i = 0; i < 64; i += 1) box.agent(`a${i}`, 'cpus:1');
      return new Map(box.run().map((grant) => [grant.split(' ')[1], grant.split(' ')[0]]));
    });
    const same = [...(winners[0] ?? [])].filter(([agent, winner]) => winners[1]?.get(agent) === winner).length;
    expect(same).toBeGreaterThan(16);
    expect(same).toBeLessThan(48);
  });
});
