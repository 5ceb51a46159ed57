/**
 * Work done, counted instead of timed: how often the tables of the state are read, written and walked. Counts are the
 * same on every machine, so that something that grows with the cluster shows where times only hint at it.
 */
import { Table } from '../src/resources/index.js';

/** Operations on tables. */
export interface Work {
  /** Look-ups of single entries. */
  readonly reads: number;
  /** Entries set or removed. */
  readonly writes: number;
  /** Entries walked over. */
  readonly walked: number;
}

/**
 * Counts the work that `run` does. Not to be timed: the counting costs more than some of the work. What a table does
 * inside to answer is not counted again.
 */
export function countWork(run: () => void): Work {
  const work = { reads: 0, writes: 0, walked: 0 };
  const prototype: Table<unknown> = Table.prototype;
  const { get, has, set, remove, entries, values, keys, forEach } = prototype;
  let inside = false;
  const counted = <A extends unknown[], R>(
    method: (this: Table<unknown>, ...args: A) => R,
    kind: keyof Work,
  ): ((this: Table<unknown>, ...args: A) => R) =>
    function (...args) {
      if (inside) return method.apply(this, args);
      work[kind] += kind === 'walked' ? this.size : 1;
      inside = true;
      try {
        return method.apply(this, args);
      } finally {
        inside = false;
      }
    };
  Object.assign(prototype, {
    get: counted(get, 'reads'),
    has: counted(has, 'reads'),
    set: counted(set, 'writes'),
    remove: counted(remove, 'writes'),
    entries: counted(entries, 'walked'),
    values: counted(values, 'walked'),
    keys: counted(keys, 'walked'),
    // What it visits with is not the table's own doing.
    forEach(this: Table<unknown>, ...args: Parameters<typeof forEach>) {
      if (!inside) work.walked += this.size;
      return forEach.apply(this, args);
    },
  });
  try {
    run();
  } finally {
    Object.assign(prototype, { get, has, set, remove, entries, values, keys, forEach });
  }
  return work;
}
