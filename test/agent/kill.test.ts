import { describe, expect, it } from 'vitest';
import { nextAgentDeadline } from '../../src/agent/index.js';
import { admitted, executorInfo, launch, launchGroup, running, taskInfo, type Harness, type Order } from './harness.js';

const kill = (task: string, graceMs?: number): Order => ({
  type: 'kill',
  framework: 'F1',
  task,
  ...(graceMs !== undefined && { killPolicy: { graceMs } }),
});

describe('a kill', () => {
  it('is told to the executor, and forced when the grace of 3 s is over (KILL-3)', () => {
    const it = running();
    expect(it.order(kill('t1'))).toEqual(['kill-task t1 within 3000']);
    expect(it.pass(2_999)).toEqual([]);
    expect(it.pass(1)).toEqual(['destroy-task t1']);
    expect(it.pass(60_000)).toEqual([]);
    expect(it.says('t1', 'killed')).toEqual(['status t1 killed']);
  });

  it('forces nothing when the task ends in time', () => {
    const it = running();
    it.order(kill('t1'));
    it.says('t1', 'killed');
    it.acknowledge('t1');
    expect(nextAgentDeadline(it.state)).toBeUndefined();
    expect(it.pass(60_000)).toEqual([]);
  });

  it('has the grace that it says, before that of the task, before the default (KILL-3)', () => {
    const own = running({ killPolicy: { graceMs: 7_000 } });
    expect(own.order(kill('t1'))).toEqual(['kill-task t1 within 7000']);
    const said = running({ killPolicy: { graceMs: 7_000 } });
    expect(said.order(kill('t1', 0))).toEqual(['kill-task t1 within 0']);
    expect(said.pass(0)).toEqual(['destroy-task t1']);
  });

  it.each([NaN, -1, -0, Infinity, 1e308, 0.5])('with a grace of %s has the grace of the task', (graceMs) => {
    const it = running({ killPolicy: { graceMs: 7_000 } });
    expect(it.order(kill('t1', graceMs))).toEqual(['kill-task t1 within 7000']);
  });

  it('that is repeated with less grace shortens it, counted from the first; with more it lengthens nothing (KILL-3)', () => {
    const it = running();
    it.order(kill('t1', 10_000));
    it.pass(1_000);
    expect(it.order(kill('t1', 60_000))).toEqual(['kill-task t1 within 9000']);
    expect(it.order(kill('t1', 4_000))).toEqual(['kill-task t1 within 3000']);
    expect(it.pass(2_999)).toEqual([]);
    expect(it.pass(1)).toEqual(['destroy-task t1']);
  });

  it('that is repeated with a grace already over forces at once', () => {
    const it = running();
    it.order(kill('t1', 60_000));
    it.pass(5_000);
    expect(it.order(kill('t1', 1_000))).toEqual(['kill-task t1 within 0']);
    expect(it.pass(0)).toEqual(['destroy-task t1']);
  });

  it('that is repeated is told again (KILL-1)', () => {
    const it = running();
    it.order(kill('t1'));
    expect(it.order(kill('t1'))).toEqual(['kill-task t1 within 3000']);
  });

  it('of a task that has ended does nothing', () => {
    const it = running();
    it.says('t1', 'finished');
    expect(it.order(kill('t1'))).toEqual([]);
  });

  it('of a task that is not here is answered: it never came, or is long over (§15)', () => {
    const it = running();
    expect(it.order(kill('t9'))).toEqual(['status t9 dropped (executor-terminated)']);
    expect(it.order(kill('t9'))).toEqual([]);
    const plain = running({}, { capabilities: [] });
    expect(plain.order(kill('t9'))).toEqual(['status t9 lost (executor-terminated)']);
    const stranger = admitted();
    expect(stranger.order(kill('t9'))).toEqual(['status t9 dropped (executor-terminated)']);
    stranger.acknowledge('t9');
    expect(nextAgentDeadline(stranger.state)).toBeUndefined();
  });

  it('is only told to an executor that the framework brought: that decides (KILL-2)', () => {
    const it = running({ executor: executorInfo('e1') }, { capabilities: ['task-killing-state'] });
    expect(it.order(kill('t1', 5_000))).toEqual(['kill-task t1 within 5000']);
    expect(it.pass(3_600_000)).toEqual([]);
  });

  it('while the agent is cut off goes on (AG-3)', () => {
    const it = running();
    it.order(kill('t1'));
    it.happen({ type: 'disconnected' });
    expect(it.pass(3_000)).toEqual(['destroy-task t1']);
  });
});

describe('killing (KILL-3)', () => {
  const aware = { capabilities: ['task-killing-state' as const] };

  it('is said to a framework that knows it', () => {
    const it = running({}, aware);
    expect(it.order(kill('t1'))).toEqual(['kill-task t1 within 3000', 'status t1 killing']);
    expect(it.all.at(-1)).toMatchObject({ report: { source: 'agent' } });
    expect(it.order(kill('t1'))).toEqual(['kill-task t1 within 3000']);
    expect(it.says('t1', 'killed')).toEqual(['status t1 latest=killed without uuid']);
  });

  it('is not said of a task that has not started (TASK-4)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1'), aware));
    expect(it.order(kill('t1'))).toEqual(['kill-task t1 within 3000']);
  });

  it('is not said to others', () => {
    expect(running().order(kill('t1'))).toEqual(['kill-task t1 within 3000']);
  });
});

describe('a group', () => {
  const group = (type: 'default' | 'custom' = 'default'): Harness => {
    const it = admitted();
    const tasks = [taskInfo('t1'), taskInfo('t2', { killPolicy: { graceMs: 1_000 } }), taskInfo('t3')];
    it.order(launchGroup(executorInfo('pod', { type }), tasks));
    for (const task of ['t1', 't2', 't3']) {
      it.says(task, 'running');
      it.acknowledge(task);
    }
    return it;
  };

  it('loses only the task that is killed, until that has ended (KILL-2)', () => {
    const it = group();
    expect(it.order(kill('t1'))).toEqual(['kill-task t1 within 3000']);
  });

  it.each(['killed', 'failed'] as const)(
    'goes down with a task that ends %s, each by its own policy (KILL-2)',
    (state) => {
      const it = group();
      expect(it.says('t1', state)).toEqual([
        `status t1 ${state}`,
        'kill-task t2 within 1000',
        'kill-task t3 within 3000',
      ]);
      expect(it.says('t2', 'killed')).toEqual(['status t2 killed']);
      expect(it.pass(3_000)).toEqual(['destroy-task t3']);
    },
  );

  it('lives on when a task finishes (KILL-2)', () => {
    const it = group();
    expect(it.says('t1', 'finished')).toEqual(['status t1 finished']);
  });

  it('does not take down another group on its executor', () => {
    const it = group();
    it.order(launchGroup(executorInfo('pod', { type: 'default' }), [taskInfo('t4')]));
    expect(it.says('t1', 'failed')).not.toContain('kill-task t4 within 3000');
  });

  it('does not take down a task that was launched again under an id of its', () => {
    const it = group();
    it.says('t2', 'finished');
    it.acknowledge('t2');
    it.order(launch(taskInfo('t2')));
    expect(it.says('t1', 'failed')).toEqual(['status t1 failed', 'kill-task t3 within 3000']);
  });

  it('on an executor that the framework brought is that executor’s business', () => {
    const it = group('custom');
    expect(it.says('t1', 'failed')).toEqual(['status t1 failed']);
  });

  it('fails as a whole with its executor, and nobody is killed (TASK-11)', () => {
    const it = group();
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 'pod' })).toEqual([
      'status t1 failed (executor-terminated)',
      'status t2 failed (executor-terminated)',
      'status t3 failed (executor-terminated)',
      'executor-exited pod',
    ]);
  });
});
