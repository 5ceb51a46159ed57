/**
 * Wrong versions of conformance cases: a case that stays green after one of its expectations was made wrong tests
 * nothing. What is made wrong, suite by suite:
 *
 * - everywhere: in a field whose name begins with `expect`, booleans are negated, numbers are one more, `error` and
 *   `null` become a value, texts name another amount or another name, lists lose their last element or (when empty)
 *   gain one, and every leaf inside lists and objects is changed in the same way, one at a time;
 * - `validation`: `expect.valid` only, since the wording is informative;
 * - `offer-constraints`: what a check says of the agent is negated;
 * - `resources`: a check becomes its opposite (`eq`/`ne`, `contains`/`notContains`, `empty`/`notEmpty`, `validItem`/
 *   `invalidItem`, `validForUse`/`invalidForUse`), one with a result gets a changed result, `error`, `parseError` and
 *   `none` become a claim about a value;
 * - names that a step only introduces (`bind`) are left alone, and so is how a volume is mounted (`path`, `mode` and
 *   `hostPath` of `disk`), which equality of resources ignores.
 *
 * Unknown fields and operations are planted as well: the format calls them failures.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
/** Leaves that are no expectation. */
const ignored: ReadonlySet<string> = new Set(['bind', 'disk.path', 'disk.mode', 'disk.hostPath']);

type JsonObject = Readonly<Record<string, Json>>;

/** A case with one thing wrong. */
export interface Mutation {
  /** What was made wrong, for the report. */
  readonly what: string;
  readonly entry: JsonObject;
}

/** Every wrong version of a case. */
export function flips(suite: string, entry: JsonObject): Mutation[] {
  if (suite === 'resources') return checkFlips(entry);
  if ('checks' in entry) return [...expectationFlips(suite, entry), ...exclusionFlips(entry)];
  const own = expectationFlips(suite, entry).map(({ what, entry: wrong }) => ({ what, entry: wrong }));
  const inSteps = steps(entry).flatMap((step, index) =>
    expectationFlips(suite, step).map(({ what, entry: wrong }) => ({
      what: `steps[${index}].${what}`,
      entry: withStep(entry, index, wrong),
    })),
  );
  return [...own, ...inSteps];
}

/** The case with a field that the format does not know, in itself and in each step; and with an unknown operation. */
export function strangers(suite: string, entry: JsonObject): Mutation[] {
  const stranger = { 'no-such-field': 1 };
  const found: Mutation[] = [{ what: 'unknown field', entry: { ...entry, ...stranger } }];
  if (suite === 'resources') {
    const checks = [...list(entry['checks']), { 'no-such-check': [] }];
    return [...found, { what: 'unknown check', entry: { ...entry, checks } }];
  }
  for (const [index, check] of ('checks' in entry ? list(entry['checks']) : []).entries()) {
    const agent = { ...object(object(check)['agent'] ?? null), ...stranger };
    found.push({
      what: `checks[${index}] unknown field`,
      entry: withCheck(entry, index, { ...object(check), ...stranger }),
    });
    found.push({
      what: `checks[${index}].agent unknown field`,
      entry: withCheck(entry, index, { ...object(check), agent }),
    });
  }
  for (const field of ['op', 'validate']) {
    if (field in entry) found.push({ what: 'unknown operation', entry: { ...entry, [field]: 'no-such-operation' } });
  }
  for (const [index, step] of steps(entry).entries()) {
    found.push({
      what: `steps[${index}] unknown field`,
      entry: withStep(entry, index, { ...step, ...stranger }),
    });
    found.push({
      what: `steps[${index}] unknown operation`,
      entry: withStep(entry, index, { ...step, op: 'no-such-operation' }),
    });
  }
  return found;
}

/** Each agent that is excluded is not, and the other way round. */
function exclusionFlips(entry: JsonObject): Mutation[] {
  return list(entry['checks']).map((check, index) => {
    const excluded = object(check)['excluded'] !== true;
    return { what: `checks[${index}].excluded`, entry: withCheck(entry, index, { ...object(check), excluded }) };
  });
}

/** Wrong versions of an object that has `expect…` fields of its own. */
function expectationFlips(suite: string, holder: JsonObject): Mutation[] {
  return Object.entries(holder).flatMap(([name, value]) => {
    if (!name.startsWith('expect')) return [];
    if (suite === 'validation') {
      const { valid } = value as { readonly valid: boolean };
      return [{ what: `${name}.valid`, entry: { ...holder, [name]: { ...object(value), valid: !valid } } }];
    }
    const whole = Array.isArray(value)
      ? [{ what: name, entry: { ...holder, [name]: resized(suite, name, value) } }]
      : [];
    const leaves = leafChanges(value).map(({ path, changed }) => ({
      what: `${name}${path}`,
      entry: { ...holder, [name]: changed },
    }));
    return [...whole, ...leaves];
  });
}

/** A list with one element too few, or one too many. */
function resized(suite: string, name: string, value: readonly Json[]): Json {
  // The runner may take a SUBSCRIBED for granted, so leaving one out makes nothing wrong.
  const dropped = value.findLastIndex((element) => !isObject(element) || element['event'] !== 'SUBSCRIBED');
  if (dropped !== -1) return value.toSpliced(dropped, 1);
  if (name === 'expectInverse') return [{ framework: 'nobody', agent: 'nowhere' }];
  const offer = { framework: 'nobody', agent: 'nowhere', role: '*', resources: 'cpus:1' };
  if (suite === 'allocator') return [offer];
  if (suite === 'protocol') return [...value, { event: 'OFFER', ...offer }];
  return ['nobody'];
}

interface LeafChange {
  readonly path: string;
  readonly changed: Json;
}

/** The value with one leaf changed, once for each leaf. */
function leafChanges(value: Json, within = ''): LeafChange[] {
  if (isList(value)) {
    return value.flatMap((element, index) =>
      leafChanges(element).map(({ path, changed }) => ({
        path: `[${index}]${path}`,
        changed: value.with(index, changed),
      })),
    );
  }
  if (isObject(value)) {
    return Object.entries(value).flatMap(([name, inner]) => {
      if (ignored.has(name) || ignored.has(`${within}.${name}`)) return [];
      return leafChanges(inner, name).map(({ path, changed }) => ({
        path: `.${name}${path}`,
        changed: { ...value, [name]: changed },
      }));
    });
  }
  return [{ path: '', changed: different(value) }];
}

/** Another value of the same kind. */
function different(value: null | boolean | number | string): Json {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (value === null) return 1;
  const special: Readonly<Record<string, Json>> = { error: true, '': 'cpus:1', '[]': '[1-2]', '{}': '{x}' };
  if (Object.hasOwn(special, value)) return special[value] ?? null;
  // The last number in it grows by one; a text without a number becomes a longer one.
  const grown = value.replace(/\d+(?!.*\d)/, (digits) => String(Number(digits) + 1));
  return grown === value ? `${value}x` : grown;
}

const opposites: Readonly<Record<string, string>> = {
  eq: 'ne',
  ne: 'eq',
  contains: 'notContains',
  notContains: 'contains',
  empty: 'notEmpty',
  notEmpty: 'empty',
  validItem: 'invalidItem',
  invalidItem: 'validItem',
};

function checkFlips(entry: JsonObject): Mutation[] {
  return list(entry['checks']).flatMap((check, index) =>
    Object.entries(object(check)).map(([kind, args]) => ({
      what: `checks[${index}].${kind}`,
      entry: { ...entry, checks: list(entry['checks']).with(index, wrongCheck(kind, args)) },
    })),
  );
}

function wrongCheck(kind: string, args: Json): JsonObject {
  const opposite = opposites[kind];
  if (opposite !== undefined) return { [opposite]: args };
  switch (kind) {
    case 'validForUse':
      return { invalidForUse: [args, ''] };
    case 'invalidForUse':
      return { validForUse: list(args)[0] ?? null };
    case 'parseError':
    case 'error':
    case 'none':
      return { eq: [args, 'cpus:1'] };
    case 'oneOf':
      return { oneOf: [list(args)[0] ?? null, []] };
    case 'allDistinct':
      return { allDistinct: [...list(args), list(args)[0] ?? ''] };
    case 'repeat':
      return { repeat: { ...object(args), final: 'cpus:123.456' } };
    default: {
      // `[subject, …, result]`: the last argument is what should come out.
      const last = list(args).at(-1) ?? null;
      const wrong = isList(last) ? resized('resources', kind, last) : leafChanges(last)[0]?.changed;
      return { [kind]: [...list(args).slice(0, -1), wrong ?? null] };
    }
  }
}

function steps(entry: JsonObject): readonly JsonObject[] {
  return 'steps' in entry ? list(entry['steps']).map(object) : [];
}

function withCheck(entry: JsonObject, index: number, check: JsonObject): JsonObject {
  return { ...entry, checks: list(entry['checks']).with(index, check) };
}

function withStep(entry: JsonObject, index: number, step: JsonObject): JsonObject {
  return { ...entry, steps: list(entry['steps']).with(index, step) };
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: Json | undefined): readonly Json[] {
  if (!isList(value)) throw new Error(`not a list: ${JSON.stringify(value)}`);
  return value;
}

function object(value: Json): JsonObject {
  if (!isObject(value)) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return value;
}
