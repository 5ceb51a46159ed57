/**
 * What may become of an agent's description between two of its lives (AG-13). Tasks, offers and reservations were made
 * with the old one: a machine that comes back with less, or as another, is another agent.
 */
import {
  add,
  attributes as noted,
  attributesEqual,
  contains,
  equals,
  InputError,
  rangesContain,
  resources,
  subtract,
  type Attributes,
  type Problem,
  type ResourceItem,
  type Resources,
} from '../resources/index.js';
import { shown } from '../resources/quote.js';
import type { Domain } from '../tasks/index.js';
import { agentFromJSON } from './json.js';
import { emptyAgent, type AgentOptions, type AgentState } from './state.js';

/**
 * `equal`: hostname, address, resources, attributes and domain must be the same. `additive`: resources and attributes may
 * also be more, and an address or domain may be told that was not. What only concerns the agent itself is free.
 */
export type ReconfigurationPolicy = 'equal' | 'additive';

/**
 * An agent that was written down, with what it is configured to be now. What operations made of its resources stays:
 * reserved is reserved, volumes are volumes.
 *
 * @throws InputError `bad-state` and `unknown-version` as `agentFromJSON`, what `emptyAgent` throws for bad options, and
 *   `incompatible-agent` with the path of the option that the policy does not allow (AG-13).
 * @example
 * const agent = restoreAgent(saved, { id: 'a1', resources: 'cpus:8;mem:8192', seed: 1 }, 'additive');
 */
export function restoreAgent(
  json: unknown,
  options: AgentOptions,
  policy: ReconfigurationPolicy = 'equal',
): AgentState {
  const state = agentFromJSON(json);
  const problem = validateReconfiguration(state, options, policy);
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
  const { id, description } = emptyAgent(options);
  const more = subtract(configured(description.resources), configured(state.description.resources));
  return {
    ...state,
    ...(id !== undefined && { id }),
    description: { ...description, resources: add(state.description.resources, more) },
  };
}

/**
 * Whether an agent may go on under new options; the problem names the first that it may not have.
 *
 * @throws InputError what `emptyAgent` throws for options that are wrong in themselves; `bad-policy`
 */
export function validateReconfiguration(
  before: AgentState,
  options: AgentOptions,
  policy: ReconfigurationPolicy,
): Problem | undefined {
  if (policy !== 'equal' && policy !== 'additive') {
    throw new InputError('bad-policy', 'policy', 'The policy must be equal or additive');
  }
  const after = emptyAgent(options);
  const [old, now] = [before.description, after.description];
  const isMore = policy === 'additive';
  if (before.id !== undefined && after.id !== undefined && before.id !== after.id) {
    return refusal('id', before.id, after.id, policy);
  }
  const id = before.id ?? after.id;
  if ((old.hostname ?? id) !== (now.hostname ?? id)) {
    return refusal('hostname', old.hostname ?? id, now.hostname ?? id, policy);
  }
  if (old.ip !== now.ip && !(isMore && old.ip === undefined)) return refusal('ip', old.ip, now.ip, policy);
  const [had, has] = [configured(old.resources), configured(now.resources)];
  if (!(isMore ? contains(has, had) : equals(has, had))) return refusal('resources', had, has, policy);
  const [said, says] = [old.attributes ?? noted(''), now.attributes ?? noted('')];
  if (!attributesEqual(said, says) && !(isMore && extend(says, said))) {
    return refusal('attributes', said, says, policy);
  }
  if (isSameDomain(old.domain, now.domain) || (isMore && old.domain === undefined)) return undefined;
  return refusal('domain', domainText(old.domain), domainText(now.domain), policy);
}

/** What was configured, whatever was made of it since: no dynamic reservations, no volumes. */
function configured(total: Resources): Resources {
  return resources(total.items.map(configuredItem));
}

function configuredItem({ disk, shared: _, ...item }: ResourceItem): ResourceItem {
  const reservations = item.reservations.filter(({ type }) => type === 'static');
  return { ...item, reservations, ...(disk?.source !== undefined && { disk: { source: disk.source } }) };
}

/** Every attribute is still there; one of ranges may have more of them. */
function extend(whole: Attributes, part: Attributes): boolean {
  return part.items.every(({ name, value }) =>
    whole.items.some((other) => {
      if (other.name !== name || other.value.type !== value.type) return false;
      if (value.type === 'text') return other.value.type === 'text' && other.value.text === value.text;
      if (value.type === 'scalar') return other.value.type === 'scalar' && other.value.milli === value.milli;
      return value.type === 'ranges' && other.value.type === 'ranges' && rangesContain(other.value, value);
    }),
  );
}

function isSameDomain(a: Domain | undefined, b: Domain | undefined): boolean {
  return a?.region === b?.region && a?.zone === b?.zone;
}

function domainText(domain: Domain | undefined): string | undefined {
  return domain === undefined ? undefined : `${domain.region}, ${domain.zone}`;
}

function refusal(path: string, was: unknown, is: unknown, policy: ReconfigurationPolicy): Problem {
  const text = (value: unknown): string => (value === undefined ? 'not given' : shown(String(value)));
  const message = `The agent has the ${path} ${text(is)}, it had ${text(was)}; the policy ${policy} does not allow that`;
  return { code: 'incompatible-agent', path, message };
}
