import { describe, expect, it } from 'vitest';
import { offers, tasks, type OperationLike } from '../../src/cluster/index.js';
import { cluster, task, type Cluster } from './harness.js';

function offered(
  capabilities: readonly ('multi-role' | 'partition-aware')[] = ['multi-role', 'partition-aware'],
): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024');
  box.framework('f1', ['a'], { capabilities });
  return box;
}

const launch = (...list: Parameters<typeof task>[]): OperationLike => ({
  type: 'launch',
  tasks: list.map((one) => task(...one)),
});

describe('ACCEPT', () => {
  it('uses what it needs; the rest goes back, hidden for 5 s (ACC-8, ACC-11, FILT-2)', () => {
    const box = offered();
    expect(box.accept('f1', ['m-O0'], [launch(['t1', 'cpus:1;mem:256'])])).toEqual(['a1: launch t1 of f1']);
    expect(box.free('a1')).toBe('cpus:3; mem:768');
    expect(box.pass(4_999)).toEqual([]);
    expect(box.pass(1)).toEqual(['5000: offers to f1: m-O1 a1 as a cpus:3; mem:768']);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'staging', agent: 'a1', role: 'a', holds: true }]);
  });

  it('of everything leaves nothing to hide', () => {
    const box = offered();
    box.accept('f1', ['m-O0'], [launch(['t1', 'cpus:4;mem:1024'])]);
    expect(box.free('a1')).toBe('{}');
    expect(box.state.allocator.agents.get('a1')?.refusals.groups).toEqual([]);
  });

  it('without operations, or with empty ones, declines (ACC-8)', () => {
    for (const operations of [[], [{ type: 'launch', tasks: [] } as const]]) {
      const box = offered();
      expect(box.accept('f1', ['m-O0'], operations, { refuseSeconds: 2 })).toEqual([]);
      expect(box.pass(2_000)).toEqual(['2000: offers to f1: m-O1 a1 as a cpus:4; mem:1024']);
    }
  });

  it('merges offers of one agent and role into one pool (ACC-3)', () => {
    const box = offered();
    box.accept('f1', ['m-O0'], [launch(['t1', 'cpus:4;mem:1024'])]);
    box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:6;mem:1024' });
    box.run();
    box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:6;mem:2048' });
    box.run();
    expect(box.offersOf('f1').map(({ resources }) => String(resources))).toEqual(['cpus:2', 'mem:1024']);
    expect(box.accept('f1', ['m-O1', 'm-O2'], [launch(['t2', 'cpus:2;mem:1024'])])).toEqual(['a1: launch t2 of f1']);
  });

  it('takes operations in order on what is left; one that fails does not stop the next (ACC-5, ACC-6)', () => {
    const box = offered();
    const said = box.accept(
      'f1',
      ['m-O0'],
      [
        launch(['t1', 'cpus:3'], ['t2', 'cpus:2'], ['t3', 'cpus:1']),
        { type: 'reserve', id: 'op', resources: 'cpus:1' },
        launch(['t4', 'mem:64']),
      ],
    );
    expect(said).toEqual([
      'a1: launch t1 of f1',
      'update to f1: t2 error (master task-invalid)',
      'a1: launch t3 of f1',
      'operation of f1: op error',
      'a1: launch t4 of f1',
    ]);
    expect(tasks(box.state).map(({ id }) => id)).toEqual(['t1', 't3', 't4']);
  });

  it('of an operation that failed and has no id says nothing (ACC-2)', () => {
    expect(offered().accept('f1', ['m-O0'], [{ type: 'reserve', resources: 'cpus:1' }])).toEqual([]);
  });

  describe('with offers that it can not have is void as a whole (ACC-1, ACC-2)', () => {
    /** f1 holds two offers of a1 as `a` and one each of a2 as `b`; f2 holds one. */
    function many(): Cluster {
      const box = cluster();
      box.framework('f1', ['a', 'b']);
      box.agent('a1', 'cpus:1');
      box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:1;mem:64' });
      box.run();
      box.agent('a2', 'cpus:1;mem:64');
      box.framework('f2', ['c']);
      box.send({ type: 'suppress', framework: 'f1', connection: 'c-f1' });
      box.agent('a3', 'cpus:1');
      return box;
    }
    const message = (box: Cluster, ids: readonly string[]): unknown => {
      const [output] = box.ask({
        type: 'accept',
        framework: 'f1',
        connection: 'c-f1',
        offers: ids,
        operations: [launch(['t1', 'cpus:0.1'])],
      });
      return output?.type === 'update' ? output.status.message : output;
    };
    const said = (why: string): string => `Task launched with invalid offers: ${why}`;

    it('is set up as it says', () => {
      const box = many();
      expect(offers(box.state).map(({ id, framework, agent, role }) => [id, framework, agent, role])).toEqual([
        ['m-O0', 'f1', 'a1', 'a'],
        ['m-O1', 'f1', 'a1', 'b'],
        ['m-O2', 'f1', 'a2', 'a'],
        ['m-O3', 'f2', 'a3', 'c'],
      ]);
    });

    it.each([
      [['m-O0', 'm-O0'], 'Duplicate offer m-O0 in offer list'],
      [['m-O0', 'm-O9'], 'Offer m-O9 is no longer valid'],
      [['m-O3', 'm-O9'], 'Offer m-O9 is no longer valid'],
      [['m-O9', 'm-O9'], 'Duplicate offer m-O9 in offer list'],
      [['m-O0', 'm-O3'], 'Offer m-O3 has invalid framework'],
      [['m-O0', 'm-O1'], 'Aggregated offers must be allocated to the same role'],
      [['m-O1', 'm-O2'], 'Aggregated offers must be allocated to the same role'],
      [['m-O0', 'm-O2'], 'Aggregated offers must belong to one single agent'],
      [[], 'No offers specified'],
    ])('%j: %s', (ids, why) => {
      const box = many();
      expect(message(box, ids)).toBe(said(why));
      // Its own offers in the list are gone, without a filter; the other framework's stands.
      const left = offers(box.state).map(({ id }) => id);
      for (const id of ids) expect(left.includes(id)).toBe(id === 'm-O3');
      expect(box.state.allocator.agents.values().every(({ refusals }) => refusals.groups.length === 0)).toBe(true);
      expect(tasks(box.state)).toEqual([]);
    });

    it('every task of every launch is dropped, or lost for who would not understand', () => {
      const executor = { id: 'e', type: 'default', framework: 'f1', resources: 'cpus:0.1;mem:32;disk:1' } as const;
      const operations: readonly OperationLike[] = [
        launch(['t1', 'cpus:1'], ['t2', 'cpus:1']),
        { type: 'launch-group', executor, tasks: [task('t3', 'cpus:1')] },
        { type: 'create', volumes: 'disk(a):1', id: 'op' },
      ];
      expect(offered().accept('f1', ['no'], operations)).toEqual([
        'update to f1: t1 dropped (master invalid-offers)',
        'update to f1: t2 dropped (master invalid-offers)',
        'update to f1: t3 dropped (master invalid-offers)',
        'operation of f1: op error',
      ]);
      expect(offered(['multi-role']).accept('f1', ['no'], operations)).toContain(
        'update to f1: t1 lost (master invalid-offers)',
      );
    });

    it('as it is after its agent went away meanwhile (ACC-4)', () => {
      const box = offered();
      box.send({ type: 'agent-disconnected', agent: 'a1' });
      expect(box.accept('f1', ['m-O0'], [launch(['t1', 'cpus:1'])])).toEqual([
        'update to f1: t1 dropped (master invalid-offers)',
      ]);
    });
  });

  it('with an id on a launch is an error for each of its tasks (ACC-9)', () => {
    const box = offered();
    expect(box.accept('f1', ['m-O0'], [{ type: 'launch', id: 'op', tasks: [task('t1', 'cpus:1')] }])).toEqual([
      'update to f1: t1 error (master task-invalid)',
    ]);
  });
});

describe('LAUNCH', () => {
  it('tells the agent everything that it must know', () => {
    const box = offered();
    const [command] = box.ask({
      type: 'accept',
      framework: 'f1',
      connection: 'c-f1',
      offers: ['m-O0'],
      operations: [{ type: 'launch', tasks: [task('t1', 'cpus:1', { name: 'one', labels: [{ key: 'k' }] })] }],
    });
    expect(command).toMatchObject({
      type: 'launch',
      agent: 'a1',
      framework: 'f1',
      task: { id: 't1', name: 'one', agent: 'a1', role: 'a', command: { value: 'sleep 1' }, labels: [{ key: 'k' }] },
      frameworkInfo: { id: 'f1', roles: ['a'], capabilities: ['multi-role', 'partition-aware'] },
    });
  });

  it.each([
    ['a bad id', { id: 'a/b' }],
    ['another agent', { agent: 'a2' }],
    ['no resources', { resources: '' }],
    ['bad resources', { resources: 'cpus:-1' }],
    ['an amount that rounds to nothing', { resources: 'cpus:0.0001' }],
    ['more than is left', { resources: 'cpus:4.001' }],
    ['what is not there', { resources: 'gpus:1' }],
    ['nothing to run', { command: undefined }],
    ['two things to run', { payload: 1 }],
    ['a negative grace', { killPolicy: { graceMs: -1 } }],
  ])('refuses a task with %s by an error, and runs the others (ACC-6)', (_, wrong) => {
    const box = offered();
    const bad = { ...task('bad', 'cpus:1'), ...wrong } as Parameters<Cluster['launch']>[2][number];
    expect(box.launch('f1', 'a1', [bad, task('good', 'cpus:1')])).toEqual([
      `update to f1: ${bad.id} error (master task-invalid)`,
      'a1: launch good of f1',
    ]);
  });

  it('refuses an id that is in use, also by a task that is over and not acknowledged (VAL-2)', () => {
    const box = offered();
    box.runs('f1', 'a1', task('t1', 'cpus:1'));
    box.pass(1_000);
    expect(box.launch('f1', 'a1', [task('t1', 'cpus:1')], { refuseSeconds: 0 })).toEqual([
      'update to f1: t1 error (master task-invalid)',
    ]);
    box.status('a1', 'f1', 't1', 'finished');
    box.pass(1_000);
    expect(box.launch('f1', 'a1', [task('t1', 'cpus:1')], { refuseSeconds: 0 })).toHaveLength(1);
    box.acknowledge('a1', 'f1', 't1', 'u-t1-finished');
    box.pass(1_000);
    expect(box.launch('f1', 'a1', [task('t1', 'cpus:1')])).toEqual(['a1: launch t1 of f1']);
  });

  it('lets two frameworks use one id', () => {
    const box = offered();
    box.launch('f1', 'a1', [task('t1', 'cpus:1')]);
    box.framework('f2', ['b']);
    expect(box.launch('f2', 'a1', [task('t1', 'cpus:1')])).toEqual(['a1: launch t1 of f2']);
  });

  it('counts an executor once, until it exits (ACC-7)', () => {
    const box = offered();
    const executor = { id: 'e1', command: { value: 'x' }, resources: 'cpus:1;mem:64' };
    const on = (id: string): Parameters<Cluster['launch']>[2][number] => ({ id, resources: 'cpus:1', executor });
    box.launch('f1', 'a1', [on('t1'), on('t2')], { refuseSeconds: 0 });
    expect(box.free('a1')).toBe('cpus:1; mem:960');
    box.status('a1', 'f1', 't1', 'finished');
    box.status('a1', 'f1', 't2', 'finished');
    expect(box.free('a1')).toBe('cpus:3; mem:960');
    expect(box.send({ type: 'executor-exited', agent: 'a1', framework: 'f1', executor: 'e1', status: 9 })).toEqual([
      'failure to f1: a1 e1 9',
    ]);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
  });

  it('refuses an executor that differs from the one that runs (VAL-9)', () => {
    const box = offered();
    const executor = { id: 'e1', command: { value: 'x' }, resources: 'cpus:0.1' };
    box.launch('f1', 'a1', [{ id: 't1', resources: 'cpus:1', executor }], { refuseSeconds: 0 });
    box.pass(1_000);
    const other = { ...executor, command: { value: 'y' } };
    expect(box.launch('f1', 'a1', [{ id: 't2', resources: 'cpus:1', executor: other }])).toEqual([
      'update to f1: t2 error (master task-invalid)',
    ]);
  });
});

describe('LAUNCH_GROUP (GROUP-1)', () => {
  const executor = { id: 'e1', type: 'default', framework: 'f1', resources: 'cpus:0.1;mem:32;disk:10' } as const;

  function groupOffered(): Cluster {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:1024;disk:100');
    box.framework('f1', ['a']);
    return box;
  }

  it('runs all tasks on one executor, in one command', () => {
    const box = groupOffered();
    const tasks_ = [task('t1', 'cpus:1'), task('t2', 'cpus:1')];
    expect(box.accept('f1', ['m-O0'], [{ type: 'launch-group', executor, tasks: tasks_ }])).toEqual([
      'a1: launch group t1, t2 of f1 on e1',
    ]);
    expect(box.free('a1')).toBe('cpus:1.9; disk:90; mem:992');
    expect(tasks(box.state).map((one) => [one.id, one.executor, one.state])).toEqual([
      ['t1', 'e1', 'staging'],
      ['t2', 'e1', 'staging'],
    ]);
  });

  it('runs none when one is bad, and says so of each (ACC-6)', () => {
    const box = groupOffered();
    const group = [task('t1', 'cpus:1'), task('t2', 'cpus:9')];
    expect(box.accept('f1', ['m-O0'], [{ type: 'launch-group', executor, tasks: group }])).toEqual([
      'update to f1: t1 error (master task-group-invalid)',
      'update to f1: t2 error (master task-group-invalid)',
    ]);
    expect(box.free('a1')).toBe('cpus:4; disk:100; mem:1024');
  });

  it('of no tasks declines (ACC-8)', () => {
    const box = groupOffered();
    expect(box.accept('f1', ['m-O0'], [{ type: 'launch-group', executor, tasks: [] }])).toEqual([]);
    expect(box.free('a1')).toBe('cpus:4; disk:100; mem:1024');
    expect(box.pass(4_999)).toEqual([]);
  });

  it('needs an executor with enough of everything (VAL-10)', () => {
    const box = groupOffered();
    const small = { ...executor, resources: 'cpus:0.1;mem:31;disk:1' };
    expect(
      box.accept('f1', ['m-O0'], [{ type: 'launch-group', executor: small, tasks: [task('t1', 'cpus:1')] }]),
    ).toEqual(['update to f1: t1 error (master task-group-invalid)']);
  });
});
