/** Every workload at a size at which it takes no time: what its rows say, and what it leaves of its cluster. */
import { describe, expect, it } from 'vitest';
import { runWorkload, workloads, type WorkloadOptions, type WorkloadRow } from '../../bench/index.js';
import { violation, type ClusterState } from '../../src/cluster/index.js';
import { fifo } from '../../src/drf/index.js';

const tiny: Partial<WorkloadOptions> = { agents: 12, frameworks: 4, runs: 2 };

interface Ran {
  readonly rows: readonly WorkloadRow[];
  readonly states: readonly ClusterState[];
}

function ran(name: string, options: Partial<WorkloadOptions> = {}): Ran {
  const states: ClusterState[] = [];
  const rows = runWorkload(name, { ...tiny, ...options, inspect: (state) => states.push(state) });
  return { rows, states };
}

/** Operations of each phase, by name. */
function opsOf(name: string, options: Partial<WorkloadOptions> = {}): Readonly<Record<string, number>> {
  return Object.fromEntries(ran(name, options).rows.map(({ phase, ops }) => [phase, ops]));
}

const names = workloads.map(({ name }) => name);
/** Those that work on values, and have no cluster. */
const withoutCluster = ['sorter', 'resources'];

describe.each(names)('%s', (name) => {
  const { rows, states } = ran(name);
  const phases = workloads.find((workload) => workload.name === name)?.phases ?? [];

  it('has a row for each phase', () => {
    expect(rows.map(({ phase }) => phase).sort()).toEqual([...phases].sort());
    for (const row of rows) expect(row.workload).toBe(name);
  });

  it('has figures that agree with one another', () => {
    for (const row of rows) {
      expect(row.ops, row.phase).toBeGreaterThan(0);
      expect(Number.isSafeInteger(row.ops)).toBe(true);
      expect(row.runs).toBeGreaterThan(0);
      expect(row.minMs).toBeGreaterThan(0);
      expect(row.medianMs).toBeGreaterThanOrEqual(row.minMs);
      expect(row.spread).toBeGreaterThanOrEqual(0);
      expect(row.nsPerOp).toBeCloseTo((row.medianMs * 1e6) / row.ops, 3);
      expect(row.opsPerSecond).toBeCloseTo((row.ops * 1e3) / row.medianMs, 3);
      expect(row.peakRssMiB).toBeGreaterThan(10);
      expect(row.noisy, 'two runs cannot say that they are quiet').toBe(true);
      expect(row.ratio).toEqual({ naive: null, limit: null });
    }
  });

  it('gives rows that are the same as JSON', () => {
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });

  it('leaves states that keep every rule', () => {
    expect(states.length > 0).toBe(!withoutCluster.includes(name));
    for (const state of states) expect(violation(state)).toBeUndefined();
  });
});

describe('operations', () => {
  it('of a full cycle are its offers: one an agent, whoever gets it', () => {
    for (const layout of ['own', 'two-level', 'spread'] as const) {
      expect(opsOf('full-cycle', { layout })).toEqual({ cycle: 12, cold: 12 });
    }
  });

  it('of a declined cycle are the offers of the one percent, and the filters of all others', () => {
    const sizes = { agents: 201, frameworks: 5, runs: 1 };
    expect(opsOf('declined-cycle', sizes)).toEqual({ cycle: 3, closed: 1, after: 1, heap: 1_005 });
  });

  it('of rounds of declines go on when everybody has refused everything', () => {
    const sizes = { frameworks: 2, runs: 5 };
    expect(opsOf('decline-offers', sizes)).toEqual({ cycle: 12, decline: 12, 'decline-framework': 12 });
  });

  it('of quotas: one offer for each small role, and what large ones take of two or more agents', () => {
    const { first, empty } = opsOf('large-small-quota', { agents: 30 });
    expect(empty).toBe(1);
    expect(first).toBeGreaterThanOrEqual(25 + 2 * 5);
    expect(first).toBeLessThan(60);
  });

  it('of filling are the tasks that there is room for', () => {
    expect(opsOf('fill')).toEqual({ fill: 192 });
    const [state] = ran('fill').states;
    const running = state?.frameworks.values().flatMap(({ tasks }) => tasks.values()) ?? [];
    expect(running.length).toBe(192);
    expect(new Set(running.map((task) => task.state))).toEqual(new Set(['running']));
  });

  it('of several kinds of frameworks are all their tasks', () => {
    expect(opsOf('multi-framework', { agents: 8 })).toEqual({ fill: 4 * 400 + 50 * 5 + 5 * 20 });
    expect(workloads.find(({ name }) => name === 'multi-framework')?.defaults({}).agents).toBe(80);
  });

  it('of registering are the tasks that the state then has', () => {
    const { rows, states } = ran('register', { tasks: 100 });
    expect(rows.map(({ ops }) => ops)).toEqual([100, 100]);
    for (const { frameworks, agents } of states) {
      expect(frameworks.values().reduce((sum, { tasks }) => sum + tasks.size, 0)).toBe(100);
      expect(agents.size).toBe(12);
    }
  });

  it('of explaining are the agents', () => {
    expect(opsOf('explain')).toEqual({ explain: 12 });
  });

  it('of the stream are its inputs, each timed by itself', () => {
    const [row] = ran('inputs').rows;
    expect(row).toMatchObject({ ops: 12 * 6, tasks: 120 });
    expect(row?.p50Ns).toBeLessThanOrEqual(row?.p99Ns ?? 0);
    expect(row?.p99Ns).toBeLessThanOrEqual(row?.maxNs ?? 0);
    expect(row?.work?.writes).toBeGreaterThan(0);
  });
});

describe('a workload', () => {
  it('does the same work with the same seed', () => {
    const works = [1, 2].map(() => ran('inputs').rows[0]?.work);
    expect(works[0]).toEqual(works[1]);
  });

  it('runs under another policy, and says which', () => {
    for (const name of ['full-cycle', 'sorter']) {
      expect(ran(name, { policy: fifo }).rows[0]?.policy, name).toBe('fifo');
    }
  });

  it('reports one phase alone when asked', () => {
    for (const { name, phases } of workloads) {
      const phase = phases.at(-1) ?? '';
      expect(ran(name, { phase, runs: 1 }).rows.map((row) => row.phase)).toEqual([phase]);
    }
  });

  it('tells what its cluster holds of memory where that is the question', () => {
    // Large enough that what the process drops meanwhile, code above all, does not outweigh it.
    const sizes = { 'declined-cycle': { agents: 400, frameworks: 400 }, register: { agents: 4_000 } };
    for (const [name, size] of Object.entries(sizes)) {
      const [row] = ran(name, { phase: 'heap', runs: 1, ...size }).rows;
      expect(row?.liveHeapMiB, name).toBeGreaterThan(0);
    }
  });

  it('is refused by name when there is none such, or no such phase', () => {
    expect(() => runWorkload('nonsense')).toThrow(expect.objectContaining({ code: 'unknown-workload' }));
    expect(() => runWorkload('fill', { phase: 'drain' })).toThrow(expect.objectContaining({ code: 'unknown-phase' }));
  });
});

describe('layouts', () => {
  const rolesOf = (options: Partial<WorkloadOptions>): readonly string[] => {
    const [state] = ran('idle-cycle', options).states;
    return [...new Set(state?.frameworks.values().flatMap(({ settings }) => settings.roles))].sort();
  };

  it('give each framework its own role, also below a group, or let some share one', () => {
    expect(rolesOf({})).toEqual(['role0', 'role1', 'role2', 'role3']);
    expect(rolesOf({ layout: 'two-level' })).toEqual(['group0/role0', 'group0/role2', 'group1/role1', 'group1/role3']);
    expect(rolesOf({ layout: 'two-level', roles: 1 })).toContain('group0/role3');
    expect(rolesOf({ roles: 2 })).toEqual(['role0', 'role1']);
  });

  it('are named in the row unless it is the usual one', () => {
    expect(ran('idle-cycle').rows[0]).not.toHaveProperty('layout');
    expect(ran('idle-cycle', { roles: 2 }).rows[0]).toMatchObject({ layout: 'spread', roles: 2 });
    expect(ran('idle-cycle', { layout: 'two-level' }).rows[0]).toMatchObject({ layout: 'two-level', roles: 2 });
  });

  it('refuse fewer roles than frameworks when each is to have its own', () => {
    const wrong = { layout: 'own', roles: 3 } as const;
    expect(() => ran('idle-cycle', wrong)).toThrow(expect.objectContaining({ code: 'bad-layout' }));
  });
});
