import { InputError } from '../resources/index.js';
import type { ScenarioFailure } from './scenarios/failure.js';
import { type CaseOutcome, suites, unbuiltSuites } from './scenarios/suites.js';

/** A case that was left out, and why. */
export interface SkippedCase {
  readonly id: string;
  readonly why: string;
}

/** An expectation that did not hold, with the case it belongs to. */
export interface FailedExpectation extends ScenarioFailure {
  readonly id: string;
}

/** What running one conformance file came to. `passed`, `failed` and `skipped` count cases; a case may fail twice. */
export interface ScenarioResult {
  readonly suite: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly SkippedCase[];
  readonly failures: readonly FailedExpectation[];
}

/** A conformance file whose shape has been checked. */
interface ScenarioFile {
  readonly suite: string;
  readonly cases: readonly ScenarioCase[];
}

type ScenarioCase = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * Runs one file of conformance cases, `{ suite, cases | scenarios: [{ id, … }] }`, against this implementation.
 *
 * A case of a suite that is known and not built yet is skipped; every case of an unknown suite fails, and so does a
 * case with an unknown operation or field.
 *
 * @param json the parsed file
 * @throws InputError `bad-scenario` when it is not such a file: no suite, no list of cases, a case without an id or
 *   with the id of another
 *
 * @example
 * const { passed, failures } = await runScenario(JSON.parse(await readFile('values.json', 'utf8')));
 */
export async function runScenario(json: unknown): Promise<ScenarioResult> {
  const { suite, cases } = parseFile(json);
  let passed = 0;
  let failed = 0;
  const skipped: SkippedCase[] = [];
  const failures: FailedExpectation[] = [];
  for (const entry of cases) {
    const outcome = await runCase(suite, entry);
    if ('skipped' in outcome) {
      skipped.push({ id: entry.id, why: outcome.skipped });
    } else if (outcome.length === 0) {
      passed += 1;
    } else {
      failed += 1;
      failures.push(...outcome.map(({ step, expected, actual }) => ({ id: entry.id, step, expected, actual })));
    }
  }
  return { suite, passed, failed, skipped, failures };
}

async function runCase(suite: string, entry: ScenarioCase): Promise<CaseOutcome> {
  if (unbuiltSuites.has(suite)) return { skipped: `suite not built: ${suite}` };
  const run = suites.get(suite);
  if (run === undefined) {
    const known = [...suites.keys(), ...unbuiltSuites].join(', ');
    return [{ step: 'suite', expected: `one of ${known}`, actual: suite }];
  }
  try {
    return await run(entry);
  } catch (error) {
    // A case that the translator cannot read must not take the rest of the file with it.
    return [{ step: 'case', expected: 'no exception', actual: describe(error) }];
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function parseFile(json: unknown): ScenarioFile {
  if (!isRecord(json)) throw bad('', 'a scenario file is an object { suite, cases | scenarios }');
  const { suite } = json;
  if (typeof suite !== 'string' || suite === '') throw bad('suite', 'the name of the suite is missing');
  if ('cases' in json && 'scenarios' in json) throw bad('cases', 'a file has either cases or scenarios, not both');
  const field = 'scenarios' in json ? 'scenarios' : 'cases';
  const list = json[field];
  if (!Array.isArray(list)) throw bad(field, 'a list of cases is missing');
  const ids = new Set<string>();
  const cases = list.map((entry: unknown, index) => parseCase(entry, `${field}[${index}]`, ids));
  return { suite, cases };
}

function parseCase(entry: unknown, path: string, ids: Set<string>): ScenarioCase {
  if (!isRecord(entry)) throw bad(path, 'a case is an object');
  const { id } = entry;
  if (typeof id !== 'string' || id === '') throw bad(`${path}.id`, 'a case has an id');
  if (ids.has(id)) throw bad(`${path}.id`, `the id ${JSON.stringify(id)} is used twice`);
  ids.add(id);
  return { ...entry, id };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(path: string, message: string): InputError {
  return new InputError('bad-scenario', path, path === '' ? message : `${path}: ${message}`);
}
