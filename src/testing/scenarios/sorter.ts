import { createSorter, drf, weightedRandom, type OrderRule, type Sorter } from '../../drf/index.js';
import {
  equals,
  quantities,
  quantitiesEqual,
  resources,
  type QuantitiesLike,
  type ResourcesLike,
} from '../../resources/index.js';
import type { ScenarioFailure } from './failure.js';

/** A step as written, or a case: fields that are read are checked when they are read. */
type Fields = Readonly<Record<string, unknown>>;

/** One operation of the suite: its fields, and what it does. It returns what did not hold, if anything. */
interface Operation {
  readonly fields: readonly string[];
  readonly run: (sorter: Sorter, step: Fields) => Mismatch | undefined;
}

interface Mismatch {
  readonly expected: unknown;
  readonly actual: unknown;
}

const caseFields = ['id', 'source', 'tags', 'note', 'sorter', 'steps'];

const rules: ReadonlyMap<unknown, OrderRule> = new Map([
  ['drf', drf],
  ['random', weightedRandom],
]);

/**
 * Runs one case of the suite `sorter` against {@link createSorter}. An unknown operation or field is a failure, and so
 * is an exception, which also ends the case: what comes after it would fail for the same reason.
 *
 * @returns what did not hold.
 */
export function runSorterScenario(s: unknown): readonly ScenarioFailure[] {
  if (!isRecord(s)) return [{ step: 'case', expected: 'an object', actual: s }];
  const failures: ScenarioFailure[] = unknownFields(s, caseFields).map((actual) => ({
    step: 'case',
    expected: `one of the fields ${caseFields.join(', ')}`,
    actual,
  }));
  const { sorter: kind = 'drf', steps } = s;
  const rule = rules.get(kind);
  if (rule === undefined) failures.push({ step: 'case', expected: `the sorter 'drf' or 'random'`, actual: kind });
  if (!Array.isArray(steps)) failures.push({ step: 'case', expected: 'a list of steps', actual: steps });
  if (failures.length > 0 || !Array.isArray(steps) || rule === undefined) return failures;
  runSteps(createSorter({ rule }), steps, failures);
  return failures;
}

function runSteps(sorter: Sorter, steps: readonly unknown[], failures: ScenarioFailure[]): void {
  for (const [step, written] of steps.entries()) {
    try {
      const mismatch = runStep(sorter, written);
      if (mismatch !== undefined) failures.push({ step, ...mismatch });
    } catch (error) {
      failures.push({ step, expected: 'no exception', actual: error instanceof Error ? error.message : String(error) });
      return;
    }
  }
}

function runStep(sorter: Sorter, step: unknown): Mismatch | undefined {
  if (!isRecord(step)) return { expected: 'a step', actual: step };
  const operation = operations.get(textOf(step, 'op'));
  if (operation === undefined) return { expected: `one of ${[...operations.keys()].join(', ')}`, actual: step['op'] };
  const [unknown] = unknownFields(step, ['op', 'note', ...operation.fields]);
  if (unknown !== undefined) return { expected: `one of the fields ${operation.fields.join(', ')}`, actual: unknown };
  return operation.run(sorter, step);
}

/** Operations that only act. */
function act(fields: readonly string[], run: (sorter: Sorter, step: Fields) => void): Operation {
  return {
    fields,
    run: (sorter, step) => {
      run(sorter, step);
      return undefined;
    },
  };
}

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['addAgent', act(['agent', 'quantities'], (s, o) => s.addAgent(textOf(o, 'agent'), amountsOf(o, 'quantities')))],
  ['removeAgent', act(['agent'], (s, o) => s.removeAgent(textOf(o, 'agent')))],
  ['add', act(['client'], (s, o) => s.add(textOf(o, 'client')))],
  ['remove', act(['client'], (s, o) => s.remove(textOf(o, 'client')))],
  ['activate', act(['client'], (s, o) => s.activate(textOf(o, 'client')))],
  ['deactivate', act(['client'], (s, o) => s.deactivate(textOf(o, 'client')))],
  ['updateWeight', act(['path', 'weight'], (s, o) => s.updateWeight(textOf(o, 'path'), numberOf(o, 'weight')))],
  [
    'allocated',
    act(['client', 'agent', 'resources'], (s, o) =>
      s.allocated(textOf(o, 'client'), textOf(o, 'agent'), resourcesOf(o, 'resources')),
    ),
  ],
  [
    'unallocated',
    act(['client', 'agent', 'resources'], (s, o) =>
      s.unallocated(textOf(o, 'client'), textOf(o, 'agent'), resourcesOf(o, 'resources')),
    ),
  ],
  [
    'update',
    act(['client', 'agent', 'old', 'new'], (s, o) =>
      s.update(textOf(o, 'client'), textOf(o, 'agent'), resourcesOf(o, 'old'), resourcesOf(o, 'new')),
    ),
  ],
  ['sort', { fields: ['expect', 'expectUnordered'], run: sort }],
  ['sortDistribution', { fields: ['runs', 'tolerance', 'expectPositionProbability'], run: sortDistribution }],
  [
    'contains',
    {
      fields: ['client', 'expect'],
      run: (s, o) => same(fieldOf(o, 'expect'), s.contains(textOf(o, 'client'))),
    },
  ],
  ['count', { fields: ['expect'], run: (s, o) => same(fieldOf(o, 'expect'), s.count) }],
  ['allocation', { fields: ['client', 'agent', 'expect'], run: allocation }],
  [
    'allocationAgents',
    {
      fields: ['client', 'expect'],
      run: (s, o) => same(fieldOf(o, 'expect'), s.allocationAgents(textOf(o, 'client')).length),
    },
  ],
  ['allocationQuantities', { fields: ['client', 'expect'], run: allocationQuantities }],
]);

function sort(sorter: Sorter, step: Fields): Mismatch | undefined {
  const actual = sorter.sort();
  if ('expect' in step) return same(step['expect'], actual);
  const expected = fieldOf(step, 'expectUnordered');
  if (!Array.isArray(expected)) throw new Error('expectUnordered must be a list');
  return same(expected.toSorted(), actual.toSorted());
}

/** How often each client came at each place, against the chances that it should have had. */
function sortDistribution(sorter: Sorter, step: Fields): Mismatch | undefined {
  const runs = numberOf(step, 'runs');
  const tolerance = numberOf(step, 'tolerance');
  const expected = fieldOf(step, 'expectPositionProbability');
  if (!isRecord(expected)) throw new Error('expectPositionProbability must be an object');
  const counts = new Map<string, number[]>();
  for (let run = 0; run < runs; run += 1) {
    const sorted = sorter.sort();
    for (const [place, client] of sorted.entries()) {
      const row = counts.get(client) ?? sorted.map(() => 0);
      row[place] = (row[place] ?? 0) + 1;
      counts.set(client, row);
    }
  }
  const chances = [...counts].map(([client, row]) => [client, row.map((count) => count / runs)] as const);
  const isMet =
    Object.keys(expected).length === chances.length &&
    chances.every(([client, row]) => Object.hasOwn(expected, client) && isNear(expected[client], row, tolerance));
  return isMet ? undefined : { expected, actual: Object.fromEntries(chances) };
}

function isNear(expected: unknown, actual: readonly number[], tolerance: number): boolean {
  if (!Array.isArray(expected) || expected.length !== actual.length) return false;
  return actual.every((chance, place) => Math.abs(Number(expected[place]) - chance) <= tolerance);
}

function allocation(sorter: Sorter, step: Fields): Mismatch | undefined {
  const actual = sorter.allocation(textOf(step, 'client'), textOf(step, 'agent'));
  const expected = fieldOf(step, 'expect');
  return equals(resources(expected as ResourcesLike), actual) ? undefined : { expected, actual: actual.toJSON() };
}

function allocationQuantities(sorter: Sorter, step: Fields): Mismatch | undefined {
  const actual = 'client' in step ? sorter.allocationQuantities(textOf(step, 'client')) : sorter.allocationQuantities();
  const expected = fieldOf(step, 'expect');
  return quantitiesEqual(quantities(expected as QuantitiesLike), actual)
    ? undefined
    : { expected, actual: String(actual) };
}

/** Compares plain data: texts, numbers, booleans and lists of them. */
function same(expected: unknown, actual: unknown): Mismatch | undefined {
  return JSON.stringify(expected) === JSON.stringify(actual) ? undefined : { expected, actual };
}

function unknownFields(record: Fields, known: readonly string[]): string[] {
  return Object.keys(record).filter((field) => !known.includes(field));
}

function fieldOf(step: Fields, field: string): unknown {
  if (!Object.hasOwn(step, field)) throw new Error(`the field ${field} is missing`);
  return step[field];
}

function textOf(step: Fields, field: string): string {
  const value = fieldOf(step, field);
  if (typeof value !== 'string') throw new Error(`the field ${field} must be a text`);
  return value;
}

function numberOf(step: Fields, field: string): number {
  const value = fieldOf(step, field);
  if (typeof value !== 'number') throw new Error(`the field ${field} must be a number`);
  return value;
}

/** The library checks these itself: they are what a user would write. */
function resourcesOf(step: Fields, field: string): ResourcesLike {
  return fieldOf(step, field) as ResourcesLike;
}

function amountsOf(step: Fields, field: string): QuantitiesLike {
  return fieldOf(step, field) as QuantitiesLike;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
