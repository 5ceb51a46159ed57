/** Each number that is told of the allocator is the one that comes out when it is reckoned anew from the tables. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterState } from '../../src/cluster/index.js';
import { allocatorStats, filtersOn } from '../../src/offers/index.js';
import type { ResourceItem } from '../../src/resources/index.js';
import { fullHistories, run } from './history.js';
import { histories } from './intents.js';

type Sums = Record<string, number>;

/** Thousandths by name, something shared once an agent. */
function sumOf(lists: readonly (readonly ResourceItem[])[]): Sums {
  const sums: Sums = Object.create(null) as Sums;
  for (const items of lists) {
    const seen = new Set<string>();
    for (const item of items) {
      if (item.value.type !== 'scalar') continue;
      const { shared, ...rest } = item;
      const key = JSON.stringify(rest);
      if (shared !== undefined && seen.has(key)) continue;
      seen.add(key);
      sums[item.name] = (sums[item.name] ?? 0) + item.value.milli;
    }
  }
  return sums;
}

function plain({ names, millis }: { readonly names: readonly string[]; readonly millis: readonly number[] }): Sums {
  return Object.assign(
    Object.create(null) as Sums,
    Object.fromEntries(names.map((name, index) => [name, millis[index] ?? 0])),
  );
}

const isUnder = (role: string, top: string): boolean => role === top || role.startsWith(`${top}/`);

/** What is held of each agent by known frameworks in a role and below it. */
function heldIn(state: ClusterState, role: string): readonly (readonly ResourceItem[])[] {
  return state.allocator.agents
    .values()
    .map(({ held }) =>
      held
        .filter((holding) => isUnder(holding.role, role) && state.frameworks.has(holding.framework))
        .flatMap(({ resources }) => resources.items),
    );
}

/** Reserved to a role and below it, and held by them of what is neither reserved nor revocable (QUOTA-2). */
function consumedBy(state: ClusterState, role: string): Sums {
  const parts = state.allocator.agents
    .values()
    .flatMap(({ total, held }) => [
      total.items.filter(({ reservations }) => isUnder(reservations.at(-1)?.role ?? '', role)),
      ...held
        .filter((holding) => isUnder(holding.role, role))
        .map(({ resources }) =>
          resources.items.filter(({ reservations, revocable }) => reservations.length === 0 && revocable !== true),
        ),
    ]);
  return sumOf(parts);
}

function liveFilters({ allocator }: ClusterState, counts: (framework: string, role: string) => boolean): number {
  const all = allocator.agents.values().flatMap((agent) => filtersOn(allocator, agent));
  return all.filter(({ framework, role, expiresAt }) => counts(framework, role) && allocator.now < expiresAt).length;
}

/** Dominant share of a role, divided by its weight; the books in fractions. */
function shareOf(state: ClusterState, role: string, weight: number): number {
  const total = sumOf(state.allocator.agents.values().map((agent) => agent.total.items));
  const held = sumOf(heldIn(state, role));
  const counted = Object.keys(held).filter((name) => !state.config.fairnessExclude.includes(name));
  return counted.reduce((most, name) => Math.max(most, (held[name] ?? 0) / (total[name] ?? Infinity)), 0) / weight;
}

describe('what is told of the allocator', () => {
  it('agrees with its tables, number by number', () => {
    let consumed = 0;
    fc.assert(
      fc.property(fullHistories(histories(40)), ({ beginning, intents }) => {
        const { state } = run(beginning, intents);
        const { allocator } = state;
        const stats = allocatorStats(allocator);
        const machines = allocator.agents.values();

        expect(stats.runs).toBe(allocator.runs);
        expect([stats.paused, stats.awaiting]).toEqual([allocator.paused, allocator.awaiting]);
        expect([stats.agents, stats.frameworks]).toEqual([state.agents.size, state.frameworks.size]);
        expect(stats.activeAgents).toBe(machines.filter(({ active }) => active).length);
        expect(stats.inactiveAgents).toBe(machines.filter(({ active }) => !active).length);
        const hosts = allocator.whitelist?.keys();
        expect(stats.whitelist).toEqual(
          hosts === undefined
            ? null
            : { hosts: hosts.length, agents: machines.filter(({ hostname }) => hosts.includes(hostname)).length },
        );
        expect(plain(stats.total)).toEqual(sumOf(machines.map(({ total }) => total.items)));
        expect(plain(stats.offeredOrAllocated)).toEqual(
          sumOf(machines.map(({ held }) => held.flatMap(({ resources }) => resources.items))),
        );

        for (const { role, ...row } of stats.roles) {
          expect(row.weight).toBe((({ p, q }) => p / q)(allocator.shares.weights.get(role) ?? { p: 1, q: 1 }));
          expect(plain(row.offeredOrAllocated)).toEqual(sumOf(heldIn(state, role)));
          if (row.dominantShare !== null) expect(row.dominantShare).toBeCloseTo(shareOf(state, role, row.weight), 9);
          expect(row.dominantShare === null).toBe(
            !allocator.frameworks
              .values()
              .some(({ id, roles }) => roles.some((own) => isUnder(own, role)) || holdsUnder(state, id, role)),
          );
          const quota = allocator.quotas.get(role);
          expect([String(row.quota.guarantees), String(row.quota.limits)]).toEqual(
            quota === undefined ? ['{}', '{}'] : [String(quota.guarantees), String(quota.limits)],
          );
          expect(plain(row.consumed)).toEqual(consumedBy(state, role));
          consumed += row.consumed.names.length;
          expect(row.filters).toBe(liveFilters(state, (_, own) => own === role));
        }
        expect(stats.roles.map(({ role }) => role)).toEqual([...stats.roles.map(({ role }) => role)].sort());

        expect(stats.perFramework.map(({ framework }) => framework)).toEqual(state.frameworks.keys());
        for (const { framework, ...row } of stats.perFramework) {
          const known = state.frameworks.get(framework);
          const standing = state.offers.values().filter(({ offer }) => offer.framework === framework);
          expect(row).toEqual({
            active: known?.state === 'connected',
            offersOut: standing.length,
            suppressedRoles: allocator.frameworks.get(framework)?.suppressed,
            filters: liveFilters(state, (id) => id === framework),
          });
        }
      }),
      { numRuns: 250 },
    );
    expect(consumed).toBeGreaterThan(50);
  });
});

function holdsUnder(state: ClusterState, framework: string, role: string): boolean {
  return state.allocator.agents
    .values()
    .some(({ held }) => held.some((holding) => holding.framework === framework && isUnder(holding.role, role)));
}
