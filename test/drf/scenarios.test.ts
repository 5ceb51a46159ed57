import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runSorterScenario } from '../../src/testing/scenarios/sorter.js';

interface Case {
  readonly id: string;
  readonly source: string;
  readonly tags?: readonly string[];
}

const file = new URL('../scenarios/sorter.json', import.meta.url);
const { scenarios } = JSON.parse(readFileSync(file, 'utf8')) as { readonly scenarios: readonly Case[] };

describe('the conformance suite of the sorter', () => {
  it.each(scenarios.map((scenario) => [scenario.id, scenario.source, scenario] as const))(
    '%s: %s',
    (_, __, scenario) => {
      expect(runSorterScenario(scenario)).toEqual([]);
    },
  );

  it.each(scenarios.filter(({ tags }) => tags?.includes('any-sorter')).map((scenario) => [scenario.id, scenario]))(
    '%s holds for every sorter',
    (_, scenario) => {
      for (const sorter of ['drf', 'random']) expect(runSorterScenario({ ...scenario, sorter })).toEqual([]);
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

  it('judges a distribution by its tolerance, place by place and client by client', () => {
    const judge = (expectPositionProbability: unknown, tolerance = 0.05): unknown =>
      runSorterScenario({
        id: 'x',
        sorter: 'random',
        steps: [
          { op: 'add', client: 'a' },
          { op: 'activate', client: 'a' },
          { op: 'add', client: 'b' },
          { op: 'activate', client: 'b' },
          { op: 'updateWeight', path: 'b', weight: 3 },
          { op: 'sortDistribution', runs: 2_000, tolerance, expectPositionProbability },
        ],
      });
    expect(judge({ a: [0.25, 0.75], b: [0.75, 0.25] })).toEqual([]);
    for (const wrong of [
      { a: [0.5, 0.5], b: [0.5, 0.5] },
      { a: [0.25, 0.75] },
      { a: [0.25], b: [0.75, 0.25] },
      { a: [0.25, 'x'], b: [0.75, 0.25] },
      { a: [0.25, 0.75], c: [0.75, 0.25] },
      { a: [0.25, 0.75], b: [0.75, 0.25], c: [0, 0] },
    ]) {
      expect(judge(wrong)).toMatchObject([
        { step: 5, expected: wrong, actual: { a: [expect.closeTo(0.25, 1), expect.any(Number)] } },
      ]);
    }
    expect(judge({ a: [0.25, 0.75], b: [0.75, 0.25] }, 0)).toHaveLength(1);
    expect(judge(7)).toMatchObject([{ step: 5, actual: 'expectPositionProbability must be an object' }]);
  });
});
