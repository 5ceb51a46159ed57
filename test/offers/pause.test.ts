import { describe, expect, it } from 'vitest';
import { nextRun } from '../../src/offers/index.js';
import { allocator } from './harness.js';

describe('a paused allocator (ALLOC-19)', () => {
  it('drops requests for runs, it does not keep them', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.send({ type: 'pause' });
    box.agent('a1', 'cpus:1');
    expect(nextRun(box.state)).toBeUndefined();
    expect(box.run()).toEqual([]);
    expect(box.run('all')).toEqual([]);
    expect(box.pass(60_000)).toEqual([]);
    box.send({ type: 'resume' });
    expect(box.run()).toEqual([]);
    // What happened meanwhile is looked at in the next batch.
    expect(box.pass(1_000)).toEqual(['61000: f1 a1 as a cpus:1']);
  });

  it('drops what was asked for before', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:1');
    box.send({ type: 'pause' });
    box.send({ type: 'resume' });
    expect(box.run()).toEqual([]);
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as a cpus:1']);
  });

  it('takes everything in and back as usual', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.agent('a1', 'cpus:2');
    box.run();
    box.send({ type: 'pause' });
    box.recover('f1', 'a1', 'a', 'cpus:2');
    expect(box.shares()).toEqual({ a: 0 });
    expect(box.state.runs).toBe(1);
  });

  it('is not resumed by a second resume, nor paused twice', () => {
    const box = allocator();
    box.send({ type: 'resume' });
    expect(nextRun(box.state)).toBeUndefined();
    box.send({ type: 'pause' });
    box.send({ type: 'pause' });
    box.send({ type: 'resume' });
    expect(box.state.paused).toBe(false);
  });
});
