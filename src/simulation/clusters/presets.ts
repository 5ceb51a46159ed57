/** Clusters that were published, as classes of machines. */
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { uniformCluster, type MachineClass, type SimulatedCluster } from './machines.js';

/**
 * Google's cell of May 2011 (clusterdata-2011-2): cpu and memory are published as parts of the largest machine. Here that
 * one has 64 cpus and 256 GiB, which nobody has said.
 */
const google2011: readonly (readonly [cpu: number, mem: number, percent: number])[] = [
  [0.5, 0.5, 53.47],
  [0.5, 0.25, 30.74],
  [0.5, 0.75, 7.95],
  [1, 1, 6.32],
  [0.25, 0.25, 0.99],
  [0.5, 0.12, 0.43],
  [0.5, 0.03, 0.04],
  [0.5, 0.97, 0.03],
  [1, 0.5, 0.02],
  [0.5, 0.06, 0.01],
];

/** The commonest machines of Google's eight cells of May 2019, likewise; the rarer 14 % are not in it. */
const google2019: readonly (readonly [cpu: number, mem: number, percent: number])[] = [
  [1, 0.5, 23.33],
  [0.592, 0.3335, 19.34],
  [0.259, 0.1667, 14.66],
  [0.709, 0.3335, 10.48],
  [0.387, 0.3335, 6.8],
  [0.959, 0.5, 5.85],
  [0.709, 0.667, 5.56],
];

/** Alibaba's GPU cluster of 2023 (Weng et al., USENIX ATC 2023), in absolute numbers. */
const alibaba2023: readonly (readonly [cpus: number, memGiB: number, gpus: number, model: string, count: number])[] = [
  [96, 384, 8, 'G2', 549],
  [104, 512, 2, 'T4', 387],
  [32, 256, 0, '', 129],
  [16, 120, 2, 'P100', 107],
  [96, 512, 0, '', 59],
  [128, 768, 8, 'G3', 39],
  [96, 384, 0, '', 30],
  [32, 128, 4, 'V100M16', 28],
  [32, 128, 0, '', 23],
  [64, 256, 2, 'P100', 22],
  [64, 512, 0, '', 22],
  [96, 768, 8, 'V100M32', 21],
  [104, 512, 0, '', 20],
  [8, 32, 1, 'V100M16', 19],
  [96, 384, 4, 'T4', 17],
  [32, 64, 0, '', 10],
  [48, 368, 4, 'V100M32', 9],
  [64, 256, 0, '', 8],
  [64, 256, 8, 'V100M16', 7],
  [64, 128, 0, '', 4],
  [104, 768, 0, '', 3],
  [8, 60, 1, 'P100', 3],
  [8, 60, 2, 'P100', 2],
  [128, 1024, 1, 'A10', 2],
  [82, 336, 8, 'V100M16', 1],
  [104, 192, 0, '', 1],
  [96, 768, 0, '', 1],
];

const clusters: ReadonlyMap<string, () => SimulatedCluster> = new Map<string, () => SimulatedCluster>([
  ['small', () => named('small', uniformCluster(25, 'cpus:16;mem:65536'))],
  ['google-2011', () => byParts('google-2011', google2011, 12_500)],
  ['google-2019', () => byParts('google-2019', google2019, 10_000)],
  ['alibaba-2023', () => ({ name: 'alibaba-2023', machines: alibaba2023.map(gpuMachine) })],
  ['omega', () => named('omega', uniformCluster(10_000, 'cpus:4;mem:16384'))],
  ['facebook', () => named('facebook', uniformCluster(600, 'cpus:16;mem:32768'))],
  ['facebook-10k', () => named('facebook-10k', uniformCluster(10_000, 'cpus:16;mem:32768'))],
  ['drf-48', () => named('drf-48', uniformCluster(48, 'cpus:8;mem:6144'))],
  ['mesos-96', () => named('mesos-96', uniformCluster(96, 'cpus:4;mem:15360'))],
]);

/** The names that {@link clusterPreset} knows. */
export const clusterNames: readonly string[] = [...clusters.keys()];

/**
 * A cluster by name.
 *
 * - `small`: 25 machines of 16 cpus and 64 GiB
 * - `google-2011`, `google-2019`: 12,500 and 10,000 machines in the published proportions
 * - `alibaba-2023`: 1,523 machines, most with GPUs; a GPU is named `gpu`, its model an attribute of that name
 * - `omega`: 10,000 machines of 4 cpus and 16 GiB, the default of the Omega simulator
 * - `facebook`, `facebook-10k`: 600 and 10,000 machines of 16 cpus and 32 GiB
 * - `drf-48`, `mesos-96`: the clusters of the papers' experiments
 *
 * @throws InputError `unknown-cluster`
 * @remarks Since 0.1.0
 */
export function clusterPreset(name: string): SimulatedCluster {
  const make = clusters.get(name);
  if (make !== undefined) return make();
  throw new InputError(
    'unknown-cluster',
    'cluster',
    `There is no cluster ${quote(name)}; there are: ${clusterNames.join(', ')}`,
  );
}

function named(name: string, { machines }: SimulatedCluster): SimulatedCluster {
  return { name, machines };
}

function byParts(name: string, parts: typeof google2011, agents: number): SimulatedCluster {
  const all = parts.reduce((sum, [, , percent]) => sum + percent, 0);
  const machines = parts.map(([cpu, mem, percent], index): MachineClass => {
    const resources = `cpus:${64 * cpu};mem:${Math.round(262_144 * mem)}`;
    return { name: `class${index}`, count: Math.max(1, Math.round((agents * percent) / all)), resources };
  });
  return { name, machines };
}

function gpuMachine([cpus, memGiB, gpus, model, count]: (typeof alibaba2023)[number], index: number): MachineClass {
  const gpu = gpus === 0 ? '' : `;gpu:${gpus}`;
  return {
    name: `${model === '' ? 'cpu' : model.toLowerCase()}-${index}`,
    count,
    resources: `cpus:${cpus};mem:${memGiB * 1_024}${gpu}`,
    ...(model !== '' && { attributes: `gpu:${model}` }),
  };
}
