/** Readers for Alibaba's traces of GPU clusters (cluster-trace-gpu-v2023). */
import type { MachineClass, SimulatedCluster } from '../clusters/machines.js';
import type { Job, Tenant, Workload } from '../workloads/workload.js';
import { validateId, validateRole } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { beginning } from './beginning.js';
import { keepsMs } from './keeping.js';
import {
  mostAmount,
  mostSeconds,
  readTable,
  RowProblem,
  type Columns,
  type Header,
  type ReadOptions,
  type ReadRows,
} from './rows.js';

const second = 1_000;

/** One machine of a list of nodes. */
export type NodeRow = MachineClass;

const nodeColumns: Columns = {
  needed: ['sn', 'cpu_milli', 'memory_mib'],
  order: ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'],
};

/**
 * Machines from a CSV with the columns `sn, cpu_milli, memory_mib, gpu, model`, in any order and among others; the last two
 * may be missing, and so may the header if they are in this order.
 *
 * A GPU is a resource of the name `gpu`, which may be used in parts; its model is the attribute `gpu`. Names that come twice
 * are bad rows.
 *
 * @throws InputError `missing-column`, `repeated-column`; `bad-row`, if strict
 * @example
 * const { rows, bad } = readNodes(await readFile('nodes.csv', 'utf8'));
 * simulate({ cluster: clusterOfNodes('mine', rows), workload });
 * @remarks Since 0.1.0
 */
export function readNodes(text: string, options: ReadOptions = {}): ReadRows<NodeRow> {
  const seen = new Set<string>();
  return readTable(text, nodeColumns, options, (header, fields) => nodeOf(header, fields, seen));
}

function nodeOf(header: Header, fields: readonly string[], seen: Set<string>): NodeRow {
  const name = header.text(fields, 'sn');
  if (name === '') throw new RowProblem('sn is empty');
  const problem = validateId(name, 'sn');
  if (problem !== undefined) throw new RowProblem(`sn: ${problem.message}`);
  if (seen.has(name)) throw new RowProblem(`node ${quote(name)} is there already`);
  const gpu = amountIn(header, fields, 'gpu', 0);
  const resources = text({
    cpus: amountIn(header, fields, 'cpu_milli') / 1_000,
    mem: amountIn(header, fields, 'memory_mib'),
    gpu,
  });
  if (resources === '') throw new RowProblem('the node has nothing');
  seen.add(name);
  const model = modelOf(header.text(fields, 'model'));
  return { name, count: 1, resources, ...(gpu > 0 && model !== '' && { attributes: `gpu:${model}` }) };
}

function amountIn(header: Header, fields: readonly string[], name: string, otherwise?: number): number {
  return header.amount(fields, name, { most: mostAmount, ...(otherwise !== undefined && { otherwise }) });
}

/** A model as the text of an attribute: signs that would mean something else there become `_`, and no number is one. */
function modelOf(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_.+-]/g, '_');
  return /^[\d.+-]/.test(plain) ? `model_${plain}` : plain;
}

/** A cluster of the machines that were read. Those that are alike become one class. */
export function clusterOfNodes(name: string, rows: readonly NodeRow[]): SimulatedCluster {
  const classes = new Map<string, MachineClass>();
  for (const row of rows) {
    const key = `${row.resources} ${row.attributes ?? ''}`;
    const known = classes.get(key);
    classes.set(key, known === undefined ? row : { ...known, count: known.count + 1 });
  }
  return { name, machines: [...classes.values()] };
}

/** One task of a list of pods. */
export interface PodRow {
  readonly name: string;
  readonly resources: string;
  /** Models of GPU that will do; empty = any. */
  readonly models: readonly string[];
  /** Whose it is: its class of service. */
  readonly role: string;
  /** When it was created, ms, by the clock of the trace. */
  readonly at: number;
  /** null = for ever. */
  readonly lastsMs: number | null;
}

const podColumns: Columns = {
  needed: ['name', 'cpu_milli', 'memory_mib'],
  order: [
    ...['name', 'cpu_milli', 'memory_mib', 'num_gpu', 'gpu_milli', 'gpu_spec', 'qos', 'pod_phase'],
    ...['creation_time', 'deletion_time', 'scheduled_time'],
  ],
};

/**
 * Tasks from a CSV with the columns `name, cpu_milli, memory_mib, num_gpu, gpu_milli, gpu_spec, qos, creation_time,
 * deletion_time, scheduled_time`, times in seconds, in any order and among others. All after the third may be missing, and
 * so may the header if they are in the order of the trace.
 *
 * A task lasts from when it was scheduled (if it ever was; else from its creation) to its deletion; one that was not deleted
 * lasts for ever. One that asks for one GPU needs `gpu_milli` thousandths of it. Its role is its class of service, `qos`.
 *
 * @throws InputError `missing-column`, `repeated-column`; `bad-row`, if strict
 * @remarks Since 0.1.0
 */
export function readPods(text: string, options: ReadOptions = {}): ReadRows<PodRow> {
  return readTable(text, podColumns, options, podOf);
}

function podOf(header: Header, fields: readonly string[]): PodRow {
  const name = header.text(fields, 'name');
  if (name === '') throw new RowProblem('name is empty');
  const gpus = amountIn(header, fields, 'num_gpu', 0);
  const resources = text({
    cpus: amountIn(header, fields, 'cpu_milli') / 1_000,
    mem: amountIn(header, fields, 'memory_mib'),
    // Of one GPU a part may do.
    gpu: gpus === 1 ? amountIn(header, fields, 'gpu_milli', 1_000) / 1_000 : gpus,
  });
  if (resources === '') throw new RowProblem('it asks for nothing');
  const models = header.text(fields, 'gpu_spec').split('|').map(modelOf);
  return {
    name,
    resources,
    models: models.filter((model) => model !== ''),
    role: roleOf(header.text(fields, 'qos')),
    ...timesOf(header, fields),
  };
}

function timesOf(header: Header, fields: readonly string[]): Pick<PodRow, 'at' | 'lastsMs'> {
  const time = (name: string, otherwise?: number): number =>
    header.amount(fields, name, { most: mostSeconds, ...(otherwise !== undefined && { otherwise }) });
  const created = time('creation_time', header.has('creation_time') ? undefined : 0);
  const begun = time('scheduled_time', created);
  const deleted = time('deletion_time', Infinity);
  if (deleted < begun) throw new RowProblem(`it ends at ${deleted} s, before it begins at ${begun} s`);
  const lastsMs = deleted === Infinity ? null : Math.max(1, Math.round((deleted - begun) * second));
  return { at: Math.round(created * second), lastsMs };
}

function roleOf(qos: string): string {
  const role = qos === '' ? 'none' : qos;
  const problem = validateRole(role);
  if (problem !== undefined) throw new RowProblem(`qos: ${problem.message}`);
  return role;
}

/** Text of amounts that are not 0. */
function text(amounts: Readonly<Record<string, number>>): string {
  return Object.entries(amounts)
    .map(([name, amount]) => [name, Math.round(amount * 1_000) / 1_000] as const)
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${name}:${amount}`)
    .join(';');
}

/**
 * What was read, as a workload: each task is a job of its own, and each class of service a tenant. Time begins with the first
 * of them.
 */
export function workloadOfPods(name: string, rows: readonly PodRow[], tenants: readonly Tenant[] = []): Workload {
  const begin = beginning(rows);
  const jobs = rows
    .map(({ name: id, role, at, resources, lastsMs, models }): Job => {
      const needs = models.length === 0 ? {} : { needs: { attribute: 'gpu', oneOf: models } };
      return { id, at: at - begin, role, groups: [{ count: 1, resources, lasts: lastsMs, ...needs }] };
    })
    .sort((a, b) => a.at - b.at);
  const named = new Set(tenants.map(({ role }) => role));
  const others = [...new Set(jobs.map(({ role }) => role))].filter((role) => !named.has(role));
  return { name, tenants: [...tenants, ...others.toSorted().map((role) => ({ role, keepsMs }))], jobs: () => jobs };
}
