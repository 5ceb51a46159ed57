/**
 * Agents and frameworks in other processes: one connection each, one JSON value a line, either way.
 *
 * The transport greets with `{ connection }`, its name for this connection. The other side then says who it is,
 * `{ as: 'agent' }` or `{ as: 'framework' }`, and from then on reports or calls; it hears commands or events. At any time it
 * may say `{ ping: n }` and hears `{ pong: n }` after all that was said before.
 */
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { JsonLines, jsonLine } from '../../agent/node/json-lines.js';
import type { SchedulerEvent } from '../../cluster/outputs.js';
import type { AgentPort, FrameworkPort, Transport } from '../../master/ports.js';
import { InputError } from '../../resources/index.js';
import type { Command } from '../../tasks/index.js';
import { endpointOf, type SocketAddress } from './address.js';

/** A transport whose parties are processes that connect to a socket. */
export interface SocketTransport extends Transport {
  readonly agents: AgentPort;
  readonly frameworks: FrameworkPort;
  /** Resolves when it listens; rejects when it can't, with the system's error. */
  open(receive: (input: unknown) => void): Promise<void>;
  close(): Promise<void>;
  /** Where it listens while it is open: with the port that it got, if any would do. */
  readonly address: SocketAddress | undefined;
  /** How many connections there are. */
  readonly connections: number;
}

/** How a socket transport treats its parties. */
export interface SocketTransportOptions {
  /**
   * How much may wait for a party that does not read, bytes; one for which more waits is cut off, as it could not be told
   * the rest in order. Default 64 MiB.
   */
  readonly maxWaitingBytes?: number;
  /** Hears why a party was cut off. */
  readonly onRefused?: (why: string) => void;
}

/**
 * Listens for agents and frameworks. A socket by path is for its user only; anybody who reaches a port may speak for any
 * agent, so it should be one of this machine.
 *
 * @throws InputError `bad-address`
 * @example
 * const transport = socketTransport({ path: '/run/proffer/master.sock' });
 * const master = createMaster({ transports: [transport] });
 */
export function socketTransport(address: SocketAddress, options: SocketTransportOptions = {}): SocketTransport {
  return new Sockets(address, options);
}

const usualWaitingBytes = 64 * 1024 * 1024;

class Sockets implements SocketTransport {
  readonly agents: AgentPort = { send: (command) => this.#command(command) };
  readonly frameworks: FrameworkPort = { send: (event) => this.#event(event) };
  readonly #address: SocketAddress;
  readonly #options: SocketTransportOptions;
  readonly #parties = new Map<string, Party>();
  /** By agent: its newest connection. */
  readonly #agents = new Map<string, Party>();
  #server: Server | undefined;
  #receive: ((input: unknown) => void) | undefined;
  #made = 0;

  constructor(address: SocketAddress, options: SocketTransportOptions) {
    endpointOf(address);
    this.#address = address;
    this.#options = options;
  }

  get connections(): number {
    return this.#parties.size;
  }

  get address(): SocketAddress | undefined {
    const bound = this.#server?.address();
    if (bound === null || bound === undefined) return undefined;
    return typeof bound === 'string' ? { path: bound } : { port: bound.port, host: bound.address };
  }

  async open(receive: (input: unknown) => void): Promise<void> {
    const endpoint = endpointOf(this.#address);
    // What a process that was killed left behind. One that lives would lose its socket: one path, one master.
    if ('path' in endpoint && isSocket(endpoint.path)) rmSync(endpoint.path);
    this.#receive = receive;
    const server = createServer((socket) => this.#meet(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(endpoint, () => {
        server.off('error', reject);
        if ('path' in endpoint) chmodSync(endpoint.path, 0o600);
        resolve();
      });
    });
    server.on('error', (error) => this.#options.onRefused?.(error.message));
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#receive = undefined;
    this.#server = undefined;
    for (const party of this.#parties.values()) party.cut();
    this.#parties.clear();
    this.#agents.clear();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  #meet(socket: Socket): void {
    if (this.#receive === undefined) {
      socket.destroy();
      return;
    }
    const party = new Party(`socket-${this.#made++}`, socket, this.#options.maxWaitingBytes ?? usualWaitingBytes);
    this.#parties.set(party.connection, party);
    const lines = new JsonLines((value) => this.#hear(party, value));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      try {
        lines.push(text);
      } catch (error) {
        this.#refuse(party, error);
      }
    });
    // Whatever went wrong, `close` follows.
    socket.on('error', () => {});
    socket.on('close', () => this.#left(party));
    party.say({ connection: party.connection });
  }

  #hear(party: Party, value: unknown): void {
    const ping = fieldOf(value, 'ping');
    if (ping !== undefined) party.say({ pong: ping });
    else if (party.as === undefined) party.as = readRole(value);
    else this.#input(party, value);
  }

  #input(party: Party, value: unknown): void {
    const receive = this.#receive;
    if (receive === undefined) return;
    const name = fieldOf(value, party.as === 'agent' ? 'agent' : 'framework');
    if (typeof name === 'string') this.#know(party, name);
    const input = party.as === 'framework' ? { ...(value as object), connection: party.connection } : value;
    try {
      receive(input);
    } catch (error) {
      // Nothing was taken of it; the party goes on.
      this.#options.onRefused?.(`${party.connection} said what nobody understands: ${String(error)}`);
    }
  }

  /** Who speaks; an older connection of the same agent is not heard any more. */
  #know(party: Party, name: string): void {
    if (party.name === name) return;
    party.name = name;
    if (party.as !== 'agent') return;
    const older = this.#agents.get(name);
    this.#agents.set(name, party);
    older?.cut();
  }

  #command(command: Command): void {
    // An agent that came without an id gets one with this command; until then only its connection is known.
    const named =
      'connection' in command && command.connection !== undefined ? this.#parties.get(command.connection) : undefined;
    const party = named ?? this.#agents.get(command.agent);
    if (party?.as !== 'agent') return;
    if (command.type === 'registered') this.#know(party, command.agent);
    party.say(command);
  }

  #event(event: SchedulerEvent): void {
    const party = this.#parties.get(event.connection);
    if (party?.as !== 'framework') return;
    if (event.type === 'subscribed') party.name = event.framework;
    party.say(event);
  }

  #left(party: Party): void {
    if (!this.#parties.delete(party.connection)) return;
    const { as, name, connection } = party;
    if (name === undefined || as === undefined) return;
    if (as === 'framework') return this.#tell({ type: 'framework-disconnected', framework: name, connection });
    if (this.#agents.get(name) !== party) return;
    this.#agents.delete(name);
    this.#tell({ type: 'agent-disconnected', agent: name, connection });
  }

  #tell(link: unknown): void {
    try {
      this.#receive?.(link);
    } catch (error) {
      this.#options.onRefused?.(String(error));
    }
  }

  #refuse(party: Party, error: unknown): void {
    if (!(error instanceof InputError)) throw error;
    this.#options.onRefused?.(`${party.connection} was cut off: ${error.message}`);
    party.cut();
  }
}

/** One connection. */
class Party {
  readonly connection: string;
  /** What it said it is. */
  as: 'agent' | 'framework' | undefined;
  /** The agent or the framework it speaks for, as far as that is known. */
  name: string | undefined;
  readonly #socket: Socket;
  readonly #maxWaitingBytes: number;

  constructor(connection: string, socket: Socket, maxWaitingBytes: number) {
    this.connection = connection;
    this.#socket = socket;
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  say(value: unknown): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    this.#socket.write(jsonLine(value));
    if (this.#socket.writableLength > this.#maxWaitingBytes) this.cut();
  }

  cut(): void {
    this.#socket.destroy();
  }
}

/** Anything else that is there under this name is somebody's, and listening fails. */
function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function readRole(value: unknown): 'agent' | 'framework' {
  const as = fieldOf(value, 'as');
  if (as === 'agent' || as === 'framework') return as;
  throw new InputError('bad-input', 'as', "A party first says what it is: { as: 'agent' } or { as: 'framework' }");
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
