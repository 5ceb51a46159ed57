import type { SchedulerEvent } from '../cluster/outputs.js';
import type { Command } from '../tasks/index.js';

/**
 * What carries commands to agents. A command goes out at most once, the commands of one agent in the order in which
 * they were given; `send` must neither throw nor reject. What cannot be delivered is dropped: the machine learns by an
 * `agent-disconnected`, and makes good when the agent comes back.
 */
export interface AgentPort {
  send(command: Command): void | Promise<void>;
}

/**
 * What carries events to frameworks, by `event.connection`: at most once, in order per connection; `send` must neither
 * throw nor reject. What cannot be delivered is dropped, with a `framework-disconnected` for that connection.
 */
export interface FrameworkPort {
  send(event: SchedulerEvent): void | Promise<void>;
}

/**
 * An adapter: it brings reports, calls and links, and carries the answers back. Whoever came through a transport is
 * answered through it. `transportContract` checks all that is said here.
 */
export interface Transport {
  readonly agents?: AgentPort;
  readonly frameworks?: FrameworkPort;
  /**
   * Starts. From now until `close` the transport calls `receive` with each message as it was said, those of one party
   * in their order, each at most once. `receive` never waits. It throws an `InputError` for a malformed message, of
   * which nothing was taken: the transport refuses it to its sender, or drops it, and goes on.
   */
  open(receive: (input: unknown) => void): void | Promise<void>;
  /** Ends; again is nothing. Nothing is received and nothing is carried afterwards, until `open` is called again. */
  close(): void | Promise<void>;
}
