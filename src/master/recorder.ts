import type { ClusterState, Input } from '../cluster/index.js';
import { journalHead, journalLine } from './journal.js';

/** Writes what a master is asked to record, until something cannot be written. */
export class Recorder {
  #write: ((line: string) => void) | undefined;
  readonly #failed: (error: unknown) => void;

  /** Writes the first line. */
  constructor(write: (line: string) => void, failed: (error: unknown) => void, state: ClusterState, policy: string) {
    this.#write = write;
    this.#failed = failed;
    this.#line(() => journalHead(state, policy));
  }

  input(input: Input): void {
    this.#line(() => journalLine(input));
  }

  #line(make: () => string): void {
    const write = this.#write;
    if (write === undefined) return;
    try {
      write(make());
    } catch (error) {
      // A record with a hole would replay to another state: what there is stays whole.
      this.#write = undefined;
      this.#failed(error);
    }
  }
}
