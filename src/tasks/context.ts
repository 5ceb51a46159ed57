import type { Resources } from '../resources/index.js';
import type { AgentCapability } from './capabilities.js';
import type { ExecutorInfo } from './info.js';

/** What validation must know of the rest of the world. */
export interface TaskContext {
  /** The agent of the offer (VAL-3). */
  readonly agent: string;
  /** The role of the offer: whoever names another one in a resource is wrong (VAL-6, ACC-10). */
  readonly role: string;
  /** The framework that launches. */
  readonly framework: string;
  /** What is left of the offer (VAL-12); whether it names its role does not matter. */
  readonly offered: Resources;
  /** Messages shall say whose the offer is, though `offered` does not. */
  readonly namesRole?: boolean;
  readonly agentCapabilities: readonly AgentCapability[];
  /** Whether the framework has a task of that id which is not over, or one that is unreachable (VAL-2). */
  readonly taskIdInUse: (id: string) => 'active' | 'unreachable' | undefined;
  /** The framework's executor of that id that runs on the agent (VAL-9). */
  readonly executor: (id: string) => ExecutorInfo | undefined;
  /** Whether the tasks that run on that executor share its control group; absent = there are none (VAL-13). */
  readonly sharesCgroups?: (executor: string) => boolean | undefined;
}
