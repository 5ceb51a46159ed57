/** A saved state written the obvious way, all at once: what the writer in steps is compared with. */
import type { ClusterState, Deadline, DeadlineHeap } from '../../src/cluster/index.js';
import { savedAgent, savedFramework } from '../../src/offers/index.js';
import { Attributes, compareText, Limits, Quantities, Resources, Table } from '../../src/resources/index.js';

/** The text of a state. */
export function plainText(state: ClusterState): string {
  const { deadlines, removals, offers, offerRuns, allocator, executorHosts: _derived, ...plain } = state;
  const { slots: _slots, slotEpochs: _epochs, freeSlots: _free, ...named } = allocator;
  const fields = encode({
    ...plain,
    deadlines: inHeap(deadlines).sort(byTime),
    removals: inHeap(removals).sort(byTime),
    offers: offers.values(),
    offerRuns: Table.from(offerRuns.entries().map(([run, row]) => [String(run).padStart(16, '0'), row] as const)),
    allocator: {
      ...named,
      agents: Table.from(named.agents.entries().map(([id, agent]) => [id, savedAgent(allocator, agent)] as const)),
      frameworks: Table.from(named.frameworks.entries().map(([id, row]) => [id, savedFramework(row)] as const)),
    },
  }) as object;
  return JSON.stringify({ format: 'proffer-state', version: 1, ...fields });
}

function encode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Table) return { $table: value.entries().map(encode) };
  if (value instanceof Resources) return { $resources: value.toJSON() };
  if (value instanceof Quantities || value instanceof Limits) {
    const pairs = value.names.map((name, index) => [name, value.millis[index]]);
    return value instanceof Limits ? { $limits: pairs } : { $quantities: pairs };
  }
  if (value instanceof Attributes) return { $attributes: value.items };
  if (Array.isArray(value)) return value.map(encode);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, encode(field)]));
}

function inHeap(heap: DeadlineHeap): Deadline[] {
  return heap === null ? [] : [heap.deadline, ...inHeap(heap.left), ...inHeap(heap.right)];
}

const kinds = ['offers', 'failover', 'agent'];

function byTime(a: Deadline, b: Deadline): number {
  const kind = kinds.indexOf(a.kind) - kinds.indexOf(b.kind);
  return a.at - b.at || kind || compareText(a.id, b.id) || a.token - b.token;
}
