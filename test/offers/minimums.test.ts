import { describe, expect, it } from 'vitest';
import { noQuantities, quantities, resources } from '../../src/resources/index.js';
import { allocator } from './harness.js';

describe('what is worth offering (ALLOC-6)', () => {
  it.each([
    ['cpus:0.01', true],
    ['cpus:0.009', false],
    ['mem:32', true],
    ['mem:31.999', false],
    ['cpus:0.009;mem:31.999;disk:1000', false],
    ['ports:[31000-32000]', false],
    ['cpus(a):0.005;cpus:0.005', true],
  ])('by default a hundredth of a cpu or 32 MB: %s', (total, offered) => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', total);
    expect(box.run().length > 0).toBe(offered);
  });

  it('is all names of one set together', () => {
    const box = allocator({ minAllocatable: [quantities('cpus:1;mem:64'), quantities('gpus:1')] });
    box.framework('f1', ['a'], { capabilities: ['multi-role', 'gpu-resources'] });
    box.agent('a1', 'cpus:8');
    expect(box.run()).toEqual([]);
    box.send({ type: 'update-agent', agent: 'a1', total: resources('cpus:1;mem:64') });
    expect(box.run()).toHaveLength(1);
    box.agent('a2', 'gpus:1');
    expect(box.run()).toHaveLength(1);
  });

  it('counts the members of a set and the numbers of a range (QTY-3)', () => {
    const box = allocator({ minAllocatable: [quantities('ports:3'), quantities('zones:2')] });
    box.framework('f1', ['a']);
    box.agent('a1', 'ports:[1-2]');
    box.agent('a2', 'ports:[1-2, 9-9]');
    box.agent('a3', 'zones:{x}');
    box.agent('a4', 'zones:{x, y}');
    expect(
      box
        .run()
        .map((grant) => grant.slice(3, 5))
        .sort(),
    ).toEqual(['a2', 'a4']);
  });

  it('without any set is everything but nothing', () => {
    const box = allocator({ minAllocatable: [] });
    box.framework('f1', ['a']);
    box.agent('a1', 'ports:[80-80]');
    box.agent('a2', '');
    expect(box.run()).toEqual(['f1 a1 as a ports:[80-80]']);
  });

  it('is what a framework says of a role, in that role alone', () => {
    const box = allocator();
    const minAllocatable = [{ role: 'a', minAllocatable: [quantities('cpus:4')] }];
    box.framework('f1', ['a', 'b'], { minAllocatable });
    box.agent('a1', 'cpus:3;mem:512');
    expect(box.run()).toEqual(['f1 a1 as b cpus:3; mem:512']);
    box.agent('a2', 'cpus:4');
    expect(box.run()).toEqual(['f1 a2 as a cpus:4']);
  });

  it('is anything when a framework gives an empty list, or an empty quantity', () => {
    const box = allocator();
    box.framework('f1', ['a'], { minAllocatable: [{ role: 'a', minAllocatable: [] }] });
    box.agent('a1', 'cpus:0.001');
    expect(box.run()).toEqual(['f1 a1 as a cpus:0.001']);
    box.send({ type: 'remove-framework', framework: 'f1' });
    box.framework('f2', ['a'], { minAllocatable: [{ role: 'a', minAllocatable: [noQuantities] }] });
    expect(box.run()).toEqual(['f2 a1 as a cpus:0.001']);
  });

  it('skips one framework, not the ones after it', () => {
    const box = allocator();
    box.framework('f1', ['a'], { minAllocatable: [{ role: 'a', minAllocatable: [quantities('cpus:4')] }] });
    box.framework('f2', ['a']);
    box.agent('a1', 'cpus:2');
    expect(box.run()).toEqual(['f2 a1 as a cpus:2']);
  });
});
