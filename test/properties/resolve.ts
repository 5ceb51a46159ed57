/** From an intent to an input that means something in the state at hand. */
import {
  nextDeadline,
  type Agent,
  type Batch,
  type ClusterState,
  type Framework,
  type Input,
  type Offer,
  type OperationLike,
  type Task,
} from '../../src/cluster/index.js';
import type { AttributeConstraint, ConstraintPredicate } from '../../src/offers/index.js';
import { contains, resources as readResources, type ResourcesLike } from '../../src/resources/index.js';
import {
  agentCapabilities,
  operationStates,
  taskStates,
  type AgentCapability,
  type ExecutorLike,
  type OperationState,
  type ReportedOperation,
  type ReportedTask,
  type TaskLike,
  type TaskState,
} from '../../src/tasks/index.js';
import { Choices } from './choices.js';
import { chainOn, controlOf, operationOn, volumeUse } from './operate.js';
import { addresses, answerOf, moveOf, planOf } from './maintain.js';
import type { Intent, SingleKind } from './intents.js';

/** Amounts by resource name. */
type Amounts = Readonly<Record<string, number>>;
type Single = Exclude<Input, Batch>;

const agentIds = ['a1', 'a2', 'a3', '__proto__', 'constructor', 'b c', 'c', '\u{1F600}', '\uFF5E'] as const;
const frameworkIds = ['f1', 'f2', 'a b', 'a', '__proto__', 'toString', '\u{1F600}'] as const;
const badIds = ['', '.', 'a/b', '\ud800', 'x'.repeat(256), 'line\nbreak'] as const;
const roleNames = ['web', 'web/api', '*', 'db', '__proto__', 'constructor', 'web/api/deep'] as const;
const badRoles = ['', '/web', 'web//api', 'a b', '.', '-x'] as const;
const taskIds = ['t0', 't1', 't2', 't3', 't4', 't5', '__proto__', 'constructor', '\uFF5E'] as const;
const executorIds = ['e1', 'e2', '__proto__'] as const;

const operationIds = ['o1', 'o2', 'o3', '__proto__'] as const;

const sharedVolume = { name: 'disk', value: 64, role: 'web', disk: { id: 'v8', path: 'data' }, shared: true } as const;
const volume = { name: 'disk', value: 32, role: 'web', disk: { id: 'v9', path: 'data' } } as const;
const refined = {
  name: 'cpus',
  value: 2,
  reservations: [
    { type: 'static', role: 'web' },
    { type: 'dynamic', role: 'web/api' },
  ],
} as const;

const machines: readonly [ResourcesLike, ...ResourcesLike[]] = [
  'cpus:8;mem:8192;disk:1000;ports:[31000-31009]',
  'cpus:4;mem:4096;disk:100',
  'cpus:2;mem:1024',
  'cpus(web):2;mem(web):512;cpus:4;mem:4096;disk:50;ports:[31000-31004]',
  'cpus:16;mem:16384;disk:1000;gpus:2',
  'cpus:0.005;mem:8',
  'cpus:3;mem:3000;rack:{a,b,c};ports(web):[1-3]',
  [
    { name: 'cpus', value: 4 },
    { name: 'mem', value: 2048 },
    { name: 'cpus', value: 2, revocable: true },
  ],
  ['cpus:8;mem:4096;disk:40;disk(web):8', sharedVolume, volume],
  ['cpus:8;mem:4096;disk(web):40', sharedVolume, refined],
  '',
];
/** What a machine could give beyond what it has; the last ones can't be revocable. */
const estimates: readonly [ResourcesLike, ...ResourcesLike[]] = [
  'cpus:2;mem:512',
  'cpus:0.5',
  'cpus:4;disk:50;ports:[1-5]',
  '',
  [{ name: 'cpus', value: 2, revocable: true }],
  'cpus(web):1',
  [volume],
];
const badResources: readonly [ResourcesLike, ...ResourcesLike[]] = [
  'cpus:-1',
  'cpus',
  'ports:[5-1]',
  'cpus:1e400',
  [{ name: 'cpus', value: Number.NaN }],
  'cpus:9007199254740;mem:9007199254740',
];
const appetites: readonly [ResourcesLike, ...ResourcesLike[]] = [
  'cpus:1;mem:128',
  'cpus:0.5;mem:64',
  'cpus:2;mem:512',
  'cpus:0.1',
  'mem:32',
  'cpus:1;ports:[31000-31001]',
  'cpus:4;mem:1024',
  'cpus(web):1;mem(web):32',
  'rack:{a}',
  [{ name: 'cpus', value: 0.5, revocable: true }],
];

/** A status's uuid is of the input that made it: right ones can be found in the state, wrong ones made up. */
function uuid(seq: number): string {
  return `u${seq}`;
}

/** The input that an intent stands for in this state. */
export function resolve(state: ClusterState, intent: Intent): Input {
  const at = timeOf(state, intent);
  const choices = new Choices(intent.choices);
  if (intent.kind !== 'batch') return single(state, at, intent.kind, choices);
  const inner: readonly SingleKind[] = [
    'accept',
    'status',
    'decline',
    'register',
    'subscribe',
    'allocate',
    'tick',
    'acknowledge',
    'operation-status',
    'heartbeat',
  ];
  const inputs = Array.from({ length: 1 + choices.upTo(2) }, (_, index) => {
    const kind = choices.from(inner, 'tick' as const);
    return single(state, at + index * choices.of(0, 0, 1_000), kind, new Choices([...choices.rest(), index]));
  });
  return { type: 'batch', at, inputs };
}

function timeOf(state: ClusterState, { step }: Intent): number {
  const { now } = state;
  const due = Math.min(nextDeadline(state) ?? now, now + 1_000_000_000);
  if (step === 'batch')
    return (Math.floor(now / state.config.allocationIntervalMs) + 1) * state.config.allocationIntervalMs;
  if (step === 'deadline') return due;
  if (step === 'before-deadline') return Math.max(now, due - 1);
  return now + step;
}

function single(state: ClusterState, at: number, kind: SingleKind, choose: Choices): Single {
  const world = new World(state, at, choose);
  switch (kind) {
    case 'register':
      return world.register();
    case 'reregister':
      return world.reregister();
    case 'unregister':
      return { type: 'unregister', at, agent: world.agentId() };
    case 'update-agent':
      return {
        type: 'update-agent',
        at,
        agent: world.agentId(),
        ...(choose.rarely(3) ? {} : { resources: world.machine() }),
        ...(choose.rarely(2) ? { oversubscribed: choose.of(...estimates) } : {}),
        ...(choose.rarely(3) ? { attributes: choose.of('zone:a', 'zone:b', 'rack:1;zone:a', 'bad') } : {}),
      };
    case 'heartbeat':
      return { type: 'heartbeat', at, agent: world.agentId() };
    case 'agent-disconnected': {
      const agent = choose.from(world.connectedAgents(), undefined);
      const connection = choose.of(undefined, agent?.connection ?? undefined, 'stale');
      return { type: 'agent-disconnected', at, agent: agent?.id ?? world.agentId(), ...given({ connection }) };
    }
    case 'mark-unreachable':
    case 'mark-gone':
    case 'deactivate':
      return { type: kind, at, agent: world.agentId() };
    case 'drain':
      return {
        type: 'drain',
        at,
        agent: world.agentId(),
        ...given({
          maxGraceMs: choose.of<number | undefined>(undefined, 1_000, 0, Number.NaN),
          markGone: choose.of(undefined, undefined, true),
        }),
      };
    case 'reactivate':
      return { type: 'reactivate', at, agent: choose.from(state.service.keys(), world.agentId()) };
    case 'set-maintenance':
      return planOf(state, at, choose);
    case 'machine-down':
    case 'machine-up':
      return moveOf(state, kind, at, choose);
    case 'answer-inverse':
      return answerOf(state, world.caller(), at, choose);
    case 'subscribe':
      return world.subscribe();
    case 'resubscribe':
      return world.resubscribe();
    case 'update-framework':
      return { type: 'update-framework', at, ...world.caller(), ...world.frameworkInfo(true) };
    case 'framework-disconnected': {
      const { framework, connection } = world.caller();
      return { type: 'framework-disconnected', at, framework, ...(choose.rarely(3) ? {} : { connection }) };
    }
    case 'teardown':
      return { type: 'teardown', at, ...world.caller() };
    case 'teardown-framework':
      return { type: 'teardown-framework', at, framework: world.caller().framework };
    case 'accept':
      return world.accept();
    case 'accept-badly':
      return world.acceptBadly();
    case 'decline':
      return world.decline();
    case 'suppress':
    case 'unsuppress':
    case 'clear-filters':
    case 'revive': {
      const who = world.caller();
      const own = state.frameworks.get(who.framework)?.settings.roles ?? [];
      const roles = choose.of<readonly string[] | undefined>(undefined, [], own.slice(0, 1), own.slice(1), ['nobodys']);
      return { type: kind, at, ...who, ...given({ roles }) };
    }
    case 'request':
      return {
        type: 'request',
        at,
        ...world.caller(),
        requests: choose.of(
          [],
          [{ resources: 'cpus:1;mem:64', count: 3 }],
          [{ role: 'web', agent: 'a1' }],
          [{ resources: 'cpus:-1' }],
          [{ count: Infinity }],
        ),
      };
    case 'kill':
      return world.kill();
    case 'shutdown':
      return {
        type: 'shutdown',
        at,
        ...world.caller(),
        agent: world.agentId(),
        executor: choose.from(executorIds, 'e1'),
      };
    case 'acknowledge':
      return world.acknowledge();
    case 'reconcile':
      return world.reconcile();
    case 'acknowledge-operation':
      return world.acknowledgeOperation();
    case 'reconcile-operations':
      return world.reconcileOperations();
    case 'framework-message':
      return { type: 'framework-message', at, ...world.caller(), agent: world.agentId(), executor: 'e1', data: 'data' };
    case 'agent-message':
      return {
        type: 'agent-message',
        at,
        agent: world.agentId(),
        framework: world.caller().framework,
        executor: 'e1',
        data: '',
      };
    case 'status':
      return world.status();
    case 'operation-status':
      return world.operationStatus();
    case 'executor-exited': {
      const found = choose.from(
        state.agents.values().flatMap(({ id, executors }) => executors.map((row) => ({ agent: id, row }))),
        undefined,
      );
      const status = choose.of(undefined, 0, 9);
      return found === undefined
        ? { type: 'executor-exited', at, agent: world.agentId(), framework: world.caller().framework, executor: 'e1' }
        : {
            type: 'executor-exited',
            at,
            agent: found.agent,
            framework: found.row.framework,
            executor: found.row.info.id,
            ...given({ status }),
          };
    }
    case 'set-weight':
      return {
        type: 'set-weight',
        at,
        role: choose.rarely(9) ? choose.from(badRoles, '') : choose.from(roleNames, 'web'),
        ...given({
          weight: choose.of<number | undefined>(2, 0.5, undefined, 3, 0, Number.NaN, 1e300),
          priority: choose.of<number | undefined>(undefined, 1, Infinity),
        }),
      };
    case 'set-quota':
      return {
        type: 'set-quota',
        at,
        quotas: [
          {
            role: choose.rarely(9) ? choose.from(badRoles, '') : choose.from(roleNames, 'web'),
            ...choose.of<{ guarantees?: Amounts; limits?: Amounts }>(
              { guarantees: { cpus: 2, mem: 512 } },
              { limits: { cpus: 2 } },
              {},
              { limits: { cpus: 0 } },
              { guarantees: { cpus: 1 }, limits: { cpus: 3, mem: 1_024 } },
              { guarantees: { cpus: 1e6 } },
              { guarantees: { cpus: 2 }, limits: { cpus: 1 } },
            ),
          },
        ],
        ...given({ force: choose.of<boolean | undefined>(undefined, true) }),
      };
    case 'operate':
      return world.operate();
    case 'set-whitelist':
      return { type: 'set-whitelist', at, hosts: choose.of(null, null, ['a1', 'host'], [], ['__proto__']) };
    case 'configure':
      return { type: 'configure', at, config: world.config() };
    case 'pause':
    case 'resume':
      return { type: kind, at };
    case 'allocate': {
      const agents = choose.of<'all' | 'requested' | undefined>('all', 'all', 'requested', undefined);
      return { type: 'allocate', at, ...given({ agents }) };
    }
    case 'tick':
      return { type: 'tick', at };
  }
  return kind satisfies never;
}

/** The state, and what can be chosen in it. */
class World {
  constructor(state: ClusterState, at: number, choose: Choices) {
    this.state = state;
    this.at = at;
    this.choose = choose;
  }

  readonly state: ClusterState;
  readonly at: number;
  readonly choose: Choices;

  connectedAgents(): readonly Agent[] {
    return this.state.agents.values().filter(({ connected }) => connected);
  }

  /** Mostly one that is there. */
  agentId(): string {
    const known = [...this.state.agents.keys(), ...this.state.recovered.keys(), ...this.state.unreachable.keys()];
    return this.choose.rarely(6) ? this.choose.from(agentIds, 'a1') : this.choose.from(known, 'a1');
  }

  framework(): Framework | undefined {
    const connected = this.state.frameworks.values().filter(({ state }) => state === 'connected');
    return this.choose.from(connected, undefined);
  }

  /** Mostly a framework over its connection; sometimes nobody, or somebody over a connection that is over. */
  caller(framework = this.framework()): { readonly framework: string; readonly connection: string } {
    if (framework === undefined) return { framework: this.choose.from(frameworkIds, 'f1'), connection: 'c0' };
    const stale = this.choose.rarely(15);
    return { framework: framework.id, connection: stale ? 'stale' : (framework.connection ?? 'c0') };
  }

  machine(): ResourcesLike {
    const { choose } = this;
    return choose.rarely(12) ? choose.of(...badResources) : choose.of(...machines);
  }

  private description(): { readonly [field: string]: unknown; readonly resources: ResourcesLike } {
    const { choose } = this;
    return {
      resources: this.machine(),
      ...given({
        heartbeatMs: choose.rarely(12) ? 0.5 : choose.of<number | undefined>(undefined, undefined, 1_000, 60_000),
        connection: choose.of(undefined, `k${this.state.seq}`),
        attributes: choose.of(undefined, 'zone:a', 'rack:1'),
        capabilities: choose.of<readonly AgentCapability[] | undefined>(
          undefined,
          agentCapabilities,
          agentCapabilities,
          agentCapabilities,
          [],
          ['multi-role'],
        ),
        hostname: choose.rarely(10) ? 'host' : undefined,
        domain: choose.rarely(10) ? { region: 'r', zone: 'z' } : undefined,
        streams: choose.of(undefined, true),
        ip: choose.of<string | undefined>(undefined, undefined, ...addresses),
      }),
    };
  }

  register(): Single {
    const { choose, at } = this;
    const id = choose.of<string | undefined>(
      undefined,
      'a1',
      'a2',
      'a3',
      'c',
      'b c',
      choose.rarely(6) ? '' : '__proto__',
      '\uFF5E',
    );
    return { type: 'register', at, ...given({ agent: id }), ...this.description() } as Single;
  }

  reregister(): Single {
    const { choose, at, state } = this;
    const agent = this.agentId();
    const booked = state.frameworks
      .values()
      .flatMap(({ tasks, unreachableTasks }) =>
        [...tasks.values(), ...unreachableTasks.values()].filter((task) => task.agent === agent),
      );
    // It forgets one, sometimes, or has one that nobody knows.
    const kept = choose.rarely(3) ? booked.slice(1) : booked;
    const tasks = [...kept.map((task) => this.reported(task)), ...(choose.rarely(3) ? [this.stranger()] : [])];
    const executors = (state.agents.get(agent)?.executors ?? []).map(({ framework, role, info }) => ({
      ...(info as ExecutorLike),
      framework,
      role,
    }));
    const machine = state.allocator.agents.get(agent);
    const same = machine === undefined || choose.rarely(3) ? {} : { resources: machine.total };
    const frameworks = choose.of<readonly string[] | undefined>(
      undefined,
      undefined,
      ['web'],
      ['web//api'],
      ['db', 'db'],
      [],
    );
    return {
      type: 'reregister',
      at,
      agent,
      ...this.description(),
      ...same,
      ...(tasks.length > 0 || choose.rarely(2) ? { tasks } : {}),
      ...(choose.rarely(3) ? {} : { executors }),
      ...(choose.rarely(4) ? {} : { operations: this.reportedOperations(agent) }),
      ...(frameworks === undefined
        ? {}
        : { frameworks: frameworkIds.map((id) => ({ id, roles: frameworks, capabilities: ['multi-role' as const] })) }),
    } as Single;
  }

  private reported(task: Task): ReportedTask {
    const { choose } = this;
    const lived = task.state === 'unreachable' || task.state === 'lost' ? 'running' : task.state;
    const state = choose.rarely(4) ? choose.from(taskStates, 'running' as const) : lived;
    const inFlight = choose.rarely(3) ? { statusState: 'running' as const, statusUuid: uuid(this.state.seq) } : {};
    return { framework: task.framework, id: task.id, role: task.role, resources: task.resources, state, ...inFlight };
  }

  /** It forgets one, sometimes, knows better, or has some that nobody knows, or that are known elsewhere. */
  private reportedOperations(agent: string): readonly ReportedOperation[] {
    const { choose, state } = this;
    const booked = state.operations.values().filter((row) => row.agent === agent);
    const kept = choose.rarely(3) ? booked.slice(1) : booked;
    const known = kept.map((row) => ({
      operation: row.uuid,
      state: choose.rarely(2) ? row.state : this.operationState(),
      ...given({
        framework: row.framework ?? undefined,
        id: row.id ?? undefined,
        statusUuid: choose.rarely(3) ? undefined : (row.statusUuid ?? `s${state.seq}`),
      }),
    }));
    const stranger = {
      operation: choose.of('proffer-P0', 'proffer-P1', '__proto__', 'p7', state.operations.keys()[0] ?? 'p8'),
      state: this.operationState(),
      ...given({
        framework: choose.rarely(4) ? undefined : choose.from(frameworkIds, 'f1'),
        id: choose.rarely(4) ? undefined : choose.from(operationIds, 'o1'),
        statusUuid: choose.rarely(3) ? undefined : `s${state.seq}`,
      }),
    };
    return choose.rarely(2) ? [...known, stranger] : known;
  }

  private operationState(): OperationState {
    const { choose } = this;
    if (choose.rarely(25)) return choose.from(operationStates, 'pending' as const);
    return choose.of<OperationState>('finished', 'finished', 'dropped', 'failed', 'pending', 'error');
  }

  private stranger(): ReportedTask {
    const { choose } = this;
    return {
      framework: choose.from(frameworkIds, 'f1'),
      id: choose.from(taskIds, 't0'),
      role: choose.rarely(12) ? choose.from(badRoles, '') : choose.from(roleNames, 'web'),
      resources: choose.rarely(12) ? choose.of(...badResources) : choose.of(...appetites),
      state: choose.of<TaskState>('running', 'staging', 'finished', 'lost'),
      ...(choose.rarely(2) ? { executor: 'e1' } : {}),
    };
  }

  frameworkInfo(change = false): object {
    const { choose } = this;
    const bad = choose.rarely(6) ? choose.upTo(3) : undefined;
    const roles = choose.rarely(14)
      ? [choose.from(badRoles, '')]
      : choose.of<readonly string[] | undefined>(
          ['web'],
          ['web', 'web/api'],
          ['db'],
          ['*'],
          undefined,
          ['__proto__', 'constructor'],
          [],
          ['web/api/deep', 'web'],
          bad === 3 ? ['db', 'db'] : ['web', 'db'],
        );
    const capabilities = choose.of<readonly string[] | undefined>(
      undefined,
      undefined,
      undefined,
      ['multi-role'],
      ['multi-role', 'partition-aware', 'gpu-resources', 'revocable-resources'],
      ['multi-role', 'shared-resources', 'reservation-refinement'],
      ['multi-role', 'shared-resources', 'reservation-refinement', 'partition-aware'],
      [],
    );
    return given({
      name: change ? undefined : 'n',
      roles: capabilities?.length === 0 ? undefined : roles,
      role: capabilities?.length === 0 ? 'web' : undefined,
      capabilities,
      suppressedRoles: choose.rarely(8) ? (roles ?? ['nobodys']) : undefined,
      failoverTimeoutMs:
        bad === 0 ? choose.of(Infinity, -1) : choose.of<number | undefined>(600_000, undefined, 5_000, 1e300),
      checkpoint: change ? undefined : choose.of(undefined, true, false),
      principal: choose.rarely(12) ? 'other' : undefined,
      priority: bad === 1 ? Number.NaN : choose.of<number | undefined>(undefined, 2, -0),
      offerFilters: choose.of<object | undefined>(
        undefined,
        undefined,
        undefined,
        { web: { minAllocatable: ['cpus:2'] } },
        { web: { minAllocatable: [] } },
        [['__proto__', { minAllocatable: [{ cpus: 1 }, {}] }]],
        bad === 2 ? { db: { minAllocatable: [{ cpus: -1 }] } } : { web: {} },
      ),
      offerConstraints: choose.of<object | undefined>(
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        [{ role: 'web', groups: [[constraint('zone', { type: 'text-matches', regex: 'a|c' })]] }],
        [{ role: '__proto__', groups: [[constraint('rack', { type: 'not-exists' })]] }],
        [{ role: 'db', groups: [[]] }],
      ),
    });
  }

  subscribe(): Single {
    const { choose, at } = this;
    const framework = choose.rarely(12)
      ? choose.from(badIds, '')
      : choose.of(undefined, 'f1', 'f2', 'a', 'a b', '__proto__', 'toString');
    return {
      type: 'subscribe',
      at,
      connection: `c${this.state.seq}`,
      ...given({ framework }),
      ...this.frameworkInfo(),
    } as Single;
  }

  /** The same framework, as it is, over another connection. */
  resubscribe(): Single {
    const { choose, at, state } = this;
    const known = choose.from(state.frameworks.values(), undefined);
    if (known === undefined) return this.subscribe();
    const { roles, principal, capabilities, failoverTimeoutMs } = known.settings;
    return {
      type: 'subscribe',
      at,
      connection: choose.rarely(4) ? (known.connection ?? 'c') : `c${state.seq}`,
      framework: known.id,
      ...(capabilities.includes('multi-role') ? { roles } : { role: roles[0] ?? '*' }),
      ...given({ principal: principal ?? undefined }),
      capabilities,
      failoverTimeoutMs,
    };
  }

  /** A framework that has offers, if there is one, and these. */
  private offered(): { readonly framework: Framework | undefined; readonly offers: readonly Offer[] } {
    const { state, choose } = this;
    const all = state.offers.values().map(({ offer }) => offer);
    const holders = state.frameworks.values().filter(({ id }) => all.some((offer) => offer.framework === id));
    const framework = choose.from(holders, undefined);
    return { framework, offers: all.filter((offer) => offer.framework === framework?.id) };
  }

  /** With `operate`, mostly operations. */
  accept(operate = false): Single {
    const { choose, at } = this;
    const { framework, offers } = this.offered();
    const siblings = offers.filter((one) =>
      offers.some((two) => two !== one && two.agent === one.agent && two.role === one.role),
    );
    const first = choose.from(siblings.length > 0 ? siblings : offers, undefined);
    if (framework === undefined || first === undefined) return { type: 'allocate', at, agents: 'all' };
    const together = offers.filter(({ agent, role }) => agent === first.agent && role === first.role);
    const used = choose.rarely(4) ? [first] : together;
    const refuseSeconds = this.refuseSeconds();
    return {
      type: 'accept',
      at,
      ...this.caller(framework),
      offers: used.map(({ id }) => id),
      operations: operate ? this.chain(first) : this.operations(first, framework),
      ...given({ refuseSeconds }),
    };
  }

  /** Stale, duplicate, foreign and mixed offers. */
  acceptBadly(): Single {
    const { choose, at, state } = this;
    const { framework, offers } = this.offered();
    const all = state.offers.keys();
    const [one = 'proffer-O0'] = offers.map(({ id }) => id);
    const named = choose.of([], ['proffer-O0'], [one, one], all, [one, 'nonsense'], ['__proto__']);
    const ghost: OperationLike = {
      type: 'launch',
      tasks: [{ id: choose.from(taskIds, 't0'), resources: 'cpus:1', payload: 1 }],
    };
    const operations = choose.of([], [ghost], [ghost, { type: 'reserve', id: 'o1', resources: 'cpus:1' } as const]);
    return { type: 'accept', at, ...this.caller(framework), offers: named, operations };
  }

  private refuseSeconds(): number | undefined {
    return this.choose.of<number | undefined>(undefined, 0, 1, 3, -1, Number.NaN, Infinity, 60, 0.0004, 3_600);
  }

  private operations(offer: Offer, framework: Framework): readonly OperationLike[] {
    const { choose } = this;
    return choose.of<() => readonly OperationLike[]>(
      () => [{ type: 'launch', tasks: [this.task(offer)] }],
      () => [{ type: 'launch', tasks: [this.task(offer), this.task(offer)] }],
      () => [
        { type: 'launch', tasks: [this.task(offer)] },
        { type: 'launch-group', ...this.group(framework) },
      ],
      () => [{ type: 'launch-group', ...this.group(framework) }],
      () => [{ type: 'launch', tasks: [{ ...this.task(offer), resources: offer.resources }] }],
      () => [
        { type: 'launch', tasks: [] },
        { type: 'unreserve', id: 'o2', resources: 'cpus:1' },
      ],
      () => [{ type: 'launch', id: 'set', tasks: [this.task(offer)] }],
      () => this.chain(offer),
      () => this.chain(offer),
    )();
  }

  /** Operations, and tasks on what comes of them. */
  private chain(offer: Offer): readonly OperationLike[] {
    const { choose } = this;
    const { operations, left } = chainOn(offer.resources, offer.role, choose);
    const named = operations.map((one) => (choose.rarely(2) ? one : { ...one, id: choose.from(operationIds, 'o1') }));
    const use = volumeUse(left, choose);
    if (use === undefined) return [...named, { type: 'launch', tasks: [this.task(offer)] }];
    const tasks = [this.task(offer), this.task(offer)].map((one) => ({ ...one, resources: [one.resources, use] }));
    return [...named, { type: 'launch', tasks }];
  }

  /** The operator's operations: mostly on what is free, sometimes on what is held. */
  operate(): Single {
    const { choose, at, state } = this;
    const agent = this.agentId();
    const machine = state.allocator.agents.get(agent);
    const have = machine && (choose.rarely(3) ? machine.total : machine.free);
    const role = choose.from(roleNames, 'web');
    const operation = have && operationOn(have, role === '*' ? 'web' : role, choose);
    if (operation === undefined) return { type: 'reserve', at, agent, resources: 'cpus:1' };
    return controlOf(operation, agent, at);
  }

  private task(offer: Offer): TaskLike {
    const { choose } = this;
    const free = taskIds.filter((one) => this.state.frameworks.get(offer.framework)?.tasks.has(one) !== true);
    const id = choose.rarely(15) ? choose.from(badIds, '') : choose.from(choose.rarely(5) ? taskIds : free, 't0');
    const fitting = appetites.filter((one) => contains(offer.resources, readResources(one)));
    const resources = choose.rarely(10)
      ? choose.of<ResourcesLike>('cpus:1000', ...badResources, '')
      : choose.from(fitting, 'cpus:1');
    const what = choose.of<() => Partial<TaskLike>>(
      () => ({ payload: { job: [null, 1] } }),
      () => ({ command: { value: 'true' } }),
      () => ({ executor: this.executor() }),
      () => (choose.rarely(4) ? {} : { executor: this.executor() }),
    )();
    return { id, resources, ...what, ...(choose.rarely(10) ? { agent: choose.of(offer.agent, 'elsewhere') } : {}) };
  }

  private executor(): ExecutorLike {
    const { choose } = this;
    return {
      id: choose.from(executorIds, 'e1'),
      type: 'custom',
      command: { value: 'run' },
      resources: choose.rarely(6) ? choose.of<ResourcesLike>('mem:64', '') : 'cpus:0.1;mem:32',
      ...(choose.rarely(12) ? { shutdownGraceMs: choose.of(Infinity, -1, 5_000) } : {}),
    };
  }

  private group(framework: Framework): { readonly executor: ExecutorLike; readonly tasks: readonly TaskLike[] } {
    const { choose } = this;
    const executor: ExecutorLike = {
      id: choose.of('g1', 'g2', 'e1'),
      type: 'default',
      framework: framework.id,
      resources: choose.rarely(8) ? 'cpus:0.1' : 'cpus:0.1;mem:32;disk:1',
    };
    const task = (id: string): TaskLike => ({
      id,
      resources: choose.rarely(12) ? 'cpus:9007199254740' : choose.of<ResourcesLike>('cpus:0.5;mem:32', 'mem:32'),
      command: { value: 'x' },
    });
    return {
      executor,
      tasks: choose.of<() => readonly TaskLike[]>(
        () => [task('t6'), task('t7')],
        () => [task('t8')],
        () => [task('t6'), task('t6')],
        () => [],
      )(),
    };
  }

  decline(): Single {
    const { at, choose, state } = this;
    const { framework, offers } = this.offered();
    const mine = offers.map(({ id }) => id);
    const named = choose.of(mine, mine.slice(0, 1), [...mine, 'proffer-O0', '__proto__'], state.offers.keys());
    return {
      type: 'decline',
      at,
      ...this.caller(framework),
      offers: named,
      ...given({ refuseSeconds: this.refuseSeconds() }),
    };
  }

  /** A task that is booked somewhere. */
  private someTask(): { readonly framework: string; readonly task: Task | undefined } {
    const framework = this.choose.from(
      this.state.frameworks.values().filter(({ tasks }) => tasks.size > 0),
      undefined,
    );
    const task = this.choose.from(framework?.tasks.values() ?? [], undefined);
    return { framework: framework?.id ?? this.choose.from(frameworkIds, 'f1'), task };
  }

  kill(): Single {
    const { at, choose, state } = this;
    const { framework, task } = this.someTask();
    if (task === undefined && !choose.rarely(3)) return this.accept();
    const graceMs = choose.of<number | undefined>(undefined, 5_000, -1, Infinity, 0.5);
    return {
      type: 'kill',
      at,
      ...this.caller(state.frameworks.get(framework)),
      task: task?.id ?? choose.from(taskIds, 't0'),
      ...given({
        agent: choose.of(undefined, task?.agent, 'elsewhere'),
        killPolicy: graceMs === undefined ? undefined : { graceMs },
      }),
    };
  }

  acknowledge(): Single {
    const { at, choose, state } = this;
    const waiting = state.frameworks
      .values()
      .flatMap(({ tasks }) => tasks.values().filter(({ status }) => status?.uuid !== undefined));
    const task = choose.from(waiting, undefined);
    if (task === undefined && !choose.rarely(4)) return this.status();
    const wrong = choose.rarely(8);
    return {
      type: 'acknowledge',
      at,
      ...this.caller(task === undefined ? undefined : state.frameworks.get(task.framework)),
      agent: wrong && choose.rarely(2) ? this.agentId() : (task?.agent ?? this.agentId()),
      task: task?.id ?? choose.from(taskIds, 't0'),
      uuid: wrong ? uuid(choose.upTo(30)) : (task?.status?.uuid ?? 'u'),
    };
  }

  reconcile(): Single {
    const { at, choose } = this;
    const { task } = this.someTask();
    const asked = [
      { task: task?.id ?? 't0' },
      { task: choose.from(taskIds, 't1'), agent: this.agentId() },
      { task: '__proto__', agent: 'nowhere' },
    ];
    return { type: 'reconcile', at, ...this.caller(), tasks: choose.of([], asked, asked.slice(1)) };
  }

  status(): Single {
    const { at, choose, state } = this;
    const { framework, task } = this.someTask();
    if (task === undefined && !choose.rarely(8)) return this.accept();
    const orderly: readonly TaskState[] = ['running', 'finished', 'running', 'failed', 'starting', 'killing', 'killed'];
    const next = (): TaskState =>
      choose.rarely(6) ? choose.from(taskStates, 'running' as const) : choose.from(orderly, 'running' as const);
    const told = choose.rarely(6)
      ? { latestState: next() }
      : { state: next(), ...(choose.rarely(5) ? { latestState: next() } : {}) };
    return {
      type: 'status',
      at,
      agent: choose.rarely(12) ? this.agentId() : (task?.agent ?? this.agentId()),
      framework,
      task: task?.id ?? choose.from(taskIds, 't0'),
      ...told,
      ...given({
        uuid: choose.rarely(4) ? undefined : uuid(state.seq),
        source: choose.of(undefined, 'agent' as const, choose.rarely(5) ? ('master' as const) : undefined),
        healthy: choose.of(undefined, true),
        message: choose.of(undefined, 'm'),
      }),
    };
  }

  /** Mostly of an operation that is under way or waits; sometimes of one that nobody knows, or from elsewhere. */
  operationStatus(): Single {
    const { at, choose, state } = this;
    const named = state.operations.values().filter(({ id }) => id !== null);
    const row = choose.from(choose.rarely(3) ? state.operations.values() : named, undefined);
    if (row === undefined && !choose.rarely(6)) return this.accept(true);
    const repeats = row !== undefined && row.statusUuid !== null && choose.rarely(4);
    const isStray = row === undefined || choose.rarely(8);
    return {
      type: 'operation-status',
      at,
      agent: choose.rarely(12) ? this.agentId() : (row?.agent ?? this.agentId()),
      operation: isStray ? choose.of('p7', '__proto__', 'proffer-P0') : row.uuid,
      state: repeats ? row.state : this.operationState(),
      ...given({
        uuid: choose.rarely(4) ? undefined : repeats ? (row.statusUuid ?? undefined) : `s${state.seq}`,
        framework: choose.rarely(4) ? undefined : (row?.framework ?? choose.from(frameworkIds, 'f1')),
        id: choose.rarely(4) ? undefined : isStray ? choose.from(operationIds, 'o1') : (row.id ?? undefined),
        message: choose.of(undefined, 'm'),
      }),
    };
  }

  acknowledgeOperation(): Single {
    const { at, choose, state } = this;
    const waiting = state.operations.values().filter((one) => one.id !== null && one.statusUuid !== null);
    const row = choose.from(waiting, undefined);
    if (row === undefined && !choose.rarely(4)) return this.operationStatus();
    const wrong = choose.rarely(8);
    return {
      type: 'acknowledge-operation',
      at,
      ...this.caller(row === undefined ? undefined : state.frameworks.get(row.framework ?? '')),
      operation: row?.id ?? choose.from(operationIds, 'o1'),
      uuid: wrong ? 's' : (row?.statusUuid ?? 's'),
      ...given({ agent: wrong ? this.agentId() : choose.of(undefined, row?.agent) }),
    };
  }

  reconcileOperations(): Single {
    const { at, choose } = this;
    const asked = [
      { operation: choose.from(operationIds, 'o1') },
      { operation: 'o2', agent: this.agentId() },
      { operation: '__proto__', agent: 'nowhere' },
    ];
    return { type: 'reconcile-operations', at, ...this.caller(), operations: choose.of([], asked, asked.slice(1)) };
  }

  config(): object {
    return this.choose.of<object>(
      { offerTimeoutMs: 5_000 },
      { maxCompletedTasks: 1, maxOffersPerFramework: 1 },
      { maxUnreachableTasks: 1, maxUnreachableAgents: 1 },
      { allocationIntervalMs: 700 },
      { offerTimeoutMs: null, stallMs: null },
      { minAllocatable: [], maxOffersPerFramework: 2 },
      { fairnessExclude: ['mem'], filterGpus: false },
      { maxCompletedFrameworks: 0 },
      { agentOrder: 'best-fit' },
      { agentOrder: 'worst-fit' },
      { allocationIntervalMs: 0 },
      { nonsense: 1 },
      { domain: { region: 'r', zone: 'z' } },
      { roles: ['web', 'db'] },
      { unansweredFilterMs: 1_000, unansweredFilterMaxMs: 2_000 },
      { agentReregisterTimeoutMs: 10_000, maxMissedHeartbeats: 2 },
      { agentRemovalRateLimit: { agents: 1, perMs: 30_000 }, agentReregisterTimeoutMs: 5_000 },
      { agentRemovalRateLimit: null },
      { maxOffersPerFramework: 1 },
      { maxOffersPerFramework: 3 },
      { maxOffersPerFramework: null, recoveryWaitMs: null },
    );
  }
}

/** A condition on an attribute. */
function constraint(attribute: string, predicate: ConstraintPredicate): AttributeConstraint {
  return { selector: { attribute }, predicate };
}

function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
