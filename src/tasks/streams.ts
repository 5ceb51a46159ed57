import type { Label } from './info.js';
import type { StatusReport } from './messages.js';
import { isTerminal, type TaskReason, type TaskSource, type TaskState } from './states.js';

/** One update of a task on its way to the framework. Times are milliseconds. */
export interface StreamUpdate {
  /** What the framework acknowledges (UPD-1). Unique within the stream. */
  readonly uuid: string;
  readonly state: TaskState;
  readonly source: TaskSource;
  readonly timestamp: number;
  readonly reason?: TaskReason;
  readonly message?: string;
  readonly executor?: string;
  readonly data?: string;
  readonly healthy?: boolean;
  readonly labels?: readonly Label[];
}

/** How long an update waits for its acknowledgement before it is sent again. */
export interface StreamConfig {
  /** Wait after the first sending, ms; doubles with each further one. */
  readonly firstMs: number;
  /** The wait does not grow beyond this, ms. */
  readonly maxMs: number;
}

/** 10 s, doubling up to 10 min (UPD-3). */
export const defaultStreamConfig: StreamConfig = Object.freeze({ firstMs: 10_000, maxMs: 600_000 });

/**
 * The updates of one task of one framework, first in first out, one in flight at a time (UPD-2). Plain data: a stream
 * that was written to disk goes on as if nothing had happened (UPD-8).
 */
export interface UpdateStream {
  /** Not acknowledged yet, oldest first; the first is in flight, or will be as soon as the way is free. */
  readonly pending: readonly StreamUpdate[];
  /** Uuids of the latest acknowledged updates, oldest first: what comes with one of them again is a duplicate (UPD-5). */
  readonly acknowledged: readonly string[];
  /** When the first is due again, ms; absent = it is not in flight, or there is none. */
  readonly resendAt?: number;
  /** The wait that ends at `resendAt`, ms. */
  readonly waitMs?: number;
}

/** The stream of a task that has said nothing yet. */
export const emptyStream: UpdateStream = { pending: [], acknowledged: [] };

/**
 * How many acknowledged uuids a stream remembers. An executor repeats only what its agent has not confirmed yet, so
 * what is older does not come again, and a task that refreshes its health for years does not grow.
 */
const remembered = 64;

/** What an operation on a stream gives: the stream after it, and the update to send now, if any. */
export interface StreamStep {
  readonly stream: UpdateStream;
  readonly send?: StreamUpdate;
}

/** The update in flight: the one that an acknowledgement must name (UPD-4). */
export function inFlight(stream: UpdateStream): StreamUpdate | undefined {
  return stream.pending[0];
}

/** Whether the stream has had an update with this uuid before (UPD-5). */
export function isDuplicate(stream: UpdateStream, uuid: string): boolean {
  return stream.acknowledged.includes(uuid) || stream.pending.some((update) => update.uuid === uuid);
}

/** When the stream wants to send again by itself, ms; `undefined` = never. */
export function nextResend(stream: UpdateStream): number | undefined {
  return stream.resendAt;
}

/**
 * Puts an update at the end. It is sent now when nothing is before it and the way is `open`. A duplicate changes
 * nothing (UPD-5).
 *
 * @param at now, ms.
 */
export function enqueue(
  stream: UpdateStream,
  update: StreamUpdate,
  { at, open, config = defaultStreamConfig }: { at: number; open: boolean; config?: StreamConfig },
): StreamStep {
  if (isDuplicate(stream, update.uuid)) return { stream };
  const longer: UpdateStream = { ...stream, pending: [...stream.pending, update] };
  return stream.pending.length === 0 && open ? sendFirst(longer, at, config) : { stream: longer };
}

/** What an acknowledgement did. `closed`: the task is over and so is its stream; what was still queued is dropped. */
export type Acknowledged = StreamStep & { readonly result: 'unexpected' | 'accepted' | 'closed' };

/**
 * Takes the framework's acknowledgement. It must name the update in flight; any other changes nothing (UPD-4). The next
 * one, if there is any, is sent now when the way is `open`.
 */
export function acknowledge(
  stream: UpdateStream,
  uuid: string,
  { at, open, config = defaultStreamConfig }: { at: number; open: boolean; config?: StreamConfig },
): Acknowledged {
  const [front, ...rest] = stream.pending;
  if (front === undefined || front.uuid !== uuid) return { result: 'unexpected', stream };
  const acknowledged = [...stream.acknowledged, uuid].slice(-remembered);
  if (isTerminal(front.state)) return { result: 'closed', stream: { pending: [], acknowledged } };
  const shorter: UpdateStream = { pending: rest, acknowledged };
  return { result: 'accepted', ...(open && rest.length > 0 ? sendFirst(shorter, at, config) : { stream: shorter }) };
}

/**
 * Sends the update in flight again if it is due, with the same uuid, and doubles the wait. After a long sleep it is sent
 * once, not once for every time that was missed.
 */
export function resend(stream: UpdateStream, at: number, config: StreamConfig = defaultStreamConfig): StreamStep {
  const [front] = stream.pending;
  const { resendAt, waitMs } = stream;
  if (front === undefined || resendAt === undefined || waitMs === undefined || resendAt > at) return { stream };
  const wait = Math.min(waitMs * 2, config.maxMs);
  const next = resendAt + wait > at ? resendAt + wait : at + wait;
  return { stream: { ...stream, resendAt: next, waitMs: wait }, send: front };
}

/** The way is closed: nothing is sent until `resume`. */
export function pause(stream: UpdateStream): UpdateStream {
  return stream.resendAt === undefined ? stream : { pending: stream.pending, acknowledged: stream.acknowledged };
}

/** The way is open again: what was in flight is sent at once and the waits begin anew (UPD-8). */
export function resume(stream: UpdateStream, at: number, config: StreamConfig = defaultStreamConfig): StreamStep {
  return stream.pending.length === 0 ? { stream } : sendFirst(stream, at, config);
}

function sendFirst(stream: UpdateStream, at: number, { firstMs }: StreamConfig): StreamStep {
  const [front] = stream.pending;
  if (front === undefined) return { stream };
  return { stream: { ...stream, resendAt: at + firstMs, waitMs: firstMs }, send: front };
}

/**
 * The report that carries `update` to the master. `latestState` is added when the agent knows more than the update
 * says, so that the task's resources need not wait for an acknowledgement (TASK-5, TASK-7).
 */
export function statusReport(
  of: { readonly agent: string; readonly framework: string; readonly task: string },
  update: StreamUpdate,
  latestState: TaskState = update.state,
): StatusReport {
  const { agent, framework, task } = of;
  return {
    type: 'status',
    agent,
    framework,
    task,
    ...update,
    ...(latestState !== update.state && { latestState }),
  };
}

/** The report that only says how the task stands while an older update is in flight; it is forwarded to nobody (TASK-7). */
export function latestStateReport(
  of: { readonly agent: string; readonly framework: string; readonly task: string },
  latestState: TaskState,
): StatusReport {
  const { agent, framework, task } = of;
  return { type: 'status', agent, framework, task, latestState };
}
