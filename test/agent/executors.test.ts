import { describe, expect, it } from 'vitest';
import { heldResources, nextAgentDeadline } from '../../src/agent/index.js';
import { admitted, executorInfo, launch, running, taskInfo } from './harness.js';

const executor = executorInfo('e1');

describe('an executor that exits', () => {
  it('leaves failed tasks behind, and its framework hears of it (TASK-11, TASK-12)', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1', { executor })));
    it.order(launch(taskInfo('t2', { executor })));
    it.says('t1', 'finished');
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 'e1', status: 137 })).toEqual([
      'status t2 failed (executor-terminated)',
      'executor-exited e1',
    ]);
    expect(it.all.at(-1)).toEqual({
      to: 'master',
      report: { type: 'executor-exited', agent: 'a1', framework: 'F1', executor: 'e1', status: 137 },
    });
    expect(heldResources(it.state).items).toEqual([]);
  });

  it('that was there for one task alone is no news to the master', () => {
    const it = running();
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 't1' })).toEqual([
      'status t1 failed (executor-terminated)',
    ]);
  });

  it.each([
    ['container-limitation-memory', 'status t1 failed (container-limitation-memory)'],
    ['container-preempted', 'status t1 gone (container-preempted)'],
    ['task-invalid', 'status t1 failed (executor-terminated)'],
  ] as const)('for the reason %s says so (TASK-11)', (reason, said) => {
    const it = running();
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 't1', reason })).toEqual([said]);
  });

  it('tells lost to a framework that knows no gone (TASK-3)', () => {
    const it = running({}, { capabilities: [] });
    const exit = { type: 'executor-exited', framework: 'F1', executor: 't1', reason: 'container-preempted' } as const;
    expect(it.happen(exit)).toEqual(['status t1 lost (container-preempted)']);
  });

  it('that nobody knows is dropped', () => {
    const it = running();
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 'e9' })).toEqual([]);
    expect(it.happen({ type: 'executor-exited', framework: 'F9', executor: 't1' })).toEqual([]);
    expect(it.state.dropped).toBe(2);
  });

  it('while the agent is cut off: the updates wait, the news is lost (TASK-12)', () => {
    const it = running({ executor });
    it.happen({ type: 'disconnected' });
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 'e1' })).toEqual([]);
    expect(it.happen({ type: 'connected' })).toEqual(['reregister t1:failed']);
    expect(it.order({ type: 'registered' })).toEqual(['status t1 failed (executor-terminated)']);
  });
});

describe('shutdown-executor (KILL-4)', () => {
  const shutdown = { type: 'shutdown-executor', framework: 'F1', executor: 'e1' } as const;

  it('gives 5 s, then force; leftover tasks have failed', () => {
    const it = running({ executor });
    expect(it.order(shutdown)).toEqual(['shutdown-executor e1 within 5000']);
    expect(it.pass(5_000)).toEqual(['destroy-executor e1']);
    expect(it.pass(60_000)).toEqual([]);
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 'e1' })).toEqual([
      'status t1 failed (executor-terminated)',
      'executor-exited e1',
    ]);
  });

  it('gives what the executor’s own description says', () => {
    const it = running({ executor: { ...executor, shutdownGraceMs: 0 } });
    expect(it.order(shutdown)).toEqual(['shutdown-executor e1 within 0']);
    expect(it.pass(0)).toEqual(['destroy-executor e1']);
  });

  it('that is repeated is told again and lengthens nothing', () => {
    const it = running({ executor });
    it.order(shutdown);
    it.pass(3_000);
    expect(it.order(shutdown)).toEqual(['shutdown-executor e1 within 5000']);
    expect(it.pass(2_000)).toEqual(['destroy-executor e1']);
  });

  it('forces nothing when the executor ends in time', () => {
    const it = running({ executor });
    it.order(shutdown);
    it.happen({ type: 'executor-exited', framework: 'F1', executor: 'e1' });
    it.acknowledge('t1');
    expect(nextAgentDeadline(it.state)).toBeUndefined();
  });

  it('ends the executor of a single task too, and drops one that nobody knows', () => {
    const it = running();
    expect(it.order({ ...shutdown, executor: 't1' })).toEqual(['shutdown-executor t1 within 5000']);
    expect(it.order({ ...shutdown, executor: 'e9' })).toEqual([]);
    expect(it.state.dropped).toBe(1);
  });
});

describe('shutdown-framework (FW-7)', () => {
  const shutdown = { type: 'shutdown-framework', framework: 'F1' } as const;

  it('ends everything of the framework, forgets it and says no more about it', () => {
    const it = running({ executor });
    it.order(launch(taskInfo('t2')));
    it.order(launch(taskInfo('other'), { id: 'F2' }));
    expect(it.order(shutdown)).toEqual(['shutdown-executor e1 within 5000', 'shutdown-executor t2 within 5000']);
    expect(heldResources(it.state).toString()).toBe('cpus:1; mem:100');
    expect(it.says('t1', 'killed')).toEqual([]);
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 'e1' })).toEqual([]);
    expect(it.pass(5_000)).toEqual(['destroy-executor t2']);
    expect(it.state.frameworks.keys()).toEqual(['F2']);
    expect(it.state.deadlines.heap).toBeUndefined();
  });

  it('drops updates that wait, and what comes for it later', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1')));
    it.says('t1', 'running');
    it.order(shutdown);
    expect(it.pass(4_999)).toEqual([]);
    expect(it.acknowledge('t1')).toEqual([]);
    expect(it.order(launch(taskInfo('t3')))).toEqual([]);
    expect(it.order({ type: 'kill', framework: 'F1', task: 't1' })).toEqual([]);
    expect(it.order({ type: 'framework-message', framework: 'F1', executor: 't1', data: 'x' })).toEqual([]);
    expect(it.happen({ type: 'executor-message', framework: 'F1', executor: 't1', data: 'x' })).toEqual([]);
    expect(it.order({ type: 'reconcile', tasks: [{ framework: 'F1', task: 't1', partitionAware: true }] })).toEqual([]);
    expect(it.order(shutdown)).toEqual([]);
    expect(it.state.dropped).toBe(5);
  });

  it('has nothing to end where every task has ended, or nothing is known', () => {
    const it = running();
    it.says('t1', 'finished');
    expect(it.order(shutdown)).toEqual([]);
    expect(it.state.frameworks.size).toBe(0);
    expect(it.order({ ...shutdown, framework: '__proto__' })).toEqual([]);
  });

  it('is not reported on the agent’s return', () => {
    const it = running({ executor });
    it.order(shutdown);
    it.happen({ type: 'disconnected' });
    it.happen({ type: 'connected' });
    expect(it.all.at(-1)).toMatchObject({ report: { type: 'reregister', tasks: [], executors: [], frameworks: [] } });
  });
});

describe('shutdown-agent (AG-6)', () => {
  it('ends everything, for ever', () => {
    const it = running();
    expect(it.order({ type: 'shutdown-agent', message: 'gone' })).toEqual(['shutdown-executor t1 within 5000']);
    expect(it.happen({ type: 'connected' })).toEqual([]);
    expect(it.order(launch(taskInfo('t2')))).toEqual([]);
    expect(it.happen({ type: 'disconnected' })).toEqual([]);
    expect(it.pass(5_000)).toEqual(['destroy-executor t1']);
    expect(it.state.frameworks.size).toBe(0);
    expect(nextAgentDeadline(it.state)).toBeUndefined();
  });
});

describe('messages (KILL-5)', () => {
  it('pass both ways', () => {
    const it = running({ executor });
    expect(it.order({ type: 'framework-message', framework: 'F1', executor: 'e1', data: 'hello' })).toEqual([
      'message hello for e1',
    ]);
    expect(it.happen({ type: 'executor-message', framework: 'F1', executor: 'e1', data: 'hi' })).toEqual([
      'agent-message',
    ]);
  });

  it('are lost where there is nobody, and while the agent is cut off', () => {
    const it = running({ executor });
    expect(it.order({ type: 'framework-message', framework: 'F1', executor: 'e9', data: 'x' })).toEqual([]);
    expect(it.happen({ type: 'executor-message', framework: 'F9', executor: 'e1', data: 'x' })).toEqual([]);
    it.happen({ type: 'disconnected' });
    expect(it.happen({ type: 'executor-message', framework: 'F1', executor: 'e1', data: 'x' })).toEqual([]);
    expect(it.state.dropped).toBe(3);
  });
});
