import { InputError } from '../../resources/index.js';
import { startBatch } from './batch-framework.js';
import { startCron } from './cron-framework.js';
import type { LocalCluster } from './local-cluster.js';
import type { FrameworkSpec } from './plan.js';
import { startService } from './service-framework.js';
import type { FailedTask, SummaryLine } from './summary.js';
import type { Progress } from './view.js';

/** A framework at work. */
export interface RunningFramework extends Progress {
  /** Its id; absent until it is subscribed. */
  readonly id: string | undefined;
  /** Resolves when it has nothing left to do; absent = it never has. */
  readonly done?: Promise<void>;
  /** Whether something did not end as it should. */
  failed(): boolean;
  lines(): readonly SummaryLine[];
  failures(): readonly FailedTask[];
  /** Ends it: its tasks are told to end. */
  end(): void;
}

/**
 * Starts a framework of a file on a cluster, where it was if it was there before.
 *
 * @param path what to call it in errors.
 * @throws InputError with the path of what is wrong
 */
export async function startFramework(
  cluster: LocalCluster,
  spec: FrameworkSpec,
  path: string,
): Promise<RunningFramework> {
  try {
    switch (spec.scheduler) {
      case 'batch':
        return startBatch(cluster, spec);
      case 'service':
        return startService(cluster, spec);
      case 'cron':
        return await startCron(cluster, spec);
    }
    return spec.scheduler satisfies never;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, `${path}.${error.path}`, `${path}.${error.message}`);
  }
}
