/** The machine divides as the paper does, and luck depends on ids and seed alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyCluster, transition, type ClusterState, type Input, type Offer } from '../../src/cluster/index.js';
import { assetFairness, drf, priority, progressiveFilling, roundRobin, weightedRandom } from '../../src/drf/index.js';
import { contains, resources } from '../../src/resources/index.js';
import type { Policy } from '../../src/offers/index.js';
import { bytes } from './history.js';

interface User {
  readonly name: string;
  readonly cpus: number;
  readonly mem: number;
  readonly weight: number;
}

const names = ['a', 'b', 'c', 'constructor', '__proto__'] as const;

const users: fc.Arbitrary<readonly User[]> = fc.subarray([...names], { minLength: 1 }).chain((chosen) =>
  fc.tuple(
    ...chosen.map((name) =>
      fc.record({
        name: fc.constant(name),
        cpus: fc.integer({ min: 1, max: 4 }),
        mem: fc.integer({ min: 1, max: 4 }),
        weight: fc.constantFrom(1, 1, 1, 2, 0.5, 3),
      }),
    ),
  ),
);

const totals = fc.record({ cpus: fc.integer({ min: 1, max: 30 }), mem: fc.integer({ min: 1, max: 30 }) });

function textOf({ cpus, mem }: { readonly cpus: number; readonly mem: number }): string {
  return `cpus:${cpus};mem:${mem}`;
}

/** Drives the machine and remembers what it offered last. */
class Cluster {
  state: ClusterState = emptyCluster({ minAllocatable: [] });
  offers: readonly Offer[] = [];

  tell(input: Input, policy?: Policy): void {
    const [state, outputs] = transition(this.state, input, policy);
    this.state = state;
    this.offers = outputs.flatMap((output) => (output.type === 'offers' ? output.offers : []));
  }
}

describe('with one agent, and frameworks that take one task an offer', () => {
  it.each(['each in a role of its own', 'all in one role'] as const)(
    '%s, all get what progressive filling gives',
    (where) => {
      let tasks = 0;
      fc.assert(
        fc.property(totals, users, (total, wanting) => {
          const together = where === 'all in one role';
          const cluster = new Cluster();
          cluster.tell({ type: 'register', at: 0, agent: 'a1', resources: textOf(total) });
          for (const { name, weight } of wanting) {
            if (!together) cluster.tell({ type: 'set-weight', at: 0, role: name, weight });
            const roles = [together ? 'web' : name];
            cluster.tell({ type: 'subscribe', at: 0, connection: name, framework: name, roles });
          }
          const counts = fill(cluster, wanting);
          const expected = progressiveFilling({
            total: textOf(total),
            users: wanting.map((user) => ({
              name: user.name,
              demand: textOf(user),
              ...(together ? {} : { weight: user.weight }),
            })),
          });
          expect(counts).toEqual(expected.tasks.map(({ name, tasks: count }) => [name, count]));
          tasks += expected.steps.length;
        }),
        { numRuns: 375 },
      );
      expect(tasks).toBeGreaterThan(500);
    },
  );
});

/** Offers and takes one task at a time, until whoever comes first has no room for one. */
function fill(cluster: Cluster, wanting: readonly User[]): readonly (readonly [string, number])[] {
  const counts = new Map(wanting.map(({ name }) => [name, 0]));
  for (;;) {
    cluster.tell({ type: 'allocate', at: 0, agents: 'all' });
    const [offer] = cluster.offers;
    const user = wanting.find(({ name }) => name === offer?.framework);
    if (offer === undefined || user === undefined || !contains(offer.resources, resources(textOf(user))))
      return [...counts];
    const count = (counts.get(user.name) ?? 0) + 1;
    counts.set(user.name, count);
    cluster.tell({
      type: 'accept',
      at: 0,
      framework: user.name,
      connection: user.name,
      offers: [offer.id],
      operations: [{ type: 'launch', tasks: [{ id: `t${count}`, resources: textOf(user), payload: null }] }],
      refuseSeconds: 0,
    });
  }
}

describe('luck', () => {
  const ids = ['a1', 'a2', 'a3', '__proto__', '\u{1F600}', '\uFF5E', 'b c', 'z'] as const;
  const clusters = fc.record({
    seed: fc.nat(1_000),
    agents: fc.subarray([...ids], { minLength: 2 }),
    frameworks: users,
    policy: fc.constantFrom<Policy>(drf, roundRobin, weightedRandom, priority, assetFairness),
  });

  function build(seed: number, agents: readonly string[], frameworks: readonly User[]): ClusterState {
    const inputs: Input[] = [
      ...frameworks.map(({ name }): Input => ({
        type: 'subscribe',
        at: 0,
        connection: name,
        framework: name,
        roles: ['web', name],
      })),
      ...agents.map((agent, n): Input => ({
        type: 'register',
        at: 0,
        agent,
        resources: `cpus:${1 + (agent.length % 3)};mem:64`,
        attributes: `n:${n % 1}`,
      })),
    ];
    return inputs.reduce((state, input) => transition(state, input)[0], emptyCluster({ seed }));
  }

  function grants(state: ClusterState, policy: Policy): readonly string[] {
    const [, outputs] = transition(state, { type: 'allocate', at: 0, agents: 'all' }, policy);
    return outputs
      .flatMap((output) => (output.type === 'offers' ? output.offers : []))
      .map(({ agent, framework, role, resources: what }) => JSON.stringify([agent, framework, role, String(what)]))
      .sort();
  }

  it('is the same for the same seed, to the byte', () => {
    fc.assert(
      fc.property(clusters, ({ seed, agents, frameworks, policy }) => {
        const [once, twice] = [0, 0].map(() => {
          const [state] = transition(
            build(seed, agents, frameworks),
            { type: 'allocate', at: 0, agents: 'all' },
            policy,
          );
          return bytes(state);
        });
        expect(once).toBe(twice);
      }),
      { numRuns: 90 },
    );
  });

  it('does not ask in which order agents came at one instant', () => {
    fc.assert(
      fc.property(clusters, fc.infiniteStream(fc.nat(1_000)), ({ seed, agents, frameworks, policy }, order) => {
        const others = agents
          .map((agent) => ({ agent, key: order.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ agent }) => agent);
        expect(grants(build(seed, others, frameworks), policy)).toEqual(
          grants(build(seed, agents, frameworks), policy),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('falls otherwise for other seeds', () => {
    const outcomes = new Set<string>();
    const frameworks = ['a', 'b'].map((name) => ({ name, cpus: 1, mem: 1, weight: 1 }));
    for (let seed = 0; seed < 40; seed += 1) outcomes.add(grants(build(seed, [...ids], frameworks), drf).join());
    expect(outcomes.size).toBeGreaterThan(5);
  });
});
