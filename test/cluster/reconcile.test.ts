import { describe, expect, it } from 'vitest';
import { mesosDefaults, recoverCluster, registryOf } from '../../src/cluster/index.js';
import { Cluster, cluster, task } from './harness.js';

type Question = { readonly task: string; readonly agent?: string };

const ask = (box: Cluster, ...tasks: readonly Question[]): readonly string[] =>
  box.send({ type: 'reconcile', framework: 'f1', connection: 'c-f1', tasks });

function running(partitionAware = true): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024');
  box.agent('a2', 'cpus:4;mem:1024');
  const capabilities = partitionAware ? (['multi-role', 'partition-aware'] as const) : (['multi-role'] as const);
  box.framework('f1', ['a'], { capabilities, checkpoint: true });
  box.runs('f1', 'a1', task('t1', 'cpus:1'));
  return box;
}

describe('implicit reconciliation (§17)', () => {
  it('tells the last state forwarded of every task that is known', () => {
    const box = running();
    box.launch('f1', 'a2', [task('t2', 'cpus:1')], { refuseSeconds: 0 });
    box.pass(1_000);
    box.launch('f1', 'a2', [task('t3', 'cpus:1')], { refuseSeconds: 0 });
    box.status('a2', 'f1', 't3', 'finished');
    expect(ask(box)).toEqual([
      'update to f1: t1 running (master reconciliation)',
      'update to f1: t2 staging (master reconciliation)',
      'update to f1: t3 finished (master reconciliation)',
    ]);
    box.acknowledge('a2', 'f1', 't3', 'u-t3-finished');
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(ask(box)).toEqual(['update to f1: t2 staging (master reconciliation)']);
  });
});

describe('explicit reconciliation (§17)', () => {
  it.each([
    ['1: known', { task: 't1', agent: 'a1' }, 'running', 'running'],
    ['1: known, whatever agent is named', { task: 't1', agent: 'a9' }, 'running', 'running'],
    ['3: unknown, its agent registered', { task: 't9', agent: 'a1' }, 'gone', 'lost'],
    ['6: unknown, its agent too', { task: 't9', agent: 'a9' }, 'unknown', 'lost'],
    ['6: unknown, no agent named', { task: 't9' }, 'unknown', 'lost'],
  ])('row %s', (_, question, aware, unaware) => {
    expect(ask(running(), question)).toEqual([`update to f1: ${question.task} ${aware} (master reconciliation)`]);
    expect(ask(running(false), question)).toEqual([
      `update to f1: ${question.task} ${unaware} (master reconciliation)`,
    ]);
  });

  it('row 4: its agent is unreachable, since when (REC-2)', () => {
    for (const aware of [true, false]) {
      const box = running(aware);
      box.pass(7_000);
      box.send({ type: 'mark-unreachable', agent: 'a1' });
      box.pass(3_000);
      for (const id of ['t1', 't9']) {
        const [output] = box.ask({
          type: 'reconcile',
          framework: 'f1',
          connection: 'c-f1',
          tasks: [{ task: id, agent: 'a1' }],
        });
        expect(output).toMatchObject({
          status: {
            task: id,
            state: aware ? 'unreachable' : 'lost',
            unreachableTime: 7_000,
            message: 'Reconciliation: Task is unreachable',
            source: 'master',
          },
        });
      }
    }
  });

  it('row 4 ends when nobody remembers the agent any more (AG-7)', () => {
    const box = cluster({ maxUnreachableAgentAgeMs: 10_000 });
    box.agent('a1', 'cpus:1');
    box.framework('f1', ['a']);
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    box.pass(10_000);
    expect(ask(box, { task: 't', agent: 'a1' })).toEqual(['update to f1: t unreachable (master reconciliation)']);
    box.pass(1);
    expect(ask(box, { task: 't', agent: 'a1' })).toEqual(['update to f1: t unknown (master reconciliation)']);
  });

  it('row 2: no reply while an agent that may know it is expected back', () => {
    const before = running();
    const box = new Cluster(recoverCluster(registryOf(before.state), mesosDefaults, 1_000));
    box.framework('f1', ['a']);
    expect(ask(box, { task: 't1', agent: 'a1' }, { task: 't1' })).toEqual([]);
    expect(ask(box, { task: 't1', agent: 'a9' })).toEqual(['update to f1: t1 unknown (master reconciliation)']);
    box.send({ type: 'reregister', agent: 'a1', resources: 'cpus:4;mem:1024' });
    expect(ask(box, { task: 't1', agent: 'a1' })).toEqual(['update to f1: t1 gone (master reconciliation)']);
    // a2 may still know it.
    expect(ask(box, { task: 't1' })).toEqual([]);
    box.send({ type: 'reregister', agent: 'a2', resources: 'cpus:4;mem:1024' });
    expect(ask(box, { task: 't1' })).toEqual(['update to f1: t1 unknown (master reconciliation)']);
  });

  it('keeps what is known of health, and carries neither uuid nor data (REC-1)', () => {
    const box = running();
    box.status('a1', 'f1', 't1', 'running', { uuid: 'u2', healthy: false, data: 'secret' });
    const [output] = box.ask({ type: 'reconcile', framework: 'f1', connection: 'c-f1', tasks: [{ task: 't1' }] });
    expect(output).toMatchObject({
      status: { healthy: false, message: 'Reconciliation: Latest task state', agent: 'a1', reason: 'reconciliation' },
    });
    expect(output).not.toHaveProperty('status.uuid');
    expect(output).not.toHaveProperty('status.data');
  });

  it('answers each question, in order, also twice the same (L2)', () => {
    expect(ask(running(), { task: 't1' }, { task: 'x' }, { task: 't1' })).toHaveLength(3);
  });
});
