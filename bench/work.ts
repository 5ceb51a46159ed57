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

/** Counts the work that `run` does. Not to be timed: the counting costs more than some of the work. */
export function countWork(run: () => void): Work {
  const work = { reads: 0, writes: 0, walked: 0 };
  const prototype: Table<unknown> = Table.prototype;
  const { get, has, set, remove, entries, values, keys, forEach } = prototype;
  Object.assign(prototype, {
    get(this: Table<unknown>, ...args: Parameters<typeof get>) {
      work.reads += 1;
      return get.apply(this, args);
    },
    has(this: Table<unknown>, ...args: Parameters<typeof has>) {
      work.reads += 1;
      return has.apply(this, args);
    },
    set(this: Table<unknown>, ...args: Parameters<typeof set>) {
      work.writes += 1;
      return set.apply(this, args);
    },
    remove(this: Table<unknown>, ...args: Parameters<typeof remove>) {
      work.writes += 1;
      return remove.apply(this, args);
    },
    entries(this: Table<unknown>) {
      work.walked += this.size;
      return entries.apply(this);
    },
    values(this: Table<unknown>) {
      work.walked += this.size;
      return values.apply(this);
    },
    keys(this: Table<unknown>) {
      work.walked += this.size;
      return keys.apply(this);
    },
    forEach(this: Table<unknown>, ...args: Parameters<typeof forEach>) {
      work.walked += this.size;
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
