import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareText, Edit, hashText, Table } from '../../src/resources/index.js';

/**
 * Texts with one hash. The last step of the hash before it is mixed is `(state ^ unit) * prime`, so for a given state any
 * prefix with a state that differs in the low 16 bits only has a last unit that leads to the same hash.
 */
function colliding(count: number): string[] {
  const state = (text: string): number => {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    return h;
  };
  const wanted = state('first') ^ 'x'.charCodeAt(0);
  const found = ['firstx'];
  for (let i = 0; found.length < count; i += 1) {
    const unit = (state(`k${i}`) ^ wanted) >>> 0;
    if (unit < 0x10000) found.push(`k${i}${String.fromCharCode(unit)}`);
  }
  return found;
}

const twins = colliding(5);
const idArb = fc.oneof(
  fc.constantFrom(...twins),
  fc.constantFrom('__proto__', 'constructor', ''),
  fc.nat(200).map((n) => `id-${n}`),
);

function contentOf(map: ReadonlyMap<string, number>): [string, number][] {
  return [...map].sort((a, b) => compareText(a[0], b[0]));
}

function visited(table: Table<number>): string[] {
  const ids: string[] = [];
  table.forEach((_, id) => ids.push(id));
  return ids;
}

function expectSame(table: Table<number>, map: ReadonlyMap<string, number>): void {
  const content = contentOf(map);
  expect(table.entries()).toEqual(content);
  expect(table.size).toBe(map.size);
  expect(table.keys()).toEqual(content.map(([id]) => id));
  expect(table.values()).toEqual(content.map(([, value]) => value));
  expect([...table.inOrder()]).toEqual(content);
  expect(contentOf(new Map(table.walk()))).toEqual(content);
  let sum = 0;
  table.forEach((value) => {
    sum += value;
  });
  expect(sum).toBe(content.reduce((total, [, value]) => total + value, 0));
}

describe('a table', () => {
  it('meets texts with one hash', () => {
    expect(new Set(twins).size).toBe(5);
    expect(new Set(twins.map(hashText)).size).toBe(1);
  });

  it('too big to be sorted in one step gives its entries by id all the same', () => {
    for (const strange of ['', '\u{1F600}', '\uff5e']) {
      const ids = Array.from({ length: 5_000 }, (_, n) => `${(n * 7919) % 5_003}${n % 900 === 7 ? strange : ''}-${n}`);
      const table = Table.from([...ids, ...twins].map((id, n) => [id, n] as const));
      const steps = [...table.inOrder()];
      expect(steps.filter((entry) => entry !== undefined)).toEqual(table.entries());
      expect(steps.findIndex((entry) => entry !== undefined)).toBe(4);
    }
  });

  it('does what a Map does', () => {
    const stepArb = fc.record({ id: idArb, value: fc.option(fc.nat(9), { nil: undefined }), edit: fc.boolean() });
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 60 }), (steps) => {
        const edit = new Edit();
        const map = new Map<string, number>();
        let table = Table.empty<number>();
        for (const step of steps) {
          const own = step.edit ? edit : undefined;
          if (step.value === undefined) {
            map.delete(step.id);
            table = table.remove(step.id, own);
          } else {
            map.set(step.id, step.value);
            table = table.set(step.id, step.value, own);
          }
          expect(table.get(step.id)).toBe(map.get(step.id));
          expect(table.has(step.id)).toBe(map.has(step.id));
          expect(table.size).toBe(map.size);
        }
        expectSame(table, map);
        expect(Table.from(map).entries()).toEqual(table.entries());
      }),
      { numRuns: 300 },
    );
  });

  it('never changes under anybody but its own edit, however tables fork', () => {
    const stepArb = fc.record({
      from: fc.nat(3),
      id: idArb,
      value: fc.option(fc.nat(9), { nil: undefined }),
      edit: fc.constantFrom(undefined, 0, 1),
      share: fc.nat(9).map((n) => n === 0),
    });
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 80 }), (steps) => {
        const edits = [new Edit(), new Edit()];
        // Large enough that tables share nodes below the root.
        const start = new Map(Array.from({ length: 150 }, (_, i) => [`id-${i}`, i]));
        const tables = [{ table: Table.from(start), map: start }];
        for (const step of steps) {
          const base = tables[Math.max(0, tables.length - 1 - step.from)];
          if (base === undefined) continue;
          if (step.share) base.table.share();
          const edit = step.edit === undefined ? undefined : edits[step.edit];
          const map = new Map(base.map);
          if (step.value === undefined) map.delete(step.id);
          else map.set(step.id, step.value);
          const table =
            step.value === undefined ? base.table.remove(step.id, edit) : base.table.set(step.id, step.value, edit);
          if (table === base.table) base.map = map;
          else tables.push({ table, map });
        }
        for (const { table, map } of tables) expectSame(table, map);
      }),
      { numRuns: 500 },
    );
  });

  it('looks the same whatever was once in it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(idArb), fc.uniqueArray(idArb), (kept, gone) => {
        const fresh = Table.from(kept.map((id) => [id, 1]));
        const extra = gone.filter((id) => !kept.includes(id));
        let used = Table.from([...extra, ...kept].map((id) => [id, 1]));
        for (const id of extra) used = used.remove(id);
        const shape = (node: { slots: unknown[] }): unknown =>
          node.slots.map((slot) =>
            typeof slot === 'object' && slot !== null ? shape(slot as { slots: unknown[] }) : slot,
          );
        const places = (table: Table<number>): string => JSON.stringify(shape(table.root));
        expect(places(used)).toBe(places(fresh));
        expect(used.entries()).toEqual(fresh.entries());
      }),
    );
  });

  it('visits the same ids in the same order, whatever the history and the edits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(idArb), fc.uniqueArray(idArb), fc.infiniteStream(fc.nat()), (kept, gone, luck) => {
        const extra = gone.filter((id) => !kept.includes(id));
        const shuffled = [...extra, ...kept].sort((a, b) => hashText(`${a}!`) - hashText(`${b}!`));
        const edits = [undefined, new Edit(), new Edit()];
        let used = Table.empty<number>();
        for (const id of shuffled) used = used.set(id, 1, edits[luck.next().value % 3]);
        for (const id of extra) used = used.remove(id, edits[luck.next().value % 3]);
        expect(visited(used)).toEqual(visited(Table.from(kept.map((id) => [id, 2]))));
      }),
      { numRuns: 300 },
    );
  });

  it('is revised as if it were set entry by entry, in the order of a visit', () => {
    const revisions = fc.record({
      ids: fc.uniqueArray(idArb),
      firstEdit: fc.boolean(),
      reviseEdit: fc.constantFrom('none' as const, 'same' as const, 'other' as const),
      afterEdit: fc.constantFrom('none' as const, 'same' as const, 'other' as const),
    });
    fc.assert(
      fc.property(revisions, fc.infiniteStream(fc.nat(2)), ({ ids, firstEdit, reviseEdit, afterEdit }, luck) => {
        const edits = { none: undefined, same: new Edit(), other: new Edit() };
        let table = Table.empty<number>();
        for (const id of ids) table = table.set(id, 1, firstEdit ? edits.same : undefined);
        const base = new Map(ids.map((id) => [id, 1]));
        const older = reviseEdit === 'same' && firstEdit ? undefined : table;
        // A third of the values stays as it is.
        const changes = new Map(visited(table).map((id) => [id, 1 + luck.next().value]));

        const seen: string[] = [];
        const order = visited(table);
        const revised = table.revise((value, id) => {
          expect(value).toBe(1);
          seen.push(id);
          return changes.get(id) ?? 0;
        }, edits[reviseEdit]);
        expect(seen).toEqual(order);
        expectSame(revised, changes);
        expect(visited(revised)).toEqual(order);
        if (older !== undefined) expectSame(older, base);

        // What was revised can be changed like any other, and is not changed by that under anybody else.
        const isStill = revised === table && firstEdit && afterEdit === 'same';
        const kept = isStill || (afterEdit !== 'none' && afterEdit === reviseEdit) ? undefined : revised;
        let later = revised;
        for (const id of ids.slice(0, 5)) later = later.set(id, 9, edits[afterEdit]);
        later = later.remove(ids[5] ?? 'id-0', edits[afterEdit]);
        const after = new Map([...changes, ...ids.slice(0, 5).map((id) => [id, 9] as const)]);
        after.delete(ids[5] ?? 'id-0');
        expectSame(later, after);
        if (kept !== undefined) expectSame(kept, changes);
        if (older !== undefined && !isStill) expectSame(older, base);
      }),
      { numRuns: 500 },
    );
  });

  it('revises a large table and leaves the one before, nodes deep down too', () => {
    const all = Table.from([...Array.from({ length: 5_000 }, (_, i) => `id-${i}`), ...twins].map((id) => [id, 1]));
    const edit = new Edit();
    const other = all.set('id-7', 5, edit);
    const revised = other.revise((value, id) => (id.endsWith('7') || twins.includes(id) ? value + 1 : value), edit);
    expect([revised.get('id-7'), revised.get('id-17'), revised.get('id-18')]).toEqual([6, 2, 1]);
    expect(twins.map((id) => revised.get(id))).toEqual([2, 2, 2, 2, 2]);
    expect(all.values().every((value) => value === 1)).toBe(true);
    expect(revised.size).toBe(all.size);
  });

  it('comes back as it is when nothing is revised', () => {
    const table = Table.from(twins.map((id) => [id, 1]));
    expect(table.revise((value) => value)).toBe(table);
    expect(table.revise((value) => value, new Edit())).toBe(table);
    const empty = Table.empty<number>();
    expect(empty.revise(() => 1)).toBe(empty);
  });

  it('may be revised by looking into other tables, and by making some', () => {
    const counts = Table.from([...twins, 'a', 'b'].map((id) => [id, 1]));
    let others = Table.empty<number>();
    const revised = counts.revise((value, id) => {
      others = others.set(id, value);
      return value + Table.from([[id, value]]).size;
    });
    expect(revised.size).toBe(7);
    expect(others.size).toBe(7);
    expectSame(revised, new Map(counts.keys().map((id) => [id, 2])));
  });

  it('comes back as it is when nothing changes', () => {
    const table = Table.from([['a', 1]]);
    expect(table.set('a', 1)).toBe(table);
    expect(table.set('a', 1, new Edit())).toBe(table);
    expect(table.remove('b')).toBe(table);
    expect(table.remove('b', new Edit())).toBe(table);
    expect(Table.empty<number>().remove('a')).toBe(Table.empty());
  });

  it('changes in place under its edit, until it is shared', () => {
    const edit = new Edit();
    const first = Table.empty<number>().set('a', 1, edit);
    expect(first.set('b', 2, edit)).toBe(first);
    const second = first.share().set('c', 3, edit);
    expect(second).not.toBe(first);
    expect(first.keys()).toEqual(['a', 'b']);
    expect(second.keys()).toEqual(['a', 'b', 'c']);
  });

  it('tells an entry of undefined from no entry', () => {
    const table = Table.from<number | undefined>([['a', undefined]]);
    expect(table.has('a')).toBe(true);
    expect(table.get('a')).toBeUndefined();
    expect(table.has('b')).toBe(false);
    expect(table.size).toBe(1);
  });

  it('orders ids by code points', () => {
    const ids = ['\u{1F600}', '\uFF5E', 'b', 'a', 'a/b'];
    expect(Table.from(ids.map((id) => [id, 0])).keys()).toEqual(['a', 'a/b', 'b', '\uFF5E', '\u{1F600}']);
  });

  it('holds 10^5 entries, and forks of it', () => {
    const all = Table.from(Array.from({ length: 100_000 }, (_, i) => [`task-${i}`, i] as const));
    const fork = all.set('task-5', -5).remove('task-6');
    expect(all.size).toBe(100_000);
    expect([all.get('task-5'), all.get('task-6')]).toEqual([5, 6]);
    expect([fork.get('task-5'), fork.get('task-6'), fork.size]).toEqual([-5, undefined, 99_999]);
    expect(Array.from({ length: 100_000 }, (_, i) => all.get(`task-${i}`)).every((value, i) => value === i)).toBe(true);
  });
});
