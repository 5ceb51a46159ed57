/**
 * The first level: an allocator as a small pure machine. `transition.ts` is its door, `allocate.ts` the run,
 * `eligibility.ts` the one predicate that decides who may be offered what.
 */
export { agentOrders, type AgentOrder } from './agent-order.js';
export { allocate, planRun, type RunScope } from './allocate.js';
export { isWhitelisted, mayBeOffered } from './candidates.js';
export { grantOne } from './commit.js';
export { addAgent, removeAgent, setAgentActive, updateAgent, type AgentChange, type NewAgent } from './agents.js';
export {
  excludes,
  noConstraints,
  offerConstraints,
  type AttributeConstraint,
  type ConstrainedAgent,
  type ConstraintPredicate,
  type ConstraintSelector,
  type OfferConstraints,
  type RoleConstraints,
} from './constraints.js';
export { updateAllocation, updateAvailable, type AllocationUpdate } from './conversions.js';
export { judge, type Match, type Refusal, type Verdict } from './eligibility.js';
export {
  countFilters,
  dropSilenceFilters,
  filtersOn,
  hideAfterSilence,
  hidingFilter,
  refusalMs,
  type ClientFilter,
  type FilterKey,
  type OfferFilter,
} from './filters.js';
export {
  activateFramework,
  addFramework,
  clearRoleFilters,
  deactivateFramework,
  noteOffers,
  offersOutOf,
  removeFramework,
  reviveRoles,
  setOffersOut,
  suppressRoles,
  unsuppressRoles,
  updateFramework,
  type FrameworkSettings,
} from './frameworks.js';
export { freeOf } from './free.js';
export {
  compareHoldings,
  dropOffer,
  heldBy,
  hold,
  holdAll,
  release,
  releaseAll,
  scalarsOf,
  type HoldingKey,
} from './holdings.js';
export {
  respondInverse,
  sameUnavailability,
  setUnavailability,
  withdrawInverse,
  type InverseGrant,
} from './maintenance.js';
export type { Allocation, RunEnd, RunPlan } from './plan.js';
export type { DiskOperation, OfferOperation, OperationContext } from './operation-context.js';
export { validateOperation } from './operations.js';
export {
  isAllocationPolicy,
  type AgentView,
  type AllocationPolicy,
  type AllocationView,
  type Candidate,
  type Grant,
  type Policy,
  type PolicyFailure,
} from './policy.js';
export { consumptionOf, countedOf, withMoreFree, type QuotaRoom, type QuotaStage } from './quota.js';
export { QuotaBook, type QuotaLine } from './quota-book.js';
export { awaitAgents, endWait, giveUpWaiting, waitEnd, waitLonger } from './recovery.js';
export {
  restoreAllocator,
  savedAgent,
  savedFramework,
  type SavedAllocator,
  type SavedAllocatorAgent,
  type SavedAllocatorFramework,
  type SavedRefusal,
  type SavedRefusalGroup,
  type SavedRefusals,
} from './saved.js';
export { reservedQuantities, roleFrameworks, roleHoldings, roleNames, roleQuota, roleWeight } from './roles.js';
export {
  clientKey,
  closeAllocator,
  defaultAllocatorConfig,
  emptyAllocator,
  openAllocator,
  type AgentMaintenance,
  type AllocatorAgent,
  type AllocatorConfig,
  type AllocatorDraft,
  type AllocatorFramework,
  type AllocatorState,
  type Demand,
  type Holding,
  type InverseStanding,
  type Quota,
  type RoleMinimum,
  type Unavailability,
} from './state.js';
export { allocatorStats, type AllocatorStats, type FrameworkStats, type RoleStats } from './stats.js';
export {
  allocatorTransition,
  changeWeight,
  pause,
  recordDemand,
  recover,
  recoverAll,
  resume,
  setQuota,
  setWhitelist,
  type AllocatorInput,
  type AllocatorOutput,
  type Recovery,
} from './transition.js';
export {
  fireBatch,
  isHalted,
  isRunRequested,
  markDirty,
  moveTo,
  nextBatch,
  nextRun,
  requestRun,
  requestRunOfAll,
} from './when.js';
