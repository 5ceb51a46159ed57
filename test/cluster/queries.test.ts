import { describe, expect, it } from 'vitest';
import { agents, frameworks, offers, roles, stats, tasks } from '../../src/cluster/index.js';
import { cluster, task, type Cluster } from './harness.js';

/** a1: f1 runs t1 as `a/x` and holds an offer of the rest; a2: reserved in part, offered to f2. */
function busy(): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4;mem:1024', { hostname: 'h1' });
  box.framework('f1', ['a/x']);
  box.runs('f1', 'a1', task('t1', 'cpus:1;mem:256'));
  box.pass(1_000);
  box.framework('f2', ['b'], { priority: 2 });
  box.agent('a2', 'cpus(a):2;cpus:2');
  return box;
}

describe('queries', () => {
  it('agents: what each has, uses, offers and has free', () => {
    const [first, second] = agents(busy().state);
    const words = (agent: typeof first): unknown =>
      agent && [agent.total, agent.used, agent.offered, agent.free].map(String);
    expect(words(first)).toEqual(['cpus:4; mem:1024', 'cpus:1; mem:256', 'cpus:3; mem:768', '{}']);
    expect(words(second)).toEqual([
      'cpus:2; cpus(reservations: [(STATIC,a)]):2',
      '{}',
      'cpus:2; cpus(reservations: [(STATIC,a)]):2',
      '{}',
    ]);
    expect(first).toMatchObject({
      id: 'a1',
      hostname: 'h1',
      connected: true,
      active: true,
      tasks: 1,
      offers: ['m-O1'],
    });
  });

  it('roles: allocated and offered are told apart, ancestors sum up (ROLE-7)', () => {
    const seen = roles(busy().state).map((role) => [
      role.role,
      role.frameworks.join(),
      String(role.allocated),
      String(role.offered),
      String(role.reserved),
      Math.round(role.dominantShare * 1_000) / 1_000,
    ]);
    // 8 cpus and 1024 MB in all. f2 got the free half of a2; what is reserved to `a` went to `a/x`.
    expect(seen).toEqual([
      ['a', '', 'cpus:1; mem:256', 'cpus:5; mem:768', 'cpus:2', 1],
      ['a/x', 'f1', 'cpus:1; mem:256', 'cpus:5; mem:768', '{}', 1],
      ['b', 'f2', '{}', 'cpus:2', '{}', 0.25],
    ]);
  });

  it('frameworks, tasks and offers: by id, as they are', () => {
    const box = busy();
    expect(frameworks(box.state)).toMatchObject([
      { id: 'f1', state: 'connected', tasks: 1, agents: 2 },
      { id: 'f2', state: 'connected', tasks: 0, agents: 1, priority: 2 },
    ]);
    expect(tasks(box.state)).toMatchObject([{ id: 't1', framework: 'f1', agent: 'a1', role: 'a/x', state: 'running' }]);
    expect(offers(box.state).map(({ framework, agent }) => [framework, agent])).toEqual([
      ['f1', 'a1'],
      ['f2', 'a2'],
      ['f1', 'a2'],
    ]);
    box.send({ type: 'mark-unreachable', agent: 'a1' });
    expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'unreachable' }]);
  });

  it('stats: a cluster in a few numbers', () => {
    const { total, ...numbers } = stats(busy().state);
    expect(String(total)).toBe('cpus:8; mem:1024');
    expect(numbers).toMatchObject({ now: 1_000, agents: 2, frameworks: 2, tasks: 1, offers: 3, unreachableAgents: 0 });
  });

  it('of an empty cluster are empty', () => {
    const { state } = cluster();
    expect([agents(state), frameworks(state), offers(state), roles(state), tasks(state)]).toEqual([[], [], [], [], []]);
  });

  it('a role that its last framework left is gone, one with a weight stays (ROLE-5)', () => {
    const box = cluster();
    box.framework('f1', ['a', 'b']);
    box.send({ type: 'set-weight', role: 'b', weight: 2 });
    box.send({ type: 'teardown', framework: 'f1', connection: 'c-f1' });
    expect(roles(box.state)).toMatchObject([{ role: 'b', weight: 2, frameworks: [] }]);
  });
});
