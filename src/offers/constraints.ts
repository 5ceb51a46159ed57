/** Offer constraints: which agents a framework wants to be offered in a role (CONS-1 … 3). */
import {
  InputError,
  attribute,
  attributes as readAttributes,
  compareText,
  type AttributesLike,
} from '../resources/index.js';
import { fieldOf, quote } from '../resources/quote.js';
import { matchesWhole } from './regex/match.js';
import { compileRegex, type Program } from './regex/program.js';

/** What a constraint looks at: the first attribute of a name, or something that every agent could have. */
export type ConstraintSelector = { readonly attribute: string } | { readonly pseudo: 'hostname' | 'region' | 'zone' };

/**
 * What must be true of it. A regex matches the text as a whole; its syntax is RE2's, without look-around,
 * back-references, Unicode properties and `\C`.
 */
export type ConstraintPredicate =
  | { readonly type: 'exists' | 'not-exists' }
  | { readonly type: 'text-equals' | 'text-not-equals'; readonly value: string }
  | { readonly type: 'text-matches' | 'text-not-matches'; readonly regex: string };

/** One condition on an agent. */
export interface AttributeConstraint {
  readonly selector: ConstraintSelector;
  readonly predicate: ConstraintPredicate;
}

/** The condition of one role: one of the groups must hold, and in it every constraint. */
export interface RoleConstraints {
  readonly role: string;
  readonly groups: readonly (readonly AttributeConstraint[])[];
}

/**
 * The constraints of a framework, sorted by role; a role that is not there has none. Made by {@link offerConstraints}
 * only; plain frozen data.
 */
export type OfferConstraints = readonly RoleConstraints[];

/** What is known of an agent. One without a domain has neither region nor zone. */
export interface ConstrainedAgent {
  readonly attributes: AttributesLike;
  readonly hostname: string;
  readonly region?: string;
  readonly zone?: string;
}

/** No role is constrained. */
export const noConstraints: OfferConstraints = Object.freeze([]);

/**
 * Reads and checks constraints (CONS-1, CONS-3).
 *
 * @param raw - a list of {@link RoleConstraints}, each role once.
 * @param path - what to call the place in errors.
 * @throws InputError `bad-constraints` with the path of the field: no group, an empty group, no selector or both, an
 *   unknown predicate, a regex that is not valid, longer than 4,096 characters, or larger than 100 instructions: a
 *   character, a class, an assertion, a branch and a loop count 1, a capturing group 2, and what is repeated a number of
 *   times counts so often.
 * @example
 * offerConstraints([
 *   { role: 'web', groups: [[{ selector: { attribute: 'rack' }, predicate: { type: 'text-matches', regex: 'r[0-9]+' } }]] },
 * ]);
 */
export function offerConstraints(raw: unknown, path: string = 'offerConstraints'): OfferConstraints {
  const list = readList(raw, path, 'a list of roles with their constraints');
  const read = list.map((one, index) => readRole(one, `${path}[${index}]`));
  const roles = new Set<string>();
  for (const [index, { role }] of read.entries()) {
    if (roles.has(role)) refuse(`${path}[${index}].role`, `The role '${role}' is named twice`);
    roles.add(role);
  }
  return Object.freeze(read.sort((a, b) => compareText(a.role, b.role)));
}

/**
 * Whether an agent must not be offered in a role (CONS-2).
 *
 * What is missing neither exists nor equals nor matches. An attribute that is a number or ranges satisfies every
 * predicate about text: nothing is known of its text.
 *
 * @throws InputError `bad-attributes`
 * @example
 * excludes(constraints, 'web', { attributes: 'rack:r7', hostname: 'a1' }); // false
 */
export function excludes(constraints: OfferConstraints, role: string, agent: ConstrainedAgent): boolean {
  const own = constraints.find((one) => one.role === role);
  if (own === undefined) return false;
  return !own.groups.some((group) => group.every((constraint) => holds(constraint, agent)));
}

function holds({ selector, predicate }: AttributeConstraint, agent: ConstrainedAgent): boolean {
  const found = select(selector, agent);
  switch (predicate.type) {
    case 'exists':
      return found !== missing;
    case 'not-exists':
      return found === missing;
    case 'text-equals':
      return test(found, (text) => text === predicate.value);
    case 'text-not-equals':
      return !test(found, (text) => text === predicate.value, false);
    case 'text-matches':
      return test(found, (text) => matchesWhole(programOf(predicate), text));
    case 'text-not-matches':
      return !test(found, (text) => matchesWhole(programOf(predicate), text), false);
  }
  return predicate satisfies never;
}

const missing = Symbol('missing');
const noText = Symbol('no text');
type Found = string | typeof missing | typeof noText;

/** What a predicate about text says of what was found; `ofNoText` = of a number or ranges. */
function test(found: Found, ofText: (text: string) => boolean, ofNoText: boolean = true): boolean {
  if (found === missing) return false;
  return found === noText ? ofNoText : ofText(found);
}

function select(selector: ConstraintSelector, agent: ConstrainedAgent): Found {
  if ('pseudo' in selector) return agent[selector.pseudo] ?? missing;
  const value = attribute(readAttributes(agent.attributes), selector.attribute);
  if (value === undefined) return missing;
  return value.type === 'text' ? value.text : noText;
}

/** Programs of predicates that were met before. Constraints are saved as text: a program is made when it is needed. */
const programs = new WeakMap<object, Program>();

function programOf(predicate: { readonly regex: string }): Program {
  const known = programs.get(predicate);
  if (known !== undefined) return known;
  const program = compileRegex(predicate.regex, 'regex');
  programs.set(predicate, program);
  return program;
}

function readRole(raw: unknown, path: string): RoleConstraints {
  const { role, groups } = readObject(raw, path, ['role', 'groups']);
  if (typeof role !== 'string') refuse(`${path}.role`, 'The role must be text');
  const list = readList(groups, `${path}.groups`, 'a list of groups');
  if (list.length === 0) refuse(`${path}.groups`, `There is no group for role ${quote(role)}`);
  const read = list.map((group, index) => readGroup(group, `${path}.groups[${index}]`));
  return Object.freeze({ role, groups: Object.freeze(read) });
}

function readGroup(raw: unknown, path: string): readonly AttributeConstraint[] {
  const list = readList(raw, path, 'a list of constraints');
  if (list.length === 0) refuse(path, 'The group is empty');
  return Object.freeze(list.map((constraint, index) => readConstraint(constraint, `${path}[${index}]`)));
}

function readConstraint(raw: unknown, path: string): AttributeConstraint {
  const { selector, predicate } = readObject(raw, path, ['selector', 'predicate']);
  return Object.freeze({
    selector: readSelector(selector, `${path}.selector`),
    predicate: readPredicate(predicate, `${path}.predicate`),
  });
}

function readSelector(raw: unknown, path: string): ConstraintSelector {
  const { attribute: name, pseudo } = readObject(raw ?? {}, path, ['attribute', 'pseudo']);
  if ((name === undefined) === (pseudo === undefined))
    refuse(path, "Exactly one of 'attribute' and 'pseudo' must be set");
  if (typeof name === 'string') return Object.freeze({ attribute: name });
  if (name !== undefined) refuse(`${path}.attribute`, 'The name of an attribute must be text');
  if (pseudo === 'hostname' || pseudo === 'region' || pseudo === 'zone') return Object.freeze({ pseudo });
  return refuse(`${path}.pseudo`, 'What is selected must be one of hostname, region, zone');
}

function readPredicate(raw: unknown, path: string): ConstraintPredicate {
  const { type, value, regex } = readObject(raw ?? {}, path, ['type', 'value', 'regex']);
  switch (type) {
    case 'exists':
    case 'not-exists':
      return Object.freeze({ type });
    case 'text-equals':
    case 'text-not-equals':
      if (typeof value !== 'string') return refuse(`${path}.value`, 'The value must be text');
      return Object.freeze({ type, value });
    case 'text-matches':
    case 'text-not-matches': {
      if (typeof regex !== 'string') return refuse(`${path}.regex`, 'The regex must be text');
      const program = compileRegex(regex, `${path}.regex`);
      const predicate = Object.freeze({ type, regex });
      programs.set(predicate, program);
      return predicate;
    }
    default:
      return refuse(`${path}.type`, type === undefined ? 'The predicate is not set' : 'There is no such predicate');
  }
}

/** An object with no other fields than these. */
function readObject<Name extends string>(
  raw: unknown,
  path: string,
  names: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return refuse(path, 'This must be an object');
  const known: readonly string[] = names;
  const stranger = Object.keys(raw).find((name) => !known.includes(name));
  if (stranger !== undefined) refuse(fieldOf(path, stranger), 'There is no such field');
  // Only what the object itself has counts: a `__proto__` gives nobody fields.
  const own = names.flatMap((name) => (Object.hasOwn(raw, name) ? [[name, Reflect.get(raw, name) as unknown]] : []));
  return Object.fromEntries(own) as Partial<Record<Name, unknown>>;
}

function readList(raw: unknown, path: string, what: string): readonly unknown[] {
  return Array.isArray(raw) ? Array.from<unknown>(raw) : refuse(path, `This must be ${what}`);
}

function refuse(path: string, message: string): never {
  throw new InputError('bad-constraints', path, message);
}
