/** What one input costs grows with its size, not with the square of it: work is counted, not timed. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { emptyCluster, parseInput, transition, type ClusterState } from '../../src/cluster/index.js';
import { Table } from '../../src/resources/index.js';

function tell(state: ClusterState, input: object): ClusterState {
  return transition(state, parseInput(input, state.now))[0];
}

function many<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** How often tables are read and written for an input. */
function tableWork(state: ClusterState, input: object): number {
  const spies = (['get', 'has', 'set', 'remove', 'keys', 'values', 'entries'] as const).map((name) =>
    vi.spyOn(Table.prototype, name),
  );
  tell(state, input);
  const calls = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  vi.restoreAllMocks();
  return calls;
}

/** A list that counts how often its places are looked at. */
function watched<T>(list: readonly T[]): { readonly list: readonly T[]; readonly looks: () => number } {
  let looks = 0;
  const proxy = new Proxy([...list], {
    get(target, key, receiver): unknown {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1;
      return Reflect.get(target, key, receiver);
    },
  });
  return { list: proxy, looks: () => looks };
}

afterEach(() => {
  vi.restoreAllMocks();
});

const box = tell(tell(emptyCluster(), { type: 'subscribe', connection: 'c', framework: 'f', roles: ['r'] }), {
  type: 'register',
  agent: 'a',
  resources: 'cpus:100;mem:1000',
});

describe('twice as much', () => {
  const inputs: Readonly<Record<string, (count: number) => object>> = {
    quotas: (count) => ({
      type: 'set-quota',
      force: true,
      quotas: many(count, (n) => ({ role: `q${n}`, guarantees: { cpus: 1 }, limits: { cpus: 5 } })),
    }),
    'checked quotas': (count) => ({
      type: 'set-quota',
      quotas: many(count, (n) => ({ role: `q${n}`, guarantees: { cpus: 0.001 }, limits: { cpus: 5 } })),
    }),
    'executors that come back': (count) => ({
      type: 'reregister',
      agent: 'b',
      resources: 'cpus:1000',
      executors: many(count, (n) => ({ framework: 'f', id: `e${n}`, role: 'r', resources: 'cpus:1' })),
    }),
    'frameworks that nobody knows': (count) => ({
      type: 'reregister',
      agent: 'b',
      resources: 'cpus:1000',
      tasks: many(count, (n) => ({ framework: `g${n}`, id: 't', role: 'r', resources: 'cpus:1', state: 'running' })),
    }),
    'reserved items': (count) => ({
      type: 'register',
      agent: 'b',
      resources: many(count, (n) => ({ name: 'cpus', value: 1, role: `r${n}` })),
    }),
  };

  it.each(Object.keys(inputs))('%s cost no more than thrice as much', (name) => {
    const make = inputs[name] ?? ((): object => ({}));
    expect(tableWork(box, make(160)) / tableWork(box, make(80))).toBeLessThan(3);
  });

  it('roles that are suppressed are looked at no more than thrice as often', () => {
    const looks = (count: number): number => {
      const roles = many(count, (n) => `r${n}`);
      const [mine, quiet] = [watched(roles), watched(roles)];
      const call = { connection: 'c2', framework: 'g', roles: mine.list, suppressedRoles: quiet.list };
      const [state] = transition(box, { type: 'subscribe', at: box.now, ...call });
      expect(state.frameworks.get('g')?.settings.suppressedRoles.length).toBe(count);
      return mine.looks() + quiet.looks();
    };
    expect(looks(160) / looks(80)).toBeLessThan(3);
  });
});
