/** Agents that run tasks as processes of this machine. */
export { ArtifactError } from './artifacts.js';
export { detectResources } from './detect.js';
export type { ExecutorPatience } from './foreign-executors.js';
export { detectIsolation, type Confinement, type Isolation, type IsolationKind, type TaskBounds } from './isolation.js';
export type { LinkListener, MasterLink } from './link.js';
export {
  processAgent,
  type AgentLogger,
  type CloseOptions,
  type ProcessAgent,
  type ProcessAgentOptions,
} from './process-agent.js';
export { killRemains } from './remains.js';
export type { OutputLimits } from './runs.js';
