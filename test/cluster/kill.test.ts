import { describe, expect, it } from 'vitest';
import { tasks } from '../../src/cluster/index.js';
import { cluster, task, type Cluster } from './harness.js';

function running(): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024');
  box.framework('f1', ['a'], { checkpoint: true, failoverTimeoutMs: 60_000 });
  box.runs('f1', 'a1', task('t1', 'cpus:1'));
  return box;
}

const kill = (
  box: Cluster,
  more: { readonly task?: string; readonly agent?: string; readonly graceMs?: number } = {},
): readonly string[] =>
  box.send({
    type: 'kill',
    framework: 'f1',
    connection: 'c-f1',
    task: more.task ?? 't1',
    ...(more.agent === undefined ? {} : { agent: more.agent }),
    ...(more.graceMs === undefined ? {} : { killPolicy: { graceMs: more.graceMs } }),
  });

describe('KILL', () => {
  it('asks the agent, again if it is repeated, and changes nothing before the agent answers (KILL-1)', () => {
    const box = running();
    expect(kill(box)).toEqual(['a1: kill t1 of f1']);
    expect(kill(box, { agent: 'a1' })).toEqual(['a1: kill t1 of f1']);
    expect(tasks(box.state)).toMatchObject([{ state: 'running' }]);
    expect(box.status('a1', 'f1', 't1', 'killed')).toEqual(['update to f1: t1 killed (executor u-t1-killed)']);
  });

  it('of an unknown task is answered like a question about it (KILL-1, §17)', () => {
    const box = running();
    expect(kill(box, { task: 't9', agent: 'a1' })).toEqual(['update to f1: t9 gone (master reconciliation)']);
    expect(kill(box, { task: 't9' })).toEqual(['update to f1: t9 unknown (master reconciliation)']);
  });

  it('that names the wrong agent has no effect (KILL-1)', () => {
    expect(kill(running(), { agent: 'a2' })).toEqual(['rejected kill of f1: wrong-agent']);
  });

  it("of somebody else's task has no effect", () => {
    const box = running();
    box.framework('f2', ['b']);
    expect(box.send({ type: 'kill', framework: 'f2', connection: 'c-f2', task: 't1' })).toEqual([
      'update to f2: t1 unknown (master reconciliation)',
    ]);
  });

  it('hands the grace on (KILL-3), if it is one', () => {
    const box = running();
    const [command] = box.ask({
      type: 'kill',
      framework: 'f1',
      connection: 'c-f1',
      task: 't1',
      killPolicy: { graceMs: 1_500 },
    });
    expect(command).toEqual({ type: 'kill', agent: 'a1', framework: 'f1', task: 't1', killPolicy: { graceMs: 1_500 } });
    for (const graceMs of [-1, NaN, Infinity]) {
      expect(kill(box, { graceMs })).toEqual(['rejected kill of f1: bad-number']);
    }
  });

  it('is remembered while the agent is away, and repeated when it comes back (KILL-1, AG-11)', () => {
    const box = running();
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(kill(box)).toEqual([]);
    const back = box.send({
      type: 'reregister',
      agent: 'a1',
      resources: 'cpus:4;mem:1024',
      tasks: [{ framework: 'f1', id: 't1', role: 'a', resources: 'cpus:1', state: 'running' }],
    });
    expect(back).toEqual(['a1: registered', 'a1: kill t1 of f1']);
  });

  it('is repeated with the grace that was asked for last (KILL-3)', () => {
    const box = running();
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    kill(box, { graceMs: 9_000 });
    kill(box, { graceMs: 500 });
    const back = box.ask({
      type: 'reregister',
      agent: 'a1',
      resources: 'cpus:4;mem:1024',
      tasks: [{ framework: 'f1', id: 't1', role: 'a', resources: 'cpus:1', state: 'running' }],
    });
    expect(back.filter(({ type }) => type === 'kill')).toEqual([
      { type: 'kill', agent: 'a1', framework: 'f1', task: 't1', killPolicy: { graceMs: 500 } },
    ]);
  });

  it('is not repeated for a task that ended meanwhile', () => {
    const box = running();
    kill(box);
    box.status('a1', 'f1', 't1', 'killed');
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(
      box.send({
        type: 'reregister',
        agent: 'a1',
        resources: 'cpus:4;mem:1024',
        tasks: [
          { framework: 'f1', id: 't1', role: 'a', resources: 'cpus:1', state: 'killed', statusUuid: 'u-t1-killed' },
        ],
      }),
    ).toEqual(['a1: registered']);
  });
});

describe('SHUTDOWN of an executor (KILL-4) and MESSAGE (KILL-5)', () => {
  it('go to the agent that they name, if it is there', () => {
    const box = running();
    const to = { framework: 'f1', connection: 'c-f1', executor: 'e1' } as const;
    expect(box.send({ type: 'shutdown', agent: 'a1', ...to })).toEqual(['a1: shut down executor e1 of f1']);
    expect(box.send({ type: 'framework-message', agent: 'a1', data: 'hi', ...to })).toEqual([
      'a1: message to e1 of f1: hi',
    ]);
    expect(box.send({ type: 'shutdown', agent: 'a2', ...to })).toEqual(['rejected shutdown of f1: unknown-agent']);
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(box.send({ type: 'framework-message', agent: 'a1', data: 'hi', ...to })).toEqual([
      'rejected framework-message of f1: unknown-agent',
    ]);
  });

  it('and back: what an executor says reaches its framework while both are there', () => {
    const box = running();
    const said = { type: 'agent-message', agent: 'a1', framework: 'f1', executor: 'e1', data: 'ho' } as const;
    expect(box.send(said)).toEqual(['message to f1 from e1 on a1: ho']);
    expect(box.send({ ...said, framework: 'f9' })).toEqual([]);
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    expect(box.send(said)).toEqual([]);
  });
});
