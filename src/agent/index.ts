/**
 * The agent's side as pure machines: `agentTransition` for an agent that keeps its own updates, and a stand-in in the
 * control plane for agents that do not.
 */
export type { Deadlines, Due, Heap } from './deadlines.js';
export { defaultShutdownGraceMs } from './executors.js';
export { agentFromJSON, agentToJSON, type AgentJson } from './json.js';
export { defaultKillGraceMs } from './kill.js';
export { agentTransition, nextAgentDeadline } from './machine.js';
export type {
  AcknowledgedMessage,
  AgentInput,
  AgentOutput,
  CommandInput,
  ConnectedInput,
  DestroyExecutorMessage,
  DestroyTaskMessage,
  DisconnectedInput,
  ExecutorExitedInput,
  ExecutorInput,
  ExecutorMessage,
  ExecutorMessageInput,
  ExecutorUpdateInput,
  FrameworkMessage,
  KillTaskMessage,
  LaunchGroupMessage,
  LaunchTaskMessage,
  ShutdownExecutorMessage,
  TickInput,
} from './messages.js';
export { restoreAgent, validateReconfiguration, type ReconfigurationPolicy } from './reconfiguration.js';
export {
  emptyStandIn,
  nextStandInDeadline,
  standInCommand,
  standInFromJSON,
  standInGone,
  standInLost,
  standInReport,
  standInTick,
  standInToJSON,
  type StandIn,
  type StandInAgent,
  type StandInJson,
  type StandInOptions,
  type StandInTask,
} from './stand-in.js';
export {
  emptyAgent,
  heldResources,
  type AgentDescriptionState,
  type AgentExecutor,
  type AgentFramework,
  type AgentLink,
  type AgentOperation,
  type AgentOptions,
  type AgentState,
  type AgentTask,
  type KillState,
} from './state.js';
