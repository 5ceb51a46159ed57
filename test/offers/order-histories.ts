/** Histories of an allocator in which runs come again and again, over agents and frameworks of all kinds. */
import fc from 'fast-check';
import {
  allocatorTransition,
  closeAllocator,
  dropSilenceFilters,
  emptyAllocator,
  hideAfterSilence,
  offerConstraints,
  openAllocator,
  type AllocatorConfig,
  type AllocatorInput,
  type AllocatorState,
  type FrameworkSettings,
  type NewAgent,
} from '../../src/offers/index.js';
import {
  Edit,
  attributes,
  noResources,
  quantities,
  resources,
  shrinkToQuantities,
  subtract,
  type ResourcesLike,
} from '../../src/resources/index.js';
import type { AgentCapability, FrameworkCapability } from '../../src/tasks/index.js';

const roles = ['a', 'a/b', 'b', '*'] as const;
const agentIds = Array.from({ length: 12 }, (_, n) => `m${n}`);
const frameworkIds = Array.from({ length: 14 }, (_, n) => `f${n}`);

const refined = [
  { type: 'static', role: 'a' },
  { type: 'dynamic', role: 'a/b' },
] as const;

/** Totals of agents. One object each: agents that are alike are so by identity. */
const totals = (
  [
    'cpus:4;mem:512',
    'cpus:4;mem:512',
    'cpus:4;mem:512',
    'cpus:2;mem:256',
    'cpus:8;mem:1024;ports:[31000-31009]',
    'cpus(a):1;cpus:2;mem:512',
    'cpus(a):1;cpus(a/b):2;mem(b):64',
    'cpus:4;gpus:2;mem:128',
    'cpus:0.005;mem:1',
    ['cpus:1;mem:64', { name: 'cpus', value: 2, revocable: true }],
    ['cpus:1;mem:64', { name: 'disk', value: 64, role: 'b', disk: { id: 'v1', path: 'd' }, shared: true }],
    ['cpus:1', { name: 'disk', value: 32, role: 'a', disk: { id: 'v2', path: 'd' } }],
    ['cpus:1;mem:64', { name: 'cpus', value: 1, reservations: refined }],
    [{ name: 'cpus', value: 2, reservations: refined }],
  ] satisfies readonly ResourcesLike[]
).map((total) => resources(total));

const agentCapabilities: readonly (readonly AgentCapability[] | undefined)[] = [
  undefined,
  undefined,
  undefined,
  ['multi-role', 'hierarchical-role'],
  ['multi-role'],
  [],
];

const everything: readonly FrameworkCapability[] = [
  'multi-role',
  'gpu-resources',
  'shared-resources',
  'revocable-resources',
  'reservation-refinement',
  'region-aware',
];

const frameworkCapabilities: readonly (readonly FrameworkCapability[])[] = [
  ['multi-role'],
  ['multi-role'],
  everything,
  everything,
  [],
  ['multi-role', 'shared-resources'],
  ['multi-role', 'reservation-refinement'],
  ['gpu-resources', 'revocable-resources'],
];

const constraints = [
  undefined,
  undefined,
  undefined,
  offerConstraints([
    { role: 'a', groups: [[{ selector: { attribute: 'rack' }, predicate: { type: 'text-equals', value: 'r1' } }]] },
  ]),
];

const minimums = [undefined, undefined, undefined, [], [quantities('cpus:3')], [quantities('mem:100')]] as const;

const settings: fc.Arbitrary<FrameworkSettings> = fc
  .record({
    roles: fc.subarray([...roles], { minLength: 1 }),
    suppressed: fc.nat(4),
    capabilities: fc.constantFrom(...frameworkCapabilities),
    offerConstraints: fc.constantFrom(...constraints),
    minimum: fc.constantFrom(...minimums),
    priority: fc.nat(2),
  })
  .map(({ suppressed, minimum, offerConstraints: own, ...rest }) => ({
    ...rest,
    suppressedRoles: rest.roles.filter((_, index) => index === suppressed),
    ...(own === undefined ? {} : { offerConstraints: own }),
    ...(minimum === undefined
      ? {}
      : { minAllocatable: rest.roles.slice(0, 1).map((role) => ({ role, minAllocatable: minimum })) }),
  }));

const agents: fc.Arbitrary<NewAgent> = fc
  .record({
    agent: fc.constantFrom(...agentIds),
    total: fc.constantFrom(...totals),
    rack: fc.constantFrom('r1', 'r2'),
    capabilities: fc.constantFrom(...agentCapabilities),
    region: fc.constantFrom('here', 'here', 'there', null, null, null),
    isLeaving: fc.nat(9),
  })
  .map(({ agent, total, rack, capabilities, region, isLeaving }) => ({
    agent,
    total,
    attributes: attributes(`rack:${rack}`),
    ...(capabilities === undefined ? {} : { capabilities }),
    domain: region === null ? null : { region, zone: 'z' },
    unavailability: isLeaving === 0 ? { start: 50_000 } : null,
  }));

/** Whole intervals, so that some end on the very instant of a batch; and some that do not. */
const refuseSeconds = fc.constantFrom(0, 0.5, 1, 1, 2, 2.5, 5, 3_600);

/** What is to happen. Who and what is meant follows from the state. */
export type Intent = typeof intents extends fc.Arbitrary<infer I> ? I : never;
const intents = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('agent' as const), agent: agents }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('framework' as const),
      framework: fc.constantFrom(...frameworkIds),
      settings,
      active: fc.nat(5),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('update' as const), framework: fc.nat(), settings }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'remove-framework' as const,
        'deactivate-framework' as const,
        'activate-framework' as const,
      ),
      which: fc.nat(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('suppress' as const, 'unsuppress' as const, 'revive' as const, 'clear-filters' as const),
      which: fc.nat(),
      roles: fc.subarray([...roles]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('remove-agent' as const, 'deactivate-agent' as const, 'activate-agent' as const),
      which: fc.nat(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('resize' as const), which: fc.nat(), total: fc.constantFrom(...totals) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('recover' as const),
      which: fc.nat(),
      part: fc.constantFrom('all' as const, 'all' as const, 'a cpu' as const, 'in two' as const),
      refuseSeconds,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('decline-all' as const), except: fc.nat(6), refuseSeconds }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refuse-everything' as const), refuseSeconds }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('ignore' as const), which: fc.nat(), ms: fc.constantFrom(1_000, 3_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      agent: fc.nat(),
      which: fc.nat(),
      role: fc.constantFrom(...roles),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('weigh' as const),
      role: fc.constantFrom(...roles),
      weight: fc.constantFrom(0.5, 1, 2),
      priority: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('whitelist' as const),
      hosts: fc.option(fc.subarray(agentIds), { nil: null, freq: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('offers-out' as const), which: fc.nat(), offers: fc.nat(3) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 250, 500, 1_000, 1_000, 1_000, 2_000, 4_000),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('allocate' as const),
      agents: fc.constantFrom('requested' as const, 'all' as const),
    }),
  },
);

export interface Beginning {
  readonly config: Partial<AllocatorConfig>;
  /** Inputs that fill the cluster. */
  readonly agents: readonly NewAgent[];
  readonly frameworks: readonly { readonly framework: string; readonly settings: FrameworkSettings }[];
}

const configs: fc.Arbitrary<Partial<AllocatorConfig>> = fc
  .record({
    seed: fc.nat(5),
    agentOrder: fc.constantFrom('random' as const, 'random' as const, 'best-fit' as const, 'worst-fit' as const),
    most: fc.constantFrom(null, null, 1, 3),
    isPicky: fc.boolean(),
    fairnessExclude: fc.constantFrom([], ['mem']),
    filterGpus: fc.boolean(),
    isSomewhere: fc.boolean(),
  })
  .map(({ most, isPicky, isSomewhere, ...rest }) => ({
    ...rest,
    maxOffersPerFramework: most,
    ...(isPicky ? {} : { minAllocatable: [] }),
    domain: isSomewhere ? { region: 'here', zone: 'z' } : null,
  }));

/** A cluster of agents that are all alike and frameworks that mostly are, in all roles; or one of all kinds. */
export const beginnings: fc.Arbitrary<Beginning> = fc
  .record({
    config: configs,
    agents: fc.array(agents, { maxLength: 12, size: 'max' }),
    frameworks: fc.array(fc.record({ framework: fc.constantFrom(...frameworkIds), settings }), {
      maxLength: 8,
      size: 'max',
    }),
    isUniform: fc.boolean(),
    count: fc.constantFrom(1, 3, 14),
  })
  .map(({ config, agents: some, frameworks, isUniform, count }) => {
    if (!isUniform) return { config, agents: some, frameworks };
    const total = totals[0] ?? noResources;
    return {
      config,
      agents: agentIds.map((agent) => ({ agent, total })),
      frameworks: frameworkIds
        .slice(0, count)
        .map((framework) => ({ framework, settings: { roles: ['a', 'b', 'a/b'] } })),
    };
  });

/** What happens, and to which of two forks of one cluster. Now and then the second begins anew from the first. */
export const forkedIntents = fc.array(
  fc.record({
    intent: intents,
    fork: fc.constantFrom(0 as const, 0 as const, 1 as const),
    splits: fc.nat(15).map((n) => n === 0),
  }),
  { maxLength: 45, size: 'max' },
);

export function begin({ config, agents: machines, frameworks }: Beginning): AllocatorState {
  let state = emptyAllocator(config);
  for (const agent of machines) [state] = allocatorTransition(state, { type: 'add-agent', at: 0, ...agent });
  for (const { framework, settings: own } of frameworks) {
    [state] = allocatorTransition(state, { type: 'add-framework', at: 0, framework, ...own });
  }
  return state;
}

/** The state after an intent that is no run. */
export function follow(state: AllocatorState, intent: Exclude<Intent, { readonly kind: 'allocate' }>): AllocatorState {
  const at = state.now;
  const tell = (input: AllocatorInput): AllocatorState => allocatorTransition(state, input)[0];
  const framework = (which: number): string => pick(state.frameworks.keys(), which) ?? 'nobody';
  const agent = (which: number): string => pick(state.agents.keys(), which) ?? 'nowhere';
  switch (intent.kind) {
    case 'agent':
      return tell({ type: 'add-agent', at, ...intent.agent });
    case 'framework':
      return tell({
        type: 'add-framework',
        at,
        framework: intent.framework,
        active: intent.active > 0,
        ...intent.settings,
      });
    case 'update':
      return tell({ type: 'update-framework', at, framework: framework(intent.framework), ...intent.settings });
    case 'remove-framework':
    case 'deactivate-framework':
    case 'activate-framework':
      return tell({ type: intent.kind, at, framework: framework(intent.which) });
    case 'suppress':
    case 'unsuppress':
    case 'revive':
    case 'clear-filters':
      return tell({ type: intent.kind, at, framework: framework(intent.which), roles: intent.roles });
    case 'remove-agent':
    case 'deactivate-agent':
    case 'activate-agent':
      return tell({ type: intent.kind, at, agent: agent(intent.which) });
    case 'resize':
      return tell({ type: 'update-agent', at, agent: agent(intent.which), total: intent.total });
    case 'recover':
      return recovered(state, intent);
    case 'decline-all':
      return declined(state, intent);
    case 'refuse-everything':
      return refusedByAll(state, intent.refuseSeconds);
    case 'ignore':
      return ignored(state, intent);
    case 'answer': {
      const draft = openAllocator(state, new Edit());
      dropSilenceFilters(draft, { agent: agent(intent.agent), framework: framework(intent.which), role: intent.role });
      return closeAllocator(draft);
    }
    case 'weigh':
      return tell({ type: 'set-weight', at, role: intent.role, weight: intent.weight, priority: intent.priority });
    case 'whitelist':
      return tell({ type: 'set-whitelist', at, hosts: intent.hosts });
    case 'offers-out':
      return tell({ type: 'set-offers-out', at, framework: framework(intent.which), offers: intent.offers });
    case 'pass':
      return tell({ type: 'tick', at: at + intent.ms });
  }
}

function pick<V>(list: readonly V[], which: number): V | undefined {
  return list.length === 0 ? undefined : list[which % list.length];
}

interface Held {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
  readonly resources: ReturnType<typeof resources>;
}

function heldIn(state: AllocatorState): readonly Held[] {
  return state.agents.values().flatMap(({ id, held }) => held.map((holding) => ({ agent: id, ...holding })));
}

function giveBack(state: AllocatorState, held: Held, refuse: number): AllocatorState {
  const input = { type: 'recover', at: state.now, ...held, refuseSeconds: refuse } as const;
  return allocatorTransition(state, input)[0];
}

function recovered(
  state: AllocatorState,
  { which, part, refuseSeconds: refuse }: Extract<Intent, { readonly kind: 'recover' }>,
): AllocatorState {
  const held = pick(heldIn(state), which);
  if (held === undefined) return state;
  if (part === 'all') return giveBack(state, held, refuse);
  const some = shrinkToQuantities(held.resources, quantities('cpus:1'));
  const after = giveBack(state, { ...held, resources: some }, refuse);
  return part === 'a cpu' ? after : giveBack(after, { ...held, resources: subtract(held.resources, some) }, refuse + 1);
}

/** All give back what they hold, each by itself; one in so many without refusing it. */
function declined(
  state: AllocatorState,
  { except, refuseSeconds: refuse }: Extract<Intent, { readonly kind: 'decline-all' }>,
): AllocatorState {
  return heldIn(state).reduce(
    (after, held, index) => giveBack(after, held, except > 0 && index % 7 === except ? 0 : refuse),
    state,
  );
}

/** Every framework refuses in every role of its own the whole of every agent, held or not. */
function refusedByAll(state: AllocatorState, refuse: number): AllocatorState {
  let after = declined(state, { kind: 'decline-all', except: 0, refuseSeconds: 0 });
  for (const { id, total } of after.agents.values()) {
    for (const { id: framework, roles: own } of after.frameworks.values()) {
      for (const role of own) after = giveBack(after, { agent: id, framework, role, resources: total }, refuse);
    }
  }
  return after;
}

/** What somebody holds goes back since it was not answered. */
function ignored(state: AllocatorState, { which, ms }: Extract<Intent, { readonly kind: 'ignore' }>): AllocatorState {
  const held = pick(heldIn(state), which);
  if (held === undefined) return state;
  const draft = openAllocator(giveBack(state, held, 0), new Edit());
  hideAfterSilence(draft, held, held.resources, ms);
  return closeAllocator(draft);
}
