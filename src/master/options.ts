import { InputError } from '../resources/index.js';
import type { MasterOptions } from './master.js';

/**
 * What types say of the options, for hosts without them: a mistake here would come to light much later.
 *
 * @throws InputError `bad-options`
 */
export function checkOptions({ transports = [], clock, policy, record }: MasterOptions): void {
  demand('transports', Array.isArray(transports), 'a list of transports');
  demand('clock', clock === undefined || (isFunction(clock.now) && isFunction(clock.wake)), 'a clock');
  demand('record', record === undefined || isFunction(record), 'a function');
  demand('policy', policy === undefined || isPolicy(policy), "a name with 'rank' or 'allocate'");
}

function isPolicy(policy: unknown): boolean {
  if (typeof policy !== 'object' || policy === null || !('name' in policy) || typeof policy.name !== 'string')
    return false;
  return ('rank' in policy && isFunction(policy.rank)) || ('allocate' in policy && isFunction(policy.allocate));
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function demand(option: string, holds: boolean, what: string): void {
  if (!holds) throw new InputError('bad-options', option, `The option '${option}' must be ${what}`);
}
