/** What follows from the figures: what one process carries, and how a million agents are cut. */
import { tasksAnAgent } from './curves.mjs';
import { figure, table, whole } from './proffer.mjs';

/** @typedef {import('./proffer.mjs').WorkloadRow} WorkloadRow */
/**
 * What the arithmetic rests on.
 *
 * @typedef {object} Facts
 * @property {string} text the table of it
 * @property {number} inputMicros mean of the stream of inputs
 * @property {number} kibAnAgent with its tasks
 * @property {number} registerMicros a task
 * @property {number} cycleMicros an agent, when all are free
 */

const heartbeatSeconds = 15;
/** Half of a thread is left to what the host does with inputs: sockets, parsing, schedulers. */
const load = 0.5;
/** Accept, running, its acknowledgement, finished, its acknowledgement. */
const inputsATask = 5;
const heapGiB = 4;
/** Collections want room: half of a heap. */
const heapLoad = 0.5;

/** The fleet of the worked example. */
const fleetAgents = 1_000_000;
const fleetMasters = [10, 15, 20];
const taskSeconds = 600;
const cpusAnAgent = 16;
const roles = 1_000;
const pageSeconds = 5;
const travelSeconds = 1;

/**
 * @param {Readonly<Record<string, WorkloadRow>>} rows
 * @param {WorkloadRow} fill
 * @returns {Facts}
 */
export function capacity(rows, fill) {
  const all = Object.values(rows);
  const inputs = largest(all, 'inputs', 'mixed', 'tasks');
  const heap = largest(all, 'register', 'heap', 'tasks');
  const register = largest(all, 'register', 'register', 'tasks');
  const cycle = largest(all, 'full-cycle', 'cycle', 'agents');
  const inputMicros = (inputs.nsPerOp ?? 0) / 1e3;
  const perSecond = 1e6 / inputMicros;
  const kibAnAgent = ((heap.liveHeapMiB ?? 0) * 1024) / (heap.agents ?? 1);
  const cycleMicros = (cycle.medianMs * 1e3) / (cycle.agents ?? 1);
  const registerMicros = (register.nsPerOp ?? 0) / 1e3;
  const at = `${whole(inputs.agents)} agents, ${whole(inputs.tasks)} tasks`;
  const text = table(
    ['one process, one thread', 'figure', 'comes from'],
    [
      ['inputs a second, if it did nothing else', whole(round(perSecond)), `measured: \`inputs\`, ${at}`],
      [
        `agents with a heartbeat every ${heartbeatSeconds} s that take ${load * 100} % of it`,
        whole(round(perSecond * load * heartbeatSeconds)),
        `arithmetic: inputs × ${load} × ${heartbeatSeconds}, a heartbeat reckoned as dear as the mean input`,
      ],
      [
        'tasks a second that are offered, launched, and acknowledged as running',
        whole(round(fill.opsPerSecond ?? 0)),
        `measured: \`fill\`, ${whole(fill.agents)} agents, ${whole(fill.frameworks)} frameworks`,
      ],
      [
        `tasks a second that begin and end, at ${load * 100} % of it`,
        whole(round((perSecond * load) / inputsATask)),
        `arithmetic: inputs × ${load} / ${inputsATask} inputs a task`,
      ],
      [
        `memory of an agent with ${tasksAnAgent} tasks, KiB`,
        figure(kibAnAgent),
        `measured: \`register\`, ${whole(heap.tasks)} tasks, ${figure(heap.liveHeapMiB)} MiB live`,
      ],
      [
        `such agents in a heap of ${heapGiB} GiB that is half live`,
        whole(round((heapGiB * 2 ** 20 * heapLoad) / kibAnAgent)),
        'arithmetic',
      ],
      [
        `one cycle of ${whole(cycle.agents)} agents that are all free, ms`,
        figure(cycle.medianMs),
        `measured: \`full-cycle\`, ${whole(cycle.frameworks)} frameworks`,
      ],
      [
        `${whole(register.tasks)} tasks known again after a loss of the master, s`,
        figure(register.medianMs / 1e3),
        'measured: `register`',
      ],
    ],
    [0, 2],
  );
  return { text, inputMicros, kibAnAgent, registerMicros, cycleMicros };
}

/**
 * @param {Facts} facts
 * @returns {string}
 */
export function fleet({ inputMicros, kibAnAgent, registerMicros, cycleMicros }) {
  const launches = (fleetAgents * tasksAnAgent) / taskSeconds;
  const pageBytes =
    roles * (JSON.stringify(['department/team-0123', 'cpus:1234.5;disk:1234567;mem:1234567']).length + 1);
  const pageKB = pageBytes / 1e3;
  /** @type {(name: string, of: (masters: number) => string) => readonly string[]} */
  const line = (name, of) => [name, ...fleetMasters.map(of)];
  const agents = (/** @type {number} */ masters) => fleetAgents / masters;
  const inputs = (/** @type {number} */ masters) =>
    agents(masters) / heartbeatSeconds + (inputsATask * launches) / masters;
  const granted = (/** @type {number} */ masters) =>
    (launches * (pageSeconds + travelSeconds) * (masters - 1)) / masters;
  return table(
    ['of each master', ...fleetMasters.map((masters) => `${masters} masters`)],
    [
      line('agents', (masters) => whole(agents(masters))),
      line('running tasks', (masters) => whole(agents(masters) * tasksAnAgent)),
      line(`heartbeats a second, one in ${heartbeatSeconds} s`, (masters) => whole(agents(masters) / heartbeatSeconds)),
      line(`tasks begun a second, each lasts ${taskSeconds} s`, (masters) => whole(launches / masters)),
      line(`inputs a second: heartbeats and ${inputsATask} a task`, (masters) => whole(inputs(masters))),
      line('of one thread, %', (masters) => figure((inputs(masters) * inputMicros) / 1e4)),
      line('live memory, MiB', (masters) => figure((agents(masters) * kibAnAgent) / 1024)),
      line('a cycle in which all is free, ms', (masters) => figure((agents(masters) * cycleMicros) / 1e3)),
      line('its tasks known again after a loss, s', (masters) =>
        figure((agents(masters) * tasksAnAgent * registerMicros) / 1e6),
      ),
      line(`ledger page of ${whole(roles)} roles, kB`, () => figure(pageKB)),
      line(`pages heard a second, one in ${pageSeconds} s from each other`, (masters) =>
        figure((masters - 1) / pageSeconds),
      ),
      line('ledger traffic in, kB/s', (masters) => figure((pageKB * (masters - 1)) / pageSeconds)),
      line('ledger traffic of the fleet, all to all, MB/s', (masters) =>
        figure((pageKB * masters * (masters - 1)) / pageSeconds / 1e3),
      ),
      line('the same through one relay that adds up, MB/s', (masters) =>
        figure((pageKB * masters * 2) / pageSeconds / 1e3),
      ),
      line(`cpus granted elsewhere in ${pageSeconds + travelSeconds} s`, (masters) => whole(granted(masters))),
      line('so a share is off by at most, % of the fleet', (masters) =>
        figure((granted(masters) * 100) / (fleetAgents * cpusAnAgent)),
      ),
    ],
    [0],
  );
}

/**
 * The row of the largest cluster.
 *
 * @param {readonly WorkloadRow[]} rows
 * @param {string} workload
 * @param {string} phase
 * @param {'agents' | 'tasks'} size
 * @returns {WorkloadRow}
 */
function largest(rows, workload, phase, size) {
  const [first] = rows
    .filter((row) => row.workload === workload && row.phase === phase)
    .sort((a, b) => (b[size] ?? 0) - (a[size] ?? 0));
  if (first === undefined) throw new Error(`nothing was measured of ${workload} ${phase}`);
  return first;
}

/**
 * Two figures: more would pretend to know.
 *
 * @param {number} value
 * @returns {number}
 */
function round(value) {
  return Number(value.toPrecision(2));
}
