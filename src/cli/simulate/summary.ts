/** What came of simulations, for a terminal. */
import type { Fates, PolicyResult, SimulationResult, TenantResult } from '../../simulation/index.js';
import { plain } from '../cluster/text.js';
import { amount, columns, percent, time, whole } from './words.js';

/** More tenants than this are only counted: those with the most tasks are shown. */
const shownTenants = 30;

/** The whole summary: what was simulated, how policies compare, how tenants fared under each. */
export function summaryOf(result: SimulationResult): string {
  const lines = [
    ...headOf(result),
    '',
    ...columns([['', ...result.policies.map(({ policy }) => plain(policy))], ...comparison(result)]),
    ...result.policies.flatMap((policy) => ['', ...tenantsOf(policy)]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function headOf({ cluster, workload, seed, policies }: SimulationResult): readonly string[] {
  const total = Object.entries(cluster.total).map(([name, value]) => `${plain(name)} ${amount(value)}${unitOf(name)}`);
  const [first] = policies;
  const size = first === undefined ? '' : `: ${whole(first.jobs)} jobs of ${whole(first.tasks)} tasks`;
  return [
    `Cluster ${plain(cluster.name)}: ${whole(cluster.agents)} agents with ${total.join(', ')}`,
    `Workload ${plain(workload)}${size}; seed ${seed}`,
  ];
}

/** Of memory and disk there are MiB; all else is counted. */
function unitOf(resource: string): string {
  return resource === 'mem' || resource === 'disk' ? ' MiB' : '';
}

/** One line a figure. */
function comparison({ policies }: SimulationResult): readonly (readonly string[])[] {
  const line = (title: string, of: (policy: PolicyResult) => string): readonly string[] => [title, ...policies.map(of)];
  const kinds = policies[0]?.utilisation ?? [];
  return [
    line('virtual time', ({ simulatedMs }) => time(simulatedMs)),
    line('jobs ended', ({ jobsEnded }) => whole(jobsEnded)),
    line('tasks started', ({ started }) => whole(started)),
    line('  still waiting', ({ waiting }) => whole(waiting)),
    ...[givenUp, unplaceable].flatMap(({ title, of }) =>
      policies.some((policy) => of(policy) > 0) ? [line(title, (policy) => whole(of(policy)))] : [],
    ),
    ...(['p50', 'p95', 'p99'] as const).map((part) =>
      line(`task waited, ${part}`, ({ waitedMs }) => timeOf(waitedMs.count, waitedMs[part])),
    ),
    ...(['p50', 'p95', 'p99'] as const).map((part) =>
      line(`job took, ${part}`, ({ completionMs }) => timeOf(completionMs.count, completionMs[part])),
    ),
    ...kinds.map(({ resource }, at) =>
      line(`${plain(resource)} in use`, ({ utilisation }) => percent(utilisation[at]?.mean ?? 0)),
    ),
    ...kinds.map(({ resource }, at) =>
      line(`${plain(resource)} free, of no use`, ({ utilisation }) => percent(utilisation[at]?.stranded ?? 0)),
    ),
    line('Jain index of shares', ({ jain }) => jain.toFixed(3)),
    line('offers', ({ offers }) => whole(offers.made)),
    line('  declined', ({ offers }) => whole(offers.declined)),
    line('  taken back', ({ offers }) => whole(offers.takenBack)),
    line('preemptions', ({ preemptions }) => whole(preemptions)),
  ];
}

const givenUp = { title: '  given up', of: (fates: Fates): number => fates.givenUp };
const unplaceable = { title: '  fit no machine', of: (fates: Fates): number => fates.unplaceable ?? 0 };

/** A time of something that was met so often. */
function timeOf(count: number, ms: number): string {
  return count === 0 ? '-' : time(ms);
}

const titles = [
  ...['weight', 'behaviour', 'tasks', 'waiting', 'share'],
  ...['waited p50', 'p95', 'p99', 'took p50', 'p95', 'p99', 'declined'],
];

function tenantsOf({ policy, tenants }: PolicyResult): readonly string[] {
  const shown =
    tenants.length <= shownTenants ? tenants : tenants.toSorted((a, b) => b.tasks - a.tasks).slice(0, shownTenants);
  const rows = shown.map(cellsOf);
  const more = tenants.length - shown.length;
  return [...columns([[plain(policy), ...titles], ...rows]), ...(more > 0 ? [`… and ${more} more tenants`] : [])];
}

function cellsOf(tenant: TenantResult): readonly string[] {
  const { role, weight, behaviour, tasks, waiting, meanShare, waitedMs, completionMs, declined } = tenant;
  return [
    plain(role),
    amount(weight),
    behaviour,
    whole(tasks),
    whole(waiting),
    percent(meanShare),
    ...[waitedMs, completionMs].flatMap(({ count, p50, p95, p99 }) => [p50, p95, p99].map((ms) => timeOf(count, ms))),
    whole(declined),
  ];
}
