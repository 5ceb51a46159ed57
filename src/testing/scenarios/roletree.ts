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
} from '../../offers/index.js';
import {
  limits,
  quantities,
  quantitiesEqual,
  resources,
  type LimitsLike,
  type QuantitiesLike,
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
      const body = mutation(state, step);
      if (body === undefined) failures.push(...look(state, step).map((difference) => ({ step: index, ...difference })));
      else [state] = allocatorTransition(state, { ...body, at: 0 } as AllocatorInput);
      step.end();
    } catch (error) {
      failures.push({ step: index, expected: 'no exception', actual: described(error) });
      break;
    }
  }
  return failures;
}

/** The input for an operation that changes something; undefined = it only looks. */
function mutation(state: AllocatorState, step: Fields): Body | undefined {
  switch (step.text('op')) {
    case 'updateWeight':
      return { type: 'set-weight', role: step.text('role'), weight: step.number('weight') };
    case 'updateQuota':
      return { type: 'set-quota', role: step.text('role'), quota: readQuota(step) };
    case 'trackReservations':
      return {
        type: 'add-agent',
        agent: reservationsId(step),
        total: resources(step.raw('resources') as ResourcesLike),
      };
    case 'untrackReservations':
      return { type: 'remove-agent', agent: reservationsId(step) };
    case 'trackFramework':
      return withRoles(state, step, (roles, role) => [...roles, role]);
    case 'untrackFramework':
      return withRoles(state, step, (roles, role) => roles.filter((other) => other !== role));
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
    case 'frameworksOf':
      return same(step.texts('expect').toSorted(), roleFrameworks(state, step.text('role')).toSorted());
    case 'reservationQuantities': {
      const expected = quantities(step.raw('expect') as QuantitiesLike);
      const actual = reservedQuantities(state, step.text('role'));
      return quantitiesEqual(expected, actual) ? [] : [{ expected: String(expected), actual: String(actual) }];
    }
    case 'quotaOf': {
      const { guarantees, limits: ceiling } = roleQuota(state, step.text('role'));
      const expected = step.inner('expect');
      const wanted = readQuota(expected);
      expected.end();
      const actual = [String(guarantees), String(ceiling)];
      return same([String(wanted?.guarantees ?? quantities('')), String(wanted?.limits ?? limits(''))], actual);
    }
    default:
      throw bad(`unknown op ${op}`);
  }
}

/** Both empty = the default: no quota. */
function readQuota(
  step: Fields,
): { readonly guarantees: ReturnType<typeof quantities>; readonly limits: ReturnType<typeof limits> } | null {
  const guarantees = quantities((step.raw('guarantees') ?? '') as QuantitiesLike);
  const ceiling = limits((step.raw('limits') ?? '') as LimitsLike);
  return guarantees.names.length === 0 && ceiling.names.length === 0 ? null : { guarantees, limits: ceiling };
}

function withRoles(
  state: AllocatorState,
  step: Fields,
  change: (roles: readonly string[], role: string) => readonly string[],
): Body {
  const framework = step.text('framework');
  const roles = change(state.frameworks.get(framework)?.roles ?? [], step.text('role'));
  return state.frameworks.has(framework)
    ? { type: 'update-framework', framework, roles }
    : { type: 'add-framework', framework, roles };
}

/** Reservations are an agent's; the same resources, the same agent. */
function reservationsId(step: Fields): string {
  return JSON.stringify(step.raw('resources'));
}

function same(expected: unknown, actual: unknown): readonly Difference[] {
  return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [{ expected, actual }];
}
