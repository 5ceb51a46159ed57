import {
  emptyCluster,
  explain,
  nextDeadline,
  transition,
  type ClusterState,
  type Explanation,
  type ExplainQuery,
  type Input,
  type Output,
} from '../cluster/index.js';
import { drf } from '../drf/index.js';
import { runCallback } from '../framework-api/callbacks.js';
import { messageOf } from '../framework-api/task-function.js';
import {
  schedulerDriver,
  type DriverCall,
  type Scheduler,
  type SchedulerDriver,
  type SubscriptionInfo,
} from '../framework-api/index.js';
import { isRunRequested, type Policy } from '../offers/index.js';
import { InputError } from '../resources/index.js';
import { agentEvents, frameworkEvents, offerEvents, taskEvents, type Change } from './changes.js';
import type { Clock } from './clock.js';
import { Alarm } from './alarm.js';
import { isInputError, MasterError, type MasterErrorCode } from './errors.js';
import { Events, type AgentEvent, type FrameworkEvent } from './events.js';
import { readInput, type ControlLike, type Family, type LinkLike } from './inputs.js';
import { LocalWire } from './local-wire.js';
import { Log, quoted } from './log.js';
import type { MasterOptions, SubscribeOptions } from './master.js';
import { checkOptions } from './options.js';
import type { Transport } from './ports.js';
import { rebasedClock } from './rebased-clock.js';
import { Recorder } from './recorder.js';
import { Routes, type Origin, type Routed } from './routes.js';
import { isCommand, StandIns } from './stand-ins.js';
import { systemClock } from './system-clock.js';

/** When the machine is asked again to do what it did not do when it was due, which is a bug; ms. */
const retryMs = 1_000;

/** An input on its way into the machine. */
interface Entry {
  readonly input: Input;
  /** Who brought it; absent = the master itself. */
  readonly origin?: Origin;
  /** It came out of a stand-in and must not go through it again. */
  readonly relayed?: true;
  /** Hears whether the machine took it. */
  settle?(refusal: unknown): void;
}

/** What follows from one transition, to be delivered. */
interface Delivery {
  readonly change: Change;
  readonly agents: readonly AgentEvent[];
  readonly frameworks: readonly FrameworkEvent[];
  readonly routed: readonly Routed[];
}

/**
 * The machine's surroundings. Inputs are taken one at a time, each to completion: what comes in meanwhile waits. What
 * follows from them is delivered on a microtask, after which a wanted allocation is run and the one alarm is set.
 */
export class Shell {
  readonly events: Events;
  /** The host itself, who brings what comes in through `report` and `call`. */
  readonly host: Origin;
  readonly #transports: readonly Transport[];
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #log: Log | undefined;
  readonly #standIns: StandIns;
  readonly #routes: Routes;
  readonly #recorder: Recorder | undefined;
  readonly #alarm: Alarm;
  readonly #wires = new Set<LocalWire>();
  /** Names of connections that a restored state still has in use. */
  readonly #taken: ReadonlySet<string>;
  #state: ClusterState;
  #queue: Entry[] = [];
  #taking = false;
  #outbox: Delivery[] = [];
  #delivering = false;
  #connections = 0;
  /** What `seq` was after the last allocation, and after the last tick, that the master sent itself. */
  #allocated = -1;
  #ticked = -1;
  #tickedAt = -1;
  #closed: Promise<void> | undefined;

  constructor(options: MasterOptions) {
    checkOptions(options);
    const { policy = drf, logger, record, transports = [], agents } = options;
    this.#state = startingState(options);
    this.#clock = rebasedClock(options.clock ?? systemClock(), this.#state.now);
    this.#alarm = new Alarm(this.#clock, () => this.#ring());
    this.#policy = policy;
    this.#log = logger && new Log(logger);
    this.#transports = transports;
    this.events = new Events((error, name) => this.#fail('callback-failed', `A listener of '${name}' failed`, error));
    this.host = options;
    this.#routes = new Routes(agents === undefined ? (transports.find((each) => each.agents) ?? this.host) : this.host);
    this.#standIns = new StandIns(this.#state);
    this.#taken = new Set(this.#state.frameworks.values().map(({ connection }) => connection ?? ''));
    const failed = (error: unknown): void => this.#fail('record-failed', 'Recording has ended', error);
    this.#recorder = record && new Recorder(record, failed, this.#state, policy.name);
  }

  get state(): ClusterState {
    return this.#state;
  }

  start(): void {
    for (const transport of this.#transports) {
      const receive = (input: unknown): void => {
        if (this.#closed === undefined) this.receive(input, transport, ['call', 'report', 'link']);
      };
      runCallback(
        () => transport.open(receive),
        (error) => this.#fail('transport-failed', 'A transport did not open', error),
      );
    }
    // A restored state may have something to do already.
    this.#deliverLater();
  }

  /** @throws InputError for a wrong shape, another family, or a master that is closed. */
  receive(value: unknown, origin: Origin, allowed: readonly Family[]): void {
    this.#assertOpen();
    this.#take({ input: readInput(value, this.#now(), allowed), origin });
  }

  async control(control: ControlLike): Promise<void> {
    this.#assertOpen();
    const input = readInput(control, this.#now(), ['control']);
    await new Promise<void>((resolve, reject) => {
      this.#take({ input, settle: (refusal) => (refusal === undefined ? resolve() : reject(refusal)) });
    });
  }

  /** @throws InputError as `receive`. */
  lost(link: LinkLike, connection: string | undefined): void {
    this.receive({ ...link, ...(connection !== undefined && { connection }) }, this.host, ['link']);
  }

  explain(query: ExplainQuery): Explanation {
    return explain(this.#state, query, this.#policy);
  }

  subscribe(info: SubscriptionInfo, scheduler: Scheduler, options: SubscribeOptions = {}): SchedulerDriver {
    this.#assertOpen();
    const connection = this.#nextConnection();
    // A mistake in `info` is the host's: it hears of it here, and not in a handler.
    readInput({ ...info, type: 'subscribe', connection }, this.#now(), ['call']);
    const wire = new LocalWire(connection, {
      call: (call, from) => this.#localCall(call, from),
      left: (from) => this.#leave(from),
    });
    const driver = schedulerDriver(scheduler, {
      ...options,
      info,
      send: wire.send,
      onEvent: wire.onEvent,
      onClosed: wire.onClosed,
      close: wire.close,
      now: () => this.#now(),
      onError: (error) => this.#fail('callback-failed', `A handler of ${whose(info)} failed`, error),
    });
    this.#wires.add(wire);
    return driver;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#alarm.cancel();
    // Handlers do not run inside the call that closes either.
    await Promise.resolve();
    // What was decided is still said: a launch that its agent never hears of would be lost, and its answer too.
    this.#deliver();
    for (const wire of this.#wires) wire.cut();
    this.#wires.clear();
    await Promise.all(this.#transports.map((transport) => this.#closeTransport(transport)));
    this.events.clear();
  }

  #assertOpen(): void {
    if (this.#closed !== undefined) throw new InputError('closed', '', 'The master is closed');
  }

  /** Whole ms: what is between two of them happens at the earlier one. */
  #now(): number {
    return Math.floor(this.#clock.now());
  }

  #nextConnection(): string {
    for (;;) {
      this.#connections += 1;
      const connection = `local-${this.#connections}`;
      if (!this.#taken.has(connection)) return connection;
    }
  }

  #localCall(call: DriverCall, wire: LocalWire): void {
    this.receive({ ...call, connection: wire.connection }, wire, ['call']);
  }

  /** A scheduler left. One that was removed meanwhile, or has subscribed anew, has nothing to end. */
  #leave(wire: LocalWire): void {
    this.#wires.delete(wire);
    const { framework, connection } = wire;
    if (this.#closed === undefined && framework !== undefined) this.#breakLink(framework, connection);
  }

  /** Says that nobody is there any more, if anybody was. */
  #breakLink(framework: string, connection: string): void {
    if (this.#state.frameworks.get(framework)?.connection !== connection) return;
    this.#take({ input: { type: 'framework-disconnected', framework, connection, at: this.#now() } });
  }

  #take(entry: Entry): void {
    this.#queue.push(entry);
    // A policy may speak to its master: that waits for the end of the transition it runs in.
    if (this.#taking) return;
    this.#taking = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next);
    } finally {
      this.#taking = false;
    }
    this.#deliverLater();
  }

  #step({ input, origin, relayed, settle }: Entry): void {
    const inputs = relayed ? [input] : this.#standIns.inward(input);
    // None: held back until an earlier update of the task is acknowledged.
    for (const each of inputs) this.#transition(each, origin, settle);
  }

  #transition(input: Input, origin: Origin | undefined, settle: Entry['settle']): void {
    const before = this.#state;
    let outputs: readonly Output[];
    try {
      [this.#state, outputs] = transition(before, input, this.#policy);
    } catch (error) {
      return this.#refused(input, error, settle);
    }
    this.#recorder?.input(input);
    this.#follow({ input, before, state: this.#state, outputs }, origin);
    settle?.(undefined);
  }

  #refused(input: Input, error: unknown, settle: Entry['settle']): void {
    settle?.(error);
    // What a control cannot mean is the operator's mistake, and the operator hears of it.
    if (settle !== undefined && isInputError(error)) return;
    this.#fail('transition-failed', `A '${input.type}' broke the machine and had no effect`, error);
  }

  /** Finds out what follows from a transition and who is to hear of it. */
  #follow(change: Change, origin: Origin | undefined): void {
    const agents = agentEvents(change);
    for (const event of agents) this.#standIns.note(event);
    const { input, state } = change;
    const outward = this.#standIns.outward(change.outputs, Math.max(input.at, state.now));
    const routed = this.#routes.route(input, outward.outputs, state, origin);
    this.#outbox.push({ change, agents, frameworks: frameworkEvents(change), routed });
    for (const relayed of outward.inputs) this.#queue.push({ input: relayed, relayed: true });
  }

  /** Orders a delivery for the end of the present turn, unless one is ordered or under way. */
  #deliverLater(): void {
    if (this.#delivering || this.#closed !== undefined) return;
    this.#delivering = true;
    queueMicrotask(() => {
      if (this.#closed !== undefined) return;
      this.#deliver();
      while (this.#goOn()) this.#deliver();
      this.#delivering = false;
      this.#arm();
    });
  }

  /** Delivers what there is, and what comes of it. */
  #deliver(): void {
    for (let batch = this.#outbox; batch.length > 0; batch = this.#outbox) {
      this.#outbox = [];
      for (const delivery of batch) this.#carryOut(delivery);
    }
  }

  #carryOut({ change, agents, frameworks, routed }: Delivery): void {
    this.events.emit('transition', change);
    for (const event of agents) {
      this.#log?.party('agent', event);
      this.events.emit('agent', event);
    }
    for (const event of frameworks) {
      this.#log?.party('framework', event);
      this.events.emit('framework', event);
    }
    for (const each of routed) this.#send(each);
  }

  #send({ output, origin }: Routed): void {
    if (output.type === 'policy-failed') {
      const { policy, code, message } = output;
      return this.#fail('policy-failed', `Policy ${quoted(policy)} failed: ${code}: ${message}`);
    }
    // The host has heard of it as an event of the agent.
    if (output.type === 'report-refused') return;
    if (this.events.heard('offer')) for (const event of offerEvents(output)) this.events.emit('offer', event);
    if (this.events.heard('task')) for (const event of taskEvents(output)) this.events.emit('task', event);
    if (isCommand(output)) {
      const failure = (): string => `A command for agent ${quoted(output.agent)} was not carried`;
      return this.#carry(() => origin?.agents?.send(output), failure);
    }
    if (origin !== undefined) {
      const failure = (): string => `An event on connection ${quoted(output.connection)} was not carried`;
      return this.#carry(() => origin.frameworks?.send(output), failure);
    }
    // Nobody speaks for it, since it was restored with the state.
    if (output.framework !== undefined && output.type !== 'error') this.#breakLink(output.framework, output.connection);
  }

  #carry(send: () => void | Promise<void>, failure: () => string): void {
    runCallback(send, (error) => this.#fail('port-failed', failure(), error));
  }

  /**
   * Does what is to be done without waiting: a wanted allocation, or what fell due at once. What an input of its own has
   * not brought to an end is left to the alarm: this must come to an end.
   *
   * @returns whether there was anything.
   */
  #goOn(): boolean {
    if (this.#closed !== undefined) return false;
    const { allocator, seq } = this.#state;
    if (seq !== this.#allocated && !allocator.paused && isRunRequested(allocator)) {
      this.#take({ input: { type: 'allocate', at: this.#now() } });
      this.#allocated = this.#state.seq;
      return true;
    }
    return seq !== this.#ticked && this.#tick();
  }

  /** Lets the machine do what is due. @returns whether anything was. */
  #tick(): boolean {
    const at = this.#now();
    const next = nextDeadline(this.#state);
    if (next === undefined || next > at) return false;
    this.#take({ input: { type: 'tick', at } });
    this.#ticked = this.#state.seq;
    this.#tickedAt = at;
    return true;
  }

  #arm(): void {
    if (this.#closed !== undefined) return;
    const next = Math.min(nextDeadline(this.#state) ?? Infinity, this.#standIns.deadline ?? Infinity);
    const stuck = this.#state.seq === this.#ticked && next <= this.#tickedAt;
    this.#alarm.set(stuck ? this.#tickedAt + retryMs : next);
  }

  #ring(): void {
    if (this.#closed !== undefined) return;
    for (const input of this.#standIns.tick(this.#now())) this.#take({ input, relayed: true });
    // The deadline that it was set for may be gone; then there is only a new alarm to set.
    this.#tick();
    this.#deliverLater();
  }

  /** Something went wrong around the machine; the run goes on. After `close` only the log hears of it. */
  #fail(code: MasterErrorCode, what: string, cause?: unknown): void {
    const error = new MasterError(code, cause === undefined ? what : `${what}: ${messageOf(cause)}`, cause);
    this.#log?.error(error);
    // Later: listeners do not run inside the call that something went wrong in.
    if (this.#closed === undefined) queueMicrotask(() => this.events.emit('error', error));
  }

  async #closeTransport(transport: Transport): Promise<void> {
    try {
      await transport.close();
    } catch (error) {
      this.#fail('transport-failed', 'A transport did not close', error);
    }
  }
}

function whose({ name, framework = name }: SubscriptionInfo): string {
  return framework === undefined ? 'a scheduler' : `scheduler ${quoted(name ?? framework)}`;
}

function startingState({ state, config }: MasterOptions): ClusterState {
  if (state === undefined) return emptyCluster(config);
  if (config === undefined) return state;
  const message = 'A restored state has its configuration; change it with the control `configure`';
  throw new InputError('bad-config', 'config', message);
}
