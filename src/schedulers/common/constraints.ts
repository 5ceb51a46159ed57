/** Where a task may run, beside where there is room for it. */
import type { Offer } from '../../cluster/index.js';
import { oneOf, refuse, text, type Reader } from '../../cluster/shape.js';
import { attribute, formatValue } from '../../resources/index.js';
import { between, only } from './reading.js';

/** The attribute that every agent has: the name of its machine. */
export const hostname = '@hostname';

/**
 * A condition on the agent of a task. `attribute` names one of the agent's attributes, of which the first of a name
 * counts; `@hostname` is the name of its machine.
 *
 * - `unique`: no two of the same job or app where the attribute has the same value. Default: on one machine.
 * - `equals`: the attribute has this value.
 * - `like`: the attribute's value is like this pattern, where `*` stands for anything and `?` for one character.
 * - `spread`: where fewest of the same job or app run, counted by the values of the attribute. A wish, unless `maxSkew`
 *   bounds how many more may run at one value than at any other that was seen on offer.
 *
 * An agent without the attribute satisfies no condition on it, but for `spread` without `maxSkew`.
 */
export type Constraint =
  | { readonly type: 'unique'; readonly attribute?: string }
  | { readonly type: 'equals'; readonly attribute: string; readonly value: string }
  | { readonly type: 'like'; readonly attribute: string; readonly pattern: string }
  | { readonly type: 'spread'; readonly attribute: string; readonly maxSkew?: number };

const name: Reader<string> = (value, path) =>
  text(value, path) === '' ? refuse('empty-text', path, 'is empty') : text(value, path);

const kinds = {
  unique: only({ required: { type: text }, optional: { attribute: name } }),
  equals: only({ required: { type: text, attribute: name, value: text } }),
  like: only({ required: { type: text, attribute: name, pattern: text } }),
  spread: only({ required: { type: text, attribute: name }, optional: { maxSkew: between(1, 1e6) } }),
} as const;

/** Reads a constraint. */
export const readConstraint: Reader<Constraint> = (value, path) => {
  const { type } = oneType(value, path);
  return kinds[type](value, path) as Constraint;
};

function oneType(value: unknown, path: string): { readonly type: Constraint['type'] } {
  const found: unknown = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  return { type: oneOf(['unique', 'equals', 'like', 'spread'])(found, `${path}.type`) };
}

/** The value of an attribute where an offer is; `undefined` = there is none. */
export function placeOf(offer: Pick<Offer, 'hostname' | 'attributes'>, name: string): string | undefined {
  if (name === hostname) return offer.hostname;
  const value = attribute(offer.attributes, name);
  return value === undefined ? undefined : formatValue(value);
}

/** The attributes of which it must be known where the others of a job run. */
export function countedAttributes(constraints: readonly Constraint[]): readonly string[] {
  const counted = constraints.flatMap((each) =>
    each.type === 'unique' ? [each.attribute ?? hostname] : each.type === 'spread' ? [each.attribute] : [],
  );
  return [...new Set(counted)];
}
