/**
 * Plans from seeds, in the manner of swarm testing (Groce et al., ISSTA 2012): each seed leaves out about half of all
 * faults, since one that happens all the time hides what others would show.
 */
import { Dice } from '../luck.js';
import { InputError } from '../../resources/index.js';
import { controlOf } from './draw-control.js';
import type { Direction, FaultEvent, FaultPlan, FrameworkPlan, Habits, PlanSize, Weather } from './plan.js';

const minute = 60_000;
const hour = 60 * minute;

const usualSize: PlanSize = { agents: 20, frameworks: 5, tasks: 200 };

/** What can be asked of a plan. */
export interface PlanOptions extends Partial<PlanSize> {
  /** How long things go wrong, ms. Default 20 minutes. */
  readonly faultyMs?: number;
}

/**
 * What a seed lets go wrong.
 *
 * @param seed any whole number
 * @param options how large the cluster is: 20 agents, 5 frameworks and 200 tasks unless said otherwise
 * @throws InputError `bad-number` for a seed or size that is not a whole number, or a size below 1
 * @example
 * const plan = faultPlan(7, { agents: 3, frameworks: 2, tasks: 10 });
 * const { failure } = await simulateFaults(plan);
 * @remarks Since 0.1.0
 */
export function faultPlan(seed: number, options: PlanOptions = {}): FaultPlan {
  const { faultyMs = 20 * minute, ...rest } = options;
  const size = { ...usualSize, ...rest };
  if (!Number.isSafeInteger(seed)) refuse('seed', seed);
  for (const [name, value] of Object.entries({ ...size, faultyMs })) {
    if (!Number.isSafeInteger(value) || value < 1) refuse(name, value);
  }
  const dice = new Dice(seed, 'plan');
  return {
    version: 1,
    seed,
    size,
    faultyMs,
    config: configOf(seed, dice),
    machines: machinesOf(dice),
    frameworks: Array.from({ length: size.frameworks }, (_, n) => frameworkOf(n, dice)),
    weather: weatherOf(new Dice(seed, 'weather')),
    habits: habitsOf(new Dice(seed, 'habits')),
    events: eventsOf(new Dice(seed, 'events'), size, faultyMs),
  };
}

function refuse(path: string, value: unknown): never {
  throw new InputError('bad-number', path, `'${path}' cannot be ${String(value)}`);
}

function configOf(seed: number, dice: Dice): FaultPlan['config'] {
  return {
    seed,
    agentOrder: dice.pick('random', 'best-fit', 'worst-fit'),
    offerTimeoutMs: dice.pick(20_000, minute, 5 * minute),
    unansweredFilterMs: dice.pick(5_000, null),
    maxMissedHeartbeats: dice.whole(2, 5),
    agentReregisterTimeoutMs: dice.pick(30_000, 2 * minute, 10 * minute),
    agentRemovalRateLimit: dice.pick(null, { agents: 1, perMs: 20_000 }),
    stallMs: dice.pick(5_000, null),
    maxOffersPerFramework: dice.pick(null, null, 3, 20),
    recoveryWaitMs: dice.pick(minute, null),
    maxCompletedTasks: dice.pick(5, 1_000),
    maxCompletedFrameworks: dice.pick(2, 50),
    maxUnreachableTasks: dice.pick(3, 1_000),
    maxUnreachableAgents: dice.pick(2, 100),
    nestedQuota: dice.chance(0.7),
    preemption: dice.pick(null, null, { margin: 0.1, patienceMs: 10_000, noticeMs: 5_000, graceMs: 5_000 }),
  };
}

function machinesOf(dice: Dice): readonly string[] {
  return dice.pick(
    ['cpus:16;mem:65536;disk:100000;ports:[31000-31999]'],
    ['cpus:8;mem:32768', 'cpus:32;mem:65536', 'cpus:16;mem:262144'],
    ['cpus:16;mem:65536', 'cpus:12;mem:32768;cpus(eng):4;mem(eng):16384', 'cpus:0.05;mem:16'],
  );
}

/** Names are tried that are something else to a careless program. */
const roleNames = ['eng', 'eng/web', 'eng/etl', 'ops', '__proto__', 'ops/night/backup', 'constructor'] as const;

function frameworkOf(n: number, dice: Dice): FrameworkPlan {
  const own = roleNames[n % roleNames.length] ?? 'eng';
  const other = dice.pick(...roleNames);
  return {
    roles: dice.chance(0.3) && other !== own ? [own, other] : [own],
    failoverTimeoutMs: dice.pick(0, 30_000, hour),
    checkpoint: dice.chance(0.5),
    partitionAware: dice.chance(0.6),
  };
}

function weatherOf(dice: Dice): Weather {
  return {
    drop: sometimes(dice, 0.05),
    duplicate: sometimes(dice, 0.1),
    delay: sometimes(dice, 0.3),
    delayMs: dice.pick(200, 3_000, 40_000),
    reorder: dice.chance(0.5),
  };
}

/** A rate up to `most`, or none at all. */
function sometimes(dice: Dice, most: number): number {
  const [is, rate] = [dice.chance(0.5), dice.unit()];
  return is ? most * rate * rate : 0;
}

function habitsOf(dice: Dice): Habits {
  return {
    ignoreOffer: sometimes(dice, 0.5),
    lateAnswer: sometimes(dice, 0.7),
    lateMs: dice.pick(2_000, 30_000, 6 * minute),
    doubleAccept: sometimes(dice, 0.5),
    mixedAccept: sometimes(dice, 0.3),
    badTask: sometimes(dice, 0.3),
    group: sometimes(dice, 0.6),
    reserve: sometimes(dice, 0.4),
    longDecline: sometimes(dice, 0.5),
    suppress: sometimes(dice, 1),
    forgetAcknowledgement: sometimes(dice, 0.4),
    kill: sometimes(dice, 0.3),
    reconcile: sometimes(dice, 0.1),
    failingTask: sometimes(dice, 0.5),
    endlessTask: sometimes(dice, 0.3),
    stubbornTask: sometimes(dice, 0.5),
    noisyTask: sometimes(dice, 0.3),
  };
}

/** How an event of a type is drawn. */
type Maker = (dice: Dice, size: PlanSize, at: number) => FaultEvent;

/** Each type of event: how many of it an hour brings at most, and how one is made. */
const makers: readonly (readonly [perHour: number, make: Maker])[] = [
  [40, (dice, { agents }, at) => ({ type: 'agent-crash', at, agent: below(dice, agents), forMs: away(dice) })],
  [40, (dice, { agents }, at) => ({ type: 'agent-restart', at, agent: below(dice, agents), forMs: away(dice) })],
  [40, (dice, { agents }, at) => ({ type: 'agent-silence', at, agent: below(dice, agents), forMs: away(dice) })],
  [6, (dice, { agents }, at) => ({ type: 'agent-gone', at, agent: below(dice, agents) })],
  [
    20,
    (dice, { frameworks }, at) => ({
      type: 'framework-crash',
      at,
      framework: below(dice, frameworks),
      forMs: away(dice),
      keepsId: dice.chance(0.8),
    }),
  ],
  [
    20,
    (dice, { frameworks }, at) => ({
      type: 'framework-hang',
      at,
      framework: below(dice, frameworks),
      forMs: away(dice),
      forgets: dice.chance(0.5),
    }),
  ],
  [10, (dice, { frameworks }, at) => ({ type: 'split-brain', at, framework: below(dice, frameworks) })],
  [
    10,
    (dice, _, at) => ({ type: 'mass-decline', at, forMs: away(dice), refuseSeconds: dice.pick(0, 5, 600, 31_536_000) }),
  ],
  [20, (dice, _, at) => ({ type: 'revive-storm', at, times: dice.whole(2, 20) })],
  [
    40,
    (dice, { agents }, at) => ({
      type: 'agent-partition',
      at,
      agent: below(dice, agents),
      ...cut(dice),
      forMs: away(dice),
    }),
  ],
  [
    20,
    (dice, { frameworks }, at) => ({
      type: 'framework-partition',
      at,
      framework: below(dice, frameworks),
      ...cut(dice),
      forMs: away(dice),
    }),
  ],
  [
    6,
    (dice, _, at) => ({
      type: 'wide-partition',
      at,
      side: dice.pick('agent', 'framework'),
      ...cut(dice),
      forMs: away(dice),
    }),
  ],
  [
    8,
    (dice, _, at) => ({
      type: 'master-restart',
      at,
      from: dice.pick('state', 'registry'),
      forMs: dice.pick(0, 500, 20_000),
    }),
  ],
  [10, (dice, _, at) => ({ type: 'master-sleep', at, forMs: dice.pick(700, 8_000, 5 * minute) })],
  [10, (dice, _, at) => ({ type: 'clock-jump', at, byMs: dice.pick(40, 3_000, 2 * minute, -50, -20_000) })],
  [60, (dice, size, at) => ({ type: 'control', at, control: controlOf(dice, size, at) })],
];

function eventsOf(dice: Dice, size: PlanSize, faultyMs: number): readonly FaultEvent[] {
  const events = makers.flatMap(([perHour, make]) => {
    const most = dice.chance(0.5) ? Math.ceil((perHour * faultyMs) / hour) : 0;
    return Array.from({ length: dice.whole(0, most) }, () =>
      make(dice, size, dice.whole(1_000, Math.max(1_000, faultyMs))),
    );
  });
  return events.sort((a, b) => a.at - b.at);
}

function below(dice: Dice, count: number): number {
  return dice.whole(0, count - 1);
}

function away(dice: Dice): number {
  return dice.pick(300, 5_000, 40_000, 3 * minute, 15 * minute);
}

function cut(dice: Dice): { direction: Direction; holds: boolean } {
  return { direction: dice.pick('out', 'in', 'both'), holds: dice.chance(0.4) };
}
