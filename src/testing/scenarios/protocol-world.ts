/**
 * A master, agents and schedulers in one process under a virtual clock: the public machines and the public driver, wired
 * directly. It translates nothing and expects nothing; `protocol.ts` does.
 */
import {
  agentFromJSON,
  agentToJSON,
  agentTransition,
  emptyAgent,
  nextAgentDeadline,
  type AgentInput,
  type AgentState,
} from '../../agent/index.js';
import {
  nextDeadline,
  recoverCluster,
  registryOf,
  transition,
  emptyCluster,
  type ClusterState,
  type Config,
  type Input,
  type Offer,
  type Output,
  type SchedulerEvent,
} from '../../cluster/index.js';
import { schedulerDriver, type SchedulerDriver, type SubscriptionInfo } from '../../framework-api/index.js';
import type { Command, Domain, TaskStatus } from '../../tasks/index.js';
import type { ResourcesLike } from '../../resources/index.js';
import { isRunRequested } from '../../offers/index.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** What somebody received. Schedulers are named by alias and connection, agents by id. */
export type Received =
  | { readonly to: 'scheduler'; readonly framework: string; readonly connection: string; readonly what: Heard }
  | { readonly to: 'agent'; readonly agent: string; readonly command: Command };

/** What a scheduler's handlers were told. */
export type Heard =
  | { readonly type: 'subscribed'; readonly id: string }
  | { readonly type: 'offer'; readonly offer: Offer }
  | { readonly type: 'rescind'; readonly offer: string }
  | { readonly type: 'update'; readonly status: TaskStatus }
  | { readonly type: 'failure'; readonly agent: string; readonly executor?: string }
  | { readonly type: 'error'; readonly message: string };

interface AgentRow {
  state: AgentState;
  /** Its heartbeats do not arrive any more. */
  mute: boolean;
}

interface Wire {
  readonly driver: SchedulerDriver;
  readonly deliver: (event: SchedulerEvent) => void;
  readonly cut: () => void;
}

/** The world; every method settles it before it returns. */
export class ProtocolWorld {
  now: number = 0;
  received: Received[] = [];
  /** Framework ids by alias. */
  readonly ids: Map<string, string> = new Map();
  #state: ClusterState;
  readonly #config: Partial<Config>;
  readonly #agents = new Map<string, AgentRow>();
  /** By master connection. */
  readonly #wires = new Map<string, Wire>();
  /** By alias and the scenario's own name of the connection. */
  readonly #current = new Map<string, string>();
  #connections = 0;

  constructor(config: Partial<Config>) {
    this.#config = config;
    this.#state = emptyCluster(config);
  }

  get state(): ClusterState {
    return this.#state;
  }

  /** Starts an agent and connects it. */
  async startAgent(id: string, resources: ResourcesLike, domain: Domain | undefined): Promise<void> {
    const state = emptyAgent({
      id,
      resources,
      seed: 1,
      heartbeatMs: 15_000,
      ...(domain === undefined ? {} : { domain }),
    });
    this.#agents.set(id, { state, mute: false });
    this.#tellAgent(id, { type: 'connected', at: this.now });
    await this.#settle();
  }

  /** Says something to an agent's machine. */
  async toAgent(id: string, input: WithoutTime<AgentInput>): Promise<void> {
    this.#tellAgent(id, { ...input, at: this.now } as AgentInput);
    await this.#settle();
  }

  /** From now on the agent answers no health check. */
  mute(id: string): void {
    this.#agent(id).mute = true;
  }

  /** The agent as JSON, for scenarios that say in which state it comes back. */
  agentJson(id: string): ReturnType<typeof agentToJSON> {
    return agentToJSON(this.#agent(id).state);
  }

  /** Replaces an agent by what JSON says of it, and lets its heartbeats arrive again. */
  putAgent(id: string, json: unknown): void {
    this.#agents.set(id, { state: agentFromJSON(json), mute: false });
  }

  /** Says something to the master, as operator or transport. */
  async toMaster(input: WithoutTime<Input>): Promise<void> {
    this.#tellMaster({ ...input, at: this.now } as Input);
    await this.#settle();
  }

  /** Subscribes a scheduler over a connection of the scenario. */
  async subscribe(alias: string, name: string, info: SubscriptionInfo): Promise<void> {
    const connection = this.#open(alias, name);
    const listeners: { event?: (event: SchedulerEvent) => void; closed?: () => void } = {};
    const heard = (what: Heard): void => {
      this.received.push({ to: 'scheduler', framework: alias, connection: name, what });
    };
    const driver = schedulerDriver(
      {
        subscribed: ({ framework }) => {
          this.ids.set(alias, framework);
          heard({ type: 'subscribed', id: framework });
        },
        offers: (offers) => offers.forEach((offer) => heard({ type: 'offer', offer })),
        rescind: (offer) => heard({ type: 'rescind', offer }),
        update: (status) => heard({ type: 'update', status }),
        failure: (failure) => heard({ type: 'failure', ...failure }),
        error: ({ message }) => heard({ type: 'error', message }),
      },
      {
        info,
        acknowledge: 'explicit',
        now: () => this.now,
        send: (call) => this.#tellMaster({ ...call, connection, at: this.now } as Input),
        onEvent: (listen) => {
          listeners.event = listen;
          this.#wires.set(connection, {
            get driver() {
              return driver;
            },
            deliver: listen,
            cut: () => listeners.closed?.(),
          });
        },
        onClosed: (listen) => {
          listeners.closed = listen;
        },
      },
    );
    await this.#settle();
  }

  /** The driver of a scheduler on one of its connections. */
  async call(alias: string, name: string, run: (driver: SchedulerDriver) => void): Promise<void> {
    const wire = this.#wire(alias, name);
    run(wire.driver);
    await this.#settle();
  }

  /** The stream of a scheduler breaks, on both sides. */
  async disconnect(alias: string, name: string): Promise<void> {
    this.#wire(alias, name).cut();
    const framework = this.ids.get(alias) ?? alias;
    const connection = this.#current.get(`${alias} ${name}`);
    const link = { type: 'framework-disconnected', framework, at: this.now } as const;
    this.#tellMaster(connection === undefined ? link : { ...link, connection });
    await this.#settle();
  }

  /** The scheduler's own library loses the master; the master knows nothing of it. */
  async loseMaster(alias: string, name: string): Promise<void> {
    this.#wire(alias, name).cut();
    await this.#settle();
  }

  /** A new master on the same registry; nobody is connected to it. */
  async failover(): Promise<void> {
    this.#state = recoverCluster(registryOf(this.#state), this.#config, this.now);
    // The wires stay where they are: what a scheduler says before it subscribes again, its driver answers.
    for (const wire of this.#wires.values()) wire.cut();
    for (const id of this.#agents.keys()) this.#tellAgent(id, { type: 'disconnected', at: this.now });
    await this.#settle();
  }

  /** Lets time pass; everything happens at its own instant, agents first. */
  async advance(ms: number): Promise<void> {
    const target = this.now + ms;
    for (let next = this.#nextInstant(); next !== undefined && next <= target; next = this.#nextInstant()) {
      this.now = Math.max(this.now, next);
      for (const [id, { state }] of this.#agents) {
        if ((nextAgentDeadline(state) ?? Infinity) <= this.now) this.#tellAgent(id, { type: 'tick', at: this.now });
      }
      this.#tellMaster({ type: 'tick', at: this.now });
      await this.#settle();
    }
    this.now = target;
    this.#tellMaster({ type: 'tick', at: this.now });
    await this.#settle();
  }

  #nextInstant(): number | undefined {
    const agents = [...this.#agents.values()].map(({ state }) => nextAgentDeadline(state) ?? Infinity);
    const next = Math.min(nextDeadline(this.#state) ?? Infinity, ...agents);
    return next === Infinity ? undefined : next;
  }

  /** Runs that were asked for are performed; what the driver puts off until later happens. */
  async #settle(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      while (isRunRequested(this.#state.allocator)) this.#tellMaster({ type: 'allocate', at: this.now });
      await Promise.resolve();
    }
  }

  #tellMaster(input: Input): void {
    const [state, outputs] = transition(this.#state, input);
    this.#state = state;
    for (const output of outputs) this.#route(output);
  }

  #route(output: Output): void {
    if (output.type === 'policy-failed') throw new Error(output.message);
    if (output.type === 'report-refused' || ('connection' in output && 'call' in output)) return;
    if (isCommand(output)) {
      this.received.push({ to: 'agent', agent: output.agent, command: output });
      if (this.#agents.has(output.agent))
        this.#tellAgent(output.agent, { type: 'command', command: withoutKilling(output), at: this.now });
      return;
    }
    this.#wires.get(output.connection)?.deliver(output);
  }

  #tellAgent(id: string, input: AgentInput): void {
    const agent = this.#agent(id);
    const [state, outputs] = agentTransition(agent.state, input);
    agent.state = state;
    for (const output of outputs) {
      if (output.to !== 'master' || (agent.mute && output.report.type === 'heartbeat')) continue;
      this.#tellMaster({ ...output.report, at: this.now });
    }
  }

  /** Subscribing again over a connection of the same name is the same connection to the master. */
  #open(alias: string, name: string): string {
    const known = this.#current.get(`${alias} ${name}`);
    if (known !== undefined) return known;
    this.#connections += 1;
    const connection = `c${this.#connections}`;
    this.#current.set(`${alias} ${name}`, connection);
    return connection;
  }

  #wire(alias: string, name: string): Wire {
    const wire = this.#wires.get(this.#current.get(`${alias} ${name}`) ?? '');
    if (wire === undefined) throw new RangeError(`${alias} has no connection ${name}`);
    return wire;
  }

  #agent(id: string): AgentRow {
    const agent = this.#agents.get(id);
    if (agent === undefined) throw new RangeError(`there is no agent ${id}`);
    return agent;
  }
}

const commands: ReadonlySet<string> = new Set<Command['type']>([
  'registered',
  'registration-refused',
  'launch',
  'launch-group',
  'kill',
  'shutdown-executor',
  'shutdown-framework',
  'shutdown-agent',
  'acknowledge',
  'reconcile',
  'apply-operation',
  'framework-message',
]);

/**
 * In these scenarios what happens to a task comes by `report` alone. An agent says of tasks that it runs itself that they
 * are being killed, to frameworks that want to know it (KILL-3): it is not told that they do.
 */
function withoutKilling(command: Command): Command {
  if (command.type !== 'launch' && command.type !== 'launch-group') return command;
  const { frameworkInfo } = command;
  const capabilities = frameworkInfo.capabilities.filter((name) => name !== 'task-killing-state');
  return { ...command, frameworkInfo: { ...frameworkInfo, capabilities } };
}

function isCommand(output: Output): output is Command {
  return commands.has(output.type);
}
