import { cronScheduler, type CronInfo, type CronJob, type RunInfo } from '../../schedulers/index.js';
import type { RunningFramework } from './frameworks.js';
import { launchOptions } from './launch-options.js';
import type { LocalCluster } from './local-cluster.js';
import type { FrameworkSpec } from './plan.js';
import type { FailedTask, SummaryLine } from './summary.js';

/** Starts a cron scheduler on a cluster. It never has nothing left to do. */
export async function startCron(cluster: LocalCluster, spec: FrameworkSpec): Promise<RunningFramework> {
  const { name, jobs = [] } = spec;
  const counts = new Map<string, Map<string, number>>();
  const cron = await cronScheduler({
    ...launchOptions(cluster, spec),
    // The scheduler reads each as what it is, and says what is wrong with it.
    jobs: jobs as readonly CronJob[],
    onRun: (run) => count(counts, run),
  });
  const driver = cluster.master.subscribe(cron.info(), cron);
  const ran = (id: string): string => {
    const parts = [...(counts.get(id) ?? [])].map(([outcome, times]) => `${times} ${outcome}`);
    return parts.length === 0 ? 'no run yet' : parts.join(', ');
  };
  return {
    name,
    scheduler: 'cron',
    get id() {
      return driver.framework;
    },
    summary: () =>
      cron
        .jobs()
        .map((job) => `${job.id}: ${ran(job.id)}${nextOf(job)}`)
        .join('; '),
    failed: () => false,
    lines: () => cron.jobs().map(({ id }): SummaryLine => ({ what: id, state: 'cron', detail: ran(id) })),
    failures: (): readonly FailedTask[] => [],
    end() {
      cron.close();
      driver.teardown();
    },
  };
}

function count(counts: Map<string, Map<string, number>>, { job, outcome }: RunInfo): void {
  const mine = counts.get(job) ?? new Map<string, number>();
  mine.set(outcome, (mine.get(outcome) ?? 0) + 1);
  counts.set(job, mine);
}

function nextOf({ next }: CronInfo): string {
  return next === undefined ? '' : `, next at ${new Date(next).toISOString().slice(11, 19)} UTC`;
}
