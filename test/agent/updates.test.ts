import { describe, expect, it } from 'vitest';
import { heldResources, nextAgentDeadline } from '../../src/agent/index.js';
import { admitted, executorInfo, launch, running, taskInfo } from './harness.js';

describe('updates of a task', () => {
  it('go to the master one at a time, in order (UPD-2)', () => {
    const it = admitted();
    expect(it.order(launch(taskInfo('t1')))).toEqual(['launch-task t1 on t1 (new)']);
    expect(it.says('t1', 'starting')).toEqual(['status t1 starting']);
    expect(it.says('t1', 'running')).toEqual(['status t1 latest=running without uuid']);
    expect(it.says('t1', 'running', { healthy: true })).toEqual([]);
    expect(it.acknowledge('t1')).toEqual(['status t1 running']);
    expect(it.acknowledge('t1')).toEqual(['status t1 running']);
    expect(it.acknowledge('t1')).toEqual([]);
  });

  it('of different tasks do not wait for each other (UPD-2)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.order(launch(taskInfo('t2')));
    expect(it.says('t1', 'running')).toEqual(['status t1 running']);
    expect(it.says('t2', 'running')).toEqual(['status t2 running']);
  });

  it('are sent again after 10 s, then after twice as long, with the same uuid (UPD-1, UPD-3)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.says('t1', 'running');
    const uuid = it.uuid('t1');
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(it.pass(9_999)).toEqual([]);
    expect(it.pass(1)).toEqual(['status t1 running']);
    expect(it.pass(20_000)).toEqual(['status t1 running']);
    expect(it.pass(40_000)).toEqual(['status t1 running']);
    expect(it.uuid('t1')).toBe(uuid);
  });

  it('carry the latest state as soon as it is another, and free the resources then (TASK-5, TASK-7)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.says('t1', 'running');
    expect(heldResources(it.state).toString()).toBe('cpus:1; mem:100');
    expect(it.says('t1', 'finished')).toEqual(['status t1 latest=finished without uuid']);
    expect(heldResources(it.state).items).toEqual([]);
    expect(it.pass(10_000)).toEqual(['status t1 running latest=finished']);
    expect(it.acknowledge('t1')).toEqual(['status t1 finished']);
  });

  it('say who made them, and what the executor said', () => {
    const it = running();
    it.says('t1', 'running', {
      reason: 'task-health-check-status-updated',
      message: 'm',
      data: 'd',
      healthy: false,
      labels: [{ key: 'k' }],
    });
    expect(it.all.at(-1)).toEqual({
      to: 'master',
      report: {
        type: 'status',
        agent: 'a1',
        framework: 'F1',
        task: 't1',
        state: 'running',
        source: 'executor',
        executor: 't1',
        uuid: it.uuid('t1'),
        timestamp: 0,
        reason: 'task-health-check-status-updated',
        message: 'm',
        data: 'd',
        healthy: false,
        labels: [{ key: 'k' }],
      },
    });
  });

  it('that name a uuid are confirmed to the executor, and taken once (UPD-5, EXE-3)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    expect(it.says('t1', 'running', { uuid: 'u1' })).toEqual(['status t1 running', 'acknowledged t1 u1']);
    expect(it.uuid('t1')).toBe('u1');
    expect(it.says('t1', 'running', { uuid: 'u1' })).toEqual(['acknowledged t1 u1']);
    it.acknowledge('t1');
    expect(it.says('t1', 'running', { uuid: 'u1' })).toEqual(['acknowledged t1 u1']);
    expect(it.acknowledge('t1')).toEqual([]);
  });

  it.each(['staging', 'unreachable', 'gone-by-operator', 'unknown'] as const)(
    'do not come from executors as %s (EXE-1)',
    (state) => {
      const it = running();
      expect(it.says('t1', state)).toEqual([]);
      expect(it.state.dropped).toBe(1);
    },
  );

  it('of a framework that nobody knows are dropped', () => {
    const it = running();
    expect(it.says('t1', 'running', { framework: '__proto__' })).toEqual([]);
    expect(it.state.dropped).toBe(1);
  });

  it('after the end are told, but change nothing (TASK-4)', () => {
    const it = running();
    it.says('t1', 'finished');
    expect(it.says('t1', 'running')).toEqual([]);
    expect(it.says('t1', 'killed')).toEqual([]);
    expect(it.state.frameworks.get('F1')?.tasks.get('t1')?.state).toBe('finished');
    expect(it.acknowledge('t1')).toEqual([]);
    expect(it.pass(3_600_000)).toEqual([]);
  });
});

describe('an acknowledgement', () => {
  it('of the end ends what the agent knows of the task (TASK-6)', () => {
    const it = running();
    it.says('t1', 'finished');
    expect(it.state.frameworks.get('F1')?.tasks.has('t1')).toBe(true);
    it.acknowledge('t1');
    expect(it.state.frameworks.get('F1')?.tasks.size).toBe(0);
    expect(it.state.frameworks.get('F1')?.executors.size).toBe(0);
    expect(nextAgentDeadline(it.state)).toBeUndefined();
  });

  it('that names something else changes nothing (UPD-4)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.says('t1', 'running');
    for (const wrong of [{ uuid: 'nope' }, { task: 't9' }, { framework: 'F9' }, { task: '__proto__' }]) {
      expect(it.order({ type: 'acknowledge', framework: 'F1', task: 't1', uuid: it.uuid('t1'), ...wrong })).toEqual([]);
    }
    expect(it.state.dropped).toBe(4);
    expect(it.pass(10_000)).toEqual(['status t1 running']);
  });

  it('that comes twice counts once (UPD-4)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.says('t1', 'starting');
    it.says('t1', 'running');
    const uuid = it.uuid('t1');
    it.acknowledge('t1');
    expect(it.order({ type: 'acknowledge', framework: 'F1', task: 't1', uuid })).toEqual([]);
    expect(it.state.dropped).toBe(1);
  });

  it('of an end is not the last word: a later update is told of a task that is unknown by then (DuplicateTerminalUpdateAfterAck)', () => {
    const it = running();
    it.says('t1', 'finished');
    const uuid = it.uuid('t1');
    it.acknowledge('t1');
    expect(it.says('t1', 'killed')).toEqual(['status t1 killed']);
    expect(it.uuid('t1')).not.toBe(uuid);
    expect(it.pass(10_000)).toEqual(['status t1 killed']);
    expect(it.acknowledge('t1')).toEqual([]);
    expect(nextAgentDeadline(it.state)).toBeUndefined();
  });

  it('closes the stream of an unknown task that has not ended as well', () => {
    const it = running();
    it.says('ghost', 'running');
    expect(it.acknowledge('ghost')).toEqual([]);
    expect(it.state.frameworks.get('F1')?.streams.has('ghost')).toBe(false);
  });
});

describe('while the agent is cut off', () => {
  it('nothing is sent; on return what waits is sent at once and the waits begin anew (UPD-8)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.says('t1', 'running');
    const uuid = it.uuid('t1');
    expect(it.happen({ type: 'disconnected' })).toEqual([]);
    expect(nextAgentDeadline(it.state)).toBeUndefined();
    expect(it.pass(60_000)).toEqual([]);
    expect(it.says('t1', 'finished')).toEqual([]);
    expect(it.happen({ type: 'connected', connection: 'c2' })).toEqual(['reregister t1:finished']);
    expect(it.order({ type: 'registered', connection: 'c2' })).toEqual(['status t1 running latest=finished']);
    expect(it.uuid('t1')).toBe(uuid);
    expect(it.pass(9_999)).toEqual([]);
    expect(it.pass(1)).toEqual(['status t1 running latest=finished']);
  });

  it('it still confirms to executors and keeps what its tasks hold', () => {
    const it = running();
    it.happen({ type: 'disconnected' });
    expect(it.says('t1', 'running', { uuid: 'u1' })).toEqual(['acknowledged t1 u1']);
    expect(heldResources(it.state).toString()).toBe('cpus:1; mem:100');
  });

  it('an acknowledgement that was under way counts', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.says('t1', 'starting');
    it.says('t1', 'running');
    it.happen({ type: 'disconnected' });
    expect(it.acknowledge('t1')).toEqual([]);
    it.happen({ type: 'connected' });
    expect(it.order({ type: 'registered' })).toEqual(['status t1 running']);
  });
});

describe('frameworks that have nothing here any more', () => {
  it('are remembered, but not more than a few of them', () => {
    const it = admitted();
    for (let i = 0; i < 100; i += 1) {
      const framework = `F${i}`;
      it.order(launch(taskInfo('t'), { id: framework }));
      it.happen({ type: 'executor-update', framework, task: 't', state: 'finished' });
      it.order({ type: 'acknowledge', framework, task: 't', uuid: it.uuid('t') });
    }
    expect(it.state.frameworks.size).toBe(32);
    expect(it.state.frameworks.has('F99')).toBe(true);
    expect(it.state.frameworks.has('F0')).toBe(false);
  });

  it('are busy again with a new task', () => {
    const it = running();
    it.says('t1', 'finished');
    it.acknowledge('t1');
    expect(it.state.frameworks.get('F1')?.idleSince).toBe(1);
    it.order(launch(taskInfo('t1')));
    expect(it.state.frameworks.get('F1')?.idleSince).toBeUndefined();
  });

  it('are not idle while an executor of theirs runs', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1', { executor: executorInfo('e1') })));
    it.says('t1', 'finished');
    it.acknowledge('t1');
    expect(it.state.frameworks.get('F1')?.idleSince).toBeUndefined();
    expect(heldResources(it.state).toString()).toBe('cpus:0.1; mem:32');
  });
});
