/**
 * The machine: a whole cluster as one immutable value, and the one door through which it changes. `transition.ts` is the
 * reference of inputs and outputs; each call, report and control has its file under `calls/`, `reports/`, `controls/`.
 */
export { defaultConfig, mesosDefaults, type Config, type ConfigLike } from './config.js';
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
  Batch,
  Call,
  Control,
  DeclineCall,
  FrameworkInfo,
  FrameworkMessageCall,
  Input,
  KillCall,
  LaunchGroupOperation,
  LaunchOperation,
  Link,
  OfferFilterLike,
  OperationLike,
  ReconcileCall,
  Report,
  RequestCall,
  ResourceControl,
  ResourceOperationLike,
  ResourceRequest,
  ReviveCall,
  ShutdownCall,
  SubscribeCall,
  SuppressCall,
  TeardownCall,
  UpdateFrameworkCall,
} from './inputs.js';
export type { Offer, Output, PolicyFailed, SchedulerEvent } from './outputs.js';
export { outstandingOffers, type OutstandingOffers } from './outstanding.js';
export { inputTypes, parseInput } from './parse.js';
export {
  agents,
  frameworks,
  offers,
  roles,
  stats,
  tasks,
  type AgentSummary,
  type ClusterStats,
  type FrameworkSummary,
  type RoleSummary,
} from './queries.js';
export { validateQuota, type AmountsLike, type QuotaLike } from './quota.js';
export { recoverCluster, registryOf, type Registry } from './registry.js';
export { deserialize, serialize } from './serialize.js';
export {
  emptyCluster,
  type Agent,
  type AgentExecutor,
  type ClusterState,
  type CompletedFramework,
  type CompletedTask,
  type Counters,
  type Framework,
  type FrameworkSettings,
  type FrameworkState,
  type OfferRow,
  type OfferRun,
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
  v1TaskStates,
  type Names,
} from './v1-names.js';
export { stepViolation, violation, type Violation } from './violation.js';
