import { describe, expect, it } from 'vitest';
import { nextRun } from '../../src/offers/index.js';
import { limits, quantities } from '../../src/resources/index.js';
import { allocator } from './harness.js';

describe('a bound on unanswered offers, where the host counts them', () => {
  it('holds within a run and for what the host says is out', () => {
    const box = allocator({ maxOffersPerFramework: 2 });
    for (const id of ['a1', 'a2', 'a3', 'a4']) box.agent(id, 'cpus:1');
    box.framework('f1', ['a']);
    const first = box.run();
    expect(first).toHaveLength(2);
    box.send({ type: 'set-offers-out', framework: 'f1', offers: 2 });
    expect(box.run('all')).toEqual([]);
    expect(nextRun(box.state)).toBeUndefined();
    // Both were accepted whole: nothing came back, yet there is room.
    box.send({ type: 'set-offers-out', framework: 'f1', offers: 1 });
    expect(box.pass(1_000)).toHaveLength(1);
    box.send({ type: 'set-offers-out', framework: 'f1', offers: 2 });
    box.send({ type: 'set-offers-out', framework: 'f1', offers: 1 });
    expect(box.pass(1_000)).toHaveLength(1);
  });

  it('that a run met has the next one look at all agents, whoever wants it', () => {
    const box = allocator({ maxOffersPerFramework: 1 });
    for (const id of ['a1', 'a2']) box.agent(id, 'cpus:1');
    box.framework('f1', ['a']);
    const [first = ''] = box.run('all');
    const other = first.includes('a1') ? 'a2' : 'a1';
    box.giveBack([first], 3_600);
    expect(box.pass(1_000)).toEqual([`1000: f1 ${other} as a cpus:1`]);
  });

  it('lets what is given by shares into the offer that a guarantee began', () => {
    const box = allocator({ maxOffersPerFramework: 1 });
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    const [guarantees, ceiling] = [quantities('cpus:1'), limits('cpus:4')];
    box.send({ type: 'set-quota', role: 'a', quota: { guarantees, limits: ceiling } });
    expect(box.run('all')).toEqual(['f1 a1 as a cpus:4']);
  });

  it('asks for nothing when there is no bound, or still no room', () => {
    const box = allocator();
    box.framework('f1', ['a']);
    box.run();
    box.send({ type: 'set-offers-out', framework: 'f1', offers: 9 });
    box.send({ type: 'set-offers-out', framework: 'f1', offers: 0 });
    expect(nextRun(box.state)).toBeUndefined();
    const bounded = allocator({ maxOffersPerFramework: 2 });
    bounded.framework('f1', ['a']);
    bounded.run();
    bounded.send({ type: 'set-offers-out', framework: 'f1', offers: 9 });
    bounded.send({ type: 'set-offers-out', framework: 'f1', offers: 2 });
    expect(nextRun(bounded.state)).toBeUndefined();
  });

  it('is no number of offers that is not one', () => {
    const box = allocator();
    for (const offers of [-1, 0.5, NaN]) {
      expect(() => box.send({ type: 'set-offers-out', framework: 'f1', offers })).toThrow(
        expect.objectContaining({ code: 'bad-number', path: 'offers' }),
      );
    }
    expect(box.send({ type: 'set-offers-out', framework: 'nobody', offers: 1 })).toEqual([]);
  });
});
