import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assetFairness, drf, fifo, priority, roundRobin, weightedRandom } from '../drf/index.js';
import type { Policy } from '../offers/index.js';
import { messageOf, UsageError } from './io.js';

const named: ReadonlyMap<string, Policy> = new Map(
  [drf, roundRobin, weightedRandom, priority, fifo, assetFairness].map((policy) => [policy.name, policy]),
);

/** The names that {@link loadPolicy} knows. */
export const policyNames: readonly string[] = [...named.keys()];

/**
 * The policy that a command line asks for: a name of ours, or a file whose default export is one.
 *
 * @throws UsageError when there is no such policy
 */
export async function loadPolicy(text: string): Promise<Policy> {
  const known = named.get(text);
  if (known !== undefined) return known;
  const hint = `A policy is one of ${policyNames.join(', ')}, or a file whose default export is a policy.`;
  let module: unknown;
  try {
    module = await import(pathToFileURL(resolve(text)).href);
  } catch (error) {
    throw new UsageError(`cannot load the policy ${text}: ${messageOf(error)}`, hint);
  }
  const policy = defaultOf(module);
  if (!isPolicy(policy)) throw new UsageError(`the default export of ${text} is not a policy`, hint);
  return policy;
}

/** The default export; that of a CommonJS file compiled from a module lies one deeper. */
function defaultOf(module: unknown): unknown {
  const outer = property(module, 'default');
  return property(outer, '__esModule') === true ? property(outer, 'default') : outer;
}

function isPolicy(value: unknown): value is Policy {
  const isRule = typeof property(value, 'rank') === 'function';
  const isAllocation = typeof property(value, 'allocate') === 'function';
  return typeof property(value, 'name') === 'string' && isRule !== isAllocation;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
