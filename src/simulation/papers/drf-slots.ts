import { uniformCluster } from '../clusters/machines.js';
import type { Slowdown } from '../engine/engine.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulate.js';
import type { Job, Tenant, Workload } from '../workloads/workload.js';
import { figure, type PaperFigure, type PaperResult } from './paper.js';

const second = 1_000;
const gib = 1_024;
/** What a machine has, whatever a scheduler believes. */
const realMem = 6 * gib;
/** More than anybody asks for: a scheduler that does not look at a resource believes that there is so much. */
const plenty = 1e6;

/** How a scheduler sees machines and tasks, and what the paper measured of it. */
interface Scheduler {
  readonly name: string;
  readonly machine: string;
  readonly slots: boolean;
  /** Large and small jobs completed, and their mean response, s. */
  readonly paper: readonly [largeJobs: number, smallJobs: number, large: number, small: number];
}

const schedulers: readonly Scheduler[] = [
  { name: 'DRF', machine: `cpus:8;mem:${realMem}`, slots: false, paper: [35, 91, 65, 25] },
  ...([3, 4, 5, 6] as const).map((slots, at) => ({
    name: `${slots} slots`,
    machine: `slots:${slots};cpus:${plenty};mem:${plenty}`,
    slots: true,
    paper: (
      [
        [33, 37, 69, 61],
        [30, 61, 72, 39],
        [17, 66, 123, 35],
        [8, 35, 196, 56],
      ] as const
    )[at] ?? [0, 0, 0, 0],
  })),
  { name: 'CPU-fair', machine: `cpus:8;mem:${plenty}`, slots: false, paper: [13, 94, 173, 25] },
];

/** Small and large jobs under DRF, slots, and fairness of cpus alone (Ghodsi et al., NSDI 2011, §7.2, Figures 9-12). */
export function drfSlots(seed: number): PaperResult {
  const made = schedulers.map((scheduler) => ({ scheduler, result: run(scheduler, seed) }));
  return {
    name: 'drf-slots',
    title: 'Small and large jobs on 48 machines: DRF, slots, and fair shares of cpus alone',
    source: 'Ghodsi et al., Dominant Resource Fairness, NSDI 2011, §7.2, Figures 9-12',
    figures: made.flatMap(({ scheduler, result }) => figuresOf(scheduler, result)),
    notes: [
      'Every task lasts 14 s; the paper does not say how long, and this fits its responses under three slots.',
      'Slots and CPU-fair put more memory on machines than there is. How much swapping costs is not published; here a task takes' +
        ' eight times the excess longer, in proportion to the memory that it touches.',
      'The order of the schedulers is the paper’s; figures with much swapping are as good as that guess.',
    ],
    results: made.map(({ result }) => result),
  };
}

function run({ name, machine, slots }: Scheduler, seed: number): SimulationResult {
  const cluster = { ...uniformCluster(48, machine), name: `48 machines, ${name}` };
  return simulate({ cluster, workload: jobs(name, slots), seed, slowdown: swapping });
}

const kinds = ['small', 'large'] as const;

/** Four users each; whoever's job has ended submits it again. */
function jobs(name: string, slots: boolean): Workload {
  const users = kinds.flatMap((kind) => [1, 2, 3, 4].map((n) => ({ kind, role: `${kind}-${n}` })));
  const need = { small: `cpus:1;mem:${gib / 2}`, large: `cpus:2;mem:${2 * gib}` };
  const all = users.map(({ kind, role }): Job => {
    const resources = `${slots ? 'slots:1;' : ''}${need[kind]}`;
    return { id: role, at: 0, role, groups: [{ count: 80, resources, lasts: 14 * second }] };
  });
  const tenants = users.map(({ role }): Tenant => ({ role, resubmits: Infinity }));
  return { name: `80 tasks a job, ${name}`, tenants, jobs: () => all, untilMs: 600 * second };
}

/** A machine with more in use than it has swaps: who touches most memory waits most. */
const swapping: Slowdown = (machine, job) => {
  const excess = Math.max(0, machine.used('mem') / realMem - 1);
  return 1 + 8 * excess * (job.role.startsWith('large') ? 1 : 0.25);
};

function figuresOf({ name, paper }: Scheduler, { policies }: SimulationResult): readonly PaperFigure[] {
  const tenants = policies[0]?.tenants ?? [];
  const of = (kind: (typeof kinds)[number]): { readonly jobs: number; readonly response: number } => {
    const mine = tenants.filter(({ role }) => role.startsWith(kind));
    const ended = mine.reduce((sum, { jobsEnded }) => sum + jobsEnded, 0);
    const spent = mine.reduce((sum, { completionMs }) => sum + completionMs.mean * completionMs.count, 0);
    return { jobs: ended, response: spent / Math.max(1, ended) / second };
  };
  const [large, small] = [of('large'), of('small')];
  return [
    figure(`${name}: large jobs completed`, 'jobs', paper[0], large.jobs),
    figure(`${name}: small jobs completed`, 'jobs', paper[1], small.jobs),
    figure(`${name}: response of large jobs`, 's', paper[2], large.response),
    figure(`${name}: response of small jobs`, 's', paper[3], small.response),
  ];
}
