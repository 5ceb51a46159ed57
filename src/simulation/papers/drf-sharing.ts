import { uniformCluster } from '../clusters/machines.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulate.js';
import type { Job, Workload } from '../workloads/workload.js';
import { figure, type PaperResult } from './paper.js';

const second = 1_000;
const phaseMs = 120 * second;

/** What a task of the two jobs asks for in each of the three phases: cpus, GB. */
const phases = [
  [
    [1, 10],
    [1, 1],
  ],
  [
    [2, 4],
    [1, 3],
  ],
  [
    [1, 7],
    [1, 4],
  ],
] as const;

/** Two jobs whose tasks change what they ask for every two minutes (Ghodsi et al., NSDI 2011, §7.1, Figure 8). */
export function drfSharing(seed: number): PaperResult {
  const result = simulate({
    cluster: { ...uniformCluster(48, `cpus:4;mem:${14 * 1_024}`), name: 'drf-sharing' },
    workload: changingJobs(),
    seed,
    config: { allocationIntervalMs: 250 },
  });
  const share = (job: string, phase: number): number => 100 * meanShare(result, job, phase);
  return {
    name: 'drf-sharing',
    title: 'Two jobs share 48 machines while what they ask for changes',
    source: 'Ghodsi et al., Dominant Resource Fairness, NSDI 2011, §7.1, Figure 8',
    figures: [
      figure('minutes 0-2: memory of job 1', '%', 70, share('job1', 0)),
      figure('minutes 0-2: cpus of job 2', '%', 75, share('job2', 0)),
      figure('minutes 2-4: cpus of job 1', '%', 50, share('job1', 1)),
      figure('minutes 2-4: cpus of job 2', '%', 50, share('job2', 1)),
      figure('minutes 4-6: memory of job 1', '%', 50, share('job1', 2)),
      figure('minutes 4-6: memory of job 2', '%', 50, share('job2', 2)),
    ],
    notes: [
      'Tasks last 8 s on average; the paper does not say how long. Ours are means over the second half of each phase.',
      'A machine of 14 GB holds one task of 10 GB, so 71.4 % is the most that job 1 can have at first; fluid shares would be 74 %.',
      'In the last phase 7 and 4 GB do not fill 14 GB together: the paper too finds that shares are not quite equal there.',
      'A machine that is free goes to one job as a whole, and ends are told four times a second: some of it is always idle.',
    ],
    results: [result],
  };
}

function changingJobs(): Workload {
  const jobs = phases.flatMap((demands, phase) =>
    demands.map(([cpus, gb], which): Job => ({
      id: `job${which + 1}-${phase}`,
      at: phase * phaseMs,
      role: `job${which + 1}`,
      groups: [{ count: 10_000, resources: `cpus:${cpus};mem:${gb * 1_024}`, lasts: { mean: 8 * second } }],
      until: (phase + 1) * phaseMs,
    })),
  );
  return { name: 'drf-sharing', tenants: [{ role: 'job1' }, { role: 'job2' }], jobs: () => jobs, untilMs: 3 * phaseMs };
}

/** The mean of a job's dominant share over the second half of a phase. */
function meanShare({ policies }: SimulationResult, role: string, phase: number): number {
  const series = policies[0]?.series;
  const values = series?.shares.find(({ name }) => name === role)?.values ?? [];
  const spanMs = series?.spanMs ?? 1;
  const some = values.slice(
    Math.ceil(((phase + 0.5) * phaseMs) / spanMs),
    Math.floor(((phase + 1) * phaseMs) / spanMs),
  );
  return some.reduce((sum, value) => sum + value, 0) / Math.max(1, some.length);
}
