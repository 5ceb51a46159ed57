import { describe, expect, it } from 'vitest';
import {
  cronScheduler,
  type CronJob,
  type CronOptions,
  type CronScheduler,
  type CronState,
} from '../../src/schedulers/index.js';
import { loadCalendar } from '../../src/schedulers/cron/calendar.js';
import { latestDues } from '../../src/schedulers/cron/dues.js';
import { manualClock, type MemoryFramework } from '../../src/transport/index.js';
import { lab, running, type Lab } from './harness.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const task = { payload: {}, resources: 'cpus:1;mem:32' };
const job = (id: string, more: Partial<CronJob> = {}): CronJob => ({
  id,
  task,
  ...(more.after === undefined && { schedule: '*/10 * * * *' }),
  ...more,
});

interface Started {
  readonly cron: CronScheduler;
  readonly framework: MemoryFramework;
  readonly saved: CronState[];
  readonly errors: unknown[];
  /** Runs that are over: `job 12:30 outcome`. */
  readonly runs: string[];
}

const clockTime = (at: number): string => new Date(at).toISOString().slice(11, 16);

async function start({ memory, clock }: Lab, options: CronOptions = {}): Promise<Started> {
  const saved: CronState[] = [];
  const errors: unknown[] = [];
  const runs: string[] = [];
  const cron = await cronScheduler({
    clock,
    role: 'ops',
    onError: (error) => errors.push(error),
    save: (state) => saved.push(JSON.parse(JSON.stringify(state)) as CronState),
    onRun: ({ job: id, due, outcome }) => runs.push(`${id} ${clockTime(due)} ${outcome}`),
    ...options,
  });
  return { cron, framework: memory.framework(cron.info(), cron), saved, errors, runs };
}

const stop = ({ cron, framework }: Started): void => {
  cron.close();
  framework.driver.close();
};

describe('a cron scheduler', () => {
  it('runs jobs when they are due, each in its time zone', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 30 * second });
    const { cron, runs, errors } = await start(cluster, {
      jobs: [
        job('tens'),
        job('seconds', { schedule: '*/20 * * * * *' }),
        job('morning', { schedule: '40 9 * * *', timezone: 'Asia/Tokyo' }),
      ],
    });
    await cluster.clock.advance(25 * second);
    expect(running(cluster)).toEqual(['seconds@1970-01-01T00:00:20.000Z.run.1']);
    expect(cron.job('morning')?.next).toBe(40 * minute);
    await cluster.clock.advance(31 * minute);
    expect(runs.filter((run) => run.startsWith('tens'))).toEqual([
      'tens 00:10 finished',
      'tens 00:20 finished',
      'tens 00:30 finished',
    ]);
    // Each takes half a minute and is due every twenty seconds: by default one that is due meanwhile is skipped.
    expect(
      cron
        .job('seconds')
        ?.past.slice(-3)
        .map(({ outcome }) => outcome),
    ).toEqual(['overlapped', 'finished', 'overlapped']);
    await cluster.clock.advance(10 * minute);
    expect(cron.job('morning')?.past).toMatchObject([
      { id: 'morning@1970-01-01T00:40:00.000Z', outcome: 'finished', startedAt: 40 * minute },
    ]);
    expect(cron.job('seconds')?.past).toHaveLength(20);
    expect(errors).toEqual([]);
  });

  it('costs nothing between due times: nothing is asked for, nothing is offered', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => second });
    await start(cluster, { jobs: [job('daily', { schedule: '@daily' })] });
    await cluster.clock.advance(minute);
    const { seq } = cluster.master.state;
    await cluster.clock.advance(20 * hour);
    expect(cluster.master.state.seq - seq).toBeLessThan(3);
  });

  it.each<[NonNullable<CronJob['overlap']>, string[]]>([
    ['skip', ['a 00:10 finished', 'a 00:20 overlapped', 'a 00:30 overlapped', 'a 00:40 finished']],
    ['queue', ['a 00:10 finished', 'a 00:20 finished', 'a 00:30 finished']],
    ['allow', ['a 00:10 finished', 'a 00:20 finished', 'a 00:30 finished', 'a 00:40 finished']],
    ['replace', ['a 00:10 cancelled', 'a 00:20 cancelled', 'a 00:30 cancelled', 'a 00:40 cancelled']],
  ])('of runs that take longer than the next is away, with %s: %j', async (overlap, expected) => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 25 * minute });
    const { runs } = await start(cluster, { jobs: [job('a', { overlap })] });
    await cluster.clock.advance(95 * minute);
    expect(runs.toSorted().slice(0, expected.length)).toEqual(expected);
    expect(new Set(runs).size).toBe(runs.length);
  });

  it('bounds what waits for its turn', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 10 * hour });
    const { cron, runs } = await start(cluster, { jobs: [job('a', { overlap: 'queue', maxCatchUp: 2 })] });
    await cluster.clock.advance(65 * minute);
    expect(cron.job('a')?.queued.map(clockTime)).toEqual(['00:50', '01:00']);
    expect(runs).toEqual(['a 00:20 overlapped', 'a 00:30 overlapped', 'a 00:40 overlapped']);
    cron.cancel('a');
    await cluster.clock.advance(minute);
    expect(cron.job('a')).toMatchObject({ open: [], queued: [] });
  });

  it('runs jobs after others, when all of them have finished anew', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', {
      autorun: ({ id }) => (id.startsWith('slow') ? 5 * minute : minute),
    });
    const { runs } = await start(cluster, {
      jobs: [
        job('both', { after: ['fast', 'slow'] }),
        job('fast', { schedule: '0,10,20,30 * * * *' }),
        job('slow', { schedule: '15 * * * *' }),
        job('last', { after: ['both'] }),
      ],
    });
    await cluster.clock.advance(50 * minute);
    expect(runs).toEqual([
      'fast 00:10 finished',
      'slow 00:15 finished',
      'fast 00:20 finished',
      'both 00:15 finished',
      'last 00:15 finished',
      'fast 00:30 finished',
    ]);
    await cluster.clock.advance(hour);
    expect(runs.filter((run) => run.startsWith('both'))).toEqual(['both 00:15 finished', 'both 01:15 finished']);
  });

  it('does not run what comes after a run that failed, and tries again as often as it is told', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:4;mem:4096');
    const retries = { limit: 1, backOff: { firstMs: second, maxMs: second } };
    const { cron, runs } = await start(cluster, { jobs: [job('a', { retries }), job('b', { after: ['a'] })] });
    await cluster.clock.advance(10 * minute);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      for (const { id } of agent.tasks) agent.failed(id, 'broken');
      await cluster.clock.advance(5 * second);
    }
    expect(runs).toEqual(['a 00:10 failed']);
    expect(cron.job('a')?.past[0]?.why).toBe("Task 'run' failed 2 times: broken");
    expect(agent.tasks).toEqual([]);
  });

  it('goes through a change of the clocks with each due time once', async () => {
    const calendar = await loadCalendar();
    const dues = (expression: string, from: string, to: string): string[] =>
      latestDues(
        calendar,
        { expression, timezone: 'Europe/Berlin' },
        { from: Date.parse(from), to: Date.parse(to), count: 100 },
      ).map((due) => new Date(due).toISOString().slice(5, 16));
    // The hour from two to three is not there in March, and there twice in October.
    expect(dues('0 * * * *', '2024-03-31T00:00:00Z', '2024-03-31T02:00:00Z')).toEqual(['03-31T01:00', '03-31T02:00']);
    expect(dues('0 * * * *', '2024-10-26T23:30:00Z', '2024-10-27T02:00:00Z')).toEqual([
      '10-27T00:00',
      '10-27T01:00',
      '10-27T02:00',
    ]);
    expect(dues('30 2 * * *', '2024-03-30T12:00:00Z', '2024-04-01T12:00:00Z')).toHaveLength(2);
    expect(dues('30 2 * * *', '2024-10-26T12:00:00Z', '2024-10-28T12:00:00Z')).toHaveLength(2);
  });
});

describe('a run that was missed', () => {
  /** How a job that is due every ten minutes made up for four due times, of which the last was half a minute ago. */
  const afterDowntime = async (more: Partial<CronJob>): Promise<string[]> => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 2 * second });
    const first = await start(cluster, { jobs: [job('a', more)] });
    await cluster.clock.advance(11 * minute);
    stop(first);
    await cluster.clock.advance(39 * minute + 30 * second);
    const again = await start(cluster, { restore: first.saved.at(-1) });
    await cluster.clock.advance(5 * minute);
    return again.runs;
  };

  it('is made up for as its job wants', async () => {
    const late = { epsilonMs: 10 * second };
    expect(await afterDowntime({ ...late, catchUp: 'none' })).toEqual(['a 00:50 missed']);
    expect(await afterDowntime({ ...late, catchUp: 'last' })).toEqual(['a 00:50 finished']);
    expect(await afterDowntime({ ...late, catchUp: 'all', overlap: 'queue' })).toEqual([
      'a 00:20 finished',
      'a 00:30 finished',
      'a 00:40 finished',
      'a 00:50 finished',
    ]);
    expect(await afterDowntime({ ...late, catchUp: 'all', maxCatchUp: 2, overlap: 'queue' })).toEqual([
      'a 00:40 finished',
      'a 00:50 finished',
    ]);
  });

  it('is none as long as it is late by no more than epsilon', async () => {
    expect(await afterDowntime({ epsilonMs: minute, catchUp: 'none' })).toEqual(['a 00:40 missed', 'a 00:50 finished']);
  });

  it('is also one for which there was no room in time', async () => {
    const cluster = lab();
    const { runs } = await start(cluster, {
      jobs: [job('strict', { catchUp: 'none', epsilonMs: minute }), job('patient', { catchUp: 'last' })],
    });
    await cluster.clock.advance(15 * minute);
    expect(runs).toEqual(['strict 00:10 missed']);
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 2 * second });
    await cluster.clock.advance(10 * minute);
    expect(runs).toEqual([
      'strict 00:10 missed',
      'patient 00:10 finished',
      'strict 00:20 finished',
      'patient 00:20 finished',
    ]);
  });

  it('is found without looking at each instant of a long absence', async () => {
    const calendar = await loadCalendar();
    let looked = 0;
    const counting: typeof calendar = { next: (...args) => ((looked += 1), calendar.next(...args)) };
    const year = 365 * 24 * hour;
    const everySecond = { expression: '* * * * * *', timezone: 'UTC' };
    const rare = { expression: '0 0 1 1 *', timezone: 'UTC' };
    expect(latestDues(counting, everySecond, { from: 0, to: year, count: 3 })).toEqual([
      year - 2 * second,
      year - second,
      year,
    ]);
    expect(latestDues(counting, rare, { from: 0, to: 10 * year, count: 1 })).toEqual([Date.parse('1979-01-01')]);
    expect(latestDues(counting, rare, { from: 5, to: 5, count: 9 })).toEqual([]);
    expect(looked).toBeLessThan(500);
  });
});

describe('a cron scheduler that is restarted', () => {
  it('goes on with runs that are under way and runs none twice', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 3 * minute });
    const first = await start(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(10 * minute + second);
    const before = running(cluster);
    expect(before).toHaveLength(1);
    stop(first);
    await cluster.clock.advance(second);
    const again = await start(cluster, { restore: first.saved.at(-1), jobs: [job('a')] });
    await cluster.clock.advance(2 * minute);
    expect(running(cluster)).toEqual(before);
    await cluster.clock.advance(2 * minute);
    expect(again.runs).toEqual(['a 00:10 finished']);
  });

  it('never made due before what a new schedule would have', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => second });
    const first = await start(cluster, { jobs: [job('a', { schedule: '0 0 * * *' })] });
    await cluster.clock.advance(5 * hour);
    stop(first);
    const again = await start(cluster, { restore: first.saved.at(-1), jobs: [job('a', { catchUp: 'all' })] });
    await cluster.clock.advance(25 * minute);
    expect(again.runs).toEqual(['a 05:10 finished', 'a 05:20 finished']);
  });

  it('reads back what it saved, and refuses what it cannot have', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => 7 * minute });
    const jobs = [
      job('__proto__', { overlap: 'queue' }),
      job('b', { after: ['__proto__'] }),
      job('c', { catchUp: 'none' }),
    ];
    const { saved } = await start(cluster, { jobs });
    await cluster.clock.advance(90 * minute);
    expect(saved.length).toBeGreaterThan(20);
    for (const state of saved) {
      const restored = await cronScheduler({ restore: state, clock: manualClock() });
      expect(restored.state).toEqual(state);
      restored.close();
    }
    const broken = structuredClone(saved.at(-1)) as unknown as { jobs: { open: number[] }[] };
    broken.jobs[1]?.open.push(77);
    await expect(cronScheduler({ restore: broken })).rejects.toMatchObject({ code: 'bad-state' });
    await expect(cronScheduler({ restore: 7 })).rejects.toMatchObject({ code: 'bad-state', path: '' });
  });

  it('says when another took over', async () => {
    const cluster = lab();
    const first = await start(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(second);
    await start(cluster, { restore: first.saved.at(-1) });
    await cluster.clock.settle();
    expect(await first.cron.ended).toMatchObject({ code: 'failed-over' });
  });
});

describe('what a host writes about cron jobs', () => {
  it.each<[unknown, string, string]>([
    [{ id: 'a' }, 'missing-field', 'jobs[0].task'],
    [{ id: 'a', task }, 'bad-schedule', 'jobs[0]'],
    [job('a', { after: ['a'], schedule: '* * * * *' }), 'bad-schedule', 'jobs[0]'],
    [job('a', { after: ['a'] }), 'dependency-cycle', 'jobs[0].after'],
    [job('a', { after: ['b'] }), 'unknown-job', 'jobs[0].after[0]'],
    [job('a', { schedule: '61 * * * *' }), 'bad-schedule', 'jobs[0].schedule'],
    [job('a', { schedule: '' }), 'bad-schedule', 'jobs[0].schedule'],
    [job('a', { timezone: 'Mars/Olympus' }), 'bad-time-zone', 'jobs[0].timezone'],
    [job('a', { overlap: 'maybe' as never }), 'unknown-value', 'jobs[0].overlap'],
    [job('a', { epsilonMs: -1 }), 'bad-duration', 'jobs[0].epsilonMs'],
    [job('a', { maxCatchUp: 0 }), 'bad-count', 'jobs[0].maxCatchUp'],
    [job('a', { priority: NaN }), 'wrong-type', 'jobs[0].priority'],
    [job('a', { retries: -1 }), 'bad-count', 'jobs[0].retries'],
    [job('a', { task: { ...task, resources: 'x' } }), 'bad-resources', 'jobs[0].task.resources'],
    [job('a', { task: { ...task, every: 1 } as never }), 'unknown-field', 'jobs[0].task.every'],
    [{ ...job('a'), when: 1 }, 'unknown-field', 'jobs[0].when'],
  ])('%j is refused as %s at %s', async (one, code, path) => {
    const made = cronScheduler({ clock: manualClock(), jobs: [one as CronJob] });
    await expect(made).rejects.toMatchObject({ name: 'InputError', code, path });
  });

  it('is refused as a whole, and leaves no circle', async () => {
    const jobs = [job('a', { after: ['b'] }), job('b', { after: ['c'] }), job('c')];
    const cron = await cronScheduler({ clock: manualClock(), jobs });
    expect(() => cron.set(job('c', { after: ['a'] }))).toThrow(expect.objectContaining({ code: 'dependency-cycle' }));
    expect(() => cron.remove('b')).toThrow(expect.objectContaining({ code: 'job-in-use' }));
    cron.remove('a');
    cron.remove('b');
    expect(cron.jobs().map(({ id }) => id)).toEqual(['c']);
    expect(() => cron.remove('b')).toThrow(expect.objectContaining({ code: 'unknown-job' }));
    cron.close();
  });

  it('needs a package, and says so if it is not there', async () => {
    const missing = loadCalendar(() => Promise.reject(new Error('Cannot find package')));
    await expect(missing).rejects.toMatchObject({ name: 'InputError', code: 'missing-peer', path: 'schedule' });
    await expect(missing).rejects.toThrow('npm install croner');
  });

  it('may be removed while it runs: that ends', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => hour });
    const { cron } = await start(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(10 * minute + second);
    expect(agent.tasks).toHaveLength(1);
    cron.remove('a');
    await cluster.clock.advance(second);
    expect(agent.tasks).toEqual([]);
    expect(cron.state).toMatchObject({ jobs: [], batch: { jobs: [] } });
  });
});
