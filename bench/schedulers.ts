/** Frameworks that take what they can use of every offer, with agents that run what they are told. */
import type { Input, Offer } from '../src/cluster/index.js';
import { scalar } from '../src/resources/index.js';
import { connectionOf, offersIn, type Host } from './host.js';

/** Cpus, megabytes of memory and of disk. */
export interface TaskSize {
  readonly cpus: number;
  readonly mem: number;
  readonly disk?: number;
}

/** What a framework wants to run. */
export interface Appetite {
  readonly framework: string;
  readonly size: TaskSize;
  /** Most tasks that it takes of one offer. */
  readonly perOffer: number;
  /** Tasks in all. */
  readonly tasks: number;
}

/** How long an offer that is too small for a task is refused. */
const DAY_SECONDS = 86_400;
/** Rounds without a launch after which nobody will ever launch anything. */
const patience = 100;

/** A framework at work. */
interface Scheduler {
  readonly appetite: Appetite;
  readonly resources: string;
  launched: number;
}

/**
 * Allocates second by second until `tasks` tasks run and all that was said of them is acknowledged. A framework takes what
 * it can use of an offer and gives the rest back at once; what is too small for a task it refuses for a day; one that has
 * all its tasks wants no more offers.
 */
export function fillCluster(host: Host, appetites: readonly Appetite[], tasks: number): void {
  const schedulers = new Map(
    appetites.map((appetite) => [appetite.framework, { appetite, resources: text(appetite.size), launched: 0 }]),
  );
  let left = tasks;
  for (let idle = 0; left > 0; idle += 1) {
    if (idle > patience) throw new Error(`${left} tasks of ${tasks} found no place`);
    host.pass(1_000);
    for (const offer of offersIn(host.allocate())) {
      const scheduler = schedulers.get(offer.framework);
      const launched = scheduler === undefined ? 0 : answer(host, scheduler, offer);
      left -= launched;
      if (launched > 0) idle = 0;
    }
  }
}

/** Accepts or declines an offer; how many tasks run because of it. */
function answer(host: Host, scheduler: Scheduler, offer: Offer): number {
  const { appetite } = scheduler;
  const { framework } = appetite;
  const connection = connectionOf(framework);
  const missing = appetite.tasks - scheduler.launched;
  const wanted = Math.min(appetite.perOffer, missing, fitting(offer, appetite.size));
  if (wanted <= 0) {
    host.tell(host.decline(framework, [offer.id], missing <= 0 ? 0 : DAY_SECONDS));
    return 0;
  }
  const ids = Array.from({ length: wanted }, (_, n) => `${framework}.${scheduler.launched + n}`);
  const launches = ids.map((id) => ({ id, resources: scheduler.resources, command: { value: 'true' } }));
  host.tell({
    type: 'accept',
    at: host.now,
    framework,
    connection,
    offers: [offer.id],
    operations: [{ type: 'launch', tasks: launches }],
    refuseSeconds: 0,
  });
  for (const task of ids) for (const input of starts(host.now, offer, task)) host.tell(input);
  scheduler.launched += wanted;
  if (wanted === missing) host.tell({ type: 'suppress', at: host.now, framework, connection });
  return wanted;
}

/** The agent says that the task runs, and the framework that it has heard it. */
function starts(at: number, { agent, framework }: Offer, task: string): readonly Input[] {
  const uuid = `${task}.running`;
  return [
    { type: 'status', at, agent, framework, task, state: 'running', uuid },
    { type: 'acknowledge', at, framework, connection: connectionOf(framework), agent, task, uuid },
  ];
}

/** How many tasks an offer has room for; compared in whole thousandths. */
function fitting({ resources }: Offer, size: TaskSize): number {
  return Object.entries(size).reduce((least, [name, amount]) => {
    const free = Math.round((scalar(resources, name) ?? 0) * 1_000);
    return Math.min(least, Math.floor(free / Math.round(amount * 1_000)));
  }, Infinity);
}

function text(size: TaskSize): string {
  return Object.entries(size)
    .map(([name, amount]) => `${name}:${amount}`)
    .join(';');
}
