import type { ConfigLike } from '../cluster/index.js';
import { drf } from '../drf/index.js';
import type { Policy } from '../offers/index.js';
import { InputError, names, quantitiesFromScalarResources, resources } from '../resources/index.js';
import { machinesOf, type Machine, type SimulatedCluster } from './clusters/machines.js';
import { Engine, type Slowdown } from './engine/engine.js';
import { MachineTable } from './engine/machine-table.js';
import { ResourceIndex } from './engine/shapes.js';
import { resultOf } from './measure/results.js';
import type { SimulationResult } from './result.js';
import { checkTenants } from './workloads/check.js';
import type { Workload } from './workloads/workload.js';

/** How far a simulation has come. */
export interface SimulationProgress {
  readonly policy: string;
  /** Which of how many policies it is, from 0. */
  readonly index: number;
  readonly policies: number;
  /** Virtual time, ms, and when that will be over; undefined = when everything has ended. */
  readonly now: number;
  readonly untilMs: number | undefined;
  readonly tasksStarted: number;
}

/** What to simulate. */
export interface SimulateOptions {
  readonly cluster: SimulatedCluster;
  readonly workload: Workload;
  /** Each is simulated by itself, on the same jobs. Default: `drf` alone. */
  readonly policies?: readonly Policy[];
  /** Of all luck. Default 1. */
  readonly seed?: number;
  /** When it is over, ms. Default: the workload's own end; if it has none, when nothing can happen any more. */
  readonly untilMs?: number;
  /**
   * Of the master. Unless this says otherwise `maxOffersPerFramework` is a hundredth of the machines where these are more than
   * 256, from 16 to 64: most offers of a large cluster are of no use to anybody, and each is work.
   */
  readonly config?: ConfigLike;
  /** How often schedulers look for new jobs, ms. Default 0: they see each at once. */
  readonly pollMs?: number;
  /** Default: tasks take as long wherever they start. */
  readonly slowdown?: Slowdown;
  /** Called now and then. */
  readonly onProgress?: (progress: SimulationProgress) => void;
}

/**
 * Simulates a cluster under a workload, by virtual time: the first level is the machine itself, the second level are
 * schedulers that behave as their tenants say. The same options give the same result.
 *
 * @throws InputError `bad-cluster`, `bad-workload`, `bad-config`, `bad-number`, `policy-failed`; what is wrong with a role, a quota
 * @example
 * const result = simulate({ cluster: clusterPreset('drf-48'), workload: workloadPreset('facebook'), policies: [drf, fifo] });
 * console.log(summary(result));
 * await writeFile('report.html', report(result));
 * @remarks Since 0.1.0
 */
export function simulate(options: SimulateOptions): SimulationResult {
  const { cluster, workload, policies = [drf], seed = 1, untilMs = workload.untilMs } = options;
  if (!Number.isSafeInteger(seed)) refuse('seed', seed);
  if (untilMs !== undefined && !(untilMs > 0 && untilMs < Infinity)) refuse('untilMs', untilMs);
  const pollMs = options.pollMs ?? 0;
  if (!(pollMs >= 0 && pollMs < Infinity)) refuse('pollMs', pollMs);
  checkTenants(workload, untilMs);
  if (policies.length === 0) throw new InputError('bad-policy', 'policies', 'There must be a policy');
  const machines = machinesOf(cluster);
  const index = new ResourceIndex(namesIn(machines));
  const results = policies.map((policy, number) => {
    const engine = new Engine({
      table: new MachineTable(machines, index),
      workload,
      policy,
      config: options.config ?? {},
      seed,
      untilMs: untilMs === undefined ? undefined : Math.ceil(untilMs),
      pollMs,
      slowdown: options.slowdown,
      onStep:
        options.onProgress &&
        ((now, { tenants }) => {
          const tasksStarted = [...tenants.values()].reduce((sum, { started }) => sum + started, 0);
          const progress = {
            policy: policy.name,
            index: number,
            policies: policies.length,
            now,
            untilMs,
            tasksStarted,
          };
          options.onProgress?.(progress);
        }),
    });
    engine.run();
    return resultOf(policy.name, engine);
  });
  const total = totalOf(machines, index);
  return {
    cluster: { name: cluster.name, agents: machines.length, total },
    workload: workload.name,
    seed,
    policies: results,
  };
}

function refuse(path: string, value: unknown): never {
  throw new InputError('bad-number', path, `'${path}' cannot be ${String(value)}`);
}

/** All names of resources, those that matter most to people first. */
function namesIn(machines: readonly Machine[]): readonly string[] {
  const texts = new Set(machines.map((machine) => machine.resources));
  const all = new Set([...texts].flatMap((text) => names(quantitiesFromScalarResources(resources(text)))));
  return ['cpus', 'mem', ...[...all].toSorted()].filter((name, at, list) => all.has(name) && list.indexOf(name) === at);
}

/** What the machines have together; plain numbers. A name may be `__proto__`. */
function totalOf(machines: readonly Machine[], index: ResourceIndex): Readonly<Record<string, number>> {
  const { totals } = new MachineTable(machines, index);
  return Object.fromEntries(index.names.map((name, at) => [name, (totals[at] as number) / 1_000]));
}
