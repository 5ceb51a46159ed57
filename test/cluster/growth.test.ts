/** What one input costs grows with its size, not with the square of it: work is counted, not timed. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { emptyCluster, offers, parseInput, transition, violation, type ClusterState } from '../../src/cluster/index.js';
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

/** How many rows are listed or visited, and written, for an input. */
function rowsTouched(state: ClusterState, input: object): number {
  const listed = vi.spyOn(Table.prototype, 'entries');
  const visited = vi.spyOn(Table.prototype, 'forEach');
  const written = vi.spyOn(Table.prototype, 'set');
  tell(state, input);
  const tables = [...listed.mock.contexts, ...visited.mock.contexts] as readonly Table<unknown>[];
  const rows = tables.reduce((sum, { size }) => sum + size, 0);
  const writes = written.mock.calls.length;
  vi.restoreAllMocks();
  return rows + writes;
}

/** So many agents, each on a machine of its own for which maintenance is planned. */
function planned(count: number): ClusterState {
  const all = many(count, (n) => ({ type: 'register', agent: `a${n}`, ip: `10.0.0.${n}`, resources: 'cpus:1' }));
  const machines = many(count, (n) => (n % 2 === 0 ? { hostname: `A${n}` } : { ip: `10.0.0.${n}` }));
  const unavailability = { start: 1_000 };
  return tell(all.reduce(tell, emptyCluster()), { type: 'set-maintenance', windows: [{ machines, unavailability }] });
}

describe('one machine of a schedule', () => {
  it.each([{ hostname: 'a0' }, { ip: '10.0.0.1' }])('goes down and up, whatever the number of others: %o', (name) => {
    const rows = (count: number): readonly number[] => {
      const [down, up] = [
        { type: 'machine-down', machines: [name] },
        { type: 'machine-up', machines: [name] },
      ];
      const before = planned(count);
      const between = tell(before, down);
      expect([between.agents.size, tell(between, up).agents.size]).toEqual([count - 1, count - 1]);
      return [rowsTouched(before, down), rowsTouched(between, up)];
    };
    expect(rows(160)).toEqual(rows(40));
  });
});

it('twice as many machines cost the judge twice as much', () => {
  const looks = (count: number): number => {
    const state = planned(count);
    const compared = vi.spyOn(String.prototype, 'toLowerCase');
    expect(violation(state)).toBeUndefined();
    const calls = compared.mock.calls.length;
    vi.restoreAllMocks();
    return calls;
  };
  expect(looks(160) / looks(80)).toBeLessThan(3);
});

/** A framework runs a task on each of so many agents, and none of these can be reached. */
function apart(count: number): ClusterState {
  const joined = many(count, (n) => ({ type: 'register', agent: `a${n}`, resources: 'cpus:1', streams: true }));
  const subscribe = { type: 'subscribe', connection: 'c', framework: 'f', roles: ['r'], checkpoint: true };
  const offered = [subscribe, ...joined, { type: 'allocate' }].reduce(tell, emptyCluster());
  const launched = offers(offered).map(({ id, agent }) => ({
    ...{ type: 'accept', connection: 'c', framework: 'f', offers: [id] },
    operations: [{ type: 'launch', tasks: [{ id: `t-${agent}`, resources: 'cpus:1', payload: 1 }] }],
  }));
  const lost = many(count, (n) => ({ type: 'mark-unreachable', agent: `a${n}` }));
  return [...launched, ...lost].reduce<ClusterState>(tell, offered);
}

describe('an agent that could not be reached', () => {
  const task = { framework: 'f', id: 't-a3', role: 'r', resources: 'cpus:1', state: 'running' };
  it.each([
    ['comes back', { type: 'reregister', agent: 'a3', resources: 'cpus:1', tasks: [task] }],
    ['comes back without its tasks', { type: 'reregister', agent: 'a3', resources: 'cpus:1' }],
    ['starts over', { type: 'register', agent: 'a3', resources: 'cpus:1' }],
    ['is gone for ever', { type: 'mark-gone', agent: 'a3' }],
  ])('%s, whatever the number of tasks of others', (_, input) => {
    const rows = (count: number): number => {
      const state = apart(count);
      expect(state.frameworks.get('f')?.unreachableTasks.size).toBe(count);
      expect(tell(state, input).frameworks.get('f')?.unreachableTasks.size).toBe(count - 1);
      return rowsTouched(state, input);
    };
    expect(rows(160)).toBe(rows(40));
  });
});
