/** Offer constraints as the Mesos v1 API writes them in JSON, for everything that speaks v1. */
import type { RoleConstraints } from '../offers/index.js';
import { InputError } from '../resources/index.js';

/**
 * `role_constraints` of v1, `{ role: { groups: [{ attribute_constraints: [{ selector, predicate }] }] } }`, in our own
 * form. What it says is for {@link offerConstraints} to judge: a selector or predicate that is not set, or not known,
 * stays so.
 *
 * @throws InputError `bad-constraints` with the path of what has another shape
 * @example
 * v1OfferConstraints({
 *   web: {
 *     groups: [{
 *       attribute_constraints: [{ selector: { pseudoattribute_type: 'ZONE' }, predicate: { text_equals: { value: 'b' } } }],
 *     }],
 *   },
 * }); // [{ role: 'web', groups: [[{ selector: { pseudo: 'zone' }, predicate: { type: 'text-equals', value: 'b' } }]] }]
 */
export function v1OfferConstraints(
  roleConstraints: unknown,
  path: string = 'role_constraints',
): readonly RoleConstraints[] {
  const roles = entries(roleConstraints, path).map(([role, one]) => {
    const at = `${path}.${role}`;
    const groups = items(field(one, 'groups', at), `${at}.groups`).map((group, index) =>
      readGroup(group, `${at}.groups[${index}]`),
    );
    return { role, groups };
  });
  // Only the shape is known here: `offerConstraints` finds what is no selector or predicate.
  return roles as unknown as readonly RoleConstraints[];
}

function readGroup(group: unknown, path: string): readonly object[] {
  const at = `${path}.attribute_constraints`;
  return items(field(group, 'attribute_constraints', path), at).map((constraint, index) => ({
    selector: readSelector(field(constraint, 'selector', `${at}[${index}]`), `${at}[${index}].selector`),
    predicate: readPredicate(field(constraint, 'predicate', `${at}[${index}]`), `${at}[${index}].predicate`),
  }));
}

function readSelector(selector: unknown, path: string): object {
  const attribute = field(selector, 'attribute_name', path);
  const pseudo = field(selector, 'pseudoattribute_type', path);
  return {
    ...(attribute === undefined ? {} : { attribute }),
    ...(pseudo === undefined ? {} : { pseudo: typeof pseudo === 'string' ? pseudo.toLowerCase() : pseudo }),
  };
}

/** The name of the one field says which predicate it is. */
function readPredicate(predicate: unknown, path: string): object {
  const [first, second] = entries(predicate ?? {}, path);
  if (first === undefined) return {};
  const [type, content] = first;
  if (second !== undefined) throw bad(path, `Only one of '${type}' and '${second[0]}' may be set`);
  const value = field(content, 'value', `${path}.${type}`);
  const regex = field(content, 'regex', `${path}.${type}`);
  return {
    type: type.replaceAll('_', '-'),
    ...(value === undefined ? {} : { value }),
    ...(regex === undefined ? {} : { regex }),
  };
}

function field(holder: unknown, name: string, path: string): unknown {
  return entries(holder ?? {}, path).find(([key]) => key === name)?.[1];
}

function entries(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(path, 'This must be an object');
  return Object.entries(value);
}

/** An absent list is an empty one, as in a protobuf. */
function items(value: unknown, path: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(path, 'This must be a list');
  return value;
}

function bad(path: string, message: string): InputError {
  return new InputError('bad-constraints', path, message);
}
