import {
  parseInput,
  type Batch,
  type Call,
  type Control,
  type Input,
  type Link,
  type Report,
} from '../cluster/index.js';
import { InputError } from '../resources/index.js';

type Without<Value, Field extends string> = Value extends unknown ? Omit<Value, Field> : never;

/** A call as a host writes it: the master adds when it was heard. */
export type CallLike = Without<Call, 'at'>;
/** A report as a host writes it. */
export type ReportLike = Without<Report, 'at'>;
/** What an operator wants, as a host writes it. */
export type ControlLike = Without<Control, 'at'>;

/** That somebody went away, without when, and over which connection it was. */
export type LinkLike = Without<Link, 'at' | 'connection'>;

/** Who may say what: each door of the master is for one family, and transports bring all but what operators want. */
export type Family = 'call' | 'report' | 'link' | 'control';

type Plain = Exclude<Input, Batch>;

const families: Readonly<Record<Plain['type'], Family>> = {
  subscribe: 'call',
  'update-framework': 'call',
  teardown: 'call',
  accept: 'call',
  decline: 'call',
  revive: 'call',
  unsuppress: 'call',
  'clear-filters': 'call',
  suppress: 'call',
  request: 'call',
  kill: 'call',
  shutdown: 'call',
  acknowledge: 'call',
  reconcile: 'call',
  'acknowledge-operation': 'call',
  'reconcile-operations': 'call',
  'accept-inverse-offers': 'call',
  'decline-inverse-offers': 'call',
  'framework-message': 'call',
  register: 'report',
  reregister: 'report',
  unregister: 'report',
  'update-agent': 'report',
  status: 'report',
  'operation-status': 'report',
  'executor-exited': 'report',
  heartbeat: 'report',
  'agent-message': 'report',
  'framework-disconnected': 'link',
  'agent-disconnected': 'link',
  tick: 'control',
  allocate: 'control',
  'set-weight': 'control',
  'set-quota': 'control',
  'set-whitelist': 'control',
  reserve: 'control',
  unreserve: 'control',
  'create-volumes': 'control',
  'destroy-volumes': 'control',
  'grow-volume': 'control',
  'shrink-volume': 'control',
  'teardown-framework': 'control',
  'set-maintenance': 'control',
  'machine-down': 'control',
  'machine-up': 'control',
  drain: 'control',
  deactivate: 'control',
  reactivate: 'control',
  'mark-gone': 'control',
  'mark-unreachable': 'control',
  configure: 'control',
  pause: 'control',
  resume: 'control',
};

export function isCall(input: Plain): input is Call {
  return families[input.type] === 'call';
}

export function isReport(input: Plain): input is Report {
  return families[input.type] === 'report';
}

export function isLink(input: Plain): input is Link {
  return families[input.type] === 'link';
}

/** The inputs of a batch, or the one input. */
export function plainInputs(input: Input): readonly Plain[] {
  return input.type === 'batch' ? input.inputs : [input];
}

/**
 * Reads what came in through a door that is open for `allowed`.
 *
 * @throws InputError for a wrong shape (see `parseInput`); `not-allowed` for an input of another family.
 */
export function readInput(value: unknown, at: number, allowed: readonly Family[]): Input {
  const input = parseInput(value, at);
  for (const { type } of plainInputs(input)) {
    const family = families[type];
    if (!allowed.includes(family)) {
      throw new InputError(
        'not-allowed',
        'type',
        `A '${type}' is a ${family}; here is the way for a ${allowed.join(' or ')}`,
      );
    }
  }
  return input;
}
