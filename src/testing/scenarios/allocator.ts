/** Suite `allocator`: the first level alone, under a virtual clock (FORMAT.md §6). */
import { v1AgentCapabilities, v1FrameworkCapabilities } from '../../cluster/index.js';
import {
  allocatorStats,
  allocatorTransition,
  emptyAllocator,
  isRunRequested,
  nextBatch,
  type AllocatorInput,
  type AllocatorState,
  type Holding,
  type InverseGrant,
  type Quota,
  type RoleStats,
  type Unavailability,
} from '../../offers/index.js';
import {
  add,
  amount,
  attributes,
  equals,
  limitOf,
  limits,
  names,
  noResources,
  quantities,
  quantitiesEqual,
  resources,
  type Conversion,
  type LimitsLike,
  type Problem,
  type QuantitiesLike,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';
import type { AgentCapability, FrameworkCapability } from '../../tasks/index.js';
import type { ScenarioFailure } from './failure.js';
import { Fields, bad, described } from './fields.js';
import { readOffered } from './offered.js';
import { readScenarioConversions } from './operations.js';

/** What one step produced, per framework, role and agent. */
type Offers = ReadonlyMap<
  string,
  { readonly framework: string; readonly role: string; readonly agent: string; readonly resources: Resources }
>;
type MutableOffers = Map<string, { framework: string; role: string; agent: string; resources: Resources }>;

/** The machine under the virtual clock. */
interface Bench {
  state: AllocatorState;
  now: number;
  offers: MutableOffers;
  /** Who was asked to leave which agent. */
  inverse: InverseGrant[];
  /** Why the step changed nothing, if it was refused. */
  refused: Problem | undefined;
  /** Batches that the machine left out since nothing could come of them; the format counts them as runs. */
  idleBatches: number;
}

type Body = AllocatorInput extends infer T ? (T extends unknown ? Omit<T, 'at'> : never) : never;

/** Runs one scenario; every difference, and everything that is not known, is a failure. */
export function runAllocatorScenario(s: unknown): readonly ScenarioFailure[] {
  const scenario = new Fields(s);
  for (const name of ['id', 'source']) scenario.raw(name);
  scenario.optionalTexts('tags');
  const config = scenario.has('config') ? scenario.inner('config') : new Fields({});
  const steps = scenario.list('steps').map((step) => new Fields(step));
  scenario.end();
  return runSteps(openBench(config), steps);
}

function runSteps(bench: Bench, steps: readonly Fields[]): readonly ScenarioFailure[] {
  const failures: ScenarioFailure[] = [];
  for (const [index, step] of steps.entries()) {
    try {
      bench.offers = new Map();
      bench.inverse = [];
      bench.refused = undefined;
      act(bench, step);
      settle(bench);
      failures.push(...compare(bench, step).map((difference) => ({ step: index, ...difference })));
      step.end();
    } catch (error) {
      failures.push({ step: index, expected: 'no exception', actual: described(error) });
      break;
    }
  }
  return failures;
}

function openBench(config: Fields): Bench {
  const interval = config.optionalNumber('allocationInterval');
  const minAllocatable = config.has('minAllocatable') ? config.list('minAllocatable') : undefined;
  const exclude = config.optionalTexts('fairnessExclude');
  const filterGpus = config.optionalFlag('filterGpus');
  config.end();
  const state = emptyAllocator({
    // As under `mesosDefaults` (QUOTA-11).
    nestedQuota: false,
    ...(interval === undefined ? {} : { allocationIntervalMs: ms(interval) }),
    ...(minAllocatable === undefined
      ? {}
      : { minAllocatable: minAllocatable.map((like) => quantities(like as QuantitiesLike)) }),
    ...(exclude === undefined ? {} : { fairnessExclude: exclude }),
    ...(filterGpus === undefined ? {} : { filterGpus }),
  });
  return { state, now: 0, offers: new Map(), inverse: [], refused: undefined, idleBatches: 0 };
}

function tell(bench: Bench, body: Body): void {
  const [state, outputs] = allocatorTransition(bench.state, { ...body, at: bench.now } as AllocatorInput);
  bench.state = state;
  for (const output of outputs) {
    if (output.type === 'refused') bench.refused = output.problem;
    if (output.type === 'policy-failed') throw bad(`the policy failed: ${output.failure.message}`);
    if (output.type === 'inverse') bench.inverse.push({ framework: output.framework, agent: output.agent });
    if (output.type !== 'grant') continue;
    const { framework, role, agent } = output.grant;
    const key = `${framework} ${role} ${agent}`;
    const before = bench.offers.get(key)?.resources ?? noResources;
    bench.offers.set(key, { framework, role, agent, resources: add(before, output.grant.resources) });
  }
}

/** Each step is settled before the next: a run that was asked for is performed. */
function settle(bench: Bench): void {
  if (isRunRequested(bench.state)) tell(bench, { type: 'allocate' });
}

/** Passes every instant at which a batch is due, performing it there. */
function advance(bench: Bench, target: number): void {
  const interval = bench.state.config.allocationIntervalMs;
  bench.idleBatches += Math.floor(target / interval) - Math.floor(bench.now / interval);
  for (let batch = nextBatch(bench.state); batch !== undefined && batch <= target; batch = nextBatch(bench.state)) {
    bench.now = batch;
    bench.idleBatches -= 1;
    tell(bench, { type: 'tick' });
    settle(bench);
  }
  bench.now = target;
  tell(bench, { type: 'tick' });
}

function act(bench: Bench, step: Fields): void {
  const op = step.text('op');
  switch (op) {
    case 'addAgent':
      return tell(bench, readAgent(step));
    case 'removeAgent':
      return tell(bench, { type: 'remove-agent', agent: step.text('agent') });
    case 'updateAgent':
      return tell(bench, { type: 'update-agent', agent: step.text('agent'), ...readChange(step) });
    case 'updateUnavailability':
      return tell(bench, {
        type: 'set-unavailability',
        agent: step.text('agent'),
        unavailability: readUnavailability(step),
      });
    case 'respondInverse':
      return tell(bench, readResponse(step));
    case 'addResourceProvider':
      return tell(bench, {
        type: 'add-provider',
        agent: step.text('agent'),
        total: read(step, 'total'),
        used: readUsed(step),
      });
    case 'addFramework':
      readAgentsUsed(step);
      return tell(bench, {
        type: 'add-framework',
        framework: step.text('framework'),
        active: step.optionalFlag('active') ?? true,
        ...readSettings(step),
      });
    case 'updateFramework':
      return tell(bench, { type: 'update-framework', framework: step.text('framework'), ...readSettings(step) });
    case 'removeFramework':
      return tell(bench, { type: 'remove-framework', framework: step.text('framework') });
    case 'activateFramework':
      return tell(bench, { type: 'activate-framework', framework: step.text('framework') });
    case 'deactivateFramework':
      return tell(bench, { type: 'deactivate-framework', framework: step.text('framework') });
    case 'recover':
      return tell(bench, readRecovery(step));
    case 'recoverAll':
      return recoverAll(bench);
    case 'suppress':
      return tell(bench, { type: 'suppress', framework: step.text('framework'), roles: step.texts('roles') });
    case 'revive':
      return tell(bench, { type: 'revive', framework: step.text('framework'), roles: step.texts('roles') });
    case 'updateWeights':
      for (const [role, weight] of step.entries('weights'))
        tell(bench, { type: 'set-weight', role, weight: weight as number });
      return undefined;
    case 'updateWhitelist':
      return tell(bench, { type: 'set-whitelist', hosts: step.raw('hosts') === null ? null : step.texts('hosts') });
    case 'updateQuota':
      return tell(bench, { type: 'set-quota', role: step.text('role'), quota: readQuota(step) });
    case 'updateAllocation':
      return tell(bench, readUpdate(step));
    case 'updateAvailable':
      return tell(bench, { type: 'update-available', agent: step.text('agent'), conversions: readConversions(step) });
    case 'advance':
      return advance(bench, bench.now + ms(step.number('seconds')));
    case 'check':
      return undefined;
    default:
      throw bad(`unknown op ${op}`);
  }
}

function recoverAll(bench: Bench): void {
  for (const agent of bench.state.agents.values()) {
    for (const held of agent.held) tell(bench, { type: 'recover', agent: agent.id, ...held });
  }
}

function readUpdate(step: Fields): Body {
  return {
    type: 'update-allocation',
    framework: step.text('framework'),
    agent: step.text('agent'),
    role: step.text('role'),
    offered: read(step, 'offered'),
    conversions: readConversions(step),
  };
}

function readConversions(step: Fields): readonly Conversion[] {
  return step.list('operations').flatMap(readScenarioConversions);
}

/** Both empty = the default: no quota. */
function readQuota(step: Fields): Quota | null {
  const guarantees = quantities((step.raw('guarantees') ?? '') as QuantitiesLike);
  const ceiling = limits((step.raw('limits') ?? '') as LimitsLike);
  return guarantees.names.length === 0 && ceiling.names.length === 0 ? null : { guarantees, limits: ceiling };
}

function readRecovery(step: Fields): Body {
  const refuseSeconds = step.optionalNumber('refuseSeconds');
  return {
    type: 'recover',
    framework: step.text('framework'),
    agent: step.text('agent'),
    role: step.text('role'),
    resources: read(step, 'resources'),
    ...(refuseSeconds === undefined ? {} : { refuseSeconds }),
  };
}

function readAgent(step: Fields): Body {
  return {
    type: 'add-agent',
    agent: step.text('agent'),
    hostname: step.optionalText('hostname') ?? step.text('agent'),
    capabilities: ['multi-role', 'hierarchical-role', 'reservation-refinement'],
    used: readUsed(step),
    ...readChange(step),
    total: read(step, 'total'),
    ...(step.has('unavailability') ? { unavailability: readUnavailability(step) } : {}),
  };
}

/** `{start, duration?}` in seconds; null = nothing is planned. */
function readUnavailability(step: Fields): Unavailability | null {
  if (step.raw('unavailability') === null) return null;
  const plan = step.inner('unavailability');
  const duration = plan.optionalNumber('duration');
  const unavailability = {
    start: ms(plan.number('start')),
    ...(duration === undefined ? {} : { durationMs: ms(duration) }),
  };
  plan.end();
  return unavailability;
}

/** `none` = it was taken back unanswered. */
function readResponse(step: Fields): Body {
  const where = { framework: step.text('framework'), agent: step.text('agent') };
  const response = step.text('response');
  if (response === 'none') return { type: 'withdraw-inverse', ...where };
  if (response !== 'accept' && response !== 'decline') throw bad(`unknown response ${response}`);
  const refuseSeconds = step.optionalNumber('refuseSeconds');
  return { type: 'respond-inverse', ...where, response, ...(refuseSeconds === undefined ? {} : { refuseSeconds }) };
}

function readChange(step: Fields): {
  total?: Resources;
  attributes?: ReturnType<typeof attributes>;
  capabilities?: readonly AgentCapability[];
} {
  const text = step.optionalText('attributes');
  const capabilities = step.optionalTexts('capabilities');
  return {
    ...(step.has('total') ? { total: read(step, 'total') } : {}),
    ...(text === undefined ? {} : { attributes: attributes(text) }),
    ...(capabilities === undefined ? {} : { capabilities: capabilities.map(agentCapability) }),
  };
}

/** `{framework: {role: resources}}` */
function readUsed(step: Fields): readonly Holding[] {
  return step.entries('used').flatMap(([framework, roles]) =>
    Object.entries(roles as Readonly<Record<string, ResourcesLike>>).map(([role, used]) => ({
      framework,
      role,
      resources: resources(used),
    })),
  );
}

/** `{agent: {role: resources}}`: what is used is known from the agents, which say the same (ALLOC-17). */
function readAgentsUsed(step: Fields): void {
  for (const [, roles] of step.entries('used')) {
    for (const used of Object.values(roles as Readonly<Record<string, ResourcesLike>>)) resources(used);
  }
}

function readSettings(step: Fields): {
  roles: readonly string[];
  suppressedRoles: readonly string[];
  capabilities?: readonly FrameworkCapability[];
  minAllocatable: readonly { role: string; minAllocatable: ReturnType<typeof quantities>[] }[];
} {
  const capabilities = step.optionalTexts('capabilities');
  const isNew = step.text('op') === 'addFramework';
  return {
    roles: step.texts('roles'),
    suppressedRoles: step.optionalTexts('suppressedRoles') ?? [],
    ...(capabilities === undefined && !isNew
      ? {}
      : { capabilities: (capabilities ?? ['MULTI_ROLE']).map(frameworkCapability) }),
    minAllocatable: step.entries('minAllocatable').map(([role, list]) => ({
      role,
      minAllocatable: (list as readonly QuantitiesLike[]).map((like) => quantities(like)),
    })),
  };
}

type Difference = Omit<ScenarioFailure, 'step'>;

function compare(bench: Bench, step: Fields): readonly Difference[] {
  const differences: Difference[] = [];
  if (step.has('expect')) differences.push(...compareOffers(bench.offers, step.list('expect')));
  if (step.has('expectTotals')) differences.push(...compareTotals(bench.offers, step));
  if (step.has('expectCount')) differences.push(...same(step.number('expectCount'), bench.offers.size));
  differences.push(...compareRefusal(bench, step));
  differences.push(...compareInverse(bench, step));
  return [...differences, ...compareStats(bench, step)];
}

/** Absent = nobody is asked to leave anything. */
function compareInverse({ inverse }: Bench, step: Fields): readonly Difference[] {
  const wanted = (step.has('expectInverse') ? step.list('expectInverse') : []).map((entry) =>
    readInverse(new Fields(entry)),
  );
  const inOrder = [wanted, inverse].map((list) => list.map(({ framework, agent }) => `${agent} ${framework}`).sort());
  const agree = JSON.stringify(inOrder[0]) === JSON.stringify(inOrder[1]);
  return agree ? [] : [{ expected: { inverse: wanted }, actual: { inverse } }];
}

function readInverse(entry: Fields): InverseGrant {
  const inverse = { framework: entry.text('framework'), agent: entry.text('agent') };
  entry.end();
  return inverse;
}

/** A step is refused when the case says so, and only then. */
function compareRefusal({ refused }: Bench, step: Fields): readonly Difference[] {
  const expected = step.optionalFlag('expectError') ?? false;
  return expected === (refused !== undefined) ? [] : [{ expected: { error: expected }, actual: refused ?? 'no error' }];
}

function compareOffers(offers: Offers, expected: readonly unknown[]): readonly Difference[] {
  const wanted = new Map<string, Resources>();
  for (const entry of expected) {
    const offer = new Fields(entry);
    const role = offer.text('role');
    const key = `${offer.text('framework')} ${role} ${offer.text('agent')}`;
    wanted.set(key, add(wanted.get(key) ?? noResources, readOffered(offer.raw('resources'), role)));
    offer.end();
  }
  const agree =
    wanted.size === offers.size &&
    [...wanted].every(([key, part]) => equals(part, offers.get(key)?.resources ?? noResources));
  return agree ? [] : [{ expected, actual: written(offers) }];
}

/** `{framework: {role: resources}}`, summed over agents; nobody else gets anything. */
function compareTotals(offers: Offers, step: Fields): readonly Difference[] {
  const sums = new Map<string, Resources>();
  for (const { framework, role, resources: part } of offers.values()) {
    sums.set(`${framework} ${role}`, add(sums.get(`${framework} ${role}`) ?? noResources, part));
  }
  const wanted = step
    .entries('expectTotals')
    .flatMap(([framework, roles]) =>
      Object.entries(roles as Readonly<Record<string, ResourcesLike>>).map(
        ([role, part]) => [`${framework} ${role}`, readOffered(part, role)] as const,
      ),
    );
  const agree =
    wanted.length === sums.size && wanted.every(([key, part]) => equals(part, sums.get(key) ?? noResources));
  return agree ? [] : [{ expected: step.raw('expectTotals'), actual: written(offers) }];
}

function compareStats(bench: Bench, step: Fields): readonly Difference[] {
  const measured = allocatorStats(bench.state);
  const stats = { ...measured, runs: measured.runs + bench.idleBatches };
  const role = (name: string): (typeof stats.roles)[number] | undefined => stats.roles.find((one) => one.role === name);
  const differences: Difference[] = [];
  for (const [name, expected] of step.entries('expectFilters')) {
    differences.push(...same({ [name]: expected }, { [name]: role(name)?.filters ?? 0 }));
  }
  for (const [name, expected] of step.entries('expectShares')) {
    const share = role(name)?.dominantShare ?? null;
    const agree =
      share === expected || (typeof expected === 'number' && share !== null && Math.abs(share - expected) < 1e-9);
    if (!agree) differences.push({ expected: { [name]: expected }, actual: { [name]: share } });
  }
  for (const [name, expected] of step.entries('expectOfferedOrAllocated')) {
    const held = role(name)?.offeredOrAllocated ?? quantities('');
    if (!quantitiesEqual(held, quantities(expected as QuantitiesLike))) {
      differences.push({ expected: { [name]: expected }, actual: { [name]: String(held) } });
    }
  }
  for (const [name, expected] of step.entries('expectMetrics')) {
    differences.push(...same({ [name]: expected }, { [name]: metric(stats, name) }));
  }
  return differences;
}

function metric(stats: ReturnType<typeof allocatorStats>, name: string): number | null {
  if (name === 'allocation_runs') return stats.runs;
  const [kind, resource, what] = name.split('/');
  if (kind === 'resources' && resource !== undefined && what === 'total') return amount(stats.total, resource) / 1_000;
  if (kind === 'resources' && resource !== undefined && what === 'offered_or_allocated') {
    return amount(stats.offeredOrAllocated, resource) / 1_000;
  }
  const [, role, of, measured] =
    /^quota\/roles\/(.+)\/resources\/([^/]+)\/(guarantee|limit|consumed|offered_or_allocated)$/.exec(name) ?? [];
  if (role === undefined || of === undefined) throw bad(`unknown metric ${name}`);
  const row = stats.roles.find((one) => one.role === role);
  return row === undefined ? null : quotaMetric(row, of, measured);
}

/** What is not guaranteed has no guarantee, what is not limited no limit; what is neither is not measured at all. */
function quotaMetric(row: RoleStats, resource: string, what: string | undefined): number | null {
  const { guarantees, limits } = row.quota;
  const limit = limitOf(limits, resource) ?? null;
  if (what === 'limit') return limit === null ? null : limit / 1_000;
  const guarantee = names(guarantees).includes(resource) ? amount(guarantees, resource) / 1_000 : null;
  if (what === 'guarantee') return guarantee;
  if (guarantee === null && limit === null) return null;
  return amount(what === 'consumed' ? row.consumed : row.offeredOrAllocated, resource) / 1_000;
}

function written(offers: Offers): readonly unknown[] {
  return [...offers.values()].map((offer) => ({ ...offer, resources: offer.resources.toJSON() }));
}

function same(expected: unknown, actual: unknown): readonly Difference[] {
  return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [{ expected, actual }];
}

function read(step: Fields, name: string): Resources {
  return resources((step.raw(name) ?? '') as ResourcesLike);
}

function ms(seconds: number): number {
  return Math.round(seconds * 1_000);
}

function agentCapability(name: string): AgentCapability {
  const own = v1AgentCapabilities.read(name);
  if (own === undefined) throw bad(`unknown agent capability ${name}`);
  return own;
}

function frameworkCapability(name: string): FrameworkCapability {
  const own = v1FrameworkCapabilities.read(name);
  if (own === undefined) throw bad(`unknown framework capability ${name}`);
  return own;
}
