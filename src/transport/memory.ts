import type { SchedulerEvent } from '../cluster/outputs.js';
import { throwLater } from '../framework-api/callbacks.js';
import {
  schedulerDriver,
  type DriverOptions,
  type Scheduler,
  type SchedulerDriver,
  type SubscriptionInfo,
} from '../framework-api/index.js';
import type { Clock } from '../master/clock.js';
import type { AgentPort, FrameworkPort, Transport } from '../master/ports.js';
import { systemClock } from '../master/system-clock.js';
import type { ResourcesLike } from '../resources/index.js';
import type { Command } from '../tasks/index.js';
import type { AgentPeer, FrameworkPeer } from './contract.js';
import { memoryAgent, type MemoryAgent, type MemoryAgentOptions } from './memory-agent.js';
import { MemoryNetwork } from './memory-network.js';

/** What all agents of a memory transport share. */
export interface MemoryTransportOptions {
  /** By which agents resend, beat and run tasks. Give it the master's. Default: the system's. */
  readonly clock?: Clock;
  /** Of the agents' uuids and waits. Default 1. */
  readonly seed?: number;
  /** Hears what executors and schedulers on this transport threw. Absent = thrown on a microtask. */
  readonly onError?: (error: unknown) => void;
}

/** A framework on a memory transport, and the fault that its connection can have. */
export interface MemoryFramework {
  readonly driver: SchedulerDriver;
  /** The connection breaks; both sides see it. */
  disconnect(): void;
  /** It subscribes again, over a new connection, as the framework that it is. */
  return(): void;
}

/** A transport within one process: agents and frameworks that are as far away as a microtask. */
export interface MemoryTransport extends Transport {
  readonly agents: AgentPort;
  readonly frameworks: FrameworkPort;
  /** Makes an agent. It registers at once, or as soon as the transport is opened. */
  agent(id: string, resources: ResourcesLike, options?: MemoryAgentOptions): MemoryAgent;
  /** Subscribes a scheduler over the transport, as one in another process would: at once, or with each opening. */
  framework(
    info: SubscriptionInfo,
    scheduler: Scheduler,
    options?: Pick<DriverOptions, 'acknowledge'>,
  ): MemoryFramework;
  /** A bare connection of an agent, without a machine behind it. */
  connectAgent(id: string): AgentPeer & { readonly connection: string };
  /** A bare connection of a framework, without a driver behind it. */
  connectFramework(): FrameworkPeer;
}

/**
 * The reference transport, all in memory: for tests, for simulations and for tasks that are functions of this process.
 * What a master sends arrives on a microtask; what parties say arrives at once.
 *
 * @example
 * const transport = memoryTransport();
 * const master = createMaster({ transports: [transport] });
 * const agent = transport.agent('a1', 'cpus:9;mem:18432', { autorun: () => 5_000 });
 */
export function memoryTransport(options: MemoryTransportOptions = {}): MemoryTransport {
  const { clock = systemClock(), seed = 1, onError = throwLater } = options;
  const network = new MemoryNetwork();
  return {
    agents: network.agents,
    frameworks: network.frameworks,
    open: (receive) => network.open(receive),
    close: () => network.close(),
    agent(id, resources, { autorun, run, ...agent } = {}) {
      const how = { clock, failed: onError, ...(autorun && { autorun }), ...(run && { run }) };
      return memoryAgent(network, { seed, ...agent, id, resources }, how);
    },
    framework: (info, scheduler, driver = {}) =>
      memoryFramework(network, scheduler, { ...driver, info, onError, now: () => clock.now() }),
    connectAgent(id) {
      const heard: Command[] = [];
      const link = network.connectAgent(id, (command) => heard.push(command));
      return { connection: link.connection, heard, say: (report) => link.say(report), break: () => link.break() };
    },
    connectFramework() {
      const heard: SchedulerEvent[] = [];
      const link = network.connectFramework((event) => heard.push(event));
      return { connection: link.connection, heard, say: (call) => link.say(call), break: () => link.break() };
    },
  };
}

function memoryFramework(network: MemoryNetwork, scheduler: Scheduler, options: DriverOptions): MemoryFramework {
  let hear: (event: SchedulerEvent) => void = () => {};
  let opened: () => void = () => {};
  let closed: () => void = () => {};
  const connect = (): ReturnType<MemoryNetwork['connectFramework']> => network.connectFramework((event) => hear(event));
  let link = connect();
  const subscribe = (): void => {
    link.break();
    link = connect();
    opened();
  };
  network.onOpen(subscribe);
  network.onClose(() => closed());
  const driver = schedulerDriver(scheduler, {
    ...options,
    send: (call) => link.say(call),
    onEvent: (listen) => (hear = listen),
    onClosed: (listen) => (closed = listen),
    onOpen: (listen) => (opened = listen),
    close: () => link.break(),
  });
  if (network.isOpen) opened();
  return {
    driver,
    disconnect() {
      link.break();
      closed();
    },
    return: subscribe,
  };
}
