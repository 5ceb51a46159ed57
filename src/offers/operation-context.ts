/** What can be done to resources without running something on them, and who asks for it. */
import type { Problem, ResourceOperation, Resources, ResourcesLike } from '../resources/index.js';
import type { AgentCapability, FrameworkCapability } from '../tasks/index.js';

/** An operation on the disks of a resource provider. Judged (VAL-14); agents of this version can't do it. */
export type DiskOperation =
  | {
      readonly type: 'create-disk';
      /** A raw disk. */
      readonly source: ResourcesLike;
      readonly targetType: 'mount' | 'block';
      /** Given exactly when the source has no profile of its own. */
      readonly targetProfile?: string;
    }
  | { readonly type: 'destroy-disk'; readonly source: ResourcesLike };

/** Everything that can be done to resources without running something on them; the resources as written. */
export type OfferOperation = ResourceOperation | DiskOperation;

/** Who wants an operation, and of which agent. */
export interface OperationContext {
  /** The framework that was offered the resources; null = the operator, on resources that nobody holds. */
  readonly framework: {
    readonly id?: string;
    readonly roles: readonly string[];
    readonly capabilities: readonly FrameworkCapability[];
  } | null;
  /** The role of the offer; items that name none get it (ACC-10). */
  readonly role?: string;
  /** On whose authority; absent = nobody asked. */
  readonly principal?: string;
  readonly agentCapabilities: readonly AgentCapability[];
  /** The volumes that are on the agent, in unallocated form (VOL-1, VOL-2). Absent = none. */
  readonly checkpointed?: Resources;
  /** What tasks and executors use, by framework (VOL-2). Absent = nothing. */
  readonly usedByFramework?: ReadonlyMap<string, Resources>;
}

/** An operation of one type. */
export type OperationOf<Type extends OfferOperation['type']> = Extract<OfferOperation, { readonly type: Type }>;

/** A problem of an operation; the code of all that have no better one. */
export function badOperation(path: string, message: string, code: string = 'bad-operation'): Problem {
  return { code, path, message };
}
