import { describe, expect, it } from 'vitest';
import { frameworks, stats, tasks } from '../../src/cluster/index.js';
import type { TaskState } from '../../src/tasks/index.js';
import { cluster, task, type Cluster } from './harness.js';

function launched(
  capabilities: readonly ('multi-role' | 'partition-aware')[] = ['multi-role', 'partition-aware'],
): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024');
  box.framework('f1', ['a'], { capabilities, checkpoint: true, failoverTimeoutMs: 60_000 });
  box.launch('f1', 'a1', [task('t1', 'cpus:4;mem:1024')]);
  return box;
}

describe('status updates at the master', () => {
  it('are applied and forwarded, with their uuid (UPD-1, UPD-7)', () => {
    const box = launched();
    const [output] = box.ask({
      type: 'status',
      agent: 'a1',
      framework: 'f1',
      task: 't1',
      state: 'running',
      uuid: 'u1',
      message: 'up',
      healthy: true,
      data: 'd',
    });
    expect(output).toEqual({
      type: 'update',
      framework: 'f1',
      connection: 'c-f1',
      status: {
        task: 't1',
        state: 'running',
        terminal: false,
        source: 'executor',
        timestamp: 0,
        message: 'up',
        agent: 'a1',
        uuid: 'u1',
        data: 'd',
        healthy: true,
      },
    });
    expect(tasks(box.state)).toMatchObject([{ state: 'running' }]);
  });

  it('leave what they carry for the framework out of the books (TASK-8)', () => {
    const box = launched();
    const update = { type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'running', uuid: 'u1' } as const;
    box.ask({ ...update, data: 'x'.repeat(1_000) });
    expect(tasks(box.state)[0]?.status).toMatchObject({ state: 'running', uuid: 'u1' });
    expect(tasks(box.state)[0]?.status).not.toHaveProperty('data');
  });

  it('free resources at the end of a task, before anybody acknowledges it (TASK-5)', () => {
    const box = launched();
    box.status('a1', 'f1', 't1', 'finished');
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
    // No filter: the next batch offers it (FILT-4).
    expect(box.pass(1_000)).toEqual(['1000: offers to f1: m-O1 a1 as a cpus:4; mem:1024']);
  });

  it('keep the task until its end is acknowledged, then it is history (TASK-6)', () => {
    const box = launched();
    box.status('a1', 'f1', 't1', 'finished');
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'finished', holds: false }]);
    expect(box.acknowledge('a1', 'f1', 't1', 'u-t1-finished')).toEqual(['a1: acknowledge u-t1-finished']);
    expect(tasks(box.state)).toEqual([]);
    expect(frameworks(box.state)[0]?.completedTasks).toMatchObject([{ id: 't1', state: 'finished', agent: 'a1' }]);
  });

  it('that are final and want no acknowledgement end the task at once (TASK-6)', () => {
    const box = launched();
    expect(box.send({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'failed' })).toEqual([
      'update to f1: t1 failed (executor)',
    ]);
    expect(tasks(box.state)).toEqual([]);
  });

  it('after the end are forwarded and not applied (TASK-4)', () => {
    const box = launched();
    box.status('a1', 'f1', 't1', 'finished');
    expect(box.status('a1', 'f1', 't1', 'running')).toEqual(['update to f1: t1 running (executor u-t1-running)']);
    expect(box.status('a1', 'f1', 't1', 'failed')).toHaveLength(1);
    expect(tasks(box.state)).toMatchObject([{ state: 'finished', holds: false }]);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
  });

  it('in no good order are applied as they are said (TASK-4)', () => {
    const box = launched();
    for (const state of ['running', 'starting', 'killing', 'running'] as const) {
      box.status('a1', 'f1', 't1', state);
      expect(tasks(box.state)).toMatchObject([{ state }]);
    }
  });

  it.each<TaskState>(['staging', 'unreachable', 'unknown'])(
    'that say %s are nonsense, counted and forwarded to nobody',
    (state) => {
      const box = launched();
      box.status('a1', 'f1', 't1', 'running');
      expect(box.status('a1', 'f1', 't1', state)).toEqual([]);
      expect(tasks(box.state)).toMatchObject([{ state: 'running', holds: true }]);
      expect(stats(box.state).counters.invalidStatusReports).toBe(1);
    },
  );

  it('tell in `latestState` what the update in flight does not say yet (TASK-7)', () => {
    const box = launched();
    expect(box.status('a1', 'f1', 't1', 'running', { latestState: 'finished' })).toEqual([
      'update to f1: t1 running (executor u-t1-running)',
    ]);
    expect(tasks(box.state)).toMatchObject([{ state: 'finished', holds: false, status: { state: 'running' } }]);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
    // Reconciliation tells the last state forwarded.
    expect(box.send({ type: 'reconcile', framework: 'f1', connection: 'c-f1', tasks: [] })).toEqual([
      'update to f1: t1 running (master reconciliation)',
    ]);
    box.acknowledge('a1', 'f1', 't1', 'u-t1-running');
    expect(box.status('a1', 'f1', 't1', 'finished')).toEqual(['update to f1: t1 finished (executor u-t1-finished)']);
    box.acknowledge('a1', 'f1', 't1', 'u-t1-finished');
    expect(tasks(box.state)).toEqual([]);
  });

  it('without a state are applied and forwarded to nobody (design §6)', () => {
    const box = launched();
    box.status('a1', 'f1', 't1', 'running');
    expect(box.send({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', latestState: 'failed' })).toEqual([]);
    expect(tasks(box.state)).toMatchObject([{ state: 'failed', holds: false, status: { state: 'running' } }]);
  });

  it('count while their framework is away, and are not sent to it (UPD-7)', () => {
    const box = launched();
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    expect(box.status('a1', 'f1', 't1', 'finished')).toEqual([]);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
    // The agent sends it again.
    box.framework('f1', ['a'], { checkpoint: true });
    expect(box.status('a1', 'f1', 't1', 'finished')).toEqual(['update to f1: t1 finished (executor u-t1-finished)']);
  });

  it.each([
    ['an unknown agent', { agent: 'a9' }],
    ['an unknown framework', { framework: 'f9' }],
  ])('of %s are counted and dropped (UPD-7)', (_, who) => {
    const box = launched();
    expect(
      box.send({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'finished', uuid: 'u', ...who }),
    ).toEqual([]);
    expect(tasks(box.state)).toMatchObject([{ state: 'staging' }]);
    expect(stats(box.state).counters.invalidStatusReports).toBe(1);
  });

  it('of a task that nobody knows, or from an agent that does not run it, are forwarded alone', () => {
    const box = launched();
    box.agent('a2', 'cpus:1');
    expect(box.status('a1', 'f1', 't9', 'running')).toEqual(['update to f1: t9 running (executor u-t9-running)']);
    expect(box.status('a2', 'f1', 't1', 'finished')).toHaveLength(1);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'staging' }]);
    expect(box.acknowledge('a1', 'f1', 't9', 'u-t9-running')).toEqual(['a1: acknowledge u-t9-running']);
  });

  it.each<[TaskState, TaskState]>([
    ['dropped', 'lost'],
    ['gone', 'lost'],
    ['gone-by-operator', 'lost'],
    ['failed', 'failed'],
  ])('that say %s are told as %s to whoever would not understand (TASK-3)', (state, told) => {
    const box = launched(['multi-role']);
    expect(box.status('a1', 'f1', 't1', state)).toEqual([`update to f1: t1 ${told} (executor u-t1-${state})`]);
    expect(tasks(box.state)).toMatchObject([{ state }]);
    box.acknowledge('a1', 'f1', 't1', `u-t1-${state}`);
    expect(tasks(box.state)).toEqual([]);
  });
});

describe('ACKNOWLEDGE (UPD-4, UPD-6)', () => {
  it('of what is not in flight is counted and dropped', () => {
    const box = launched();
    expect(box.acknowledge('a1', 'f1', 't1', 'u')).toEqual([]);
    box.status('a1', 'f1', 't1', 'running');
    expect(box.acknowledge('a1', 'f1', 't1', 'random')).toEqual([]);
    expect(box.acknowledge('a2', 'f1', 't1', 'u-t1-running')).toEqual([]);
    box.agent('a2', 'cpus:1');
    expect(box.acknowledge('a2', 'f1', 't1', 'u-t1-running')).toEqual([]);
    expect(stats(box.state).counters.invalidAcknowledgements).toBe(4);
    expect(box.acknowledge('a1', 'f1', 't1', 'u-t1-running')).toEqual(['a1: acknowledge u-t1-running']);
  });

  it('is dropped while the agent is away: it will send the update again (UPD-6)', () => {
    const box = launched();
    box.status('a1', 'f1', 't1', 'finished');
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(box.acknowledge('a1', 'f1', 't1', 'u-t1-finished')).toEqual([]);
    expect(tasks(box.state)).toHaveLength(1);
    expect(stats(box.state).counters.invalidAcknowledgements).toBe(1);
  });

  it('over an old connection does nothing', () => {
    const box = launched();
    box.status('a1', 'f1', 't1', 'finished');
    const call = { type: 'acknowledge', agent: 'a1', framework: 'f1', task: 't1', uuid: 'u-t1-finished' } as const;
    expect(box.send({ ...call, connection: 'old' })).toEqual(['rejected acknowledge of f1: stale-connection']);
    expect(tasks(box.state)).toHaveLength(1);
  });
});

describe('what is remembered', () => {
  it('of tasks that ended are the newest so many (TASK-6)', () => {
    const box = cluster({ maxCompletedTasks: 2 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    for (const id of ['t1', 't2', 't3']) {
      box.launch('f1', 'a1', [task(id, 'cpus:1')], { refuseSeconds: 0 });
      box.status('a1', 'f1', id, 'finished');
      box.acknowledge('a1', 'f1', id, `u-${id}-finished`);
      box.pass(1_000);
    }
    expect(frameworks(box.state)[0]?.completedTasks.map(({ id }) => id)).toEqual(['t2', 't3']);
  });
});
