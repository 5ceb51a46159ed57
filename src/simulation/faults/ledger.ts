import type { TaskState } from '../../tasks/index.js';

/** What became of a task, as far as its framework heard: alive, over, or nobody knows it any more. */
export type Standing = 'open' | 'over' | 'unknown';

/** One task that a framework launched, or tried to. */
export interface LedgerTask {
  readonly id: string;
  /** The group that it belongs to, all of which runs or none. */
  readonly group?: string;
  standing: Standing;
  state: TaskState | 'launched';
  /** Set when its state was asked for by name, until it is told. */
  asked: boolean;
}

/** What a framework has launched under one id. It outlives the framework's processes: the judge reads it, not they. */
export class Ledger {
  readonly tasks: Map<string, LedgerTask> = new Map();
  /** Ids that were used twice: which of two tasks is meant by one, nobody can tell. */
  readonly reused: Set<string> = new Set();
  #made = 0;

  /** An id that was not used yet. */
  newId(name: string): string {
    this.#made += 1;
    return `${name}.${this.#made}`;
  }

  enter(id: string, group?: string): void {
    this.tasks.set(id, {
      id,
      ...(group !== undefined && { group }),
      standing: 'open',
      state: 'launched',
      asked: false,
    });
  }

  /** Books what its framework was told. */
  told(id: string, state: TaskState, terminal: boolean): void {
    // It may have dropped what was launched all the same: another of that id was meant.
    if (!this.tasks.has(id)) this.enter(id);
    const task = this.tasks.get(id);
    if (task === undefined) return;
    task.asked = false;
    task.state = state;
    // A task on an agent that nobody can hear may be back.
    task.standing = terminal ? 'over' : state === 'unknown' ? 'unknown' : 'open';
  }

  /** Tasks that may be alive, in the order in which they were launched. */
  get open(): readonly LedgerTask[] {
    return [...this.tasks.values()].filter(({ standing }) => standing === 'open');
  }

  /** Forgets what is over: a long history must not grow without bound. */
  forget(): void {
    for (const [id, { standing, asked }] of this.tasks) if (standing !== 'open' && !asked) this.tasks.delete(id);
  }
}
