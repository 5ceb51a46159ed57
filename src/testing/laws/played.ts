/** A history under a policy, and what laws of conduct see of it. */
import { stepViolation, type ClusterState } from '../../cluster/index.js';
import type { Policy } from '../../offers/index.js';
import { Driven, type Step } from '../drives/driven.js';
import { openingOf } from '../drives/opening.js';
import { enact } from '../histories/enact.js';
import type { Trial } from './trial.js';

/** What happened. */
export interface Played {
  readonly driven: Driven;
  /** The first rule of the machine that did not hold, in words. */
  readonly broken: string | undefined;
  /** The first limit that did not hold, in words. */
  readonly beyondLimit: string | undefined;
}

/** Plays the moves of a trial. A history in which a rule is broken is over. */
export function play(trial: Trial, policy: Policy): Played {
  const driven = new Driven(policy, { agents: trial.agents.length, users: trial.users.length });
  let broken: string | undefined;
  let beyondLimit: string | undefined;
  driven.look = (step) => {
    broken ??= brokenBy(step);
    beyondLimit ??= limitBrokenIn(trial, step.after);
  };
  for (const input of openingOf(trial)) driven.tell(input);
  for (const move of trial.moves) {
    if (broken !== undefined) break;
    enact(driven, trial, move);
  }
  driven.look = () => {};
  return { driven, broken, beyondLimit };
}

function brokenBy({ before, input, after, outputs }: Step): string | undefined {
  const violation = stepViolation(before, input, after, outputs);
  return violation && `after ${input.type}, ${violation.where}: ${violation.what} (${violation.rule})`;
}

/** What a role and those below it hold of what counts: neither reserved nor revocable. Added up here once more. */
export function heldBy(state: ClusterState, role: string, kind: string): number {
  let sum = 0;
  for (const { held } of state.allocator.agents.values()) {
    for (const { role: holder, resources } of held) {
      if (!isWithin(holder, role)) continue;
      for (const { name, value, reservations, revocable } of resources.items) {
        if (name === kind && value.type === 'scalar' && reservations.length === 0 && revocable !== true)
          sum += value.milli;
      }
    }
  }
  return sum;
}

/** What is reserved to a role and those below it, used or not: it counts as consumed (QUOTA-2). */
export function reservedTo(state: ClusterState, role: string, kind: string): number {
  let sum = 0;
  for (const { total } of state.allocator.agents.values()) {
    for (const { name, value, reservations } of total.items) {
      const owner = reservations.at(-1)?.role;
      if (name === kind && value.type === 'scalar' && owner !== undefined && isWithin(owner, role)) sum += value.milli;
    }
  }
  return sum;
}

function isWithin(role: string, top: string): boolean {
  return role === top || role.startsWith(`${top}/`);
}

function limitBrokenIn({ kinds, quotas }: Trial, state: ClusterState): string | undefined {
  for (const { role, limits } of quotas) {
    for (const [kind, limit] of limits.entries()) {
      const name = kinds[kind] ?? '';
      const held = limit === null ? 0 : heldBy(state, role, name);
      if (limit !== null && held > limit)
        return `${role} holds ${held / 1_000} ${name}, and its limit is ${limit / 1_000}`;
    }
  }
  return undefined;
}
