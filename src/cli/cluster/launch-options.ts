import type { SchedulerOptions } from '../../schedulers/index.js';
import type { LocalCluster } from './local-cluster.js';
import type { FrameworkSpec } from './plan.js';

/** How long what is not used of an offer stays hidden: on one machine everything is near, and agents come back soon, ms. */
const refuseMs = 5_000;
/** A master that was started anew knows its agents again in a moment: what it does not know then never started. */
const reconcile = { backOff: { firstMs: 500, maxMs: 10_000 } };
/** Hundreds of short tasks may end in one second: their states are kept together, ms. */
const saveEveryMs = 20;

/** What every scheduler of a file is made with: it goes on where it was, and keeps what it must not forget. */
export function launchOptions(
  cluster: LocalCluster,
  { name, role = name }: FrameworkSpec,
): SchedulerOptions & { readonly restore?: unknown; readonly save: (state: unknown) => void } {
  const keeper = cluster.keeper(name);
  const restore = keeper.state;
  return {
    name,
    role,
    refuseMs,
    reconcile,
    save: (state) => keeper.save(state),
    saveEveryMs,
    onError: (error) => cluster.log(`${name}: ${error instanceof Error ? error.message : String(error)}`),
    ...(restore !== undefined && { restore }),
  };
}
