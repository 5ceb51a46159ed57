import { uniformCluster } from '../clusters/machines.js';
import { Dice } from '../luck.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulate.js';
import type { Job } from '../workloads/workload.js';
import { figure, type PaperResult } from './paper.js';

const second = 1_000;

/** Tasks of a job from, to; how many of a thousand jobs are so large; how much shorter they took under DRF, percent. */
const bins = [
  [1, 500, 880, -3],
  [501, 1_000, 50, 35],
  [1_001, 1_500, 25, 51],
  [1_501, 2_000, 15, 48],
  [2_001, 2_500, 10, 55],
  [2_501, 3_000, 10, 66],
  [3_001, 4_000, 10, 53],
] as const;

/** So few are as full of these jobs as the paper's 400 of its own. */
const machines = 40;
/** Enough that there are some of each size. */
const jobCount = 160;
const betweenJobsMs = 11 * second;

/** What tasks ask for: cpus, MiB. Slots of 1.33 cpus and 2.67 GiB are too large for most and too small for some. */
const needs = ['cpus:1;mem:1024', 'cpus:1;mem:1536', 'cpus:0.5;mem:2048', 'cpus:1.5;mem:1024'] as const;

/** A job of one of the bins; each is a tenant of its own. */
interface SizedJob extends Job {
  readonly bin: number;
}

/** Facebook's jobs under DRF and under slots (Ghodsi et al., NSDI 2011, §7.3, Figure 14). */
export function drfFacebook(seed: number): PaperResult {
  const jobs = [...jobsBySize(seed)];
  const [byDrf, bySlots] = [
    run('DRF', 'slots:1000;cpus:16;mem:32768', jobs, seed),
    run('slots', 'slots:12;cpus:1000;mem:1000000', jobs, seed),
  ];
  const [underDrf, underSlots] = [tookByBin(byDrf, jobs), tookByBin(bySlots, jobs)];
  return {
    name: 'drf-facebook',
    title: "How much sooner Facebook's jobs are done under DRF than under slots, by their number of tasks",
    source: 'Ghodsi et al., Dominant Resource Fairness, NSDI 2011, §7.3, Figure 14',
    figures: bins.map(([least, most, , paper], bin) =>
      figure(
        `${least}-${most} tasks: sooner by`,
        '%',
        paper,
        100 * (1 - (underDrf[bin] ?? NaN) / (underSlots[bin] ?? NaN)),
      ),
    ),
    notes: [
      `${machines} machines of 16 cpus and 32 GiB instead of 400, and ${jobCount} jobs in half an hour instead of a week: the trace is not public.`,
      'Jobs have the published shape; what their tasks ask for is a guess, and so is the load.',
      'Each job is a tenant, as the paper shares between jobs; of the largest there are few, so luck moves their figures by ten percent and more.',
      'The smallest are done in about the time of their longest task either way.',
    ],
    results: [byDrf, bySlots],
  };
}

/** The mean of how long jobs took, ms, by bin. */
function tookByBin({ policies }: SimulationResult, jobs: readonly SizedJob[]): readonly number[] {
  const took = new Map(policies[0]?.tenants.map(({ role, completionMs }) => [role, completionMs.mean]));
  return bins.map((_, bin) => {
    const ofBin = jobs.filter((job) => job.bin === bin).flatMap(({ role }) => took.get(role) ?? []);
    return ofBin.reduce((sum, ms) => sum + ms, 0) / ofBin.length;
  });
}

function run(name: string, machine: string, jobs: readonly SizedJob[], seed: number): SimulationResult {
  return simulate({
    cluster: { ...uniformCluster(machines, machine), name: `${machines} machines, ${name}` },
    workload: { name: "Facebook's jobs by size", tenants: jobs.map(({ role }) => ({ role })), jobs: () => jobs },
    seed,
  });
}

function* jobsBySize(seed: number): Generator<SizedJob, void, undefined> {
  const dice = new Dice(seed, 'drf-facebook');
  let at = 0;
  for (let n = 0; n < jobCount; n += 1) {
    at += dice.exponential(betweenJobsMs);
    // By steps of the golden section, so that there are some of each size in any luck.
    let left = ((n * 0.618_033_988_75) % 1) * 1_000;
    const bin = Math.max(
      0,
      bins.findIndex(([, , perMille]) => (left -= perMille) < 0),
    );
    const [least, most] = bins[bin] ?? [1, 1];
    // Small jobs are mostly very small.
    const count = bin === 0 ? Math.ceil(most ** (dice.unit() ** 2)) : dice.whole(least, most);
    const resources = `slots:1;${dice.pick(...needs)}`;
    yield {
      bin,
      id: `job${n}`,
      at: Math.floor(at),
      role: `job${n}`,
      groups: [{ count, resources, lasts: { median: 23 * second, spread: 0.6 } }],
    };
  }
}
