/**
 * The limit: what one thread of JavaScript needs for the bare arithmetic of a run. Columns in typed arrays, a shuffle,
 * the order of shares in heaps, shares reckoned anew after each grant, offers written side by side. There is no state
 * before or after, there are no ids and no objects: nothing that anybody could use, and nothing that could be left out.
 */
import type { ClusterState } from '../../src/cluster/index.js';
import { columnsOf } from './columns.js';
import { QuotaLimit, quotaColumnsOf } from './quota-limit.js';
import { ShareLimit } from './share-limit.js';

/** A run of a cluster, ready to be done again and again. */
export interface Limit {
  /** Puts everything back to where it was before the run; not to be timed. */
  reset(): void;
  /**
   * How many grants, and a checksum over whom they were for, of what and how much, in order.
   *
   * @param salt - of the shuffle; that of the cluster's next run if absent.
   */
  run(salt?: number): { readonly offers: number; readonly checksum: number };
}

/** The limit for a cluster; `undefined` if there is anything in it that the limit knows nothing of. */
export function limitOf(state: ClusterState): Limit | undefined {
  const columns = columnsOf(state);
  if (columns === undefined) return undefined;
  if (state.allocator.quotas.size === 0) return new ShareLimit(columns);
  const quota = quotaColumnsOf(state.allocator, columns);
  return quota && new QuotaLimit(columns, quota);
}
