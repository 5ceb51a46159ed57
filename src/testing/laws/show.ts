/** A trial as a reader sees it, in text; and a cluster of a reader as a trial. */
import {
  format,
  formatMilli,
  isEmpty,
  quantities,
  resources,
  type Quantities,
  type ResourceInput,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';
import type { Outcome } from './names.js';
import { placed, totalsOf, type Trial, type TrialAgent } from './trial.js';

/** Amounts as text: `cpus:9;mem:18`. */
export function amountsText(kinds: readonly string[], amounts: readonly number[]): string {
  return kinds
    .flatMap((kind, i) => ((amounts[i] ?? 0) > 0 ? [`${kind}:${formatMilli(amounts[i] ?? 0)}`] : []))
    .join(';');
}

/** All that a machine has, as text. What is revocable is told as people read it: text cannot say it. */
export function agentText(kinds: readonly string[], { amounts, others }: TrialAgent): string {
  const more = others.map((other) => plainText(other) ?? resourcesText(resources([other])));
  return [amountsText(kinds, amounts), ...more].filter((part) => part !== '').join(';');
}

/** All that a machine has: as text, if text can say it. */
export function resourcesOf(kinds: readonly string[], agent: TrialAgent): ResourcesLike {
  const { amounts, others } = agent;
  if (others.every((other) => plainText(other) !== undefined)) return agentText(kinds, agent);
  return [...resources(amountsText(kinds, amounts)).items, ...others];
}

/** One item as text, if there is nothing more to say than its value, and the role that it is reserved to. */
function plainText({ name, value, role, ...rest }: ResourceInput): string | undefined {
  if (Object.keys(rest).length > 0 || typeof value === 'object') return undefined;
  return `${name}${role === undefined ? '' : `(${role})`}:${value}`;
}

/** Resources as text, `''` for none. */
export function resourcesText(bag: Resources): string {
  return isEmpty(bag) ? '' : format(bag).replaceAll('; ', ';');
}

/** The agents and frameworks of a trial. */
export function clusterOf(trial: Trial): Pick<Outcome, 'agents' | 'frameworks'> {
  const { kinds, agents } = trial;
  return {
    agents: agents.map((agent) => ({ id: agent.id, resources: agentText(kinds, agent) })),
    frameworks: placed(trial).map(({ name, role, weight, demand }) => ({
      name,
      role,
      weight,
      demand: amountsText(kinds, demand),
    })),
  };
}

/** By kind, as quantities. */
export function quantitiesOf(kinds: readonly string[], amounts: readonly number[]): Quantities {
  return quantities(kinds.map((kind, i) => [kind, (amounts[i] ?? 0) / 1_000] as const));
}

/** All there is. */
export function totalOf(trial: Trial): Quantities {
  return quantitiesOf(trial.kinds, totalsOf(trial));
}
