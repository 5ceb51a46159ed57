/** What simulations measure with, and what they are made of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machinesOf } from '../../src/simulation/clusters/machines.js';
import { EventHeap } from '../../src/simulation/engine/event-heap.js';
import { MachineTable } from '../../src/simulation/engine/machine-table.js';
import { ResourceIndex, ShapeTable } from '../../src/simulation/engine/shapes.js';
import {
  clusterNames,
  clusterPreset,
  facebookWorkload,
  mixedWorkload,
  omegaWorkload,
  scaledCluster,
  simulate,
  streams,
  uniformCluster,
  workloadNames,
  workloadPreset,
  type Job,
  type Workload,
} from '../../src/simulation/index.js';
import { Distribution } from '../../src/simulation/measure/distribution.js';
import { strandedParts } from '../../src/simulation/measure/fragmentation.js';
import { jainIndex } from '../../src/simulation/measure/jain.js';
import { setChannel, Timeline } from '../../src/simulation/measure/timeline.js';
import { drawDuration } from '../../src/simulation/workloads/durations.js';

describe('measures', () => {
  it("know Jain's index: 1 when all have the same, 1/n when one has everything", () => {
    expect(jainIndex([3, 3, 3])).toBe(1);
    expect(jainIndex([5, 0, 0, 0])).toBe(0.25);
    expect(jainIndex([1, 2])).toBe(0.9);
    for (const nobody of [[], [0, 0]]) expect(jainIndex(nobody)).toBe(1);
  });

  it('tell percentiles to half a percent, and what is all alike exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 1 }), (values) => {
        const distribution = new Distribution();
        for (const value of values) distribution.add(value);
        const sorted = values.toSorted((a, b) => a - b);
        const spread = distribution.spread();
        for (const [name, part] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const exact = sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1] ?? 0;
          expect(Math.abs(spread[name] - exact)).toBeLessThanOrEqual(0.006 * exact);
        }
        expect(spread.max).toBe(sorted.at(-1));
        expect(spread.count).toBe(values.length);
        expect(spread.mean).toBeCloseTo(
          values.reduce((a, b) => a + b) / values.length,
          -Math.log10(1e-9 + 1e-9 * spread.max),
        );
      }),
    );
    expect(new Distribution().spread()).toEqual({ count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 });
    const alike = new Distribution();
    for (let n = 0; n < 7; n += 1) alike.add(1_000);
    expect(alike.spread()).toEqual({ count: 7, mean: 1_000, p50: 1_000, p95: 1_000, p99: 1_000, max: 1_000 });
  });

  it('keep the sum of what went up and down, however long it goes on, in bounded memory', () => {
    const steps = fc.array(fc.record({ after: fc.nat(200_000), value: fc.nat(9) }), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.option(fc.integer({ min: 1, max: 9_000_000 }), { nil: undefined }), (all, until) => {
        const timeline = new Timeline(until);
        const channel = timeline.channel();
        let now = 0;
        let sum = 0;
        for (const { after, value } of all) {
          sum += channel.value * after;
          now += after;
          timeline.moveTo(now);
          setChannel(channel, value, now);
        }
        timeline.end(now);
        const length = (span: number): number => Math.min(timeline.spanMs, now - span * timeline.spanMs);
        const told = channel.means.reduce((total, mean, span) => total + mean * length(span), 0);
        expect(told).toBeCloseTo(sum, 3);
        expect(channel.means.length).toBeLessThanOrEqual(600);
        expect(channel.means).toHaveLength(Math.ceil(now / timeline.spanMs));
      }),
    );
  });

  it('call free what a waiting task could use, and stranded what none could', () => {
    const table = new MachineTable(
      machinesOf({
        name: 'c',
        machines: [
          { name: 'a', count: 1, resources: 'cpus:4;mem:100' },
          { name: 'b', count: 1, resources: 'cpus:4;mem:300', attributes: 'gpu:T4' },
        ],
      }),
      new ResourceIndex(['cpus', 'mem']),
    );
    const shapes = new ShapeTable(table);
    const large = shapes.shapeOf({ resources: 'cpus:1;mem:200' }, 'x');
    const wide = shapes.shapeOf({ resources: 'cpus:3' }, 'x');
    const elsewhere = shapes.shapeOf({ resources: 'cpus:1', needs: { attribute: 'gpu', oneOf: ['P4'] } }, 'x');
    expect(elsewhere.isPossible).toBe(false);
    expect(strandedParts(table, [])).toEqual([0, 0]);
    expect(strandedParts(table, [large])).toEqual([0.5, 0.25]);
    expect(strandedParts(table, [large, wide])).toEqual([0, 0]);
    table.take(0, wide);
    // One cpu and all memory are left on the first machine, and nothing that waits fits there.
    expect(strandedParts(table, [large, wide])).toEqual([1 / 8, 0.25]);
    table.giveBack(0, wide);
    expect(strandedParts(table, [elsewhere])).toEqual([1, 1]);
  });

  it('take events in the order of time, and of when they were ordered', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 3_000 }), (times) => {
        const heap = new EventHeap();
        for (const [event, at] of times.entries()) heap.push(at, event);
        expect(heap.size).toBe(times.length);
        const order = times.map((at, event) => ({ at, event })).sort((a, b) => a.at - b.at || a.event - b.event);
        for (const { at, event } of order) expect([heap.next, heap.pop()]).toEqual([at, event]);
        expect([heap.next, heap.pop()]).toEqual([Infinity, -1]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('durations', () => {
  const drawn = (duration: Parameters<typeof drawDuration>[0]): readonly number[] =>
    Array.from({ length: 20_000 }, (_, n) => drawDuration(duration, 7, n)).sort((a, b) => a - b);
  const at = (sorted: readonly number[], part: number): number => sorted[Math.floor(part * sorted.length)] ?? 0;

  it('are as long as they say', () => {
    expect(new Set(drawn(1_500.4))).toEqual(new Set([1_500]));
    expect(drawDuration(0, 1)).toBe(1);
    expect(drawDuration(null, 1)).toBe(Infinity);
    const exponential = drawn({ mean: 60_000 });
    expect(exponential.reduce((a, b) => a + b) / exponential.length / 60_000).toBeCloseTo(1, 1);
    expect(at(exponential, 0.5) / (60_000 * Math.LN2)).toBeCloseTo(1, 1);
    const logNormal = drawn({ median: 60_000, spread: 0.5 });
    expect(at(logNormal, 0.5) / 60_000).toBeCloseTo(1, 1);
    for (const [part, z] of [
      [0.01, -2.326],
      [0.1587, -1],
      [0.8413, 1],
      [0.99, 2.326],
    ] as const) {
      expect(Math.log(at(logNormal, part) / 60_000) / 0.5 / z).toBeCloseTo(1, 1);
    }
  });
});

const jobsOf = (workload: Workload, seed: number): readonly Job[] => [...workload.jobs(seed)];
const tasksOf = ({ groups }: Job): number => groups[0]?.count ?? 0;

describe('workloads that are made up', () => {
  it.each([
    ['facebook', facebookWorkload({ untilMs: 3_600_000 })],
    ['omega', omegaWorkload(3_600_000)],
    ['mixed', mixedWorkload(3_600_000)],
  ])('%s: the same seed gives the same jobs, in the order of time', (_, workload) => {
    const jobs = jobsOf(workload, 3);
    expect(jobs.length).toBeGreaterThan(50);
    expect(jobsOf(workload, 3)).toEqual(jobs);
    expect(jobsOf(workload, 4)).not.toEqual(jobs);
    expect(jobs.map(({ at }) => at)).toEqual(jobs.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(jobs.length);
    expect(jobs.at(-1)?.at).toBeLessThanOrEqual(3_600_000);
  });

  it("have the shape of Facebook's day: 5,900 jobs, most of one map, gaps burstier than exponential", () => {
    const jobs = jobsOf(facebookWorkload(), 1);
    expect(jobs.length / 5_900).toBeCloseTo(1, 1);
    const part = (test: (job: Job) => boolean): number => jobs.filter(test).length / jobs.length;
    // The trace: 85.9 % of one map, 2.45 % of more than 500; a quarter with reduces; a median gap of half the mean.
    expect(part((job) => tasksOf(job) === 1)).toBeCloseTo(0.859, 1);
    expect(part((job) => tasksOf(job) > 500)).toBeCloseTo(0.0245, 2);
    expect(part((job) => job.groups.length > 1)).toBeCloseTo(0.245, 1);
    const gaps = jobs.map((job, n) => job.at - (jobs[n - 1]?.at ?? 0)).sort((a, b) => a - b);
    const mean = (jobs.at(-1)?.at ?? 0) / jobs.length;
    expect((gaps[Math.floor(gaps.length / 2)] ?? 0) / mean).toBeGreaterThan(0.45);
    expect((gaps[Math.floor(gaps.length / 2)] ?? 0) / mean).toBeLessThan(Math.LN2);
    const mine = jobs.filter(({ role }) => role === 'team-1').length;
    expect(mine / jobs.filter(({ role }) => role === 'team-2').length).toBeCloseTo(2, 0);
  });

  it('have the figures of the Omega simulator', () => {
    const jobs = jobsOf(omegaWorkload(), 1);
    const batch = jobs.filter(({ role }) => role === 'batch');
    const service = jobs.filter(({ role }) => role === 'service');
    expect(batch.length / 8_640).toBeCloseTo(1, 1);
    expect(service.length / 4_320).toBeCloseTo(1, 1);
    expect(batch.reduce((sum, job) => sum + tasksOf(job), 0) / batch.length / 100).toBeCloseTo(1, 1);
  });

  it('are known by name', () => {
    for (const name of workloadNames) {
      const [first] = workloadPreset(name).jobs(1);
      expect(first?.groups.length).toBeGreaterThan(0);
    }
    expect(() => workloadPreset('toString')).toThrow(expect.objectContaining({ code: 'unknown-workload' }));
  });

  it('may be streams of one’s own', () => {
    const stream = {
      name: 's',
      every: 1_000,
      even: true,
      tasks: () => 2,
      resources: () => 'cpus:1',
      lasts: 5,
      roles: ['a', 'b'],
    };
    const workload = streams({
      name: 'mine',
      untilMs: 4_500,
      streams: [stream, { ...stream, name: 't', every: 2_000 }],
    });
    expect(jobsOf(workload, 1).map(({ id, at, role }) => `${id} ${at} ${role}`)).toEqual(
      ['s-0 1000 a', 't-0 2000 a', 's-1 2000 b', 's-2 3000 a', 't-1 4000 b', 's-3 4000 b'].toSorted(
        (a, b) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]) || a.localeCompare(b),
      ),
    );
    for (const [bad, path] of [
      [{ ...stream, every: 0 }, 'streams[0].every'],
      [{ ...stream, roles: [] }, 'streams[0].roles'],
    ] as const) {
      expect(() => streams({ name: 'x', untilMs: 1, streams: [bad] })).toThrow(
        expect.objectContaining({ code: 'bad-workload', path }),
      );
    }
    expect(() => streams({ name: 'x', untilMs: 0, streams: [] })).toThrow(expect.objectContaining({ path: 'untilMs' }));
    expect(() => facebookWorkload({ jobs: 0 })).toThrow(expect.objectContaining({ path: 'jobs' }));
    expect(() => facebookWorkload({ tenants: 0 })).toThrow(expect.objectContaining({ path: 'tenants' }));
  });
});

describe('clusters that were published', () => {
  const idle: Workload = { name: 'nothing', tenants: [], jobs: () => [] };

  it('are known by name, and each can be simulated', () => {
    for (const name of clusterNames) {
      const cluster = clusterPreset(name);
      expect(cluster.name).toBe(name);
      expect(machinesOf(cluster).length).toBeGreaterThan(20);
    }
    expect(() => clusterPreset('__proto__')).toThrow(expect.objectContaining({ code: 'unknown-cluster' }));
  });

  it("are as large as they were: Alibaba's has 125,514 cpus, 583.7 TiB and 6,212 GPUs", () => {
    const { cluster } = simulate({ cluster: clusterPreset('alibaba-2023'), workload: idle });
    expect(cluster).toMatchObject({ agents: 1_523, total: { cpus: 125_514, gpu: 6_212 } });
    expect((cluster.total['mem'] ?? 0) / 1_024 ** 2).toBeCloseTo(583.7, 1);
    expect(machinesOf(clusterPreset('google-2011')).length / 12_500).toBeCloseTo(1, 3);
  });

  it('keep their proportions at another size, to one machine a class', () => {
    for (const agents of [1, 7, 100, 3_000]) {
      const small = scaledCluster(clusterPreset('alibaba-2023'), agents);
      expect(machinesOf(small)).toHaveLength(agents);
      for (const { name, count } of small.machines) {
        const before = clusterPreset('alibaba-2023').machines.find((one) => one.name === name)?.count ?? 0;
        expect(Math.abs(count - (before * agents) / 1_523)).toBeLessThan(1);
      }
    }
    for (const agents of [0, -1, 0.5, NaN]) {
      expect(() => scaledCluster(uniformCluster(5), agents)).toThrow(expect.objectContaining({ code: 'bad-cluster' }));
    }
  });
});
