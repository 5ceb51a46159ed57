import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, resources } from '../../src/resources/index.js';
import {
  readExecutor,
  validateExecutor,
  validateGroupResources,
  validateOfferRole,
  validateSingleProvider,
  validateTask,
  validateTaskAllocation,
  validateTaskAndExecutorResources,
  validateTaskGroup,
  validateTaskResources,
  type Artifact,
  type CheckInfo,
  type ContainerInfo,
  type EnvironmentVariable,
  type ExecutorLike,
  type TaskContext,
  type TaskLike,
} from '../../src/tasks/index.js';

const context: TaskContext = {
  agent: 'a1',
  role: 'web',
  framework: 'F1',
  offered: resources('cpus:4;mem:4096;disk:1000;ports:[1000-2000]'),
  agentCapabilities: ['task-resource-limits'],
  taskIdInUse: () => undefined,
  executor: () => undefined,
};

const task: TaskLike = { id: 't1', resources: 'cpus:1;mem:128', command: { value: 'sleep 1' } };
const { command: _, ...bare } = task;
const custom: ExecutorLike = { id: 'e1', command: { value: './run' }, resources: 'cpus:0.1;mem:32' };
const onExecutor: TaskLike = { ...bare, executor: custom };
const check: CheckInfo = { type: 'tcp', tcp: { port: 80 } };

/** What is wrong with a task, in which row, by which code and with which words. */
type Row = readonly [row: string, fields: Partial<TaskLike>, code: string, words: string];

const inDocker: ContainerInfo = { type: 'docker', docker: { image: 'i', parameters: [{ key: 'k', value: 'v' }] } };

/** A task with one variable in its environment. */
function secretly(variable: Omit<EnvironmentVariable, 'name'>): Partial<TaskLike> {
  return { command: { value: 'x', environment: [{ name: 'A', ...variable }] } };
}

/** A task with these artifacts. */
function bringing(...artifacts: readonly Artifact[]): Partial<TaskLike> {
  return { command: { value: 'x', artifacts } };
}

const sum = 'AbC0'.repeat(16);

describe('validateTask', () => {
  it.each<[string, TaskLike]>([
    ['with a command', task],
    ['with an executor', onExecutor],
    ['with a payload', { ...bare, payload: { anything: true } }],
    ['for the agent of the offer', { ...task, agent: 'a1' }],
    ['of which the resources name the role of the offer', { ...task, resources: allocate(resources('cpus:1'), 'web') }],
    ['with limits', { ...task, limits: { cpus: 1, mem: Infinity } }],
    ['with a limit that JSON can carry', { ...task, limits: { mem: 'unlimited' } }],
    ['with graces of zero', { ...task, killPolicy: { graceMs: 0 }, maxCompletionMs: 0 }],
    ['with checks', { ...task, check, healthCheck: { ...check, delayMs: 0, consecutiveFailures: 3 } }],
    [
      'with a weak executor, of which Mesos only warns (VAL-10)',
      { ...bare, executor: { ...custom, resources: 'cpus:0.001' } },
    ],
    ['with an executor without resources', { ...bare, executor: { id: 'e1', command: { value: './run' } } }],
    ['called __proto__', { ...task, id: '__proto__' }],
    ['with a priority', { ...task, priority: -5, preemptible: true }],
    ['in a Docker container', { ...task, container: inDocker }],
    ['on an executor in a Docker container', { ...bare, executor: { ...custom, container: inDocker } }],
    ['with a secret', { ...task, command: { environment: [{ name: 'A', type: 'secret', secret: 's' }] } }],
    [
      'with artifacts',
      {
        ...task,
        ...bringing(
          ...[{ path: 'a' }, { path: '/b/..c', executable: true }, { url: 'HTTPS://h/x.tar.gz?v=1#f', extract: true }],
          ...[
            { url: 'file:///x/y.bin', name: 'y.zip', extract: true, sha256: sum },
            { url: 'http://h/', name: "it's" },
          ],
          ...[
            { path: '../e', name: '__proto__' },
            { path: 'f.tgz', extract: false, name: '-rf' },
          ],
        ),
      },
    ],
    ['with a value', { ...task, command: { environment: [{ name: 'A', type: 'value', value: '' }] } }],
  ])('accepts one %s', (_name, it) => {
    expect(validateTask(it, context)).toBeUndefined();
  });

  it.each<Row>([
    ['VAL-1', { id: '' }, 'bad-id', 'must not be empty'],
    ['VAL-1', { id: 'x'.repeat(256) }, 'bad-id', '255'],
    ['VAL-1', { id: '..' }, 'bad-id', 'disallowed'],
    ['VAL-1', { id: 'a/b' }, 'bad-id', 'invalid characters'],
    ['VAL-1', { id: 'a\n' }, 'bad-id', 'invalid characters'],
    ['VAL-2', { id: 'live' }, 'duplicate-id', 'Task has duplicate ID: live'],
    ['VAL-2', { id: 'away' }, 'duplicate-id', 'reuses the ID of an unreachable task'],
    ['VAL-3', { agent: 'a2' }, 'wrong-agent', 'Task uses invalid agent a2 while agent a1 is expected'],
    ['VAL-4', { killPolicy: { graceMs: -1 } }, 'bad-duration', "'kill_policy.grace_period' must be non-negative"],
    ['VAL-4', { killPolicy: { graceMs: -0 } }, 'bad-duration', "Task's 'kill_policy.grace_period'"],
    ['VAL-4', { killPolicy: { graceMs: NaN } }, 'bad-duration', "Task's 'kill_policy.grace_period'"],
    ['VAL-4', { killPolicy: { graceMs: Infinity } }, 'bad-duration', "Task's 'kill_policy.grace_period'"],
    ['VAL-4', { killPolicy: { graceMs: 1e308 } }, 'bad-duration', "Task's 'kill_policy.grace_period'"],
    ['VAL-4', { killPolicy: { graceMs: 0.5 } }, 'bad-duration', 'whole number'],
    ['VAL-4', { maxCompletionMs: -1 }, 'bad-duration', '`max_completion_time` must be non-negative'],
    ['VAL-5', { check: { type: 'command' } }, 'bad-check', "Expecting 'command' to be set for COMMAND check"],
    ['VAL-5', { check: { type: 'command', command: {} } }, 'bad-check', "'shell command'"],
    ['VAL-5', { check: { type: 'command', command: { shell: false } } }, 'bad-check', "'executable path'"],
    ['VAL-5', { check: { type: 'http' } }, 'bad-check', "Expecting 'http' to be set for HTTP check"],
    ['VAL-5', { check: { type: 'http', http: { port: 80, path: 'x' } } }, 'bad-check', "must start with '/'"],
    ['VAL-5', { check: { type: 'http', http: { port: 70_000 } } }, 'bad-check', 'port'],
    ['VAL-5', { check: { type: 'tcp' } }, 'bad-check', "Expecting 'tcp' to be set for TCP check"],
    ['VAL-5', { check: { type: 'tcp', tcp: { port: NaN } } }, 'bad-check', 'port'],
    ['VAL-5', { check: {} as CheckInfo }, 'bad-check', "CheckInfo must specify 'type'"],
    ['VAL-5', { healthCheck: {} as CheckInfo }, 'bad-check', "HealthCheck must specify 'type'"],
    ['VAL-5', { check: { type: 'smoke' } as unknown as CheckInfo }, 'bad-check', 'not a valid check type'],
    ['VAL-5', { healthCheck: { ...check, delayMs: -1 } }, 'bad-duration', 'delay_seconds'],
    ['VAL-5', { healthCheck: { ...check, timeoutMs: NaN } }, 'bad-duration', 'timeout_seconds'],
    ['VAL-5', { healthCheck: { ...check, consecutiveFailures: 1.5 } }, 'bad-check', 'consecutive_failures'],
    [
      'VAL-5',
      {
        check: {
          type: 'command',
          command: { value: 'x', environment: [{ name: 'A' }] },
        },
      },
      'bad-command',
      "Environment variable 'A'",
    ],
    [
      'VAL-5',
      { command: { value: 'x', environment: [{ name: 'A' }] } },
      'bad-command',
      "Task's `CommandInfo` is invalid: Environment variable 'A' of type 'VALUE' must have a value set",
    ],
    ['VAL-5', secretly({ type: 'secret' }), 'bad-command', "of type 'SECRET' must have a secret set"],
    ['VAL-5', secretly({ type: 'secret', secret: 's', value: 'v' }), 'bad-command', 'must not have a value set'],
    ['VAL-5', secretly({ secret: 's', value: 'v' }), 'bad-command', "of type 'VALUE' must not have a secret set"],
    ['VAL-5', secretly({ type: 'unknown' as 'value' }), 'bad-command', "of type 'UNKNOWN' is not allowed"],
    ['VAL-5', bringing({}), 'bad-artifact', 'exactly one of path and url'],
    ['VAL-5', bringing({ path: 'a' }, { path: 'a', url: 'http://h/a' }), 'bad-artifact', 'exactly one of path and url'],
    ['VAL-5', bringing({ path: '' }), 'bad-artifact', "The path ''"],
    ['VAL-5', bringing({ path: 'a\0b' }), 'bad-artifact', 'cannot be that of a file'],
    ['VAL-5', bringing({ url: 'ftp://h/a' }), 'bad-artifact', "The url 'ftp://h/a' of an artifact must begin with"],
    ['VAL-5', bringing({ url: 'hdfs:a' }), 'bad-artifact', 'must begin with'],
    ['VAL-5', bringing({ url: 'http://h' }), 'bad-artifact', "cannot be called ''"],
    ['VAL-5', bringing({ url: 'http://h/a/?b=/c' }), 'bad-artifact', "cannot be called ''"],
    ['VAL-5', bringing({ path: '/a/..' }), 'bad-artifact', "cannot be called '..'"],
    ['VAL-5', bringing({ path: 'a', name: 'b/c' }), 'bad-artifact', "cannot be called 'b/c'"],
    ['VAL-5', bringing({ path: 'a', name: '.' }), 'bad-artifact', "cannot be called '.'"],
    ['VAL-5', bringing({ path: 'a', name: 'b\0' }), 'bad-artifact', 'cannot be called'],
    ['VAL-5', bringing({ path: 'a', name: 'x'.repeat(256) }), 'bad-artifact', 'cannot be called'],
    ['VAL-5', bringing({ path: 'a', extract: true }), 'bad-artifact', "What is called 'a' cannot be extracted"],
    ['VAL-5', bringing({ path: 'a.zip', name: 'a', extract: true }), 'bad-artifact', 'no tar or zip archive'],
    ['VAL-5', bringing({ path: 'a', sha256: sum.slice(1) }), 'bad-artifact', '64 hexadecimal digits'],
    ['VAL-5', bringing({ path: 'a', sha256: `${sum}\n` }), 'bad-artifact', '64 hexadecimal digits'],
    ['VAL-5', bringing({ path: 'a' }, { path: '/b/a' }), 'bad-artifact', "Another artifact is called 'a', too"],
    [
      'VAL-5',
      { check: { type: 'command', command: { value: 'x', artifacts: [{}] } } },
      'bad-artifact',
      "Task uses invalid check: Its 'CommandInfo' is invalid: An artifact",
    ],
    [
      'VAL-5',
      { container: { type: 'docker' } },
      'bad-container',
      "Task's `ContainerInfo` is invalid: DockerInfo 'docker' is not set for DOCKER typed ContainerInfo",
    ],
    [
      'VAL-5',
      { container: { type: 'docker', docker: { image: 'i', parameters: [{ key: 'name', value: 'n' }] } } },
      'bad-container',
      "Parameter in DockerInfo must not be 'name'",
    ],
    ['VAL-6', { resources: '' }, 'no-resources', 'Task uses no resources'],
    ['VAL-6', { resources: [] }, 'no-resources', 'Task uses no resources'],
    ['VAL-6', { resources: 'cpus:0' }, 'no-resources', 'Task uses no resources'],
    ['VAL-6', { resources: 'cpus:lots' }, 'bad-resources', 'Task uses invalid resources'],
    ['VAL-6', { resources: [{ name: 'cpus', value: '-1' }] }, 'bad-resources', 'Invalid scalar resource'],
    ['VAL-6', { resources: [{ name: 'cpus', value: -1 }] }, 'bad-resources', 'Invalid scalar resource'],
    ['VAL-6', { resources: [{ name: 'cpus', value: 0.00001 }, 'mem:1'] }, 'bad-resources', 'Invalid scalar resource'],
    ['VAL-6', { resources: [{ name: 'cpus', value: NaN }] }, 'bad-resources', 'Invalid scalar resource'],
    ['VAL-6', { resources: 'gpus:0.5' }, 'bad-resources', "'gpus' resource must be an unsigned integer"],
    [
      'VAL-6',
      { resources: allocate(resources('cpus:1'), 'db') },
      'wrong-role',
      "role 'db' while the offer is for role 'web'",
    ],
    [
      'VAL-6',
      {
        resources: [
          { name: 'cpus', value: 1, allocated: 'web' },
          { name: 'mem', value: 1, allocated: 'db' },
        ],
      },
      'many-roles',
      'multiple allocation roles',
    ],
    [
      'VAL-6',
      {
        resources: [
          { name: 'cpus', value: 1 },
          { name: 'mem', value: 1, allocated: 'db' },
        ],
      },
      'wrong-role',
      "role 'db'",
    ],
    [
      'VAL-6',
      { resources: ['cpus:1', { name: 'cpus', value: 1, revocable: true }] },
      'mixed-revocable',
      "Cannot use both revocable and non-revocable 'cpus'",
    ],
    [
      'VAL-6',
      {
        resources: [
          { name: 'disk', value: 1, role: 'web', disk: { id: 'v', path: 'p' } },
          { name: 'disk', value: 2, role: 'web', disk: { id: 'v', path: 'p' } },
        ],
      },
      'duplicate-volume',
      "Persistence ID 'v' is not unique",
    ],
    ['VAL-7', { limits: { disk: 1 } }, 'bad-limits', 'Only cpus and mem'],
    ['VAL-7', { limits: { cpus: 1, __proto__x: 1 } }, 'bad-limits', 'Only cpus and mem'],
    ['VAL-7', { limits: { cpus: 0.5 } }, 'bad-limits', 'must be greater than or equal to the cpu request'],
    ['VAL-7', { limits: { mem: 127.999 } }, 'bad-limits', 'must be greater than or equal to the memory request'],
    ['VAL-7', { resources: 'mem:1', limits: { cpus: 1 } }, 'bad-limits', 'a CPU request must also be specified'],
    ['VAL-7', { resources: 'cpus:1', limits: { mem: 1 } }, 'bad-limits', 'a memory request must also be specified'],
    ['VAL-7', { limits: { cpus: NaN } }, 'bad-limits', 'The cpu limit'],
    ['VAL-7', { limits: { cpus: 1e300 } }, 'bad-limits', 'The cpu limit'],
    ['VAL-7', { limits: { cpus: -Infinity } }, 'bad-limits', 'The cpu limit'],
    ['§7', { priority: NaN }, 'bad-priority', 'priority'],
    ['§7', { priority: Infinity }, 'bad-priority', 'priority'],
    ['VAL-8', { executor: custom }, 'command-or-executor', 'CommandInfo or ExecutorInfo present'],
    ['VAL-8', { payload: 1 }, 'command-or-executor', 'payload'],
    ['VAL-12', { resources: 'cpus:4.001' }, 'insufficient-resources', 'is more than available'],
    ['VAL-12', { resources: 'ports:[999-1000]' }, 'insufficient-resources', 'is more than available'],
    ['VAL-13', { container: { type: 'mesos', shareCgroups: false } }, 'bad-container', 'Only tasks in a task group'],
  ])('%s refuses %o', (_row, fields, code, words) => {
    const inUse = {
      ...context,
      taskIdInUse: (id: string) => (id === 'live' ? 'active' : id === 'away' ? 'unreachable' : undefined),
    } as const;
    const problem = validateTask({ ...task, ...fields }, inUse);
    expect(problem?.code).toBe(code);
    expect(problem?.message).toContain(words);
  });

  it('refuses a task that says nothing to run (VAL-8)', () => {
    expect(validateTask(bare, context)?.code).toBe('command-or-executor');
  });

  it('refuses limits on an agent that cannot hold to them (VAL-7)', () => {
    const problem = validateTask({ ...task, limits: { cpus: 2 } }, { ...context, agentCapabilities: [] });
    expect(problem?.message).toContain('Agent is not capable');
  });

  it('compares a limit with the request at three decimals (RES-6)', () => {
    expect(validateTask({ ...task, resources: 'cpus:0.3', limits: { cpus: 0.1 + 0.2 } }, context)).toBeUndefined();
    expect(validateTask({ ...task, resources: 'cpus:0.3', limits: { cpus: 0.29999 } }, context)).toBeUndefined();
  });

  it.each<[string, ExecutorLike, string, string]>([
    ['VAL-8', { ...custom, type: 'default' }, 'bad-executor', "'ExecutorInfo.command' must not be set for 'DEFAULT'"],
    ['VAL-8', { id: 'e1', type: 'default' }, 'bad-executor', "'ExecutorInfo.type' must be 'CUSTOM'"],
    ['VAL-8', { id: 'e1', type: 'custom' }, 'bad-executor', "'ExecutorInfo.command' must be set for 'CUSTOM'"],
    ['VAL-8', { id: 'e1' }, 'bad-executor', "'ExecutorInfo.command' must be set"],
    ['VAL-8', { id: 'e1', type: 'default', container: { type: 'docker' } }, 'bad-executor', "must be 'MESOS'"],
    ['VAL-1', { ...custom, id: 'a\\b' }, 'bad-id', 'invalid characters'],
    ['VAL-4', { ...custom, shutdownGraceMs: -1 }, 'bad-duration', "'shutdown_grace_period' must be non-negative"],
    ['VAL-4', { ...custom, shutdownGraceMs: NaN }, 'bad-duration', "'shutdown_grace_period'"],
    ['VAL-5', { ...custom, command: { environment: [{ name: 'A' }] } }, 'bad-command', 'Executor'],
    ['VAL-5', { ...custom, container: { type: 'docker' } }, 'bad-container', "Executor's `ContainerInfo` is invalid"],
    ['VAL-9', { ...custom, framework: 'F2' }, 'wrong-framework', 'ExecutorInfo has an invalid FrameworkID'],
    ['VAL-6', { ...custom, resources: 'cpus:x' }, 'bad-resources', 'Executor uses invalid resources'],
    ['VAL-6', { ...custom, resources: 'gpus:1.5' }, 'bad-resources', 'Executor uses invalid resources'],
    [
      'VAL-6',
      { ...custom, resources: allocate(resources('cpus:1'), 'db') },
      'wrong-role',
      'Invalid executor resources',
    ],
    [
      'VAL-6',
      { ...custom, resources: ['cpus:1', { name: 'cpus', value: 1, revocable: true }] },
      'mixed-revocable',
      'Executor mixes',
    ],
    [
      'VAL-10',
      { ...custom, resources: { name: 'disk', value: 1, role: 'web', shared: true, disk: { id: 'v', path: 'p' } } },
      'bad-executor',
      'should not contain any shared resources',
    ],
    ['VAL-11', { ...custom, resources: 'ports:[1000-1000]' }, 'overlapping-resources', 'overlapping resources'],
    ['VAL-12', { ...custom, resources: 'cpus:3.5' }, 'insufficient-resources', 'more than available'],
    ['VAL-13', { ...custom, container: { type: 'mesos', shareCgroups: true } }, 'bad-executor', "'share_cgroups'"],
  ])('%s refuses the executor %o', (_row, executor, code, words) => {
    const problem = validateTask({ ...bare, resources: 'cpus:1;ports:[1000-1001]', executor }, context);
    expect(problem?.code).toBe(code);
    expect(problem?.message).toContain(words);
  });

  it('counts an executor that runs on the agent already as no load (ACC-7), if it is the very same (VAL-9)', () => {
    const running = readExecutor(custom, { framework: 'F1', role: 'web' });
    const full = { ...context, offered: resources('cpus:1;mem:128'), executor: () => running };
    expect(validateTask(onExecutor, full)).toBeUndefined();
    expect(validateTask(onExecutor, { ...full, executor: () => undefined })?.code).toBe('insufficient-resources');
    const same = { ...custom, framework: 'F1', resources: ['mem:32', 'cpus:0.05', 'cpus:0.05'], name: undefined };
    expect(validateTask({ ...bare, executor: same as unknown as ExecutorLike }, full)).toBeUndefined();
    for (const other of [{ command: { value: './other' } }, { resources: 'cpus:0.2;mem:32' }, { data: 'x' }]) {
      const problem = validateTask({ ...bare, executor: { ...custom, ...other } }, full);
      expect(problem?.message).toContain('ExecutorInfo is not compatible with existing ExecutorInfo');
    }
    expect(validateTask(onExecutor, { ...full, role: 'db' })?.code).toBe('incompatible-executor');
  });

  it('reports the first rule that is broken, in the order of §14', () => {
    const all: TaskLike = {
      ...bare,
      id: '',
      agent: 'a2',
      killPolicy: { graceMs: -1 },
      maxCompletionMs: -1,
      check: { type: 'tcp' },
      healthCheck: { type: 'tcp' },
      resources: '',
      limits: { disk: 1 },
    };
    const mended: Partial<TaskLike>[] = [
      { id: 't1' },
      { agent: 'a1' },
      { killPolicy: { graceMs: 1 } },
      { maxCompletionMs: 1 },
      { check },
      { healthCheck: check },
      { resources: 'cpus:1' },
      { limits: {} },
      { command: { value: 'x' } },
    ];
    const found: (string | undefined)[] = [];
    let broken = all;
    for (const mend of mended) {
      found.push(validateTask(broken, context)?.path);
      broken = { ...broken, ...mend };
    }
    expect(found).toEqual([
      'id',
      'agent',
      'killPolicy.graceMs',
      'maxCompletionMs',
      'check.tcp',
      'healthCheck.tcp',
      'resources',
      'limits.disk',
      '',
    ]);
    expect(validateTask(broken, context)).toBeUndefined();
  });

  it('cuts the resources that a message shows: each of many tasks may get one', () => {
    const pieces = Array.from({ length: 5_000 }, (_each, n) => `${3 * n}-${3 * n}`).join(',');
    const offered = resources(`cpus:4;ports:[${pieces}]`);
    const problem = validateTask({ ...task, resources: 'cpus:5' }, { ...context, offered });
    expect(problem?.message).toMatch(
      /^Total resources cpus:5 required by .* more than available cpus:4; ports:\[0-0, 3-3.*…$/,
    );
    expect(problem?.message.length).toBeLessThan(1_200);
    const twice = {
      ...onExecutor,
      resources: `ports:[${pieces}]`,
      executor: { ...custom, resources: `ports:[${pieces}]` },
    };
    expect(validateTask(twice, context)?.message.length).toBeLessThan(2_200);
  });

  it('answers and does not throw when a sum is too large to be exact', () => {
    const most = `cpus:${Number.MAX_SAFE_INTEGER / 1000 - 1}`;
    const problem = validateTask({ ...bare, resources: most, executor: { ...custom, resources: most } }, context);
    expect(problem?.code).toBe('too-large');
    const group = { executor: { ...custom, framework: 'F1' }, tasks: [{ ...bare, resources: most }] };
    expect(validateTaskGroup(group, context)).toBeDefined();
  });

  it('never throws, whatever a framework writes', () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(NaN, -0, Infinity));
    const amounts = fc.oneof(
      fc.string(),
      fc.array(fc.record({ name: fc.string(), value: fc.oneof(fc.string(), number) })),
      fc.constantFrom('cpus:1', 'cpus:1;mem:32', 'ports:[1-3]'),
    );
    const executor = fc.record(
      {
        id: fc.string(),
        resources: amounts,
        shutdownGraceMs: number,
        type: fc.constantFrom('default', 'custom'),
        framework: fc.string(),
      },
      { requiredKeys: ['id'] },
    );
    const anyTask = fc.record(
      {
        id: fc.oneof(fc.string(), fc.constantFrom('t1', '__proto__')),
        resources: amounts,
        limits: fc.dictionary(fc.constantFrom('cpus', 'mem', '__proto__', 'x'), number),
        killPolicy: fc.record({ graceMs: number }),
        maxCompletionMs: number,
        priority: number,
        command: fc.constant({ value: 'x' }),
        executor,
      },
      { requiredKeys: ['id', 'resources'] },
    );
    fc.assert(
      fc.property(anyTask, fc.array(anyTask), executor, (one, tasks, of) => {
        const problem = validateTask(one as TaskLike, context);
        expect(problem === undefined || problem.message.length > 0).toBe(true);
        validateTaskGroup({ executor: of as ExecutorLike, tasks: tasks as TaskLike[] }, context);
      }),
    );
  });
});

describe('validateTaskGroup', () => {
  const executor: ExecutorLike = {
    id: 'default',
    type: 'default',
    framework: 'F1',
    resources: 'cpus:0.1;mem:32;disk:10',
  };
  const group = { executor, tasks: [task, { ...task, id: 't2' }] };

  it('accepts a group, with the executor on its tasks or not (VAL-13)', () => {
    expect(validateTaskGroup(group, context)).toBeUndefined();
    const said = {
      executor,
      tasks: [
        { ...task, executor },
        { ...bare, id: 't2', payload: 1 },
      ],
    };
    expect(validateTaskGroup(said, context)).toBeUndefined();
    expect(validateTaskGroup({ executor, tasks: [] }, context)).toBeUndefined();
  });

  it.each<[string, Partial<TaskLike>, string, string]>([
    ['VAL-4', { killPolicy: { graceMs: -1 } }, 'bad-duration', "Task 't1' is invalid: Task's 'kill_policy"],
    [
      'VAL-13',
      { container: { type: 'docker' } },
      'bad-container',
      "Task 't1' is invalid: Docker ContainerInfo is not supported on the task",
    ],
    [
      'VAL-13',
      { container: { type: 'mesos', networks: ['n'] }, healthCheck: { type: 'http', http: { port: 1 } } },
      'bad-container',
      'HTTP and TCP health checks are not supported',
    ],
    ['VAL-7', { limits: { cpus: 1 } }, 'bad-limits', "'share_cgroups' field is set to 'false'"],
    ['VAL-8', { payload: 1 }, 'command-or-executor', 'not both'],
  ])('%s refuses all for one bad task %o', (_row, fields, code, words) => {
    const found = validateTaskGroup(
      {
        executor,
        tasks: [
          { ...task, ...fields },
          { ...task, id: 't2' },
        ],
      },
      context,
    );
    expect(found).toMatchObject({ task: 't1', problem: { code, message: expect.stringContaining(words) as string } });
  });

  it('refuses two tasks of one id (VAL-2)', () => {
    const found = validateTaskGroup({ executor, tasks: [task, task] }, context);
    expect(found).toMatchObject({ task: 't1', problem: { code: 'duplicate-id', path: 'tasks[1].id' } });
  });

  it.each<[string, Partial<ExecutorLike>, string]>([
    ['VAL-9', { framework: undefined as unknown as string }, "'ExecutorInfo.framework_id' must be set"],
    ['VAL-9', { framework: 'F2' }, 'invalid FrameworkID'],
    ['VAL-13', { type: undefined as unknown as 'default' }, "'ExecutorInfo.type' must be set"],
    [
      'VAL-13',
      { type: 'custom', command: { value: 'x' }, container: { type: 'docker' } },
      'not supported on the executor',
    ],
    ['VAL-10', { resources: 'cpus:0.009;mem:32;disk:1' }, 'uses less CPUs (0.009) than the minimum required (0.01)'],
    ['VAL-10', { resources: 'mem:32;disk:1' }, 'uses less CPUs (None)'],
    ['VAL-10', { resources: 'cpus:0.01;mem:31;disk:1' }, 'uses less memory (31)'],
    ['VAL-10', { resources: 'cpus:0.01;mem:32' }, "Executor 'default' uses no disk"],
    ['VAL-11', { resources: 'cpus:1;mem:32;disk:1;ports:[1500-1500]' }, 'overlapping resources'],
    ['VAL-12', { resources: 'cpus:2.5;mem:32;disk:1' }, 'are more than available'],
  ])('%s refuses the executor %o', (_row, fields, words) => {
    const tasks = [
      { ...task, resources: 'cpus:1;ports:[1500-1500]' },
      { ...task, id: 't2' },
    ];
    const found = validateTaskGroup({ executor: { ...executor, ...fields }, tasks }, context);
    expect(found?.task).toBeUndefined();
    expect(found?.problem.message).toContain(words);
  });

  it('refuses what overlaps between two tasks (VAL-11)', () => {
    const ports = 'cpus:1;ports:[1500-1500]';
    const found = validateTaskGroup(
      {
        executor,
        tasks: [
          { ...task, resources: ports },
          { ...task, id: 't2', resources: ports },
        ],
      },
      context,
    );
    expect(found?.problem.code).toBe('overlapping-resources');
  });

  it('refuses a task that names another executor (VAL-13)', () => {
    const other = { ...bare, executor: { ...executor, name: 'another' } };
    const found = validateTaskGroup({ executor, tasks: [other] }, context);
    expect(found?.problem.message).toContain("The `ExecutorInfo` of task 't1' is different");
    const unreadable = { ...bare, executor: { ...executor, resources: 'cpus:x' } };
    expect(validateTaskGroup({ executor, tasks: [unreadable] }, context)?.problem.code).toBe('incompatible-executor');
  });

  it('wants all tasks under one executor to share its control group, or none (VAL-13)', () => {
    const apart = { ...task, container: { type: 'mesos', shareCgroups: false } } as const;
    expect(validateTaskGroup({ executor, tasks: [apart, { ...task, id: 't2' }] }, context)?.problem.message).toContain(
      "'share_cgroups' must be the same",
    );
    expect(validateTaskGroup({ executor, tasks: [{ ...apart, limits: { cpus: 1 } }] }, context)).toBeUndefined();
    const running = readExecutor(executor, { framework: 'F1', role: 'web' });
    const busy: TaskContext = { ...context, executor: () => running, sharesCgroups: () => true };
    expect(validateTaskGroup({ executor, tasks: [apart] }, busy)?.problem.message).toContain("'share_cgroups'");
    expect(validateTaskGroup({ executor, tasks: [task] }, busy)).toBeUndefined();
  });

  it('counts an executor that runs already as no load (ACC-7)', () => {
    const running = readExecutor(executor, { framework: 'F1', role: 'web' });
    const tight: TaskContext = { ...context, offered: resources('cpus:2;mem:256'), executor: () => running };
    expect(validateTaskGroup(group, tight)).toBeUndefined();
    expect(validateTaskGroup(group, { ...tight, executor: () => undefined })?.problem.code).toBe(
      'insufficient-resources',
    );
  });
});

describe('the rules on resources alone', () => {
  it('know one role from many and none (VAL-6)', () => {
    expect(validateTaskAllocation(allocate(resources('cpus:1;mem:1'), 'web'))).toBeUndefined();
    expect(validateTaskAllocation(resources('cpus:1'))?.code).toBe('unallocated');
    expect(
      validateTaskAllocation(
        resources([
          { name: 'cpus', value: 1, allocated: 'a' },
          { name: 'mem', value: 1, allocated: 'b' },
        ]),
      )?.code,
    ).toBe('many-roles');
    expect(validateOfferRole(resources('cpus:1'), 'web')).toBeUndefined();
  });

  it('keep volumes of two roles apart (VAL-6)', () => {
    const volume = (role: string) => ({ name: 'disk', value: 1, role, disk: { id: 'v', path: 'p' } });
    expect(validateTaskResources(resources([volume('a'), volume('b')]))).toBeUndefined();
    const twice = { task: resources(volume('a')), executor: resources(volume('a')) };
    expect(validateTaskAndExecutorResources(twice)?.code).toBe('duplicate-volume');
    expect(validateGroupResources({ tasks: [twice.task, twice.executor] })?.code).toBe('duplicate-volume');
  });

  it('find resources of several providers', () => {
    const from = (name: string, provider?: string) => ({ name, value: 1, ...(provider !== undefined && { provider }) });
    expect(validateSingleProvider(resources([]))).toBeUndefined();
    expect(validateSingleProvider(resources([from('cpus', 'p'), from('mem', 'p')]))).toBeUndefined();
    expect(validateSingleProvider(resources([from('cpus', 'p'), from('mem')]))?.message).toContain('some do not');
    expect(validateSingleProvider(resources([from('cpus', 'p'), from('mem', 'q')]))?.message).toContain('p, q');
  });
});

describe('validateExecutor', () => {
  it('says where it found the problem', () => {
    expect(validateExecutor({ ...custom, id: '' }, context, { path: 'launch.executor' })?.path).toBe(
      'launch.executor.id',
    );
  });
});
