import type { Call, FrameworkInfo } from '../cluster/inputs.js';
import type { SchedulerEvent } from '../cluster/outputs.js';

/** A call as the driver writes it. The wire adds which connection it is; the master when it was heard. */
export type DriverCall = Call extends infer Each
  ? Each extends Call
    ? Omit<Each, 'at' | 'connection'>
    : never
  : never;

/** What a subscription says, and whose it is: with `framework` it takes over that framework (FW-3, FW-9). */
export interface SubscriptionInfo extends FrameworkInfo {
  readonly framework?: string;
}

/**
 * What carries calls one way and events the other, in order each way. The driver calls `onEvent`, `onClosed` and
 * `onOpen` once, when it is made.
 */
export interface SchedulerWire {
  /**
   * Called only while the wire is open. A throw or a rejection goes to `onError` and changes nothing, but for an
   * `InputError`: with the code `closed` the wire is lost and `onClosed` will say so, with any other the master can't read
   * the call. The driver answers the scheduler then.
   */
  send(call: DriverCall): void | Promise<void>;
  onEvent(listen: (event: SchedulerEvent) => void): void;
  /** The wire is lost, whoever ended it. */
  onClosed(listen: () => void): void;
  /** The wire is open again: the driver subscribes again, under the id it had. Absent = a wire is open once. */
  onOpen?(listen: () => void): void;
  /** The driver leaves. */
  close?(): void;
}

/** Who subscribes, and how its handlers are treated. */
export interface DriverOptions {
  /** What to subscribe with. */
  readonly info: SubscriptionInfo;
  /**
   * Who acknowledges updates: the driver, when `update` has returned or its promise has resolved; or the scheduler, by
   * `driver.acknowledge`. Default `implicit`.
   */
  readonly acknowledge?: 'implicit' | 'explicit';
  /** A handler threw or rejected, or the wire's `send` did. Absent = rethrown on a microtask. */
  readonly onError?: (error: unknown) => void;
  /** The time, ms, for statuses that the driver makes itself. Default: the system's. */
  readonly now?: () => number;
}
