/**
 * Tasks: their states, what is said about them, and whether they may run.
 *
 * States and their edges are in `states.ts`; what master and agent say to each other is in `messages.ts`.
 */
export {
  agentCapabilities,
  defaultAgentCapabilities,
  frameworkCapabilities,
  type AgentCapability,
  type FrameworkCapability,
} from './capabilities.js';
export { archiveKind, artifactName, validateArtifacts, type ArchiveKind } from './artifacts.js';
export type {
  Artifact,
  CheckInfo,
  CommandInfo,
  ContainerInfo,
  DockerInfo,
  EnvironmentVariable,
  ExecutorInfo,
  ExecutorLike,
  KillPolicy,
  Label,
  TaskInfo,
  TaskLike,
  TaskLimit,
} from './info.js';
export type {
  AcknowledgeCommand,
  AcknowledgeOperationCommand,
  AgentDescription,
  AgentMessageReport,
  ApplyOperationCommand,
  Command,
  Domain,
  ExecutorExitedReport,
  FrameworkMessageCommand,
  HeartbeatReport,
  KillCommand,
  LaunchCommand,
  LaunchGroupCommand,
  OperationStatusReport,
  ReconcileCommand,
  RegisteredCommand,
  RegisterReport,
  RegistrationRefusedCommand,
  Report,
  ReportedExecutor,
  ReportedFramework,
  ReportedOperation,
  ReportedTask,
  ReregisterReport,
  ShutdownAgentCommand,
  ShutdownExecutorCommand,
  ShutdownFrameworkCommand,
  StatusReport,
  UnregisterReport,
  UpdateAgentReport,
} from './messages.js';
export {
  canApply,
  canMove,
  canReturn,
  isTaskReason,
  isTaskState,
  isTerminal,
  stateSeenBy,
  taskReasons,
  taskSources,
  taskStates,
  type TaskReason,
  type TaskSource,
  type TaskState,
} from './states.js';
export { taskStatus, type TaskStatus, type TaskStatusFields } from './status.js';
export type { TaskContext } from './context.js';
export { exitSituation, outcome, situations, type Outcome, type Situation } from './outcomes.js';
export { firstProblem, isDuration, prefixed, validateDuration } from './problems.js';
export { readLabels } from './labels.js';
export {
  isReportableOperation,
  isTerminalOperation,
  operationStates,
  type OperationState,
} from './operation-states.js';
export { readExecutor, readTask, sameExecutor, type TaskOwner } from './read.js';
export {
  reconcileAnswer,
  reconcileMessages,
  type AgentStanding,
  type ReconcileAnswer,
  type ReconcileFacts,
} from './reconcile.js';
export {
  acknowledge,
  defaultStreamConfig,
  emptyStream,
  enqueue,
  inFlight,
  isDuplicate,
  latestStateReport,
  nextResend,
  pause,
  resend,
  resume,
  statusReport,
  type Acknowledged,
  type StreamConfig,
  type StreamStep,
  type StreamUpdate,
  type UpdateStream,
} from './streams.js';
export { validateId } from '../resources/index.js';
export { validateCheck, validateCommand, validateHealthCheck } from './validate-checks.js';
export { validateExecutor } from './validate-executor.js';
export {
  validateGroupResources,
  validateOfferRole,
  validateRevocableMix,
  validateSingleProvider,
  validateTaskAllocation,
  validateTaskAndExecutorResources,
  validateTaskResources,
  validateUniquePersistence,
} from './validate-resources.js';
export { validateTask, validateTaskGroup, type TaskGroupLike, type TaskGroupProblem } from './validate.js';
