import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runValidationCase } from '../../src/testing/scenarios/validation.js';

interface Suite {
  readonly cases: readonly { readonly id: string }[];
}

const file = new URL('../scenarios/validation.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as Suite;
describe('suite validation', () => {
  it.each(cases.map((c) => [c.id, c] as const))('%s holds', (_, c) => {
    expect(runValidationCase(c)).toEqual([]);
  });
});

describe('the translator of suite validation', () => {
  const fine = { id: 'x', source: 's', validate: 'validateID', args: { id: 'a' }, expect: { valid: true } };
  const task = { task_id: 't', agent: 'A1', resources: 'cpus:1', command: { value: 'true' } };
  const ofTask = (fields: object, more: object = {}): object => ({
    ...fine,
    validate: 'TASK',
    args: { task: { ...task, ...fields }, offered: 'cpus:1', ...more },
  });

  it('passes what holds', () => {
    expect(runValidationCase(fine)).toEqual([]);
    expect(runValidationCase(ofTask({}))).toEqual([]);
  });

  it('reads durations in seconds, and as the v1 API writes them', () => {
    const negative = { valid: false, messageContains: 'must be non-negative' };
    const executor = { executor_id: 'e', command: { value: 'x' } };
    for (const fields of [
      { kill_policy_grace_period_secs: -1 },
      { kill_policy: { grace_period: { nanoseconds: -1e9 } } },
      { max_completion_time_secs: -1 },
      { max_completion_time: { nanoseconds: -1e9 } },
      { command: undefined, executor: { ...executor, shutdown_grace_period_secs: -1 } },
      { command: undefined, executor: { ...executor, shutdown_grace_period: { nanoseconds: -1e9 } } },
    ]) {
      const c = { ...JSON.parse(JSON.stringify(ofTask(fields))), expect: negative };
      expect(runValidationCase(c, 'compared')).toEqual([]);
    }
  });

  it('compares words only if it is to: they are informative', () => {
    const c = { ...fine, args: { id: '' }, expect: { valid: false, messageContains: 'purple' } };
    expect(runValidationCase(c)).toEqual([]);
    expect(runValidationCase(c, 'compared')).toMatchObject([{ expected: { messageContains: 'purple' } }]);
  });

  it.each([
    ['an answer that is not the expected one', { ...fine, expect: { valid: false } }],
    ['an unknown validation', { ...fine, validate: 'magic' }],
    ['an unknown field of the case', { ...fine, extra: 1 }],
    ['an unknown argument', { ...fine, args: { id: 'a', more: 1 } }],
    ['an unknown argument of an operation that is not built', { ...fine, validate: 'RESERVE', args: { more: 1 } }],
    [
      'operands beside an operation',
      { ...fine, validate: 'UNRESERVE', args: { operation: { type: 'UNRESERVE', resources: [] }, resources: [] } },
    ],
    ['an unknown field of a framework', ofTask({}, { framework: { colour: 'red' } })],
    ['an unknown expectation', { ...fine, expect: { valid: true, code: 'x' } }],
    ['an unknown field of a task', ofTask({ colour: 'red' })],
    ['an unknown field of an executor', ofTask({ executor: { executor_id: 'e', colour: 'red' } })],
    ['a task without an id', { ...ofTask({}), args: { task: {}, offered: '' } }],
    ['no case', 7],
    ['no arguments', { ...fine, args: undefined }],
    ['no expectation', { ...fine, expect: null }],
  ])('fails %s', (_, c) => {
    expect(runValidationCase(c)).not.toEqual([]);
  });
});
