/**
 * `serialize`: a state as text and back, and a branch of a state that leaves the main line alone. Text is written and read
 * in the steps of `writeState` and `readState`: the slowest one is the longest that others have to wait.
 */
import { offers, serialize, type ClusterState, type Input, type Offer } from '../../src/cluster/index.js';
import { Restoration } from '../../src/cluster/restoration.js';
import { writing } from '../../src/cluster/serialize.js';
import type { Steps } from '../../src/resources/steps.js';
import { offeredCluster, taskResources } from '../clusters.js';
import { connectionOf, type Host, wire } from '../host.js';
import { isWanted, rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';

/** The workload `serialize`. */
export const serializing: Workload = {
  name: 'serialize',
  summary:
    'a busy cluster as text and back, step by step (ops: tasks; max: the longest step); fork: an input on a branch and the next of the main line (ops: forks)',
  phases: ['serialize', 'deserialize', 'fork'],
  defaults: (given) => settle(given, { tasksAnAgent: 10, runs: 5 }),
  run,
};

const FORKS = 500;

function run(options: WorkloadOptions): WorkloadRow[] {
  const host = offeredCluster(options);
  const clock = new Stopwatch();
  if (isWanted(options, 'serialize')) clock.rounds(options.runs, () => write(host, clock, options.tasks));
  if (isWanted(options, 'deserialize')) {
    const text = [...serialize(host.state)];
    clock.rounds(options.runs, () => {
      const state = read(text, clock, options.tasks);
      options.inspect?.(state);
    });
  }
  if (isWanted(options, 'fork')) {
    const stops = new Stops(host);
    clock.rounds(options.runs, () => {
      for (const stop of stops.next(FORKS)) fork(host, clock, stop);
    });
  }
  options.inspect?.(host.state);
  return rowsOf('serialize', options, clock);
}

function write(host: Host, clock: Stopwatch, tasks: number): void {
  oneHeartbeat(host);
  const steps = writing(host.state);
  while (clock.timeEach('serialize', () => steps.next()).done !== true);
  clock.count('serialize', tasks);
}

function read(text: Iterable<string>, clock: Stopwatch, tasks: number): ClusterState {
  const restoration = new Restoration();
  for (const part of text) timed(clock, restoration.take(part));
  const state = timed(clock, restoration.end());
  clock.count('deserialize', tasks);
  return state;
}

function timed<T>(clock: Stopwatch, steps: Steps<T>): T {
  for (;;) {
    const step = clock.timeEach('deserialize', () => steps.next());
    if (step.done === true) return step.value;
  }
}

/** So that no state is written twice. */
function oneHeartbeat(host: Host): void {
  const [agent = ''] = host.state.agents.keys();
  host.pass(1);
  host.tell({ type: 'heartbeat', at: host.now, agent });
}

/** On a branch the offer is accepted; in truth it is declined, so that the cluster does not fill up. */
function fork(host: Host, clock: Stopwatch, { id, framework }: Offer): void {
  const call = { at: host.now, framework, connection: connectionOf(framework), offers: [id] };
  const task = { id: `fork.${id}`, resources: taskResources, command: { value: 'true' } };
  const [whatIf, truth] = wire<readonly [Input, Input]>([
    { ...call, type: 'accept', operations: [{ type: 'launch', tasks: [task] }] },
    { ...call, type: 'decline', refuseSeconds: 0 },
  ]);
  const main = host.state;
  clock.timeEach('fork', () => {
    host.tell(whatIf);
    host.state = main;
    host.tell(truth);
  });
}

/** Outstanding offers in turn; when they are used up, all that is free is offered again. */
class Stops {
  readonly #host: Host;
  #left: Offer[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  next(count: number): readonly Offer[] {
    if (this.#left.length < count) {
      this.#host.pass(1_000);
      this.#host.allocate('all');
      this.#left = [...offers(this.#host.state)];
    }
    return this.#left.splice(0, count);
  }
}
