import { batchScheduler, type BatchJob, type InstanceSummary, type JobSummary } from '../../schedulers/index.js';
import type { RunningFramework } from './frameworks.js';
import { launchOptions } from './launch-options.js';
import type { LocalCluster } from './local-cluster.js';
import type { FrameworkSpec } from './plan.js';
import type { FailedTask, SummaryLine } from './summary.js';
import { span } from './text.js';

/** Starts a batch scheduler on a cluster. */
export function startBatch(cluster: LocalCluster, spec: FrameworkSpec): RunningFramework {
  const { name, jobs = [] } = spec;
  const batch = batchScheduler({
    ...launchOptions(cluster, spec),
    // The scheduler reads each as what it is, and says what is wrong with it.
    jobs: jobs as readonly BatchJob[],
  });
  const driver = cluster.master.subscribe(batch.info(), batch);
  const jobsNow = (): readonly JobSummary[] => batch.summary().jobs;
  return {
    name,
    scheduler: 'batch',
    get id() {
      return driver.framework;
    },
    done: batch.done.then(() => undefined),
    summary: () => progressOf(jobsNow()),
    failed: () => !batch.summary().ok,
    lines: () => jobsNow().map(lineOf),
    failures: () => jobsNow().flatMap(failuresOf),
    end() {
      batch.close();
      driver.teardown();
    },
  };
}

function progressOf(jobs: readonly JobSummary[]): string {
  const all = jobs.flatMap(({ instances }) => instances);
  const count = (state: InstanceSummary['state']): number => all.filter((instance) => instance.state === state).length;
  const parts = [
    `${count('finished')}/${all.length} tasks finished`,
    ...(['launched', 'waiting', 'failed', 'dropped'] as const).flatMap((state) =>
      count(state) === 0 ? [] : `${count(state)} ${state}`,
    ),
  ];
  return parts.join(', ');
}

function lineOf({ id, state, why, startedAt, endedAt, instances }: JobSummary): SummaryLine {
  const finished = instances.filter((instance) => instance.state === 'finished').length;
  const again = instances.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0);
  const parts = [
    `${finished}/${instances.length} tasks`,
    ...(startedAt !== undefined && endedAt !== undefined ? [`in ${span(endedAt - startedAt)}`] : []),
    ...(again === 0 ? [] : [`${again} tried again`]),
    ...(why === undefined ? [] : [why]),
  ];
  return { what: id, state, detail: parts.join(', ') };
}

function failuresOf({ id, instances }: JobSummary): readonly FailedTask[] {
  return instances
    .filter(({ state }) => state === 'failed')
    .map(({ task, instance, attempt, agent, message = 'it has no last word' }) => ({
      what: `${id}.${task}${instance === 0 ? '' : `.${instance}`}`,
      message,
      ...(attempt !== undefined && { task: attempt }),
      ...(agent !== undefined && { agent }),
    }));
}
