/** What the machine remembers of preemption: who lacks something, and for whom what is being taken. */
import { Table, type Resources } from '../../resources/index.js';
import type { TaskRef } from '../state.js';

/**
 * Room that is being made on one agent for one framework. Nothing of the agent is offered to anybody until the claim is
 * met, or given up.
 */
export interface Claim {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
  /** What the framework asked for, and is offered as soon as it is free. */
  readonly resources: Resources;
  /** `asking`: frameworks were asked to leave by then. `ending`: what may be ended is being ended. */
  readonly stage: 'asking' | 'ending';
  /** When the stage is over, in awake time. */
  readonly until: number;
  /** Tasks that are ended when those who were asked have not ended them. */
  readonly victims: readonly TaskRef[];
}

/** The next look at who lacks what. */
export interface Review {
  readonly at: number;
  /** Token of its deadline. */
  readonly watch: number;
}

/** Everything that is remembered; without preemption it stays {@link noPreemption}. */
export interface PreemptionState {
  /** null = nothing to look at until something changes. */
  readonly review: Review | null;
  /** By role: since when it lacks what it is entitled to, in awake time. */
  readonly lacking: Table<number>;
  /** By agent. */
  readonly claims: Table<Claim>;
  /** By framework: how many claims were made for it since it last said what it asks for. */
  readonly spent: Table<number>;
}

/** Nobody lacks anything, nothing is taken. */
export const noPreemption: PreemptionState = Object.freeze({
  review: null,
  lacking: Table.empty<number>(),
  claims: Table.empty<Claim>(),
  spent: Table.empty<number>(),
});
