import { join } from 'node:path';
import type { RunningFramework } from './frameworks.js';
import type { LocalCluster } from './local-cluster.js';
import { plain, table } from './text.js';

/** How one job, app or schedule ended, for people. */
export interface SummaryLine {
  readonly what: string;
  readonly state: string;
  /** Figures and reasons. */
  readonly detail: string;
}

/** A task that did not finish, and where it was. */
export interface FailedTask {
  /** The id of its last attempt; absent = it was never launched. */
  readonly task?: string;
  readonly agent?: string;
  readonly what: string;
  readonly message: string;
}

/** More failed tasks than this are only counted. */
const shownFailures = 50;

/** What became of everything: a table, then each failed task and where what it wrote lies. */
export function summaryOf(frameworks: readonly RunningFramework[], cluster: LocalCluster): string {
  const rows = frameworks.flatMap((framework) =>
    framework.lines().map(({ what, state, detail }) => [framework.name, what, state, detail].map(plain)),
  );
  const lines = [...table([['framework', 'what', 'state', ''], ...rows]), ''];
  for (const framework of frameworks) lines.push(...failureLines(framework, cluster));
  return lines.map((line) => `${line}\n`).join('');
}

function failureLines(framework: RunningFramework, cluster: LocalCluster): readonly string[] {
  const failures = framework.failures();
  const shown = failures.slice(0, shownFailures).flatMap(({ task, agent, what, message }) => {
    const sandbox =
      task === undefined || agent === undefined || framework.id === undefined
        ? undefined
        : cluster.sandbox(agent, framework.id, task);
    const first = plain(`${framework.name}: ${what} did not finish: ${message}`);
    return sandbox === undefined ? [first] : [first, `  ${join(sandbox, 'stderr')}`];
  });
  const more = failures.length - shownFailures;
  return more > 0 ? [...shown, `${framework.name}: ${more} more did not finish`] : shown;
}
