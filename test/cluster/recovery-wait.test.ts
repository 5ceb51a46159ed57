import { describe, expect, it } from 'vitest';
import {
  deserialize,
  explain,
  explainText,
  mesosDefaults,
  nextDeadline,
  recoverCluster,
  serialize,
  stats,
  type ConfigLike,
  type Registry,
} from '../../src/cluster/index.js';
import { Cluster } from './harness.js';

function registry(agents: number, more: Partial<Registry> = {}): Registry {
  return {
    version: 1,
    masterId: 'm',
    incarnation: 0,
    agents: Array.from({ length: agents }, (_, n) => ({ id: `a${n}`, hostname: `a${n}` })),
    unreachable: [],
    weights: [],
    quotas: [{ role: 'b', guarantees: 'cpus:1', limits: '' }],
    ...more,
  };
}

/** A new master, at 10 s, with a framework that waits for offers. */
function recovered(agents: number, more: Partial<Registry> = {}, config: ConfigLike = {}): Cluster {
  const box = new Cluster(recoverCluster(registry(agents, more), { ...mesosDefaults, ...config }, 10_000));
  box.framework('f1', ['a']);
  return box;
}

const offer = (number: number, agent: string): string => `m.1-O${number} ${agent} as a cpus:4`;

function comesBack(box: Cluster, ...agents: readonly string[]): readonly string[] {
  return agents.flatMap((agent) => box.do({ type: 'reregister', agent, resources: 'cpus:4' }));
}

describe('after the master was lost, with a quota (ALLOC-18)', () => {
  it('offers nothing until 0.8 of the expected agents are there', () => {
    const box = recovered(5);
    expect(stats(box.state).awaiting).toEqual({ agents: 4, until: 610_000 });
    expect(comesBack(box, 'a0', 'a1', 'a2')).toEqual(['a0: registered', 'a1: registered', 'a2: registered']);
    expect(box.pass(60_000)).toEqual([]);
    expect(box.run('all')).toEqual([]);
    // The agent that is enough asks for a run of itself like any other, the rest is for the next batch.
    expect(comesBack(box, 'a3')).toEqual(['a3: registered', `offers to f1: ${offer(0, 'a3')}`]);
    expect(stats(box.state).awaiting).toBeNull();
    const batch = box.pass(1_000);
    expect(batch).toHaveLength(1);
    // One cpu stays free for what b is guaranteed.
    expect(batch[0]?.match(/a\d as a cpus:\d/g)?.toSorted()).toEqual([
      'a0 as a cpus:4',
      'a1 as a cpus:4',
      'a2 as a cpus:3',
    ]);
  });

  it('counts agents that nobody expected, as they can not be told from the others', () => {
    const box = recovered(2);
    expect(box.agent('new', 'cpus:4')).toEqual(['new: registered', expect.stringContaining('offers to f1')]);
  });

  it('counts only whole agents', () => {
    expect(stats(recovered(4).state).awaiting?.agents).toBe(3);
    expect(stats(recovered(1).state).awaiting).toBeNull();
    expect(stats(recovered(0).state).awaiting).toBeNull();
  });

  it('ends after ten minutes, with the batch of that instant', () => {
    const box = recovered(5, {}, { agentReregisterTimeoutMs: 3_600_000 });
    comesBack(box, 'a0', 'a1');
    expect(nextDeadline(box.state)).toBe(610_000);
    expect(box.pass(599_999)).toEqual([]);
    expect(box.pass(1)).toEqual([`610000: offers to f1: ${offer(0, 'a0')} | m.1-O1 a1 as a cpus:3`]);
    expect(nextDeadline(box.state)).toBe(3_610_000);
  });

  it('ends between two batches, and the next one offers everything', () => {
    const box = recovered(5, {}, { recoveryWaitMs: 1_500, agentReregisterTimeoutMs: 3_600_000 });
    comesBack(box, 'a0');
    expect(nextDeadline(box.state)).toBe(11_500);
    expect(box.pass(1_500)).toEqual([]);
    expect(stats(box.state).awaiting).toBeNull();
    expect(nextDeadline(box.state)).toBe(12_000);
    expect(box.pass(500)).toEqual(['12000: offers to f1: m.1-O0 a0 as a cpus:3']);
  });

  it('ends at its own instant though nobody woke up then', () => {
    const box = recovered(5, {}, { agentReregisterTimeoutMs: 3_600_000 });
    comesBack(box, 'a0');
    box.now = 700_500;
    expect(box.do({ type: 'tick' })).toEqual(['offers to f1: m.1-O0 a0 as a cpus:3']);
    expect(nextDeadline(box.state)).toBe(3_610_000);
  });

  it('is not there without a quota, nor when nobody is to be waited for', () => {
    expect(comesBack(recovered(5, { quotas: [] }), 'a0')).toHaveLength(2);
    expect(comesBack(recovered(5, {}, { recoveryWaitMs: null }), 'a0')).toHaveLength(2);
    expect(comesBack(recovered(5, {}, { recoveryFraction: 0 }), 'a0')).toHaveLength(2);
    expect(comesBack(recovered(5, {}, { recoveryFraction: 1 }), 'a0', 'a1', 'a2', 'a3')).toHaveLength(4);
  });

  it('expects no unreachable agents', () => {
    const unreachable = ['u1', 'u2', 'u3', 'u4', 'u5'].map((id) => ({ id, since: 1 }));
    expect(stats(recovered(5, { unreachable }).state).awaiting?.agents).toBe(4);
  });

  it('goes on while the operator paused, and the other way round (ALLOC-19)', () => {
    const first = recovered(2);
    first.send({ type: 'pause' });
    first.send({ type: 'resume' });
    expect(first.pass(5_000)).toEqual([]);
    expect(comesBack(first, 'a0')).toEqual(['a0: registered', 'offers to f1: m.1-O0 a0 as a cpus:3']);

    const second = recovered(2);
    second.send({ type: 'pause' });
    expect(comesBack(second, 'a0', 'a1')).toEqual(['a0: registered', 'a1: registered']);
    expect(stats(second.state)).toMatchObject({ paused: true, awaiting: null });
    expect(second.pass(5_000)).toEqual([]);
    second.send({ type: 'resume' });
    expect(second.pass(1_000)).toHaveLength(1);
  });

  it('ends when the operator does not want to wait', () => {
    const box = recovered(5);
    comesBack(box, 'a0');
    box.send({ type: 'configure', config: { recoveryFraction: 0.1 } });
    expect(stats(box.state).awaiting).toEqual({ agents: 4, until: 610_000 });
    box.send({ type: 'configure', config: { recoveryWaitMs: null } });
    expect(box.pass(1_000)).toEqual(['11000: offers to f1: m.1-O0 a0 as a cpus:3']);
  });

  it('ends when nobody is left to wait for: the others will not come', () => {
    const box = recovered(5);
    comesBack(box, 'a0', 'a1');
    box.send({ type: 'mark-gone', agent: 'a2' });
    box.send({ type: 'mark-unreachable', agent: 'a3' });
    expect(stats(box.state).awaiting).toEqual({ agents: 4, until: 610_000 });
    box.send({ type: 'mark-gone', agent: 'a4' });
    expect(stats(box.state).awaiting).toBeNull();
    expect(box.pass(1_000)).toHaveLength(1);
  });

  it('is explained also while no agent is there at all', () => {
    const box = recovered(5);
    const why = explain(box.state, { framework: 'f1' });
    expect(why.awaiting).toEqual({ agents: 0, awaited: 4, until: 610_000 });
    expect(explainText(why)).toBe('The master waits for its agents: 0 of 4 are back, for another 10 min.');
  });

  it('is the same in a saved copy', () => {
    const box = recovered(5);
    comesBack(box, 'a0', 'a1', 'a2');
    const copy = new Cluster(deserialize(serialize(box.state)));
    expect([...serialize(copy.state)].join('')).toBe([...serialize(box.state)].join(''));
    expect(comesBack(copy, 'a3')).toEqual(comesBack(box, 'a3'));
    expect(copy.pass(1_000)).toEqual(box.pass(1_000));
  });

  it('is explained', () => {
    const box = recovered(5);
    comesBack(box, 'a0');
    const explanation = explain(box.state, { framework: 'f1' });
    expect(explanation.agents[0]?.reason).toEqual({ code: 'recovering', agents: 1, awaited: 4, until: 610_000 });
    expect(explainText(explanation)).toBe(
      'a0 as a: nothing is offered until 4 agents are back, 1 are, or for another 10 min.',
    );
    box.send({ type: 'pause' });
    expect(explain(box.state, { framework: 'f1' }).agents[0]?.reason).toEqual({ code: 'paused' });
  });

  it('counts those who are there: an agent that goes again is missed', () => {
    const box = recovered(4);
    comesBack(box, 'a0', 'a1');
    box.send({ type: 'unregister', agent: 'a0' });
    expect(comesBack(box, 'a2')).toEqual(['a2: registered']);
    expect(comesBack(box, 'a3')).toHaveLength(2);
  });
});
