import { emptyShareTree, type ShareTree } from '../drf/index.js';
import {
  Edit,
  Numbered,
  Table,
  noQuantities,
  quantities,
  type Attributes,
  type Limits,
  type Quantities,
  type Resources,
} from '../resources/index.js';
import type { AgentCapability, Domain, FrameworkCapability } from '../tasks/index.js';
import type { OfferConstraints } from './constraints.js';
import type { AgentOrder } from './agent-order.js';
import type { Refusals } from './refusals.js';
import type { ClientSlot, FreeSlots } from './slots.js';

/** What the allocator needs to know of the configuration. */
export interface AllocatorConfig {
  /** Seed of shuffles and draws. */
  readonly seed: number;
  /** Batch runs fall on multiples of this, ms. */
  readonly allocationIntervalMs: number;
  /** In which order a run visits agents. */
  readonly agentOrder: AgentOrder;
  /** Any of these makes resources worth offering; empty = anything not empty (ALLOC-6). */
  readonly minAllocatable: readonly Quantities[];
  /** Names that do not count in shares (SORT-10). */
  readonly fairnessExclude: readonly string[];
  /** Agents with gpus are kept for frameworks with `gpu-resources` (ALLOC-5). */
  readonly filterGpus: boolean;
  /** Where the master stands (DOM-2). */
  readonly domain: Domain | null;
  /** Quotas hold for roles below too; otherwise a role is bound by its own alone, though it counts above (QUOTA-11). */
  readonly nestedQuota: boolean;
  /** A framework with so many unanswered offers gets no more; null = any number. */
  readonly maxOffersPerFramework: number | null;
  /** After the master was lost: which part of its agents must be back before anything is allocated (ALLOC-18). */
  readonly recoveryFraction: number;
  /** … or how long to wait for them, ms; null = don't wait at all. */
  readonly recoveryWaitMs: number | null;
}

/** What one framework holds of one agent in one role: offered or in use, in unallocated form (ALLOC-9). */
export interface Holding {
  readonly framework: string;
  readonly role: string;
  readonly resources: Resources;
}

/** When a machine is away: from `start` on, for a time or for good. Milliseconds. */
export interface Unavailability {
  readonly start: number;
  /** Absent = nobody knows for how long. */
  readonly durationMs?: number;
}

/** How a framework answered when it was asked to leave an agent. */
export interface InverseStanding {
  readonly framework: string;
  /** It was asked and has not answered yet: it is not asked again. */
  readonly outstanding: boolean;
  /** Its last answer; null = none yet. */
  readonly response: 'accept' | 'decline' | null;
  readonly respondedAt: number;
  /** It is not asked again before; null = it may be. Void when older than the framework's `inverseEpoch` (FILT-5). */
  readonly filter: { readonly expiresAt: number; readonly once: boolean; readonly epoch: number } | null;
}

/** Planned maintenance of an agent's machine, and what those who hold something of it say (INV-1, MNT-5). */
export interface AgentMaintenance {
  readonly unavailability: Unavailability;
  /** Sorted by framework. */
  readonly standings: readonly InverseStanding[];
}

/** One agent of the allocator. */
export interface AllocatorAgent {
  readonly id: string;
  readonly hostname: string;
  readonly attributes: Attributes;
  readonly capabilities: readonly AgentCapability[];
  readonly domain: Domain | null;
  /** An inactive agent keeps what is held of it and is not offered (ALLOC-15). */
  readonly active: boolean;
  readonly total: Resources;
  /** Total less everything held, floored (ALLOC-10, ALLOC-16). */
  readonly free: Resources;
  /** Sorted by role, then framework. */
  readonly held: readonly Holding[];
  /** Numbers of the offers of it that stand, the oldest first: whoever makes offers of grants has them kept here. */
  readonly offers: readonly number[];
  /** What frameworks refused of it, and until when it is hidden from them. */
  readonly refusals: Refusals;
  /** null = nothing is planned. */
  readonly maintenance: AgentMaintenance | null;
}

/** A framework's own minimum for one role; an empty list = anything (ALLOC-6). */
export interface RoleMinimum {
  readonly role: string;
  readonly minAllocatable: readonly Quantities[];
}

/** One framework of the allocator. */
export interface AllocatorFramework {
  readonly id: string;
  readonly active: boolean;
  /** Sorted. */
  readonly roles: readonly string[];
  /** Sorted; a subset of `roles`. */
  readonly suppressed: readonly string[];
  readonly capabilities: readonly FrameworkCapability[];
  readonly minimums: readonly RoleMinimum[];
  /** Which agents it wants, by role (CONS-1). */
  readonly constraints: OfferConstraints;
  readonly priority: number;
  /** Its number in each of its roles, by which refusals are filed. Sorted by role. */
  readonly slots: readonly { readonly role: string; readonly slot: number }[];
  /** Inverse-offer filters of an older epoch are void: clearing them is one write. */
  readonly inverseEpoch: number;
  /** Agents in whose maintenance it has a standing. */
  readonly standings: Table<true>;
}

/** Guarantee and limit of a role (QUOTA-1). */
export interface Quota {
  readonly guarantees: Quantities;
  readonly limits: Limits;
}

/** What a framework said it would like to get (design: recorded, never a preference). */
export interface Demand {
  readonly role: string | null;
  readonly agent: string | null;
  readonly resources: Resources;
  readonly count: number;
}

/** The first level as one immutable value. */
export interface AllocatorState {
  readonly config: AllocatorConfig;
  /** Instant of the newest input, ms. */
  readonly now: number;
  /** Number of the newest input. */
  readonly seq: number;
  readonly agents: Table<AllocatorAgent>;
  readonly frameworks: Table<AllocatorFramework>;
  /** By framework: how many offers it has not answered yet; absent = none. Apart, as it changes with every run. */
  readonly offersOut: Table<number>;
  /**
   * By client key: of how many agents a framework holds something in a role that it is not subscribed to (any more); for
   * each such client, and no others.
   */
  readonly lingering: Table<number>;
  /** Whose a slot is. */
  readonly slots: Numbered<ClientSlot>;
  /** By slot / 32: the epoch of the newest change of one of these slots. */
  readonly slotEpochs: Numbered<number>;
  readonly freeSlots: FreeSlots | null;
  /** Scalars of all agents together: what shares are shares of. */
  readonly total: Quantities;
  /** All roles that have frameworks, by share. */
  readonly shares: ShareTree;
  /** Per role: its frameworks by share. */
  readonly clients: Table<ShareTree>;
  readonly quotas: Table<Quota>;
  /** Per role: what agents have reserved to it, offered or not. */
  readonly reserved: Table<Quantities>;
  /** Frameworks that hold something but are not known yet, with the agents they hold it of (ALLOC-17). */
  readonly orphans: Table<Table<true>>;
  readonly demand: Table<readonly Demand[]>;
  /** Hostnames that may be offered; null = all (ALLOC-2). */
  readonly whitelist: Table<true> | null;
  readonly paused: boolean;
  /** Nothing is allocated until so many agents are there, or until the instant `until`, ms (ALLOC-18); null = no such wait. */
  readonly awaiting: { readonly agents: number; readonly until: number } | null;
  /** Agents for which an event asked for a run (ALLOC-1). */
  readonly requested: Table<true>;
  readonly requestedAll: boolean;
  /** The batch of this instant asked for the run. */
  readonly batchDue: boolean;
  /**
   * Agents of which more is free than when a run last looked at them, or is free for others: of the rest nobody can be
   * offered anything, for whatever withheld it still does, unless `freshAll` says that something changed for all.
   */
  readonly fresh: Table<true>;
  readonly freshAll: boolean;
  /** Since when something changed that a batch could use; null = nothing. */
  readonly dirtySince: number | null;
  /** The first batch in which a filter that withheld something will be gone; null = none withheld anything. */
  readonly parkedUntil: number | null;
  /** Runs performed. */
  readonly runs: number;
  /** Counts what voids refusals: their clearings, and changes of slots. */
  readonly epoch: number;
}

/** The defaults of Mesos (semantics §28), but that quotas hold for whole subtrees. */
export const defaultAllocatorConfig: AllocatorConfig = {
  seed: 1,
  allocationIntervalMs: 1_000,
  agentOrder: 'random',
  minAllocatable: [quantities('cpus:0.01'), quantities('mem:32')],
  fairnessExclude: [],
  filterGpus: true,
  domain: null,
  nestedQuota: true,
  maxOffersPerFramework: null,
  recoveryFraction: 0.8,
  recoveryWaitMs: 600_000,
};

/** An allocator that knows nobody. */
export function emptyAllocator(config: Partial<AllocatorConfig> = {}): AllocatorState {
  return {
    config: { ...defaultAllocatorConfig, ...config },
    now: 0,
    seq: 0,
    agents: Table.empty(),
    frameworks: Table.empty(),
    offersOut: Table.empty(),
    lingering: Table.empty(),
    slots: Numbered.empty(),
    slotEpochs: Numbered.empty(),
    freeSlots: null,
    total: noQuantities,
    shares: emptyShareTree,
    clients: Table.empty(),
    quotas: Table.empty(),
    reserved: Table.empty(),
    orphans: Table.empty(),
    demand: Table.empty(),
    whitelist: null,
    paused: false,
    awaiting: null,
    requested: Table.empty(),
    requestedAll: false,
    batchDue: false,
    fresh: Table.empty(),
    freshAll: false,
    dirtySince: null,
    parkedUntil: null,
    runs: 0,
    epoch: 0,
  };
}

/**
 * The allocator while one transition runs: fields are assigned freely, table nodes made under `edit` are written in place.
 * It never leaves the transition.
 */
export interface AllocatorDraft extends MutableState {
  readonly edit: Edit;
}

type MutableState = { -readonly [K in keyof AllocatorState]: AllocatorState[K] };

/** Opens a state for one transition; field by field, as a spread of so many is slow to make and to read. */
export function openAllocator(state: AllocatorState, edit: Edit): AllocatorDraft {
  return {
    config: state.config,
    now: state.now,
    seq: state.seq,
    agents: state.agents,
    frameworks: state.frameworks,
    offersOut: state.offersOut,
    lingering: state.lingering,
    slots: state.slots,
    slotEpochs: state.slotEpochs,
    freeSlots: state.freeSlots,
    total: state.total,
    shares: state.shares,
    clients: state.clients,
    quotas: state.quotas,
    reserved: state.reserved,
    orphans: state.orphans,
    demand: state.demand,
    whitelist: state.whitelist,
    paused: state.paused,
    awaiting: state.awaiting,
    requested: state.requested,
    requestedAll: state.requestedAll,
    batchDue: state.batchDue,
    fresh: state.fresh,
    freshAll: state.freshAll,
    dirtySince: state.dirtySince,
    parkedUntil: state.parkedUntil,
    runs: state.runs,
    epoch: state.epoch,
    edit,
  };
}

/** Closes a draft: the state after the transition. */
export function closeAllocator(draft: AllocatorDraft): AllocatorState {
  return {
    config: draft.config,
    now: draft.now,
    seq: draft.seq,
    agents: draft.agents,
    frameworks: draft.frameworks,
    offersOut: draft.offersOut,
    lingering: draft.lingering,
    slots: draft.slots,
    slotEpochs: draft.slotEpochs,
    freeSlots: draft.freeSlots,
    total: draft.total,
    shares: draft.shares,
    clients: draft.clients,
    quotas: draft.quotas,
    reserved: draft.reserved,
    orphans: draft.orphans,
    demand: draft.demand,
    whitelist: draft.whitelist,
    paused: draft.paused,
    awaiting: draft.awaiting,
    requested: draft.requested,
    requestedAll: draft.requestedAll,
    batchDue: draft.batchDue,
    fresh: draft.fresh,
    freshAll: draft.freshAll,
    dirtySince: draft.dirtySince,
    parkedUntil: draft.parkedUntil,
    runs: draft.runs,
    epoch: draft.epoch,
  };
}

/** Key of a framework in a role. A role has no blank, so the first blank parts the two. */
export function clientKey(framework: string, role: string): string {
  return `${role} ${framework}`;
}
