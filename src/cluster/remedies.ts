/**
 * What would have to change for a framework to be offered what it wants. Nothing here is guessed: each change is made on a
 * fork of the state, the next run is planned there, and the change is named only if the run then offers enough.
 */
import { drf } from '../drf/index.js';
import { roleQuota, roleWeight, type Policy } from '../offers/index.js';
import {
  amount,
  contains,
  formatMilli,
  limitOf,
  names,
  quantitiesFromScalarResources,
  resources as readResources,
  roleAncestors,
  type Limits,
  type Resources,
} from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { explain, type ExplainQuery } from './explain.js';
import type { Input } from './inputs.js';
import type { ClusterState } from './state.js';
import { transition } from './transition.js';

/** Something that would help. */
export interface Remedy {
  readonly kind:
    'resume' | 'unsuppress' | 'clear-filters' | 'reactivate' | 'raise-limit' | 'raise-weight' | 'add-agent';
  /** A sentence. */
  readonly text: string;
  /** What brings it about, to be given to `transition` or a master. */
  readonly inputs: readonly Input[];
}

/** Weights are tried up to so many times what they are. */
const mostTimes = 1_024;

/**
 * The changes of which each alone makes the next run offer the framework enough for `resources` on one agent, the smallest
 * first; none if it is offered enough already, or if no single change does.
 *
 * @throws InputError `bad-resources`
 * @example
 * remedies(state, { framework: 'm-0001', resources: 'cpus:3;mem:4096' }).map(({ text }) => text);
 */
export function remedies(
  state: ClusterState,
  query: ExplainQuery & Required<Pick<ExplainQuery, 'resources'>>,
  policy: Policy = drf,
): readonly Remedy[] {
  const wanted = readResources(query.resources);
  const places = (fork: ClusterState): boolean => isPlaced(fork, query, wanted, policy);
  if (!state.frameworks.has(query.framework) || places(state)) return [];
  const roles =
    query.role === undefined ? (state.allocator.frameworks.get(query.framework)?.roles ?? []) : [query.role];
  const found: Remedy[] = [];
  for (const trial of trials(state, query.framework, roles, wanted)) {
    const fork = made(state, trial.inputs, policy);
    if (fork !== undefined && places(fork)) found.push(trial);
  }
  for (const role of roles) {
    const raised = leastWeight(state, role, policy, places);
    if (raised !== undefined) found.push(raised);
  }
  return found;
}

function isPlaced(state: ClusterState, query: ExplainQuery, wanted: Resources, policy: Policy): boolean {
  const { resources: _, ...plain } = query;
  return explain(state, plain, policy).agents.some(
    ({ reason }) => reason.code === 'offered-now' && contains(reason.resources, wanted),
  );
}

/** The state after some inputs; `undefined` if it takes none of them. */
function made(state: ClusterState, inputs: readonly Input[], policy: Policy): ClusterState | undefined {
  try {
    return inputs.reduce((before, input) => transition(before, input, policy)[0], state);
  } catch {
    return undefined;
  }
}

function trials(
  state: ClusterState,
  framework: string,
  roles: readonly string[],
  wanted: Resources,
): readonly Remedy[] {
  const at = state.now;
  const all: Remedy[] = [];
  if (state.allocator.paused) {
    all.push({ kind: 'resume', text: 'Resume allocation.', inputs: [{ type: 'resume', at }] });
  }
  all.push(...calls(state, framework, roles));
  for (const agent of state.service.keys()) {
    const text = `Take agent ${quote(agent)} into service again.`;
    all.push({ kind: 'reactivate', text, inputs: [{ type: 'reactivate', at, agent }] });
  }
  for (const role of roles) all.push(...raisedLimits(state, role, wanted));
  all.push({
    kind: 'add-agent',
    text: `Add an agent with ${String(wanted)}.`,
    inputs: [{ type: 'register', at, agent: freshId(state), resources: wanted }],
  });
  return all;
}

/** What the framework itself can say. */
function calls(state: ClusterState, framework: string, roles: readonly string[]): readonly Remedy[] {
  const connection = state.frameworks.get(framework)?.connection;
  if (connection == null) return [];
  const call = { at: state.now, framework, connection, roles };
  return [
    { kind: 'unsuppress', text: 'The framework asks for offers again.', inputs: [{ type: 'unsuppress', ...call }] },
    {
      kind: 'clear-filters',
      text: 'The framework takes back what it refused.',
      inputs: [{ type: 'clear-filters', ...call }],
    },
  ];
}

/** Limits of a role and of those above it, raised by what is wanted: each alone, and all together. */
function raisedLimits(state: ClusterState, role: string, wanted: Resources): readonly Remedy[] {
  const limited = [role, ...roleAncestors(role)].filter((one) => state.allocator.quotas.has(one));
  const each = limited.flatMap((one) => {
    const raised = raisedLimit(state, one, wanted);
    return raised === undefined ? [] : [raised];
  });
  if (each.length < 2) return each;
  const texts = each.map(({ text }) => text).join(' ');
  return [...each, { kind: 'raise-limit', text: texts, inputs: each.flatMap(({ inputs }) => inputs) }];
}

function raisedLimit(state: ClusterState, role: string, wanted: Resources): Remedy | undefined {
  const { guarantees, limits } = roleQuota(state.allocator, role);
  const needed = quantitiesFromScalarResources(wanted);
  const more = raised(limits, (name) => amount(needed, name));
  if (more.length === 0) return undefined;
  const amounts = more.map(({ name, milli }) => [name, milli / 1_000] as const);
  const given = names(guarantees).map((name) => [name, amount(guarantees, name) / 1_000] as const);
  return {
    kind: 'raise-limit',
    text: `Raise the limit of role ${quote(role)} to ${more.map(({ name, milli }) => `${formatMilli(milli)} ${name}`).join(', ')}.`,
    inputs: [{ type: 'set-quota', at: state.now, force: true, quotas: [{ role, guarantees: given, limits: amounts }] }],
  };
}

/** Limits with more of what is needed; none if nothing that is needed is limited. */
function raised(limits: Limits, more: (name: string) => number): readonly { name: string; milli: number }[] {
  const all = limits.names.map((name) => ({ name, own: limitOf(limits, name) ?? 0 }));
  if (!all.some(({ name }) => more(name) > 0)) return [];
  return all.map(({ name, own }) => ({ name, milli: own + more(name) }));
}

/** The least multiple of a role's weight with which it comes early enough. */
function leastWeight(
  state: ClusterState,
  role: string,
  policy: Policy,
  places: (fork: ClusterState) => boolean,
): Remedy | undefined {
  const weight = roleWeight(state.allocator, role);
  for (let times = 2; times <= mostTimes; times *= 2) {
    const inputs: readonly Input[] = [{ type: 'set-weight', at: state.now, role, weight: weight * times }];
    const fork = made(state, inputs, policy);
    if (fork === undefined || !places(fork)) continue;
    const text = `Raise the weight of role ${quote(role)} from ${weight} to ${weight * times}.`;
    return { kind: 'raise-weight', text, inputs };
  }
  return undefined;
}

function freshId(state: ClusterState): string {
  let id = 'one-more';
  while (state.agents.has(id)) id += '-';
  return id;
}
