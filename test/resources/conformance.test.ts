import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/resources/index.js';
import { runResourcesCase } from '../../src/testing/scenarios/resources.js';
import { type ClusterValidators, runValuesCase } from '../../src/testing/scenarios/values.js';

interface ScenarioCase {
  readonly id: string;
  readonly op?: string;
}

function casesOf(suite: string): readonly ScenarioCase[] {
  const text = readFileSync(new URL(`../scenarios/${suite}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly cases: readonly ScenarioCase[] }).cases;
}

/** The cluster has these; nothing here may ask them. */
const unasked = (): Problem | undefined => {
  throw new Error('a validator of the cluster was asked');
};
const validators: ClusterValidators = {
  validateFramework: unasked,
  validateFrameworkChange: unasked,
  validateQuota: unasked,
};
const clusterOps = ['validateFrameworkInfo', 'validateFrameworkUpdate', 'validateQuotaConfig'];

describe('conformance cases', () => {
  const values = casesOf('values').filter(({ op }) => !clusterOps.includes(op ?? ''));
  it.each(values)('values $id holds', (c) => {
    expect(runValuesCase(c, validators)).toEqual([]);
  });

  it.each(casesOf('resources'))('resources $id holds', (c) => {
    expect(runResourcesCase(c)).toEqual([]);
  });
});

describe('the translators', () => {
  const stepsOf = (c: unknown): unknown[] => runResourcesCase(c).map(({ step }) => step);
  const ops = (c: unknown): unknown[] => runValuesCase(c, validators).map(({ step }) => step);

  it.each([
    ['an unknown op', { op: 'squareRoot', input: 4, expect: 2 }, 'op'],
    [
      'an unknown field',
      { op: 'parseQuantities', input: 'cpus:1', unit: 'MB', expect: [['cpus', 1]] },
      'parseQuantities',
    ],
    ['another result', { op: 'parseQuantities', input: 'cpus:1', expect: [['cpus', 1.001]] }, 'parseQuantities'],
    ['a result where an error is expected', { op: 'parseLimits', input: 'cpus:1', expect: 'error' }, 'parseLimits'],
    ['an error where a result is expected', { op: 'parseLimits', input: 'cpus', expect: [] }, 'parseLimits'],
    ['a throw that is no refusal', { op: 'validateQuotaConfig', input: {}, expect: 'error' }, 'validateQuotaConfig'],
    ['another validity', { op: 'validateRole', input: '', expect: true, messageContains: 'slash' }, 'validateRole'],
    ['an expectation that cannot be read', { op: 'rangesAdd', operands: [], expect: '[1' }, 'rangesAdd'],
    [
      'an unknown field of a framework',
      { op: 'validateFrameworkInfo', input: { colour: 'red' }, expect: true },
      'validateFrameworkInfo',
    ],
  ])('of values fail on %s', (_, c, step) => {
    expect(ops({ id: 'x', ...c })).toEqual([step]);
  });

  it('of values compare numbers at three decimals', () => {
    expect(ops({ op: 'parseValue', input: '45.55', expect: { type: 'SCALAR', scalar: 45.5504 } })).toEqual([]);
  });

  it('hand frameworks over with names in kebab-case', () => {
    const seen: unknown[] = [];
    const validateFramework = (framework: unknown): undefined => void seen.push(framework);
    const json = { capabilities: ['MULTI_ROLE', 'GPU_RESOURCES'], roles: ['a'], checkpoint: true };
    runValuesCase({ op: 'validateFrameworkInfo', input: json, expect: true }, { ...validators, validateFramework });
    runValuesCase({ op: 'validateFrameworkInfo', input: {}, expect: true }, { ...validators, validateFramework });
    expect(seen).toEqual([{ ...json, capabilities: ['multi-role', 'gpu-resources'] }, { capabilities: [] }]);
  });

  it.each([
    ['an unknown check', { looksLike: ['cpus:1', 'cpus:1'] }],
    ['an empty check', {}],
    ['an unknown operation', { eq: [[':double', 'cpus:1'], 'cpus:2'] }],
    ['an unknown variable', { empty: '@nothing' }],
    ['an unknown operation type', { error: [':apply', 'cpus:1', { type: 'EXPLODE', resources: 'cpus:1' }] }],
    [
      'an unknown field of an operation',
      { error: [':apply', 'cpus:1', { type: 'RESERVE', resources: 'cpus:1', volumes: '' }] },
    ],
    ['an unknown field of an item', { eq: [{ name: 'cpus', value: '1', colour: 'red' }, 'cpus:1'] }],
    ['an unknown field of repeat', { repeat: { times: 1, start: '', step: '@current', until: 7, final: '' } }],
    ['a wrong sum', { eq: [['+', 'cpus:1', 'cpus:1'], 'cpus:3'] }],
    ['too many operands', { eq: [['+', 'cpus:1', 'cpus:1', 'cpus:1'], 'cpus:3'] }],
    ['a wrong number', { scalar: ['cpus:1', 'cpus', 1.001] }],
    ['something where nothing is expected', { none: [':find', 'cpus:1', 'cpus:1'] }],
    ['nothing where something is expected', { eq: [[':find', 'cpus:1', 'cpus:2'], 'cpus:1'] }],
    ['valid text where an error is expected', { parseError: 'cpus:1' }],
    ['a valid item', { invalidItem: { name: 'cpus', value: '1' } }],
    ['an invalid item', { validItem: { name: 'cpus', value: '-1' } }],
    ['another wording', { invalidForUse: [{ name: 'gpus', value: '0.5' }, 'revocable'] }],
    ['none of the alternatives', { oneOf: ['cpus:1', ['cpus:2', 'mem:1']] }],
    ['twins', { allDistinct: ['cpus:1', 'mem:1', 'cpus:1'] }],
    [
      'an early difference in repeat',
      {
        repeat: {
          times: 3,
          start: 'cpus:1',
          step: ['+', '@current', 'cpus:1'],
          eachScalar: ['cpus', 1],
          final: 'cpus:4',
        },
      },
    ],
    [
      'a late difference in repeat',
      { repeat: { times: 3, start: 'cpus:1', step: ['+', '@current', 'cpus:1'], final: 'cpus:5' } },
    ],
  ])('of resources fail on %s', (_, check) => {
    expect(stepsOf({ id: 'x', checks: [{ eq: ['cpus:1', 'cpus:1'] }, check] })).toEqual([1]);
  });

  it.each([
    ['an unknown field', { checks: [], steps: [] }, 'case'],
    ['no checks', {}, 'case'],
    ['a variable that cannot be read', { vars: { a: 'cpus' }, checks: [] }, 'vars.a'],
  ])('of resources fail on a case with %s', (_, c, step) => {
    expect(stepsOf({ id: 'x', ...c })).toEqual([step]);
  });
});
