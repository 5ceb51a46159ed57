/** `register`: a fleet with its tasks reports to a master that knows nothing of it. */
import type { ClusterState, Input } from '../../src/cluster/index.js';
import { arrival, subscribeAll } from '../clusters.js';
import { collectAll, liveBytes } from '../heap.js';
import { Host, wire } from '../host.js';
import { isWanted, rowOf, rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `register`. */
export const register: Workload = {
  name: 'register',
  summary: 'agents report with their tasks to an empty master; heap: what the state then holds (ops: tasks)',
  phases: ['register', 'heap'],
  defaults: (given) => settle(given, { frameworks: 5, tasksAnAgent: 10, runs: 5 }),
  run,
};

/** Agents whose reports are made at a time: more would be a burden on the collector that a host does not have. */
const CHUNK = 500;
/** Over how long the reports are spread. */
const SPAN_MS = 10_000;

function run(options: WorkloadOptions): WorkloadRow[] {
  const clock = new Stopwatch();
  if (isWanted(options, 'register')) {
    clock.rounds(options.runs, () => {
      const host = new Host(options);
      subscribeAll(host, options);
      eachChunk(options, (reports) => clock.time('register', () => tellAll(host, reports)));
      clock.count('register', options.tasks);
      options.inspect?.(host.state);
    });
  }
  return [...rowsOf('register', options, clock), ...(isWanted(options, 'heap') ? [heapRow(options)] : [])];
}

/** What the state alone keeps alive: with it, less without it. */
function heapRow(options: WorkloadOptions): WorkloadRow {
  const before = liveBytes();
  const state = registered(options);
  const after = liveBytes();
  const timesMs = Array.from({ length: options.runs }, collectAll);
  options.inspect?.(state);
  const row = rowOf({ workload: 'register', phase: 'heap', options, ops: options.tasks, timesMs });
  return { ...row, liveHeapMiB: (after - before) / 2 ** 20 };
}

function registered(options: WorkloadOptions): ClusterState {
  const host = new Host(options);
  subscribeAll(host, options);
  eachChunk(options, (reports) => tellAll(host, reports));
  return host.state;
}

function tellAll(host: Host, reports: readonly Input[]): void {
  for (const report of reports) host.tell(report);
}

function eachChunk(options: WorkloadOptions, tell: (reports: readonly Input[]) => void): void {
  const { agents } = options;
  for (let first = 0; first < agents; first += CHUNK) {
    const size = Math.min(CHUNK, agents - first);
    const at = (n: number): number => Math.floor((n * SPAN_MS) / agents);
    tell(wire(Array.from({ length: size }, (_, n) => arrival(first + n, options, at(first + n)))));
  }
}
