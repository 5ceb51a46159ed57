/** What may be another way in a what-if, as text: `weight:ads=2`. */
import { InputError, limits, quantities, validateRole, type Limits, type Quantities } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';

/** Amounts by the names of resources; plain numbers. */
export type Amounts = Readonly<Record<string, number>>;

/** One change to a cluster. */
export type Change =
  | { readonly kind: 'weight'; readonly role: string; readonly weight: number }
  /** null = none. */
  | { readonly kind: 'guarantee' | 'limit'; readonly role: string; readonly amounts: Amounts | null }
  /** Without `resources`: of the commonest kind there. */
  | { readonly kind: 'add-agents'; readonly count: number; readonly resources?: string }
  /** So many of them, the last by id first; or one, by its id. What runs there is wanted elsewhere. */
  | { readonly kind: 'remove-agents'; readonly count: number }
  | { readonly kind: 'remove-agent'; readonly agent: string }
  /** By name; whoever reads the text knows which policies there are. */
  | { readonly kind: 'policy'; readonly policy: string };

/** What the text of a change looks like, for messages. */
export const changeForms: readonly string[] = [
  'weight:ROLE=2',
  'guarantee:ROLE=cpus:4;mem:1024',
  'limit:ROLE=cpus:8',
  'limit:ROLE=none',
  'agents:+5',
  'agents:+5=cpus:8;mem:4096',
  'agents:-2',
  'agents:-ID',
  'policy:NAME',
];

/**
 * Reads a change as a person writes it.
 *
 * @throws InputError `bad-change`, or what is wrong with a role or with amounts
 * @example parseChange('weight:ads=2'); // { kind: 'weight', role: 'ads', weight: 2 }
 * @remarks Since 0.1.0
 */
export function parseChange(text: string): Change {
  const colon = text.indexOf(':');
  const kind = text.slice(0, Math.max(0, colon));
  const rest = text.slice(colon + 1);
  switch (kind) {
    case 'weight': {
      const [role, value] = roleAnd(rest, text);
      const weight = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
      if (!(weight > 0 && weight < Infinity)) refuse(text, 'a weight must be a number above 0');
      return { kind, role, weight };
    }
    case 'guarantee':
    case 'limit': {
      const [role, value] = roleAnd(rest, text);
      if (value === 'none') return { kind, role, amounts: null };
      return { kind, role, amounts: amountsOf(kind === 'limit' ? limits(value) : quantities(value)) };
    }
    case 'agents':
      return agentsChange(rest, text);
    case 'policy':
      if (rest === '') refuse(text, 'it names no policy');
      return { kind, policy: rest };
    default:
      return refuse(text, `it must look like one of ${changeForms.join(', ')}`);
  }
}

/** A change as {@link parseChange} reads it. */
export function changeText(change: Change): string {
  switch (change.kind) {
    case 'weight':
      return `weight:${change.role}=${change.weight}`;
    case 'guarantee':
    case 'limit':
      return `${change.kind}:${change.role}=${change.amounts === null ? 'none' : textOf(change.amounts)}`;
    case 'add-agents':
      return `agents:+${change.count}${change.resources === undefined ? '' : `=${change.resources}`}`;
    case 'remove-agents':
      return `agents:-${change.count}`;
    case 'remove-agent':
      return `agents:-${change.agent}`;
    case 'policy':
      return `policy:${change.policy}`;
  }
}

function textOf(amounts: Amounts): string {
  return Object.entries(amounts)
    .map(([name, amount]) => `${name}:${amount}`)
    .join(';');
}

function roleAnd(rest: string, text: string): readonly [role: string, value: string] {
  const at = rest.indexOf('=');
  if (at < 1) refuse(text, 'it must name a role, and after = a value');
  const role = rest.slice(0, at);
  const problem = validateRole(role);
  if (problem !== undefined) throw new InputError(problem.code, 'change', problem.message);
  return [role, rest.slice(at + 1)];
}

function agentsChange(rest: string, text: string): Change {
  const [, sign, what = '', resources] = /^([+-])([^=]+)(?:=(.*))?$/.exec(rest) ?? [];
  if (sign === undefined) refuse(text, 'it must be agents:+N or agents:-N');
  const isCount = /^\d+$/.test(what);
  const count = Number(what);
  if (isCount && !(count >= 1 && count <= 200_000)) refuse(text, 'there must be from 1 to 200000 agents');
  if (sign === '-') {
    if (resources !== undefined) refuse(text, 'agents are removed by number or by id');
    return isCount ? { kind: 'remove-agents', count } : { kind: 'remove-agent', agent: what };
  }
  if (!isCount) refuse(text, 'agents are added by number');
  if (resources === undefined) return { kind: 'add-agents', count };
  quantities(resources);
  return { kind: 'add-agents', count, resources };
}

/** Amounts as plain numbers. */
export function amountsOf(amounts: Quantities | Limits): Amounts {
  return Object.fromEntries(amounts.names.map((name, at) => [name, (amounts.millis[at] ?? 0) / 1_000]));
}

function refuse(text: string, why: string): never {
  throw new InputError('bad-change', 'change', `The change ${quote(text)} cannot be understood: ${why}`);
}
