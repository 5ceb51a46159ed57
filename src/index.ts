/**
 * proffer: two-level scheduling. Agents report resources; a master offers them, by Dominant Resource Fairness, to
 * frameworks; frameworks accept what they want and run tasks on it.
 *
 * `createMaster` is the shell that a host embeds; `transition` is the pure machine inside it.
 */
export {
  agents,
  deserialize,
  emptyCluster,
  explain,
  explainText,
  frameworks,
  mesosDefaults,
  nextDeadline,
  offers,
  parseInput,
  roles,
  serialize,
  stats,
  stepViolation,
  tasks,
  transition,
  violation,
  type AgentSummary,
  type Call,
  type ClusterState,
  type ClusterStats,
  type Config,
  type ConfigLike,
  type Control,
  type Explained,
  type ExplainQuery,
  type Explanation,
  type FrameworkInfo,
  type FrameworkSummary,
  type Input,
  type Link,
  type Offer,
  type OperationLike,
  type Output,
  type PolicyFailed,
  type Reason,
  type Report,
  type ResourceRequest,
  type RoleSummary,
  type SchedulerEvent,
  type Task,
  type Violation,
} from './cluster/index.js';
export { createSorter, dominantShare, drf, type Client, type OrderRule, type Sorter } from './drf/index.js';
export type { Scheduler, SchedulerDriver } from './framework-api/index.js';
export {
  createMaster,
  replay,
  type AgentPort,
  type Clock,
  type FrameworkPort,
  type Master,
  type Transport,
} from './master/index.js';
export type { AgentView, AllocationPolicy, AllocationView, Candidate, Grant, Policy } from './offers/index.js';
export {
  InputError,
  InvariantError,
  amount,
  contains,
  format,
  limits,
  names,
  quantities,
  resources,
  type Attributes,
  type Limits,
  type Quantities,
  type Resources,
  type ResourcesLike,
} from './resources/index.js';
export type { Command, ExecutorLike, TaskInfo, TaskLike, TaskState, TaskStatus } from './tasks/index.js';
