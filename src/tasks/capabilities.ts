/** What a framework says that it understands. */
export const frameworkCapabilities = [
  'multi-role',
  'partition-aware',
  'task-killing-state',
  'gpu-resources',
  'shared-resources',
  'revocable-resources',
  'reservation-refinement',
  'region-aware',
] as const;
Object.freeze(frameworkCapabilities);
/** One of `frameworkCapabilities`. */
export type FrameworkCapability = (typeof frameworkCapabilities)[number];

/** What an agent says that it understands (AG-12). */
export const agentCapabilities = [
  'multi-role',
  'hierarchical-role',
  'reservation-refinement',
  'resource-provider',
  'resize-volume',
  'agent-operation-feedback',
  'agent-draining',
  'task-resource-limits',
] as const;
Object.freeze(agentCapabilities);
/** One of `agentCapabilities`. */
export type AgentCapability = (typeof agentCapabilities)[number];

/** The capabilities of an agent that names none: a current one without resource providers. */
export const defaultAgentCapabilities: readonly AgentCapability[] = Object.freeze<AgentCapability[]>([
  'multi-role',
  'hierarchical-role',
  'reservation-refinement',
  'resize-volume',
  'agent-draining',
  'task-resource-limits',
]);
