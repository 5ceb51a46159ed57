import type { SchedulerEvent } from '../cluster/index.js';
import type { DriverCall, SchedulerWire } from '../framework-api/index.js';
import type { FrameworkPort } from './ports.js';
import type { Origin } from './routes.js';

/** What a wire in this process needs of its master. */
export interface WireHost {
  /** @throws InputError when the call is malformed, or the master is closed. */
  call(call: DriverCall, wire: LocalWire): void;
  /** The scheduler has left. */
  left(wire: LocalWire): void;
}

/**
 * The wire between a master and a scheduler in its own process. Calls are heard at once; events come when the master
 * delivers, which is never while somebody is calling it.
 */
export class LocalWire implements SchedulerWire, Origin {
  readonly connection: string;
  readonly frameworks: FrameworkPort;
  /** Under which id it was admitted. */
  framework: string | undefined;
  readonly #host: WireHost;
  #heard: (event: SchedulerEvent) => void = () => {};
  #closed: () => void = () => {};

  constructor(connection: string, host: WireHost) {
    this.connection = connection;
    this.#host = host;
    this.frameworks = { send: (event) => this.#heard(event) };
  }

  admitted(framework: string): void {
    this.framework = framework;
  }

  /** @throws InputError when the call is malformed, or the master is closed. */
  readonly send = (call: DriverCall): void => this.#host.call(call, this);

  readonly onEvent = (listen: (event: SchedulerEvent) => void): void => {
    this.#heard = listen;
  };

  readonly onClosed = (listen: () => void): void => {
    this.#closed = listen;
  };

  readonly close = (): void => this.#host.left(this);

  /** The master leaves. */
  cut(): void {
    this.#closed();
  }
}
