import { describe, expect, it } from 'vitest';
import {
  frameworks,
  mesosDefaults,
  nextDeadline,
  recoverCluster,
  registryOf,
  roles,
  stats,
  tasks,
  type Registry,
} from '../../src/cluster/index.js';
import { Cluster, cluster, task } from './harness.js';

/** Two agents, one of them unreachable since 3 s; a weight; f1 runs t1 on a1. */
function before(): Cluster {
  const box = cluster();
  box.agent('a1', 'cpus:4', { hostname: 'h1' });
  box.framework('f1', ['a'], { checkpoint: true });
  box.runs('f1', 'a1', task('t1', 'cpus:1'));
  box.agent('a2', 'cpus:4');
  box.pass(3_000);
  box.send({ type: 'mark-unreachable', agent: 'a2' });
  box.send({ type: 'set-weight', role: 'b', weight: 2.5 });
  return box;
}

function after(registry: Registry = registryOf(before().state)): Cluster {
  return new Cluster(recoverCluster(registry, mesosDefaults, 10_000));
}

const back = {
  type: 'reregister',
  agent: 'a1',
  hostname: 'h1',
  resources: 'cpus:4',
  tasks: [{ framework: 'f1', id: 't1', role: 'a', resources: 'cpus:1', state: 'running' }],
} as const;

describe('what outlives the master', () => {
  it('is little, and plain data', () => {
    const registry = registryOf(before().state);
    expect(registry).toEqual({
      version: 1,
      masterId: 'm',
      incarnation: 0,
      agents: [{ id: 'a1', hostname: 'h1' }],
      unreachable: [{ id: 'a2', since: 3_000 }],
      gone: [],
      service: [],
      maintenance: { windows: [], down: [] },
      weights: [{ role: 'b', weight: 2.5 }],
      quotas: [],
    });
    expect(JSON.parse(JSON.stringify(registry))).toEqual(registry);
  });

  it('is the same after a recovery, but for the count of them', () => {
    const registry = registryOf(before().state);
    expect(registryOf(after(registry).state)).toEqual({ ...registry, incarnation: 1 });
  });

  it('is read in its own version alone', () => {
    const other = { ...registryOf(before().state), version: 2 } as unknown as Registry;
    expect(() => after(other)).toThrow(expect.objectContaining({ code: 'bad-registry', path: 'version' }));
  });
});

describe('a new master on an old registry', () => {
  it('expects its agents back, for a time (AG-8)', () => {
    const box = after();
    expect(stats(box.state)).toMatchObject({ agents: 0, recoveredAgents: 1, unreachableAgents: 1 });
    expect(nextDeadline(box.state)).toBe(610_000);
    expect(box.pass(599_999)).toEqual([]);
    expect(stats(box.state).recoveredAgents).toBe(1);
    box.pass(1);
    expect(stats(box.state)).toMatchObject({ recoveredAgents: 0, unreachableAgents: 2 });
  });

  it('tells its frameworks of an agent that does not come back (AG-4, AG-8)', () => {
    const box = after();
    box.framework('f1', ['a']);
    expect(box.pass(600_000)).toEqual(['610000: failure to f1: a1']);
  });

  it('gets everything else from those who come back, in whatever order (FW-8, FW-9, H5)', () => {
    const first = after();
    expect(first.do(back)).toEqual(['a1: registered']);
    expect(frameworks(first.state)).toMatchObject([{ id: 'f1', state: 'recovered' }]);
    expect(first.framework('f1', ['a'])).toEqual(['subscribed f1 over c-f1', 'offers to f1: m.1-O0 a1 as a cpus:3']);

    const second = after();
    expect(second.framework('f1', ['a'])).toEqual(['subscribed f1 over c-f1']);
    expect(second.do(back)).toEqual(['a1: registered', 'offers to f1: m.1-O0 a1 as a cpus:3']);
    for (const box of [first, second]) {
      expect(tasks(box.state)).toMatchObject([{ id: 't1', state: 'running', holds: true }]);
      expect(nextDeadline(box.state)).toBeUndefined();
    }
  });

  it('makes ids that never meet those of the one before', () => {
    const box = after();
    expect(box.do({ type: 'subscribe', connection: 'c', roles: ['a'] })).toEqual(['subscribed m.1-0000 over c']);
    expect(box.do({ type: 'register', resources: '' })).toEqual(['m.1-S0: registered']);
    const third = new Cluster(recoverCluster(registryOf(box.state), mesosDefaults));
    expect(third.do({ type: 'subscribe', connection: 'c', roles: ['a'] })).toEqual(['subscribed m.2-0000 over c']);
  });

  it('keeps weights', () => {
    expect(roles(after().state)).toMatchObject([{ role: 'b', weight: 2.5 }]);
  });

  it('refuses an agent that comes back from another host (AG-9)', () => {
    expect(after().do({ ...back, hostname: 'h9' })).toEqual(['a1: refused, hostname-changed, shut down']);
  });

  it('may be told by the operator that one will not come back', () => {
    const box = after();
    expect(box.send({ type: 'mark-unreachable', agent: 'a1' })).toEqual([]);
    expect(stats(box.state)).toMatchObject({ recoveredAgents: 0, unreachableAgents: 2 });
    expect(nextDeadline(box.state)).toBeUndefined();
  });

  it('forgets who was to come back when a new agent takes its id', () => {
    const box = after();
    box.agent('a1', 'cpus:1', { hostname: 'other' });
    expect(stats(box.state)).toMatchObject({ agents: 1, recoveredAgents: 0 });
  });
});
