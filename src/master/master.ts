import type { ClusterState, ConfigLike, Explanation, ExplainQuery } from '../cluster/index.js';
import type { DriverOptions, Scheduler, SchedulerDriver, SubscriptionInfo } from '../framework-api/index.js';
import type { Policy } from '../offers/index.js';
import type { Clock } from './clock.js';
import type { MasterEvents } from './events.js';
import type { CallLike, ControlLike, ReportLike } from './inputs.js';
import type { Logger } from './logger.js';
import type { AgentPort, FrameworkPort, Transport } from './ports.js';
import { Shell } from './shell.js';

/** What a master is made of. All of it may be left out. */
export interface MasterOptions {
  /** Carries commands to the agents that `master.report` speaks for. */
  readonly agents?: AgentPort;
  /** Carries events to the frameworks that `master.call` speaks for. */
  readonly frameworks?: FrameworkPort;
  /** Adapters that bring agents and frameworks of their own. */
  readonly transports?: readonly Transport[];
  /** Default: `systemClock()`. */
  readonly clock?: Clock;
  /** Who is offered what. Default `drf`. */
  readonly policy?: Policy;
  /** Part of the state; not together with `state`. */
  readonly config?: ConfigLike;
  /**
   * What to go on from: a state that was saved, or a fork. Its clock is never behind. A framework of it that nobody
   * speaks for any more counts as disconnected as soon as something is to be told to it; an agent counts as connected
   * until it misses its heartbeats or `agentLost` is called. To wait for agents instead until they come back by
   * themselves, start from `recoverCluster(registryOf(state))` of `proffer/cluster`.
   */
  readonly state?: ClusterState;
  /** Is given the record line by line, without line breaks: the starting state, then each accepted input (`replay`). */
  readonly record?: (line: string) => void;
  readonly logger?: Logger;
}

/** How a scheduler in this process is treated. */
export type SubscribeOptions = Pick<DriverOptions, 'acknowledge'>;

/**
 * A running control plane: the one mutable object around the machine. It is told what happens, it tells the parties what
 * follows.
 *
 * - What is said takes effect at once: when `report`, `call`, `control` or `agentLost` returns, `state` has it. What
 *   follows from it is delivered later, on a microtask, in order, so no handler runs inside such a call.
 * - When all was delivered and an allocation is wanted, it is run: a burst of inputs leads to one allocation.
 * - Errors of ports, handlers and listeners are `error` events, and the run goes on.
 *
 * After `close`, telling it anything throws an `InputError` with the code `closed`; `state`, `fork` and `explain` work on.
 */
export interface Master {
  /** The cluster as it is now. Immutable: keeping it costs nothing and stops nothing. */
  readonly state: ClusterState;
  /**
   * An agent said something. Without an `agents` port or a transport nobody carries the answer.
   *
   * @throws InputError for a wrong shape, with its `code` and `path`.
   */
  report(report: ReportLike): void;
  /**
   * A framework said something over a connection of the host's own; events for it go to the `frameworks` port.
   *
   * @throws InputError for a wrong shape.
   */
  call(call: CallLike): void;
  /** The operator wants something. Rejects with an `InputError` what has the wrong shape, or no sense. */
  control(control: ControlLike): Promise<void>;
  /**
   * The connection of an agent broke, or it could not be reached: it gets no offers, and has
   * `agentReregisterTimeoutMs` to come back (AG-3). With `connection`, nothing if it has a newer one by now.
   */
  agentLost(agent: string, connection?: string): void;
  /** The connection of a framework broke (FW-5). With `connection`, nothing if it has a newer one by now. */
  frameworkLost(framework: string, connection?: string): void;
  /** Why something is, or is not, offered. */
  explain(query: ExplainQuery): Explanation;
  /** The cluster as it is now, to go on with independently: as a state, or as another master's. Takes no time. */
  fork(): ClusterState;
  /**
   * Subscribes a scheduler of this process. Its handlers never run before this has returned. A refusal is told to its
   * `error` handler.
   *
   * @throws InputError for a wrong shape of `info`.
   */
  subscribe(info: SubscriptionInfo, scheduler: Scheduler, options?: SubscribeOptions): SchedulerDriver;
  /**
   * Listens.
   *
   * @returns what stops listening.
   * @throws InputError `unknown-event`
   */
  on<Name extends keyof MasterEvents>(name: Name, listen: (event: MasterEvents[Name]) => void): () => void;
  /**
   * Disconnects from everybody and kills nothing: agents and their tasks run on, and another master can go on from
   * `state`. Resolves when the transports have closed; `state` and `on` work on, no listener is kept.
   */
  close(): Promise<void>;
}

/**
 * Starts a control plane.
 *
 * @throws InputError `bad-config` for a setting that cannot be, and for `config` together with `state`; `bad-options` for
 *   a policy, a clock or transports that are none.
 * @example
 * const agents: AgentPort = { send: (command) => rpc.call(command.agent, command).catch(() => master.agentLost(command.agent)) };
 * const master = createMaster({ agents });
 * rpc.on('node-up', (node) => master.report({ type: 'register', agent: node.id, resources: 'cpus:16;mem:65536' }));
 * master.subscribe({ name: 'etl', roles: ['etl'] }, scheduler);
 */
export function createMaster(options: MasterOptions = {}): Master {
  const shell = new Shell(options);
  shell.start();
  return {
    get state() {
      return shell.state;
    },
    report: (report) => shell.receive(report, shell.host, ['report']),
    call: (call) => shell.receive(call, shell.host, ['call']),
    control: (control) => shell.control(control),
    agentLost: (agent, connection) => shell.lost({ type: 'agent-disconnected', agent }, connection),
    frameworkLost: (framework, connection) => shell.lost({ type: 'framework-disconnected', framework }, connection),
    explain: (query) => shell.explain(query),
    fork: () => shell.state,
    subscribe: (info, scheduler, driver) => shell.subscribe(info, scheduler, driver),
    on: (name, listen) => shell.events.on(name, listen),
    close: () => shell.close(),
  };
}
