import { describe, expect, it } from 'vitest';
import { offers as outstanding } from '../../src/cluster/index.js';
import { job, jobOf, lab, run, running, standing, task } from './harness.js';

const second = 1_000;
const minute = 60 * second;

const gang = (id: string, instances: number, more: object = {}): ReturnType<typeof job> =>
  job(id, { gang: true, tasks: [task('t', { instances })], ...more });

describe('a gang', () => {
  it('is launched when there is room for all of it, and not before', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096');
    const { batch } = run(cluster, { jobs: [gang('g', 4)] });
    await cluster.clock.advance(5 * second);
    expect(running(cluster)).toEqual([]);
    expect(standing(batch)).toEqual(['g waiting']);
    // It holds what it has found meanwhile.
    expect(outstanding(cluster.master.state)).toMatchObject([{ agent: 'a1' }]);
    cluster.memory.agent('a2', 'cpus:2;mem:4096');
    await cluster.clock.advance(second);
    expect(running(cluster)).toEqual(['g.t.1', 'g.t.2', 'g.t.3', 'g.t.4']);
  });

  it('gives back what it held in vain, and lets others have it for a while', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096', { autorun: () => 5 * second });
    const gangBackOff = { firstMs: minute, maxMs: minute, jitter: 0 };
    const { batch } = run(cluster, {
      jobs: [gang('g', 4), gang('h', 2, { priority: -1 })],
      gangHoldMs: 10 * second,
      gangBackOff,
    });
    await cluster.clock.advance(9 * second);
    expect(standing(batch)).toEqual(['g waiting', 'h waiting']);
    await cluster.clock.advance(10 * second);
    expect(standing(batch)).toEqual(['g waiting', 'h finished']);
    expect(outstanding(cluster.master.state)).toEqual([]);
    // After its wait it tries again.
    await cluster.clock.advance(53 * second);
    expect(outstanding(cluster.master.state)).toHaveLength(1);
  });

  it('of two that wait for each other one gets all: they let go at different times', async () => {
    for (const seed of [1, 2, 3]) {
      const cluster = lab();
      const first = run(cluster, { jobs: [gang('g', 2)], role: 'one', seed });
      const second_ = run(cluster, { jobs: [gang('g', 2)], role: 'two', seed });
      cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => 5 * second });
      cluster.memory.agent('a2', 'cpus:1;mem:4096', { autorun: () => 5 * second });
      await cluster.clock.advance(60 * minute);
      expect([...standing(first.batch), ...standing(second_.batch)]).toEqual(['g finished', 'g finished']);
    }
  });

  it('is ended as a whole when one of it fails, and begins anew as often as its job may', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:4;mem:4096');
    const backOff = { firstMs: 10 * second, maxMs: 10 * second, jitter: 0 };
    const { batch } = run(cluster, { jobs: [gang('g', 3, { retries: { limit: 1, backOff } })] });
    await cluster.clock.settle();
    agent.finished('g.t.1');
    agent.failed('g.t.2', 'broken');
    await cluster.clock.settle();
    // The third is being ended; nothing begins before that is over.
    await cluster.clock.advance(2 * second);
    expect(running(cluster)).toEqual(['g.t.3']);
    agent.killed('g.t.3');
    await cluster.clock.advance(9 * second);
    expect(running(cluster)).toEqual([]);
    await cluster.clock.advance(2 * second);
    expect(running(cluster)).toEqual(['g.t.4', 'g.t.5', 'g.t.6']);
    agent.failed('g.t.4', 'broken');
    agent.finished('g.t.5');
    agent.killed('g.t.6');
    await cluster.clock.advance(second);
    expect(jobOf(batch, 'g')).toMatchObject({ state: 'failed', why: "Task 't' failed 2 times: broken" });
    expect(jobOf(batch, 'g').instances.map(({ state }) => state)).toEqual(['failed', 'finished', 'dropped']);
  });

  it('begins anew when one of it is lost, however often', async () => {
    const cluster = lab();
    const agents = ['a1', 'a2'].map((id) => cluster.memory.agent(id, 'cpus:1;mem:4096', { autorun: () => 5 * minute }));
    const { batch } = run(cluster, { jobs: [gang('g', 2)] });
    for (const agent of [...agents, ...agents]) {
      await cluster.clock.advance(2 * minute);
      expect(running(cluster)).toHaveLength(2);
      agent.crash();
      agent.return();
    }
    await cluster.clock.advance(10 * minute);
    expect(jobOf(batch, 'g')).toMatchObject({ state: 'finished', instances: [{ attempts: 5 }, { attempts: 5 }] });
  });

  it('ends with what it held when it is cancelled', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:2;mem:4096');
    const { batch } = run(cluster, { jobs: [gang('g', 3)] });
    await cluster.clock.advance(second);
    batch.cancel('g');
    await cluster.clock.advance(second);
    expect(outstanding(cluster.master.state)).toEqual([]);
    expect(standing(batch)).toEqual(['g cancelled']);
  });

  it('gets more from one agent than one offer holds', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:3;mem:4096');
    const { batch } = run(cluster, { jobs: [job('small'), job('tiny')] });
    await cluster.clock.advance(second);
    batch.add(gang('g', 3));
    await cluster.clock.advance(5 * second);
    agent.finished('small.t.1');
    await cluster.clock.advance(5 * second);
    expect(outstanding(cluster.master.state)).toHaveLength(2);
    agent.finished('tiny.t.2');
    await cluster.clock.advance(second);
    expect(running(cluster)).toEqual(['g.t.3', 'g.t.4', 'g.t.5']);
  });
});
