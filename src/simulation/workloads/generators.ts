/** Workloads that are made up: arrivals, sizes and durations by published figures. */
import { InputError } from '../../resources/index.js';
import { Dice } from '../luck.js';
import { mapReduce, teams, tenantOf } from '../traces/swim.js';
import type { Duration, Job, TaskGroup, Tenant, Workload } from './workload.js';

const second = 1_000;
const day = 86_400 * second;

/** Jobs of one kind, arriving by themselves. */
export interface JobStream {
  /** Part of their ids. */
  readonly name: string;
  /** How far apart they are submitted, ms, exponentially distributed unless `even`. */
  readonly every: number;
  readonly even?: boolean;
  /** How many tasks a job has. */
  readonly tasks: (dice: Dice) => number;
  readonly resources: (dice: Dice) => string;
  readonly lasts: Duration;
  /** Whose they are: dealt evenly. */
  readonly roles: readonly string[];
}

/** What the generator of streams is given. */
export interface StreamsOptions {
  readonly name: string;
  readonly streams: readonly JobStream[];
  /** When the last job may be submitted, ms. */
  readonly untilMs: number;
  readonly tenants?: readonly Tenant[];
}

/**
 * Several streams of jobs, merged by time.
 *
 * @throws InputError `bad-workload` for a stream whose jobs do not come one after the other, or nobody's
 * @example
 * streams({
 *   name: 'mixed',
 *   untilMs: 3_600_000,
 *   streams: [
 *     { name: 'batch', every: 10_000, tasks: (dice) => dice.whole(1, 50), resources: () => 'cpus:1;mem:2048', lasts: { mean: 60_000 }, roles: ['etl', 'ads'] },
 *     { name: 'web', every: 600_000, tasks: () => 3, resources: () => 'cpus:2;mem:4096', lasts: null, roles: ['web'] },
 *   ],
 * });
 * @remarks Since 0.1.0
 */
export function streams({ name, streams: all, untilMs, tenants = [] }: StreamsOptions): Workload {
  for (const [index, { every, roles }] of all.entries()) {
    if (!(every > 0 && every < Infinity)) refuse(`streams[${index}].every`, 'must be more than 0 ms');
    if (roles.length === 0) refuse(`streams[${index}].roles`, 'must name somebody');
  }
  if (!(untilMs > 0 && untilMs < Infinity)) refuse('untilMs', 'must be more than 0 ms');
  return { name, tenants, jobs: (seed) => merged(all.map((stream) => jobsOf(stream, seed, untilMs))) };
}

function refuse(path: string, what: string): never {
  throw new InputError('bad-workload', path, `${path} ${what}`);
}

function* jobsOf(stream: JobStream, seed: number, untilMs: number): Generator<Job, void, undefined> {
  const { name, every, even = false, roles, lasts } = stream;
  const dice = new Dice(seed, name);
  let at = 0;
  for (let n = 0; ; n += 1) {
    at += even ? every : dice.exponential(every);
    if (at > untilMs) return;
    const group: TaskGroup = {
      count: Math.max(1, Math.round(stream.tasks(dice))),
      resources: stream.resources(dice),
      lasts,
    };
    yield { id: `${name}-${n}`, at: Math.floor(at), role: roles[n % roles.length] ?? '', groups: [group] };
  }
}

function* merged(sources: readonly Iterator<Job>[]): Generator<Job, void, undefined> {
  const heads = sources.map((source) => ({ source, head: source.next() }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const one of heads) {
      if (one.head.done === true) continue;
      if (first === undefined || first.head.done === true || one.head.value.at < first.head.value.at) first = one;
    }
    if (first === undefined || first.head.done === true) return;
    yield first.head.value;
    first.head = first.source.next();
  }
}

/** Map tasks a job of Facebook's traces has, at blocks of 64 MiB: so many of a thousand jobs, from, to (SWIM, FB-2009). */
const facebookMaps: readonly (readonly [perMille: number, least: number, most: number])[] = [
  [859, 1, 1],
  [18, 2, 2],
  [39, 3, 20],
  [23, 21, 60],
  [14, 61, 150],
  [15, 151, 300],
  [7.5, 301, 500],
  [17.5, 501, 1_500],
  [7, 1_501, 3_000],
];

/** How the Facebook-shaped day is made. */
export interface FacebookOptions {
  /** Jobs a day. Default 5,900, as in the trace. */
  readonly jobs?: number;
  /** Default a day, ms. */
  readonly untilMs?: number;
  readonly tenants?: number;
}

/**
 * Jobs shaped as Facebook's of 2009: most have one map, a few have thousands; a quarter have reduces. Gaps between jobs are
 * burstier than exponential: with the median of the trace at 0.7 of that.
 *
 * @remarks Since 0.1.0
 */
export function facebookWorkload({ jobs = 5_900, untilMs = day, tenants = 5 }: FacebookOptions = {}): Workload {
  if (!(jobs > 0 && jobs < Infinity)) refuse('jobs', 'must be more than 0');
  if (!Number.isSafeInteger(tenants) || tenants < 1) refuse('tenants', 'must be a whole number from 1');
  return {
    name: `facebook, ${jobs} jobs a day`,
    tenants: teams(tenants),
    jobs: (seed) => facebookJobs(seed, { every: day / jobs, untilMs, tenants }),
  };
}

function* facebookJobs(
  seed: number,
  { every, untilMs, tenants }: { readonly every: number; readonly untilMs: number; readonly tenants: number },
): Generator<Job, void, undefined> {
  const dice = new Dice(seed, 'facebook');
  let at = 0;
  for (let n = 0; ; n += 1) {
    // A mixture of two exponentials: three quarters of the gaps are short. The mean is `every`.
    at += dice.exponential(dice.chance(0.75) ? every * 0.6 : every * 2.2);
    if (at > untilMs) return;
    const id = `job${n}`;
    const maps = facebookSize(dice);
    const reduces = dice.chance(0.245) ? Math.ceil(maps / 20) : 0;
    yield { id, at: Math.floor(at), role: tenantOf(id, tenants), groups: mapReduce(maps, reduces) };
  }
}

/** Within a class of sizes the small ones are commoner: evenly by the logarithm. */
function facebookSize(dice: Dice): number {
  let left = dice.unit() * 1_000;
  for (const [perMille, least, most] of facebookMaps) {
    left -= perMille;
    if (left < 0) return Math.round(least * (most / least) ** dice.unit());
  }
  return 1;
}

/**
 * The defaults of the Omega simulator (Schwarzkopf et al., EuroSys 2013): batch and service jobs with exponential gaps,
 * sizes and durations.
 */
export function omegaWorkload(untilMs: number = day): Workload {
  const size =
    (mean: number) =>
    (dice: Dice): number =>
      Math.ceil(dice.exponential(mean));
  return streams({
    name: 'omega',
    untilMs,
    tenants: [{ role: 'batch' }, { role: 'service' }],
    streams: [
      {
        name: 'batch',
        every: 10 * second,
        tasks: size(100),
        resources: () => 'cpus:1;mem:2048',
        lasts: { mean: 100 * second },
        roles: ['batch'],
      },
      {
        name: 'service',
        every: 20 * second,
        tasks: size(10),
        resources: () => 'cpus:1;mem:2048',
        lasts: { mean: 500 * second },
        roles: ['service'],
      },
    ],
  });
}

/** Services that stay beside batch jobs of several teams, on some hundred cpus: a first look at how tenants get along. */
export function mixedWorkload(untilMs: number = day / 4): Workload {
  return streams({
    name: 'mixed',
    untilMs,
    tenants: [
      { role: 'web', weight: 2, behaviour: 'long-running' },
      { role: 'etl' },
      { role: 'ads' },
      { role: 'research', behaviour: 'gang' },
    ],
    streams: [
      {
        name: 'service',
        every: 15 * 60 * second,
        tasks: (dice) => dice.whole(2, 8),
        resources: (dice) => dice.pick('cpus:1;mem:2048', 'cpus:2;mem:8192'),
        lasts: { mean: 3 * 3_600 * second },
        roles: ['web'],
      },
      {
        name: 'batch',
        every: 40 * second,
        tasks: (dice) => 1 + dice.exponential(20),
        resources: (dice) => dice.pick('cpus:1;mem:1024', 'cpus:1;mem:4096', 'cpus:0.5;mem:8192'),
        lasts: { median: 60 * second, spread: 0.8 },
        roles: ['etl', 'ads'],
      },
      {
        name: 'training',
        every: 10 * 60 * second,
        tasks: (dice) => dice.pick(8, 16, 32),
        resources: () => 'cpus:2;mem:4096',
        lasts: { mean: 15 * 60 * second },
        roles: ['research'],
      },
    ],
  });
}
