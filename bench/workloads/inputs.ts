/**
 * `inputs`: what one input costs on a busy cluster. A stream of accept with one launch, running, its acknowledgement,
 * finished, its acknowledgement, and a heartbeat, each on another agent than the ones before it.
 */
import { offers, type Input, type Offer } from '../../src/cluster/index.js';
import { hashText, mix } from '../../src/resources/index.js';
import { offeredCluster, taskResources } from '../clusters.js';
import { connectionOf, type Host, wire } from '../host.js';
import { rowsOf } from '../row.js';
import { settle } from '../sizes.js';
import { Stopwatch } from '../stopwatch.js';
import type { Workload, WorkloadOptions, WorkloadRow } from '../types.js';
import { countWork } from '../work.js';

/** The workload `inputs`. */
export const inputs: Workload = {
  name: 'inputs',
  summary: 'a mixed stream of accept, status, acknowledge, finish and heartbeat on a busy cluster (ops: inputs)',
  phases: ['mixed'],
  defaults: (given) => settle(given, { tasksAnAgent: 10, runs: 5 }),
  run,
};

/** Agents that one run of the stream visits, each once. */
const VISITS = 2_000;
/** Visits in a millisecond of the cluster's clock. */
const PACE = 4;
/** The rest of an accepted offer stays hidden for five seconds (FILT-2). */
const HIDDEN_MS = 6_000;

function run(options: WorkloadOptions): WorkloadRow[] {
  const host = offeredCluster(options);
  const stops = new Stops(host, options.seed);
  const visits = Math.min(VISITS, stops.size);
  const clock = new Stopwatch();
  const round = (): void => {
    for (const input of stream(host, stops.next(visits))) clock.timeEach('mixed', () => host.tell(input));
  };
  // All warm-ups, however slow: the work is counted at the same point of the same history everywhere.
  clock.rounds(options.runs, round, Infinity);
  const counted = stream(host, stops.next(visits));
  const work = countWork(() => {
    for (const input of counted) host.tell(input);
  });
  options.inspect?.(host.state);
  const perOp = {
    reads: work.reads / counted.length,
    writes: work.writes / counted.length,
    walked: work.walked / counted.length,
  };
  return rowsOf('inputs', options, clock).map((row) => ({ ...row, work: perOp }));
}

/** The inputs of visits to agents, made before the clock starts, as they come off a wire. */
function stream(host: Host, stops: readonly Offer[]): readonly Input[] {
  const inputs = stops.flatMap((stop, n) => {
    if (n % PACE === 0) host.pass(1);
    return visit(stop, host.now);
  });
  return wire(inputs);
}

/** The inputs of one visit. */
function visit({ agent, framework, id: offer }: Offer, at: number): readonly Input[] {
  const call = { at, framework, connection: connectionOf(framework) } as const;
  const task = `stream.${offer}`;
  const update = { at, type: 'status', agent, framework, task } as const;
  return [
    {
      ...call,
      type: 'accept',
      offers: [offer],
      operations: [{ type: 'launch', tasks: [{ id: task, resources: taskResources, command: { value: 'true' } }] }],
    },
    { ...update, state: 'running', uuid: `${task}.1` },
    { ...call, type: 'acknowledge', agent, task, uuid: `${task}.1` },
    { ...update, state: 'finished', uuid: `${task}.2` },
    { ...call, type: 'acknowledge', agent, task, uuid: `${task}.2` },
    { at, type: 'heartbeat', agent },
  ];
}

/** Outstanding offers in an order of no meaning; when they are used up, all that came back is offered again. */
class Stops {
  readonly #host: Host;
  readonly #seed: number;
  #left: Offer[];

  constructor(host: Host, seed: number) {
    this.#host = host;
    this.#seed = seed;
    this.#left = this.#offered();
  }

  get size(): number {
    return this.#left.length;
  }

  next(count: number): readonly Offer[] {
    if (this.#left.length < count) {
      this.#host.pass(HIDDEN_MS);
      this.#host.allocate('all');
      this.#left = this.#offered();
    }
    return this.#left.splice(0, count);
  }

  /** So that neighbours in the stream are not neighbours in memory. */
  #offered(): Offer[] {
    const keyed = offers(this.#host.state).map((offer) => ({ offer, key: mix(this.#seed, hashText(offer.agent)) }));
    return keyed.sort((a, b) => a.key - b.key).map(({ offer }) => offer);
  }
}
