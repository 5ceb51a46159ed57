/** What the command line says is to be simulated. */
import { basename } from 'node:path';
import {
  behaviourNames,
  clusterNames,
  clusterOfNodes,
  clusterPreset,
  readNodes,
  readPods,
  readSwim,
  scaledCluster,
  uniformCluster,
  workloadNames,
  workloadOfPods,
  workloadOfSwim,
  workloadPreset,
  type ReadOptions,
  type ReadRows,
  type SimulatedCluster,
  type Tenant,
  type Workload,
} from '../../simulation/index.js';
import { plain } from '../cluster/text.js';
import { readAs, readText } from '../files.js';
import { type Io, UsageError } from '../io.js';
import { countOption, listOption } from '../verb.js';

/** The options that say what is simulated. */
export interface SourceOptions {
  readonly nodes?: string | undefined;
  readonly cluster?: string | undefined;
  readonly agents?: string | undefined;
  readonly pods?: string | undefined;
  readonly jobs?: string | undefined;
  readonly workload?: string | undefined;
  readonly weight?: string | undefined;
  readonly behaviour?: string | undefined;
  readonly strict?: boolean | undefined;
}

/** What is to be simulated. */
export interface Sources {
  readonly cluster: SimulatedCluster;
  readonly workload: Workload;
  /** When the last job is submitted, ms, if that is known: for a guess how far a simulation has come. */
  readonly lastMs: number | undefined;
}

/** A workload, and the cluster that it is for. */
interface Load {
  readonly workload: Workload;
  readonly cluster: () => SimulatedCluster;
  readonly lastMs?: number;
}

/** Reads what is asked for; rows that are no good are told on standard error. */
export async function readSources(options: SourceOptions, io: Io): Promise<Sources> {
  const load = await readLoad(options, io);
  const workload = withTenants(load.workload, options);
  return { cluster: await readCluster(options, load.cluster, io), workload, lastMs: load.lastMs ?? workload.untilMs };
}

async function readCluster(
  { nodes, cluster, agents, strict = false }: SourceOptions,
  usual: () => SimulatedCluster,
  io: Io,
): Promise<SimulatedCluster> {
  const count = countOption('agents', agents, 1);
  atMostOne({ nodes, cluster });
  if (nodes === undefined && cluster === undefined) return count === undefined ? usual() : uniformCluster(count);
  const found =
    nodes === undefined
      ? clusterPreset(cluster ?? '')
      : clusterOfNodes(basename(nodes), await rowsOf(nodes, readNodes, { strict }, io));
  if (nodes !== undefined && found.machines.length === 0) throw new UsageError(`${nodes}: there is no machine`);
  return count === undefined ? found : scaledCluster(found, count);
}

async function readLoad({ pods, jobs, workload, strict = false }: SourceOptions, io: Io): Promise<Load> {
  atMostOne({ pods, jobs, workload });
  if (pods !== undefined) {
    const rows = await rowsOf(pods, readPods, { strict }, io);
    const lastMs = spanOf(rows.map(({ at, lastsMs }) => ({ from: at, to: at + (lastsMs ?? 0) })));
    return { workload: workloadOfPods(basename(pods), rows), cluster: () => clusterPreset('alibaba-2023'), lastMs };
  }
  if (jobs !== undefined) {
    const rows = await rowsOf(jobs, readSwim, { strict }, io);
    const lastMs = spanOf(rows.map(({ at }) => ({ from: at, to: at })));
    return { workload: workloadOfSwim(basename(jobs), rows), cluster: () => clusterPreset('facebook'), lastMs };
  }
  const name = workload ?? 'mixed';
  return { workload: workloadPreset(name), cluster: () => clusterPreset(usualCluster.get(name) ?? 'small') };
}

/** From the first beginning to the last end, ms; 0 without any. */
function spanOf(all: readonly { readonly from: number; readonly to: number }[]): number {
  const first = all.reduce((least, { from }) => Math.min(least, from), Infinity);
  return all.reduce((span, { to }) => Math.max(span, to - first), 0);
}

/** The cluster of a workload for which none is named. */
const usualCluster: ReadonlyMap<string, string> = new Map([
  ['facebook', 'facebook'],
  ['facebook-24k', 'facebook-10k'],
  ['omega', 'omega'],
]);

function atMostOne(options: Readonly<Record<string, string | undefined>>): void {
  const given = Object.keys(options).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw new UsageError(`only one of ${given.map((name) => `--${name}`).join(', ')} can be given`);
}

type Reader<Row> = (text: string, options: ReadOptions) => ReadRows<Row>;

/** The rows of a file, which every message names. */
async function rowsOf<Row>(file: string, reader: Reader<Row>, options: ReadOptions, io: Io): Promise<readonly Row[]> {
  const text = await readText(file, io);
  // The first byte of what gzip made, and a byte that text has only in other encodings.
  if (text.startsWith('\u001f')) throw new UsageError(`${file} is compressed; unpack it first`);
  if (text.slice(0, 1_000).includes('\u0000')) throw new UsageError(`${file} is not text in UTF-8`);
  return readAs(file, () => heed(file, reader(text, options), io));
}

/** What it means that a trace lacks a column, if that is easily overlooked. */
const withoutColumn: ReadonlyMap<string, string> = new Map([
  ['creation_time', 'all tasks are there from the beginning'],
  ['deletion_time', 'tasks last for ever'],
]);

/** The rows; what was wrong with others is told on standard error. */
function heed<Row>(file: string, { rows, bad, badCount, absent }: ReadRows<Row>, io: Io): readonly Row[] {
  for (const name of absent) {
    const so = withoutColumn.get(name);
    if (so !== undefined) io.stderr(`${file} has no ${name}: ${so}\n`);
  }
  if (rows.length + badCount === 0) io.stderr(`${file} has no rows\n`);
  for (const { line, message } of bad) io.stderr(`${file}, line ${line}: ${plain(message)}\n`);
  if (badCount > bad.length) io.stderr(`${file}: … and ${badCount - bad.length} more\n`);
  if (badCount > 0) io.stderr(`${file}: ${badCount} of ${rows.length + badCount} rows were left out\n`);
  return rows;
}

/** The workload with what the command line says of its tenants. */
function withTenants(workload: Workload, { weight, behaviour }: SourceOptions): Workload {
  const weights = pairs('weight', weight).map(([role, text]) => [role, { weight: weightOf(text) }] as const);
  const ways = pairs('behaviour', behaviour).map(([role, text]) => [role, { behaviour: behaviourOf(text) }] as const);
  const tenants = [...workload.tenants];
  for (const [role, more] of [...weights, ...ways]) {
    const at = tenants.findIndex((tenant) => tenant.role === role);
    if (at === -1) {
      const there = tenants.map((tenant) => tenant.role).join(', ');
      throw new UsageError(`the workload has no tenant ${JSON.stringify(role)}; there are: ${there}`);
    }
    tenants[at] = { ...(tenants[at] as Tenant), ...more };
  }
  return { ...workload, tenants };
}

function pairs(name: string, text: string = ''): readonly (readonly [role: string, value: string])[] {
  return listOption(text).map((item) => {
    const at = item.lastIndexOf('=');
    if (at < 1) throw new UsageError(`--${name} takes ROLE=${name.toUpperCase()}, not ${JSON.stringify(item)}`);
    return [item.slice(0, at), item.slice(at + 1)];
  });
}

function weightOf(text: string): number {
  const weight = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (weight > 0) return weight;
  throw new UsageError(`a weight must be a number above 0, not ${JSON.stringify(text)}`);
}

function behaviourOf(text: string): NonNullable<Tenant['behaviour']> {
  const found = behaviourNames.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`there is no behaviour ${JSON.stringify(text)}; there are: ${behaviourNames.join(', ')}`);
}

/** For the help: what can be named. */
export const namesForHelp: { readonly clusters: string; readonly workloads: string; readonly behaviours: string } = {
  clusters: clusterNames.join(', '),
  workloads: workloadNames.join(', '),
  behaviours: behaviourNames.join(', '),
};
