import { describe, expect, it } from 'vitest';
import { job, jobOf, lab, run, running, standing, task, type Lab } from './harness.js';

const second = 1_000;
const minute = 60 * second;
const patient = { firstMs: 10 * second, maxMs: 30 * second, jitter: 0 };

/** When each task was launched, ms. */
function launches({ master, clock }: Lab): [id: string, at: number][] {
  const list: [string, number][] = [];
  master.on('task', (event) => {
    if (event.type === 'launched') list.push([event.task, clock.now()]);
  });
  return list;
}

describe('a task that fails', () => {
  it('is tried again after longer and longer waits until it has failed too often', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:8;mem:4096');
    const launched = launches(cluster);
    const { batch } = run(cluster, { jobs: [job('a', { retries: { limit: 3, backOff: patient } })] });
    await cluster.clock.settle();
    for (const attempt of [1, 2, 3, 4]) {
      agent.failed(`a.t.${attempt}`, `for the ${attempt}. time`);
      await cluster.clock.advance(minute);
    }
    const waits = launched.map(([, at], index) => at - index * minute);
    // 10 s, 20 s and 30 s after the failure, and at most a run of the allocator later.
    expect(launched.map(([id]) => id)).toEqual(['a.t.1', 'a.t.2', 'a.t.3', 'a.t.4']);
    for (const [index, wait] of [0, 10 - 60, 20 - 60, 30 - 60].entries()) {
      expect((waits[index] ?? 0) / second).toBeGreaterThanOrEqual(wait);
      expect((waits[index] ?? 0) / second).toBeLessThanOrEqual(wait + 1);
    }
    expect(jobOf(batch, 'a')).toMatchObject({
      state: 'failed',
      why: "Task 't' failed 4 times: for the 4. time",
      instances: [{ attempts: 4, state: 'failed', status: 'failed', message: 'for the 4. time' }],
    });
  });

  it('takes the rest of its job with it when it has failed for good, and nothing else', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:3;mem:4096');
    const { batch } = run(cluster, { jobs: [job('a', { tasks: [task('t', { instances: 4 })] }), job('b')] });
    await cluster.clock.advance(second);
    agent.failed('a.t.2');
    await cluster.clock.settle();
    expect(standing(batch)).toEqual(['a ending', 'b waiting']);
    agent.killed('a.t.1');
    agent.killed('a.t.3');
    await cluster.clock.advance(second);
    expect(standing(batch)).toEqual(['a failed', 'b running']);
    expect(jobOf(batch, 'a').instances.map(({ state }) => state)).toEqual(['dropped', 'failed', 'dropped', 'dropped']);
  });

  it('has retries of its own, or those of its job', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:3;mem:4096');
    const tasks = [task('once'), task('twice', { retries: 1 })];
    const { batch } = run(cluster, { jobs: [job('a', { tasks, retries: 0 })] });
    await cluster.clock.advance(second);
    agent.failed('a.twice.2');
    await cluster.clock.advance(5 * second);
    expect(running(cluster)).toEqual(['a.once.1', 'a.twice.3']);
    agent.failed('a.once.1');
    await cluster.clock.settle();
    expect(standing(batch)).toEqual(['a ending']);
  });

  it('is one that was ended though nobody here asked for it', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:3;mem:4096');
    const { batch } = run(cluster, { jobs: [job('a')] });
    await cluster.clock.settle();
    agent.killed('a.t.1');
    await cluster.clock.settle();
    expect(jobOf(batch, 'a')).toMatchObject({ state: 'failed' });
  });
});

describe('a task that is lost', () => {
  it('is run again however often, without that counting as a failure', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:3;mem:4096', { heartbeatMs: 5 * second });
    const { batch } = run(cluster, { jobs: [job('a')] });
    for (let crash = 0; crash < 4; crash += 1) {
      await cluster.clock.advance(minute);
      agent.crash();
      agent.return();
    }
    await cluster.clock.advance(minute);
    expect(running(cluster)).toEqual(['a.t.5']);
    expect(jobOf(batch, 'a').instances).toMatchObject([{ attempts: 5, state: 'launched' }]);
  });

  it('is run again elsewhere when its agent is drained', async () => {
    const cluster = lab();
    cluster.memory.agent('a1', 'cpus:3;mem:4096', { autorun: () => undefined });
    const { batch } = run(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(second);
    cluster.memory.agent('a2', 'cpus:3;mem:4096', { autorun: () => undefined });
    await cluster.master.control({ type: 'drain', agent: 'a1' });
    await cluster.clock.advance(10 * second);
    expect(jobOf(batch, 'a').instances).toMatchObject([{ attempts: 2, agent: 'a2', state: 'launched' }]);
  });

  it('is given up when its agent was out of sight for long, and ended if it comes back', async () => {
    const cluster = lab();
    const lost = cluster.memory.agent('a1', 'cpus:3;mem:4096', { heartbeatMs: second, autorun: () => undefined });
    const { batch } = run(cluster, { jobs: [job('a')], unreachableAfterMs: 5 * minute });
    await cluster.clock.advance(second);
    cluster.memory.agent('a2', 'cpus:3;mem:4096', { autorun: () => undefined });
    lost.silence();
    await cluster.clock.advance(5 * minute);
    // Seconds pass before the master calls it unreachable; only then the time begins.
    expect(jobOf(batch, 'a').instances).toMatchObject([{ attempts: 1, status: 'unreachable' }]);
    await cluster.clock.advance(minute);
    expect(jobOf(batch, 'a').instances).toMatchObject([{ attempts: 2, agent: 'a2', status: 'running' }]);
    expect(lost.tasks.map(({ id }) => id)).toEqual(['a.t.1']);
    lost.return();
    await cluster.clock.advance(second);
    expect(lost.tasks).toEqual([]);
    expect(running(cluster)).toEqual(['a.t.2']);
  });

  it('goes on where it was if its agent comes back in time', async () => {
    const cluster = lab();
    const lost = cluster.memory.agent('a1', 'cpus:3;mem:4096', { heartbeatMs: second, autorun: () => undefined });
    cluster.memory.agent('a2', 'cpus:0.1');
    const { batch } = run(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(second);
    lost.silence();
    await cluster.clock.advance(5 * minute);
    lost.return();
    await cluster.clock.advance(20 * minute);
    expect(jobOf(batch, 'a').instances).toMatchObject([{ attempts: 1, status: 'running' }]);
  });
});

describe('a job with a deadline', () => {
  it('fails when it is not finished by then, and what runs of it is ended', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => undefined });
    const { batch } = run(cluster, {
      jobs: [
        job('late', { deadlineMs: minute, tasks: [task('t', { instances: 2 })] }),
        job('never', { deadline: 30 * second }),
        job('after', { after: ['late'] }),
      ],
    });
    await cluster.clock.advance(minute - 1);
    expect(standing(batch)).toEqual(['late running', 'never failed', 'after blocked']);
    await cluster.clock.advance(second);
    expect(standing(batch)).toEqual(['late failed', 'never failed', 'after skipped']);
    expect(jobOf(batch, 'late').why).toBe('It was not finished by its deadline');
    expect(agent.tasks).toEqual([]);
  });
});

describe('a job that is cancelled', () => {
  it('ends, and so does what waits for it', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => undefined });
    const { batch } = run(cluster, { jobs: [job('a'), job('b', { after: ['a'] }), job('c')] });
    await cluster.clock.advance(second);
    expect(batch.cancel('a')).toBe(true);
    expect(batch.cancel('a')).toBe(false);
    await cluster.clock.advance(second);
    expect(standing(batch)).toEqual(['a cancelled', 'b skipped', 'c running']);
    expect(agent.tasks.map(({ id }) => id)).toEqual(['c.t.2']);
    expect(() => batch.cancel('nobody')).toThrow(expect.objectContaining({ code: 'unknown-job', path: 'id' }));
  });

  it('can be forgotten when it is over and nobody waits for it', async () => {
    const cluster = lab();
    const { batch } = run(cluster, { jobs: [job('a'), job('b', { after: ['a'] })] });
    expect(batch.forget('a')).toBe(false);
    batch.cancel('a');
    expect(batch.forget('a')).toBe(true);
    expect(batch.job('a')).toBeUndefined();
    expect(() => batch.forget('a')).toThrow(expect.objectContaining({ code: 'unknown-job' }));
    // Its id may be used again: the ids of its tasks will not.
    batch.add(job('a'));
    expect(standing(batch)).toEqual(['b skipped', 'a waiting']);
  });

  it('is told to end again after the wire was lost', async () => {
    const cluster = lab();
    const agent = cluster.memory.agent('a1', 'cpus:1;mem:4096', { autorun: () => undefined });
    const { batch, framework, errors } = run(cluster, { jobs: [job('a')] });
    await cluster.clock.advance(second);
    framework.disconnect();
    batch.cancel('a');
    await cluster.clock.advance(minute);
    expect(agent.tasks).toHaveLength(1);
    framework.return();
    await cluster.clock.advance(second);
    expect(agent.tasks).toEqual([]);
    expect(standing(batch)).toEqual(['a cancelled']);
    expect(errors).toEqual([]);
  });
});
