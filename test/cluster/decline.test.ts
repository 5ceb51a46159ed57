import { describe, expect, it } from 'vitest';
import { offers } from '../../src/cluster/index.js';
import { cluster } from './harness.js';

describe('DECLINE (DECL-1)', () => {
  it('hides each offer for the time it says, 5 s if it says none (FILT-2)', () => {
    const box = cluster();
    box.agent('a1', 'cpus:1');
    box.framework('f1', ['a']);
    box.decline('f1', ['m-O0']);
    expect(box.pass(5_000)).toEqual(['5000: offers to f1: m-O1 a1 as a cpus:1']);
    box.decline('f1', ['m-O1'], 2);
    expect(box.pass(2_000)).toEqual(['7000: offers to f1: m-O2 a1 as a cpus:1']);
    box.decline('f1', ['m-O2'], 0);
    expect(box.pass(1_000)).toEqual(['8000: offers to f1: m-O3 a1 as a cpus:1']);
  });

  it('takes several at once, and passes over what it may not have', () => {
    const box = cluster();
    for (const id of ['a1', 'a2']) box.send({ type: 'register', agent: id, resources: 'cpus:1' });
    box.framework('f1', ['a']);
    box.agent('a3', 'cpus:1');
    box.framework('f2', ['b']);
    expect(box.decline('f2', ['m-O0', 'nothing', '__proto__', ''])).toEqual([]);
    expect(offers(box.state)).toHaveLength(3);
    expect(box.decline('f1', ['m-O0', 'm-O0', 'm-O9', 'm-O1'], 60)).toEqual([]);
    expect(offers(box.state)).toHaveLength(1);
    // They go to whoever did not refuse them.
    expect(box.pass(1_000)[0]).toMatch(/^1000: offers to f2: .*\| /);
  });

  it('of a great many ids that name nothing takes no time to speak of', () => {
    const box = cluster();
    box.framework('f1', ['a']);
    const ids = Array.from({ length: 100_000 }, (_, n) => `m-O${n}`);
    expect(box.decline('f1', ids)).toEqual([]);
  });
});
