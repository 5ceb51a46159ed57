/** An allocator as plain data, in which two states that mean the same are the same. */
import { savedAgent, savedFramework, type AllocatorState, type SavedAllocator } from '../../src/offers/index.js';
import { Attributes, Limits, Quantities, Resources, Table } from '../../src/resources/index.js';

/** The allocator as it is written down: by names only. */
export function savedOf(state: AllocatorState): SavedAllocator {
  const { agents, frameworks, slots: _slots, slotEpochs: _epochs, freeSlots: _free, ...named } = state;
  return {
    ...named,
    agents: Table.from(agents.entries().map(([id, agent]) => [id, savedAgent(state, agent)])),
    frameworks: Table.from(frameworks.entries().map(([id, framework]) => [id, savedFramework(framework)])),
  };
}

/** All of it as plain lists and objects: every field of every row. */
export function plainOf(state: AllocatorState): unknown {
  return plain(savedOf(state));
}

export function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Table) return value.entries().map(plain);
  if (value instanceof Resources) return JSON.stringify(value);
  if (value instanceof Quantities || value instanceof Limits) return String(value);
  if (value instanceof Attributes) return value.items;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}
