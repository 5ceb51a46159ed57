/** Simulated clusters small enough to be reckoned by hand, and what holds for all of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tasks, violation } from '../../src/cluster/index.js';
import { drf, fifo, priority, type OrderRule } from '../../src/drf/index.js';
import type { AllocationPolicy, Policy } from '../../src/offers/index.js';
import { names, quantitiesFromScalarResources } from '../../src/resources/index.js';
import { machinesOf } from '../../src/simulation/clusters/machines.js';
import { Engine } from '../../src/simulation/engine/engine.js';
import { MachineTable } from '../../src/simulation/engine/machine-table.js';
import { ResourceIndex } from '../../src/simulation/engine/shapes.js';
import {
  behaviourNames,
  simulate,
  uniformCluster,
  type Job,
  type PolicyResult,
  type SimulateOptions,
  type SimulatedCluster,
  type SimulationProgress,
  type TaskGroup,
  type Tenant,
  type Workload,
} from '../../src/simulation/index.js';
import { checkTenants } from '../../src/simulation/workloads/check.js';

function workload(jobs: readonly Job[], tenants: readonly Tenant[] = []): Workload {
  return { name: 'test', tenants, jobs: () => jobs };
}

function group(count: number, text: string, lasts: TaskGroup['lasts'], more: Partial<TaskGroup> = {}): TaskGroup {
  return { count, resources: text, lasts, ...more };
}

function job(role: string, at: number, ...groups: readonly TaskGroup[]): Job {
  return { id: `${role}-${at}`, at, role, groups };
}

function only(options: SimulateOptions): PolicyResult {
  const [result, ...others] = simulate(options).policies;
  expect(others).toEqual([]);
  if (result === undefined) throw new Error('no result');
  return result;
}

const second = 1_000;

describe('a cluster reckoned by hand', () => {
  it('runs what fits at once, and the rest at the first allocation after something has ended', () => {
    const result = only({
      cluster: uniformCluster(1, 'cpus:4;mem:4096'),
      workload: workload([job('x', 0, group(3, 'cpus:2;mem:1024', 10 * second))]),
    });
    // Two run from 0 to 10 s; the end is told before the batch of 11 s, and the third runs from there to 21 s.
    expect(result).toMatchObject({
      simulatedMs: 21 * second,
      ...{ jobs: 1, jobsEnded: 1, tasks: 3, started: 3, ended: 3, waiting: 0, running: 0, givenUp: 0, unplaceable: 0 },
      waitedMs: { count: 3, mean: (11 * second) / 3, p50: 0, max: 11 * second },
      completionMs: { count: 1, mean: 21 * second, p99: 21 * second },
      offers: { made: 2, accepted: 2, declined: 0, takenBack: 0 },
      preemptions: 0,
      jain: 1,
    });
    // 30 of 42 halves of the cluster's seconds.
    expect(result.utilisation[0]).toMatchObject({ resource: 'cpus', mean: 30 / 42, stranded: 0 });
    expect(result.tenants[0]).toMatchObject({ role: 'x', weight: 1, behaviour: 'greedy', meanShare: 30 / 42 });
    expect(result.series.spanMs).toBe(second);
    expect(result.series.running).toEqual([...Array<number>(10).fill(2), 0, ...Array<number>(10).fill(1)]);
    expect(result.series.waiting).toEqual([...Array<number>(11).fill(1), ...Array<number>(10).fill(0)]);
    // Memory is free, and of no use to the one that waits for cpus.
    expect(result.series.stranded[1]?.values[5]).toBe(0.5);
  });

  it('measures what is stranded for as long as it is, however long the spans are', () => {
    const result = only({
      cluster: uniformCluster(1, 'cpus:2;mem:64'),
      workload: workload([job('x', 0, group(1, 'cpus:2', 15 * second)), job('x', 3_000, group(1, 'cpus:1', second))]),
      untilMs: 3_000 * second,
    });
    expect(result.series.spanMs).toBe(10 * second);
    // The second task waits from 3 s on, and has room again at 15 s: all memory was of no use to it.
    expect(result.series.stranded[1]?.values.slice(0, 3)).toEqual([0.7, 0.5, 0]);
    expect(result.utilisation[1]?.stranded).toBeCloseTo(12 / 3_000, 12);
    expect(result.utilisation[0]?.stranded).toBe(0);
  });

  it('starts a group that waits for the others when the last of them has ended', () => {
    const reduce = group(1, 'cpus:1', 5 * second, { afterOthers: true });
    const result = only({
      cluster: uniformCluster(2, 'cpus:2;mem:64'),
      workload: workload([job('x', 500, group(4, 'cpus:1', 10 * second), reduce)]),
    });
    expect(result).toMatchObject({ simulatedMs: 15_500, completionMs: { mean: 15 * second }, waitedMs: { max: 0 } });
    // The last span is half as long as the others; so long it had something to run.
    expect(result.tenants[0]?.meanShare).toBeCloseTo((10 + 5 / 4) / 15, 12);
  });

  it('waits for nothing that no machine could hold', () => {
    const groups = [group(10, 'cpus:10', second), group(1, 'cpus:1', second), group(2, 'cpus:1;gpu:1', second)];
    const needs = { attribute: 'gpu', oneOf: ['T4'] };
    const cluster = uniformCluster(3, 'cpus:9;mem:64');
    const result = only({ cluster, workload: workload([job('x', 0, ...groups, group(4, 'cpus:1', 1, { needs }))]) });
    expect(result).toMatchObject({ tasks: 17, started: 1, waiting: 0, unplaceable: 16, jobs: 1, jobsEnded: 0 });
    expect(result.simulatedMs).toBe(second);
  });

  it('starts tasks only where machines are of the kind that they need', () => {
    const cluster: SimulatedCluster = {
      name: 'two kinds',
      machines: [
        { name: 'old', count: 3, resources: 'cpus:4', attributes: 'gpu:P4' },
        { name: 'new', count: 1, resources: 'cpus:4', attributes: 'gpu:T4' },
      ],
    };
    const picky = group(6, 'cpus:1', 5 * second, { needs: { attribute: 'gpu', oneOf: ['T4', 'G2'] } });
    const result = only({ cluster, workload: workload([job('x', 0, picky)]), untilMs: 4 * second });
    expect(result).toMatchObject({ started: 4, waiting: 2 });
  });

  it('gives up what did not start in time, and what would have come after it', () => {
    const late = {
      ...job('x', 0, group(4, 'cpus:1', 10 * second), group(1, 'cpus:1', 1, { afterOthers: true })),
      until: 5_000,
    };
    const result = only({ cluster: uniformCluster(1, 'cpus:2'), workload: workload([late]) });
    expect(result).toMatchObject({ tasks: 5, started: 2, ended: 2, givenUp: 3, waiting: 0, jobsEnded: 0 });
  });

  it('ends when nothing can happen any more', () => {
    const forever = job('x', 0, group(9, 'cpus:1', null));
    expect(only({ cluster: uniformCluster(2, 'cpus:4'), workload: workload([forever]) })).toMatchObject({
      // So that there is something to see.
      simulatedMs: second,
      ...{ started: 8, running: 8, waiting: 1 },
    });
    const nothing = only({ cluster: uniformCluster(2), workload: workload([]) });
    expect(nothing).toMatchObject({ simulatedMs: 0, jobs: 0, jain: 1, tenants: [], series: { running: [] } });
  });

  it('ends in time, whatever still runs', () => {
    const result = only({
      cluster: uniformCluster(1, 'cpus:1'),
      workload: { ...workload([job('x', 0, group(9, 'cpus:1', 10 * second))]), untilMs: 12_500 },
    });
    expect(result).toMatchObject({ simulatedMs: 12_500, started: 2, ended: 1, running: 1, waiting: 7 });
    expect(
      only({
        cluster: uniformCluster(1, 'cpus:1'),
        workload: workload([job('x', 0, group(9, 'cpus:1', 10 * second))]),
        untilMs: 5_000,
      }),
    ).toMatchObject({ simulatedMs: 5_000, started: 1 });
  });

  it('submits jobs again after a pause, as often as they are to be', () => {
    const again = (resubmits: number): PolicyResult =>
      only({
        cluster: uniformCluster(1, 'cpus:1'),
        workload: workload([job('x', 0, group(1, 'cpus:1', second))], [{ role: 'x', resubmits, pauseMs: 2_500 }]),
        untilMs: 30 * second,
      });
    expect(again(0)).toMatchObject({ jobs: 1, jobsEnded: 1 });
    expect(again(3)).toMatchObject({ jobs: 4, jobsEnded: 4 });
    // One every 3.5 s: what ended was told before the next comes, so each starts when it comes.
    expect(again(Infinity).jobs).toBe(9);
  });

  it('makes tasks last longer where it is said that they do', () => {
    const options = {
      cluster: uniformCluster(1, 'cpus:4'),
      workload: workload([job('x', 0, group(2, 'cpus:1', second))]),
    };
    const seen: (readonly [string, number, number, number])[] = [];
    const result = only({
      ...options,
      slowdown: (machine, { id }) => {
        seen.push([`${machine.id} ${id}`, machine.used('cpus'), machine.total('cpus'), machine.used('__proto__')]);
        return machine.used('cpus');
      },
    });
    expect(seen).toEqual([
      ['agent-0 x-0', 1, 4, 0],
      ['agent-0 x-0', 2, 4, 0],
    ]);
    expect(result.simulatedMs).toBe(2 * second);
  });

  it('shows jobs to schedulers that look now and then when they do', () => {
    const jobs = [job('x', 0, group(1, 'cpus:1', 1)), job('x', 1, group(1, 'cpus:1', 1))];
    const result = only({ cluster: uniformCluster(1), workload: workload(jobs), pollMs: 5 * second });
    expect(result.waitedMs).toMatchObject({ count: 2, max: 4_999 });
  });
});

describe('policies', () => {
  const crowd = workload(
    [job('a', 0, group(40, 'cpus:1', 10 * second)), job('b', 0, group(40, 'cpus:1', 10 * second))],
    [{ role: 'a' }, { role: 'b', weight: 3 }],
  );
  const cluster = uniformCluster(8, 'cpus:1');

  it('are each simulated by themselves, on the same jobs', () => {
    const both = simulate({ cluster, workload: crowd, policies: [drf, fifo] });
    expect(both.policies.map(({ policy }) => policy)).toEqual(['drf', 'fifo']);
    for (const [index, policy] of [drf, fifo].entries()) {
      expect(simulate({ cluster, workload: crowd, policies: [policy] }).policies[0]).toEqual(both.policies[index]);
    }
  });

  it('share by weight, or serve who came first, as they are made to', () => {
    const [byShare, byAge] = simulate({ cluster, workload: crowd, policies: [drf, fifo], untilMs: 30_000 }).policies;
    const started = (result: PolicyResult | undefined): unknown => result?.tenants.map((tenant) => tenant.started);
    expect(started(byShare)).toEqual([6, 18]);
    expect(started(byAge)).toEqual([24, 0]);
    expect(byShare?.jain).toBeGreaterThan(0.95);
    // One has everything; in the second between two waves nobody has anything, which is fair.
    expect(byAge?.jain).toBeCloseTo((28 * 0.5 + 2) / 30, 2);
  });

  it('may decide everything themselves', () => {
    const last: AllocationPolicy = {
      name: 'last',
      *allocate(view) {
        for (const agent of view.agents()) {
          const pick = [...view.candidates(agent)].at(-1);
          if (pick !== undefined) {
            yield { agent: agent.id, framework: pick.framework, role: pick.role, resources: pick.most };
          }
        }
      },
    };
    const result = only({ cluster, workload: crowd, policies: [last], untilMs: 10_000 });
    expect(result).toMatchObject({ policy: 'last', started: 8 });
    expect(result.tenants.map(({ started }) => started)).toEqual([0, 8]);
  });

  it('that fail end the simulation, and say so', () => {
    const broken: OrderRule = {
      name: 'broken',
      rank: () => {
        throw new Error('no idea');
      },
    };
    expect(() => simulate({ cluster, workload: crowd, policies: [broken] })).toThrow(
      expect.objectContaining({ code: 'policy-failed', message: expect.stringContaining('no idea') }),
    );
  });
});

describe('what is no cluster, no workload or no number', () => {
  const cluster = uniformCluster(2, 'cpus:4');
  const one = job('x', 0, group(1, 'cpus:1', 1));
  const refused = (options: Partial<SimulateOptions>): unknown => {
    try {
      simulate({ cluster, workload: workload([one]), ...options });
    } catch (error) {
      const { code, path } = error as { readonly code: string; readonly path: string };
      return `${code} ${path}`;
    }
    return undefined;
  };

  it('is refused with the place of what is wrong', () => {
    expect(refused({})).toBeUndefined();
    expect(refused({ seed: 0.5 })).toBe('bad-number seed');
    for (const untilMs of [0, -1, NaN, Infinity]) expect(refused({ untilMs })).toBe('bad-number untilMs');
    expect(refused({ pollMs: -1 })).toBe('bad-number pollMs');
    expect(refused({ policies: [] })).toBe('bad-policy policies');
    expect(refused({ config: { allocationIntervalMs: -1 } })).toBe('bad-config config.allocationIntervalMs');
    expect(refused({ cluster: { name: 'none', machines: [] } })).toBe('bad-cluster cluster.machines');
    for (const count of [-1, 0.5, NaN, 1e9]) {
      const machines = [{ name: 'm', count, resources: 'cpus:1' }];
      expect(refused({ cluster: { name: 'c', machines } })).toBe('bad-cluster cluster.machines[0].count');
    }
    for (const text of ['ports:[1-2]', '']) {
      const machines = [{ name: 'm', count: 1, resources: text }];
      expect(refused({ cluster: { name: 'c', machines } })).toBe('bad-cluster cluster.machines[0].resources');
    }
    const twice = { name: 'm', count: 1, resources: 'cpus:1' };
    expect(refused({ cluster: { name: 'c', machines: [twice, twice] } })).toBe('bad-cluster cluster.machines');
  });

  it('is refused with the tenant that it is about', () => {
    const tenant = (more: object): unknown =>
      refused({ workload: workload([one], [{ role: 'ok' }, { role: 'x', ...more } as Tenant]) });
    expect(tenant({ weight: 2, behaviour: 'gang', keepsMs: 5, resubmits: 2, pauseMs: 1 })).toBeUndefined();
    expect(tenant({ weight: 0 })).toBe('bad-workload workload.tenants[1].weight');
    expect(tenant({ weight: NaN })).toBe('bad-workload workload.tenants[1].weight');
    expect(tenant({ behaviour: 'kind' })).toBe('bad-workload workload.tenants[1].behaviour');
    expect(tenant({ keepsMs: -1 })).toBe('bad-workload workload.tenants[1].keepsMs');
    expect(tenant({ resubmits: -1 })).toBe('bad-workload workload.tenants[1].resubmits');
    expect(tenant({ resubmits: Infinity })).toBe('bad-workload workload.tenants[1].resubmits');
    expect(tenant({ role: 'ok' })).toBe('bad-workload workload.tenants[1].role');
    expect(tenant({ role: 'a//b' })).toBe('bad-role workload.tenants[1].role');
    expect(tenant({ limits: { cpus: -1 } })).toMatch(/quota/);
  });

  it('is refused with the job that it is about', () => {
    const bad = (more: Partial<Job>, before: readonly Job[] = []): unknown =>
      refused({ workload: workload([...before, { ...one, ...more }]) });
    expect(bad({ at: -1 })).toBe("bad-workload job 'x-0'.at");
    expect(bad({ at: NaN })).toBe("bad-workload job 'x-0'.at");
    expect(bad({ at: 3 }, [job('x', 4, group(1, 'cpus:1', 1))])).toBe("bad-workload job 'x-0'.at");
    expect(bad({ groups: [] })).toBe("bad-workload job 'x-0'.groups");
    expect(bad({ groups: [group(0, 'cpus:1', 1)] })).toBe("bad-workload job 'x-0'.groups");
    expect(bad({ groups: [group(1.5, 'cpus:1', 1)] })).toBe("bad-workload job 'x-0'.groups[0].count");
    expect(bad({ groups: [group(1e9, 'cpus:1', 1)] })).toBe("bad-workload job 'x-0'.groups");
    expect(bad({ groups: [group(1, 'cpus:1', -1)] })).toBe("bad-workload job 'x-0'.groups[0].lasts");
    expect(bad({ groups: [group(1, 'cpus:1', { mean: NaN })] })).toBe("bad-workload job 'x-0'.groups[0].lasts");
    expect(bad({ groups: [group(1, 'ports:[1-2]', 1)] })).toBe("bad-workload job 'x-0'.groups[0].resources");
    expect(bad({ groups: [group(1, 'much', 1)] })).toMatch(/^bad-resources /);
    expect(bad({ role: 'a//b' })).toMatch(/^bad-role /);
  });
});

describe('progress', () => {
  it('is told while it is made, and changes nothing', () => {
    const jobs = Array.from({ length: 1_000 }, (_, n) => job('x', n * second, group(1, 'cpus:1', second)));
    const options = { cluster: uniformCluster(2, 'cpus:4'), workload: workload(jobs), policies: [drf, priority] };
    const told: SimulationProgress[] = [];
    const result = simulate({ ...options, onProgress: (progress) => void told.push(progress) });
    expect(result).toEqual(simulate(options));
    expect(new Set(told.map(({ policy, index }) => `${index} ${policy}`))).toEqual(new Set(['0 drf', '1 priority']));
    const first = told.filter(({ index }) => index === 0);
    expect(first.length).toBeGreaterThan(2);
    expect(first.map(({ now }) => now)).toEqual(first.map(({ now }) => now).toSorted((a, b) => a - b));
    expect(first.at(-1)?.tasksStarted).toBeGreaterThan(500);
  });
});

const amounts = fc.constantFrom(
  'cpus:1',
  'cpus:1;mem:512',
  'cpus:2;mem:4096',
  'mem:3000',
  'cpus:0.5;gpu:0.25',
  'cpus:64',
);
const lasts = fc.constantFrom<TaskGroup['lasts']>(1, 700, 5_000, { mean: 20_000 }, { median: 10_000, spread: 1 }, null);
const roles = ['a', 'a/b', 'b', '__proto__'];
const tenants = fc.uniqueArray(
  fc.record(
    {
      role: fc.constantFrom(...roles),
      weight: fc.constantFrom(0.5, 1, 3),
      behaviour: fc.constantFrom(...behaviourNames),
      keepsMs: fc.constantFrom(0, 3_000, 100_000),
      resubmits: fc.nat(2),
      pauseMs: fc.constantFrom(0, 1_500),
      limits: fc.constantFrom({ cpus: 6 }, { cpus: 2, mem: 6_000 }),
      guarantees: fc.constantFrom({ cpus: 1 }, { mem: 512 }),
    },
    { requiredKeys: ['role'] },
  ),
  { selector: ({ role }) => role, maxLength: 4 },
);
const jobs = fc
  .array(
    fc.record(
      {
        at: fc.nat(200_000),
        role: fc.constantFrom(...roles),
        groups: fc.array(
          fc.record({ count: fc.integer({ min: 1, max: 9 }), resources: amounts, lasts, afterOthers: fc.boolean() }),
          { minLength: 1, maxLength: 3 },
        ),
        until: fc.nat(250_000),
      },
      { requiredKeys: ['at', 'role', 'groups'] },
    ),
    { maxLength: 14 },
  )
  .map((all) => all.toSorted((a, b) => a.at - b.at).map((one, n): Job => ({ id: `j${n}`, ...one })));
const clusters = fc.record({ small: fc.nat(4), large: fc.nat(3) }).map(({ small, large }): SimulatedCluster => ({
  name: 'c',
  machines: [
    { name: 's', count: small + 1, resources: 'cpus:4;mem:4096' },
    { name: 'l', count: large, resources: 'cpus:8;mem:16384;gpu:1', attributes: 'gpu:T4' },
  ],
}));
const configs = fc.record(
  { maxOffersPerFramework: fc.constantFrom(null, 1, 3), offerTimeoutMs: fc.constantFrom(null, 2_000, 60_000) },
  { requiredKeys: [] },
);
const policies: readonly Policy[] = [drf, fifo, priority];

describe('every simulated cluster', () => {
  it('keeps the rules of the machine, and its books agree with those of the machine', () => {
    const seen = { takenBack: 0, declined: 0, givenUp: 0, unplaceable: 0, waiting: 0, local: 0 };
    fc.assert(
      fc.property(
        clusters,
        jobs,
        tenants,
        configs,
        fc.constantFrom(...policies),
        fc.nat(9),
        (cluster, all, who, config, policy, seed) => {
          const mine = workload(all, who);
          checkTenants(mine);
          const machines = machinesOf(cluster);
          const table = new MachineTable(machines, new ResourceIndex(['cpus', 'mem', 'gpu']));
          const engine = new Engine({ table, workload: mine, policy, config, seed, ...free });
          engine.run();
          expect(violation(engine.state)).toBeUndefined();
          expectSameBooks(engine, table);
          const result = only({ cluster, workload: mine, policies: [policy], config, seed, untilMs: 300_000 });
          expectWhole(result);
          expect(only({ cluster, workload: mine, policies: [policy], config, seed, untilMs: 300_000 })).toEqual(result);
          seen.takenBack += result.offers.takenBack;
          seen.declined += result.offers.declined;
          seen.givenUp += result.givenUp;
          seen.unplaceable += result.unplaceable ?? 0;
          seen.waiting += result.waiting;
          seen.local += result.tenants.filter(({ localPart = 0 }) => localPart > 0).length;
        },
      ),
      { numRuns: 40, seed: 20_261_129 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
  });
});

const free = { untilMs: 300_000, pollMs: 0, slowdown: undefined, onStep: undefined };

/** What the tasks of the machine use is what is used by the simulation's own books. */
function expectSameBooks({ state }: Engine, { machines, total, free: unused, index }: MachineTable): void {
  const used = new Map<string, number>();
  for (const { agent, resources: what } of tasks(state)) {
    const bag = quantitiesFromScalarResources(what);
    for (const [at, name] of names(bag).entries()) {
      used.set(`${agent} ${name}`, (used.get(`${agent} ${name}`) ?? 0) + (bag.millis[at] ?? 0));
    }
  }
  for (const [number, { id }] of machines.entries()) {
    for (const [at, name] of index.names.entries()) {
      const place = number * index.names.length + at;
      expect((total[place] ?? 0) - (unused[place] ?? 0)).toBe(used.get(`${id} ${name}`) ?? 0);
    }
  }
}

/** No task is lost or counted twice, no part is above 1, and the series are as long as each other. */
function expectWhole(result: PolicyResult): void {
  const { tenants: all, series } = result;
  for (const one of [result, ...all]) {
    expect(one.started).toBe(one.ended + one.running);
    expect(one.started + one.waiting + one.givenUp + (one.unplaceable ?? 0)).toBeLessThanOrEqual(one.tasks);
    expect(one.waitedMs.count).toBe(one.started);
    expect(one.completionMs.count).toBe(one.jobsEnded);
    const { p50, p95, p99, max } = one.waitedMs;
    expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].toSorted((a, b) => a - b));
  }
  const lists = [...series.utilisation, ...series.stranded, ...series.shares].map(({ values }) => values);
  for (const list of [...lists, series.jain, series.waiting, series.running]) {
    expect(list).toHaveLength(Math.ceil(result.simulatedMs / series.spanMs));
  }
  for (const values of [...series.utilisation, ...series.stranded].map((one) => one.values)) {
    for (const value of values) expect(value).toBeGreaterThanOrEqual(0);
    for (const value of values) expect(value).toBeLessThanOrEqual(1 + 1e-9);
  }
  for (const [at, { values }] of series.stranded.entries()) {
    const used = series.utilisation[at]?.values ?? [];
    for (const [span, value] of values.entries()) expect(value + (used[span] ?? 0)).toBeLessThanOrEqual(1 + 2e-6);
  }
  for (const value of series.jain) expect(value).toBeLessThanOrEqual(1 + 1e-9);
}
