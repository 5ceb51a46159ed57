import { connect, type Socket } from 'node:net';
import { JsonLines, jsonLine } from '../../agent/node/json-lines.js';
import { InputError } from '../../resources/index.js';
import { endpointOf, type SocketAddress } from './address.js';

/** How a client comes back. */
export interface ReconnectOptions {
  /** The wait after the first failure, ms; it doubles. Default 50. */
  readonly firstWaitMs?: number;
  /** The longest wait, ms. Default 5,000. */
  readonly maxWaitMs?: number;
  /** Whether it keeps the process alive while it waits. Default true. */
  readonly keepsAlive?: boolean;
}

/** Who hears what happens on a client's connection. */
export interface ClientListener {
  opened(connection: string): void;
  heard(value: unknown): void;
  closed(connection: string): void;
}

/** One side of a connection to a `socketTransport`, which is made again as often as it is lost. */
export class SocketClient {
  readonly #address: SocketAddress;
  readonly #as: 'agent' | 'framework';
  readonly #options: Required<ReconnectOptions>;
  readonly #listener: ClientListener;
  #socket: Socket | undefined;
  #connection: string | undefined;
  #waitMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #pings = 0;
  readonly #pongs = new Map<number, () => void>();

  constructor(
    address: SocketAddress,
    as: 'agent' | 'framework',
    { firstWaitMs = 50, maxWaitMs = 5_000, keepsAlive = true }: ReconnectOptions,
    listener: ClientListener,
  ) {
    endpointOf(address);
    this.#address = address;
    this.#as = as;
    this.#options = { firstWaitMs, maxWaitMs, keepsAlive };
    this.#listener = listener;
    this.#waitMs = firstWaitMs;
  }

  /** What the other side calls the connection that stands, if one does. */
  get connection(): string | undefined {
    return this.#connection;
  }

  /** Connects, and again whenever the connection is lost. */
  open(): void {
    if (this.#closed) return;
    const socket = connect(endpointOf(this.#address));
    this.#socket = socket;
    const lines = new JsonLines((value) => this.#hear(value));
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(jsonLine({ as: this.#as })));
    socket.on('data', (text: string) => {
      try {
        lines.push(text);
      } catch (error) {
        // This is no `socketTransport`; perhaps the next one is. Anything else is a mistake of whoever listens here.
        if (!(error instanceof InputError)) throw error;
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#lost(socket));
  }

  /** Says something; lost while there is no connection. */
  say(value: unknown): void {
    if (this.#connection !== undefined && this.#socket?.writable === true) this.#socket.write(jsonLine(value));
  }

  /** Resolves when the other side has heard all that was said, and this one all that was said to it before. */
  async ping(): Promise<void> {
    if (this.#connection === undefined) return;
    const ping = this.#pings++;
    await new Promise<void>((resolve) => {
      this.#pongs.set(ping, resolve);
      this.say({ ping });
    });
  }

  /** Breaks the connection; it is made again. */
  break(): void {
    this.#socket?.destroy();
  }

  /** Ends. Resolves when all that was said has left. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      if (socket.connecting) socket.destroy();
      else socket.end(() => socket.destroy());
    });
  }

  #hear(value: unknown): void {
    const said = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
    if (this.#connection === undefined) {
      this.#connection = String(said['connection']);
      this.#waitMs = this.#options.firstWaitMs;
      this.#listener.opened(this.#connection);
    } else if (typeof said['pong'] === 'number') {
      this.#pongs.get(said['pong'])?.();
      this.#pongs.delete(said['pong']);
    } else if (!this.#closed) this.#listener.heard(value);
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    const connection = this.#connection;
    this.#connection = undefined;
    for (const resolve of this.#pongs.values()) resolve();
    this.#pongs.clear();
    if (connection !== undefined) this.#listener.closed(connection);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.open(), this.#waitMs);
    if (!this.#options.keepsAlive) this.#timer.unref();
    this.#waitMs = Math.min(this.#waitMs * 2, this.#options.maxWaitMs);
  }
}
