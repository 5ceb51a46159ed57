import { describe, expect, it } from 'vitest';
import {
  emptyCluster,
  inputTypes,
  parseInput,
  serialize,
  transition,
  type AcceptCall,
  type Input,
} from '../../src/cluster/index.js';
import { agentCapabilities } from '../../src/tasks/index.js';

const call = { connection: 'c', framework: 'f1' };
const task = { id: 't1', resources: 'cpus:1', command: { value: 'x' } };
const launch = (one: unknown): object => ({
  type: 'accept',
  ...call,
  offers: ['o'],
  operations: [{ type: 'launch', tasks: [one] }],
});
const path = 'operations[0].tasks[0]';

/** `value` in so many lists. */
function nested(depth: number, value: unknown = []): unknown {
  let around = value;
  for (let n = 0; n < depth; n += 1) around = n % 2 === 0 ? [around] : { around };
  return around;
}
/** What contains itself. */
const ring: unknown[] = [];
ring.push(ring);

/** Shapes that are no input, each with the code and the place of the mistake. */
const bad: readonly (readonly [string, unknown, string, string])[] = [
  // What is it at all?
  ['nothing', undefined, 'wrong-type', ''],
  ['null', null, 'wrong-type', ''],
  ['a number', 5, 'wrong-type', ''],
  ['text', 'tick', 'wrong-type', ''],
  ['a list', [{ type: 'tick' }], 'wrong-type', ''],
  ['no type', {}, 'missing-field', 'type'],
  ['a type of a wrong type', { type: 5 }, 'wrong-type', 'type'],
  ['a type that nobody knows', { type: 'fly' }, 'unknown-type', 'type'],
  ['a type that every object has', { type: 'constructor' }, 'unknown-type', 'type'],
  ['a type in the clothes of v1', { type: 'SUBSCRIBE' }, 'unknown-type', 'type'],
  ['a type that it only inherits', Object.create({ type: 'tick' }), 'missing-field', 'type'],
  // Batches
  ['a batch of nothing', { type: 'batch' }, 'missing-field', 'inputs'],
  ['a batch of no list', { type: 'batch', inputs: {} }, 'wrong-type', 'inputs'],
  [
    'a batch with a bad part',
    { type: 'batch', inputs: [{ type: 'tick' }, { type: 'kill' }] },
    'missing-field',
    'inputs[1].connection',
  ],
  ['a batch in a batch', { type: 'batch', inputs: [{ type: 'batch', inputs: [] }] }, 'unknown-type', 'inputs[0].type'],
  // Fields that a call needs
  ['subscribe without a connection', { type: 'subscribe' }, 'missing-field', 'connection'],
  ['teardown without a framework', { type: 'teardown', connection: 'c' }, 'missing-field', 'framework'],
  ['a framework that is null', { type: 'teardown', connection: 'c', framework: null }, 'wrong-type', 'framework'],
  [
    'a framework that is an object',
    { type: 'teardown', connection: 'c', framework: { value: 'f' } },
    'wrong-type',
    'framework',
  ],
  ['accept without offers', { type: 'accept', ...call, operations: [] }, 'missing-field', 'offers'],
  ['accept without operations', { type: 'accept', ...call, offers: [] }, 'missing-field', 'operations'],
  ['offers that are no list', { type: 'decline', ...call, offers: 'o1' }, 'wrong-type', 'offers'],
  ['an offer that is a number', { type: 'decline', ...call, offers: ['o', 1] }, 'wrong-type', 'offers[1]'],
  ['kill without a task', { type: 'kill', ...call }, 'missing-field', 'task'],
  [
    'a grace that is text',
    { type: 'kill', ...call, task: 't', killPolicy: { graceMs: '5' } },
    'wrong-type',
    'killPolicy.graceMs',
  ],
  [
    'a kill policy without a grace',
    { type: 'kill', ...call, task: 't', killPolicy: {} },
    'missing-field',
    'killPolicy.graceMs',
  ],
  ['acknowledge without a uuid', { type: 'acknowledge', ...call, agent: 'a', task: 't' }, 'missing-field', 'uuid'],
  ['reconcile of plain ids', { type: 'reconcile', ...call, tasks: ['t1'] }, 'wrong-type', 'tasks[0]'],
  [
    'a message without data',
    { type: 'framework-message', ...call, agent: 'a', executor: 'e' },
    'missing-field',
    'data',
  ],
  [
    'a message that is no text',
    { type: 'framework-message', ...call, agent: 'a', executor: 'e', data: 5 },
    'wrong-type',
    'data',
  ],
  // What a framework says of itself
  ['roles that are text', { type: 'subscribe', connection: 'c', roles: 'a' }, 'wrong-type', 'roles'],
  ['a role that is a number', { type: 'subscribe', connection: 'c', roles: ['a', 1] }, 'wrong-type', 'roles[1]'],
  [
    'a capability that nobody knows',
    { type: 'subscribe', connection: 'c', capabilities: ['fly'] },
    'unknown-value',
    'capabilities[0]',
  ],
  [
    'a timeout that is text',
    { type: 'subscribe', connection: 'c', failoverTimeoutMs: '1s' },
    'wrong-type',
    'failoverTimeoutMs',
  ],
  [
    'a timeout that is NaN',
    { type: 'subscribe', connection: 'c', failoverTimeoutMs: NaN },
    'wrong-type',
    'failoverTimeoutMs',
  ],
  ['a flag that is a number', { type: 'subscribe', connection: 'c', checkpoint: 1 }, 'wrong-type', 'checkpoint'],
  ['filters that are text', { type: 'subscribe', connection: 'c', offerFilters: 'x' }, 'wrong-type', 'offerFilters'],
  [
    'a filter that is no pair',
    { type: 'subscribe', connection: 'c', offerFilters: [['a']] },
    'wrong-type',
    'offerFilters[0]',
  ],
  ['a hole among roles', { type: 'subscribe', connection: 'c', roles: Array(1) }, 'wrong-type', 'roles[0]'],
  [
    'a hole among filters',
    { type: 'subscribe', connection: 'c', offerFilters: Array(1) },
    'wrong-type',
    'offerFilters[0]',
  ],
  [
    'a hole among guarantees',
    { type: 'set-quota', quotas: [{ role: 'r', guarantees: Array(1) }] },
    'wrong-type',
    'quotas[0].guarantees[0]',
  ],
  [
    'a minimum that is a number',
    { type: 'subscribe', connection: 'c', offerFilters: { a: { minAllocatable: [5] } } },
    'wrong-type',
    'offerFilters.a.minAllocatable[0]',
  ],
  [
    'a label without a key',
    { type: 'subscribe', connection: 'c', labels: [{ value: 'v' }] },
    'missing-field',
    'labels[0].key',
  ],
  ['a request that is text', { type: 'request', ...call, requests: ['cpus:1'] }, 'wrong-type', 'requests[0]'],
  // Operations and tasks
  [
    'an operation without a type',
    { type: 'accept', ...call, offers: [], operations: [{}] },
    'missing-field',
    'operations[0].type',
  ],
  [
    'an operation that nobody knows',
    { type: 'accept', ...call, offers: [], operations: [{ type: 'fly' }] },
    'unknown-value',
    'operations[0].type',
  ],
  [
    'a launch without tasks',
    { type: 'accept', ...call, offers: [], operations: [{ type: 'launch' }] },
    'missing-field',
    'operations[0].tasks',
  ],
  [
    'a group without an executor',
    { type: 'accept', ...call, offers: [], operations: [{ type: 'launch-group', tasks: [] }] },
    'missing-field',
    'operations[0].executor',
  ],
  ['a task without an id', launch({ resources: 'cpus:1' }), 'missing-field', `${path}.id`],
  ['a task without resources', launch({ id: 't' }), 'missing-field', `${path}.resources`],
  ['resources that are a number', launch({ ...task, resources: 5 }), 'wrong-type', `${path}.resources`],
  ['a command that is text', launch({ ...task, command: 'sleep' }), 'wrong-type', `${path}.command`],
  [
    'an environment without a name',
    launch({ ...task, command: { environment: [{ value: 'x' }] } }),
    'missing-field',
    `${path}.command.environment[0].name`,
  ],
  [
    'artifacts that are text',
    launch({ ...task, command: { artifacts: 'http://h/x' } }),
    'wrong-type',
    `${path}.command.artifacts`,
  ],
  [
    'an artifact without text',
    launch({ ...task, command: { artifacts: [{ url: null }] } }),
    'wrong-type',
    `${path}.command.artifacts[0].url`,
  ],
  [
    'an artifact that is perhaps a program',
    launch({ ...task, command: { artifacts: [{ path: 'x', executable: 1 }] } }),
    'wrong-type',
    `${path}.command.artifacts[0].executable`,
  ],
  [
    'a secret that is no text',
    launch({ ...task, command: { environment: [{ name: 'A', type: 'secret', secret: {} }] } }),
    'wrong-type',
    `${path}.command.environment[0].secret`,
  ],
  [
    'a Docker container without an image',
    launch({ ...task, container: { type: 'docker', docker: {} } }),
    'missing-field',
    `${path}.container.docker.image`,
  ],
  ['a container of no kind', launch({ ...task, container: { type: 'vm' } }), 'unknown-value', `${path}.container.type`],
  [
    'a network that is an object',
    launch({ ...task, container: { type: 'mesos', networks: [{}] } }),
    'wrong-type',
    `${path}.container.networks[0]`,
  ],
  ['a check of no kind', launch({ ...task, check: { type: 'ping' } }), 'unknown-value', `${path}.check.type`],
  ['a limit that is text', launch({ ...task, limits: { cpus: 'lots' } }), 'wrong-type', `${path}.limits.cpus`],
  ['a priority that is text', launch({ ...task, priority: 'high' }), 'wrong-type', `${path}.priority`],
  ['an executor without an id', launch({ ...task, executor: {} }), 'missing-field', `${path}.executor.id`],
  // Reports
  ['register without resources', { type: 'register', agent: 'a1' }, 'missing-field', 'resources'],
  [
    'an agent capability that nobody knows',
    { type: 'register', resources: '', capabilities: ['fly'] },
    'unknown-value',
    'capabilities[0]',
  ],
  [
    'a domain without a zone',
    { type: 'register', resources: '', domain: { region: 'r' } },
    'missing-field',
    'domain.zone',
  ],
  [
    'a state that nobody knows',
    { type: 'status', agent: 'a', framework: 'f', task: 't', state: 'TASK_RUNNING' },
    'unknown-value',
    'state',
  ],
  [
    'a reason that nobody knows',
    { type: 'status', agent: 'a', framework: 'f', task: 't', state: 'failed', reason: 'luck' },
    'unknown-value',
    'reason',
  ],
  [
    'an endless timestamp',
    { type: 'status', agent: 'a', framework: 'f', task: 't', state: 'failed', timestamp: Infinity },
    'bad-number',
    'timestamp',
  ],
  [
    'a task without a role',
    {
      type: 'reregister',
      agent: 'a',
      resources: '',
      tasks: [{ framework: 'f', id: 't', resources: '', state: 'running' }],
    },
    'missing-field',
    'tasks[0].role',
  ],
  [
    'a framework without roles',
    { type: 'reregister', agent: 'a', resources: '', frameworks: [{ id: 'f', capabilities: [] }] },
    'missing-field',
    'frameworks[0].roles',
  ],
  ['a heartbeat of nobody', { type: 'heartbeat' }, 'missing-field', 'agent'],
  // Links and controls
  ['a link of nobody', { type: 'agent-disconnected' }, 'missing-field', 'agent'],
  ['an allocation of something', { type: 'allocate', agents: 'some' }, 'unknown-value', 'agents'],
  ['a weight that is text', { type: 'set-weight', role: 'a', weight: '2' }, 'wrong-type', 'weight'],
  ['a whitelist that is absent', { type: 'set-whitelist' }, 'missing-field', 'hosts'],
  ['a host that is a number', { type: 'set-whitelist', hosts: [1] }, 'wrong-type', 'hosts[0]'],
  ['a configuration that is a list', { type: 'configure', config: [] }, 'wrong-type', 'config'],
  // What nobody reads must still be written: to a record, over a wire
  ['a payload that is too deep', launch({ ...task, payload: nested(100) }), 'too-deep', `${path}.payload`],
  ['one that no stack could hold', launch({ ...task, payload: nested(1e5) }), 'too-deep', `${path}.payload`],
  ['resources that are too deep', { type: 'register', resources: nested(100) }, 'too-deep', 'resources'],
  ['resources that contain themselves', { type: 'register', resources: ring }, 'too-deep', 'resources'],
  [
    'a request in a batch that is too deep',
    { type: 'batch', inputs: [{ type: 'request', ...call, requests: [{ resources: nested(1e5) }] }] },
    'too-deep',
    'inputs[0].requests[0].resources',
  ],
  [
    'attributes that are too deep',
    { type: 'update-agent', agent: 'a', attributes: nested(1e5) },
    'too-deep',
    'attributes',
  ],
  ['volumes that are too deep', { type: 'create-volumes', agent: 'a', volumes: nested(1e5) }, 'too-deep', 'volumes'],
  [
    'a minimum that is too deep',
    { type: 'subscribe', connection: 'c', offerFilters: { r: { minAllocatable: [nested(1e5)] } } },
    'too-deep',
    'offerFilters.r.minAllocatable[0]',
  ],
  [
    'a setting that is too deep',
    { type: 'configure', config: { domain: { region: nested(1e5) } } },
    'too-deep',
    'config',
  ],
];

describe('parseInput', () => {
  it.each(bad)('refuses %s by code and path', (_, value, code, where) => {
    expect(() => parseInput(value, 0)).toThrow(expect.objectContaining({ name: 'InputError', code, path: where }));
  });

  it.each([0.5, NaN, Infinity, 2 ** 53])('refuses %d as a time', (at) => {
    expect(() => parseInput({ type: 'tick' }, at)).toThrow(expect.objectContaining({ code: 'bad-time', path: 'at' }));
  });

  it('stamps an input, and overrules what it says of the time', () => {
    expect(parseInput({ type: 'heartbeat', agent: 'a1', at: 5 }, 1_000)).toEqual({
      type: 'heartbeat',
      agent: 'a1',
      at: 1_000,
    });
    expect(parseInput({ type: 'batch', inputs: [{ type: 'tick', at: 5 }] }, 7)).toEqual({
      type: 'batch',
      at: 7,
      inputs: [{ type: 'tick', at: 7 }],
    });
  });

  it('drops what nobody knows, at every depth', () => {
    const value = { ...launch({ ...task, extra: 1, command: { value: 'x', extra: 1 } }), extra: 1 };
    expect(JSON.stringify(parseInput(value, 0))).not.toContain('extra');
  });

  it('is not fooled by names that objects have', () => {
    const value: unknown = JSON.parse(
      '{"type":"teardown","connection":"c","framework":"__proto__","__proto__":{"x":1}}',
    );
    const input = parseInput(value, 0);
    expect(input).toEqual({ type: 'teardown', at: 0, connection: 'c', framework: '__proto__' });
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
    const limits: unknown = JSON.parse('{"__proto__":1,"cpus":2}');
    expect(() => parseInput(launch({ ...task, limits }), 0)).not.toThrow();
  });

  it('keeps a payload as it is: up to a hundred levels, with what contains itself, and whatever is no plain data', () => {
    class Job {
      readonly #rest: unknown;
      readonly next = nested(1e3);
      constructor(rest: unknown) {
        this.#rest = rest;
      }
      get rest(): unknown {
        return this.#rest;
      }
    }
    // As many ways through it as there are atoms in the world: each part is looked at once.
    let shared: unknown = {};
    for (let n = 0; n < 90; n += 1) shared = { left: shared, right: shared };
    for (const payload of [
      nested(99),
      ring,
      new Job(nested(1e5)),
      [new Map([[1, nested(1e5)]])],
      shared,
      () => 1,
      10n,
    ]) {
      const { operations } = parseInput(launch({ ...task, payload }), 0) as AcceptCall;
      expect(operations[0]?.type === 'launch' && operations[0].tasks[0]?.payload === payload).toBe(true);
    }
  });

  it('counts the longest way to where a payload is deepest', () => {
    const deep = nested(60);
    const payload = { first: deep, second: nested(60, [deep]) };
    expect(() => parseInput(launch({ ...task, payload }), 0)).toThrow(expect.objectContaining({ code: 'too-deep' }));
  });

  it('takes undefined for absent', () => {
    expect(parseInput({ type: 'allocate', agents: undefined }, 0)).toEqual({ type: 'allocate', at: 0 });
  });

  it('knows every input but the batch', () => {
    expect(inputTypes).toHaveLength(new Set(inputTypes).size);
    expect(inputTypes).toContain('subscribe');
    expect(inputTypes).not.toContain('batch');
  });
});

describe('what has passed it never makes `transition` throw, and what was bad changes nothing', () => {
  const deep = (depth: number): unknown => {
    let value: unknown = 'cpus:1';
    for (let n = 0; n < depth; n += 1) value = [value];
    return value;
  };
  /** Well-formed, and meaningless. */
  const nonsense: readonly (readonly [string, unknown])[] = [
    ['resources of every wrong kind', [{ name: 5 }, null, ['x', { value: [] }], 7, { name: 'cpus', value: {} }]],
    ['resources that are nested deeply', deep(100_000)],
    ['resources with a bad range', 'ports:[9-1]'],
    ['resources with overlapping ranges', 'ports:[1-5, 3-9]'],
    ['resources that sum up to too much', `cpus:${2 ** 50};cpus:${2 ** 50}`],
    ['resources without a name', ':1'],
    ['a thousand kinds', Array.from({ length: 1_000 }, (_, n) => `k${n}:1`).join(';')],
  ];

  it.each(nonsense)('%s, of an agent', (_, resources) => {
    const state = emptyCluster();
    for (const type of ['register', 'reregister', 'update-agent']) {
      const read = (): Input => parseInput({ type, agent: 'a1', resources }, 0);
      try {
        read();
      } catch (error) {
        expect(error).toMatchObject({ name: 'InputError' });
        continue;
      }
      expect(() => transition(state, read())).not.toThrow();
    }
  });

  it.each(nonsense)('%s, of a task', (_, resources) => {
    const [state] = transition(emptyCluster(), {
      type: 'batch',
      at: 0,
      inputs: [
        { type: 'register', at: 0, agent: 'a1', resources: 'cpus:4;mem:512' },
        { type: 'subscribe', at: 0, connection: 'c', framework: 'f1', roles: ['a'] },
        { type: 'allocate', at: 0 },
      ],
    });
    const offers = state.offers.keys();
    let input: Input;
    try {
      input = parseInput({ ...launch({ ...task, resources }), offers }, 0);
    } catch (error) {
      expect(error).toMatchObject({ name: 'InputError' });
      return;
    }
    const [after, outputs] = transition(state, input);
    expect(outputs).toMatchObject([{ type: 'update', status: { state: 'error' } }]);
    expect(after.frameworks.get('f1')?.tasks.size).toBe(0);
    expect(transition(state, { type: 'request', at: 0, ...call, requests: [{ resources } as never] })[1]).toBeDefined();
  });

  it('ids of every strange kind', () => {
    const ids = [
      '',
      '.',
      '..',
      'a/b',
      'a\\b',
      '\0',
      '\n',
      '\u202e',
      '\ud800',
      '😀',
      '__proto__',
      'constructor',
      'x'.repeat(256),
      ' ',
    ];
    let state = emptyCluster();
    for (const id of ids) {
      const inputs: readonly unknown[] = [
        { type: 'register', agent: id, resources: 'cpus:1', capabilities: [...agentCapabilities] },
        { type: 'subscribe', connection: id, framework: id, roles: ['a'] },
        { type: 'allocate' },
        { type: 'status', agent: id, framework: id, task: id, state: 'running', uuid: id },
        { type: 'acknowledge', connection: id, agent: id, framework: id, task: id, uuid: id },
        { type: 'kill', connection: id, framework: id, task: id, agent: id },
        { type: 'reconcile', connection: id, framework: id, tasks: [{ task: id, agent: id }] },
        { ...launch({ ...task, id }), connection: id, framework: id, offers: state.offers.keys() },
        { type: 'agent-disconnected', agent: id, connection: id },
        { type: 'framework-disconnected', framework: id, connection: id },
      ];
      for (const value of inputs) [state] = transition(state, parseInput(value, 0));
    }
    // Those that may be an id.
    const names = ['\u202e', ' ', '__proto__', 'constructor', '😀'];
    expect(state.agents.keys().toSorted()).toEqual(expect.arrayContaining(names.toSorted()));
    expect(state.agents.size).toBe(names.length);
    expect([...serialize(state)].join('').length).toBeGreaterThan(0);
  });
});
