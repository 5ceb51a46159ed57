/**
 * `inputs`: what one input costs on a busy cluster. A stream of accept with one launch, running, its acknowledgement,
 * finished, its acknowledgement, and a heartbeat, each on another agent than the ones before it.
 */
import { emptyCluster, mesosDefaults, transition, type ClusterState, type Input } from '../../src/cluster/index.js';
import type { Policy } from '../../src/offers/index.js';
import { hashText, mix } from '../../src/resources/index.js';
import { rowOf } from '../row.js';
import type { WorkloadOptions, WorkloadRow } from '../types.js';
import { countWork } from '../work.js';

const AGENT = 'cpus:16;mem:65536;disk:512000';
const TASK = 'cpus:1;mem:2048;disk:1024';
/** Agents that one run of the stream visits, each once. */
const VISITS = 2_000;
const WARM_UP = 500;

/** Where an agent stands at the start of the stream: its one outstanding offer. */
interface Stop {
  readonly agent: string;
  readonly framework: string;
  readonly offer: string;
}

/** Measures the phase `mixed`; each run starts from the same state, which is immutable, and visits other agents. */
export function inputs(options: WorkloadOptions): WorkloadRow[] {
  const { state, stops } = busyCluster(options);
  const order = shuffled(stops, options.seed);
  const visits = Math.max(1, Math.min(VISITS, Math.floor(order.length / (options.runs + 1))));
  runStream(state, order.slice(0, Math.min(WARM_UP, visits)), options.policy);

  const timesMs: number[] = [];
  const eachNs: number[] = [];
  for (let run = 0; run < options.runs; run += 1) {
    const each = runStream(state, order.slice(visits * (run + 1), visits * (run + 2)), options.policy);
    timesMs.push(each.reduce((sum, ns) => sum + ns, 0) / 1e6);
    for (const ns of each) eachNs.push(ns);
  }
  const ops = visits * STEPS;
  const work = countWork(() => void runStream(state, order.slice(0, visits), options.policy));
  const row = rowOf({ workload: 'inputs', phase: 'mixed', options, ops, timesMs, eachNs });
  const perOp = { reads: work.reads / ops, writes: work.writes / ops, walked: work.walked / ops };
  return [{ ...row, work: perOp }];
}

/** All agents registered with their tasks running, all frameworks subscribed, the rest of every agent offered. */
function busyCluster(options: WorkloadOptions): { readonly state: ClusterState; readonly stops: readonly Stop[] } {
  const { agents, frameworks, roles, tasks, seed, policy } = options;
  let state = emptyCluster({ ...mesosDefaults, seed });
  const tell = (input: Input): ReturnType<typeof transition>[1] => {
    const [next, outputs] = transition(state, input, policy);
    state = next;
    return outputs;
  };
  for (let n = 0; n < frameworks; n += 1) {
    tell({
      type: 'subscribe',
      at: 0,
      connection: `c${n}`,
      framework: frameworkId(n),
      name: frameworkId(n),
      roles: [`role${n % roles}`],
    });
  }
  for (let n = 0; n < agents; n += 1) tell(arrival(n, { agents, frameworks, roles, tasks }));
  const stops: Stop[] = [];
  for (const output of tell({ type: 'allocate', at: 0 })) {
    if (output.type !== 'offers') continue;
    for (const { agent, framework, id } of output.offers) stops.push({ agent, framework, offer: id });
  }
  return { state, stops };
}

interface Sizes {
  readonly agents: number;
  readonly frameworks: number;
  readonly roles: number;
  readonly tasks: number;
}

/** An agent comes with the tasks that run on it, spread evenly over agents and frameworks. */
function arrival(n: number, { agents, frameworks, roles, tasks }: Sizes): Input {
  const mine = Math.floor(((n + 1) * tasks) / agents) - Math.floor((n * tasks) / agents);
  return {
    type: 'reregister',
    at: 0,
    agent: `agent${n}`,
    resources: AGENT,
    streams: true,
    heartbeatMs: 15_000,
    tasks: Array.from({ length: mine }, (_, index) => {
      const owner = (n + index) % frameworks;
      return {
        framework: frameworkId(owner),
        id: `task${n}.${index}`,
        role: `role${owner % roles}`,
        resources: TASK,
        state: 'running',
      } as const;
    }),
  };
}

function frameworkId(n: number): string {
  return `framework${n}`;
}

const STEPS = 6;

/** The inputs of one visit. */
function visit({ agent, framework, offer }: Stop, at: number): readonly Input[] {
  const call = { at, framework, connection: `c${framework.slice('framework'.length)}` } as const;
  const task = `stream.${offer}`;
  const update = { at, type: 'status', agent, framework, task } as const;
  return [
    {
      ...call,
      type: 'accept',
      offers: [offer],
      operations: [{ type: 'launch', tasks: [{ id: task, resources: TASK, command: { value: 'true' } }] }],
    },
    { ...update, state: 'running', uuid: `${task}.1` },
    { ...call, type: 'acknowledge', agent, task, uuid: `${task}.1` },
    { ...update, state: 'finished', uuid: `${task}.2` },
    { ...call, type: 'acknowledge', agent, task, uuid: `${task}.2` },
    { at, type: 'heartbeat', agent },
  ];
}

/** Feeds the stream, input by input; nanoseconds of each. What the stream makes of the state is thrown away. */
function runStream(from: ClusterState, stops: readonly Stop[], policy: Policy): readonly number[] {
  const each: number[] = [];
  let state = from;
  for (const [n, stop] of stops.entries()) {
    for (const input of visit(stop, n)) {
      const start = process.hrtime.bigint();
      [state] = transition(state, input, policy);
      each.push(Number(process.hrtime.bigint() - start));
    }
  }
  return each;
}

/** In an order that has nothing to do with where things lie in memory. */
function shuffled(stops: readonly Stop[], seed: number): readonly Stop[] {
  const keyed = stops.map((stop) => ({ stop, key: mix(seed, hashText(stop.agent)) }));
  return keyed.sort((a, b) => a.key - b.key).map(({ stop }) => stop);
}
