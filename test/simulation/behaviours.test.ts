/** Each behaviour of a second-level scheduler does what it says. */
import { describe, expect, it } from 'vitest';
import {
  behaviourNames,
  simulate,
  uniformCluster,
  type BehaviourName,
  type Job,
  type PolicyResult,
  type SimulatedCluster,
  type Tenant,
} from '../../src/simulation/index.js';

interface Placed {
  readonly machine: string;
  readonly job: string;
}

/** Simulates, and says where tasks started, in their order. */
function run(
  cluster: SimulatedCluster,
  jobs: readonly Job[],
  tenants: readonly Tenant[],
  untilMs: number = 600_000,
): { readonly result: PolicyResult; readonly placed: readonly Placed[] } {
  const placed: Placed[] = [];
  const { policies } = simulate({
    cluster,
    workload: { name: 'test', tenants, jobs: () => jobs },
    untilMs,
    slowdown: ({ id }, job) => {
      placed.push({ machine: id, job: job.id });
      return 1;
    },
  });
  const [result] = policies;
  if (result === undefined) throw new Error('no result');
  return { result, placed };
}

function jobOf(id: string, at: number, count: number, lasts: number | null, resources: string = 'cpus:1'): Job {
  return { id, at, role: 'x', groups: [{ count, resources, lasts }] };
}

const as = (behaviour: BehaviourName): readonly Tenant[] => [{ role: 'x', behaviour }];
const on = (placed: readonly Placed[]): ReadonlySet<string> => new Set(placed.map(({ machine }) => machine));

describe('a scheduler that is', () => {
  it('greedy takes all that fits of the first offer, the oldest job first', () => {
    const { placed } = run(uniformCluster(3, 'cpus:4'), [jobOf('a', 0, 2, null), jobOf('b', 0, 4, null)], as('greedy'));
    expect(placed.map(({ job }) => job)).toEqual(['a', 'a', 'b', 'b', 'b', 'b']);
    expect(on(placed.slice(0, 2)).size).toBe(1);
    expect(on(placed).size).toBe(2);
  });

  it('best-fit fills the fullest machine first', () => {
    const sizes: SimulatedCluster = {
      name: 'sizes',
      machines: [
        { name: 'large', count: 6, resources: 'cpus:16' },
        { name: 'half', count: 1, resources: 'cpus:16;mem:8' },
      ],
    };
    const first = { ...jobOf('a', 0, 1, null, 'cpus:8;mem:8') };
    const { placed } = run(
      sizes,
      [first, ...[1, 2, 3, 4].map((n) => jobOf(`j${n}`, n * 5_000, 2, null))],
      as('best-fit'),
    );
    expect(placed.map(({ machine }) => machine)).toEqual(Array<string>(9).fill('half-0'));
    const greedy = run(sizes, [first, ...[1, 2, 3, 4].map((n) => jobOf(`j${n}`, n * 5_000, 2, null))], as('greedy'));
    expect(on(greedy.placed).size).toBeGreaterThan(1);
  });

  it('picky uses a quarter of the machines, and declines the others a minute each time', () => {
    const { result, placed } = run(uniformCluster(100, 'cpus:1'), [jobOf('a', 0, 100, null)], as('picky'));
    expect(on(placed).size).toBeGreaterThan(15);
    expect(on(placed).size).toBeLessThan(35);
    const others = 100 - placed.length;
    // At 0 and once a minute for ten minutes.
    expect(result.offers.declined).toBeGreaterThanOrEqual(9 * others);
    expect(result.offers.declined).toBeLessThanOrEqual(11 * others);
  });

  it('hoarding keeps what others could use, until it is taken back', () => {
    const others = { ...jobOf('b', 0, 10, 10_000), role: 'y' };
    const share = (behaviour: BehaviourName): PolicyResult =>
      run(uniformCluster(10, 'cpus:2'), [jobOf('a', 0, 1, null, 'cpus:2'), others], as(behaviour)).result;
    expect(share('greedy').offers.takenBack).toBe(0);
    expect(share('greedy').tenants[1]?.waitedMs.max).toBeLessThanOrEqual(1_000);
    const hoarded = share('hoarding');
    expect(hoarded.offers.takenBack).toBeGreaterThan(0);
    expect(hoarded.offers.declined).toBe(0);
  });

  it('waiting for its data starts most tasks where that is', () => {
    const jobs = Array.from({ length: 40 }, (_, n) => jobOf(`j${n}`, n * 2_000, 8, 8_000));
    const local = (behaviour: BehaviourName): number | undefined =>
      run(uniformCluster(20, 'cpus:4'), jobs, as(behaviour)).result.tenants[0]?.localPart;
    // Three of twenty machines hold a task's data: by luck alone it would be 15 in a hundred.
    expect(local('delay')).toBeGreaterThan(0.8);
    expect(local('greedy')).toBeUndefined();
  });

  it('waiting for its data waits five seconds, then takes any machine', () => {
    const full = { ...jobOf('full', 0, 19, null), role: 'y' };
    const { result } = run(uniformCluster(20, 'cpus:1'), [full, jobOf('a', 0, 1, 1_000)], as('delay'), 60_000);
    expect(result.tenants[0]).toMatchObject({ started: 1 });
    expect(result.tenants[0]?.waitedMs.max).toBeLessThanOrEqual(7_000);
  });

  it('one for gangs starts whole jobs or nothing', () => {
    const jobs = [jobOf('a', 0, 5, 30_000), jobOf('b', 0, 5, 30_000), jobOf('c', 0, 3, 30_000)];
    const gang = run(uniformCluster(4, 'cpus:2'), jobs, as('gang'));
    // Of eight places five are for a and three for c; b waits until there are five.
    expect(gang.placed.map(({ job }) => job)).toEqual([...'aaaaa', ...'ccc', ...'bbbbb']);
    expect(gang.result).toMatchObject({ jobsEnded: 3, waiting: 0 });
    expect(
      run(uniformCluster(4, 'cpus:2'), jobs, as('greedy'))
        .placed.map(({ job }) => job)
        .slice(0, 8),
    ).toEqual([...'aaaaa', ...'bbb']);
    expect(run(uniformCluster(2, 'cpus:2'), [jobOf('a', 0, 5, 1_000)], as('gang')).result).toMatchObject({
      started: 0,
      waiting: 5,
    });
  });

  it('one for gangs gives back after a minute what did not suffice', () => {
    const other = { ...jobOf('b', 1_000, 3, 1_000), role: 'y' };
    const { result } = run(uniformCluster(4, 'cpus:1'), [jobOf('a', 0, 5, 1_000), other], as('gang'));
    const [gang, rest] = result.tenants;
    expect(gang).toMatchObject({ started: 0 });
    expect(rest).toMatchObject({ ended: 3 });
    expect(rest?.waitedMs.max).toBeGreaterThan(55_000);
    expect(rest?.waitedMs.max).toBeLessThan(65_000);
  });

  it('for what runs long puts no two tasks of a job on one machine', () => {
    const { placed, result } = run(
      uniformCluster(5, 'cpus:4'),
      [jobOf('a', 0, 7, null), jobOf('b', 0, 4, null)],
      as('long-running'),
    );
    for (const job of ['a', 'b']) {
      const mine = placed.filter((one) => one.job === job);
      expect(on(mine).size).toBe(mine.length);
    }
    expect(result).toMatchObject({ started: 9, waiting: 2 });
  });

  it('keeping a few offers starts what comes soon without asking', () => {
    const jobs = Array.from({ length: 20 }, (_, n) => jobOf(`j${n}`, 500 + n * 10_000, 1, 1_000));
    const keeping = (keepsMs: number): PolicyResult =>
      run(uniformCluster(200, 'cpus:8'), jobs, [{ role: 'x', keepsMs }], 300_000).result;
    expect(keeping(240_000).runs).toBeLessThan(0.6 * keeping(0).runs);
    expect(keeping(240_000).offers.made).toBeLessThan(0.6 * keeping(0).offers.made);
    // No longer than it said: then others have them.
    expect(keeping(2_000).runs).toBeGreaterThanOrEqual(keeping(0).runs);
  });
});

it('all behaviours are tried here and end what they can end', () => {
  for (const behaviour of behaviourNames) {
    const { result } = run(
      uniformCluster(40, 'cpus:4'),
      [jobOf('a', 0, 8, 5_000), jobOf('b', 9_000, 30, 5_000)],
      as(behaviour),
    );
    expect([behaviour, result.ended, result.tenants[0]?.behaviour]).toEqual([behaviour, 38, behaviour]);
  }
});
