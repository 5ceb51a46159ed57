import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadlinesOf, file, first, noDeadlines, tidy, withoutFirst, type Due } from '../../src/agent/deadlines.js';
import { updateUuid } from '../../src/agent/uuid.js';

const due = fc.record({
  at: fc.nat(50),
  kind: fc.constantFrom('a', 'b'),
  path: fc.array(fc.constantFrom('x', 'y', '__proto__'), { minLength: 1, maxLength: 2 }),
});

function drain(all: ReturnType<typeof deadlinesOf>): Due[] {
  const list: Due[] = [];
  for (let rest = all, next = first(rest); next !== undefined; rest = withoutFirst(rest), next = first(rest))
    list.push(next);
  return list;
}

const key = ({ at, kind, path }: Due): string => JSON.stringify([String(at).padStart(3, '0'), kind, ...path]);

describe('deadlines', () => {
  it('come out in one order, however they went in', () => {
    fc.assert(
      fc.property(fc.array(due, { maxLength: 60, size: 'max' }), (list) => {
        const forward = drain(deadlinesOf(list)).map(key);
        expect(drain(deadlinesOf(list.toReversed())).map(key)).toEqual(forward);
        expect(forward.map((it) => it.slice(0, 6))).toEqual(forward.map((it) => it.slice(0, 6)).toSorted());
        expect(forward.toSorted()).toEqual(list.map(key).toSorted());
      }),
    );
  });

  it('of an older queue stay as they are', () => {
    const one = file(noDeadlines, { at: 5, kind: 'a', path: ['x'] });
    const two = file(one, { at: 1, kind: 'a', path: ['x'] });
    expect([first(noDeadlines)?.at, first(one)?.at, first(two)?.at, first(withoutFirst(two))?.at]).toEqual([
      undefined,
      5,
      1,
      5,
    ]);
    expect(withoutFirst(noDeadlines)).toBe(noDeadlines);
  });

  it('that mean nothing any more are dropped from the front, and altogether when there are many', () => {
    let all = noDeadlines;
    for (let at = 0; at < 60; at += 1) all = file(all, { at, kind: 'a', path: ['x'] });
    const odd = (it: Due): boolean => it.at % 2 === 1;
    const front = tidy(all, odd, () => []);
    expect([first(front)?.at, front.size]).toEqual([1, 59]);
    for (let at = 60; at < 100; at += 1) all = file(all, { at, kind: 'a', path: ['x'] });
    expect(drain(tidy(all, odd, () => [{ at: 99, kind: 'a', path: ['x'] }]))).toHaveLength(1);
  });

  it('hold ten thousand', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ at: (i * 7919) % 10_007, kind: 'a', path: [`t${i}`] }));
    const sorted = drain(deadlinesOf(many)).map(({ at }) => at);
    expect(sorted).toEqual(sorted.toSorted((a, b) => a - b));
  });
});

describe('uuids', () => {
  it('look like version 4, differ by seed, agent and count, and come again with the same', () => {
    const seen = new Set<string>();
    for (const seed of [0, 1, -5, 2 ** 40]) {
      for (const agent of ['', 'a1', '__proto__']) {
        for (let count = 0; count < 200; count += 1) {
          const uuid = updateUuid(seed, agent, count);
          expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
          expect(updateUuid(seed, agent, count)).toBe(uuid);
          seen.add(uuid);
        }
      }
    }
    expect(seen.size).toBe(4 * 3 * 200);
  });
});
