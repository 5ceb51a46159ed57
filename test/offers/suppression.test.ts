import { describe, expect, it } from 'vitest';
import { allocator } from './harness.js';

describe('suppression (SUPP-1 … 4)', () => {
  it('stops offers in the named roles, in all when none is named', () => {
    const box = allocator();
    box.framework('f1', ['a', 'b']);
    box.send({ type: 'suppress', framework: 'f1', roles: ['a'] });
    box.agent('a1', 'cpus:4');
    expect(box.run()).toEqual(['f1 a1 as b cpus:4']);
    box.send({ type: 'suppress', framework: 'f1', roles: [] });
    box.recover('f1', 'a1', 'b', 'cpus:4');
    expect(box.pass(10_000)).toEqual([]);
  });

  it('is idempotent, and ends in the roles that are named alone', () => {
    const box = allocator();
    box.framework('f1', ['a', 'b']);
    box.send({ type: 'suppress', framework: 'f1', roles: [] });
    box.send({ type: 'suppress', framework: 'f1', roles: ['b'] });
    box.agent('a1', 'cpus:4');
    expect(box.run()).toEqual([]);
    box.send({ type: 'unsuppress', framework: 'f1', roles: ['b'] });
    expect(box.run()).toEqual(['f1 a1 as b cpus:4']);
    expect(box.state.frameworks.get('f1')?.suppressed).toEqual(['a']);
  });

  it('ends with REVIVE, which runs for all agents at once (SUPP-2)', () => {
    const box = allocator();
    box.framework('f1', ['a'], { suppressedRoles: ['a'] });
    box.agent('a1', 'cpus:4');
    expect(box.run()).toEqual([]);
    box.send({ type: 'revive', framework: 'f1', roles: [] });
    expect(box.run()).toEqual(['f1 a1 as a cpus:4']);
  });

  it('survives that the framework goes away and comes back (SUPP-3)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a'], { suppressedRoles: ['a'] });
    box.send({ type: 'deactivate-framework', framework: 'f1' });
    box.send({ type: 'activate-framework', framework: 'f1' });
    expect(box.run()).toEqual([]);
  });

  it('is replaced by what an update says (SUPP-3)', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a', 'b'], { suppressedRoles: ['a', 'b'] });
    expect(box.run()).toEqual([]);
    box.send({ type: 'update-framework', framework: 'f1', roles: ['a', 'b'], suppressedRoles: ['a'] });
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as b cpus:4']);
  });

  it('takes a framework out of the order, and leaves what it holds in the share of its role (SUPP-4)', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4');
    box.agent('a2', 'cpus:4');
    box.run();
    box.send({ type: 'suppress', framework: 'f1', roles: [] });
    box.framework('f2', ['a']);
    box.framework('f3', ['b']);
    box.agent('a3', 'cpus:4');
    // a holds 8 of 12 cpus although nobody who holds them takes part: b comes first.
    expect(box.shares()).toEqual({ a: 0.667, b: 0 });
    expect(box.run()).toEqual(['f3 a3 as b cpus:4']);
  });

  it('of a role that the framework is not in changes nothing', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:4');
    box.send({ type: 'suppress', framework: 'f1', roles: ['b'] });
    expect(box.run()).toEqual(['f1 a1 as a cpus:4']);
  });
});
