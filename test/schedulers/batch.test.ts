import { describe, expect, it } from 'vitest';
import { job, jobOf, lab, run, running, standing, task, violation } from './harness.js';

const second = 1_000;
const minute = 60 * second;

describe('a batch scheduler', () => {
  it('runs its jobs to their end and says so', async () => {
    const cluster = lab();
    const { clock, memory, master } = cluster;
    memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => 5 * second });
    const { batch, errors } = run(cluster, { jobs: [job('a'), job('b', { tasks: [task('t', { instances: 3 })] })] });
    await clock.advance(second);
    expect(running(cluster)).toEqual(['a.t.1', 'b.t.2', 'b.t.3', 'b.t.4']);
    expect(standing(batch)).toEqual(['a running', 'b running']);
    await clock.advance(10 * second);
    const summary = await batch.done;
    expect(summary.ok).toBe(true);
    expect(standing(batch)).toEqual(['a finished', 'b finished']);
    expect(jobOf(batch, 'a').instances).toEqual([
      { task: 't', instance: 0, state: 'finished', attempts: 1, attempt: 'a.t.1', agent: 'a1', status: 'finished' },
    ]);
    expect(errors).toEqual([]);
    expect(violation(master.state)).toBeUndefined();
  });

  it('is done at once when there is nothing to do, and again after more was added', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => second });
    const { batch } = run(cluster);
    expect((await batch.done).jobs).toEqual([]);
    await cluster.clock.advance(minute);
    batch.add(job('a'));
    const { done } = batch;
    await cluster.clock.advance(5 * second);
    expect((await done).jobs).toMatchObject([{ id: 'a', state: 'finished' }]);
  });

  it('says which tasks are whose, in their labels and their environment', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:4;mem:4096;ports:[31000-31009]');
    const tasks = [
      {
        id: 'web',
        command: 'serve',
        env: { A: '1', __proto__x: 'y', PORT0: 'mine' },
        resources: 'cpus:1;mem:32',
        ports: ['http', 'admin-api'],
        healthCheck: { type: 'http' as const, http: { port: 'admin-api', path: '/health' } },
      },
    ];
    run(cluster, { jobs: [{ id: 'j', priority: 3, tasks }] });
    await cluster.clock.advance(second);
    const [info] = agent.tasks.map((each) => each.info);
    expect(info).toMatchObject({ id: 'j.web.1', priority: 3, healthCheck: { http: { port: 31001, path: '/health' } } });
    expect(info?.resources.toString()).toContain('ports:[31000-31001]');
    expect(info?.labels?.map(({ key, value }) => `${key}=${value}`)).toEqual([
      'job=j',
      'task=web',
      'instance=0',
      'attempt=1',
    ]);
    const environment = new Map(info?.command?.environment?.map(({ name, value }) => [name, value]));
    expect(Object.fromEntries(environment)).toEqual({
      PROFFER_JOB: 'j',
      PROFFER_TASK: 'web',
      PROFFER_INSTANCE: '0',
      PROFFER_ATTEMPT: '1',
      // What a task says itself wins.
      PORT0: 'mine',
      PORT_HTTP: '31000',
      PORT1: '31001',
      PORT_ADMIN_API: '31001',
      A: '1',
      __proto__x: 'y',
    });
  });

  it('gives each status to whoever wants it, with what the task answered', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:4;mem:4096');
    const heard: unknown[] = [];
    const changes: string[] = [];
    run(cluster, {
      jobs: [job('a', { tasks: [task('t', { instances: 2 })] })],
      onStatus: ({ state, data }, of) => heard.push([of.job, of.task, of.instance, state, data]),
      onChange: ({ id, state }) => changes.push(`${id} ${state}`),
    });
    await cluster.clock.advance(second);
    agent.running('a.t.1');
    await cluster.clock.settle();
    agent.finished('a.t.1', 'forty-two');
    agent.finished('a.t.2');
    await cluster.clock.settle();
    expect(heard).toEqual([
      ['a', 't', 0, 'running', undefined],
      ['a', 't', 0, 'finished', 'forty-two'],
      ['a', 't', 1, 'finished', undefined],
    ]);
    expect(changes).toEqual(['a waiting', 'a running', 'a running', 'a finished']);
  });

  it('hears what callbacks throw and goes on', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:4;mem:4096', { autorun: () => second });
    const fail = (): never => {
      throw new Error('mine');
    };
    const { batch, errors } = run(cluster, { jobs: [job('a')], onChange: fail, onStatus: fail });
    await cluster.clock.advance(5 * second);
    expect(standing(batch)).toEqual(['a finished']);
    expect(new Set(errors.map(String))).toEqual(new Set(['Error: mine']));
  });

  it('runs what is more important first', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => 10 * second });
    const order: string[] = [];
    run(cluster, {
      jobs: [
        job('later', { class: 'deferrable', priority: 9 }),
        job('low', { priority: -1 }),
        job('first'),
        job('second'),
        job('high', { priority: 5 }),
        job('now', { class: 'urgent' }),
      ],
      onStatus: ({ state }, of) => state === 'running' && order.push(of.job),
    });
    await cluster.clock.advance(2 * minute);
    expect(order).toEqual(['now', 'high', 'first', 'second', 'low', 'later']);
  });

  it('lets a deferrable job be as good as any other from its latest start on', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => 10 * second });
    const order: string[] = [];
    run(cluster, {
      jobs: [
        job('night', { class: 'deferrable', startBy: 25 * second, priority: 1 }),
        ...['a', 'b', 'c', 'd'].map((id) => job(id)),
      ],
      onStatus: ({ state }, of) => state === 'running' && order.push(of.job),
    });
    await cluster.clock.advance(2 * minute);
    expect(order).toEqual(['a', 'b', 'c', 'night', 'd']);
  });

  it('starts nothing before its time', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => second });
    const { batch } = run(cluster, { jobs: [job('a', { notBefore: 10 * minute })] });
    await cluster.clock.advance(10 * minute - 1);
    expect(standing(batch)).toEqual(['a waiting']);
    await cluster.clock.advance(2 * second);
    expect(jobOf(batch, 'a').startedAt).toBe(10 * minute);
  });

  it('runs a job when those before it are finished, whatever the order they are given in', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:8;mem:4096', { autorun: () => 10 * second });
    const order: string[] = [];
    const { batch } = run(cluster, {
      jobs: [job('c', { after: ['a', 'b'] }), job('b', { after: ['a'] }), job('a')],
      onStatus: ({ state }, of) => state === 'running' && order.push(of.job),
    });
    await cluster.clock.advance(second);
    expect(standing(batch)).toEqual(['a running', 'b blocked', 'c blocked']);
    await cluster.clock.advance(minute);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('skips what waits for a job that did not finish, and says why', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:8;mem:4096');
    const { batch } = run(cluster, {
      jobs: [job('a'), job('b', { after: ['a'] }), job('c', { after: ['b'] }), job('d')],
    });
    await cluster.clock.advance(second);
    agent.failed('a.t.1', 'no such file');
    agent.finished('d.t.2');
    await cluster.clock.settle();
    const { ok, jobs } = await batch.done;
    expect(ok).toBe(false);
    expect(jobs.map(({ id, state, why }) => [id, state, why])).toEqual([
      ['a', 'failed', "Task 't' failed: no such file"],
      ['b', 'skipped', "It waits for 'a', which failed"],
      ['c', 'skipped', "It waits for 'b', which was skipped"],
      ['d', 'finished', undefined],
    ]);
    batch.add(job('e', { after: ['a'] }));
    expect(jobOf(batch, 'e')).toMatchObject({ state: 'skipped' });
  });
});
