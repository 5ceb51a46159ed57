import {
  validateFramework,
  validateFrameworkChange,
  validateQuota,
  type FrameworkClaim,
  type FrameworkInfo,
  type QuotaLike,
} from '../../cluster/index.js';
import { runAllocatorScenario } from './allocator.js';
import { runConstraintsCase } from './constraints.js';
import type { ScenarioFailure, Wording } from './failure.js';
import { runResourcesCase } from './resources.js';
import { runProtocolScenario } from './protocol.js';
import { runRoletreeScenario } from './roletree.js';
import { runSorterScenario } from './sorter.js';
import { runValidationCase } from './validation.js';
import { runValuesCase, type ClusterValidators } from './values.js';

/** What one case came to: the expectations that did not hold (none: it passed), or why it was left out. */
export type CaseOutcome = readonly ScenarioFailure[] | { readonly skipped: string };

/**
 * Translates one case of a suite into calls of the public functions, and compares. `wording` is for the suites whose
 * `messageContains` is informative (FORMAT.md §2, §8); it is not compared unless the caller says so.
 */
export type RunCase = (
  entry: Readonly<Record<string, unknown>>,
  wording?: Wording,
) => CaseOutcome | Promise<CaseOutcome>;

/** Suites of the format that this version cannot run yet. */
export const unbuiltSuites: ReadonlySet<string> = new Set(['http', 'recordio']);

/** Values are below the cluster: what judges descriptions is handed to them. It sees what the case says, as it is. */
const validators: ClusterValidators = {
  validateFramework: (info) => validateFramework(info as FrameworkClaim),
  validateFrameworkChange: (before, after) => validateFrameworkChange(before as FrameworkInfo, after as FrameworkInfo),
  validateQuota: (quota) => validateQuota(quota as QuotaLike),
};

/** Translators by the name of their suite. */
export const suites: ReadonlyMap<string, RunCase> = new Map<string, RunCase>([
  ['allocator', runAllocatorScenario],
  // The format's table calls it by its file, the file by what it is about.
  ['constraints', runConstraintsCase],
  ['offer-constraints', runConstraintsCase],
  ['protocol', runProtocolScenario],
  ['resources', runResourcesCase],
  ['roletree', runRoletreeScenario],
  ['sorter', runSorterScenario],
  ['validation', runValidationCase],
  ['values', (entry, wording) => runValuesCase(entry, validators, wording)],
]);
