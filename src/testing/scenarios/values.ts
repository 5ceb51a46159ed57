import {
  attributes,
  attributesEqual,
  formatValue,
  fromMilli,
  InputError,
  isStrictSubrole,
  type Limits,
  limits,
  limitsContainLimits,
  limitsContainQuantities,
  type LimitsLike,
  limitsSubtractQuantities,
  parseLimits,
  parseQuantities,
  parseRanges,
  parseRoleList,
  parseValue,
  type Problem,
  type Quantities,
  quantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesFormat,
  quantitiesFromResources,
  quantitiesFromScalarResources,
  type QuantitiesLike,
  quantitiesSubtract,
  quantitiesSum,
  type Range,
  rangesAdd,
  rangesSubtract,
  type RangesValue,
  resources,
  type ResourcesLike,
  roleAncestors,
  type SetValue,
  setSubtract,
  type TextValue,
  toMilli,
  validateRole,
  validateRoles,
  type Value,
} from '../../resources/index.js';
import type { ScenarioFailure, Wording } from './failure.js';

/** The validators of the cluster that suite `values` needs. */
export interface ClusterValidators {
  readonly validateFramework: (framework: unknown) => Problem | undefined;
  readonly validateFrameworkChange: (before: unknown, after: unknown) => Problem | undefined;
  readonly validateQuota: (quota: unknown) => Problem | undefined;
}

/** The fields of a case or of a part of it, already known to be allowed. */
type Fields = Readonly<Record<string, unknown>>;

interface Operation {
  /** The fields beside `op` and `expect`. */
  readonly fields: readonly string[];
  /** The result in the form of the format. */
  readonly run: (c: Fields, validators: ClusterValidators) => unknown;
  /** The expectation in the same form, where the format allows several. */
  readonly expected?: (expect: unknown) => unknown;
}

/** A validator found something wrong: compared as `false`, and its message with `messageContains` where that counts. */
class Refused {
  readonly message: string;

  constructor(problem: Problem) {
    this.message = problem.message;
  }
}

const everyCase = ['id', 'source', 'tags', 'note', 'op', 'expect', 'messageContains'];

/**
 * Runs one case of suite `values`; every difference, and everything that is not known, is a failure. Wording is only
 * informative (FORMAT.md §2) unless it is to be compared.
 */
export function runValuesCase(
  c: unknown,
  validators: ClusterValidators,
  wording: Wording = 'informative',
): readonly ScenarioFailure[] {
  const { op, expect, messageContains, ...rest } = c as Fields;
  const operation = operations.get(String(op));
  if (operation === undefined) return [{ step: 'op', expected: 'a known op', actual: op }];
  const unknown = Object.keys(rest).filter((key) => !everyCase.includes(key) && !operation.fields.includes(key));
  if (unknown.length > 0) return [{ step: String(op), expected: 'known fields', actual: unknown }];
  const actual = attempt(() => operation.run(rest, validators));
  const plain = actual instanceof Refused ? false : actual;
  const expected = attempt(() => expectation(operation, expect));
  if (!sameJson(expected, isError(plain) && isErrorMark(expected) ? expected : plain)) {
    return [{ step: String(op), expected, actual: actual instanceof Refused ? actual.message : plain }];
  }
  return wording === 'compared' ? wordingFailures(String(op), messageContains, actual) : [];
}

function wordingFailures(step: string, part: unknown, actual: unknown): readonly ScenarioFailure[] {
  if (part === undefined) return [];
  const message = actual instanceof Refused ? actual.message : undefined;
  return message?.includes(String(part)) === true
    ? []
    : [{ step, expected: `message with ${String(part)}`, actual: message }];
}

function expectation(operation: Operation, expect: unknown): unknown {
  if (isErrorMark(expect) || operation.expected === undefined) return expect;
  return operation.expected(expect);
}

/** `"error"` or `{ error: true }`. */
function isErrorMark(expect: unknown): boolean {
  return expect === 'error' || sameJson(expect, { error: true });
}

/** What came out of a call that threw; only an `InputError` is an error that a case can expect. */
export interface Thrown {
  readonly error: string;
  readonly refused: boolean;
}

/** The result of `run`, or what it threw. */
export function attempt<T>(run: () => T): T | Thrown {
  try {
    return run();
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), refused: error instanceof InputError };
  }
}

/** Whether a call was refused with an `InputError`. */
export function isError(value: unknown): value is Thrown {
  return typeof value === 'object' && value !== null && 'refused' in value && value.refused === true;
}

/** Whether two pieces of JSON are the same; numbers compare at three decimals. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b || milliText(a) === milliText(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = new Map<string, unknown>(Object.entries(b));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}

function milliText(value: number): string {
  const milli = attempt(() => toMilli(value));
  return typeof milli === 'number' ? `${milli} thousandths` : String(value);
}

type Pairs = readonly (readonly [number, number])[];

function readRanges(input: unknown): RangesValue {
  if (typeof input === 'string') return parseRanges(input);
  return parseRanges(`[${(input as Pairs).map(([begin, end]) => `${begin}-${end}`).join(',')}]`);
}

function rangePairs(ranges: readonly Range[]): unknown {
  return ranges.map(({ begin, end }) => [begin, end]);
}

function readSet(input: unknown): SetValue {
  const value = parseValue(typeof input === 'string' ? input : `{${(input as readonly string[]).join(',')}}`);
  if (value.type !== 'set') throw new InputError('bad-scenario', 'set', `${formatValue(value)} is not a set`);
  return value;
}

function amountPairs(of: Quantities | Limits): unknown {
  return of.names.map((name, i) => [name, fromMilli(of.millis[i] ?? 0)]);
}

const quantityPairs = (like: unknown): unknown => amountPairs(quantities(like as QuantitiesLike));
const limitPairs = (like: unknown): unknown => amountPairs(limits(like as LimitsLike));
const asQuantities = (like: unknown): Quantities => quantities(like as QuantitiesLike);
const asLimits = (like: unknown): Limits => limits(like as LimitsLike);

/** `{ type: 'SCALAR', scalar: 1.5 }` and the like. */
function valueJson(value: Value | TextValue): Fields {
  const type = value.type.toUpperCase();
  switch (value.type) {
    case 'scalar':
      return { type, scalar: fromMilli(value.milli) };
    case 'ranges':
      return { type, ranges: rangePairs(value.ranges) };
    case 'set':
      return { type, set: value.items };
    case 'text':
      return { type, text: value.text };
    default:
      return value satisfies never;
  }
}

/** The same form for a value as a case expects it: its ranges and its set may be written as text. */
function writtenValue(expect: unknown): unknown {
  if (typeof expect !== 'object' || expect === null) return expect;
  const { ranges, set } = expect as Fields;
  return {
    ...expect,
    ...(typeof ranges === 'string' ? { ranges: rangePairs(readRanges(ranges).ranges) } : {}),
    ...(typeof set === 'string' ? { set: readSet(set).items } : {}),
  };
}

function writtenAttributes(expect: unknown): unknown {
  return Array.isArray(expect) ? expect.map(writtenValue) : expect;
}

function attributesJson(text: string): unknown {
  return attributes(text).items.map(({ name, value }) => ({ name, ...valueJson(value) }));
}

function verdict(problem: Problem | undefined): true | Refused {
  return problem === undefined ? true : new Refused(problem);
}

const frameworkFields = [
  'name',
  'roles',
  'role',
  'suppressedRoles',
  'capabilities',
  'id',
  'offerFilters',
  'user',
  'principal',
  'hostname',
  'checkpoint',
  'failoverTimeout',
];

/** A framework as the library takes it: enumerations in kebab-case, times in milliseconds. */
function frameworkOf(json: unknown): Fields {
  const { capabilities, failoverTimeout, ...rest } = json as Fields;
  const unknown = Object.keys(rest).filter((key) => !frameworkFields.includes(key));
  if (unknown.length > 0) throw new Error(`unknown fields of a framework: ${unknown.join(', ')}`);
  return {
    ...rest,
    ...(typeof failoverTimeout === 'number' ? { failoverTimeoutMs: failoverTimeout * 1_000 } : {}),
    capabilities: ((capabilities ?? []) as readonly string[]).map(kebabCase),
  };
}

function kebabCase(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  [
    'parseValue',
    { fields: ['input'], run: (c) => valueJson(parseValue(c['input'] as string)), expected: writtenValue },
  ],
  [
    'rangesAdd',
    {
      fields: ['operands'],
      run: (c) =>
        rangePairs((c['operands'] as readonly unknown[]).map(readRanges).reduce(rangesAdd, parseRanges('[]')).ranges),
      expected: (expect) => rangePairs(readRanges(expect).ranges),
    },
  ],
  [
    'rangesSubtract',
    {
      fields: ['left', 'right'],
      run: (c) => rangePairs(rangesSubtract(readRanges(c['left']), readRanges(c['right'])).ranges),
      expected: (expect) => rangePairs(readRanges(expect).ranges),
    },
  ],
  [
    'setSubtract',
    {
      fields: ['left', 'right'],
      run: (c) => setSubtract(readSet(c['left']), readSet(c['right'])).items,
      expected: (expect) => readSet(expect).items,
    },
  ],
  [
    'parseQuantities',
    { fields: ['input'], run: (c) => amountPairs(parseQuantities(c['input'] as string)), expected: quantityPairs },
  ],
  [
    'quantitiesFromScalarResources',
    {
      fields: ['input'],
      run: (c) => amountPairs(quantitiesFromScalarResources(resources(c['input'] as ResourcesLike))),
      expected: quantityPairs,
    },
  ],
  [
    'quantitiesFromResources',
    {
      fields: ['input'],
      run: (c) => amountPairs(quantitiesFromResources(resources(c['input'] as ResourcesLike))),
      expected: quantityPairs,
    },
  ],
  [
    'quantitiesAdd',
    {
      fields: ['left', 'right'],
      run: (c) => amountPairs(quantitiesAdd(asQuantities(c['left']), asQuantities(c['right']))),
      expected: quantityPairs,
    },
  ],
  [
    'quantitiesSubtract',
    {
      fields: ['left', 'right'],
      run: (c) => amountPairs(quantitiesSubtract(asQuantities(c['left']), asQuantities(c['right']))),
      expected: quantityPairs,
    },
  ],
  [
    'quantitiesContains',
    { fields: ['left', 'right'], run: (c) => quantitiesContains(asQuantities(c['left']), asQuantities(c['right'])) },
  ],
  ['quantitiesFormat', { fields: ['input'], run: (c) => quantitiesFormat(asQuantities(c['input'])) }],
  [
    'quantitiesSum',
    {
      fields: ['operands'],
      run: (c) => amountPairs(quantitiesSum((c['operands'] as readonly unknown[]).map(asQuantities))),
      expected: quantityPairs,
    },
  ],
  [
    'parseLimits',
    { fields: ['input'], run: (c) => amountPairs(parseLimits(c['input'] as string)), expected: limitPairs },
  ],
  [
    'limitsContainLimits',
    { fields: ['left', 'right'], run: (c) => limitsContainLimits(asLimits(c['left']), asLimits(c['right'])) },
  ],
  [
    'limitsContainQuantities',
    {
      fields: ['limits', 'quantities'],
      run: (c) => limitsContainQuantities(asLimits(c['limits']), asQuantities(c['quantities'])),
    },
  ],
  [
    'limitsSubtractQuantities',
    {
      fields: ['limits', 'quantities'],
      run: (c) => amountPairs(limitsSubtractQuantities(asLimits(c['limits']), asQuantities(c['quantities']))),
      expected: limitPairs,
    },
  ],
  ['validateRole', { fields: ['input'], run: (c) => verdict(validateRole(c['input'] as string)) }],
  ['validateRoles', { fields: ['input'], run: (c) => verdict(validateRoles(c['input'] as readonly string[])) }],
  ['parseRoleList', { fields: ['input'], run: (c) => parseRoleList(c['input'] as string) }],
  ['roleAncestors', { fields: ['input'], run: (c) => roleAncestors(c['input'] as string) }],
  [
    'isStrictSubrole',
    { fields: ['role', 'ancestor'], run: (c) => isStrictSubrole(c['role'] as string, c['ancestor'] as string) },
  ],
  [
    'parseAttributes',
    { fields: ['input'], run: (c) => attributesJson(c['input'] as string), expected: writtenAttributes },
  ],
  [
    'attributesEqual',
    {
      fields: ['left', 'right'],
      run: (c) => attributesEqual(attributes(c['left'] as string), attributes(c['right'] as string)),
    },
  ],
  ['validateQuotaConfig', { fields: ['input'], run: (c, v) => verdict(v.validateQuota(c['input'])) }],
  [
    'validateFrameworkInfo',
    { fields: ['input'], run: (c, v) => verdict(v.validateFramework(frameworkOf(c['input']))) },
  ],
  [
    'validateFrameworkUpdate',
    {
      fields: ['old', 'new'],
      run: (c, v) => verdict(v.validateFrameworkChange(frameworkOf(c['old']), frameworkOf(c['new']))),
    },
  ],
]);
