/** Whatever an agent takes it must be able to give back: from what it saved, byte by byte. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentFromJSON,
  agentToJSON,
  agentTransition,
  emptyAgent,
  restoreAgent,
  type AgentInput,
  type AgentOptions,
  type AgentState,
} from '../../src/agent/index.js';
import { InputError } from '../../src/resources/index.js';
import { admitted } from './harness.js';

const check = { type: 'http', http: { port: 80, path: '/' }, delayMs: 1, command: { value: 'x' } };
const environment = [
  { name: 'A', value: 'b' },
  { name: 'B', type: 'secret', secret: 's' },
];
const docker = { image: 'i', parameters: [{ key: 'k', value: 'v' }] };
const artifacts = [
  { path: 'p', name: 'n', executable: true },
  { url: 'http://h/x.tgz', extract: true, sha256: 'ab'.repeat(32) },
];
const command = { value: 'run', arguments: ['a'], shell: false, user: 'u', environment, artifacts };
const executor = {
  ...{ id: 'e1', framework: 'F1', role: 'web', type: 'custom', name: 'n', resources: 'cpus:0.1', command },
  ...{ container: { type: 'docker', docker, networks: ['n'] }, shutdownGraceMs: 5, labels: [{ key: 'k' }], data: 'd' },
};
const bare = { id: 't1', agent: 'a1', role: 'web', resources: 'cpus:1;mem:100;ports:[1-3]', command };
const task = {
  ...bare,
  ...{ name: 'n', payload: { any: ['thing'] }, container: { type: 'mesos', shareCgroups: true } },
  ...{
    killPolicy: { graceMs: 3 },
    maxCompletionMs: 900,
    check,
    healthCheck: check,
    labels: [{ key: 'k', value: 'v' }],
  },
  ...{ data: 'd', priority: 2, preemptible: true, limits: { cpus: 2, mem: 'unlimited' }, executor },
};
const frameworkInfo = {
  ...{ id: 'F1', name: 'n', roles: ['web'], capabilities: ['partition-aware', 'task-killing-state'], checkpoint: true },
};
const launch = { type: 'launch', agent: 'a1', framework: 'F1', task, frameworkInfo };
const launchGroup = {
  ...{ type: 'launch-group', agent: 'a1', framework: 'F1', executor: { ...executor, id: 'pod', type: 'default' } },
  ...{
    tasks: [
      { ...bare, id: 't2' },
      { ...bare, id: 't3' },
    ],
    frameworkInfo,
  },
};
const ofTask = { agent: 'a1', framework: 'F1', task: 't1' };
const commands: readonly object[] = [
  launch,
  { ...launch, task: { ...bare, id: 't4' } },
  launchGroup,
  { type: 'kill', ...ofTask, killPolicy: { graceMs: 4 }, maxGraceMs: 9 },
  { type: 'shutdown-executor', agent: 'a1', framework: 'F1', executor: 'e1' },
  { type: 'reconcile', agent: 'a1', tasks: [{ framework: 'F1', task: 't9', partitionAware: true }] },
  { type: 'acknowledge', ...ofTask, uuid: 'u' },
  {
    ...{ type: 'apply-operation', agent: 'a1', operation: 'reserve', uuid: 'P1', framework: 'F1', id: 'o' },
    ...{ consumed: 'cpus:1', converted: { name: 'cpus', value: 1, role: 'web' } },
  },
  { type: 'acknowledge-operation', agent: 'a1', operation: 'P1', uuid: 'u' },
  { type: 'framework-message', agent: 'a1', framework: 'F1', executor: 'e1', data: 'd' },
  { type: 'shutdown-framework', agent: 'a1', framework: 'F2' },
  { type: 'registered', agent: 'a1', connection: 'c1' },
  { type: 'registration-refused', agent: 'a1', connection: 'c9', code: 'no', message: 'no' },
];

const bytes = (state: AgentState): string => JSON.stringify(agentToJSON(state));

function expectReadable(state: AgentState): void {
  expect(bytes(agentFromJSON(JSON.parse(bytes(state))))).toBe(bytes(state));
  expect(bytes(agentFromJSON(agentToJSON(state)))).toBe(bytes(state));
}

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...path, key]))];
}

/** Another value at a place; on the way there everything is copied. */
function withAt(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = withAt(copy[key], rest, other);
  return copy;
}

const junk = fc.constantFrom<unknown>(
  ...[undefined, null, 0, -0, -1, 0.5, NaN, Infinity, 2 ** 53, '', 'x', '__proto__', true, false, {}, [], [null], [7]],
  ...[{ key: 'k', value: 7 }, { graceMs: NaN }, { graceMs: -0 }, { type: 'ftp' }, 'running', 'cpus:1'],
);

/** A command in which one thing is something else, or one field is new. */
const damaged = fc
  .tuple(fc.constantFrom(...commands), fc.nat(), junk, fc.boolean())
  .map(([order, which, other, isNew]) => {
    const places = pathsOf(order).filter((path) => path.length > 0 && !path.includes('payload'));
    const place = places[which % places.length] ?? [];
    return withAt(order, isNew ? [...place.slice(0, -1), 'newField'] : place, other);
  });
const inputs = fc.array(
  fc.oneof(
    damaged,
    fc.constantFrom(...commands),
    fc.constantFrom<object>({ type: 'registered', agent: 'a1' }),
    fc.constantFrom('connected', 'disconnected', 'tick').map((type) => ({ input: type })),
    fc
      .constantFrom('running', 'killed', 'finished')
      .map((state) => ({ input: 'executor-update', framework: 'F1', task: 't1', state })),
  ),
  { maxLength: 30 },
);

function take(state: AgentState, at: number, what: unknown): AgentState {
  const { input, ...more } = (typeof what === 'object' && what !== null ? what : {}) as { input?: string };
  const said = input === undefined ? { type: 'command', at, command: what } : { type: input, at, ...more };
  try {
    return agentTransition(state, said as AgentInput)[0];
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return state;
  }
}

describe('what an agent takes', () => {
  it('it can read again: any command that it does not refuse', () => {
    fc.assert(
      fc.property(damaged, (order) => {
        const it = admitted();
        it.order(launch as never);
        expectReadable(take(it.state, 1, order));
        expectReadable(take(admitted().state, 1, order));
      }),
      { numRuns: 1_500 },
    );
  });

  it('it can read again after any history', () => {
    fc.assert(
      fc.property(inputs, (all) => {
        const last = all.reduce<AgentState>((state, what, index) => take(state, index * 700, what), admitted().state);
        expectReadable(last);
      }),
      { numRuns: 400 },
    );
  });

  it('it keeps without what only a newer master knows', () => {
    const [plain, newer] = [admitted(), admitted()];
    plain.order(launch as never);
    const odd = pathsOf(launch)
      .filter((path) => !path.includes('payload') && path.at(-1) !== 'resources')
      .filter((path) => typeof at(launch, path) === 'object' && !Array.isArray(at(launch, path)))
      .reduce<unknown>((order, path) => withAt(order, [...path, 'newField'], { deep: [1] }), launch);
    const said = newer.order(
      withAt(odd, ['frameworkInfo', 'capabilities'], [...frameworkInfo.capabilities, 'mind-reading']) as never,
    );
    expect(said).toEqual(['launch-task t1 on e1 (new)']);
    expect(bytes(newer.state)).toBe(bytes(plain.state));
    expect(JSON.stringify(newer.all)).toBe(JSON.stringify(plain.all));
    expect(newer.state.frameworks.get('F1')?.tasks.get('t1')?.info.payload).toEqual({ any: ['thing'] });
    expect(JSON.parse(bytes(newer.state)).frameworks[0][1].tasks[0][1].info).toMatchObject(
      JSON.parse(JSON.stringify(task)) as object,
    );
  });

  it.each([
    [['task', 'agent'], undefined, 'command.task.agent'],
    [['task', 'name'], 7, 'command.task.name'],
    [['task', 'command', 'environment', 0, 'value'], 1, 'command.task.command.environment[0].value'],
    [['task', 'command', 'artifacts'], 'x', 'command.task.command.artifacts'],
    [['task', 'command', 'artifacts', 0, 'path'], 7, 'command.task.command.artifacts[0].path'],
    [['task', 'command', 'artifacts', 1, 'extract'], 'yes', 'command.task.command.artifacts[1].extract'],
    [['task', 'container', 'type'], 'chroot', 'command.task.container.type'],
    [['task', 'check', 'http', 'port'], '80', 'command.task.check.http.port'],
    [['task', 'healthCheck', 'delayMs'], NaN, 'command.task.healthCheck.delayMs'],
    [['task', 'priority'], NaN, 'command.task.priority'],
    [['task', 'preemptible'], 1, 'command.task.preemptible'],
    [['task', 'limits', 'cpus'], NaN, 'command.task.limits.cpus'],
    [['task', 'executor', 'framework'], undefined, 'command.task.executor.framework'],
    [['task', 'executor', 'role'], 7, 'command.task.executor.role'],
    [['task', 'executor', 'type'], 'odd', 'command.task.executor.type'],
    [['task', 'data'], {}, 'command.task.data'],
    [['frameworkInfo', 'name'], {}, 'command.frameworkInfo.name'],
    [['frameworkInfo', 'checkpoint'], 'yes', 'command.frameworkInfo.checkpoint'],
  ])('is no command with %j = %j', (path, other, where) => {
    const it = admitted();
    const before = bytes(it.state);
    expect(() => it.order(withAt(launch, path, other) as never)).toThrow(
      expect.objectContaining({ name: 'InputError', code: 'bad-input', path: where }),
    );
    expect(bytes(it.state)).toBe(before);
  });
});

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

describe('options of an agent', () => {
  const base: AgentOptions = { id: 'a', resources: 'cpus:1', seed: 1 };
  const saved: unknown = JSON.parse(bytes(emptyAgent(base)));

  it.each([
    [null, 'bad-input', 'options'],
    ['a', 'bad-input', 'options'],
    [{ capabilities: 'resize-volume' }, 'bad-input', 'capabilities'],
    [{ capabilities: ['nonsense'] }, 'bad-input', 'capabilities[0]'],
    [{ capabilities: 5 }, 'bad-input', 'capabilities'],
    [{ hostname: {} }, 'bad-input', 'hostname'],
    [{ id: 7 }, 'bad-input', 'id'],
    [{ id: '' }, 'bad-id', 'id'],
    [{ id: 'a/b' }, 'bad-id', 'id'],
    [{ ip: NaN }, 'bad-input', 'ip'],
    [{ domain: null }, 'bad-input', 'domain'],
    [{ domain: 'eu' }, 'bad-input', 'domain'],
    [{ domain: { region: 'r' } }, 'bad-input', 'domain.zone'],
    [{ streamConfig: null }, 'bad-input', 'streamConfig'],
    [{ streamConfig: {} }, 'bad-duration', 'streamConfig.firstMs'],
    [{ streamConfig: { firstMs: 1, maxMs: '2' } }, 'bad-duration', 'streamConfig.maxMs'],
    [{ heartbeatMs: null }, 'bad-duration', 'heartbeatMs'],
    [{ seed: '1' }, 'bad-number', 'seed'],
    [{ resources: null }, 'bad-resources', 'resources'],
    [{ attributes: 7 }, 'bad-attributes', 'attributes'],
    [{ attributes: null }, 'bad-attributes', 'attributes'],
  ])('are refused where they are wrong: %o', (wrong, code, path) => {
    const options = (typeof wrong === 'object' && wrong !== null ? { ...base, ...wrong } : wrong) as AgentOptions;
    const refusal = expect.objectContaining({ name: 'InputError', code, path });
    expect(() => emptyAgent(options)).toThrow(refusal);
    expect(() => restoreAgent(saved, options, 'additive')).toThrow(refusal);
  });
});
