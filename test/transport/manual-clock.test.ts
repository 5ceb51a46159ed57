import { describe, expect, it } from 'vitest';
import { manualClock } from '../../src/transport/index.js';

describe('the manual clock', () => {
  it('stands still until it is told to go on', async () => {
    const clock = manualClock(100);
    expect(clock.now()).toBe(100);
    await clock.advance(50);
    expect(clock.now()).toBe(150);
  });

  it('runs what falls due in order, each thing at its own time', async () => {
    const clock = manualClock();
    const ran: [string, number][] = [];
    const note = (name: string) => () => ran.push([name, clock.now()]);
    clock.wake(30, note('c'));
    clock.wake(10, note('a'));
    clock.wake(10, note('b'));
    clock.wake(40, note('not yet'));
    await clock.advance(39);
    expect(ran).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 30],
    ]);
  });

  it('runs at its end what is due exactly then, and what lies in the past at once', async () => {
    const clock = manualClock(10);
    const ran: number[] = [];
    clock.wake(20, () => ran.push(clock.now()));
    clock.wake(3, () => ran.push(clock.now()));
    await clock.advance(10);
    expect(ran).toEqual([10, 20]);
  });

  it('lets promises settle at the time of the timer that they follow from', async () => {
    const clock = manualClock();
    const seen: number[] = [];
    const follow = async (): Promise<void> => {
      for (let step = 0; step < 100; step += 1) await Promise.resolve();
      seen.push(clock.now());
      clock.wake(clock.now() + 5, () => seen.push(clock.now()));
    };
    clock.wake(10, () => void follow());
    await clock.advance(100);
    expect(seen).toEqual([10, 15]);
  });

  it('does not run what was taken back, even by what runs at the same time', async () => {
    const clock = manualClock();
    const ran: string[] = [];
    clock.wake(10, () => {
      ran.push('first');
      cancel();
    });
    const cancel = clock.wake(10, () => ran.push('second'));
    await clock.advance(10);
    cancel();
    expect(ran).toEqual(['first']);
  });

  it('does one advance after the other', async () => {
    const clock = manualClock();
    const seen: number[] = [];
    clock.wake(5, () => seen.push(clock.now()));
    clock.wake(15, () => seen.push(clock.now()));
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect(seen).toEqual([5, 15]);
    expect(clock.now()).toBe(20);
  });

  it.each([-1, NaN, Infinity])('refuses to go on by %s ms', async (ms) => {
    await expect(manualClock().advance(ms)).rejects.toMatchObject({ code: 'bad-number', path: 'ms' });
  });

  it('goes on after something that it ran has thrown', async () => {
    const clock = manualClock();
    clock.wake(1, () => {
      throw new Error('mine');
    });
    await expect(clock.advance(5)).rejects.toThrow('mine');
    await clock.advance(5);
    expect(clock.now()).toBeGreaterThanOrEqual(5);
  });
});
