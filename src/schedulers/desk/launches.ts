import type { Bin } from '../common/bins.js';
import type { Placement } from '../common/plan.js';
import { setAttempt, type Attempt, type DeskStep } from './desk.js';

/** What a task is launched for, and where. */
export interface NewAttempt {
  /** What its id begins with; the number of the launch follows, so that no id is ever used twice. */
  readonly prefix: string;
  readonly owner: string;
  readonly slot: number;
  readonly bin: Bin;
  readonly placement: Placement;
}

/** Writes down that a task is launched. The state with it is saved before the master is told. */
export function writeDown(step: DeskStep, { prefix, owner, slot, bin, placement }: NewAttempt): Attempt {
  const launches = step.desk.launches + 1;
  step.desk = { ...step.desk, launches };
  const { agent, hostname, role } = bin;
  const attempt: Attempt = {
    id: `${prefix}.${launches}`,
    owner,
    slot,
    agent,
    hostname,
    role,
    launchedAt: step.at,
    state: 'staging',
    healthy: null,
    lostAt: null,
    ending: null,
    ports: placement.taken.ports,
    places: placement.places,
  };
  setAttempt(step, attempt);
  return attempt;
}
