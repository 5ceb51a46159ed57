/** Clusters to simulate: machines of a few classes. */
import { InputError, quantitiesFromScalarResources, resources } from '../../resources/index.js';

/** Machines that are alike. */
export interface MachineClass {
  /** Part of their names. */
  readonly name: string;
  readonly count: number;
  /** What each has: text, as `cpus:16;mem:65536` (memory in MiB). Scalars only. */
  readonly resources: string;
  /** Text, as `gpu:T4`. */
  readonly attributes?: string;
}

/** A cluster to simulate. */
export interface SimulatedCluster {
  readonly name: string;
  readonly machines: readonly MachineClass[];
}

/** One machine of a cluster. */
export interface Machine {
  readonly id: string;
  readonly resources: string;
  readonly attributes: string;
}

/** Machines that may be in a cluster at most: each is an agent with a row of its own. */
const mostMachines = 200_000;

/**
 * The machines of a cluster, one by one.
 *
 * @throws InputError `bad-cluster` for a count that is no whole number from 0, none or too many of them, or resources that
 *   are not scalars
 */
export function machinesOf(cluster: SimulatedCluster): readonly Machine[] {
  const machines = cluster.machines.flatMap(({ name, count, resources: text, attributes = '' }, index) => {
    const path = `cluster.machines[${index}]`;
    if (!Number.isSafeInteger(count) || count < 0) refuse(`${path}.count`, `a count of machines can't be ${count}`);
    if (count > mostMachines) refuse(`${path}.count`, `more than ${mostMachines} machines are not simulated`);
    checkScalars(text, `${path}.resources`);
    return Array.from({ length: count }, (_, n) => ({ id: `${name}-${n}`, resources: text, attributes }));
  });
  if (machines.length === 0) refuse('cluster.machines', 'there is no machine');
  if (machines.length > mostMachines)
    refuse('cluster.machines', `more than ${mostMachines} machines are not simulated`);
  if (new Set(machines.map(({ id }) => id)).size < machines.length) {
    refuse('cluster.machines', 'two classes of machines have the same name');
  }
  return machines;
}

function checkScalars(text: string, path: string): void {
  const read = resources(text, path);
  if (read.items.some(({ value }) => value.type !== 'scalar')) refuse(path, 'only scalars are simulated');
  if (quantitiesFromScalarResources(read).names.length === 0) refuse(path, 'a machine must have something');
}

function refuse(path: string, message: string): never {
  throw new InputError('bad-cluster', path, message);
}

/**
 * A cluster of equal machines.
 *
 * @example
 * uniformCluster(100, 'cpus:16;mem:65536');
 * @remarks Since 0.1.0
 */
export function uniformCluster(agents: number, each: string = 'cpus:16;mem:65536'): SimulatedCluster {
  return { name: `${agents} x ${each}`, machines: [{ name: 'agent', count: agents, resources: each }] };
}

/**
 * The same cluster with another number of machines, in the same proportions; what is left over by rounding goes to the
 * classes that lost most.
 *
 * @throws InputError `bad-cluster` for a number that is not whole, or below 1
 * @remarks Since 0.1.0
 */
export function scaledCluster(cluster: SimulatedCluster, agents: number): SimulatedCluster {
  if (!Number.isSafeInteger(agents) || agents < 1) refuse('agents', `a cluster can't have ${agents} agents`);
  const total = cluster.machines.reduce((sum, { count }) => sum + count, 0);
  const exact = cluster.machines.map(({ count }) => (count * agents) / total);
  const counts = exact.map(Math.floor);
  const lost = exact.map((value, index) => ({ index, rest: value - Math.floor(value) }));
  lost.sort((a, b) => b.rest - a.rest || a.index - b.index);
  const missing = agents - counts.reduce((sum, count) => sum + count, 0);
  for (const { index } of lost.slice(0, missing)) counts[index] = (counts[index] ?? 0) + 1;
  const machines = cluster.machines.map((machine, index) => ({ ...machine, count: counts[index] ?? 0 }));
  return { name: `${cluster.name}, ${agents} agents`, machines: machines.filter(({ count }) => count > 0) };
}
