/** A state with something in every table, and all that can be done to its text that a careless hand would do. */
import {
  emptyCluster,
  offers,
  parseInput,
  recoverCluster,
  registryOf,
  transition,
  type ClusterState,
} from '../../src/cluster/index.js';

/** Sends inputs as they would come from afar. */
function tell(state: ClusterState, at: number, inputs: readonly object[]): ClusterState {
  return inputs.reduce<ClusterState>((before, input) => transition(before, parseInput(input, at))[0], state);
}

const everyAbility = [
  'multi-role',
  'hierarchical-role',
  'reservation-refinement',
  'resource-provider',
  'resize-volume',
  'agent-operation-feedback',
  'agent-draining',
];

/** One of nearly everything. */
export function richState(): ClusterState {
  let state = emptyCluster({ masterId: 'm', agentRemovalRateLimit: { agents: 1, perMs: 60_000 } });
  const machine = { resources: 'cpus:8;mem:800;disk:900;ports:[1-9]', attributes: 'zone:a;rack:7', streams: true };
  state = tell(state, 1, [
    { type: 'register', agent: 'lost1', ...machine },
    { type: 'register', agent: 'back1', ...machine, ip: '10.0.0.9' },
    { type: 'set-weight', role: 'web', weight: 2.5 },
    { type: 'mark-unreachable', agent: 'lost1' },
  ]);
  state = recoverCluster(registryOf(state), state.config, 2);
  state = tell(state, 3, [
    {
      type: 'set-quota',
      force: true,
      quotas: [{ role: 'web', guarantees: { cpus: 1 }, limits: { cpus: 9, mem: 900 } }],
    },
    { type: 'set-whitelist', hosts: ['a1', 'a2', 'a3', 'a4', 'a5'] },
    {
      type: 'subscribe',
      connection: 'c1',
      framework: 'f1',
      roles: ['web', 'web/db', 'ops'],
      suppressedRoles: ['ops'],
      failoverTimeoutMs: 100_000,
      labels: [{ key: 'k', value: 'v' }, { key: 'l' }],
      offerFilters: { web: { minAllocatable: ['cpus:1'] } },
      capabilities: ['multi-role', 'partition-aware', 'reservation-refinement', 'shared-resources'],
      priority: 3,
    },
    {
      type: 'subscribe',
      connection: 'c2',
      framework: 'f2',
      roles: ['batch'],
      failoverTimeoutMs: 5_000,
      checkpoint: true,
    },
    { type: 'subscribe', connection: 'c3', framework: 'f3', roles: ['batch'] },
    { type: 'subscribe', connection: 'c4', framework: 'f4', roles: ['gone'] },
    ...['a1', 'a2', 'a3', 'a4', 'a5'].map((agent) => ({
      type: 'register',
      agent,
      connection: `w-${agent}`,
      capabilities: everyAbility,
      heartbeatMs: 1_000,
      ...machine,
    })),
    { type: 'teardown', connection: 'c4', framework: 'f4' },
    { type: 'reserve', agent: 'a5', resources: [reserved('disk', 100)] },
    {
      type: 'create-volumes',
      agent: 'a5',
      volumes: [{ ...reserved('disk', 40), disk: { id: 'v', path: 'p', mode: 'rw' } }],
    },
    { type: 'allocate' },
  ]);
  const launch = (tasks: readonly object[]): object => ({ type: 'launch', tasks });
  const executor = {
    id: 'e',
    command: {
      value: 'run',
      environment: [
        { name: 'A', value: 'b' },
        { name: 'B', type: 'secret', secret: 's' },
      ],
      artifacts: [
        { url: 'http://h/x.tgz', extract: true, sha256: 'ab'.repeat(32) },
        { path: 'p', name: 'n' },
      ],
    },
    container: { type: 'docker', docker: { image: 'i', parameters: [{ key: 'k', value: 'v' }] } },
    resources: 'cpus:0.5;mem:50',
  };
  for (const { id, framework, agent } of offers(state)) {
    const connection = { f1: 'c1', f2: 'c2', f3: 'c3' }[framework] ?? '';
    const call = { connection, framework, offers: [id] };
    const task = {
      id: `t-${agent}`,
      name: 'n',
      resources: 'cpus:1;mem:64;ports:[1-2]',
      executor,
      labels: [{ key: 'x' }],
    };
    const small = { id: `s-${agent}`, resources: 'cpus:0.5;mem:32', command: { value: 'x' } };
    if (agent === 'a3') state = tell(state, 4, [{ type: 'decline', ...call, refuseSeconds: 900 }]);
    else if (agent !== 'a4') state = tell(state, 4, [{ type: 'accept', ...call, operations: [launch([task, small])] }]);
  }
  const owner = (agent: string): string => state.agents.get(agent)?.tasks[0]?.framework ?? '';
  state = tell(state, 5, [
    { type: 'status', agent: 'a1', framework: owner('a1'), task: 't-a1', state: 'running', uuid: 'u1', message: 'up' },
    { type: 'status', agent: 'a1', framework: owner('a1'), task: 's-a1', state: 'finished', uuid: 'u2' },
    { type: 'status', agent: 'a5', framework: owner('a5'), task: 's-a5', state: 'failed' },
    { type: 'mark-unreachable', agent: 'a2' },
    { type: 'mark-gone', agent: 'lost1' },
    { type: 'drain', agent: 'a5', maxGraceMs: 7_000 },
    { type: 'deactivate', agent: 'a3' },
    {
      type: 'request',
      connection: 'c1',
      framework: 'f1',
      requests: [{ role: 'web', resources: 'cpus:1', agent: 'a1' }],
    },
    {
      type: 'set-maintenance',
      windows: [
        {
          machines: [{ hostname: 'a1' }, { hostname: 'x', ip: '10.1.1.1' }],
          unavailability: { start: 90_000, durationMs: 9_000 },
        },
      ],
    },
    { type: 'register', agent: 'late', ...machine },
    {
      type: 'reregister',
      agent: 'foreign',
      ...machine,
      frameworks: [{ id: 'f9', name: 'nine', roles: ['nine'], capabilities: ['multi-role'] }],
      tasks: [{ framework: 'f9', id: 'q', role: 'nine', resources: 'cpus:1', state: 'running' }],
    },
    { type: 'allocate', agents: 'all' },
    { type: 'framework-disconnected', connection: 'c2', framework: 'f2' },
  ]);
  return state;
}

function reserved(name: string, value: number): object {
  return { name, value, reservations: [{ type: 'dynamic', role: 'web' }] };
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const parts: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...(value as unknown[]).entries()]
    : Object.entries(value);
  return [path, ...parts.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** Other values than the one that is there: of other kinds, and nearly right ones. */
function others(value: unknown): readonly unknown[] {
  if (typeof value === 'number') return [value + 1, value - 1, -1, 0.5, 1e300, null, String(value), [], {}];
  if (typeof value === 'string') return [`${value}x`, '', '__proto__', null, 7, [value]];
  if (typeof value === 'boolean') return [!value, null, 0, 'true'];
  if (value === null) return [0, 'x', {}, true];
  if (Array.isArray(value))
    return [
      null,
      {},
      'x',
      [...(value as unknown[])].reverse(),
      [...value, ...value.slice(-1)],
      value.slice(1),
      value.slice(0, -1),
    ];
  return [null, [], 'x', 3, { ...value, extra: 1 }, {}];
}

/** One thing that was changed in a document. */
export interface Mutant {
  readonly where: string;
  readonly document: unknown;
}

/**
 * Every value replaced by others, every key dropped, every list cut, doubled and turned round.
 *
 * @param step only each so many: what is next to each other differs, so each kind of damage still comes up
 */
export function* mutants(document: unknown, step = 1): Generator<Mutant> {
  let count = 0;
  const isSkipped = (): boolean => {
    count += 1;
    return count % step !== 0;
  };
  for (const path of pathsOf(document)) {
    const key = path.at(-1);
    if (key === undefined) continue;
    const at = (root: unknown, steps: Path): unknown =>
      steps.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], root);
    const where = path.join('.');
    for (const other of others(at(document, path))) {
      if (JSON.stringify(other) === JSON.stringify(at(document, path)) || isSkipped()) continue;
      const copy = structuredClone(document);
      (at(copy, path.slice(0, -1)) as Record<string | number, unknown>)[key] = other;
      yield { where: `${where} = ${JSON.stringify(other)?.slice(0, 60)}`, document: copy };
    }
    if (typeof key === 'string' && !isSkipped()) {
      const copy = structuredClone(document);
      delete (at(copy, path.slice(0, -1)) as Record<string, unknown>)[key];
      yield { where: `${where} dropped`, document: copy };
    }
  }
}
