/**
 * Whatever long thing somebody writes, nobody is told it back at length: a message quotes the beginning. Every text and
 * every name of every input is written over, one at a time, at every door that it can come through.
 */
import { describe, expect, it } from 'vitest';
import {
  emptyCluster,
  explain,
  inputTypes,
  parseInput,
  transition,
  type ClusterState,
} from '../../src/cluster/index.js';
import { drf } from '../../src/drf/index.js';
import { attributes, limits, quantities, resources } from '../../src/resources/index.js';
import { createMaster } from '../../src/master/index.js';

const MOST = 2_500;
const call = { connection: 'c', framework: 'f1' };
const disk = { name: 'disk', value: 4, reservations: [{ type: 'dynamic', role: 'a', principal: 'p' }] };
const volume = { ...disk, value: '4', disk: { id: 'v1', path: 'data', mode: 'rw', principal: 'p' } };
const artifacts = [
  { path: 'p', name: 'n' },
  { url: 'http://h/x', sha256: 'ab'.repeat(32) },
];
const command = { value: 'x', arguments: ['y'], user: 'root', environment: [{ name: 'A', value: 'b' }], artifacts };
const executor = {
  id: 'e1',
  framework: 'f1',
  name: 'e',
  command,
  resources: 'cpus:0.1;mem:32',
  labels: [{ key: 'k', value: 'v' }],
};
const check = { type: 'http', http: { port: 80, path: '/' } };
const task = {
  id: 't1',
  name: 'n',
  agent: 'a1',
  resources: [{ name: 'cpus', value: '0.1' }, 'mem:32'],
  container: { type: 'mesos', networks: ['n'] },
  check,
  labels: [{ key: 'k', value: 'v' }],
  limits: { cpus: 1, mem: 'unlimited' },
  executor,
};
const operations = [
  { type: 'launch', tasks: [task, { id: 't2', resources: 'cpus:0.1', command }] },
  { type: 'launch-group', executor, tasks: [{ id: 't3', resources: 'cpus:0.1;mem:32', command }] },
  { type: 'reserve', id: 'o1', resources: [disk] },
  { type: 'unreserve', resources: [disk] },
  { type: 'create', volumes: [volume] },
  { type: 'destroy', volumes: [volume] },
  { type: 'grow-volume', volume, addition: disk },
  { type: 'shrink-volume', volume, subtract: 1 },
  { type: 'create-disk', source: disk, targetType: 'mount', targetProfile: 'p' },
  { type: 'destroy-disk', source: disk },
];
const info = {
  name: 'f',
  user: 'u',
  hostname: 'h',
  principal: 'p',
  roles: ['a', 'b'],
  suppressedRoles: ['b'],
  capabilities: ['multi-role'],
  offerFilters: { a: { minAllocatable: ['cpus:1', { mem: 1 }] } },
  offerConstraints: [
    {
      role: 'a',
      groups: [
        [
          { selector: { attribute: 'z' }, predicate: { type: 'text-equals', value: 'v' } },
          { selector: { pseudo: 'hostname' }, predicate: { type: 'text-matches', regex: 'a+' } },
        ],
      ],
    },
  ],
  labels: [{ key: 'k' }],
};
const agent = {
  agent: 'a1',
  resources: ['cpus:4;mem:512;ports:[1-9];zones:{a,b}', disk, volume],
  attributes: 'rack:1;zone:a',
  hostname: 'h1',
  ip: '10.0.0.1',
  capabilities: ['multi-role'],
  domain: { region: 'r', zone: 'z' },
};
const quota = { role: 'a', guarantees: { cpus: 1 }, limits: { cpus: 2, mem: 5 } };
const machines = [{ hostname: 'h1', ip: '10.0.0.1' }];

/** An input of every type, with all that it can say. */
const inputs: readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[] = [
  { type: 'subscribe', ...call, ...info },
  { type: 'subscribe', ...call, role: 'a' },
  { type: 'update-framework', ...call, ...info },
  { type: 'teardown', ...call },
  ...operations.map((operation) => ({ type: 'accept', ...call, offers: ['proffer-O0'], operations: [operation] })),
  { type: 'accept', ...call, offers: ['proffer-O0', 'proffer-O1'], operations: [] },
  { type: 'decline', ...call, offers: ['proffer-O0'] },
  ...['suppress', 'unsuppress', 'clear-filters', 'revive'].map((type) => ({ type, ...call, roles: ['a'] })),
  { type: 'request', ...call, requests: [{ role: 'a', agent: 'a1', resources: ['cpus:1', disk], count: 1 }] },
  { type: 'kill', ...call, task: 't0', agent: 'a1' },
  { type: 'shutdown', ...call, agent: 'a1', executor: 'e0' },
  { type: 'acknowledge', ...call, agent: 'a1', task: 't0', uuid: 'u' },
  { type: 'acknowledge-operation', ...call, agent: 'a1', operation: 'o', uuid: 'u' },
  { type: 'reconcile', ...call, tasks: [{ task: 't0', agent: 'a1' }] },
  { type: 'reconcile-operations', ...call, operations: [{ operation: 'o', agent: 'a1' }] },
  { type: 'accept-inverse-offers', ...call, offers: ['i'] },
  { type: 'decline-inverse-offers', ...call, offers: ['i'] },
  { type: 'framework-message', ...call, agent: 'a1', executor: 'e', data: 'd' },
  { type: 'register', ...agent },
  {
    type: 'reregister',
    ...agent,
    tasks: [
      {
        framework: 'f1',
        id: 't9',
        role: 'a',
        resources: ['cpus:0.1', disk],
        state: 'running',
        name: 'n',
        executor: 'e9',
        labels: [{ key: 'k' }],
        statusUuid: 'u',
      },
    ],
    executors: [{ ...executor, id: 'e9', framework: 'f1', role: 'a' }],
    frameworks: [{ id: 'f1', roles: ['a'], capabilities: ['multi-role'], name: 'n' }],
    operations: [{ operation: 'u', state: 'pending', framework: 'f1', id: 'o' }],
  },
  { type: 'update-agent', ...agent, oversubscribed: [{ name: 'cpus', value: 1, revocable: true }] },
  {
    type: 'status',
    agent: 'a1',
    framework: 'f1',
    task: 't0',
    state: 'running',
    uuid: 'u',
    executor: 'e',
    labels: [{ key: 'k' }],
  },
  { type: 'operation-status', agent: 'a1', operation: 'u', state: 'finished', framework: 'f1', id: 'o', uuid: 'u' },
  { type: 'executor-exited', agent: 'a1', framework: 'f1', executor: 'e0' },
  { type: 'agent-message', agent: 'a1', framework: 'f1', executor: 'e0', data: 'd' },
  { type: 'heartbeat', agent: 'a1' },
  { type: 'framework-disconnected', framework: 'f1', connection: 'c' },
  { type: 'agent-disconnected', agent: 'a1', connection: 'c' },
  { type: 'tick' },
  { type: 'allocate', agents: 'all' },
  { type: 'set-weight', role: 'a', weight: 2 },
  { type: 'set-quota', quotas: [quota, { role: 'b', guarantees: [['cpus', 1]] }], force: false },
  { type: 'set-whitelist', hosts: ['h1'] },
  { type: 'reserve', agent: 'a1', resources: [disk], source: 'disk:4', principal: 'p' },
  { type: 'unreserve', agent: 'a1', resources: [disk] },
  { type: 'create-volumes', agent: 'a1', volumes: [volume], principal: 'p' },
  { type: 'destroy-volumes', agent: 'a1', volumes: [volume] },
  { type: 'grow-volume', agent: 'a1', volume, addition: disk },
  { type: 'shrink-volume', agent: 'a1', volume, subtract: 1 },
  { type: 'teardown-framework', framework: 'f1' },
  { type: 'set-maintenance', windows: [{ machines, unavailability: { start: 5 } }] },
  { type: 'machine-down', machines },
  { type: 'machine-up', machines },
  ...['drain', 'deactivate', 'reactivate', 'mark-gone', 'mark-unreachable', 'unregister'].map((type) => ({
    type,
    agent: 'a1',
  })),
  {
    type: 'configure',
    config: {
      masterId: 'm',
      roles: ['a'],
      fairnessExclude: ['x'],
      minAllocatable: ['cpus:1'],
      agentOrder: 'random',
      domain: { region: 'r', zone: 'z' },
    },
  },
  { type: 'pause' },
  { type: 'resume' },
];

/** Long in every way in which a text can be wrong. */
const long: readonly string[] = ['x', ' ', '/', 'x/', '{', 'a:1;', '[1-2],', '-', '9', '\n', '(', 'a;'].map((part) =>
  part.repeat(20_000),
);

/** The value with one text, or one name, written over: every way of doing so. */
function* spoilt(value: unknown, by: string): Generator<unknown> {
  if (typeof value === 'string') yield by;
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) for (const one of spoilt(item, by)) yield value.with(index, one);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, field] of Object.entries(value)) {
      for (const one of spoilt(field, by)) yield { ...value, [name]: one };
      yield { ...Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)), [by]: field };
    }
  }
}

/** A cluster with somebody and something in it. */
function inhabited(): ClusterState {
  let state = emptyCluster({ domain: { region: 'r', zone: 'z' } });
  const begin: readonly unknown[] = [
    { type: 'register', ...agent },
    { type: 'subscribe', ...call, ...info, capabilities: ['multi-role', 'shared-resources', 'reservation-refinement'] },
    { type: 'set-quota', quotas: [quota] },
    { type: 'allocate' },
    {
      type: 'accept',
      ...call,
      offers: ['proffer-O0'],
      operations: [
        { type: 'launch', tasks: [{ id: 't0', resources: 'cpus:0.1;mem:32', executor: { ...executor, id: 'e0' } }] },
      ],
    },
    { type: 'update-framework', ...call, offerFilters: {}, offerConstraints: [] },
    { type: 'allocate', agents: 'all' },
  ];
  for (const input of begin) [state] = transition(state, parseInput(input, state.now + 10_000));
  return state;
}

/** The longest thing that somebody is told of it. */
function longestTold(say: () => unknown): string {
  const told: string[] = [];
  const gather = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(gather);
    else if (value instanceof Error) told.push(value.message, 'path' in value ? String(value.path) : '');
    else if (typeof value === 'object' && value !== null) {
      if ('message' in value && typeof value.message === 'string') told.push(value.message);
      Object.values(value).forEach(gather);
    }
  };
  try {
    gather(say());
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'InputError') throw error;
    gather(error);
  }
  return told.reduce((longest, one) => (one.length > longest.length ? one : longest), '');
}

describe('what is told of a long text', () => {
  it('has an input of every type to try', () => {
    expect(inputTypes.filter((type) => !inputs.some((input) => input.type === type))).toEqual([]);
  });

  it.each(inputs.map((input) => [input.type, input] as const))('is short: %s', (_, input) => {
    const state = inhabited();
    const tooLong = new Set<string>();
    for (const by of long) {
      for (const one of spoilt(input, by)) {
        const told = longestTold(() => transition(state, parseInput(one, state.now))[1]);
        if (told.length > MOST) tooLong.add(`${told.length}: ${told.slice(0, 120)}`);
      }
    }
    expect([...tooLong]).toEqual([]);
  });

  it.each<[string, (by: string) => unknown]>([
    ['resources', (by) => resources(by)],
    ['quantities', (by) => quantities(by)],
    ['limits', (by) => limits(by)],
    ['attributes', (by) => attributes(by)],
    ['explain', (by) => explain(inhabited(), { framework: 'f1', role: by, agent: by, resources: by }, drf)],
    ['a master', (by) => createMaster().report({ type: by } as never)],
    ['a listener', (by) => createMaster().on(by as never, () => {})],
    ['a configuration', (by) => emptyCluster({ [by]: 1 })],
    ['a transition', (by) => transition(inhabited(), { type: by, at: 0 } as never)],
  ])('is short: %s', (_, say) => {
    const told = long.map((by) => longestTold(() => say(by)));
    expect(told.filter((one) => one.length > MOST).map((one) => `${one.length}: ${one.slice(0, 120)}`)).toEqual([]);
  });
});
