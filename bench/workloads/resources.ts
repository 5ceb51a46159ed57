/** `resources`: the algebra by itself, on four scalars and on a thousand port ranges. */
import { add, contains, format, resources, subtract, type Resources } from '../../src/resources/index.js';
import { rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `resources`. */
export const algebra: Workload = {
  name: 'resources',
  summary: 'add, subtract, contains, parse and format of four scalars, and of a thousand port ranges (ops: operations)',
  phases: ['', '-ranges'].flatMap((kind) =>
    ['parse', 'add', 'subtract', 'contains', 'format'].map((operation) => operation + kind),
  ),
  defaults: (given) => settle(given, { runs: 25 }),
  run,
};

const nothing = { agents: null, frameworks: null, roles: null, tasks: null, policy: null };

/** What one operation works on. No value is used twice, and `parse` comes first: none can remember an answer. */
interface Operands {
  readonly whole: string;
  readonly part: string;
}

function run(options: WorkloadOptions): WorkloadRow[] {
  const clock = new Stopwatch();
  let turn = options.seed % 1_000;
  const fresh = (count: number, make: (n: number) => Operands): readonly Operands[] =>
    Array.from({ length: count }, (_, n) => make(turn * count + n));
  clock.rounds(options.runs, () => {
    turn += 1;
    measure(clock, '', fresh(1_000, scalars));
    measure(clock, '-ranges', fresh(10, ranges));
  });
  return rowsOf('resources', options, clock, nothing);
}

function scalars(n: number): Operands {
  const cpus = 16 + (n % 97) / 8;
  const text = (share: number): string =>
    `cpus:${cpus / share};mem:${(65_536 + n) / share};disk:${(512_000 + n) / share};gpus:${4 / share}`;
  return { whole: text(1), part: text(2) };
}

/** A thousand ranges of two ports each, with a gap after each; the part is the first port of each. */
function ranges(n: number): Operands {
  const first = 1_025 + (n % 1_000);
  const text = (length: number): string =>
    `ports:[${Array.from({ length: 1_000 }, (_, k) => `${first + 4 * k}-${first + 4 * k + length - 1}`).join(',')}]`;
  return { whole: text(2), part: text(1) };
}

function measure(clock: Stopwatch, suffix: string, operands: readonly Operands[]): void {
  const texts = operands.flatMap(({ whole, part }) => [whole, part]);
  const lap = <T>(operation: string, given: readonly T[], run: (one: T) => unknown): void => {
    const results = Array<unknown>(given.length);
    clock.time(operation + suffix, () => {
      for (let n = 0; n < given.length; n += 1) results[n] = run(given[n] as T);
    });
    clock.count(operation + suffix, given.length);
    // The results are looked at, so no engine may leave the work out.
    if (results.includes(undefined)) throw new Error(`${operation} gave nothing`);
  };
  const read = (): { readonly whole: Resources; readonly part: Resources }[] =>
    operands.map(({ whole, part }) => ({ whole: resources(whole), part: resources(part) }));

  lap('parse', texts, (text) => resources(text));
  lap('add', read(), ({ whole, part }) => add(whole, part));
  lap('subtract', read(), ({ whole, part }) => subtract(whole, part));
  lap('contains', read(), ({ whole, part }) => contains(whole, part));
  lap('format', read(), ({ whole }) => format(whole));
}
