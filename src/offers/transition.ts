/**
 * The allocator as a machine of its own: everything that the first level is told, and what it grants. `cluster` drives
 * the same functions on its own draft; this door is for hosts and tests that want the first level alone.
 *
 * | input | rows |
 * |---|---|
 * | add-agent, add-provider, remove-agent, update-agent, activate-agent, deactivate-agent | ALLOC-15 … 17 |
 * | set-unavailability, respond-inverse, withdraw-inverse | MNT-3, INV-1 |
 * | add-framework, remove-framework, update-framework, activate-framework, deactivate-framework | ALLOC-14, ROLE-6 |
 * | recover | ALLOC-11, FILT-1 … 4 |
 * | update-allocation, update-available | ALLOC-12, ALLOC-13 |
 * | suppress, unsuppress, clear-filters, revive | SUPP-1 … 4 |
 * | set-weight, set-quota, set-whitelist | WEIGHT-1, QUOTA-1, ALLOC-2 |
 * | request | recorded demand |
 * | set-offers-out | bound on unanswered offers |
 * | pause, resume | ALLOC-19 |
 * | tick | fires a batch that is due |
 * | allocate | performs the run that was asked for: the only input that grants (ALLOC-1 … 10) |
 */
import { drf, setPriority, setWeight, weightOf } from '../drf/index.js';
import {
  Edit,
  InputError,
  Table,
  unallocate,
  type Conversion,
  type Problem,
  type Resources,
} from '../resources/index.js';
import {
  addAgent,
  addProvider,
  removeAgent,
  setAgentActive,
  updateAgent,
  type AgentChange,
  type NewAgent,
} from './agents.js';
import { allocate, type RunScope } from './allocate.js';
import { updateAllocation, updateAvailable, type AllocationUpdate } from './conversions.js';
import { refusalMs, refusalsWith } from './filters.js';
import {
  activateFramework,
  addFramework,
  clearRoleFilters,
  deactivateFramework,
  removeFramework,
  reviveRoles,
  setOffersOut,
  suppressRoles,
  unsuppressRoles,
  updateFramework,
  type FrameworkSettings,
} from './frameworks.js';
import { release, releaseAll } from './holdings.js';
import { respondInverse, setUnavailability, withdrawInverse, type InverseGrant } from './maintenance.js';
import type { Grant, Policy, PolicyFailure } from './policy.js';
import {
  closeAllocator,
  openAllocator,
  type AllocatorDraft,
  type AllocatorState,
  type Demand,
  type Holding,
  type Quota,
  type Unavailability,
} from './state.js';
import { endWait, waitEnd } from './recovery.js';
import { clearRequests, fireBatch, markAgentDirty, markDirty, moveTo, nextBatch } from './when.js';

interface Timed {
  /** Whole ms; time that goes back stands still. */
  readonly at: number;
}

/**
 * What can be said to an allocator. Resources are read already; what is held, offered or given back means the same with
 * `allocated` and without: whose it is, the input says beside it.
 */
export type AllocatorInput = Timed &
  (
    | ({ readonly type: 'add-agent' } & NewAgent)
    | { readonly type: 'remove-agent' | 'activate-agent' | 'deactivate-agent'; readonly agent: string }
    | ({ readonly type: 'update-agent'; readonly agent: string } & AgentChange)
    /** A part is added to an agent, with what frameworks use of it. */
    | {
        readonly type: 'add-provider';
        readonly agent: string;
        readonly total: Resources;
        readonly used: readonly Holding[];
      }
    /** When the agent will be away; null = it will not. */
    | {
        readonly type: 'set-unavailability';
        readonly agent: string;
        readonly unavailability: Unavailability | null;
      }
    /** The answer to an inverse offer; it is not asked again for a while (FILT-2). */
    | {
        readonly type: 'respond-inverse';
        readonly framework: string;
        readonly agent: string;
        readonly response: 'accept' | 'decline';
        readonly refuseSeconds?: number;
      }
    /** An inverse offer does not stand any more: it may be made anew. */
    | { readonly type: 'withdraw-inverse'; readonly framework: string; readonly agent: string }
    | ({ readonly type: 'add-framework'; readonly framework: string; readonly active?: boolean } & FrameworkSettings)
    | ({ readonly type: 'update-framework'; readonly framework: string } & FrameworkSettings)
    | { readonly type: 'remove-framework' | 'activate-framework' | 'deactivate-framework'; readonly framework: string }
    | {
        readonly type: 'suppress' | 'unsuppress' | 'clear-filters' | 'revive';
        readonly framework: string;
        /** Empty = all subscribed. */
        readonly roles: readonly string[];
      }
    | {
        /** Resources come back. With `refuseSeconds` they are hidden for a while (FILT-2); absent or 0 = no filter. */
        readonly type: 'recover';
        readonly framework: string;
        readonly agent: string;
        readonly role: string;
        readonly resources: Resources;
        readonly refuseSeconds?: number;
      }
    /** Operations on what a framework holds: the agent's total follows. */
    | ({ readonly type: 'update-allocation' } & AllocationUpdate)
    /** Operations on what nobody holds; refused when that is not so. */
    | { readonly type: 'update-available'; readonly agent: string; readonly conversions: readonly Conversion[] }
    | { readonly type: 'set-weight'; readonly role: string; readonly weight?: number; readonly priority?: number }
    /** Kept and reported; null = none. */
    | { readonly type: 'set-quota'; readonly role: string; readonly quota: Quota | null }
    | { readonly type: 'set-whitelist'; readonly hosts: readonly string[] | null }
    | { readonly type: 'request'; readonly framework: string; readonly demand: readonly Demand[] }
    /**
     * How many offers a framework has not answered: for `maxOffersPerFramework`. The allocator knows grants and no offers,
     * so the host counts them, and says so before the next run.
     */
    | { readonly type: 'set-offers-out'; readonly framework: string; readonly offers: number }
    | { readonly type: 'pause' | 'resume' | 'tick' }
    | { readonly type: 'allocate'; readonly agents?: RunScope }
  );

/** What a run decided. */
export type AllocatorOutput =
  | { readonly type: 'grant'; readonly grant: Grant }
  /** An agent will be away, and the framework holds something of it: it is asked to leave (INV-1). */
  | ({ readonly type: 'inverse' } & InverseGrant)
  | { readonly type: 'policy-failed'; readonly failure: PolicyFailure }
  /** The input changed nothing, and why. */
  | { readonly type: 'refused'; readonly problem: Problem };

/**
 * Applies one input.
 *
 * @throws InputError `bad-weight`, when a weight is not a number above 0; `bad-number`, when there are not so many offers.
 * @example
 * const [next, outputs] = allocatorTransition(state, { type: 'allocate', at: 1000 });
 */
export function allocatorTransition(
  state: AllocatorState,
  input: AllocatorInput,
  policy: Policy = drf,
): readonly [state: AllocatorState, outputs: readonly AllocatorOutput[]] {
  const draft = openAllocator(state, new Edit());
  draft.seq += 1;
  passTime(draft, input.at);
  const outputs = applyAllocator(draft, unallocated(input), policy);
  return [closeAllocator(draft), outputs];
}

/** Holdings are kept without `allocated`: what came with it would be another thing, and count against nothing. */
function unallocated(input: AllocatorInput): AllocatorInput {
  switch (input.type) {
    case 'add-agent':
      return input.used === undefined ? input : { ...input, used: unallocatedParts(input.used) };
    case 'add-provider':
      return { ...input, used: unallocatedParts(input.used) };
    case 'recover':
      return { ...input, resources: unallocate(input.resources) };
    case 'update-allocation':
      return {
        ...input,
        offered: unallocate(input.offered),
        conversions: input.conversions.map(({ consumed, converted }) => ({
          consumed: unallocate(consumed),
          converted: unallocate(converted),
        })),
      };
    default:
      return input;
  }
}

function unallocatedParts(parts: readonly Holding[]): readonly Holding[] {
  return parts.map((part) => ({ ...part, resources: unallocate(part.resources) }));
}

/** Fires the end of a wait and the batch that fell due up to `at`, each at its own instant, then moves the clock. */
function passTime(draft: AllocatorDraft, at: number): void {
  if (!Number.isSafeInteger(at))
    throw new InputError('bad-time', 'at', `at must be whole milliseconds, got ${String(at)}`);
  const end = waitEnd(draft);
  if (end !== undefined && end <= at) {
    moveTo(draft, end);
    endWait(draft);
  }
  const batch = nextBatch(draft);
  if (batch !== undefined && batch <= at) {
    moveTo(draft, batch);
    fireBatch(draft);
  }
  moveTo(draft, at);
}

function applyAllocator(draft: AllocatorDraft, input: AllocatorInput, policy: Policy): readonly AllocatorOutput[] {
  switch (input.type) {
    case 'add-agent':
      addAgent(draft, input);
      return [];
    case 'remove-agent':
      removeAgent(draft, input.agent);
      return [];
    case 'activate-agent':
    case 'deactivate-agent':
      setAgentActive(draft, input.agent, input.type === 'activate-agent');
      return [];
    case 'update-agent':
      updateAgent(draft, input.agent, input);
      return [];
    case 'add-provider':
      addProvider(draft, input.agent, input.total, input.used);
      return [];
    case 'set-unavailability':
      setUnavailability(draft, input.agent, input.unavailability);
      return [];
    case 'respond-inverse':
      respondInverse(draft, input, input.response, refusalMs(input.refuseSeconds));
      return [];
    case 'withdraw-inverse':
      withdrawInverse(draft, input);
      return [];
    case 'add-framework':
      addFramework(draft, input.framework, input, input.active ?? true);
      return [];
    case 'update-framework':
      updateFramework(draft, input.framework, input);
      return [];
    case 'remove-framework':
      removeFramework(draft, input.framework);
      return [];
    case 'activate-framework':
      activateFramework(draft, input.framework);
      return [];
    case 'deactivate-framework':
      deactivateFramework(draft, input.framework);
      return [];
    case 'suppress':
      suppressRoles(draft, input.framework, input.roles);
      return [];
    case 'unsuppress':
      unsuppressRoles(draft, input.framework, input.roles);
      return [];
    case 'clear-filters':
      clearRoleFilters(draft, input.framework, input.roles);
      return [];
    case 'revive':
      reviveRoles(draft, input.framework, input.roles);
      return [];
    case 'recover':
      recover(draft, input, input.refuseSeconds === undefined ? 0 : refusalMs(input.refuseSeconds));
      return [];
    case 'update-allocation':
      return answer(updateAllocation(draft, input));
    case 'update-available':
      return answer(updateAvailable(draft, input.agent, input.conversions));
    case 'set-weight':
      changeWeight(draft, input.role, input);
      return [];
    case 'set-quota':
      setQuota(draft, input.role, input.quota);
      return [];
    case 'set-whitelist':
      setWhitelist(draft, input.hosts);
      return [];
    case 'request':
      recordDemand(draft, input.framework, input.demand);
      return [];
    case 'set-offers-out':
      setOffersOut(draft, input.framework, readCount(input.offers));
      return [];
    case 'pause':
      pause(draft);
      return [];
    case 'resume':
      resume(draft);
      return [];
    case 'tick':
      return [];
    case 'allocate': {
      const { grants, inverse, failure } = allocate(draft, input.agents ?? 'requested', policy);
      if (failure !== undefined) return [{ type: 'policy-failed', failure }];
      return [
        ...grants.map((grant) => ({ type: 'grant', grant }) as const),
        ...inverse.map(({ framework, agent }) => ({ type: 'inverse', framework, agent }) as const),
      ];
    }
  }
  return input satisfies never;
}

function readCount(offers: number): number {
  if (Number.isSafeInteger(offers) && offers >= 0) return offers;
  throw new InputError('bad-number', 'offers', `offers must be a whole number, 0 or more, got ${String(offers)}`);
}

function answer(problem: Problem | undefined): readonly AllocatorOutput[] {
  return problem === undefined ? [] : [{ type: 'refused', problem }];
}

/** Names what comes back. */
export interface Recovery {
  readonly framework: string;
  readonly agent: string;
  readonly role: string;
  readonly resources: Resources;
  /** The number of the offer that it was, which does not stand any more. */
  readonly offer?: number;
}

/** The one way in which resources come back, whatever the cause (ALLOC-11); `hideForMs` > 0 installs a filter. */
export function recover(draft: AllocatorDraft, what: Recovery, hideForMs: number): void {
  const agent = hideForMs > 0 ? draft.agents.get(what.agent) : undefined;
  const filter = { refused: what.resources, durationMs: hideForMs, silence: false };
  const refusals = agent && refusalsWith(draft, agent, what, filter);
  release(draft, what, what.resources, { offer: what.offer, refusals });
  markAgentDirty(draft, what.agent);
}

/** Many that come back from one agent at once, as by {@link recover}. */
export function recoverAll(draft: AllocatorDraft, agent: string, parts: readonly Holding[]): void {
  releaseAll(draft, agent, parts);
  markAgentDirty(draft, agent);
}

/** WEIGHT-1, WEIGHT-2: takes effect at the next run; nothing allocated moves. */
export function changeWeight(
  draft: AllocatorDraft,
  role: string,
  change: { readonly weight?: number | undefined; readonly priority?: number | undefined },
): void {
  if (change.weight !== undefined)
    draft.shares = setWeight(draft.shares, role, weightOf(change.weight, 'weight'), draft.edit);
  if (change.priority !== undefined) draft.shares = setPriority(draft.shares, role, change.priority, draft.edit);
  markDirty(draft);
}

/** Keeps a role's quota; null = none. */
export function setQuota(draft: AllocatorDraft, role: string, quota: Quota | null): void {
  draft.quotas = quota === null ? draft.quotas.remove(role, draft.edit) : draft.quotas.set(role, quota, draft.edit);
  markDirty(draft);
}

/** ALLOC-2: only these hosts are offered; null = all. */
export function setWhitelist(draft: AllocatorDraft, hosts: readonly string[] | null): void {
  draft.whitelist = hosts === null ? null : Table.from(hosts.map((host) => [host, true] as const));
  markDirty(draft);
}

/** Replaces what a framework said it would like to get. */
export function recordDemand(draft: AllocatorDraft, framework: string, demand: readonly Demand[]): void {
  if (!draft.frameworks.has(framework)) return;
  draft.demand =
    demand.length === 0 ? draft.demand.remove(framework, draft.edit) : draft.demand.set(framework, demand, draft.edit);
}

/** ALLOC-19: from now on requests for runs are dropped, not kept. */
export function pause(draft: AllocatorDraft): void {
  draft.paused = true;
  clearRequests(draft);
}

/** Runs happen again; what happened meanwhile is looked at in the next batch. */
export function resume(draft: AllocatorDraft): void {
  if (!draft.paused) return;
  draft.paused = false;
  markDirty(draft);
}
