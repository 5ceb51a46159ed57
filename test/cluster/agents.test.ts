import { describe, expect, it } from 'vitest';
import {
  agents,
  deserialize,
  frameworks,
  nextDeadline,
  serialize,
  stats,
  tasks,
  violation,
  type ClusterState,
} from '../../src/cluster/index.js';
import { cluster, task, type Cluster, type Untimed } from './harness.js';

const bytes = (state: ClusterState): string => [...serialize(state)].join('');
const back = (more: object = {}): Untimed =>
  ({ type: 'reregister', agent: 'a1', resources: 'cpus:4;mem:1024', ...more }) as Untimed;
const was = (id: string, more: object = {}): object => ({
  framework: 'f1',
  id,
  role: 'a',
  resources: 'cpus:1',
  state: 'running',
  ...more,
});

/** f1 runs t1 on a1. */
function running(checkpoint = true, partitionAware = true): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024', { connection: 'n1' });
  const capabilities = partitionAware ? (['multi-role', 'partition-aware'] as const) : (['multi-role'] as const);
  box.framework('f1', ['a'], { checkpoint, capabilities, failoverTimeoutMs: 60_000 });
  box.runs('f1', 'a1', task('t1', 'cpus:1'));
  return box;
}

describe('REGISTER (AG-1)', () => {
  it('takes the id that comes with it, or makes one', () => {
    const box = cluster();
    expect(box.send({ type: 'register', resources: 'cpus:1', agent: 'm-S0' })).toEqual(['m-S0: registered']);
    expect(box.ask({ type: 'register', resources: 'cpus:1', connection: 'n' })).toEqual([
      { type: 'registered', agent: 'm-S1', connection: 'n' },
    ]);
    expect(agents(box.state)[1]).toMatchObject({ id: 'm-S1', hostname: 'm-S1', connected: true, active: true });
  });

  it.each([
    ['a bad id', { agent: '..' }, 'bad-id'],
    ['bad resources', { resources: 'cpus:lots' }, 'bad-resources'],
    ['allocated resources', { resources: [{ name: 'cpus', value: 1, allocated: 'a' }] }, 'bad-resources'],
    ['bad attributes', { attributes: 'zone' }, 'bad-attributes'],
    ['no time between heartbeats', { heartbeatMs: 0 }, 'bad-number'],
    ['half a time between heartbeats', { heartbeatMs: 0.5 }, 'bad-number'],
    ['a domain where the master has none', { domain: { region: 'r', zone: 'z' } }, 'domain-without-master-domain'],
  ])('with %s is refused, and nothing changes', (_, wrong, code) => {
    const box = cluster();
    const report = { type: 'register', agent: 'a1', resources: 'cpus:1', ...wrong } as Untimed;
    expect(box.send(report)).toEqual([`${'agent' in wrong ? '..' : 'a1'}: refused, ${code}`]);
    expect(agents(box.state)).toEqual([]);
  });

  it('again over the same connection only confirms, and takes what is new', () => {
    const box = running();
    expect(box.send({ type: 'register', agent: 'a1', resources: 'cpus:5;mem:1024', connection: 'n1' })).toEqual([
      'a1: registered',
    ]);
    expect(agents(box.state)).toMatchObject([{ tasks: 1 }]);
    expect(String(agents(box.state)[0]?.total)).toBe('cpus:5; mem:1024');
  });

  it.each([
    ['over another connection', { connection: 'n2' }, []],
    ['after it went away', {}, [{ type: 'agent-disconnected', agent: 'a1' } as const]],
  ])('again %s is a new agent: what ran on the old one is lost (AG-9)', (_, more, first) => {
    const box = running();
    for (const input of first) box.send(input);
    expect(box.send({ type: 'register', agent: 'a1', resources: 'cpus:1', ...more })).toEqual([
      'update to f1: t1 lost (master agent-removed)',
      'failure to f1: a1',
      'a1: registered',
    ]);
    expect(tasks(box.state)).toEqual([]);
    expect(box.free('a1')).toBe('cpus:1');
  });
});

describe('an agent whose connection breaks (AG-3)', () => {
  it('keeps the tasks of frameworks that checkpoint, and waits for it', () => {
    const box = running();
    expect(box.send({ type: 'agent-disconnected', agent: 'a1', connection: 'n1' })).toEqual([]);
    expect(agents(box.state)).toMatchObject([{ connected: false, active: false, tasks: 1 }]);
    expect(box.pass(1_000)).toEqual([]);
    expect(nextDeadline(box.state)).toBe(600_000);
    expect(box.pass(598_999)).toEqual([]);
    expect(box.pass(1)).toEqual([
      '600000: update to f1: t1 unreachable (master agent-removed)',
      '600000: failure to f1: a1',
    ]);
    expect(agents(box.state)).toEqual([]);
  });

  it('loses at once the tasks and executors of those that do not', () => {
    const box = running(false);
    box.pass(1_000);
    const executor = { id: 'e1', command: { value: 'x' }, resources: 'cpus:0.5' };
    box.pass(5_000);
    box.launch('f1', 'a1', [{ id: 't2', resources: 'cpus:1', executor }]);
    expect(box.send({ type: 'agent-disconnected', agent: 'a1' })).toEqual([
      'update to f1: t1 lost (master agent-disconnected)',
      'update to f1: t2 lost (master agent-disconnected)',
    ]);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
    expect(box.state.agents.get('a1')).toMatchObject({ tasks: [], executors: [] });
  });

  it('is not offered, and does not hear', () => {
    const box = running();
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    box.framework('f2', ['b']);
    expect(box.pass(10_000)).toEqual([]);
    expect(box.status('a1', 'f1', 't1', 'finished')).toEqual([]);
    expect(stats(box.state).counters.invalidStatusReports).toBe(1);
  });

  it('is not ended by the break of an older connection', () => {
    const box = running();
    expect(box.send({ type: 'agent-disconnected', agent: 'a1', connection: 'n0' })).toEqual([]);
    expect(agents(box.state)).toMatchObject([{ connected: true }]);
    expect(box.send({ type: 'agent-disconnected', agent: 'nobody' })).toEqual([]);
  });

  it('that comes back in time goes on as if nothing had been', () => {
    const box = running();
    box.pass(1_000);
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    box.pass(500_000);
    expect(box.send(back({ tasks: [was('t1')], connection: 'n2' }))).toEqual(['a1: registered']);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'running' }]);
    // The whole rest is offered in the next batch, and nobody declares the agent lost later.
    expect(box.pass(3_600_000)).toEqual(['502000: offers to f1: m-O2 a1 as a cpus:3; mem:1024']);
  });

  it('twice is given its whole time twice', () => {
    const box = running();
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    box.pass(500_000);
    box.send(back({ tasks: [was('t1')] }));
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    box.pass(599_999);
    expect(agents(box.state)).toHaveLength(1);
    box.pass(1);
    expect(agents(box.state)).toEqual([]);
  });
});

describe('REREGISTER of an agent that is known (AG-11)', () => {
  function away(): Cluster {
    const box = running();
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    return box;
  }

  it('asks about tasks that it does not mention; the answer ends them', () => {
    const box = away();
    expect(box.send(back())).toEqual(['a1: registered', 'a1: reconcile f1/t1']);
    expect(tasks(box.state)).toHaveLength(1);
    const dropped = { reason: 'reconciliation', source: 'agent' } as const;
    expect(box.status('a1', 'f1', 't1', 'dropped', dropped)).toEqual([
      'update to f1: t1 dropped (agent reconciliation u-t1-dropped)',
    ]);
    box.acknowledge('a1', 'f1', 't1', 'u-t1-dropped');
    expect(tasks(box.state)).toEqual([]);
  });

  it('takes the state that the agent knows better, and frees at once what is over', () => {
    const box = away();
    expect(box.send(back({ tasks: [was('t1', { state: 'finished', statusUuid: 'u9' })] }))).toEqual(['a1: registered']);
    expect(tasks(box.state)).toMatchObject([{ state: 'finished', holds: false }]);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
  });

  it('does not take a task back to where it was before (TASK-4)', () => {
    const box = away();
    box.send(back({ tasks: [was('t1', { state: 'staging' })] }));
    expect(tasks(box.state)).toMatchObject([{ state: 'running' }]);
  });

  it('enters tasks and executors that the master did not have, and tells their frameworks', () => {
    const box = away();
    const executors = [{ framework: 'f1', role: 'a', id: 'e1', resources: 'cpus:0.5' }];
    expect(box.send(back({ tasks: [was('t1'), was('t2')], executors }))).toEqual([
      'a1: registered',
      'update to f1: t2 running (master agent-reregistered)',
    ]);
    expect(box.free('a1')).toBe('cpus:1.5; mem:1024');
  });

  it('forgets executors that the agent does not have any more', () => {
    const box = away();
    const executors = [{ framework: 'f1', role: 'a', id: 'e1', resources: 'cpus:0.5' }];
    box.send(back({ tasks: [was('t1')], executors }));
    box.send(back({ tasks: [was('t1')] }));
    expect(box.free('a1')).toBe('cpus:3; mem:1024');
  });

  it('from another host is refused for good: somebody else took its place (AG-9)', () => {
    const box = away();
    expect(box.send(back({ hostname: 'elsewhere' }))).toEqual(['a1: refused, hostname-changed, shut down']);
    expect(agents(box.state)).toMatchObject([{ connected: false }]);
  });

  it('while it is connected takes back what is offered and turns out to be in use', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    expect(box.send(back({ tasks: [was('t9', { resources: 'cpus:2' })] }))).toEqual([
      'a1: registered',
      'update to f1: t9 running (master agent-reregistered)',
      'rescind from f1: m-O0',
    ]);
    expect(box.free('a1')).toBe('cpus:2; mem:1024');
    expect(box.state.agents.get('a1')?.overcommitted).toBe(false);
  });

  it.each([
    ['a task with a bad id', { tasks: [was('a/b')] }, 'bad-id'],
    ['a task in a bad role', { tasks: [was('t1', { role: '' })] }, 'bad-role'],
    ['a task with bad resources', { tasks: [was('t1', { resources: 'x' })] }, 'bad-resources'],
    ['a task that it can not know so', { tasks: [was('t1', { state: 'unreachable' })] }, 'bad-task-state'],
    ['an executor in a bad role', { executors: [{ framework: 'f1', role: ' ', id: 'e1' }] }, 'bad-role'],
    ['a framework in a bad role', { frameworks: [{ id: 'f1', roles: ['a/'], capabilities: [] }] }, 'bad-role'],
    ['a framework with a bad id', { frameworks: [{ id: '', roles: [], capabilities: [] }] }, 'bad-id'],
  ])('with %s is refused as a whole', (_, wrong, code) => {
    const box = away();
    expect(box.send(back(wrong))).toEqual([`a1: refused, ${code}`]);
    expect(agents(box.state)).toMatchObject([{ connected: false, tasks: 1 }]);
  });
});

describe('a registered agent that registers again with something wrong', () => {
  const wrong = { agent: 'a1', resources: 'cpus:lots' } as const;

  it.each(['register', 'reregister'] as const)('over its own connection stays as it was: %s', (type) => {
    const box = running();
    const before = agents(box.state);
    for (const connection of [{}, { connection: 'n1' }]) {
      expect(box.send({ type, ...wrong, ...connection })).toEqual([`a1: ${type} without effect, bad-resources`]);
    }
    expect(agents(box.state)).toEqual(before);
  });

  it.each(['register', 'reregister'] as const)('over another one is disconnected, and refused: %s', (type) => {
    const box = running(true);
    box.pass(1_000);
    expect(agents(box.state)).toMatchObject([{ offers: ['m-O1'] }]);
    expect(box.send({ type, ...wrong, connection: 'n2' })).toEqual([
      'rescind from f1: m-O1',
      'a1: refused, bad-resources',
    ]);
    expect(agents(box.state)).toMatchObject([{ connected: false, tasks: 1, offers: [] }]);
    box.pass(600_000);
    expect(stats(box.state)).toMatchObject({ agents: 0, unreachableAgents: 1 });
  });
});

describe('an agent that is unreachable (AG-4)', () => {
  it.each([
    [true, 'unreachable'],
    [false, 'lost'],
  ])('frees everything; its tasks are %s: %s', (aware, state) => {
    const box = running(true, aware);
    box.pass(2_000);
    const outputs = box.ask({ type: 'mark-unreachable', agent: 'a1' });
    expect(outputs).toMatchObject([
      {
        type: 'update',
        status: { task: 't1', state, source: 'master', reason: 'agent-removed', unreachableTime: 2_000 },
      },
      { type: 'rescind' },
      { type: 'failure', agent: 'a1' },
    ]);
    expect(agents(box.state)).toEqual([]);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'unreachable', holds: false }]);
    expect(stats(box.state)).toMatchObject({ unreachableAgents: 1, unreachableTasks: 1, tasks: 0 });
  });

  it('is told to every framework that is there', () => {
    const box = running();
    box.framework('f2', ['b']);
    expect(box.send({ type: 'mark-unreachable', agent: 'a1' })).toEqual(
      expect.arrayContaining(['failure to f1: a1', 'failure to f2: a1']),
    );
    expect(box.send({ type: 'mark-unreachable', agent: 'a1' })).toEqual([]);
  });

  it('leaves a task that ended as it is, and tells its framework all the same (TASK-4)', () => {
    const box = running();
    box.status('a1', 'f1', 't1', 'finished', { uuid: 'u9' });
    expect(box.send({ type: 'mark-unreachable', agent: 'a1' })).toEqual([
      'update to f1: t1 unreachable (master agent-removed)',
      'failure to f1: a1',
    ]);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'finished', holds: false }]);
    box.send(back({ tasks: [was('t1', { state: 'finished', statusUuid: 'u9' })] }));
    box.acknowledge('a1', 'f1', 't1', 'u9');
    expect(tasks(box.state)).toEqual([]);
  });

  it('frees the ids of tasks that it did not bring back (AG-5, VAL-2)', () => {
    const box = running();
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    box.send(back({ tasks: [] }));
    expect(tasks(box.state)).toEqual([]);
    box.run();
    expect(box.launch('f1', 'a1', [task('t1', 'cpus:1')])).toEqual([expect.stringMatching(/^a1: launch/)]);
  });

  it('blocks the ids of its tasks (VAL-2)', () => {
    const box = running();
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    box.agent('a2', 'cpus:1');
    expect(box.launch('f1', 'a2', [task('t1', 'cpus:1')])).toEqual(['update to f1: t1 error (master task-invalid)']);
  });

  it('that comes back brings its tasks back, in the state in which they are (AG-5, TASK-2)', () => {
    const box = running();
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    box.pass(60_000);
    expect(box.send(back({ tasks: [was('t1', { state: 'killing' })] }))).toEqual([
      'a1: registered',
      'update to f1: t1 killing (master agent-reregistered)',
    ]);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'killing', holds: true, agent: 'a1' }]);
    expect(stats(box.state)).toMatchObject({ unreachableAgents: 0, unreachableTasks: 0, tasks: 1 });
    expect(box.free('a1')).toBe('cpus:3; mem:1024');
  });

  it('that comes back with a task that ended meanwhile frees it, and its end can be acknowledged', () => {
    const box = running(true, false);
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(box.send(back({ tasks: [was('t1', { state: 'gone', statusUuid: 'u9' })] }))).toEqual([
      'a1: registered',
      // Not partition-aware: it would not know `gone` (TASK-3).
      'update to f1: t1 lost (master agent-reregistered)',
    ]);
    expect(box.free('a1')).toBe('cpus:4; mem:1024');
    box.status('a1', 'f1', 't1', 'gone', { uuid: 'u9' });
    box.acknowledge('a1', 'f1', 't1', 'u9');
    expect(tasks(box.state)).toEqual([]);
  });

  it('that comes back with more than it has is marked, and short of nothing that is offered (I1)', () => {
    const box = running();
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    box.send({
      type: 'reregister',
      agent: 'a1',
      resources: 'cpus:1;mem:1024',
      tasks: [was('t1'), was('t2')] as never,
    });
    expect(box.state.agents.get('a1')?.overcommitted).toBe(true);
    expect(box.run()).toEqual([expect.stringMatching(/a1 as a mem:1024$/)]);
    box.status('a1', 'f1', 't2', 'finished');
    expect(box.state.agents.get('a1')?.overcommitted).toBe(false);
    expect(box.free('a1')).toBe('{}');
  });

  it('that comes back with a port twice keeps it for the one that goes on (I1)', () => {
    const box = cluster();
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    const ports = (id: string, resources: string) => was(id, { resources });
    const resources = 'cpus:4;mem:1024;ports:[1-9]';
    const twice = [ports('t1', 'cpus:1;ports:[1-2]'), ports('t2', 'cpus:1;ports:[2-3]')];
    box.send({ type: 'reregister', agent: 'a1', resources, tasks: twice as never });
    expect(box.state.agents.get('a1')?.overcommitted).toBe(true);
    expect(violation(box.state)).toBeUndefined();
    box.status('a1', 'f1', 't1', 'finished');
    expect(box.state.agents.get('a1')?.overcommitted).toBe(false);
    expect(box.free('a1')).toBe('cpus:3; mem:1024; ports:[1-1, 4-9]');
    expect(bytes(deserialize([bytes(box.state)]))).toBe(bytes(box.state));
    box.status('a1', 'f1', 't2', 'finished');
    expect(box.free('a1')).toBe('cpus:4; mem:1024; ports:[1-9]');
  });

  it('that comes back with a port which is offered meanwhile takes the offer back (I1)', () => {
    const box = cluster();
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    box.agent('a1', 'cpus:4;mem:1024;ports:[1-9]', { connection: 'n1' });
    expect(box.state.offers.size).toBe(1);
    const tasks = [was('t1', { resources: 'ports:[2-3]' })] as never;
    const said = box.send({ type: 'reregister', agent: 'a1', resources: 'cpus:4;mem:1024;ports:[1-9]', tasks });
    expect(said).toContainEqual(expect.stringMatching(/^rescind/));
    expect(box.free('a1')).toBe('cpus:4; mem:1024; ports:[1-1, 4-9]');
    expect(box.state.agents.get('a1')?.overcommitted).toBe(false);
    expect(violation(box.state)).toBeUndefined();
  });

  it('is bounded in number, the oldest is forgotten first (AG-7)', () => {
    const box = cluster({ maxUnreachableAgents: 2 });
    for (const id of ['a3', 'a1', 'a2']) {
      box.agent(id, 'cpus:1');
      box.send({ type: 'mark-unreachable', agent: id });
      box.pass(1);
    }
    expect(box.state.unreachable.keys()).toEqual(['a1', 'a2']);
  });

  it('bounds the tasks that it leaves behind (TASK-6)', () => {
    const box = cluster({ maxUnreachableTasks: 1 });
    box.framework('f1', ['a']);
    for (const n of [1, 2]) {
      box.agent(`a${n}`, 'cpus:1');
      box.launch('f1', `a${n}`, [task(`t${n}`, 'cpus:1')]);
      box.pass(1_000);
      box.send({ type: 'mark-unreachable', agent: `a${n}` });
    }
    expect(tasks(box.state).map(({ id }) => id)).toEqual(['t2']);
    expect(box.state.unreachableTasks.keys()).toEqual(['a2']);
  });

  it('names its tasks until they come back, also with another agent, or their framework goes', () => {
    const box = running();
    box.framework('f2', ['b']);
    box.runs('f2', 'a1', task('t2', 'cpus:1'));
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    const names = (): readonly string[] => (box.state.unreachableTasks.get('a1') ?? []).map(({ task: id }) => id);
    expect(names()).toEqual(['t1', 't2']);
    box.send(back({ agent: 'a2', tasks: [was('t2', { framework: 'f2', role: 'b' })] }));
    expect(names()).toEqual(['t1']);
    box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' });
    expect(box.state.unreachableTasks.size).toBe(0);
  });
});

describe('UNREGISTER (AG-10)', () => {
  it('removes the agent at once; its tasks are lost with it', () => {
    const box = running();
    expect(box.send({ type: 'unregister', agent: 'a1' })).toEqual([
      'update to f1: t1 lost (master agent-removed)',
      'failure to f1: a1',
    ]);
    expect(agents(box.state)).toEqual([]);
    expect(stats(box.state)).toMatchObject({ unreachableAgents: 0, tasks: 0 });
    expect(box.send({ type: 'unregister', agent: 'a1' })).toEqual([]);
  });

  it.each<[string, (box: Cluster) => unknown]>([
    ['unregisters', (box) => box.send({ type: 'unregister', agent: 'a1' })],
    [
      'is replaced by a new one',
      (box) => box.send({ type: 'register', agent: 'a1', resources: 'cpus:1', connection: 'n2' }),
    ],
    ['is gone for good', (box) => box.send({ type: 'mark-gone', agent: 'a1' })],
    [
      'breaks off, and its framework does not checkpoint',
      (box) => box.send({ type: 'agent-disconnected', agent: 'a1' }),
    ],
  ])('an agent that %s leaves nobody without the end of a task: what was not acknowledged is told again', (_, go) => {
    const box = running(false);
    box.status('a1', 'f1', 't1', 'finished', { message: 'well', data: 'd' });
    const told = go(box) as readonly string[];
    expect(told.filter((line) => line.startsWith('update'))).toEqual(['update to f1: t1 finished (executor)']);
    expect(frameworks(box.state)[0]?.completedTasks).toMatchObject([{ id: 't1', state: 'finished' }]);
    expect(tasks(box.state)).toEqual([]);
  });

  it('of an acknowledged end nothing is told again', () => {
    const box = running();
    box.status('a1', 'f1', 't1', 'finished');
    box.acknowledge('a1', 'f1', 't1', 'u-t1-finished');
    expect(box.send({ type: 'unregister', agent: 'a1' })).toEqual(['failure to f1: a1']);
  });
});

describe('UPDATE-AGENT (ALLOC-16)', () => {
  it('changes the machine; one that shrank below what runs is marked, and nothing short is offered (I1)', () => {
    const box = running();
    box.runs('f1', 'a1', task('t2', 'cpus:1'));
    box.pass(1_000);
    box.launch('f1', 'a1', [task('t3', 'cpus:2')], { refuseSeconds: 0 });
    expect(box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus:2;mem:1024' })).toEqual([]);
    expect(box.state.agents.get('a1')?.overcommitted).toBe(true);
    expect(box.run()).toEqual([expect.stringMatching(/a1 as a mem:1024$/)]);
    box.status('a1', 'f1', 't1', 'finished');
    expect(box.free('a1')).toBe('{}');
  });

  it('of bad resources changes nothing, and is told to the host alone: an agent that is refused falls silent', () => {
    const box = running();
    expect(box.send({ type: 'update-agent', agent: 'a1', resources: 'cpus' })).toEqual([
      'a1: update-agent without effect, bad-resources',
    ]);
    expect(String(agents(box.state)[0]?.total)).toBe('cpus:4; mem:1024');
    expect(box.send({ type: 'update-agent', agent: 'a9', resources: 'cpus:1' })).toEqual([]);
  });

  it('of attributes voids the refusals of everybody and offers at once (ATTR-3)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { attributes: 'zone:x' });
    box.framework('f1', ['a']);
    box.declineAll('f1', 3_600);
    expect(box.do({ type: 'update-agent', agent: 'a1', attributes: 'zone:x' })).toEqual([]);
    expect(box.do({ type: 'update-agent', agent: 'a1', attributes: 'zone:y' })).toEqual([
      'offers to f1: m-O1 a1 as a cpus:1',
    ]);
  });
});

describe('heartbeats (AG-2)', () => {
  it('are not expected of an agent that did not announce them', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1');
    expect(nextDeadline(box.state)).toBeUndefined();
    expect(box.pass(1e9)).toEqual([]);
  });

  it('that stay away five times make it unreachable', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { heartbeatMs: 15_000 });
    expect(nextDeadline(box.state)).toBe(75_000);
    box.pass(74_999);
    expect(agents(box.state)).toHaveLength(1);
    box.pass(1);
    expect(agents(box.state)).toEqual([]);
    expect(stats(box.state).unreachableAgents).toBe(1);
  });

  it('are each a number and nothing else', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { heartbeatMs: 1_000 });
    for (let n = 0; n < 30; n += 1) {
      box.pass(1_000);
      expect(box.send({ type: 'heartbeat', agent: 'a1' })).toEqual([]);
    }
    // The last was at 30 s.
    expect(box.pass(4_999)).toEqual([]);
    expect(agents(box.state)).toHaveLength(1);
    box.pass(1);
    expect(agents(box.state)).toEqual([]);
  });

  it('of an agent that is away or unknown do nothing', () => {
    const box = cluster();
    box.framework('f1', ['a'], { checkpoint: true });
    box.agent('a1', 'cpus:1', { heartbeatMs: 1_000 });
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    expect(box.send({ type: 'heartbeat', agent: 'a1' })).toEqual([]);
    expect(box.send({ type: 'heartbeat', agent: 'a9' })).toEqual([]);
    box.pass(1_000);
    // It has the time of one that is away, not that of one that is silent.
    expect(nextDeadline(box.state)).toBe(600_000);
  });

  it('follow the announcement of the newest registration', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1', { heartbeatMs: 1_000 });
    box.pass(3_000);
    box.do({ type: 'reregister', agent: 'a1', resources: 'cpus:1', heartbeatMs: 10_000 });
    box.pass(49_999);
    expect(agents(box.state)).toHaveLength(1);
    box.pass(1);
    expect(agents(box.state)).toEqual([]);
  });
});

describe('a framework that only agents know (FW-8)', () => {
  it('is recovered with what it holds, gets no offers, and is itself again when it subscribes', () => {
    const box = cluster();
    const known = [{ id: 'f1', name: 'etl', roles: ['a', 'b'], capabilities: ['multi-role'] }];
    expect(box.do(back({ tasks: [was('t1')], frameworks: known }))).toEqual(['a1: registered']);
    expect(frameworks(box.state)).toMatchObject([
      { id: 'f1', name: 'etl', state: 'recovered', roles: ['a', 'b'], tasks: 1 },
    ]);
    expect(box.free('a1')).toBe('cpus:3; mem:1024');
    expect(box.pass(60_000)).toEqual([]);
    expect(box.framework('f1', ['a'], { principal: 'alice' })).toEqual([
      'subscribed f1 over c-f1',
      'offers to f1: m-O0 a1 as a cpus:3; mem:1024',
    ]);
    expect(frameworks(box.state)).toMatchObject([{ state: 'connected', roles: ['a'], principal: 'alice', tasks: 1 }]);
  });
});
