import { describe, expect, it } from 'vitest';
import { resources } from '../../src/resources/index.js';
import type { AgentCapability, FrameworkCapability } from '../../src/tasks/index.js';
import { allocator } from './harness.js';

/** What a framework with these capabilities is offered of one agent, in words. */
function offered(
  framework: readonly FrameworkCapability[],
  total: Parameters<typeof resources>[0],
  agent: readonly AgentCapability[] = ['multi-role', 'hierarchical-role'],
  role = 'a',
): readonly string[] {
  const box = allocator({ minAllocatable: [] });
  box.framework('f1', [role], { capabilities: framework });
  box.send({ type: 'add-agent', agent: 'a1', total: resources(total), capabilities: agent });
  return box.run().map((grant) => grant.slice(`f1 a1 as ${role} `.length));
}

describe('capabilities (ALLOC-5, ALLOC-7)', () => {
  it('agents with gpus are kept for frameworks that use them', () => {
    expect(offered(['multi-role'], 'cpus:1;gpus:1')).toEqual([]);
    expect(offered(['multi-role', 'gpu-resources'], 'cpus:1;gpus:1')).toEqual(['cpus:1; gpus:1']);
    expect(offered(['multi-role', 'gpu-resources'], 'cpus:1')).toEqual(['cpus:1']);
  });

  it('also when all gpus are in use, and unless the cluster does not want it so', () => {
    for (const filterGpus of [true, false]) {
      const box = allocator({ filterGpus });
      box.framework('f1', ['a']);
      const used = [{ framework: 'f9', role: 'a', resources: resources('gpus:1') }];
      box.agent('a1', 'cpus:1;gpus:1', { used });
      expect(box.run()).toEqual(filterGpus ? [] : ['f1 a1 as a cpus:1']);
    }
  });

  it('an agent that does not know several roles is not for a framework that has them', () => {
    expect(offered(['multi-role'], 'cpus:1', ['hierarchical-role'])).toEqual([]);
    expect(offered([], 'cpus:1', [])).toEqual(['cpus:1']);
  });

  it('an agent that does not know nested roles is not for them', () => {
    expect(offered(['multi-role'], 'cpus:1', ['multi-role'], 'a/b')).toEqual([]);
    expect(offered(['multi-role'], 'cpus:1', ['multi-role'], 'a')).toEqual(['cpus:1']);
  });

  it('revocable resources are left out for whoever does not know them', () => {
    const total = ['cpus:1', { name: 'cpus', value: 2, revocable: true }] as const;
    expect(offered(['multi-role'], total)).toEqual(['cpus:1']);
    expect(offered(['multi-role', 'revocable-resources'], total)).toEqual(['cpus:1; cpus{REV}:2']);
    expect(offered(['multi-role'], total[1])).toEqual([]);
  });

  it('refined reservations are left out for whoever does not know them', () => {
    const reservations = [
      { type: 'static', role: 'a' },
      { type: 'dynamic', role: 'a/b' },
    ] as const;
    const total = ['cpus(a):1', { name: 'cpus', value: 2, reservations }] as const;
    expect(offered(['multi-role'], total, undefined, 'a/b')).toEqual(['cpus(reservations: [(STATIC,a)]):1']);
    expect(offered(['multi-role', 'reservation-refinement'], total, undefined, 'a/b')).toHaveLength(1);
  });

  it('what is left must still be worth offering', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    const total = resources(['ports:[1-9]', { name: 'cpus', value: 2, revocable: true }]);
    box.send({ type: 'add-agent', agent: 'a1', total });
    expect(box.run()).toEqual([]);
  });
});

describe('regions (DOM-2)', () => {
  const here = { region: 'north', zone: 'n1' };
  const there = { region: 'south', zone: 's1' };

  it('agents of another region are for frameworks that know regions', () => {
    const box = allocator({ domain: here });
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:1', { domain: here });
    box.agent('a2', 'cpus:1', { domain: { region: 'north', zone: 'n2' } });
    box.agent('a3', 'cpus:1', { domain: there });
    box.agent('a4', 'cpus:1');
    expect(
      box
        .run()
        .map((grant) => grant.slice(3, 5))
        .sort(),
    ).toEqual(['a1', 'a2', 'a4']);
    box.framework('f2', ['a'], { capabilities: ['multi-role', 'region-aware'] });
    expect(box.run()).toEqual(['f2 a3 as a cpus:1']);
  });

  it('a master that stands nowhere has no remote agents', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:1', { domain: there });
    expect(box.run()).toHaveLength(1);
  });
});
