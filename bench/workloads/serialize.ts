/** `serialize`: a state as text and back, and a branch of a state that leaves the main line alone. */
import { deserialize, offers, serialize, type Input, type Offer } from '../../src/cluster/index.js';
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
    'a busy cluster as text (ops: chunks) and back (ops: tasks); fork: an input on a branch and the next of the main line (ops: forks)',
  phases: ['serialize', 'deserialize', 'fork'],
  defaults: (given) => settle(given, { tasksAnAgent: 10, runs: 5 }),
  run,
};

const FORKS = 500;

function run(options: WorkloadOptions): WorkloadRow[] {
  const host = offeredCluster(options);
  const clock = new Stopwatch();
  if (isWanted(options, 'serialize')) clock.rounds(options.runs, () => void write(host, clock));
  if (isWanted(options, 'deserialize')) {
    const text = [...serialize(host.state)];
    clock.rounds(options.runs, () => {
      const state = clock.time('deserialize', () => deserialize(text));
      clock.count('deserialize', options.tasks);
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

/** Chunk by chunk, as one who lets others have a turn in between: the slowest chunk is the longest stall. */
function write(host: Host, clock: Stopwatch): number {
  oneHeartbeat(host);
  const chunks = serialize(host.state);
  let length = 0;
  for (;;) {
    const { done, value } = clock.timeEach('serialize', () => chunks.next());
    if (done === true) return length;
    length += value.length;
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
