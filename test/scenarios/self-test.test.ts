import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/testing/index.js';
import { suites } from '../../src/testing/scenarios/suites.js';
import { flips, type Mutation, strangers } from './mutate.js';

type Entry = Mutation['entry'] & { readonly id: string };

interface ScenarioFile {
  readonly name: string;
  readonly suite: string;
  readonly cases?: readonly Entry[];
  readonly scenarios?: readonly Entry[];
}

/** The collection, and beside each of its files `own-…`: neighbours of its cases, of the same suite. */
const folder = new URL('./', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ ...(JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as ScenarioFile), name }))
  .filter(({ suite }) => suites.has(suite));

/** Where the wording of a case is informative (FORMAT.md §2, §8), and so not compared: ours says the same all the same. */
describe.each(files.filter(({ suite }) => suite === 'values' || suite === 'validation'))('$name', (file) => {
  it('names words that our messages do have', async () => {
    const run = suites.get(file.suite);
    for (const entry of file.cases ?? []) expect([entry.id, await run?.(entry, 'compared')]).toEqual([entry.id, []]);
  });
});

describe.each(files)('the conformance runner on $name', (file) => {
  const { suite } = file;
  const entries = file.cases ?? file.scenarios ?? [];

  it('passes every case that it does not skip', async () => {
    const { failures, passed, skipped } = await runScenario(file);
    expect(failures).toEqual([]);
    expect(passed + skipped.length).toBe(entries.length);
  });

  it('goes red for every expectation that is made wrong', async () => {
    expect(await survivors(suite, entries, flips)).toEqual([]);
  });

  it('goes red for an unknown field or operation', async () => {
    expect(await survivors(suite, entries, strangers)).toEqual([]);
  });
});

/** Wrong versions that pass all the same. Cases that are skipped as they stand are left out. */
async function survivors(
  suite: string,
  entries: readonly Entry[],
  mutate: (suite: string, entry: Entry) => readonly Mutation[],
): Promise<string[]> {
  const { skipped } = await runScenario({ suite, cases: entries });
  const left = new Set(skipped.map(({ id }) => id));
  const green: string[] = [];
  for (const original of entries) {
    if (left.has(original.id)) continue;
    const mutations = mutate(suite, original);
    expect(mutations, `${original.id} has nothing to make wrong`).not.toHaveLength(0);
    for (const { what, entry } of mutations) {
      const { failed } = await runScenario({ suite, cases: [entry] });
      if (failed === 0) green.push(`${original.id} ${what}`);
    }
  }
  return green;
}
