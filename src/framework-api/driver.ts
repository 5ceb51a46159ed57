import type { AcceptCall, OperationLike } from '../cluster/inputs.js';
import type { SchedulerEvent } from '../cluster/outputs.js';
import { defaultFrameworkCapabilities } from '../cluster/framework-info.js';
import { InputError } from '../resources/index.js';
import type { FrameworkCapability, TaskStatus } from '../tasks/index.js';
import { runCallback, throwLater } from './callbacks.js';
import { unapplied, unlaunched, type Ineffective } from './ineffective-accept.js';
import type { Handled, OperationUpdate, Scheduler } from './scheduler.js';
import type { AnswerOptions, OfferRef, SchedulerDriver } from './scheduler-driver.js';
import type { DriverCall, DriverOptions, SchedulerWire } from './wire.js';

/**
 * Where the subscription is: asked for, standing, without a wire, or over for good. Calls are held, sent, answered by
 * the driver, and answered by the driver.
 */
type Standing = 'subscribing' | 'subscribed' | 'disconnected' | 'ended';

/** Everything but the subscription, which the driver writes itself; it also fills in who the framework is. */
type OwnCall = DriverCall extends infer Each
  ? Each extends { type: 'subscribe' }
    ? never
    : Omit<Each, 'framework'>
  : never;

/** What ended without a wire needs no answer: an offer that is given back is void, an update will come again. */
const lapses: ReadonlySet<string> = new Set([
  'decline',
  'accept-inverse-offers',
  'decline-inverse-offers',
  'acknowledge',
  'acknowledge-operation',
  'teardown',
]);

/**
 * Subscribes `scheduler` over a wire and gives the handle on that subscription. The same driver serves an in-process
 * master (`master.subscribe` makes the wire) and any network.
 *
 * - Events are handled in the order in which the wire brings them. Handlers never run inside a call of the driver.
 * - A handler that throws or rejects ends nothing: the error goes to `onError`, and an update is then not acknowledged.
 * - What the wire cannot carry while it is lost, and what the master cannot read, is answered as `SchedulerDriver` says.
 *
 * @throws InputError `wrong-type` for a scheduler or an `info` that is not an object.
 * @example
 * const driver = schedulerDriver(scheduler, {
 *   info: { name: 'etl', roles: ['etl'] },
 *   send: (call) => socket.send(JSON.stringify(call)),
 *   onEvent: (listen) => socket.on('message', (text) => listen(JSON.parse(text))),
 *   onClosed: (listen) => socket.on('close', listen),
 *   close: () => socket.end(),
 * });
 */
export function schedulerDriver(scheduler: Scheduler, options: SchedulerWire & DriverOptions): SchedulerDriver {
  demandObject(scheduler, 'scheduler');
  demandObject(options.info, 'info');
  return new Driver(scheduler, options);
}

class Driver implements SchedulerDriver {
  readonly #scheduler: Scheduler;
  readonly #options: SchedulerWire & DriverOptions;
  #standing: Standing = 'subscribing';
  #framework: string | undefined;
  #capabilities: readonly FrameworkCapability[];
  #held: OwnCall[] = [];

  constructor(scheduler: Scheduler, options: SchedulerWire & DriverOptions) {
    this.#scheduler = scheduler;
    this.#options = options;
    this.#framework = options.info.framework;
    this.#capabilities = options.info.capabilities ?? defaultFrameworkCapabilities;
    options.onEvent((event) => this.#receive(event));
    options.onClosed(() => this.#disconnect());
    options.onOpen?.(() => this.#subscribe());
    if (options.onOpen === undefined) this.#subscribe();
  }

  get framework(): string | undefined {
    return this.#framework;
  }

  get connected(): boolean {
    return this.#standing === 'subscribed';
  }

  accept(offers: OfferRef | readonly OfferRef[], operations: readonly OperationLike[], options?: AnswerOptions): void {
    const refs = list(offers);
    const call: OwnCall = { type: 'accept', offers: refs.map(idOf), operations, ...refusal(options) };
    const agent = refs.map(agentOf).find((each) => each !== undefined);
    if (this.#open) this.#send(call);
    else this.#answerAccept(call, { why: 'disconnected' }, agent);
  }

  launch(...[offers, tasks, options]: Parameters<SchedulerDriver['launch']>): void {
    this.accept(offers, [{ type: 'launch', tasks: list(tasks) }], options);
  }

  launchGroup(...[offers, group, options]: Parameters<SchedulerDriver['launchGroup']>): void {
    const framework = this.#framework;
    // A group's executor must say whose it is (VAL-9); the framework need not repeat it.
    const executor = { ...(framework !== undefined && { framework }), ...group.executor };
    this.accept(offers, [{ type: 'launch-group', executor, tasks: group.tasks }], options);
  }

  decline(offers: OfferRef | readonly OfferRef[], options?: AnswerOptions): void {
    this.#call({ type: 'decline', offers: list(offers).map(idOf), ...refusal(options) });
  }

  acceptInverseOffers(offers: OfferRef | readonly OfferRef[], options?: AnswerOptions): void {
    this.#call({ type: 'accept-inverse-offers', offers: list(offers).map(idOf), ...refusal(options) });
  }

  declineInverseOffers(offers: OfferRef | readonly OfferRef[], options?: AnswerOptions): void {
    this.#call({ type: 'decline-inverse-offers', offers: list(offers).map(idOf), ...refusal(options) });
  }

  revive(roles?: readonly string[]): void {
    this.#call({ type: 'revive', ...(roles && { roles }) });
  }

  suppress(roles?: readonly string[]): void {
    this.#call({ type: 'suppress', ...(roles && { roles }) });
  }

  unsuppress(roles?: readonly string[]): void {
    this.#call({ type: 'unsuppress', ...(roles && { roles }) });
  }

  clearFilters(roles?: readonly string[]): void {
    this.#call({ type: 'clear-filters', ...(roles && { roles }) });
  }

  request(...[requests]: Parameters<SchedulerDriver['request']>): void {
    this.#call({ type: 'request', requests });
  }

  kill(...[task, options]: Parameters<SchedulerDriver['kill']>): void {
    this.#call({ type: 'kill', task, ...options });
  }

  shutdown({ agent, executor }: Parameters<SchedulerDriver['shutdown']>[0]): void {
    this.#call({ type: 'shutdown', agent, executor });
  }

  acknowledge({ task, agent, uuid }: Pick<TaskStatus, 'task' | 'agent' | 'uuid'>): void {
    if (uuid !== undefined && agent !== undefined) this.#call({ type: 'acknowledge', agent, task, uuid });
  }

  reconcile(tasks: Parameters<SchedulerDriver['reconcile']>[0] = []): void {
    this.#call({ type: 'reconcile', tasks: tasks.map((task) => (typeof task === 'string' ? { task } : task)) });
  }

  acknowledgeOperation({ operation, agent, uuid }: Parameters<SchedulerDriver['acknowledgeOperation']>[0]): void {
    if (uuid === undefined) return;
    this.#call({ type: 'acknowledge-operation', operation, uuid, ...(agent !== undefined && { agent }) });
  }

  reconcileOperations(refs: Parameters<SchedulerDriver['reconcileOperations']>[0] = []): void {
    const operations = refs.map((ref) => (typeof ref === 'string' ? { operation: ref } : ref));
    this.#call({ type: 'reconcile-operations', operations });
  }

  sendMessage({ agent, executor, data }: Parameters<SchedulerDriver['sendMessage']>[0]): void {
    this.#call({ type: 'framework-message', agent, executor, data });
  }

  updateFramework(info: Parameters<SchedulerDriver['updateFramework']>[0]): void {
    if (info.capabilities !== undefined) this.#capabilities = info.capabilities;
    this.#call({ type: 'update-framework', ...info });
  }

  teardown(): void {
    this.#call({ type: 'teardown' });
    // While the id is still awaited the call is held, and the end comes with it.
    if (this.#standing !== 'subscribing') this.close();
  }

  close(): void {
    if (this.#standing === 'ended') return;
    this.#end();
    this.#handle(() => this.#options.close?.());
  }

  #subscribe(): void {
    if (this.#standing === 'ended') return;
    this.#standing = 'subscribing';
    const framework = this.#framework;
    this.#wire({ ...this.#options.info, type: 'subscribe', ...(framework !== undefined && { framework }) });
  }

  /** Whether calls are carried: at once, or as soon as the subscription stands. */
  get #open(): boolean {
    return this.#standing === 'subscribed' || this.#standing === 'subscribing';
  }

  #call(call: OwnCall): void {
    if (this.#open) this.#send(call);
    else this.#answerLost(call);
  }

  #send(call: OwnCall): void {
    if (this.#standing === 'subscribing') this.#held.push(call);
    else this.#wire({ ...call, framework: this.#framework ?? '' });
  }

  #wire(call: DriverCall): void {
    runCallback(
      () => this.#options.send(call),
      (error) => (isInputError(error) ? this.#refused(call, error) : this.#failed(error)),
    );
  }

  /** The wire is lost, of which the driver is still to hear, or the master can't read the call. */
  #refused(call: DriverCall, { code, message }: InputError): void {
    if (code === 'closed') return this.#answerLost(call);
    if (call.type === 'accept') this.#answerAccept(call, { why: 'malformed', message }, undefined);
    this.#reject(call.type, code, message);
  }

  #answerLost(call: OwnCall | DriverCall): void {
    if (call.type === 'accept') this.#answerAccept(call, { why: 'disconnected' }, undefined);
    else if (!lapses.has(call.type)) this.#reject(call.type, 'disconnected', 'There is no connection to the master');
  }

  #sendHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const call of held) this.#send(call);
    if (held.some((call) => call.type === 'teardown')) this.close();
  }

  /** Answers what was still held, in its order, as calls of a lost wire are answered. */
  #dropHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const call of held) this.#answerLost(call);
  }

  #answerAccept({ operations }: Pick<AcceptCall, 'operations'>, cause: Ineffective, agent: string | undefined): void {
    const now = this.#options.now ?? systemNow;
    const partitionAware = this.#capabilities.includes('partition-aware');
    const statuses = unlaunched(operations, cause, { agent, partitionAware, at: now() });
    // Later, because a scheduler need not expect its handlers to run inside its own call.
    void Promise.resolve().then(() => {
      for (const status of statuses) this.#handle(() => this.#scheduler.update?.(status, this));
      for (const update of unapplied(operations, cause, agent)) this.#operationUpdate(update);
    });
  }

  #reject(call: string, code: string, message: string): void {
    void Promise.resolve().then(() => this.#handle(() => this.#scheduler.rejected?.({ call, code, message }, this)));
  }

  #receive(event: SchedulerEvent): void {
    if (this.#standing === 'ended' || this.#standing === 'disconnected') return;
    const scheduler = this.#scheduler;
    switch (event.type) {
      case 'subscribed':
        return this.#subscribed(event);
      case 'offers':
        return this.#handle(() => scheduler.offers?.(event.offers, this));
      case 'rescind':
        return this.#handle(() => scheduler.rescind?.(event.offer, this));
      case 'inverse-offers':
        return this.#handle(() => scheduler.inverseOffers?.(event.offers, this));
      case 'rescind-inverse-offer':
        return this.#handle(() => scheduler.rescindInverseOffer?.(event.offer, this));
      case 'update':
        return this.#update(event.status);
      case 'operation-update':
        return this.#operationUpdate(unaddressed(event));
      case 'agent-message':
        return this.#handle(() => scheduler.agentMessage?.(unaddressed(event), this));
      case 'failure':
        return this.#handle(() => scheduler.failure?.(unaddressed(event), this));
      case 'rejected':
        return this.#handle(() => scheduler.rejected?.(unaddressed(event), this));
      case 'error':
        return this.#error(event);
      default:
        // A newer master may say what this driver does not know yet.
        return event satisfies never;
    }
  }

  #subscribed(event: Extract<SchedulerEvent, { type: 'subscribed' }>): void {
    this.#framework = event.framework;
    this.#standing = 'subscribed';
    this.#sendHeld();
    const { framework, masterId, heartbeatIntervalMs } = event;
    this.#handle(() => this.#scheduler.subscribed?.({ framework, masterId, heartbeatIntervalMs }, this));
  }

  #update(status: TaskStatus): void {
    const implicit = this.#options.acknowledge !== 'explicit';
    this.#handle(() => this.#scheduler.update?.(status, this), implicit ? () => this.acknowledge(status) : undefined);
  }

  #operationUpdate(update: OperationUpdate): void {
    const implicit = this.#options.acknowledge !== 'explicit';
    const acknowledge = (): void => this.acknowledgeOperation(update);
    this.#handle(() => this.#scheduler.operationUpdate?.(update, this), implicit ? acknowledge : undefined);
  }

  #error({ code, message }: { readonly code: string; readonly message: string }): void {
    // There is nothing left to say over the wire.
    this.close();
    this.#handle(() => this.#scheduler.error?.({ code, message }, this));
  }

  #disconnect(): void {
    if (this.#standing === 'ended' || this.#standing === 'disconnected') return;
    this.#standing = 'disconnected';
    this.#dropHeld();
    this.#handle(() => this.#scheduler.disconnected?.(this));
  }

  #end(): void {
    this.#standing = 'ended';
    this.#dropHeld();
  }

  /** Runs a handler and then `done`, if the handler did not fail. */
  #handle(handler: () => Handled, done?: () => void): void {
    runCallback(handler, (error) => this.#failed(error), done);
  }

  #failed(error: unknown): void {
    const { onError = throwLater } = this.#options;
    onError(error);
  }
}

/** Types say so; a host without them would hear of it with the first event only. */
function demandObject(value: unknown, path: string): void {
  if (typeof value === 'object' && value !== null) return;
  throw new InputError('wrong-type', path, `${path} must be an object, not ${value === null ? 'null' : typeof value}`);
}

/** By its name: the wire may have the error of another copy of this library. */
function isInputError(error: unknown): error is InputError {
  return error instanceof Error && error.name === 'InputError' && 'code' in error;
}

function systemNow(): number {
  return Date.now();
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return isList(value) ? value : [value];
}

function idOf(ref: OfferRef): string {
  return typeof ref === 'string' ? ref : ref.id;
}

function agentOf(ref: OfferRef): string | undefined {
  return typeof ref === 'string' ? undefined : ref.agent;
}

function refusal(options: AnswerOptions | undefined): AnswerOptions {
  return options?.refuseSeconds === undefined ? {} : { refuseSeconds: options.refuseSeconds };
}

/** The event without its envelope: the scheduler knows who it is and has one connection. */
function unaddressed<Event extends { type: string; connection: string; framework?: string }>(
  event: Event,
): Omit<Event, 'type' | 'connection' | 'framework'> {
  const { type: _type, connection: _connection, framework: _framework, ...rest } = event;
  return rest;
}
