/** What will go wrong in a simulated cluster, and when: data, so that it can be written down, run again and cut down. */
import type { ConfigLike } from '../../cluster/index.js';
import type { ControlLike } from '../../master/index.js';

/** How large the cluster is. */
export interface PlanSize {
  readonly agents: number;
  readonly frameworks: number;
  /** How many tasks the frameworks together try to keep alive. */
  readonly tasks: number;
}

/** What happens to messages under way, each by its own luck. Probabilities are of each message, each way. */
export interface Weather {
  readonly drop: number;
  readonly duplicate: number;
  /** Of being late, by up to `delayMs`. */
  readonly delay: number;
  readonly delayMs: number;
  /** Late messages are overtaken by others of their link, but commands to agents never are; otherwise the others wait. */
  readonly reorder: boolean;
}

/** How frameworks and tasks misbehave: probabilities, of each occasion. */
export interface Habits {
  /** An offer is never answered. */
  readonly ignoreOffer: number;
  /** It is answered up to `lateMs` later, when it may long be void. */
  readonly lateAnswer: number;
  readonly lateMs: number;
  /** An accepted offer is accepted once more. */
  readonly doubleAccept: number;
  /** Offers of several agents are accepted as one. */
  readonly mixedAccept: number;
  /** A task is launched that cannot be: too large, of a used id, of another agent. */
  readonly badTask: number;
  /** What is launched is a group. */
  readonly group: number;
  /** What is accepted is reserved first, and given up again with a later offer. */
  readonly reserve: number;
  /** An offer that could be used is declined, for up to an hour. */
  readonly longDecline: number;
  /** A framework that has all its tasks wants no offers, and says so. */
  readonly suppress: number;
  /** An update is not acknowledged. */
  readonly forgetAcknowledgement: number;
  /** An update makes the framework kill the task. */
  readonly kill: number;
  /** An update makes the framework ask for the states of all its tasks. */
  readonly reconcile: number;
  /** A task fails, never ends by itself, ignores a kill, or repeats what it said. */
  readonly failingTask: number;
  readonly endlessTask: number;
  readonly stubbornTask: number;
  readonly noisyTask: number;
}

/** Which way messages do not go, seen from the party: what it says, what it is told, or both. */
export type Direction = 'out' | 'in' | 'both';

interface Timed {
  /** When, ms from the beginning. */
  readonly at: number;
}

interface OfAgent extends Timed {
  /** Its number. */
  readonly agent: number;
}

interface OfFramework extends Timed {
  readonly framework: number;
}

/** One thing that goes wrong. */
export type FaultEvent =
  /** The machine fails and comes back without memory of what ran. */
  | (OfAgent & { readonly type: 'agent-crash'; readonly forMs: number })
  /** The agent's process is started anew; its tasks run on. */
  | (OfAgent & { readonly type: 'agent-restart'; readonly forMs: number })
  /** Nothing of it is heard, its connection stands. */
  | (OfAgent & { readonly type: 'agent-silence'; readonly forMs: number })
  /** Marked gone by the operator; another machine takes its place. */
  | (OfAgent & { readonly type: 'agent-gone' })
  /** The process ends; another takes over, with the same id or none, remembering nothing. */
  | (OfFramework & { readonly type: 'framework-crash'; readonly forMs: number; readonly keepsId: boolean })
  /** It reads nothing. What it was told meanwhile it then answers, or has forgotten. */
  | (OfFramework & { readonly type: 'framework-hang'; readonly forMs: number; readonly forgets: boolean })
  /** Two schedulers with one id. */
  | (OfFramework & { readonly type: 'split-brain' })
  /** It declines whatever it holds and is offered, for a while. */
  | (Timed & { readonly type: 'mass-decline'; readonly forMs: number; readonly refuseSeconds: number })
  | (Timed & { readonly type: 'revive-storm'; readonly times: number })
  /** A link is cut; what is said meanwhile is lost, or held and then comes all at once. */
  | (OfAgent & {
      readonly type: 'agent-partition';
      readonly forMs: number;
      readonly direction: Direction;
      readonly holds: boolean;
    })
  | (OfFramework & {
      readonly type: 'framework-partition';
      readonly forMs: number;
      readonly direction: Direction;
      readonly holds: boolean;
    })
  /** All agents, or all frameworks, are cut off. */
  | (Timed & {
      readonly type: 'wide-partition';
      readonly side: 'agent' | 'framework';
      readonly forMs: number;
      readonly direction: Direction;
      readonly holds: boolean;
    })
  /** The master fails and goes on from its saved state, or from what must survive it at least. */
  | (Timed & { readonly type: 'master-restart'; readonly from: 'state' | 'registry'; readonly forMs: number })
  /** The master's process sleeps: nothing is heard, no timer fires. */
  | (Timed & { readonly type: 'master-sleep'; readonly forMs: number })
  /** The master's clock is set: ahead, or back. */
  | (Timed & { readonly type: 'clock-jump'; readonly byMs: number })
  /** The operator wants something: it may be refused. Agents and frameworks are named as the simulator names them. */
  | (Timed & { readonly type: 'control'; readonly control: ControlLike });

/** How one framework subscribes. */
export interface FrameworkPlan {
  readonly roles: readonly string[];
  readonly failoverTimeoutMs: number;
  readonly checkpoint: boolean;
  readonly partitionAware: boolean;
}

/** Everything that a simulated history depends on. */
export interface FaultPlan {
  readonly version: 1;
  readonly seed: number;
  readonly size: PlanSize;
  /** How long things go wrong, ms. Then everything heals. */
  readonly faultyMs: number;
  /** Of the master. */
  readonly config: ConfigLike;
  /** How an agent's resources are written; its number decides which. */
  readonly machines: readonly string[];
  /** How frameworks subscribe; their number decides which. */
  readonly frameworks: readonly FrameworkPlan[];
  readonly weather: Weather;
  readonly habits: Habits;
  /** By time. */
  readonly events: readonly FaultEvent[];
}

/** How an agent is called. */
export function agentName(agent: number): string {
  return `a${agent}`;
}

/** How a framework is called; its id is the master's to give. */
export function frameworkName(framework: number): string {
  return `f${framework}`;
}
