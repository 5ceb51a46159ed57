/**
 * The machine: a whole cluster as one immutable value, and the one door through which it changes. `transition.ts` is the
 * reference of inputs and outputs; each call, report and control has its file under `calls/`, `reports/`, `controls/`.
 */
export {
  defaultConfig,
  mesosDefaults,
  preemptionDefaults,
  type Config,
  type ConfigLike,
  type PreemptionSettings,
} from './config.js';
export type { Deadline, DeadlineHeap, DeadlineKind, HeapNode } from './deadlines.js';
export {
  explain,
  explainText,
  type Explained,
  type ExplainQuery,
  type Explanation,
  type Reason,
  type RoleReason,
  type Shortage,
} from './explain.js';
export {
  defaultFrameworkCapabilities,
  validateFramework,
  validateFrameworkChange,
  type FrameworkClaim,
} from './framework-info.js';
export type {
  AcceptCall,
  AcknowledgeCall,
  AcknowledgeOperationCall,
  Batch,
  Call,
  Control,
  DeclineCall,
  FrameworkInfo,
  FrameworkMessageCall,
  Input,
  InverseOffersCall,
  KillCall,
  LaunchGroupOperation,
  LaunchOperation,
  Link,
  MachineLike,
  MaintenanceControl,
  MaintenanceWindowLike,
  OfferFilterLike,
  OperationLike,
  ReconcileCall,
  ReconcileOperationsCall,
  Report,
  RequestCall,
  ResourceControl,
  ResourceOperationLike,
  ResourceRequest,
  ReviveCall,
  ServiceControl,
  ShutdownCall,
  SubscribeCall,
  SuppressCall,
  TeardownCall,
  UpdateFrameworkCall,
} from './inputs.js';
export type { MaintenanceWindow } from './maintenance.js';
export { remedies, type Remedy } from './remedies.js';
export {
  maintenance,
  type DrainingMachine,
  type InverseResponse,
  type LeavingAgent,
  type MaintenanceStatus,
} from './maintenance-status.js';
export type { InverseOffer, Offer, Output, PolicyFailed, ReportRefused, SchedulerEvent } from './outputs.js';
export { outstandingOffers, type OutstandingOffers } from './outstanding.js';
export { inputTypes, parseInput } from './parse.js';
export { entitlements, type RoleStanding } from './preemption/entitlements.js';
export type { Claim, PreemptionState, Review } from './preemption/state.js';
export {
  agents,
  frameworks,
  offers,
  operations,
  outOfService,
  roles,
  stats,
  tasks,
  type AgentSummary,
  type ClusterStats,
  type FrameworkSummary,
  type OperationSummary,
  type OutOfService,
  type RoleSummary,
  type ServiceState,
} from './queries.js';
export { validateQuota, type AmountsLike, type QuotaLike } from './quota.js';
export { recoverCluster, registryOf, type Registry } from './registry.js';
export type { Ring } from './ring.js';
export { deserialize, readState, serialize, writeState } from './serialize.js';
export {
  emptyCluster,
  type Agent,
  type AgentExecutor,
  type AgentService,
  type ClusterState,
  type CompletedFramework,
  type CompletedTask,
  type Counters,
  type Framework,
  type FrameworkSettings,
  type FrameworkState,
  type InverseOfferRow,
  type MachinePlace,
  type MachineRow,
  type OfferRow,
  type OfferRun,
  type Operation,
  type PendingKill,
  type RecoveredAgent,
  type Silence,
  type Task,
  type TaskRef,
} from './state.js';
export { nextDeadline } from './time.js';
export { transition } from './transition.js';
export { v1OfferConstraints } from './v1-constraints.js';
export {
  v1AgentCapabilities,
  v1FrameworkCapabilities,
  v1Reasons,
  v1Sources,
  v1OperationStates,
  v1TaskStates,
  type Names,
} from './v1-names.js';
export { changeViolation, stepViolation, violation, type Violation } from './violation.js';
