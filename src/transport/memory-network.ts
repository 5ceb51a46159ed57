import type { Call } from '../cluster/inputs.js';
import type { SchedulerEvent } from '../cluster/outputs.js';
import type { DriverCall } from '../framework-api/index.js';
import type { Transport } from '../master/ports.js';
import type { Command, Report } from '../tasks/index.js';

/** One party's end of its connection. */
export interface NetworkLink<Said> {
  /** What the network calls this connection. */
  readonly connection: string;
  /** Whether the connection stands and the network is open. */
  readonly open: boolean;
  /**
   * Says something. It arrives at once; on a connection that does not stand it is lost.
   *
   * @throws InputError when the master refuses it as malformed.
   */
  say(said: Said): void;
  /** The connection breaks; the master is told. */
  break(): void;
}

/** Where an agent's words and a framework's words go, and theirs come from: a network in one process. */
export class MemoryNetwork implements Transport {
  readonly agents: { send(command: Command): void };
  readonly frameworks: { send(event: SchedulerEvent): void };
  readonly #agents = new Map<string, Link<Report, Command>>();
  readonly #frameworks = new Map<string, Link<DriverCall, SchedulerEvent>>();
  readonly #opened = new Set<() => void>();
  readonly #closed = new Set<() => void>();
  #receive: ((input: unknown) => void) | undefined;
  #connections = 0;

  constructor() {
    this.agents = { send: (command) => this.#agents.get(command.agent)?.deliver(command) };
    this.frameworks = {
      send: (event) => {
        const link = this.#frameworks.get(event.connection);
        if (event.type === 'subscribed' && link !== undefined) link.party = event.framework;
        link?.deliver(event);
      },
    };
  }

  get isOpen(): boolean {
    return this.#receive !== undefined;
  }

  /** @param listen called with each opening from now on. */
  onOpen(listen: () => void): void {
    this.#opened.add(listen);
  }

  onClose(listen: () => void): void {
    this.#closed.add(listen);
  }

  open(receive: (input: unknown) => void): void {
    this.#receive = receive;
    for (const listen of this.#opened) listen();
  }

  close(): void {
    if (this.#receive === undefined) return;
    this.#receive = undefined;
    for (const link of [...this.#agents.values(), ...this.#frameworks.values()]) link.cut();
    this.#agents.clear();
    this.#frameworks.clear();
    for (const listen of this.#closed) listen();
  }

  /** Connects an agent; an older connection of the same agent is not heard any more. */
  connectAgent(agent: string, hear: (command: Command) => void): NetworkLink<Report> {
    const link = new Link<Report, Command>(`memory-${this.#connections++}`, agent, hear, {
      said: (report) => this.#receive?.(report),
      broken: (connection) => {
        if (this.#agents.get(agent) !== link) return;
        this.#agents.delete(agent);
        this.#receive?.({ type: 'agent-disconnected', agent, connection });
      },
    });
    this.#agents.get(agent)?.cut();
    if (this.isOpen) this.#agents.set(agent, link);
    else link.cut();
    return link;
  }

  /** Connects a framework. */
  connectFramework(hear: (event: SchedulerEvent) => void): NetworkLink<DriverCall> {
    const link = new Link<DriverCall, SchedulerEvent>(`memory-${this.#connections++}`, undefined, hear, {
      said: (call, connection) => {
        if (call.framework !== undefined) link.party = call.framework;
        this.#receive?.({ ...call, connection } satisfies Omit<Call, 'at'>);
      },
      broken: (connection) => {
        this.#frameworks.delete(connection);
        const framework = link.party;
        // Nobody whom the master knows: it never subscribed.
        if (framework !== undefined) this.#receive?.({ type: 'framework-disconnected', framework, connection });
      },
    });
    if (this.isOpen) this.#frameworks.set(link.connection, link);
    else link.cut();
    return link;
  }
}

interface Ends<Said> {
  said(said: Said, connection: string): void;
  broken(connection: string): void;
}

class Link<Said, Heard> implements NetworkLink<Said> {
  readonly connection: string;
  /** Whose it is, as far as that was said. */
  party: string | undefined;
  readonly #hear: (heard: Heard) => void;
  readonly #ends: Ends<Said>;
  #open = true;

  constructor(connection: string, party: string | undefined, hear: (heard: Heard) => void, ends: Ends<Said>) {
    this.connection = connection;
    this.party = party;
    this.#hear = hear;
    this.#ends = ends;
  }

  get open(): boolean {
    return this.#open;
  }

  say(said: Said): void {
    if (this.#open) this.#ends.said(said, this.connection);
  }

  /** Brings something to the party: later, as over any network, and in order, because microtasks are. */
  deliver(heard: Heard): void {
    void Promise.resolve().then(() => {
      if (this.#open) this.#hear(heard);
    });
  }

  break(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ends.broken(this.connection);
  }

  /** Ends without a word. */
  cut(): void {
    this.#open = false;
  }
}
