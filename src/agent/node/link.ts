import type { Command, Report } from '../../tasks/index.js';

/** Whom a link tells what it brings. */
export interface LinkListener {
  /** A way to the master opened; `connection` is what the transport calls it. */
  connected(connection?: string): void;
  /** The master wants something. */
  command(command: Command): void;
  /** The way is closed, whoever closed it. */
  disconnected(connection?: string): void;
}

/** An agent's way to its master. It keeps trying to open as long as it is not closed. */
export interface MasterLink {
  /** Starts. Called once. */
  open(listener: LinkListener): void;
  /** Says something to the master; lost while the way is closed. Does not throw. */
  say(report: Report): void;
  /** Ends. Nothing is heard afterwards. Resolves when all that was said before has left. */
  close(): void | Promise<void>;
}
