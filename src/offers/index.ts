/**
 * The first level: an allocator as a small pure machine. `transition.ts` is its door, `allocate.ts` the run,
 * `eligibility.ts` the one predicate that decides who may be offered what.
 */
export { allocate, isWhitelisted, planRun, type Allocation, type RunPlan, type RunScope } from './allocate.js';
export { addAgent, removeAgent, setAgentActive, updateAgent, type AgentChange, type NewAgent } from './agents.js';
export { judge, type Match, type Refusal, type Verdict } from './eligibility.js';
export {
  countFilters,
  dropSilenceFilters,
  hideAfterSilence,
  hidingFilter,
  installFilter,
  refusalMs,
  type FilterKey,
} from './filters.js';
export {
  activateFramework,
  addFramework,
  clearRoleFilters,
  deactivateFramework,
  removeFramework,
  reviveRoles,
  suppressRoles,
  unsuppressRoles,
  updateFramework,
  type FrameworkSettings,
} from './frameworks.js';
export { heldBy, hold, release, type HoldingKey } from './holdings.js';
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
export { reservedQuantities, roleFrameworks, roleHoldings, roleNames, roleQuota, roleWeight } from './roles.js';
export {
  clientKey,
  closeAllocator,
  defaultAllocatorConfig,
  emptyAllocator,
  openAllocator,
  type AllocatorAgent,
  type AllocatorConfig,
  type AllocatorDraft,
  type AllocatorFramework,
  type AllocatorState,
  type Demand,
  type Holding,
  type OfferFilter,
  type Quota,
  type RoleMinimum,
} from './state.js';
export { allocatorStats, type AllocatorStats, type RoleStats } from './stats.js';
export {
  allocatorTransition,
  changeWeight,
  pause,
  recordDemand,
  recover,
  resume,
  setQuota,
  setWhitelist,
  type AllocatorInput,
  type AllocatorOutput,
  type Recovery,
} from './transition.js';
export {
  fireBatch,
  isRunRequested,
  markDirty,
  moveTo,
  nextBatch,
  nextRun,
  requestRun,
  requestRunOfAll,
} from './when.js';
