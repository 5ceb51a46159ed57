import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Edit, Numbered } from '../../src/resources/index.js';

/** Numbers that share nodes, that stand at the edges of nodes, and that are longer than 32 bits. */
const numbers = fc.oneof(
  { weight: 4, arbitrary: fc.nat(70) },
  { weight: 2, arbitrary: fc.nat(1_100).map((n) => n + 990) },
  { weight: 1, arbitrary: fc.constantFrom(0, 31, 32, 1_023, 1_024, 32_767, 32_768, 2 ** 20 - 1, 2 ** 25, 2 ** 30 - 1) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(2 ** 30, 2 ** 31, 2 ** 32, 2 ** 35, 2 ** 40, 2 ** 45, 2 ** 52),
        fc.integer({ min: -40, max: 40 }),
      )
      .map(([far, near]) => far + near),
  },
  { weight: 1, arbitrary: fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1) },
);
const noKeys = [-1, -32, 0.5, 1e-9, 2 ** 53, 1e300, NaN, Infinity, -Infinity];

const steps = fc.record({
  kind: fc.constantFrom('set' as const, 'fill' as const, 'remove' as const, 'remove' as const),
  number: numbers,
  length: fc.oneof(fc.integer({ min: -2, max: 3 }), fc.nat(200)),
  value: fc.nat(9),
  /** Which of several versions it is made from, the newest being 0. */
  from: fc.nat(3),
  hasEdit: fc.boolean(),
  newEdit: fc.nat(5).map((n) => n === 0),
});
type NumberedStep = typeof steps extends fc.Arbitrary<infer S> ? S : never;

function apply(table: Numbered<number>, step: NumberedStep, edit: Edit | undefined): Numbered<number> {
  const { kind, number, value } = step;
  if (kind === 'set') return table.set(number, value, edit);
  if (kind === 'remove') return table.remove(number, edit);
  return table.fill(number, lastOf(step), value, edit);
}

function lastOf({ number, length }: NumberedStep): number {
  return Math.min(number + length - 1, Number.MAX_SAFE_INTEGER);
}

function applied(map: ReadonlyMap<number, number>, step: NumberedStep): Map<number, number> {
  const after = new Map(map);
  const { kind, number, value } = step;
  if (kind === 'set') after.set(number, value);
  else if (kind === 'remove') after.delete(number);
  else for (let at = number; at <= lastOf(step); at += 1) after.set(at, value);
  return after;
}

function entriesOf(table: Numbered<number>): [number, number][] {
  const entries: [number, number][] = [];
  table.forEach((value, number) => entries.push([number, value]));
  return entries;
}

function expectSame(table: Numbered<number>, map: ReadonlyMap<number, number>): void {
  expect(table.size).toBe(map.size);
  expect(entriesOf(table)).toEqual([...map].sort(([a], [b]) => a - b));
}

/** Those that could be mistaken for a number that is there: by their low bits, or by a neighbour's node. */
function expectSameAround(table: Numbered<number>, map: ReadonlyMap<number, number>, number: number): void {
  for (const near of [number, number - 1, number + 1, number + 32, number + 2 ** 32, number - 2 ** 32, number % 32]) {
    expect(table.get(near)).toBe(map.get(near));
  }
}

describe('a table by numbers', () => {
  it('does what a Map by number does, in the order of the numbers', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (list) => {
        let table = Numbered.empty<number>();
        let map = new Map<number, number>();
        let edit = new Edit();
        for (const step of list) {
          if (step.newEdit) edit = new Edit();
          table = apply(table, step, step.hasEdit ? edit : undefined);
          map = applied(map, step);
          expect(table.size).toBe(map.size);
          expectSameAround(table, map, step.number);
          for (const bad of noKeys) expect(table.get(bad)).toBeUndefined();
        }
        expectSame(table, map);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves all older versions as they were, unless they are of the same edit', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 30 }), (list) => {
        const start = new Map(Array.from({ length: 100 }, (_, i) => [i * 7, i]));
        const versions = [
          { table: [...start].reduce((t, [n, v]) => t.set(n, v), Numbered.empty<number>()), map: start },
        ];
        for (const step of list) {
          const base = versions.at(-1 - Math.min(step.from, versions.length - 1));
          if (base === undefined) continue;
          // Two steps under an edit of their own: only what comes of the last is kept.
          const edit = step.hasEdit ? new Edit() : undefined;
          const again = { ...step, number: (step.number % 64) + 3 };
          const half = apply(base.table, step, edit);
          versions.push({ table: apply(half, again, edit), map: applied(applied(base.map, step), again) });
          if (edit === undefined) versions.push({ table: half, map: applied(base.map, step) });
        }
        for (const { table, map } of versions) expectSame(table, map);
      }),
      { numRuns: 200 },
    );
  });

  it('lets go of what is emptied, whatever it has grown to', () => {
    for (const edit of [undefined, new Edit()]) {
      let table = Numbered.empty<string>();
      const all = [5, 32, 1_024, 2 ** 33 + 7, Number.MAX_SAFE_INTEGER];
      for (const number of all) table = table.set(number, `n${number}`, edit);
      for (const [gone, number] of all.entries()) {
        expect(table.get(number)).toBe(`n${number}`);
        table = table.remove(number, edit);
        expect(table.size).toBe(all.length - gone - 1);
        for (const [index, other] of all.entries()) expect(table.get(other) !== undefined).toBe(index > gone);
      }
      expect(table).toBe(Numbered.empty());
      table = table.set(3, 'again', edit);
      expect([table.size, table.get(3), table.get(5)]).toEqual([1, 'again', undefined]);
    }
  });

  it('fills a range across nodes as setting one by one does, over what is there too', () => {
    for (const [first, last] of [
      [0, 0],
      [31, 32],
      [1, 1_030],
      [990, 1_030],
      [2 ** 32 - 3, 2 ** 32 + 40],
      [2 ** 35 - 1, 2 ** 35],
    ] as const) {
      const before = Numbered.empty<number>()
        .set(first, 1)
        .set(last, 1)
        .set(last + 1, 1);
      let slow = before;
      for (let number = first; number <= last; number += 1) slow = slow.set(number, 2);
      const filled = before.fill(first, last, 2);
      expect(entriesOf(filled)).toEqual(entriesOf(slow));
      expect(filled.size).toBe(last - first + 2);
      expect(before.get(first)).toBe(1);
    }
  });

  it('is itself when an empty range is filled or nothing removed', () => {
    const table = Numbered.empty<number>().set(40, 1);
    expect(table.fill(7, 6, 2)).toBe(table);
    expect(table.fill(0, -1, 2)).toBe(table);
    for (const absent of [41, 8, 0, 2 ** 40 + 40, ...noKeys]) {
      expect(table.remove(absent)).toBe(table);
      expect(table.remove(absent, new Edit())).toBe(table);
      expect(Numbered.empty<number>().remove(absent)).toBe(Numbered.empty());
    }
  });

  it('refuses numbers that are not whole and from 0 on', () => {
    const table = Numbered.empty<number>().set(40, 1);
    for (const bad of noKeys) expect(() => table.set(bad, 1)).toThrow(RangeError);
    expect(() => table.fill(-1, 3, 1)).toThrow(RangeError);
    expect(() => table.fill(0, 3.5, 1)).toThrow(RangeError);
    expect(entriesOf(table)).toEqual([[40, 1]]);
  });

  it('holds 10^5 numbers, filled at once and removed in any order', () => {
    const all = Numbered.empty<number>().fill(1_000, 100_999, 7);
    const edit = new Edit();
    let left = all;
    for (let step = 0; step < 100_000; step += 1) left = left.remove(1_000 + ((step * 7_919) % 100_000), edit);
    expect(left.size).toBe(0);
    expect(all.size).toBe(100_000);
    expect([all.get(999), all.get(1_000), all.get(100_999), all.get(101_000)]).toEqual([undefined, 7, 7, undefined]);
  });
});
