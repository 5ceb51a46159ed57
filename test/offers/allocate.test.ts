import { describe, expect, it } from 'vitest';
import { attributes, resources } from '../../src/resources/index.js';
import { allocator } from './harness.js';

describe('one run', () => {
  it('gives everything on an agent to the first framework of the first role (ALLOC-4)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4;mem:1024;ports:[31000-31009]');
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    // Both shares are 0, both counts are 0: the path decides.
    expect(box.run()).toEqual(['f1 a1 as a cpus:4; mem:1024; ports:[31000-31009]']);
  });

  it('sees new shares at the next agent of the same run (ALLOC-4)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    box.framework('f3', ['b']);
    for (const id of ['a1', 'a2', 'a3', 'a4']) box.agent(id, 'cpus:4;mem:1024');
    const grants = box.run();
    // a 1/4, b 1/4, a 2/4, b 2/4; within b the one with the smaller share comes first.
    expect(grants.map((grant) => grant.slice(0, 2))).toEqual(['f1', 'f2', 'f1', 'f3']);
    expect(box.shares()).toEqual({ a: 0.5, b: 0.5 });
  });

  it('goes on down the order with what the first one may not have (ALLOC-4, ALLOC-5)', () => {
    const box = allocator();
    box.agent('a1', 'cpus(b):1;cpus:2;mem:512');
    box.framework('f1', ['a']);
    box.framework('f2', ['b']);
    expect(box.run()).toEqual(['f1 a1 as a cpus:2; mem:512', 'f2 a1 as b cpus(reservations: [(STATIC,b)]):1']);
  });

  it('gives a nested role what is reserved to its ancestors, never the other way round (RES-21)', () => {
    const box = allocator();
    box.agent('a1', 'cpus(a):1;cpus(a/b):2');
    box.framework('f1', ['a']);
    box.framework('f2', ['a/b']);
    // `a` holds its own in the leaf `a/.`, which comes before `a/b`.
    expect(box.run()).toEqual([
      'f1 a1 as a cpus(reservations: [(STATIC,a)]):1',
      'f2 a1 as a/b cpus(reservations: [(STATIC,a/b)]):2',
    ]);
    box.send({ type: 'remove-framework', framework: 'f1' });
    expect(box.run('all')).toEqual(['f2 a1 as a/b cpus(reservations: [(STATIC,a)]):1']);
  });

  it('grants nothing twice: what is offered counts as held until it comes back (ALLOC-8, ALLOC-9)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    expect(box.run()).toEqual(['f1 a1 as a cpus:4; mem:1024']);
    expect(box.run('all')).toEqual([]);
    box.recover('f1', 'a1', 'a', 'cpus:1');
    // A cpu alone is worth offering: one of the two minimums is enough (ALLOC-6).
    expect(box.run('all')).toEqual(['f1 a1 as a cpus:1']);
  });

  it('does what was asked for, and nothing when nothing was (ALLOC-1)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:1');
    box.agent('a2', 'cpus:1');
    expect(box.run()).toHaveLength(2);
    expect(box.run()).toEqual([]);
    expect(box.state.runs).toBe(1);
  });

  it('visits agents in an order that depends on seed, run and id alone (ALLOC-3)', () => {
    const order = (seed: number, ids: readonly string[]): readonly string[] => {
      const box = allocator({ seed });
      box.framework('f1', ['a']);
      for (const id of ids) box.agent(id, 'cpus:1');
      return box.run().map((grant) => grant.split(' ')[1] ?? '');
    };
    const all = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'];
    expect(order(7, all)).toEqual(order(7, all.toReversed()));
    expect(order(7, all)).not.toEqual(order(8, all));
    // Fewer agents: the others keep their places.
    const few = all.filter((id) => id !== 'a3' && id !== 'a6');
    expect(order(7, few)).toEqual(order(7, all).filter((id) => few.includes(id)));
  });
});

describe('what is held', () => {
  it('comes back from whoever does not exist as nothing at all (ALLOC-11)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.run();
    const { agents, shares } = box.state;
    box.recover('f1', 'nobody', 'a', 'cpus:4');
    box.recover('nobody', 'a1', 'a', 'cpus:4');
    box.recover('f1', 'a1', 'b', 'cpus:4');
    expect(box.state.agents).toBe(agents);
    expect(box.state.shares).toBe(shares);
  });

  it('comes back at most once: more than is held invents nothing (ALLOC-11)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.run();
    box.recover('f1', 'a1', 'a', 'cpus:3');
    box.recover('f1', 'a1', 'a', 'cpus:3');
    expect(String(box.state.agents.get('a1')?.free)).toBe('cpus:4');
    expect(box.shares()).toEqual({ a: 0 });
  });

  it('may be more than there is when a machine shrinks: nothing is free, and nothing is negative (ALLOC-16)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4;mem:1024');
    box.framework('f1', ['a']);
    box.run();
    box.send({ type: 'update-agent', agent: 'a1', total: resources('cpus:1;mem:2048') });
    // 4 of 1 cpus are held, 1024 of 2048 MB.
    expect(box.shares()).toEqual({ a: 4 });
    expect(box.run()).toEqual(['f1 a1 as a mem:1024']);
    box.recover('f1', 'a1', 'a', 'cpus:3.5');
    expect(String(box.state.agents.get('a1')?.free)).toBe('cpus:0.5');
  });

  it('counts when its framework gets known later than the agent that reports it (ALLOC-17)', () => {
    const box = allocator();
    const used = [{ framework: 'f1', role: 'a', resources: resources('cpus:1;mem:256') }];
    box.agent('a1', 'cpus:4;mem:512', { used });
    box.framework('f2', ['b']);
    expect(box.run()).toEqual(['f2 a1 as b cpus:3; mem:256']);
    expect(box.shares()).toEqual({ b: 0.75 });

    box.framework('f1', ['a']);
    // f1: cpus 1/4, mem 256/512.
    expect(box.shares()).toEqual({ a: 0.5, b: 0.75 });
    box.recover('f1', 'a1', 'a', 'cpus:1;mem:256');
    expect(box.shares()).toEqual({ a: 0, b: 0.75 });
  });

  it('is forgotten with its agent, known framework or not (ALLOC-15)', () => {
    const box = allocator();
    const used = [
      { framework: 'f1', role: 'a', resources: resources('cpus:1') },
      { framework: 'f9', role: 'z', resources: resources('cpus:1') },
    ];
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4', { used });
    box.send({ type: 'remove-agent', agent: 'a1' });
    expect(box.shares()).toEqual({ a: 0 });
    expect(box.state.orphans.size).toBe(0);
    expect(box.state.total.names).toEqual([]);
    box.recover('f1', 'a1', 'a', 'cpus:1');
    expect(box.shares()).toEqual({ a: 0 });
    box.framework('f9', ['z']);
    expect(box.shares()).toEqual({ a: 0, z: 0 });
  });

  it('is free at once when its framework goes (ALLOC-14)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.agent('a2', 'cpus:4');
    box.framework('f1', ['a']);
    box.run();
    box.framework('f2', ['b']);
    expect(box.run()).toEqual([]);
    box.send({ type: 'remove-framework', framework: 'f1' });
    expect(box.shares()).toEqual({ b: 0 });
    // No run by itself: the next batch.
    expect(box.run()).toEqual([]);
    expect(box.pass(1_000)).toHaveLength(2);
    expect(box.shares()).toEqual({ b: 1 });
  });

  it('stays with a framework that is deactivated, and counts in its role (ALLOC-14, SUPP-4)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.agent('a2', 'cpus:4');
    box.framework('f1', ['a']);
    box.run();
    box.send({ type: 'deactivate-framework', framework: 'f1' });
    expect(box.shares()).toEqual({ a: 1 });
    box.recover('f1', 'a1', 'a', 'cpus:4');
    expect(box.pass(5_000)).toEqual([]);
    box.send({ type: 'activate-framework', framework: 'f1' });
    expect(box.run()).toEqual(['f1 a1 as a cpus:4']);
  });
});

describe('an agent', () => {
  it('that is deactivated is not offered and keeps what is held of it (ALLOC-2, ALLOC-15)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4');
    box.send({ type: 'deactivate-agent', agent: 'a1' });
    expect(box.run()).toEqual([]);
    box.send({ type: 'activate-agent', agent: 'a1' });
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as a cpus:4']);
    box.send({ type: 'deactivate-agent', agent: 'a1' });
    expect(box.shares()).toEqual({ a: 1 });
  });

  it('is offered again at once when anything changed, and not when nothing did (ALLOC-1, ALLOC-16)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4', { attributes: attributes('zone:x') });
    box.giveBack(box.run(), 3_600);
    box.send({ type: 'update-agent', agent: 'a1', total: resources('cpus:4'), attributes: attributes('zone:x') });
    expect(box.run()).toEqual([]);
    box.send({ type: 'update-agent', agent: 'a1', total: resources('cpus:5') });
    // More than what was refused: the filter does not hide it.
    expect(box.run()).toEqual(['f1 a1 as a cpus:5']);
  });

  it('of an id that is there already replaces the old one with all that was held of it', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4');
    box.run();
    box.agent('a1', 'cpus:2');
    expect(box.shares()).toEqual({ a: 0 });
    expect(box.run()).toEqual(['f1 a1 as a cpus:2']);
  });
});
