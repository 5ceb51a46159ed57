import {
  add,
  allocatableTo,
  allocate,
  allocatedTo,
  apply,
  contains,
  count,
  equals,
  find,
  format,
  formatValue,
  holds,
  isEmpty,
  limits,
  type LimitsLike,
  named,
  nonRevocable,
  nonShared,
  noResources,
  overlaps,
  parseRanges,
  parseWithDefaultRole,
  persistentVolumes,
  type Problem,
  problemIn,
  pushReservation,
  quantities,
  type QuantitiesLike,
  type Range,
  ranges,
  type ReservationInput,
  reservationAncestor,
  reservationRoles,
  reserved,
  type ResourceInput,
  resourceNames,
  type ResourceOperation,
  Resources,
  resources,
  type ResourcesLike,
  revocable,
  scalar,
  set,
  shared,
  shrinkToLimits,
  shrinkToQuantities,
  size,
  stripped,
  subtract,
  toMilli,
  toUnreserved,
  types,
  unallocate,
  unreserved,
  validateForUse,
  validateItem,
} from '../../resources/index.js';
import type { ScenarioFailure } from './failure.js';
import { attempt, isError, sameJson } from './values.js';

/** The values of `@names`. */
type Vars = ReadonlyMap<string, Resources>;
type Fields = Readonly<Record<string, unknown>>;
/** What a check expects, and what it found instead. */
interface Difference {
  readonly expected: unknown;
  readonly actual: unknown;
}
/** What is wrong with a check; `undefined` if it holds. */
type Finding = Difference | undefined;

/** Something in the case that this translator does not know: always a failure. */
class UnknownPart extends Error {}

const caseFields = ['id', 'source', 'tags', 'note', 'vars', 'checks'];

/** Runs one case of suite `resources`; every difference, and everything that is not known, is a failure. */
export function runResourcesCase(c: unknown): readonly ScenarioFailure[] {
  const fields = c as Fields;
  const unknown = Object.keys(fields).filter((key) => !caseFields.includes(key));
  if (unknown.length > 0) return [{ step: 'case', expected: 'known fields', actual: unknown }];
  const vars = new Map<string, Resources>();
  for (const [name, expr] of Object.entries((fields['vars'] ?? {}) as Fields)) {
    const value = attempt(() => valueOf(expr, vars));
    if (!(value instanceof Resources)) return [{ step: `vars.${name}`, expected: expr, actual: value }];
    vars.set(name, value);
  }
  const checks = fields['checks'];
  if (!Array.isArray(checks)) return [{ step: 'case', expected: 'checks', actual: checks }];
  return checks.flatMap((check: unknown, i) =>
    runCheck(check as Fields, vars).map((failure) => ({ ...failure, step: i })),
  );
}

function runCheck(check: Fields, vars: Vars): Difference[] {
  const kinds = Object.entries(check);
  if (kinds.length === 0) return [{ expected: 'a check', actual: check }];
  return kinds.flatMap(([kind, args]): Difference[] => {
    const run = checkers.get(kind);
    if (run === undefined) return [{ expected: 'a known check', actual: kind }];
    const outcome = attempt(() => run(args, vars));
    if (outcome === undefined) return [];
    return ['error' in outcome ? { expected: { [kind]: args }, actual: outcome } : outcome];
  });
}

/** The value of an expression, or `undefined` where an operation found nothing. */
function evaluate(expr: unknown, vars: Vars): Resources | undefined {
  if (typeof expr === 'string' && expr.startsWith('@')) return variable(expr.slice(1), vars);
  if (!Array.isArray(expr)) return resources(expr as ResourcesLike);
  const [head, ...args] = expr as readonly unknown[];
  if (head === '+' || head === '-') {
    if (args.length !== 2) throw new UnknownPart(`${head} of ${args.length} operands`);
    return (head === '+' ? add : subtract)(valueOf(args[0], vars), valueOf(args[1], vars));
  }
  if (typeof head === 'string' && head.startsWith(':')) return operate(head, args, vars);
  return expr.map((element: unknown) => valueOf(element, vars)).reduce(add, noResources);
}

function variable(name: string, vars: Vars): Resources {
  const value = vars.get(name);
  if (value === undefined) throw new UnknownPart(`unknown variable @${name}`);
  return value;
}

/** The value of an expression that must have one. */
function valueOf(expr: unknown, vars: Vars): Resources {
  const value = evaluate(expr, vars);
  if (value === undefined) throw new UnknownPart('the expression found nothing');
  return value;
}

function operate(head: string, args: readonly unknown[], vars: Vars): Resources | undefined {
  if (head === ':parseWithDefaultRole') return parseWithDefaultRole(args[0] as string, args[1] as string);
  const operation = operations.get(head);
  if (operation === undefined) throw new UnknownPart(`unknown operation ${head}`);
  if (args.length > 2) throw new UnknownPart(`${head} of ${args.length} operands`);
  return operation(valueOf(args[0], vars), args[1], vars);
}

const operations: ReadonlyMap<string, (x: Resources, arg: unknown, vars: Vars) => Resources | undefined> = new Map<
  string,
  (x: Resources, arg: unknown, vars: Vars) => Resources | undefined
>([
  [':reserved', (x, role) => reserved(x, role as string | undefined)],
  [':unreserved', (x) => unreserved(x)],
  [':allocatableTo', (x, role) => allocatableTo(x, role as string)],
  [':toUnreserved', (x) => toUnreserved(x)],
  [':find', (x, targets, vars) => find(x, valueOf(targets, vars))],
  [':shrinkToQuantities', (x, most) => shrinkToQuantities(x, quantities(most as QuantitiesLike))],
  [':shrinkToLimits', (x, most) => shrinkToLimits(x, limits(most as LimitsLike))],
  [':named', (x, name) => named(x, name as string)],
  [':persistentVolumes', (x) => persistentVolumes(x)],
  [':apply', (x, operation, vars) => apply(x, operationOf(operation as Fields, vars))],
  [':stripped', (x) => stripped(x)],
  [':allocate', (x, role) => allocate(x, role as string)],
  [':unallocate', (x) => unallocate(x)],
  [':allocatedTo', (x, role) => allocatedTo(x, role as string)],
  [':revocable', (x) => revocable(x)],
  [':nonRevocable', (x) => nonRevocable(x)],
  [':shared', (x) => shared(x)],
  [':nonShared', (x) => nonShared(x)],
  [':pushReservation', (x, reservation) => pushReservation(x, reservation as ReservationInput)],
  [':reservationAncestor', (x, other, vars) => reservationAncestor(x, valueOf(other, vars))],
]);

const operationFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['reserve', ['resources', 'source']],
  ['unreserve', ['resources']],
  ['create', ['volumes']],
  ['destroy', ['volumes']],
  ['grow-volume', ['volume', 'addition']],
  ['shrink-volume', ['volume', 'subtract']],
]);

/** An operation as the library takes it: its type in kebab-case, its resources read. */
function operationOf(json: Fields, vars: Vars): ResourceOperation {
  const type = String(json['type']).toLowerCase().replaceAll('_', '-');
  const known = operationFields.get(type);
  if (known === undefined) throw new UnknownPart(`unknown operation type ${String(json['type'])}`);
  const operation: Record<string, unknown> = { type };
  for (const [key, value] of Object.entries(json)) {
    if (key === 'type') continue;
    if (!known.includes(key)) throw new UnknownPart(`unknown field ${key} of ${type}`);
    operation[key] = key === 'subtract' ? value : valueOf(value, vars);
  }
  return operation as unknown as ResourceOperation;
}

type Checker = (args: unknown, vars: Vars) => Finding;

function finding(holdsTrue: boolean, expected: unknown, actual: unknown): Finding {
  return holdsTrue ? undefined : { expected, actual };
}

/** A check on two expressions. */
function onPair(name: string, test: (a: Resources, b: Resources) => boolean): Checker {
  return (args, vars) => {
    const [a, b] = (args as readonly unknown[]).map((expr) => valueOf(expr, vars));
    if (a === undefined || b === undefined) throw new UnknownPart(`${name} needs two operands`);
    return finding(test(a, b), `${name} ${format(b)}`, format(a));
  };
}

/** A check on one expression. */
function onOne(name: string, test: (a: Resources) => boolean): Checker {
  return (args, vars) => {
    const a = valueOf(args, vars);
    return finding(test(a), name, format(a));
  };
}

/** A check `[expression, …parameters, expected]` of something read from the resources, as JSON. */
function onReading(
  read: (a: Resources, parameter: unknown, vars: Vars) => unknown,
  expectation: (expected: unknown) => unknown = (expected) => expected,
): Checker {
  return (args, vars) => {
    const list = args as readonly unknown[];
    const expected = expectation(list[list.length - 1]);
    const actual = read(valueOf(list[0], vars), list[1], vars);
    return finding(sameJson(expected, actual), expected, actual);
  };
}

/** A check that reading something is refused. */
function onRefusal(run: (args: unknown, vars: Vars) => unknown): Checker {
  return (args, vars) => {
    const result = attempt(() => run(args, vars));
    if (isError(result)) return undefined;
    return { expected: 'error', actual: result instanceof Resources ? format(result) : result };
  };
}

function sorted(list: unknown): unknown {
  return Array.isArray(list) ? list.toSorted() : list;
}

function rangesText(list: readonly Range[] | undefined): string | null {
  return list === undefined ? null : formatValue({ type: 'ranges', ranges: list });
}

/** The printed items in some order: order never matters in this format. */
function printed(text: unknown): unknown {
  return sorted(String(text).split('; '));
}

function itemOf(expr: unknown, vars: Vars): Resources['items'][number] {
  const [item] = valueOf(expr, vars).items;
  if (item === undefined) throw new UnknownPart('expected an item that is not empty');
  return item;
}

/** What is wrong with an item as it is written; a text or a list is valid if all that it says is. */
function itemProblem(written: unknown, vars: Vars): Problem | undefined {
  const isItem = typeof written !== 'string' && !Array.isArray(written);
  return isItem ? validateItem(written as ResourceInput) : problemIn(() => valueOf(written, vars));
}

/** The same for its use in an operation or a task. A variable has been read already. */
function useProblem(written: unknown, vars: Vars): Problem | undefined {
  const isVariable = typeof written === 'string' && written.startsWith('@');
  return validateForUse(isVariable ? valueOf(written, vars) : (written as ResourcesLike));
}

const verdictOf = (problem: Problem | undefined): string => problem?.message ?? 'valid';

const checkers: ReadonlyMap<string, Checker> = new Map<string, Checker>([
  ['eq', onPair('equal to', equals)],
  ['ne', onPair('different from', (a, b) => !equals(a, b))],
  ['contains', onPair('containing', contains)],
  ['notContains', onPair('not containing', (a, b) => !contains(a, b))],
  ['empty', onOne('empty', isEmpty)],
  ['notEmpty', onOne('not empty', (a) => !isEmpty(a))],
  ['size', onReading(size)],
  ['count', onReading((a, item, vars) => count(a, itemOf(item, vars)))],
  ['scalar', onReading((a, name) => scalar(a, name as string) ?? null)],
  [
    'ranges',
    onReading(
      (a, name) => rangesText(ranges(a, name as string)),
      (text) => (text === null ? null : rangesText(parseRanges(text as string).ranges)),
    ),
  ],
  ['set', onReading((a, name) => sorted(set(a, name as string) ?? null), sorted)],
  ['parseError', onRefusal((text) => resources(text as string))],
  ['error', onRefusal((expr, vars) => valueOf(expr, vars))],
  [
    'validItem',
    (item, vars) => {
      const problem = itemProblem(item, vars);
      return finding(problem === undefined, 'valid', verdictOf(problem));
    },
  ],
  ['invalidItem', (item, vars) => finding(itemProblem(item, vars) !== undefined, 'invalid', 'valid')],
  [
    'validForUse',
    (item, vars) => {
      const problem = useProblem(item, vars);
      return finding(problem === undefined, 'valid', verdictOf(problem));
    },
  ],
  [
    'invalidForUse',
    (args, vars) => {
      const [item, part] = args as readonly [unknown, string];
      const problem = useProblem(item, vars);
      return finding(problem?.message.includes(part) === true, part, verdictOf(problem));
    },
  ],
  ['format', onReading((a) => printed(format(a)), printed)],
  [
    'none',
    (expr, vars) => {
      const value = evaluate(expr, vars);
      return finding(value === undefined, 'nothing', value === undefined ? '' : format(value));
    },
  ],
  [
    'oneOf',
    (args, vars) => {
      const [expr, alternatives] = args as readonly [unknown, readonly unknown[]];
      const value = valueOf(expr, vars);
      const any = alternatives.map((alternative) => valueOf(alternative, vars));
      return finding(
        any.some((alternative) => equals(value, alternative)),
        any.map(format),
        format(value),
      );
    },
  ],
  ['containsQuantities', onReading((a, most) => holds(a, quantities(most as QuantitiesLike)))],
  ['names', onReading((a) => resourceNames(a), sorted)],
  ['types', onReading((a) => Object.fromEntries([...types(a)].map(([name, type]) => [name, type.toUpperCase()])))],
  ['reservationRoles', onReading((a) => reservationRoles(a), sorted)],
  [
    'allDistinct',
    (args, vars) => {
      const list = (args as readonly unknown[]).map((expr) => valueOf(expr, vars));
      const twins = list.filter((a, i) => list.some((b, j) => j > i && equals(a, b)));
      return finding(twins.length === 0, 'all distinct', twins.map(format));
    },
  ],
  [
    'overlap',
    (args, vars) => {
      const [list, expected] = args as readonly [readonly unknown[], boolean];
      const actual = overlaps(list.map((expr) => valueOf(expr, vars)));
      return finding(actual === expected, expected, actual);
    },
  ],
  ['repeat', (args, vars) => repeat(args as Fields, vars)],
]);

const repeatFields = ['times', 'start', 'step', 'eachScalar', 'thenTimes', 'thenStep', 'final'];

function repeat(args: Fields, vars: Vars): Finding {
  const unknown = Object.keys(args).filter((key) => !repeatFields.includes(key));
  if (unknown.length > 0) throw new UnknownPart(`unknown fields of repeat: ${unknown.join(', ')}`);
  const each = args['eachScalar'] as readonly [string, number] | undefined;
  let current = valueOf(args['start'], vars);
  const go = (times: number, step: unknown): Finding => {
    for (let i = 0; i < times; i += 1) {
      current = valueOf(step, new Map([...vars, ['current', current]]));
      const amount = each === undefined ? undefined : scalar(current, each[0]);
      if (each !== undefined && (amount === undefined || toMilli(amount) !== toMilli(each[1]))) {
        return { expected: each, actual: `${String(amount)} after ${i + 1} steps` };
      }
    }
    return undefined;
  };
  const early = go(args['times'] as number, args['step']) ?? go((args['thenTimes'] ?? 0) as number, args['thenStep']);
  if (early !== undefined) return early;
  const final = valueOf(args['final'], vars);
  return finding(equals(current, final), format(final), format(current));
}
