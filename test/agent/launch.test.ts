import { describe, expect, it } from 'vitest';
import { emptyAgent, heldResources } from '../../src/agent/index.js';
import type { TaskInfo } from '../../src/tasks/index.js';
import { admitted, executorInfo, harness, launch, launchGroup, running, taskInfo } from './harness.js';

const group = [taskInfo('t1'), taskInfo('t2'), taskInfo('t3')];
const pod = executorInfo('default', { type: 'default' });

describe('a launch', () => {
  it('starts an executor for the task alone, or uses the one that runs (ACC-7)', () => {
    const it = admitted();
    expect(it.order(launch(taskInfo('t0')))).toEqual(['launch-task t0 on t0 (new)']);
    const executor = executorInfo('e1');
    expect(it.order(launch(taskInfo('t1', { executor })))).toEqual(['launch-task t1 on e1 (new)']);
    expect(it.order(launch(taskInfo('t2', { executor })))).toEqual(['launch-task t2 on e1']);
    expect(heldResources(it.state).toString()).toBe('cpus:3.1; mem:332');
  });

  it('hands over the task as the master wrote it', () => {
    const it = admitted();
    it.order(launch(taskInfo('t1', { payload: { any: 'thing' } })));
    expect(it.all.at(-1)).toMatchObject({
      to: 'executor',
      message: {
        framework: 'F1',
        executor: 't1',
        task: { id: 't1', payload: { any: 'thing' } },
        frameworkInfo: { id: 'F1' },
      },
    });
  });

  it('may come as JSON', () => {
    const it = admitted();
    it.order(
      JSON.parse(JSON.stringify(launch(taskInfo('t1', { executor: executorInfo('e1') })))) as ReturnType<typeof launch>,
    );
    expect(heldResources(it.state).toString()).toBe('cpus:1.1; mem:132');
  });

  it('of a group hands all tasks over together (GROUP-1)', () => {
    const it = admitted();
    expect(it.order(launchGroup(pod, group))).toEqual(['launch-group t1 t2 t3 on default (new)']);
    expect(it.order(launchGroup(pod, [taskInfo('t4')]))).toEqual(['launch-group t4 on default']);
  });

  it('that comes twice runs the task once', () => {
    const it = running();
    expect(it.order(launch(taskInfo('t1')))).toEqual([]);
    expect(it.order(launchGroup(pod, [taskInfo('t2'), taskInfo('t1')]))).toEqual([]);
    expect(it.state.dropped).toBe(2);
    expect(it.state.frameworks.get('F1')?.tasks.size).toBe(1);
  });

  it('of a group that names a task twice or none is dropped', () => {
    const it = admitted();
    expect(it.order(launchGroup(pod, [taskInfo('t1'), taskInfo('t1')]))).toEqual([]);
    expect(it.order(launchGroup(pod, []))).toEqual([]);
    expect(it.state.frameworks.size).toBe(0);
  });

  it('may use an id again of which the end was acknowledged, though that did not arrive here (TASK-6)', () => {
    const it = running();
    it.says('t1', 'finished');
    expect(it.order(launch(taskInfo('t1')))).toEqual(['launch-task t1 on t1 (new)']);
    expect(it.pass(10_000)).toEqual([]);
    expect(it.says('t1', 'running')).toEqual(['status t1 running']);
  });

  it('on an executor that is ending is answered: it never ran (§15)', () => {
    const it = admitted();
    const executor = executorInfo('e1');
    it.order(launch(taskInfo('t1', { executor })));
    it.order({ type: 'shutdown-executor', framework: 'F1', executor: 'e1' });
    expect(it.order(launch(taskInfo('t2', { executor })))).toEqual(['status t2 dropped (executor-terminated)']);
    expect(it.order(launchGroup({ ...executor }, [taskInfo('t3'), taskInfo('t4')]))).toEqual([
      'status t3 dropped (executor-terminated)',
      'status t4 dropped (executor-terminated)',
    ]);
    const plain = admitted();
    plain.order(launch(taskInfo('t1', { executor }), { capabilities: [] }));
    plain.order({ type: 'shutdown-executor', framework: 'F1', executor: 'e1' });
    expect(plain.order(launch(taskInfo('t2', { executor }), { capabilities: [] }))).toEqual([
      'status t2 lost (executor-terminated)',
    ]);
  });

  it('keeps a task apart from an executor of its id', () => {
    const it = admitted();
    it.order(launch(taskInfo('x', { executor: executorInfo('e', {}) })));
    it.order(launch(taskInfo('e')));
    it.happen({ type: 'executor-exited', framework: 'F1', executor: 'e' });
    expect(it.state.frameworks.get('F1')?.tasks.get('e')?.state).toBe('staging');
    expect(it.state.frameworks.get('F1')?.tasks.get('x')?.state).toBe('failed');
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for an id like any other (VAL-1)', (id) => {
    const it = admitted();
    it.order(launch(taskInfo(id, { executor: executorInfo(id) }), { id }));
    expect(it.happen({ type: 'executor-update', framework: id, task: id, state: 'finished' })).toEqual([
      `status ${id} finished`,
    ]);
    expect(it.order({ type: 'acknowledge', framework: id, task: id, uuid: it.uuid(id) })).toEqual([]);
    expect(it.happen({ type: 'executor-exited', framework: id, executor: id })).toEqual([`executor-exited ${id}`]);
  });
});

describe('a command', () => {
  it('for another agent, or before there is an id, is dropped', () => {
    const it = admitted();
    const order = { ...launch(taskInfo('t1')), agent: 'a2' } as never;
    expect(it.happen({ type: 'command', command: order })).toEqual([]);
    const nameless = harness();
    nameless.state = emptyAgent({ resources: 'cpus:8', seed: 1 });
    expect(nameless.order(launch(taskInfo('t1')))).toEqual([]);
    expect([it.state.dropped, nameless.state.dropped]).toEqual([1, 1]);
  });
});

describe('reconcile (AG-11)', () => {
  const ask = (task: string, partitionAware = true, framework = 'F1') =>
    ({ type: 'reconcile', tasks: [{ framework, task, partitionAware }] }) as const;

  it('is answered for tasks that are not here, with a uuid and until it is acknowledged', () => {
    const it = admitted();
    expect(it.order(ask('ghost'))).toEqual(['status ghost dropped (reconciliation)']);
    expect(it.order(ask('ghost'))).toEqual([]);
    expect(it.all.at(-1)).toMatchObject({ report: { source: 'agent', framework: 'F1' } });
    expect(it.pass(10_000)).toEqual(['status ghost dropped (reconciliation)']);
    expect(it.acknowledge('ghost')).toEqual([]);
    expect(it.order(ask('ghost', false))).toEqual(['status ghost lost (reconciliation)']);
  });

  it('is not answered for tasks that are here: they were reported', () => {
    const it = running();
    expect(it.order(ask('t1'))).toEqual([]);
  });

  it('answers each of many', () => {
    const it = admitted();
    const tasks: { framework: string; task: string; partitionAware: boolean }[] = [
      { framework: 'F1', task: 'x', partitionAware: true },
      { framework: '__proto__', task: '__proto__', partitionAware: false },
    ];
    expect(it.order({ type: 'reconcile', tasks })).toEqual([
      'status x dropped (reconciliation)',
      'status __proto__ lost (reconciliation)',
    ]);
  });
});

describe('maxCompletionMs (TASK-10)', () => {
  const short: Partial<TaskInfo> = { maxCompletionMs: 5_000 };

  it('ends a task that ran for longer, without grace, and says that it failed', () => {
    const it = running(short);
    expect(it.pass(4_999)).toEqual([]);
    expect(it.pass(1)).toEqual(['kill-task t1 within 0', 'destroy-task t1']);
    expect(it.says('t1', 'killed')).toEqual(['status t1 failed (max-completion-time-reached)']);
  });

  it('says so too when its process just ends', () => {
    const it = running(short);
    it.pass(5_000);
    expect(it.happen({ type: 'executor-exited', framework: 'F1', executor: 't1' })).toEqual([
      'status t1 failed (max-completion-time-reached)',
    ]);
  });

  it('does not touch a task that ended before, or is being killed', () => {
    const over = running(short);
    over.says('t1', 'finished');
    over.acknowledge('t1');
    expect(over.pass(60_000)).toEqual([]);
    const killed = running({ ...short, killPolicy: { graceMs: 60_000 } });
    killed.order({ type: 'kill', framework: 'F1', task: 't1' });
    expect(killed.pass(10_000)).toEqual([]);
    expect(killed.says('t1', 'killed')).toEqual(['status t1 killed']);
  });

  it('is the business of an executor that the framework brought', () => {
    const it = running({ ...short, executor: executorInfo('e1') });
    expect(it.pass(60_000)).toEqual([]);
  });
});
