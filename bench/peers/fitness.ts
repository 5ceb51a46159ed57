/** What rivals can do at all: the ways of the workloads, not everything that a cluster may be told. */
import type { ClusterState } from '../../src/cluster/index.js';
import type { AllocatorAgent, AllocatorFramework, AllocatorState } from '../../src/offers/index.js';
import { MAX_MILLI, names, amount, type ResourceItem } from '../../src/resources/index.js';

/**
 * Whether a rival that knows scalars, ranges, shares, weights, filters, minimums and quotas of top-level roles, and
 * nothing else, would offer what the library offers. Filters are looked at by whoever reads them.
 */
export function isPlain(state: ClusterState): boolean {
  const { allocator, config } = state;
  return (
    isPlainConfig(allocator) &&
    (allocator.quotas.size === 0 || !config.nestedQuota) &&
    allocator.agents.values().every(isPlainAgent) &&
    allocator.frameworks.values().every(isPlainFramework) &&
    sharesAreExact(allocator)
  );
}

function isPlainConfig({ config, whitelist, paused, awaiting, orphans, reserved }: AllocatorState): boolean {
  return (
    config.agentOrder === 'random' &&
    config.fairnessExclude.length === 0 &&
    config.maxOffersPerFramework === null &&
    config.domain === null &&
    whitelist === null &&
    !paused &&
    awaiting === null &&
    orphans.size === 0 &&
    reserved.size === 0
  );
}

function isPlainAgent({ active, domain, maintenance, capabilities, total }: AllocatorAgent): boolean {
  return (
    active &&
    domain === null &&
    maintenance === null &&
    capabilities.includes('multi-role') &&
    capabilities.includes('hierarchical-role') &&
    total.items.every(isPlainItem)
  );
}

function isPlainItem({ name, value, reservations, disk, shared, revocable }: ResourceItem): boolean {
  return (
    name !== 'gpus' &&
    value.type !== 'set' &&
    reservations.length === 0 &&
    disk === undefined &&
    shared === undefined &&
    revocable === undefined
  );
}

function isPlainFramework({ active, suppressed, minimums, constraints }: AllocatorFramework): boolean {
  return active && suppressed.length === 0 && minimums.length === 0 && constraints.length === 0;
}

/** Rivals multiply and divide; the library takes a longer way where a product would be rounded. */
function sharesAreExact({ shares, total }: AllocatorState): boolean {
  const largest = Math.max(0, ...names(total).map((name) => amount(total, name)));
  return shares.nodes.values().every(({ weight }) => largest * Math.max(weight.p, weight.q) <= MAX_MILLI);
}
