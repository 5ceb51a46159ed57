/** What a run knows of clients by number: whose refusals are whose, and who takes offers. */
import { describe, expect, it } from 'vitest';
import { allocator, type Box } from './harness.js';

/** `f00` and so on, in the order of which they are offered to. */
const nameOf = (number: number): string => `f${String(number).padStart(2, '0')}`;

function crowd(size: number): Box {
  const box = allocator();
  box.agent('a1', 'cpus:4');
  for (let number = 0; number < size; number += 1) box.framework(nameOf(number), ['a']);
  return box;
}

const offerTo = (number: number): readonly string[] => [`${nameOf(number)} a1 as a cpus:4`];

describe('an agent that many clients refuse', () => {
  it('is offered to the last one too, whatever numbers others have left', () => {
    const box = crowd(40);
    for (let number = 0; number < 10; number += 1) box.send({ type: 'remove-framework', framework: nameOf(number) });
    for (let number = 10; number < 40; number += 1) {
      const grants = box.run('all');
      expect(grants).toEqual(offerTo(number));
      box.giveBack(grants, 3_600);
    }
    expect(box.run('all')).toEqual([]);
  });

  it('is offered to all but the one of 32 who refused it', () => {
    const box = crowd(32);
    for (let number = 0; number < 31; number += 1) {
      box.send({ type: 'suppress', framework: nameOf(number), roles: ['a'] });
    }
    const grants = box.run('all');
    expect(grants).toEqual(offerTo(31));
    box.giveBack(grants, 3_600);
    expect(box.run('all')).toEqual([]);
    box.send({ type: 'unsuppress', framework: nameOf(7), roles: ['a'] });
    expect(box.run('all')).toEqual(offerTo(7));
  });

  it('is offered in the role that is left when the last of another has come back', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a', 'b']);
    expect(box.run()).toEqual(['f1 a1 as a cpus:4']);
    // It is in the tree of that role while it holds something there.
    box.send({ type: 'update-framework', framework: 'f1', roles: ['b'] });
    box.agent('a2', 'cpus:2');
    expect(box.run()).toEqual(['f1 a2 as b cpus:2']);
    box.recover('f1', 'a1', 'a', 'cpus:4');
    expect(box.pass(1_000)).toEqual(['1000: f1 a1 as b cpus:4']);
  });

  it('comes to the first whose refusal ends, though others refused it twice, and for longer', () => {
    const box = allocator();
    box.agent('a1', 'cpus:4');
    box.framework('f1', ['a']);
    box.giveBack(box.run(), 2);
    box.framework('f2', ['b']);
    const grants = box.run();
    for (const _ of ['once', 'again']) box.giveBack(grants, 3_600);
    expect(box.pass(2_000)).toEqual(['2000: f1 a1 as a cpus:4']);
  });
});
