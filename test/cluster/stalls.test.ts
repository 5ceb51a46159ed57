/** However big a cluster is, no step of saving or restoring it does more than a bounded amount of work. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { offeredCluster } from '../../bench/clusters.js';
import { settle } from '../../bench/sizes.js';
import { Restoration } from '../../src/cluster/restoration.js';
import { writing } from '../../src/cluster/serialize.js';
import type { ClusterState } from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import { Table } from '../../src/resources/index.js';

/** What was done since the last look. */
const done = { rows: 0, characters: 0 };

/** Counts the rows that tables give, and the characters that go through JSON. */
function count(): void {
  const { walk, entries, forEach } = Table.prototype;
  const { parse, stringify } = JSON;
  vi.spyOn(Table.prototype, 'walk').mockImplementation(function* (this: Table<unknown>) {
    for (const entry of walk.call(this)) {
      done.rows += 1;
      yield entry as never;
    }
  });
  vi.spyOn(Table.prototype, 'entries').mockImplementation(function (this: Table<unknown>) {
    done.rows += this.size;
    return entries.call(this) as never;
  });
  vi.spyOn(Table.prototype, 'forEach').mockImplementation(function (this: Table<unknown>, visit) {
    done.rows += this.size;
    forEach.call(this, visit);
  });
  vi.spyOn(JSON, 'parse').mockImplementation((text: string) => {
    done.characters += text.length;
    return parse(text) as unknown;
  });
  vi.spyOn(JSON, 'stringify').mockImplementation((...args: Parameters<typeof stringify>) => {
    const text = stringify(...args);
    done.characters += text?.length ?? 0;
    return text;
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** The most that a step did. */
function most<T>(steps: Iterator<unknown, T>): { readonly rows: number; readonly characters: number; readonly of: T } {
  let [rows, characters] = [0, 0];
  for (;;) {
    Object.assign(done, { rows: 0, characters: 0 });
    const step = steps.next();
    rows = Math.max(rows, done.rows);
    characters = Math.max(characters, done.characters);
    if (step.done === true) return { rows, characters, of: step.value };
  }
}

/** Two frameworks with half of all tasks each, and all agents in one table. */
function busy(agents: number): ClusterState {
  const sizes = settle({ agents, tasks: 2 * agents, frameworks: 2 }, { tasksAnAgent: 2, runs: 1 });
  return offeredCluster({ ...sizes, seed: 1, policy: drf, compare: [] }).state;
}

describe.each([1_500, 6_000])('of a cluster of %i agents', (agents) => {
  const state = busy(agents);
  const text = [...writing(state)].join('');

  it('a step of writing looks at a bounded number of rows, and writes a chunk at most', () => {
    expect(text.length).toBeGreaterThan(1_000 * agents);
    count();
    const step = most(writing(state));
    expect(step.rows).toBeLessThan(2_000);
    expect(step.characters).toBeLessThan(80_000);
  });

  it('a step of reading parses a bounded part of the text, and one of checking looks at a bounded number of rows', () => {
    count();
    const restoration = new Restoration();
    const reading = most(restoration.take(text));
    expect(reading.rows).toBeLessThan(2_000);
    expect(reading.characters).toBeLessThan(150_000);
    const checking = most(restoration.end());
    expect(checking.rows).toBeLessThan(2_000);
    expect(checking.characters).toBeLessThan(150_000);
    expect(checking.of.agents.size).toBe(agents);
  });
});
