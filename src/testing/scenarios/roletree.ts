/** Suite `roletree`: which roles exist, on the allocator (FORMAT.md §5). */
import {
  allocatorTransition,
  emptyAllocator,
  reservedQuantities,
  roleFrameworks,
  roleNames,
  roleQuota,
  roleWeight,
  type AllocatorInput,
  type AllocatorState,
  type Quota,
} from '../../offers/index.js';
import {
  add,
  isEmpty,
  limits,
  noResources,
  quantities,
  quantitiesEqual,
  resources,
  subtract,
  type LimitsLike,
  type QuantitiesLike,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';
import type { ScenarioFailure } from './failure.js';
import { Fields, bad, described } from './fields.js';

type Body = AllocatorInput extends infer T ? (T extends unknown ? Omit<T, 'at'> : never) : never;
type Difference = Omit<ScenarioFailure, 'step'>;

/** Runs one scenario; every difference, and everything that is not known, is a failure. */
export function runRoletreeScenario(s: unknown): readonly ScenarioFailure[] | { readonly skipped: string } {
  const scenario = new Fields(s);
  for (const name of ['id', 'source', 'tags']) scenario.raw(name);
  const steps = scenario.list('steps').map((step) => new Fields(step));
  scenario.end();
  const failures: ScenarioFailure[] = [];
  let state = emptyAllocator();
  for (const [index, step] of steps.entries()) {
    try {
      const bodies = mutation(state, step);
      if (bodies === undefined)
        failures.push(...look(state, step).map((difference) => ({ step: index, ...difference })));
      for (const body of bodies ?? []) [state] = allocatorTransition(state, { ...body, at: 0 } as AllocatorInput);
      step.end();
    } catch (error) {
      failures.push({ step: index, expected: 'no exception', actual: described(error) });
      break;
    }
  }
  return failures;
}

/** The inputs for an operation that changes something; undefined = it only looks. */
function mutation(state: AllocatorState, step: Fields): readonly Body[] | undefined {
  switch (step.text('op')) {
    case 'updateWeight':
      return [{ type: 'set-weight', role: step.text('role'), weight: step.number('weight') }];
    case 'updateQuota':
      return [{ type: 'set-quota', role: step.text('role'), quota: namedQuota(step) }];
    case 'trackReservations':
      return [setReservations(state, add(reservations(state), reservationsOf(step)))];
    case 'untrackReservations':
      return [setReservations(state, subtract(reservations(state), reservationsOf(step)))];
    case 'trackFramework':
      return setRoles(state, step, (roles, named) => [...roles, ...named]);
    case 'untrackFramework':
      return setRoles(state, step, (roles, named) => roles.filter((role) => !named.includes(role)));
    default:
      return undefined;
  }
}

function look(state: AllocatorState, step: Fields): readonly Difference[] {
  const op = step.text('op');
  switch (op) {
    case 'roles':
      return same(step.texts('expect').toSorted(), roleNames(state).toSorted());
    case 'weightOf':
      return same(step.number('expect'), roleWeight(state, step.text('role')));
    case 'frameworksOf': {
      const names = roleFrameworks(state, step.text('role')).toSorted();
      // Their names, or how many there are.
      const expected = step.raw('expect');
      return typeof expected === 'number' ? same(expected, names.length) : same(step.texts('expect').toSorted(), names);
    }
    case 'reservationQuantities': {
      const expected = quantities(step.raw('expect') as QuantitiesLike);
      const actual = reservedQuantities(state, step.text('role'));
      return quantitiesEqual(expected, actual) ? [] : [{ expected: String(expected), actual: String(actual) }];
    }
    case 'quotaOf': {
      const { guarantees, limits: ceiling } = roleQuota(state, step.text('role'));
      const wanted = quotaOf(step.raw('expect'));
      const actual = [String(guarantees), String(ceiling)];
      return same([String(wanted?.guarantees ?? quantities('')), String(wanted?.limits ?? limits(''))], actual);
    }
    default:
      throw bad(`unknown op ${op}`);
  }
}

/** A quota in a field of its own, or in the step itself. */
function namedQuota(step: Fields): Quota | null {
  return step.has('quota') ? quotaOf(step.raw('quota')) : readQuota(step);
}

/** Guarantees and limits, or a text that is both; `null` or `default` = none. */
function quotaOf(written: unknown): Quota | null {
  if (written === null || written === 'default') return null;
  const both = typeof written === 'string' ? { guarantees: written, limits: written } : written;
  const fields = new Fields(both);
  const quota = readQuota(fields);
  fields.end();
  return quota;
}

/** Both empty = the default: no quota. */
function readQuota(step: Fields): Quota | null {
  const guarantees = quantities((step.raw('guarantees') ?? '') as QuantitiesLike);
  const ceiling = limits((step.raw('limits') ?? '') as LimitsLike);
  return guarantees.names.length === 0 && ceiling.names.length === 0 ? null : { guarantees, limits: ceiling };
}

/** One role, or several. A framework that is left without roles goes. */
function setRoles(
  state: AllocatorState,
  step: Fields,
  change: (roles: readonly string[], named: readonly string[]) => readonly string[],
): readonly Body[] {
  const framework = step.text('framework');
  const roles = change(
    state.frameworks.get(framework)?.roles ?? [],
    step.has('roles') ? step.texts('roles') : [step.text('role')],
  );
  if (!state.frameworks.has(framework)) return [{ type: 'add-framework', framework, roles }];
  return [
    roles.length === 0 ? { type: 'remove-framework', framework } : { type: 'update-framework', framework, roles },
  ];
}

/** Reservations are an agent's: one agent has them all. */
const reservingAgent = 'reservations';

function reservations(state: AllocatorState): Resources {
  return state.agents.get(reservingAgent)?.total ?? noResources;
}

function reservationsOf(step: Fields): Resources {
  return resources(step.raw('resources') as ResourcesLike);
}

function setReservations(state: AllocatorState, total: Resources): Body {
  if (isEmpty(total)) return { type: 'remove-agent', agent: reservingAgent };
  return state.agents.has(reservingAgent)
    ? { type: 'update-agent', agent: reservingAgent, total }
    : { type: 'add-agent', agent: reservingAgent, total };
}

function same(expected: unknown, actual: unknown): readonly Difference[] {
  return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [{ expected, actual }];
}
