import type { Scheduler, SubscriptionInfo } from '../../framework-api/index.js';
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { systemClock } from '../../master/system-clock.js';
import type { TaskStatus } from '../../tasks/index.js';
import { readPacking, type Packing } from '../common/bins.js';
import { capabilitiesFor } from '../common/capabilities.js';
import { deferred, type Deferred } from '../common/deferred.js';
import { deskSettings, seedOf, subscriptionInfo, type SchedulerOptions } from '../common/options.js';
import { duration } from '../common/reading.js';
import { makeCall } from '../desk/calls.js';
import { SchedulerError } from '../error.js';
import { SchedulerShell } from '../shell.js';
import { instanceCount, readApp, type App, type AppSpec } from './app.js';
import { nextServiceDeadline, serviceTransition, type ServiceOutput, type ServiceOwnInput } from './machine.js';
import { isSameSaved, readService, saveService, type ServiceState } from './saved.js';
import { emptyService, type AppRow, type ServiceMachine, type ServiceSettings } from './state.js';
import { appInfo, instancesOf, type AppInfo, type InstanceInfo } from './summary.js';

/** What a service scheduler does and how. */
export interface ServiceOptions extends SchedulerOptions {
  /** With `restore`, those that it knows already become what they are here; others that it knows go on as they are. */
  readonly apps?: readonly App[];
  /** A state that was saved, as JSON data: the scheduler goes on from it, as the framework that it was. */
  readonly restore?: unknown;
  /** Keeps the state, which is plain JSON, before anything is done that depends on it; as for the batch scheduler. */
  readonly save?: (state: ServiceState) => void;
  /** Which offer an instance takes. Default `spread`. */
  readonly packing?: Packing;
  /** An app, or something of it, is another than before: for proxies. Once for all that happens together. */
  readonly onChange?: (app: AppInfo, instances: readonly InstanceInfo[]) => void;
  /** A status of an instance's task. */
  readonly onStatus?: (status: TaskStatus, of: { readonly app: string; readonly instance: number }) => void;
}

/** A scheduler that keeps apps running. Subscribe it with what `info` gives. */
export interface ServiceScheduler extends Scheduler {
  /** What to subscribe with: also who it was before, so that it takes over what it left. */
  info(): SubscriptionInfo;
  /** The state as it is, plain JSON: what `restore` takes. */
  readonly state: ServiceState;
  toJSON(): ServiceState;
  /** All apps, by id. */
  apps(): readonly AppInfo[];
  /** One of them; `undefined` = there is none of that id. */
  app(id: string): AppInfo | undefined;
  /** The instances of an app, with where they are and whether they are ready. @throws InputError `unknown-app` */
  instances(id: string): readonly InstanceInfo[];
  /**
   * Adds an app, or makes it what it is here; without `instances` it goes on with as many as it has. If what its instances
   * run is another, they are replaced one after the other, as its `update` allows; what they ran before may be deployed
   * again at any time.
   *
   * @throws InputError for what is no app.
   */
  deploy(app: App): void;
  /** How many instances are to run from now on. @throws InputError `unknown-app`, `bad-count` */
  scale(id: string, instances: number): void;
  /** Ends an app and forgets it. @throws InputError `unknown-app` */
  remove(id: string): void;
  /** Resolves when the subscription has ended, with why: then nothing more is done. */
  readonly ended: Promise<SchedulerError>;
  /** Does nothing more and saves nothing more. Tasks run on; another scheduler may go on from the state. */
  close(): void;
}

/**
 * Keeps apps running, so many instances of each: with restarts, health, rolling updates, scaling and placement.
 *
 * @throws InputError with the path of what is wrong in the options; `bad-state` for a state that cannot have been saved.
 * @example
 * const service = serviceScheduler({
 *   role: 'web',
 *   apps: [{ id: 'shop', instances: 3, task: { command: 'serve --port $PORT0', resources: 'cpus:1;mem:256', ports: 1 } }],
 *   onChange: (app, instances) => proxy.route(app.id, instances.filter(({ ready }) => ready)),
 * });
 * master.subscribe(service.info(), service);
 * service.scale('shop', 5);
 */
export function serviceScheduler(options: ServiceOptions = {}): ServiceScheduler {
  return new Service(options);
}

function settingsOf(options: ServiceOptions): ServiceSettings {
  return { ...deskSettings(options), packing: readPacking(options.packing ?? 'spread', 'packing') };
}

class Service implements ServiceScheduler {
  readonly subscribed: NonNullable<Scheduler['subscribed']>;
  readonly offers: NonNullable<Scheduler['offers']>;
  readonly rescind: NonNullable<Scheduler['rescind']>;
  readonly update: NonNullable<Scheduler['update']>;
  readonly disconnected: NonNullable<Scheduler['disconnected']>;
  readonly error: NonNullable<Scheduler['error']>;
  readonly rejected: NonNullable<Scheduler['rejected']>;
  readonly #options: ServiceOptions;
  readonly #shell: SchedulerShell<ServiceMachine, ServiceOwnInput, ServiceOutput>;
  readonly #ended: Deferred<SchedulerError> = deferred();
  readonly #changed = new Set<string>();

  constructor(options: ServiceOptions) {
    const { clock = systemClock(), restore, save, saveEveryMs = 0, onError } = options;
    const settings = settingsOf(options);
    this.#options = options;
    const machine = restore === undefined ? emptyService(seedOf(options)) : readService(restore);
    this.#shell = new SchedulerShell(machine, {
      clock,
      transition: (before, input, at) => serviceTransition(before, input, { at, settings }),
      deadline: (now) => nextServiceDeadline(now, settings),
      isSame: isSameSaved,
      save: (now) => save?.(saveService(now)),
      perform: (output, driver) => this.#perform(output, driver),
      settled: () => this.#settled(),
      over: (code, message) => this.#over(code, message),
      saveEveryMs: duration(saveEveryMs, 'saveEveryMs'),
      onError,
    });
    const { handlers } = this.#shell;
    this.subscribed = handlers.subscribed;
    this.offers = handlers.offers;
    this.rescind = handlers.rescind;
    this.update = handlers.update;
    this.disconnected = handlers.disconnected;
    this.error = handlers.error;
    this.rejected = handlers.rejected;
    const specs = (options.apps ?? []).map((app, index) => this.#read(app, `apps[${index}]`));
    const twice = specs.findIndex(({ id }, index) => specs.findIndex((spec) => spec.id === id) < index);
    if (twice >= 0) {
      throw new InputError('duplicate-app', `apps[${twice}].id`, `There are two apps ${quote(specs[twice]?.id)}`);
    }
    for (const app of specs) this.#shell.tell({ type: 'set', app });
  }

  info(): SubscriptionInfo {
    const { desk, apps } = this.#shell.machine;
    const capabilities = capabilitiesFor(apps.values().map(({ spec }) => spec.task));
    return subscriptionInfo(this.#options, 'service', { framework: desk.framework, capabilities });
  }

  get state(): ServiceState {
    return saveService(this.#shell.machine);
  }

  toJSON(): ServiceState {
    return this.state;
  }

  apps(): readonly AppInfo[] {
    const { machine } = this.#shell;
    return machine.apps.values().map((app) => appInfo(machine, app));
  }

  app(id: string): AppInfo | undefined {
    const { machine } = this.#shell;
    const app = machine.apps.get(id);
    return app && appInfo(machine, app);
  }

  instances(id: string): readonly InstanceInfo[] {
    return instancesOf(this.#shell.machine, this.#known(id));
  }

  deploy(app: App): void {
    this.#shell.tell({ type: 'set', app: this.#read(app, 'app') });
  }

  scale(id: string, instances: number): void {
    this.#known(id);
    this.#shell.tell({ type: 'scale', app: id, instances: instanceCount(instances, 'instances') });
  }

  remove(id: string): void {
    this.#known(id);
    this.#shell.tell({ type: 'remove', app: id });
  }

  get ended(): Promise<SchedulerError> {
    return this.#ended.promise;
  }

  close(): void {
    this.#shell.close();
  }

  #known(id: string): AppRow {
    const app = this.#shell.machine.apps.get(id);
    if (app === undefined) throw new InputError('unknown-app', 'id', `There is no app ${quote(id)}`);
    return app;
  }

  #read(app: App, path: string): AppSpec {
    const spec = readApp(app, path);
    const known = this.#shell.machine.apps.get(spec.id);
    return app.instances === undefined && known !== undefined ? { ...spec, instances: known.spec.instances } : spec;
  }

  #perform(output: ServiceOutput, driver: Parameters<typeof makeCall>[0] | undefined): void {
    if (output.type === 'changed') this.#changed.add(output.app);
    else if (output.type === 'status') {
      this.#options.onStatus?.(output.status, { app: output.app, instance: output.slot });
    } else if (driver !== undefined) makeCall(driver, output);
  }

  #settled(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) this.#shell.guard(() => this.#tellChange(id));
    if (this.#shell.machine.desk.session.standing === 'wrong') {
      this.#over('wrong-framework', 'It was subscribed as another framework than the one whose tasks it knows');
    }
  }

  #tellChange(id: string): void {
    const { machine } = this.#shell;
    const app = machine.apps.get(id);
    if (app !== undefined) this.#options.onChange?.(appInfo(machine, app), instancesOf(machine, app));
  }

  #over(code: string, message: string): void {
    this.#ended.resolve(new SchedulerError(code, message));
    this.close();
  }
}
