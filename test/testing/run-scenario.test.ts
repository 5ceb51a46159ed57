import { describe, expect, it } from 'vitest';
import { runScenario } from '../../src/testing/index.js';

describe('runScenario', () => {
  it.each([
    ['null', null, ''],
    ['a list', [], ''],
    ['no suite', { cases: [] }, 'suite'],
    ['an empty suite', { suite: '', cases: [] }, 'suite'],
    ['no cases', { suite: 'values' }, 'cases'],
    ['cases and scenarios', { suite: 'values', cases: [], scenarios: [] }, 'cases'],
    ['scenarios that are no list', { suite: 'sorter', scenarios: {} }, 'scenarios'],
    ['a case that is no object', { suite: 'values', cases: ['x'] }, 'cases[0]'],
    ['a case without an id', { suite: 'values', cases: [{ op: 'parseValue' }] }, 'cases[0].id'],
    ['an id used twice', { suite: 'sorter', scenarios: [{ id: 'a' }, { id: 'a' }] }, 'scenarios[1].id'],
  ])('refuses %s with bad-scenario and its path', async (_, json, path) => {
    await expect(runScenario(json)).rejects.toMatchObject({ code: 'bad-scenario', path });
  });

  it('skips every case of a suite that is known and not built', async () => {
    const why = 'suite not built: http';
    expect(await runScenario({ suite: 'http', cases: [{ id: 'a' }, { id: 'b' }] })).toEqual({
      suite: 'http',
      passed: 0,
      failed: 0,
      skipped: [
        { id: 'a', why },
        { id: 'b', why },
      ],
      failures: [],
    });
  });

  it('fails every case of an unknown suite, also of one named like a method', async () => {
    for (const suite of ['nonsense', 'constructor', '__proto__']) {
      const { passed, failed, failures } = await runScenario({ suite, cases: [{ id: 'a' }] });
      expect({ passed, failed }).toEqual({ passed: 0, failed: 1 });
      expect(failures[0]).toMatchObject({ id: 'a', step: 'suite', actual: suite });
    }
  });

  it('fails a case with an unknown operation and goes on with the next', async () => {
    const cases = [
      { id: 'bad', op: 'frobnicate', input: 'x', expect: true },
      { id: 'good', op: 'validateRole', input: 'web', expect: true },
    ];
    expect(await runScenario({ suite: 'values', cases })).toMatchObject({ passed: 1, failed: 1 });
  });
});
