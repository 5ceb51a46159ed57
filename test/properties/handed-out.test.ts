/**
 * Whoever is handed something may do to it what he likes: no state, no view and no later output shows it. Everything that
 * the library hands out is walked, and each field in it that can be written is.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agents,
  defaultConfig,
  defaultFrameworkCapabilities,
  deserialize,
  emptyCluster,
  explain,
  frameworks,
  inputTypes,
  maintenance,
  mesosDefaults,
  offers,
  operations,
  outOfService,
  outstandingOffers,
  registryOf,
  roles,
  stats,
  tasks,
  transition,
  v1AgentCapabilities,
  v1FrameworkCapabilities,
  v1OperationStates,
  v1Reasons,
  v1Sources,
  v1TaskStates,
  type ClusterState,
} from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import { allocatorStats, noConstraints } from '../../src/offers/index.js';
import { limits, noLimits, noQuantities, noResources, quantities, resources } from '../../src/resources/index.js';
import {
  agentCapabilities,
  frameworkCapabilities,
  operationStates,
  taskReasons,
  taskSources,
  taskStates,
} from '../../src/tasks/index.js';
import { bytes, fullHistories, run } from './history.js';
import { histories } from './intents.js';

/** Writes over every field that can be written, of everything that can be reached; what refuses throws, which is fine. */
function spoil(value: unknown, seen: Set<object> = new Set()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  for (const name of fieldsOf(value)) {
    const field = attempt(() => (value as Record<string, unknown>)[name]);
    spoil(field, seen);
    attempt(() => Object.assign(value, { [name]: typeof field === 'number' ? field + 7_777 : 'spoilt' }));
  }
  if (Array.isArray(value)) attempt(() => value.push('spoilt'));
}

/** Its own, and those that its class answers for. */
function fieldsOf(value: object): readonly string[] {
  const prototype = Object.getPrototypeOf(value) as object | null;
  const isOurs = prototype !== null && prototype !== Object.prototype && !Array.isArray(value);
  return [...Object.getOwnPropertyNames(value), ...(isOurs ? Object.getOwnPropertyNames(prototype) : [])].filter(
    (name) => name !== 'length' && name !== 'constructor',
  );
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** The same plain data anew; what is no plain data is the same. */
function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, copyOf(field)])) as T;
}

/** Every view of a state. */
const views: Readonly<Record<string, (state: ClusterState) => unknown>> = {
  agents,
  frameworks,
  maintenance,
  offers,
  operations,
  outOfService,
  outstandingOffers,
  roles,
  stats,
  tasks,
  registryOf,
  allocatorStats: ({ allocator }) => allocatorStats(allocator),
  config: ({ config }) => config,
  explain: (state) =>
    state.frameworks.keys().map((framework) => explain(state, { framework, resources: 'cpus:1000;ports:[1-9]' })),
};

function shownOf(state: ClusterState): readonly (readonly [name: string, view: unknown])[] {
  return Object.entries(views).map(([name, view]) => [name, view(state)] as const);
}

function seen(state: ClusterState): string {
  return JSON.stringify(Object.values(views).map((view) => view(state)));
}

/** What of it was changed by spoiling what is handed out, one thing after the other. */
function victims(state: ClusterState, things: readonly (readonly [string, unknown])[]): readonly string[] {
  let before = [bytes(state), seen(state)];
  return things.flatMap(([name, thing]) => {
    spoil(thing);
    const after = [bytes(state), seen(state)];
    const harmed = before.join() !== after.join();
    before = after;
    return harmed ? [name] : [];
  });
}

describe('what is handed out', () => {
  it('is nobody else’s: no query or output of any history can be used to change a state', () => {
    fc.assert(
      fc.property(fullHistories(histories()), ({ beginning, intents }) => {
        const outputs: (readonly [string, unknown])[] = [];
        const { state } = run(beginning, intents, (step) => {
          outputs.push(...step.outputs.map((output) => [`output ${output.type}`, output] as const));
        });
        expect(victims(state, [...shownOf(state), ...outputs])).toEqual([]);
        // One that was read back hands out what it read.
        const restored = deserialize([bytes(state)]);
        expect(victims(restored, shownOf(restored))).toEqual([]);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('nor is what was handed in: an input that its sender changes later changes no state', () => {
    fc.assert(
      fc.property(fullHistories(histories(20)), ({ beginning, intents }) => {
        run(beginning, intents, ({ before, input, after, refused }) => {
          if (refused !== undefined) return;
          const own = copyOf(input);
          const [state] = transition(before, own);
          spoil(own);
          expect(bytes(state)).toBe(bytes(after));
        });
      }),
      { numRuns: 100, endOnFailure: true },
    );
  });

  const constants: Readonly<Record<string, unknown>> = {
    mesosDefaults,
    defaultConfig,
    defaultFrameworkCapabilities,
    inputTypes,
    agentCapabilities,
    frameworkCapabilities,
    operationStates,
    taskReasons,
    taskSources,
    taskStates,
    v1AgentCapabilities,
    v1FrameworkCapabilities,
    v1OperationStates,
    v1Reasons,
    v1Sources,
    v1TaskStates,
    drf,
    noConstraints,
    noLimits,
    noQuantities,
    noResources,
  };

  it.each(Object.entries(constants))('the constant %s stays what it is', (_, constant) => {
    const before = JSON.stringify(constant);
    spoil(constant);
    expect(JSON.stringify(constant)).toBe(before);
  });

  it.each([
    [
      'resources',
      resources(['cpus:1.5;ports:[1-9];zones:{a,b}', { name: 'disk', value: 5, role: 'a', disk: { id: 'v' } }]),
    ],
    ['quantities', quantities('cpus:1;mem:2')],
    ['limits', limits('cpus:1;mem:0')],
  ])('%s stay what they are', (_, value) => {
    const before = [String(value), JSON.stringify(value)];
    spoil(value);
    expect([String(value), JSON.stringify(value)]).toEqual(before);
  });

  it('a configuration stays what it was when it was read', () => {
    const config = {
      fairnessExclude: ['disk'],
      roles: ['a'],
      minAllocatable: [quantities('cpus:1')],
      domain: { region: 'r', zone: 'z' },
      agentRemovalRateLimit: { agents: 1, perMs: 5 },
      preemption: { margin: 0.5, patienceMs: 1, noticeMs: 1, graceMs: 1 },
    };
    const state = emptyCluster(config);
    const [configured] = transition(state, { type: 'configure', at: 0, config });
    const before = [bytes(state), bytes(configured)];
    spoil(config);
    expect([bytes(state), bytes(configured)]).toEqual(before);
  });
});
