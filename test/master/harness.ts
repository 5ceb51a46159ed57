import {
  createMaster,
  type Master,
  type MasterError,
  type MasterOptions,
  type SubscribeOptions,
} from '../../src/master/index.js';
import type { Offer } from '../../src/cluster/index.js';
import type { Scheduler, SchedulerDriver, SubscriptionInfo } from '../../src/framework-api/index.js';
import type { Command, TaskStatus } from '../../src/tasks/index.js';
import { manualClock, memoryTransport, type ManualClock, type MemoryTransport } from '../../src/transport/index.js';

/** A master on a manual clock with a memory transport, and what went wrong with it. */
export interface Lab {
  readonly clock: ManualClock;
  readonly memory: MemoryTransport;
  readonly master: Master;
  readonly errors: MasterError[];
}

export function lab(options: MasterOptions = {}): Lab {
  const clock = manualClock();
  const memory = memoryTransport({ clock });
  const master = createMaster({ clock, transports: [memory], ...options });
  const errors: MasterError[] = [];
  master.on('error', (error) => errors.push(error));
  return { clock, memory, master, errors };
}

/** What a scheduler has heard, and its handle. */
export interface Party {
  readonly driver: SchedulerDriver;
  /** Names of handlers, in the order in which they were called. */
  readonly heard: string[];
  readonly offers: Offer[];
  readonly updates: TaskStatus[];
}

/** Subscribes a scheduler that notes what it hears; `also` says what it does beyond that. */
export function subscribe(
  master: Pick<Master, 'subscribe'>,
  info: SubscriptionInfo,
  also: Scheduler = {},
  options: SubscribeOptions = {},
): Party {
  const heard: string[] = [];
  const offers: Offer[] = [];
  const updates: TaskStatus[] = [];
  const scheduler: Scheduler = {
    subscribed: (...args) => (heard.push('subscribed'), also.subscribed?.(...args)),
    offers: (...args) => (heard.push('offers'), offers.push(...args[0]), also.offers?.(...args)),
    rescind: (...args) => (heard.push('rescind'), also.rescind?.(...args)),
    update: (...args) => (heard.push('update'), updates.push(args[0]), also.update?.(...args)),
    agentMessage: (...args) => (heard.push('agentMessage'), also.agentMessage?.(...args)),
    failure: (...args) => (heard.push('failure'), also.failure?.(...args)),
    rejected: (...args) => (heard.push(`rejected ${args[0].code}`), also.rejected?.(...args)),
    error: (...args) => (heard.push(`error ${args[0].code}`), also.error?.(...args)),
    disconnected: (...args) => (heard.push('disconnected'), also.disconnected?.(...args)),
  };
  return { driver: master.subscribe(info, scheduler, options), heard, offers, updates };
}

/** A scheduler that launches one task of these resources on each offer, until it has launched so many. */
export function launching(resources: string, tasks = 1): Scheduler {
  let launched = 0;
  return {
    offers(offers, driver) {
      for (const offer of offers) {
        if (launched >= tasks) driver.decline(offer);
        else {
          launched += 1;
          driver.launch(offer, { id: `t${launched}`, resources, payload: {} });
        }
      }
    },
  };
}

/** A port that keeps what it is given. */
export function keeping(): { sent: Command[]; send(command: Command): void } {
  const sent: Command[] = [];
  return { sent, send: (command) => void sent.push(command) };
}

/** What a function threw, as plain fields. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
