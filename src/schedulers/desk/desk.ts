/**
 * What every scheduler here has on its desk: its subscription, the offers in its hands, the tasks it has launched and
 * not seen the end of, and what it has told the master. Plain immutable data; the other files of this folder change it.
 */
import type { Offer, ResourceRequest } from '../../cluster/index.js';
import { Edit, Table } from '../../resources/index.js';
import type { TaskLike, TaskState } from '../../tasks/index.js';
import { luck } from '../common/back-off.js';
import type { Reconciliation, ReconcileTimes, TaskQuestion } from '../common/reconciliation.js';
import type { Places } from '../common/spread.js';

/** A task that was launched and that has not ended, as far as is known. Saved before it is launched. */
export interface Attempt {
  /** The id of the task; no other task of the framework ever had it. */
  readonly id: string;
  /** The job or app that it is for, and which of its parts. */
  readonly owner: string;
  readonly slot: number;
  readonly agent: string;
  readonly hostname: string;
  readonly role: string;
  readonly launchedAt: number;
  /** As last heard. */
  readonly state: TaskState;
  /** What its health check says; null = nothing yet. */
  readonly healthy: boolean | null;
  /** Since when nobody hears of it, ms; null = somebody does. */
  readonly lostAt: number | null;
  /** It was told to end; with the grace that it was given, ms, null = its own. */
  readonly ending: { readonly graceMs: number | null } | null;
  readonly ports: readonly number[];
  /** Where it is, as far as constraints ask. */
  readonly places: Places;
}

/** Where the subscription is. `wrong`: it stands for another framework than the one whose tasks are known. */
export type Standing = 'new' | 'subscribed' | 'disconnected' | 'ended' | 'wrong';

/** What ends with the process, or with the subscription. */
export interface Session {
  readonly standing: Standing;
  /** Not answered yet, in the order in which they came. */
  readonly offers: readonly Offer[];
  /** Whether the master was told to offer nothing; null = it was told neither. */
  readonly suppressed: boolean | null;
  /** Something was refused since the master last forgot what was. */
  readonly filtered: boolean;
  /** What was recorded as demand; null = nothing was said. */
  readonly demand: string | null;
  /** How many of each kind were waiting when that was last looked at. */
  readonly waiting: Table<number>;
  readonly reconciliation: Reconciliation | null;
}

/** The desk. */
export interface Desk {
  /** The latest time of an input, ms. */
  readonly now: number;
  readonly seed: number;
  /** The kept id; null = it has none yet. */
  readonly framework: string | null;
  /** Ids of tasks made so far. */
  readonly launches: number;
  /** Pieces of luck used so far. */
  readonly draws: number;
  /** Tasks given up while they may have lived on, so far. */
  readonly abandoned: number;
  /** By id. */
  readonly attempts: Table<Attempt>;
  readonly session: Session;
}

/** How a desk is kept. */
export interface DeskSettings {
  readonly role: string;
  /** How long what was not used stays hidden, ms, half as long to one and a half times as long. */
  readonly refuseMs: number;
  /** A task of which nobody hears is given up after this, ms. */
  readonly unreachableAfterMs: number;
  readonly reconcile: Required<ReconcileTimes>;
}

/** What a scheduler wants of its driver. */
export type DeskCall =
  | {
      readonly type: 'launch';
      readonly agent: string;
      readonly offers: readonly string[];
      readonly tasks: readonly TaskLike[];
      readonly refuseSeconds: number;
    }
  | { readonly type: 'decline'; readonly offers: readonly string[]; readonly refuseSeconds: number }
  | { readonly type: 'kill'; readonly task: string; readonly agent?: string; readonly graceMs?: number }
  | { readonly type: 'reconcile'; readonly tasks: readonly TaskQuestion[] }
  | { readonly type: 'request'; readonly requests: readonly ResourceRequest[] }
  | { readonly type: 'suppress' | 'revive' };

/** One transition under way, as far as the desk goes. */
export interface DeskStep {
  desk: Desk;
  readonly at: number;
  readonly edit: Edit;
  readonly settings: DeskSettings;
  readonly calls: DeskCall[];
}

const noSession: Session = {
  standing: 'new',
  offers: [],
  suppressed: null,
  filtered: false,
  demand: null,
  waiting: Table.empty(),
  reconciliation: null,
};

/** A desk with nothing on it. */
export function emptyDesk(seed: number): Desk {
  return {
    now: Number.MIN_SAFE_INTEGER,
    seed,
    framework: null,
    launches: 0,
    draws: 0,
    abandoned: 0,
    attempts: Table.empty(),
    session: noSession,
  };
}

/** Changes what ends with the process. */
export function setSession(step: DeskStep, changes: Partial<Session>): void {
  step.desk = { ...step.desk, session: { ...step.desk.session, ...changes } };
}

/** A fresh piece of luck, from 0 to below 1. */
export function draw(step: DeskStep): number {
  const draws = step.desk.draws + 1;
  step.desk = { ...step.desk, draws };
  return luck(step.desk.seed, draws);
}

/** How long to hide what is not used, in seconds; not the same twice, so that all does not come back at once. */
export function refuseSeconds(step: DeskStep): number {
  return (step.settings.refuseMs * (0.5 + draw(step))) / 1_000;
}

export function setAttempt(step: DeskStep, attempt: Attempt): void {
  step.desk = { ...step.desk, attempts: step.desk.attempts.set(attempt.id, attempt, step.edit) };
}

export function removeAttempt(step: DeskStep, id: string): void {
  step.desk = { ...step.desk, attempts: step.desk.attempts.remove(id, step.edit) };
}
