import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runSorterScenario } from '../../src/testing/scenarios/sorter.js';

interface Case {
  readonly id: string;
  readonly source: string;
}

const file = new URL('../scenarios/sorter.json', import.meta.url);
const { scenarios } = JSON.parse(readFileSync(file, 'utf8')) as { readonly scenarios: readonly Case[] };

describe('the conformance suite of the sorter', () => {
  it.each(scenarios.map((scenario) => [scenario.id, scenario.source, scenario] as const))(
    '%s: %s',
    (_, __, scenario) => {
      const isRandom = 'sorter' in scenario;
      expect(runSorterScenario(scenario)).toEqual(isRandom ? { skipped: 'SORT-12' } : []);
    },
  );
});

describe('runSorterScenario', () => {
  const run = (...steps: readonly unknown[]): unknown => runSorterScenario({ id: 'x', source: 'here', steps });

  it('reports what does not hold, with the number of the step', () => {
    expect(
      run(
        { op: 'add', client: 'a' },
        { op: 'sort', expect: ['a'] },
        { op: 'count', expect: 1 },
        { op: 'contains', client: 'a', expect: false },
        { op: 'allocation', client: 'a', agent: 'g', expect: 'cpus:1' },
        { op: 'allocationQuantities', expect: 'cpus:1' },
        { op: 'sort', expectUnordered: ['b'] },
      ),
    ).toEqual([
      { step: 1, expected: ['a'], actual: [] },
      { step: 3, expected: false, actual: true },
      { step: 4, expected: 'cpus:1', actual: '' },
      { step: 5, expected: 'cpus:1', actual: '{}' },
      { step: 6, expected: ['b'], actual: [] },
    ]);
  });

  it('fails an unknown operation and an unknown field', () => {
    expect(run({ op: 'shuffle' })).toMatchObject([{ step: 0, actual: 'shuffle' }]);
    expect(run({ op: 'toString' })).toMatchObject([{ step: 0, actual: 'toString' }]);
    expect(run({ op: 'add', client: 'a', weight: 2 })).toMatchObject([{ step: 0, actual: 'weight' }]);
    expect(runSorterScenario({ id: 'x', steps: [], config: {} })).toMatchObject([{ step: 'case', actual: 'config' }]);
    expect(runSorterScenario({ id: 'x', steps: [], sorter: 'lottery' })).toMatchObject([{ actual: 'lottery' }]);
    expect(runSorterScenario({ id: 'x' })).toMatchObject([{ step: 'case', expected: 'a list of steps' }]);
  });

  it('takes an exception for a failure, and the end of the case', () => {
    expect(run({ op: 'remove', client: 'a' }, { op: 'count', expect: 7 })).toEqual([
      { step: 0, expected: 'no exception', actual: "client 'a' was not added" },
    ]);
    expect(run({ op: 'count' })).toMatchObject([{ step: 0, actual: 'the field expect is missing' }]);
    expect(run({ op: 'add', client: 3 })).toMatchObject([{ step: 0, actual: 'the field client must be a text' }]);
    expect(run('add')).toMatchObject([{ step: 0, expected: 'a step' }]);
  });

  it('skips the random sorter by its row', () => {
    expect(runSorterScenario({ id: 'x', sorter: 'random', steps: [] })).toEqual({ skipped: 'SORT-12' });
  });
});
