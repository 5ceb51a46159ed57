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
