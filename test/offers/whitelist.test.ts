import { describe, expect, it } from 'vitest';
import { allocator } from './harness.js';

describe('the whitelist of hosts (ALLOC-2)', () => {
  it('names hosts, not agents; null = all, empty = none', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.send({ type: 'set-whitelist', hosts: ['node-1'] });
    box.agent('a1', 'cpus:1', { hostname: 'node-1' });
    box.agent('a2', 'cpus:1', { hostname: 'node-2' });
    box.agent('node-1x', 'cpus:1');
    expect(box.run()).toEqual(['f1 a1 as a cpus:1']);
    box.send({ type: 'set-whitelist', hosts: [] });
    expect(box.pass(1_000)).toEqual([]);
    box.send({ type: 'set-whitelist', hosts: null });
    // Not at once: it is no event that asks for a run (ALLOC-1).
    expect(box.run()).toEqual([]);
    expect(box.pass(1_000)).toHaveLength(2);
  });

  it('takes nothing back that is held already', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:1');
    box.run();
    box.send({ type: 'set-whitelist', hosts: [] });
    expect(box.shares()).toEqual({ a: 1 });
  });

  it('may hold names that objects would trip over', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.send({ type: 'set-whitelist', hosts: ['__proto__', 'constructor'] });
    box.agent('a1', 'cpus:1', { hostname: 'toString' });
    box.agent('a2', 'cpus:1', { hostname: '__proto__' });
    expect(box.run()).toEqual(['f1 a2 as a cpus:1']);
  });
});
