import { describe, expect, it } from 'vitest';
import { quantities } from '../../src/resources/index.js';
import { noLimits } from '../../src/resources/index.js';
import { reservedQuantities, roleFrameworks, roleNames } from '../../src/offers/index.js';
import { allocator } from './harness.js';

describe('which roles there are (ROLE-5)', () => {
  it('a role comes with its first framework, with its ancestors, and goes with its last', () => {
    const box = allocator();
    expect(roleNames(box.state)).toEqual([]);
    box.framework('f1', ['a/b/c']);
    box.framework('f2', ['a/b/c', '*']);
    expect(roleNames(box.state)).toEqual(['*', 'a', 'a/b', 'a/b/c']);
    box.send({ type: 'remove-framework', framework: 'f2' });
    expect(roleNames(box.state)).toEqual(['a', 'a/b', 'a/b/c']);
    box.send({ type: 'remove-framework', framework: 'f1' });
    expect(roleNames(box.state)).toEqual([]);
  });

  it('a reservation, a weight and a quota make one each, and take it with them', () => {
    const box = allocator();
    box.agent('a1', 'cpus(r/s):2;mem:64');
    box.send({ type: 'set-weight', role: 'w', weight: 2 });
    box.send({ type: 'set-quota', role: 'q', quota: { guarantees: quantities('cpus:1'), limits: noLimits } });
    expect(roleNames(box.state)).toEqual(['q', 'r', 'r/s', 'w']);
    expect(String(reservedQuantities(box.state, 'r'))).toBe('cpus:2');
    box.send({ type: 'remove-agent', agent: 'a1' });
    box.send({ type: 'set-weight', role: 'w', weight: 1 });
    box.send({ type: 'set-quota', role: 'q', quota: null });
    expect(roleNames(box.state)).toEqual([]);
  });

  it('a role that a framework left stays until nothing is held in it (ROLE-6)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a', 'b'], { suppressedRoles: ['b'] });
    box.run();
    box.send({ type: 'update-framework', framework: 'f1', roles: ['b'] });
    expect(roleFrameworks(box.state, 'a')).toEqual(['f1']);
    expect(box.shares()).toEqual({ a: 1, b: 0 });
    // It is not offered anything as `a` any more, not even what it holds.
    box.recover('f1', 'a1', 'a', 'cpus:1');
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as b cpus:1']);
    box.recover('f1', 'a1', 'a', 'cpus:3');
    expect(roleNames(box.state)).toEqual(['b']);
  });
});

describe('frameworks with several roles (ROLE-3)', () => {
  it('are offered each agent for one role, the one with the smaller share', () => {
    const box = allocator();
    box.framework('f1', ['a', 'b']);
    for (const id of ['a1', 'a2', 'a3']) box.agent(id, 'cpus:1');
    const roles = box.run().map((grant) => grant.split(' ')[3]);
    // a 1/3, b 1/3, then both have one allocation: the path.
    expect(roles).toEqual(['a', 'b', 'a']);
  });

  it('with no role at all are offered nothing (ROLE-2)', () => {
    const box = allocator();
    box.framework('f1', []);
    box.agent('a1', 'cpus:1');
    expect(box.run()).toEqual([]);
  });

  it('share a role, and are ordered by what they hold in it alone (SORT-13)', () => {
    const box = allocator();
    box.framework('f1', ['a', 'b']);
    box.agent('a1', 'cpus:2');
    box.agent('a2', 'cpus:2');
    box.run();
    // f1 holds 2 cpus as `a` and 2 as `b`. f2 joins `b`, and comes before f1 there.
    box.framework('f2', ['b']);
    box.agent('a3', 'cpus:1');
    box.send({ type: 'suppress', framework: 'f1', roles: ['a'] });
    expect(box.run()).toEqual(['f2 a3 as b cpus:1']);
  });
});

describe('nested roles (SORT-5)', () => {
  it('siblings are ordered by the share of their whole subtree', () => {
    const box = allocator();
    box.framework('f1', ['eng/web']);
    box.framework('f2', ['eng/ads']);
    box.framework('f3', ['ops']);
    for (const id of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']) box.agent(id, 'cpus:1');
    const counts = new Map<string, number>();
    for (const grant of box.run()) {
      const role = grant.split(' ')[3] ?? '';
      counts.set(role, (counts.get(role) ?? 0) + 1);
    }
    // eng and ops get half each; eng's half is split between its two.
    expect(Object.fromEntries(counts)).toEqual({ ops: 3, 'eng/ads': 2, 'eng/web': 1 });
    expect(box.shares()).toEqual({ eng: 0.5, 'eng/ads': 0.333, 'eng/web': 0.167, ops: 0.5 });
  });

  it('a parent that is a client itself stands among its children (SORT-6)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.framework('f2', ['a/b']);
    box.agent('a1', 'cpus:1');
    box.agent('a2', 'cpus:1');
    expect(box.run().map((grant) => grant.split(' ')[3])).toEqual(['a', 'a/b']);
    expect(box.shares()).toEqual({ a: 1, 'a/b': 0.5 });
  });
});
