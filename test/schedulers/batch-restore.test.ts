import { describe, expect, it } from 'vitest';
import { tasks } from '../../src/cluster/index.js';
import { batchScheduler, SchedulerError, type BatchState } from '../../src/schedulers/index.js';
import { job, jobOf, lab, run, running, standing, task } from './harness.js';
import { thrownBy } from '../master/harness.js';
import { manualClock } from '../../src/transport/index.js';

const second = 1_000;
const minute = 60 * second;

describe('a batch scheduler that is restarted', () => {
  it('takes over what it left: nothing is run twice', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:2;mem:4096');
    const jobs = [job('a', { tasks: [task('t', { instances: 3 })] }), job('b', { after: ['a'] })];
    const first = run(cluster, { jobs });
    await cluster.clock.advance(second);
    agent.finished('a.t.1');
    await cluster.clock.advance(second);
    first.batch.close();
    first.framework.driver.close();
    agent.finished('a.t.2');
    await cluster.clock.advance(minute);
    const again = run(cluster, { jobs, restore: first.saved.at(-1) });
    expect(again.batch.info()).toMatchObject({ framework: first.framework.driver.framework, checkpoint: true });
    await cluster.clock.advance(second);
    expect(running(cluster)).toEqual(['a.t.3']);
    agent.finished('a.t.3');
    await cluster.clock.advance(second);
    expect(running(cluster)).toEqual(['b.t.4']);
    agent.finished('b.t.4');
    expect((await again.batch.done).ok).toBe(true);
    expect(first.errors).toEqual([]);
    expect(again.errors).toEqual([]);
  });

  it('writes a task down before it is launched, and an end before it is acknowledged', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:2;mem:4096');
    let launched: readonly string[] = [];
    const written: [unknown, unknown][] = [];
    run(cluster, {
      jobs: [job('a')],
      save(state) {
        launched = tasks(cluster.master.state).map(({ id }) => id);
        written.push([state.desk.attempts.map(({ id }) => id), launched]);
      },
    });
    await cluster.clock.settle();
    agent.finished('a.t.1');
    await cluster.clock.settle();
    expect(written).toEqual([
      [[], []],
      [['a.t.1'], []],
      // It is still there: nobody acknowledged it yet.
      [[], ['a.t.1']],
    ]);
    expect(tasks(cluster.master.state)).toEqual([]);
  });

  it('does nothing that depends on a state that could not be saved, and tries again', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => second });
    let full = true;
    const errors: unknown[] = [];
    const batch = batchScheduler({
      clock: cluster.clock,
      jobs: [job('a')],
      save() {
        if (full) throw new Error('the disk is full');
      },
      onError: (error) => errors.push(error),
    });
    cluster.master.subscribe(batch.info(), batch);
    await cluster.clock.advance(10 * second);
    expect(running(cluster)).toEqual([]);
    expect(errors.map(String)).toContain('Error: the disk is full');
    // A handler that could not save has failed, so an update is not acknowledged.
    expect(new Set(cluster.errors.map(({ code }) => code))).toEqual(new Set(['callback-failed']));
    full = false;
    await cluster.clock.advance(5 * second);
    expect(standing(batch)).toEqual(['a finished']);
  });

  it('saves as seldom as it is told, and does what depends on that when it has', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: ({ id }) => Number(id.split('.')[2]) * 300 });
    const saves: number[] = [];
    const { batch } = run(cluster, {
      jobs: [job('a', { tasks: [task('t', { instances: 12 })] })],
      saveEveryMs: second,
      save: () => saves.push(cluster.clock.now()),
    });
    await cluster.clock.advance(minute);
    expect(standing(batch)).toEqual(['a finished']);
    for (const [index, at] of saves.slice(1).entries()) expect(at - (saves[index] ?? 0)).toBeGreaterThanOrEqual(second);
    expect(saves.length).toBeLessThan(14);
  });

  it('asks what became of its tasks, again and again until it hears of them', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => undefined });
    const first = run(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(second);
    first.batch.close();
    first.framework.driver.close();
    const asked: [at: number, tasks: number][] = [];
    cluster.master.on('transition', ({ input }) => {
      if (input.type === 'reconcile') asked.push([cluster.clock.now() / minute, input.tasks.length]);
    });
    agent.crash();
    await cluster.clock.advance(10 * minute);
    const again = run(cluster, { restore: first.saved.at(-1), unreachableAfterMs: 1_000 * minute });
    await cluster.clock.advance(60 * minute);
    // At once about the task, then every quarter of an hour about all, and a little later about what was not heard of.
    expect(asked[0]?.[1]).toBe(1);
    expect(asked.filter(([, count]) => count === 0).map(([at]) => Math.round(at))).toEqual([25, 40, 55, 70]);
    expect(asked.filter(([, count]) => count === 1).length).toBeGreaterThanOrEqual(4);
    expect(jobOf(again.batch, 'a').instances).toMatchObject([{ status: 'unreachable' }]);
  });

  it('finds tasks that a crash kept from being launched, and launches them under new ids', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => undefined });
    let crash = (): void => {};
    const states: BatchState[] = [];
    const first = run(cluster, {
      jobs: [job('a')],
      save(state) {
        states.push(state);
        if (state.desk.attempts.length > 0) crash();
      },
    });
    crash = () => {
      first.batch.close();
      first.framework.driver.close();
    };
    await cluster.clock.advance(second);
    expect(running(cluster)).toEqual([]);
    const again = run(cluster, { restore: states.at(-1) });
    await cluster.clock.advance(5 * second);
    expect(running(cluster)).toEqual(['a.t.2']);
    expect(jobOf(again.batch, 'a').instances).toMatchObject([{ attempts: 2 }]);
  });

  it('stops and saves nothing more when another took over', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => minute });
    const first = run(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(second);
    const saves = first.saved.length;
    const again = run(cluster, { restore: first.saved.at(-1) });
    await cluster.clock.advance(second);
    await expect(first.batch.done).rejects.toMatchObject({ name: 'SchedulerError', code: 'failed-over' });
    await cluster.clock.advance(10 * minute);
    expect(first.saved).toHaveLength(saves);
    expect((await again.batch.done).ok).toBe(true);
  });

  it('begins anew under another id when its framework was removed', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => minute });
    const first = run(cluster, { jobs: [job('a')], failoverTimeoutMs: second });
    await cluster.clock.advance(second);
    first.framework.disconnect();
    await cluster.clock.advance(5 * second);
    expect(agent.tasks).toEqual([]);
    first.framework.return();
    await cluster.clock.settle();
    await expect(first.batch.done).rejects.toThrow(SchedulerError);
    const again = run(cluster, { restore: first.saved.at(-1) });
    expect(again.batch.info().framework).toBeUndefined();
    await cluster.clock.advance(2 * minute);
    expect(jobOf(again.batch, 'a')).toMatchObject({
      state: 'finished',
      instances: [{ attempts: 2, attempt: 'a.t.2' }],
    });
  });

  it('refuses to work as another framework than the one whose tasks it knows', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => undefined });
    const first = run(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(second);
    const again = batchScheduler({ clock: cluster.clock, role: 'etl', restore: first.batch.state });
    const { framework: _left, ...info } = again.info();
    cluster.memory.framework(info, again);
    await cluster.clock.advance(second);
    await expect(again.done).rejects.toMatchObject({ code: 'wrong-framework' });
    expect(running(cluster)).toEqual(['a.t.1']);
  });

  it('reads back every state that it saved, as it was', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096;ports:[1-9]', { autorun: ({ id }) => id.length * second });
    const { saved } = run(cluster, {
      jobs: [
        job('__proto__', {
          tasks: [
            {
              id: '__proto__',
              command: { value: 'x', environment: [{ name: '__proto__', value: '1' }] },
              env: JSON.parse('{"__proto__":"2"}') as Record<string, string>,
              resources: [{ name: 'cpus', value: 1 }],
              ports: 2,
              limits: { cpus: Infinity },
            },
          ],
          constraints: [{ type: 'spread', attribute: '@hostname' }],
        }),
        job('g', { gang: true, after: ['__proto__'], tasks: [task('t', { instances: 2 })] }),
      ],
    });
    await cluster.clock.advance(minute);
    expect(saved.length).toBeGreaterThan(4);
    for (const state of saved) expect(batchScheduler({ restore: state, clock: manualClock() }).state).toEqual(state);
  });

  it('refuses a state that cannot have been saved, with the path', () => {
    const cluster = lab();
    const { batch } = run(cluster, { jobs: [job('a')] });
    const state = JSON.parse(JSON.stringify(batch)) as { jobs: Record<string, unknown>[] } & Record<string, unknown>;
    const refused = (change: (copy: typeof state) => void): unknown => {
      const copy = structuredClone(state);
      change(copy);
      return thrownBy(() => batchScheduler({ restore: copy }));
    };
    const bad = (path: string): unknown => expect.objectContaining({ name: 'InputError', code: 'bad-state', path });
    expect(refused((copy) => void (copy['version'] = 2))).toEqual(bad('version'));
    expect(refused((copy) => void (copy['kind'] = 'cron'))).toEqual(bad('kind'));
    expect(refused((copy) => void delete copy['numbers'])).toEqual(bad('numbers'));
    expect(refused((copy) => copy.jobs.push(...copy.jobs))).toEqual(bad(''));
    expect(refused((copy) => Object.assign(copy.jobs[0] ?? {}, { waiting: 7 }))).toEqual(bad(''));
    expect(refused((copy) => Object.assign(copy.jobs[0] ?? {}, { spec: {} }))).toEqual(bad('jobs[0].spec'));
    expect(thrownBy(() => batchScheduler({ restore: 'rubbish' }))).toEqual(bad(''));
  });
});
