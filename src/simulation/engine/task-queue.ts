import type { Shape } from './shapes.js';
import type { Waiting } from './running-job.js';

/** What waits of one shape, oldest first. */
interface Line {
  readonly shape: Shape;
  readonly all: Waiting[];
  head: number;
}

/** The tasks of a tenant that wait, by shape: of equal ones only the oldest is looked at. */
export class TaskQueue {
  /** How many tasks wait. */
  count = 0;
  readonly #lines = new Map<number, Line>();
  #sorted: Line[] | undefined;

  add(waiting: Waiting): void {
    const line = this.#lines.get(waiting.shape.number);
    if (line === undefined) {
      this.#lines.set(waiting.shape.number, { shape: waiting.shape, all: [waiting], head: 0 });
      this.#sorted = undefined;
    } else line.all.push(waiting);
    this.count += waiting.left;
  }

  /** The shapes that wait, those of the oldest tasks first. */
  shapes(): readonly Shape[] {
    return this.#inOrder().map(({ shape }) => shape);
  }

  /** How many tasks wait of each shape, those of the oldest tasks first. */
  counts(): readonly { readonly shape: Shape; readonly count: number }[] {
    return this.#inOrder().map(({ shape, all, head }) => {
      return { shape, count: all.slice(head).reduce((sum, { left }) => sum + left, 0) };
    });
  }

  /** Calls back with the lines of waiting tasks, the oldest first, until that says that it is enough. */
  forEach(visit: (waiting: Waiting) => boolean): void {
    for (const { all, head } of this.#inOrder()) {
      for (let at = head; at < all.length; at += 1) {
        const waiting = all[at];
        if (waiting !== undefined && waiting.left > 0 && visit(waiting)) return;
      }
    }
  }

  /**
   * Calls back with the oldest of each shape, the oldest of all first; `visit` says whether the next of that shape is to be
   * looked at too.
   */
  forEachShape(visit: (waiting: Waiting) => boolean): void {
    for (const line of this.#inOrder()) {
      for (let at = line.head; at < line.all.length; at += 1) {
        const waiting = line.all[at];
        if (waiting !== undefined && waiting.left > 0 && !visit(waiting)) break;
      }
    }
  }

  /** Some of them started, or were given up. */
  took(waiting: Waiting, tasks: number): void {
    waiting.left -= tasks;
    this.count -= tasks;
    if (waiting.left === 0) this.#tidy(waiting.shape.number);
  }

  #tidy(shape: number): void {
    const line = this.#lines.get(shape);
    if (line === undefined) return;
    while (line.head < line.all.length && line.all[line.head]?.left === 0) line.head += 1;
    this.#sorted = undefined;
    if (line.head === line.all.length) this.#lines.delete(shape);
    else if (line.head > 1_000 && line.head * 2 > line.all.length) {
      line.all.splice(0, line.head);
      line.head = 0;
    }
  }

  #inOrder(): readonly Line[] {
    this.#sorted ??= [...this.#lines.values()].sort((a, b) => orderOf(a) - orderOf(b));
    return this.#sorted;
  }
}

function orderOf({ all, head }: Line): number {
  return all[head]?.order ?? Infinity;
}
