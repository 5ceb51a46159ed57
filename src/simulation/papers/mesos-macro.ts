import { uniformCluster } from '../clusters/machines.js';
import { Dice } from '../luck.js';
import type { SimulationResult } from '../result.js';
import { simulate } from '../simulate.js';
import type { Job, TaskGroup, Tenant, Workload } from '../workloads/workload.js';
import { figure, type PaperFigure, type PaperResult } from './paper.js';

const second = 1_000;
const need = 'cpus:1;mem:2048';

/** Facebook's mix: maps, reduces, jobs, and how long a task lasts, s; the last is fitted to the times of the static quarter. */
const facebook = [
  [1, 0, 38, 24],
  [2, 0, 18, 31],
  [10, 2, 14, 30],
  [50, 0, 12, 15],
  [100, 10, 6, 14],
  [200, 0, 6, 12],
  [400, 0, 4, 12],
  [400, 30, 2, 20],
] as const;

/** What each framework runs, and the sum of its jobs' times in the paper: a quarter of the cluster, and all of it shared. */
const frameworks: readonly (readonly [role: string, title: string, statically: number, shared: number])[] = [
  ['facebook', 'Facebook mix', 7_235, 6_319],
  ['large', 'large Hadoop', 3_143, 1_494],
  ['spark', 'Spark', 1_684, 1_338],
  ['torque', 'Torque', 3_210, 3_352],
];

const tenants: readonly Tenant[] = [
  { role: 'facebook' },
  { role: 'large', resubmits: 9 },
  { role: 'spark', resubmits: 4, pauseMs: 120 * second },
  { role: 'torque', behaviour: 'gang' },
];

/** Four frameworks on 96 machines, shared or a quarter each (Hindman et al., NSDI 2011, §6.1, Tables 3-5). */
export function mesosMacro(seed: number): PaperResult {
  const shared = run(
    96,
    frameworks.map(([role]) => role),
    seed,
  );
  const quarters = frameworks.map(([role]) => run(24, [role], seed));
  return {
    name: 'mesos-macro',
    title: 'Four frameworks on 96 machines: how much sooner jobs are done than on a quarter each',
    source: 'Hindman et al., Mesos, NSDI 2011, §6.1, Tables 3-5',
    figures: frameworks.map((framework, at) => speedUp(framework, quarters[at], shared)),
    notes: [
      'How long tasks last is fitted to the times that the paper gives for a quarter of the cluster.',
      'Spark is 12 rounds of 110 tasks of 12 s; Torque starts each of its eight jobs of 24 tasks as a whole.',
      'Tasks start at no cost here, and jobs on a shared cluster do not slow each other: what the paper lost by that, in small' +
        ' jobs and with Torque, is not lost here.',
    ],
    results: [shared, ...quarters],
  };
}

function speedUp(
  [role, title, statically, together]: (typeof frameworks)[number],
  quarter: SimulationResult | undefined,
  shared: SimulationResult,
): PaperFigure {
  const time = (result: SimulationResult | undefined): number => {
    const mine = result?.policies[0]?.tenants.find((tenant) => tenant.role === role);
    return (mine?.completionMs.mean ?? 0) * (mine?.completionMs.count ?? 0);
  };
  return figure(
    `${title}: sooner by a factor of`,
    'times',
    Math.round((100 * statically) / together) / 100,
    time(quarter) / time(shared),
  );
}

function run(machines: number, roles: readonly string[], seed: number): SimulationResult {
  const workload: Workload = {
    name: roles.join(', '),
    tenants: tenants.filter(({ role }) => roles.includes(role)),
    jobs: (luck) => allJobs(luck).filter(({ role }) => roles.includes(role)),
  };
  const cluster = { ...uniformCluster(machines, 'cpus:4;mem:15360'), name: `${machines} machines` };
  return simulate({ cluster, workload, seed });
}

function allJobs(seed: number): readonly Job[] {
  const rounds = Array.from({ length: 12 }, (_, n): TaskGroup => ({ ...group(110, 12), afterOthers: n > 0 }));
  const torque = [261, 261, 822, 261, 261, 822, 261, 261].map((lasts, n): Job => ({
    id: `torque-${n}`,
    at: (50 + n * 180) * second,
    role: 'torque',
    groups: [group(24, lasts)],
  }));
  const jobs: Job[] = [
    ...facebookJobs(seed),
    { id: 'large', at: 0, role: 'large', groups: [group(2_400, 12)] },
    { id: 'spark', at: 0, role: 'spark', groups: rounds },
    ...torque,
  ];
  return jobs.sort((a, b) => a.at - b.at);
}

/** A hundred jobs in 25 minutes, in an order of luck. */
function facebookJobs(seed: number): readonly Job[] {
  const dice = new Dice(seed, 'mesos-macro');
  const all = facebook.flatMap(([maps, reduces, count, lasts], bin) =>
    Array.from({ length: count }, (_, n) => ({ id: `fb-${bin}-${n}`, maps, reduces, lasts, luck: dice.unit() })),
  );
  let at = 0;
  return all
    .sort((a, b) => a.luck - b.luck)
    .map(({ id, maps, reduces, lasts }): Job => {
      at += dice.exponential(14 * second);
      const reduce = reduces === 0 ? [] : [{ ...group(reduces, lasts), afterOthers: true }];
      return { id, at: Math.floor(at), role: 'facebook', groups: [group(maps, lasts), ...reduce] };
    });
}

function group(count: number, lastsSeconds: number): TaskGroup {
  return { count, resources: need, lasts: lastsSeconds * second };
}
