import { describe, expect, it } from 'vitest';
import {
  agents,
  deserialize,
  explain,
  frameworks,
  outOfService,
  recoverCluster,
  registryOf,
  serialize,
  stats,
  tasks,
} from '../../src/cluster/index.js';
import { cluster, Cluster, task, type Untimed } from './harness.js';

const aware = ['multi-role', 'partition-aware'] as const;

/** f1 runs t1 on a1, with a grace of its own; a2 stands by. */
function running(capabilities: readonly ('multi-role' | 'partition-aware')[] = aware): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024', { connection: 'n1' });
  box.framework('f1', ['a'], { checkpoint: true, capabilities, failoverTimeoutMs: 60_000 });
  box.runs('f1', 'a1', { ...task('t1', 'cpus:1'), killPolicy: { graceMs: 30_000 } });
  box.pass(6_000);
  return box;
}

function drain(box: Cluster, more: object = {}): readonly string[] {
  return box.send({ type: 'drain', agent: 'a1', ...more });
}

function killed(box: Cluster, id = 't1', uuid = 'u9'): readonly string[] {
  return box.send({ type: 'status', agent: 'a1', framework: 'f1', task: id, state: 'killed', uuid });
}

function acknowledged(box: Cluster, id = 't1', uuid = 'u9'): readonly string[] {
  return box.send({ type: 'acknowledge', framework: 'f1', connection: 'c-f1', agent: 'a1', task: id, uuid });
}

const back = (more: object = {}): Untimed =>
  ({ type: 'reregister', agent: 'a1', resources: 'cpus:4;mem:1024', connection: 'n2', ...more }) as Untimed;
const was = (id: string): object => ({ framework: 'f1', id, role: 'a', resources: 'cpus:1', state: 'running' });

describe('DRAIN (DRAIN-1)', () => {
  it('takes offers back, kills every task, and is done when the last end is acknowledged', () => {
    const box = running();
    expect(box.offersOf('f1').map(({ id }) => id)).toEqual(['m-O1']);
    expect(drain(box)).toEqual(['rescind from f1: m-O1', 'a1: kill t1 of f1']);
    expect(agents(box.state)).toMatchObject([{ id: 'a1', active: false, service: 'draining' }]);
    expect(killed(box)).toEqual(['update to f1: t1 killed (agent agent-draining u9)']);
    expect(agents(box.state)).toMatchObject([{ service: 'draining', tasks: 1 }]);
    expect(acknowledged(box)).toEqual(['a1: acknowledge u9']);
    expect(agents(box.state)).toMatchObject([{ service: 'drained', tasks: 0, connected: true, active: false }]);
    expect(box.pass(60_000)).toEqual([]);
  });

  it('bounds the grace of each task, whoever set it', () => {
    const box = running();
    const [, kill] = box.ask({ type: 'drain', agent: 'a1', maxGraceMs: 5_000 });
    expect(kill).toEqual({ type: 'kill', agent: 'a1', framework: 'f1', task: 't1', maxGraceMs: 5_000 });
    const policy = { killPolicy: { graceMs: 20_000 } };
    const [again] = box.ask({ type: 'kill', framework: 'f1', connection: 'c-f1', task: 't1', ...policy });
    expect(again).toEqual({ type: 'kill', agent: 'a1', framework: 'f1', task: 't1', ...policy, maxGraceMs: 5_000 });
  });

  it('an agent on which nothing runs is drained at once', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:1024');
    expect(drain(box)).toEqual([]);
    expect(outOfService(box.state)).toEqual([
      { agent: 'a1', state: 'drained', registered: true, drain: { since: 0, maxGraceMs: null, markGone: false } },
    ]);
  });

  it('a task that ends otherwise ends as it says', () => {
    const box = running();
    drain(box);
    const end = { type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'finished', uuid: 'u9' } as const;
    expect(box.send(end)).toEqual(['update to f1: t1 finished (executor u9)']);
  });

  it('with markGone the agent is gone when it is empty, and whoever understands hears that of the tasks', () => {
    const box = running();
    drain(box, { markGone: true });
    expect(killed(box)).toEqual(['update to f1: t1 gone-by-operator (agent agent-draining u9)']);
    expect(acknowledged(box)).toEqual(['a1: acknowledge u9', 'a1: shut down', 'failure to f1: a1']);
    expect(agents(box.state)).toEqual([]);
    expect(outOfService(box.state)).toEqual([]);
    expect(stats(box.state)).toMatchObject({ agents: 0, goneAgents: 1 });
    expect(box.send(back())).toEqual(['a1: refused, agent-gone, shut down']);
  });

  it('with markGone a framework that does not know of gone agents hears that its task was killed', () => {
    const box = running(['multi-role']);
    drain(box, { markGone: true });
    expect(killed(box)).toEqual(['update to f1: t1 killed (agent agent-draining u9)']);
  });

  it('what an agent knows ahead of its update is taken in the same way', () => {
    const box = running();
    drain(box, { markGone: true });
    const ahead = { type: 'status', agent: 'a1', framework: 'f1', task: 't1', latestState: 'killed' } as const;
    expect(box.send(ahead)).toEqual([]);
    expect(tasks(box.state)).toMatchObject([{ state: 'gone-by-operator', holds: false }]);
    expect(killed(box)).toEqual(['update to f1: t1 gone-by-operator (agent agent-draining u9)']);
  });

  it('waits for an agent that is away: what it brings back is killed', () => {
    const box = running();
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(drain(box)).toEqual([]);
    expect(box.send(back({ tasks: [was('t1'), was('t2')] }))).toEqual([
      'a1: registered',
      'update to f1: t2 running (master agent-reregistered)',
      'a1: kill t1 of f1',
      'a1: kill t2 of f1',
    ]);
    expect(agents(box.state)).toMatchObject([{ active: false, service: 'draining' }]);
  });

  it('holds while the agent can not be reached, and when it comes back', () => {
    const box = running();
    drain(box);
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(outOfService(box.state)).toMatchObject([{ agent: 'a1', state: 'draining', registered: false }]);
    expect(box.send(back({ tasks: [was('t1')] }))).toEqual([
      'a1: registered',
      'update to f1: t1 running (master agent-reregistered)',
      'a1: kill t1 of f1',
    ]);
    expect(box.run()).toEqual([]);
  });

  it('may be ordered while the agent can not be reached', () => {
    const box = running();
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(drain(box)).toEqual([]);
    expect(box.do(back({ tasks: [] }))).toEqual(['a1: registered']);
    expect(agents(box.state)).toMatchObject([{ service: 'drained' }]);
  });

  it('a drained agent that returns with tasks is drained again', () => {
    const box = running();
    drain(box);
    killed(box);
    acknowledged(box);
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(box.send(back({ tasks: [was('t7')] })).at(-1)).toBe('a1: kill t7 of f1');
    expect(agents(box.state)).toMatchObject([{ service: 'draining' }]);
  });

  it('is over when the framework of the last task is removed', () => {
    const box = running();
    drain(box);
    box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' });
    expect(agents(box.state)).toMatchObject([{ service: 'drained', tasks: 0 }]);
  });

  it('is over when a failover that is due removes that framework, at its own instant', () => {
    const box = running();
    drain(box, { markGone: true });
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    box.now += 3_600_000;
    box.send({ type: 'tick' });
    expect(box.state.gone.get('a1')).toBe(66_000);
  });

  it('survives the loss of the master', () => {
    const box = running();
    drain(box, { markGone: true, maxGraceMs: 1_000 });
    const recovered = new Cluster(recoverCluster(registryOf(box.state), {}, 10_000));
    expect(outOfService(recovered.state)).toMatchObject([{ agent: 'a1', state: 'draining', registered: false }]);
    expect(recovered.send(back({ tasks: [was('t1')] })).at(-1)).toBe('a1: kill t1 of f1');
  });

  it('begins anew when it is ordered again', () => {
    const box = running();
    drain(box, { maxGraceMs: 60_000 });
    expect(drain(box, { maxGraceMs: 1_000 })).toEqual(['a1: kill t1 of f1']);
    expect(outOfService(box.state)).toMatchObject([{ drain: { maxGraceMs: 1_000 } }]);
  });

  it.each([
    ['nobody', { agent: 'nobody' }, 'unknown-agent'],
    ['a grace below nothing', { maxGraceMs: -1 }, 'bad-number'],
    ['no grace at all', { maxGraceMs: Number.NaN }, 'bad-number'],
    ['endless grace', { maxGraceMs: Infinity }, 'bad-number'],
  ])('of %s is refused, and nothing changes', (_, wrong, code) => {
    const box = running();
    const before = [...serialize(box.state)].join('');
    expect(() => drain(box, wrong)).toThrowError(expect.objectContaining({ code }) as Error);
    expect([...serialize(box.state)].join('')).toBe(before);
  });
});

describe('DEACTIVATE and REACTIVATE (DRAIN-2)', () => {
  it('stop and resume offers; tasks go on', () => {
    const box = running();
    expect(box.send({ type: 'deactivate', agent: 'a1' })).toEqual(['rescind from f1: m-O1']);
    expect(box.pass(5_000)).toEqual([]);
    expect(agents(box.state)).toMatchObject([{ active: false, service: 'deactivated', tasks: 1 }]);
    expect(box.send({ type: 'reactivate', agent: 'a1' })).toEqual([]);
    expect(box.pass(1_000)).toEqual(['12000: offers to f1: m-O2 a1 as a cpus:3; mem:1024']);
    expect(agents(box.state)[0]).not.toHaveProperty('service');
  });

  it('hold for an agent that is away, and for one that starts over', () => {
    const box = running();
    box.send({ type: 'deactivate', agent: 'a1' });
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    box.send(back({ tasks: [was('t1')] }));
    expect(agents(box.state)).toMatchObject([{ connected: true, active: false }]);
    box.send({ type: 'register', agent: 'a1', resources: 'cpus:4;mem:1024', connection: 'n3' });
    expect(agents(box.state)).toMatchObject([{ connected: true, active: false, tasks: 0 }]);
    expect(box.run('all')).toEqual([]);
  });

  it('are forgotten with an agent that leaves', () => {
    const box = running();
    box.send({ type: 'deactivate', agent: 'a1' });
    box.send({ type: 'unregister', agent: 'a1' });
    expect(outOfService(box.state)).toEqual([]);
  });

  it('a drain that goes on is not deactivated over, nor reactivated', () => {
    const box = running();
    drain(box);
    box.send({ type: 'deactivate', agent: 'a1' });
    expect(agents(box.state)).toMatchObject([{ service: 'draining' }]);
    const early = expect.objectContaining({ code: 'still-draining' }) as Error;
    expect(() => box.send({ type: 'reactivate', agent: 'a1' })).toThrowError(early);
    killed(box);
    acknowledged(box);
    box.send({ type: 'reactivate', agent: 'a1' });
    expect(box.pass(1_000)).toEqual(['7000: offers to f1: m-O2 a1 as a cpus:4; mem:1024']);
  });

  it.each([
    ['reactivate', 'a1', 'not-deactivated'],
    ['reactivate', 'nobody', 'unknown-agent'],
    ['deactivate', 'nobody', 'unknown-agent'],
    ['mark-gone', 'nobody', 'unknown-agent'],
  ] as const)('%s of %s is refused: %s', (type, agent, code) => {
    const box = running();
    expect(() => box.send({ type, agent })).toThrowError(expect.objectContaining({ code }) as Error);
  });

  it('are explained', () => {
    const box = running();
    const reason = (): unknown => explain(box.state, { framework: 'f1', agent: 'a1' }).agents[0]?.reason.code;
    box.send({ type: 'deactivate', agent: 'a1' });
    expect(reason()).toBe('agent-deactivated');
    drain(box);
    expect(reason()).toBe('agent-draining');
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(reason()).toBe('agent-disconnected');
  });

  it('are forgotten with an unreachable agent that is forgotten', () => {
    const box = cluster({ maxUnreachableAgents: 1 });
    for (const agent of ['a1', 'a2']) {
      box.agent(agent, 'cpus:1;mem:64');
      box.send({ type: 'deactivate', agent });
      box.send({ type: 'mark-unreachable', agent });
    }
    expect(outOfService(box.state).map(({ agent }) => agent)).toEqual(['a2']);
  });
});

describe('MARK-GONE (AG-6)', () => {
  const gone = { type: 'mark-gone', agent: 'a1' } as const;

  it('ends the agent and its tasks for ever', () => {
    const box = running();
    expect(box.send(gone)).toEqual([
      'a1: shut down',
      'update to f1: t1 gone-by-operator (master agent-removed-by-operator)',
      'rescind from f1: m-O1',
      'failure to f1: a1',
    ]);
    expect(tasks(box.state)).toEqual([]);
    expect(frameworks(box.state)[0]?.completedTasks).toMatchObject([{ id: 't1', state: 'gone-by-operator' }]);
    const again = { type: 'register', agent: 'a1', resources: 'cpus:1' } as const;
    expect(box.send(again)).toEqual(['a1: refused, agent-gone, shut down']);
    expect(box.send(gone)).toEqual([]);
  });

  it('is lost to a framework that would not understand', () => {
    const box = running(['multi-role']);
    expect(box.send(gone)[1]).toBe('update to f1: t1 lost (master agent-removed)');
  });

  it('of an unreachable agent ends what might have come back with it', () => {
    const box = running();
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(box.send(gone)).toEqual([
      'update to f1: t1 gone-by-operator (master agent-removed-by-operator)',
      'failure to f1: a1',
    ]);
    expect(tasks(box.state)).toEqual([]);
    expect(box.send(back({ tasks: [was('t1')] }))).toEqual(['a1: refused, agent-gone, shut down']);
  });

  it('leaves what had ended as it ended', () => {
    const box = running();
    box.send({ type: 'status', agent: 'a1', framework: 'f1', task: 't1', state: 'finished', uuid: 'u5' });
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(box.send(gone)[0]).toBe('update to f1: t1 finished (master agent-removed-by-operator)');
    expect(frameworks(box.state)[0]?.completedTasks).toMatchObject([{ id: 't1', state: 'finished' }]);
  });

  it('is what a question about its tasks is answered with (§17)', () => {
    const box = running();
    box.send(gone);
    const question = { type: 'reconcile', framework: 'f1', connection: 'c-f1', tasks: [{ task: 't1', agent: 'a1' }] };
    expect(box.send(question as Untimed)).toEqual(['update to f1: t1 gone-by-operator (master reconciliation)']);
  });

  it('of an agent that has not come back since the master was lost needs no such return', () => {
    const box = running();
    const recovered = new Cluster(recoverCluster(registryOf(box.state), {}, 10_000));
    expect(recovered.send(gone)).toEqual([]);
    expect(stats(recovered.state)).toMatchObject({ recoveredAgents: 0, goneAgents: 1 });
    const later = new Cluster(recoverCluster(registryOf(recovered.state), {}, 20_000));
    expect(later.send(back())).toEqual(['a1: refused, agent-gone, shut down']);
  });

  it('and all that is wanted of agents is saved with the state', () => {
    const box = running();
    box.agent('a2', 'cpus:1;mem:64');
    box.send({ type: 'drain', agent: 'a2', maxGraceMs: 7 });
    box.send(gone);
    const text = [...serialize(box.state)].join('');
    expect([...serialize(deserialize([text]))].join('')).toBe(text);
  });
});

describe('the rate limit on removals (AG-2, AG-8)', () => {
  const watched = { heartbeatMs: 1_000 };
  const limit = { agents: 1, perMs: 60_000 };

  function fleet(count: number): Cluster {
    const box = cluster({ agentRemovalRateLimit: limit });
    for (let n = 1; n <= count; n += 1) box.agent(`a${n}`, 'cpus:1;mem:64', watched);
    return box;
  }
  const unreachable = (box: Cluster): readonly string[] => box.state.unreachable.keys();

  it('lets agents that fell silent together go one at a time', () => {
    const box = fleet(3);
    box.pass(5_000);
    expect(unreachable(box)).toEqual(['a1']);
    box.pass(59_999);
    expect(unreachable(box)).toEqual(['a1']);
    box.pass(1);
    expect(unreachable(box)).toEqual(['a1', 'a2']);
    box.pass(60_000);
    expect(unreachable(box)).toEqual(['a1', 'a2', 'a3']);
  });

  it('spares who is heard while it waits, and uses nothing up for it', () => {
    const box = fleet(3);
    box.pass(5_000);
    box.pass(50_000);
    box.send({ type: 'heartbeat', agent: 'a2' });
    box.now = 64_000;
    box.send({ type: 'heartbeat', agent: 'a2' });
    box.pass(1_000);
    expect(unreachable(box)).toEqual(['a1', 'a3']);
    expect(agents(box.state).map(({ id }) => id)).toEqual(['a2']);
    box.pass(4_000);
    expect(unreachable(box)).toEqual(['a1', 'a3']);
  });

  it('lets those who fell silent again go after those who were silent all the while', () => {
    const box = fleet(4);
    box.pass(7_000);
    box.send({ type: 'heartbeat', agent: 'a2' });
    box.pass(118_000);
    expect(unreachable(box)).toEqual(['a1', 'a3', 'a4']);
    box.pass(60_000);
    expect(unreachable(box)).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('holds for agents that stay away, and for those that do not return after the master was lost', () => {
    const box = fleet(2);
    for (const agent of ['a1', 'a2']) box.send({ type: 'agent-disconnected', agent });
    const recovered = new Cluster(recoverCluster(registryOf(box.state), { agentRemovalRateLimit: limit }, 0));
    for (const it of [box, recovered]) {
      it.pass(600_000);
      expect(unreachable(it)).toEqual(['a1']);
      it.pass(60_000);
      expect(unreachable(it)).toEqual(['a1', 'a2']);
    }
  });

  it('is not for the operator', () => {
    const box = fleet(3);
    for (const agent of ['a1', 'a2', 'a3']) box.send({ type: 'mark-unreachable', agent });
    expect(unreachable(box)).toEqual(['a1', 'a2', 'a3']);
  });

  it('lets everybody go who waits when it is lifted', () => {
    const box = fleet(3);
    box.pass(5_000);
    box.send({ type: 'configure', config: { agentRemovalRateLimit: null } });
    box.pass(0);
    expect(unreachable(box)).toEqual(['a1', 'a2', 'a3']);
  });

  it('is saved with who waits', () => {
    const box = fleet(3);
    box.pass(5_000);
    const text = [...serialize(box.state)].join('');
    const restored = new Cluster(deserialize([text]));
    restored.pass(60_000);
    expect(unreachable(restored)).toEqual(['a1', 'a2']);
  });
});
