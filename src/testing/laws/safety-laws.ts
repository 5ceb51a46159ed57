/** Laws of conduct that one bad step breaks. */
import type { Judge } from './minimize.js';
import { playedOutcome } from './outcomes.js';
import type { Played } from './played.js';
import type { Trial } from './trial.js';

/** Plays the history of a trial; the same one for the same trial. */
export type Play = (trial: Trial) => Played;

/** What the machine says of a grant that may not be. */
const badGrants: ReadonlySet<string> = new Set([
  'unknown-agent',
  'unknown-framework',
  'duplicate-grant',
  'bad-grant',
  'empty-grant',
  'grant-above-most',
]);

/** Grants are of what is free, to who may have it, once; and no rule of the machine is ever broken. */
export function noOverAllocation(play: Play): Judge {
  return (trial) => {
    const { driven, broken } = play(trial);
    const { failure } = driven;
    const what = broken ?? (failure !== undefined && badGrants.has(failure.code) ? refused(failure) : undefined);
    return what === undefined ? undefined : { ...playedOutcome(trial, driven), sentence: `${what}.` };
  };
}

/** No role, with what is below it, ever holds more than its limit; nor does the policy try to give it more. */
export function limits(play: Play): Judge {
  return (trial) => {
    const { driven, beyondLimit } = play(trial);
    const { failure } = driven;
    const isTried = failure?.code === 'grant-above-most' && trial.quotas.some(({ limits: some }) => some.some(isLimit));
    const what = beyondLimit ?? (isTried ? `With limits set, ${refused(failure)}` : undefined);
    return what === undefined ? undefined : { ...playedOutcome(trial, driven), sentence: `${what}.` };
  };
}

function isLimit(amount: number | null): boolean {
  return amount !== null;
}

/** Each run ends: it does not throw, ranks by numbers, and does not look at things for ever. */
export function termination(play: Play): Judge {
  return (trial) => {
    const { driven } = play(trial);
    const { failure } = driven;
    if (failure === undefined || badGrants.has(failure.code)) return undefined;
    return {
      ...playedOutcome(trial, driven),
      sentence: `A run failed and gave nothing (${failure.code}): ${failure.message}.`,
    };
  };
}

function refused({ code, message }: { readonly code: string; readonly message: string }): string {
  return `a run was refused (${code}): ${message}`;
}
