import { serviceScheduler, type App, type AppInfo } from '../../schedulers/index.js';
import type { RunningFramework } from './frameworks.js';
import { launchOptions } from './launch-options.js';
import type { LocalCluster } from './local-cluster.js';
import type { FrameworkSpec } from './plan.js';
import type { FailedTask, SummaryLine } from './summary.js';

/** Starts a service scheduler on a cluster. It never has nothing left to do. */
export function startService(cluster: LocalCluster, spec: FrameworkSpec): RunningFramework {
  const { name, apps = [] } = spec;
  const service = serviceScheduler({
    ...launchOptions(cluster, spec),
    // The scheduler reads each as what it is, and says what is wrong with it.
    apps: apps as readonly App[],
  });
  const driver = cluster.master.subscribe(service.info(), service);
  // How things stood when it was ended: afterwards nothing is ready.
  let last: readonly AppInfo[] | undefined;
  const now = (): readonly AppInfo[] => last ?? service.apps();
  return {
    name,
    scheduler: 'service',
    get id() {
      return driver.framework;
    },
    summary: () => now().map(standing).join(', '),
    failed: () => false,
    lines: () => now().map(lineOf),
    failures: (): readonly FailedTask[] => [],
    end() {
      last = service.apps();
      service.close();
      driver.teardown();
    },
  };
}

function standing({ id, ready, wanted, updating }: AppInfo): string {
  return `${id} ${ready}/${wanted} ready${updating ? ', being updated' : ''}`;
}

function lineOf({ id, ready, wanted, lastEnd }: AppInfo): SummaryLine {
  const parts = [
    `${ready}/${wanted} ready`,
    ...(lastEnd === undefined ? [] : [`last end: ${lastEnd.message ?? lastEnd.state}`]),
  ];
  return { what: id, state: ready >= wanted ? 'running' : 'short', detail: parts.join(', ') };
}
