import { DefaultReporter } from 'vitest/node';

/** What a run came to. A file that could not be loaded, or an error outside any test, counts as one failure. */
interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

type Modules = Parameters<DefaultReporter['onTestRunEnd']>[0];
type Errors = Parameters<DefaultReporter['onTestRunEnd']>[1];
type Reason = Parameters<DefaultReporter['onTestRunEnd']>[2];

/** Vitest's default report, closed by one plain line `N passed, N failed` (and `, N skipped` if any were). */
export default class SummaryReporter extends DefaultReporter {
  override onTestRunEnd(modules: Modules, errors: Errors, reason: Reason): void {
    super.onTestRunEnd(modules, errors, reason);
    const { passed, failed, skipped } = tally(modules, errors);
    // Written past vitest's logger: no colour, no prefix, a line of its own.
    process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  }
}

function tally(modules: Modules, errors: Errors): Tally {
  const sum: Tally = { passed: 0, failed: errors.length, skipped: 0 };
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') sum.passed += 1;
      else if (state === 'failed') sum.failed += 1;
      else sum.skipped += 1;
    }
    sum.failed += module.errors().length;
    for (const suite of module.children.allSuites()) sum.failed += suite.errors().length;
  }
  return sum;
}
