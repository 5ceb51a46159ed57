import { describe, expect, it } from 'vitest';
import {
  agents,
  frameworks,
  nextDeadline,
  offers,
  recoverCluster,
  registryOf,
  stats,
} from '../../src/cluster/index.js';
import { Cluster, cluster, task } from './harness.js';

describe('a cluster in which nothing happens', () => {
  it('has nothing to do, ever', () => {
    const box = cluster();
    expect(nextDeadline(box.state)).toBeUndefined();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.launch('f1', 'a1', [task('t1', 'cpus:4')]);
    expect(nextDeadline(box.state)).toBeUndefined();
    const runs = stats(box.state).runs;
    box.pass(365 * 24 * 3_600_000);
    expect(stats(box.state).runs).toBe(runs);
  });

  it('has nothing to do while everybody has refused everything for a day', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.declineAll('f1', 24 * 3_600);
    box.pass(1_000);
    expect(nextDeadline(box.state)).toBe(24 * 3_600_000);
  });

  it('stays idle when nobody is there to take what is free', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { suppressedRoles: ['a'] });
    expect(nextDeadline(box.state)).toBeUndefined();
  });
});

describe('things that fall due', () => {
  it('at one instant come in the order batch, offers, failovers, agents, then by id', () => {
    const box = cluster({ offerTimeoutMs: 10_000, maxMissedHeartbeats: 1, unansweredFilterMs: null });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    for (const id of ['z', 'y']) {
      box.framework(id, ['b'], { failoverTimeoutMs: 10_000, suppressedRoles: ['b'] });
      box.send({ type: 'framework-disconnected', framework: id });
    }
    for (const id of ['a3', 'a2']) box.send({ type: 'register', agent: id, resources: '', heartbeatMs: 10_000 });
    box.run();
    box.now = 10_000;
    // All in one input: first the batch asks for its run, then the rest in order.
    expect(box.send({ type: 'tick' })).toEqual(['rescind from f1: m-O0', 'failure to f1: a2', 'failure to f1: a3']);
    expect(stats(box.state).completedFrameworks.map(({ id }) => id)).toEqual(['y', 'z']);
    expect(agents(box.state).map(({ id }) => id)).toEqual(['a1']);
  });

  it('late happen all the same, each at its own instant', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { failoverTimeoutMs: 5_000 });
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    box.now = 60_000;
    box.send({ type: 'tick' });
    expect(stats(box.state).completedFrameworks).toEqual([{ id: 'f1', name: '', removedAt: 5_000 }]);
  });

  it('whose cause is gone are not announced', () => {
    const box = cluster({ offerTimeoutMs: 10_000 });
    box.agent('a1', 'cpus:4', { heartbeatMs: 1_000 });
    box.framework('f1', ['a']);
    box.launch('f1', 'a1', [task('t1', 'cpus:4')]);
    expect(nextDeadline(box.state)).toBe(5_000);
    box.send({ type: 'unregister', agent: 'a1' });
    box.pass(1_000);
    expect(nextDeadline(box.state)).toBeUndefined();
  });
});

describe('a clock that goes back', () => {
  it('stands still, and is counted', () => {
    const box = cluster();
    box.pass(10_000);
    box.now = 4_000;
    box.agent('a1', 'cpus:4');
    expect(agents(box.state)).toMatchObject([{ registeredAt: 10_000 }]);
    expect(stats(box.state)).toMatchObject({ now: 10_000, counters: { clockBackwards: 2 } });
  });
});

describe('a process that slept (stallMs)', () => {
  const stalling = (): Cluster => {
    const box = cluster({ stallMs: 5_000, offerTimeoutMs: 300_000, unansweredFilterMs: 5_000 });
    box.agent('a1', 'cpus:4', { heartbeatMs: 1_000 });
    box.framework('f1', ['a']);
    box.pass(500);
    return box;
  };

  it('blames neither agents nor frameworks for the time of its sleep', () => {
    const box = stalling();
    box.now = 3_600_000;
    expect(box.send({ type: 'tick' })).toEqual([]);
    expect(agents(box.state)).toHaveLength(1);
    expect(offers(box.state)).toHaveLength(1);
    expect(stats(box.state)).toMatchObject({ stalledMs: 3_599_500, counters: { stalls: 1 } });
  });

  it('then gives everybody what was left of their time', () => {
    const box = stalling();
    box.now = 3_600_000;
    box.send({ type: 'tick' });
    // 500 of 5000 ms were over when it fell asleep.
    expect(nextDeadline(box.state)).toBe(3_604_500);
    expect(box.pass(4_499)).toEqual([]);
    expect(box.pass(1)).toEqual(['3604500: rescind from f1: m-O0', '3604500: failure to f1: a1']);
  });

  it('did not sleep when it is late by no more than that', () => {
    const box = stalling();
    box.now = 10_000;
    expect(box.send({ type: 'tick' })).toContain('failure to f1: a1');
    expect(stats(box.state)).toMatchObject({ stalledMs: 0, counters: { stalls: 0 } });
  });

  it('and hears a heartbeat then, goes on as before', () => {
    const box = stalling();
    box.now = 3_600_000;
    box.send({ type: 'heartbeat', agent: 'a1' });
    expect(box.pass(4_999)).toEqual([]);
    expect(box.pass(1)).toContain('3605000: failure to f1: a1');
  });

  it('gives agents and frameworks that were away the rest of their time to come back (AG-3, FW-6)', () => {
    const box = cluster({ stallMs: 5_000, agentReregisterTimeoutMs: 600_000 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { failoverTimeoutMs: 60_000 });
    box.send({ type: 'agent-disconnected', agent: 'a1' });
    box.send({ type: 'framework-disconnected', framework: 'f1' });
    box.now = 3_600_000;
    expect(box.do({ type: 'reregister', agent: 'a1', resources: 'cpus:4' })).toEqual(['a1: registered']);
    expect(nextDeadline(box.state)).toBe(3_660_000);
  });

  it('and took over from another has as long left to wait for its agents (AG-8, ALLOC-18)', () => {
    const lost = cluster();
    for (const agent of ['a1', 'a2', 'a3']) lost.agent(agent, 'cpus:4');
    lost.send({ type: 'set-quota', quotas: [{ role: 'a', guarantees: { cpus: 1 } }] });
    const box = new Cluster(recoverCluster(registryOf(lost.state), { stallMs: 5_000 }, 1_000));
    box.now = 3_600_000;
    box.agent('a1', 'cpus:4');
    expect(stats(box.state)).toMatchObject({ recoveredAgents: 2, unreachableAgents: 0 });
    expect(box.state.allocator.awaiting).toEqual({ agents: 2, until: 4_199_000 + 1_000 });
  });

  it('is no excuse under Mesos defaults', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4', { heartbeatMs: 1_000 });
    box.now = 3_600_000;
    box.send({ type: 'tick' });
    expect(agents(box.state)).toEqual([]);
  });
});

describe('when runs happen (ALLOC-1)', () => {
  it('an event asks, `allocate` performs, and asking many times is asking once', () => {
    const box = cluster();
    box.send({ type: 'subscribe', framework: 'f1', connection: 'c-f1', roles: ['a'] });
    for (const id of ['a1', 'a2', 'a3']) box.send({ type: 'register', agent: id, resources: 'cpus:1' });
    expect(nextDeadline(box.state)).toBe(0);
    expect(offers(box.state)).toEqual([]);
    expect(box.run()).toHaveLength(1);
    expect(stats(box.state).runs).toBe(1);
    expect(nextDeadline(box.state)).toBeUndefined();
    expect(box.run()).toEqual([]);
    expect(stats(box.state).runs).toBe(1);
  });

  it('a task that ends frees its resources for the next batch, not for now', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.runs('f1', 'a1', task('t1', 'cpus:4'));
    box.pass(300);
    box.status('a1', 'f1', 't1', 'finished');
    expect(nextDeadline(box.state)).toBe(1_000);
    expect(box.pass(700)).toEqual(['1000: offers to f1: m-O1 a1 as a cpus:4']);
  });

  it('`allocate` of all runs although nobody asked', () => {
    const box = cluster();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.declineAll('f1', 0);
    expect(box.run()).toEqual([]);
    expect(box.run('all')).toEqual(['offers to f1: m-O1 a1 as a cpus:4']);
  });

  it('a policy that fails is told to the host, and asked again in the next batch', () => {
    const box = cluster({}, { name: 'mine', rank: () => NaN });
    box.agent('a1', 'cpus:4');
    expect(box.framework('f1', ['a'])).toEqual(['subscribed f1 over c-f1', 'policy mine failed: bad-rank']);
    expect(nextDeadline(box.state)).toBe(1_000);
    box.policy = undefined;
    expect(box.pass(1_000)).toEqual(['1000: offers to f1: m-O0 a1 as a cpus:4']);
  });

  it('a batch of inputs is the same as one by one, in one commit', () => {
    const inputs = [
      { type: 'register', at: 5, agent: 'a1', resources: 'cpus:1' },
      { type: 'subscribe', at: 7, framework: 'f1', connection: 'c-f1', roles: ['a'] },
      { type: 'allocate', at: 7 },
    ] as const;
    const one = cluster();
    const said = inputs.flatMap((input) => {
      one.now = input.at;
      return one.send(input);
    });
    const together = cluster();
    expect(together.send({ type: 'batch', inputs })).toEqual(said);
    expect(together.state.now).toBe(7);
    expect(frameworks(together.state)).toEqual(frameworks(one.state));
    expect(together.state.seq).toBe(one.state.seq);
  });

  it.each([0.5, NaN, Infinity, -Infinity, 2 ** 53])('%d is no time', (at) => {
    const box = cluster();
    box.now = at;
    expect(() => box.send({ type: 'tick' })).toThrow(expect.objectContaining({ code: 'bad-time', path: 'at' }));
  });
});
