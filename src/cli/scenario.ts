// Not by the index: the command must run where fast-check is not installed.
import { runScenario, type FailedExpectation, type ScenarioResult, type SkippedCase } from '../testing/run-scenario.js';
import { readJson } from './files.js';
import { type Io, messageOf, UsageError } from './io.js';
import { parseVerb, type Verb } from './verb.js';

const help = `Usage: proffer scenario FILE... [--json] [--allow-skipped]

Runs conformance cases and compares what comes out with what they expect.

  --json           print { passed, failed, skipped: [{ id, why }],
                   failures: [{ file, id, step, expected, actual }] }
  --allow-skipped  do not fail because a case was skipped

Exit code: 0 every case passed, 1 a case failed or was skipped, 2 a file cannot be read.
`;

interface FileFailure extends FailedExpectation {
  readonly file: string;
}

interface Total {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly SkippedCase[];
  readonly failures: readonly FileFailure[];
}

/** `proffer scenario`: conformance cases from files. */
export const scenario: Verb = { help, run };

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals: files } = parseVerb(args, {
    json: { type: 'boolean' },
    'allow-skipped': { type: 'boolean' },
  });
  if (files.length === 0) throw new UsageError('scenario needs at least one file');

  // All are read before any is run: a typing mistake in the last name should not cost the run of the others.
  const parsed: { readonly file: string; readonly json: unknown }[] = [];
  for (const file of files) parsed.push({ file, json: await readJson(file, io) });
  const results: { readonly file: string; readonly result: ScenarioResult }[] = [];
  for (const { file, json } of parsed) results.push({ file, result: await runFile(file, json) });

  const total = sum(results);
  io.stdout(values.json === true ? `${JSON.stringify(forJson(total), undefined, 2)}\n` : render(total));
  const skippedCounts = total.skipped.length > 0 && values['allow-skipped'] !== true;
  return total.failed > 0 || skippedCounts ? 1 : 0;
}

async function runFile(file: string, json: unknown): Promise<ScenarioResult> {
  try {
    return await runScenario(json);
  } catch (error) {
    if (codeOf(error) !== 'bad-scenario') throw error;
    throw new UsageError(`${file} is not a scenario file: ${messageOf(error)}`);
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function sum(results: readonly { readonly file: string; readonly result: ScenarioResult }[]): Total {
  return {
    passed: results.reduce((count, { result }) => count + result.passed, 0),
    failed: results.reduce((count, { result }) => count + result.failed, 0),
    skipped: results.flatMap(({ result }) => result.skipped),
    failures: results.flatMap(({ file, result }) => result.failures.map((failure) => ({ file, ...failure }))),
  };
}

/** JSON has no `undefined`; every field that the format names must be there. */
function forJson(total: Total): unknown {
  const failures = total.failures.map(({ file, id, step, expected, actual }) => ({
    file,
    id,
    step,
    expected: expected ?? null,
    actual: actual ?? null,
  }));
  return { passed: total.passed, failed: total.failed, skipped: total.skipped, failures };
}

function render({ passed, failed, skipped, failures }: Total): string {
  const lines = failures.map(
    ({ file, id, step, expected, actual }) =>
      `FAIL ${file} ${id} step ${step}: expected ${show(expected)}, actual ${show(actual)}`,
  );
  lines.push(...skipped.map(({ id, why }) => `SKIP ${id}: ${why}`));
  lines.push(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
  return `${lines.join('\n')}\n`;
}

/** One line, whatever it is. */
function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  return JSON.stringify(value) ?? 'nothing';
}
