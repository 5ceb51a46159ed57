import { InputError, validateId } from '../resources/index.js';
import { agentCapabilities, isDuration, isTaskReason, isTaskState } from '../tasks/index.js';
import type { AgentInput } from './messages.js';

/** Refuses a value that is not what belongs at `path`. */
type Check = (value: unknown, path: string) => void;

/** The fields of an object and their checks; those that may be absent end in `?`. Other fields are nobody's business here. */
type Shape = Readonly<Record<string, Check>>;

function bad(path: string, demand: string): InputError {
  return new InputError('bad-input', path, `${path} must be ${demand}`);
}

function demand(holds: (value: unknown) => boolean, what: string): Check {
  return (value, path) => {
    if (!holds(value)) throw bad(path, what);
  };
}

const text = demand((value) => typeof value === 'string', 'a text');
const flag = demand((value) => typeof value === 'boolean', 'true or false');
/** Any number: a grace that cannot be one is as if it was not there. */
const number = demand((value) => typeof value === 'number', 'a number');
const finite = demand(Number.isFinite, 'a finite number');
/** What is kept must be what JSON keeps. */
const kept = demand((value) => Number.isFinite(value) && !Object.is(value, -0), 'a finite number');
const duration = demand(isDuration, 'a whole number of milliseconds, zero or more');
const taskState = demand(isTaskState, 'one of the task states');
const taskReason = demand(isTaskReason, 'one of the reasons');

function list(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw bad(path, 'a list');
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`);
  };
}

function object(shape: Shape): Check {
  return (value, path) => checkFields(fieldsOf(value, path), path, shape);
}

function checkFields(fields: Readonly<Record<string, unknown>>, path: string, shape: Shape): void {
  for (const [field, check] of Object.entries(shape)) {
    const optional = field.endsWith('?');
    const name = optional ? field.slice(0, -1) : field;
    const value = fields[name];
    if (value !== undefined || !optional) check(value, path === '' ? name : `${path}.${name}`);
  }
}

function fieldsOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw bad(path, 'an object');
  return value as Readonly<Record<string, unknown>>;
}

function oneOf(...known: readonly string[]): Check {
  return demand((value) => typeof value === 'string' && known.includes(value), `one of ${known.join(', ')}`);
}

// Every field that the agent keeps is named here: what it was sent, its state must be able to give back.

const labels = list(object({ key: text, 'value?': text }));
const artifact = object({
  'path?': text,
  'url?': text,
  'extract?': flag,
  'executable?': flag,
  'sha256?': text,
  'name?': text,
});
const command = object({
  'value?': text,
  'arguments?': list(text),
  'shell?': flag,
  'user?': text,
  'environment?': list(object({ name: text, 'type?': oneOf('value', 'secret'), 'value?': text, 'secret?': text })),
  'artifacts?': list(artifact),
});
const container = object({
  type: oneOf('mesos', 'docker'),
  'docker?': object({ image: text, 'parameters?': list(object({ key: text, value: text })) }),
  'networks?': list(text),
  'shareCgroups?': flag,
});
const check = object({
  type: oneOf('command', 'http', 'tcp'),
  'command?': command,
  'http?': object({ port: kept, 'path?': text }),
  'tcp?': object({ port: kept }),
  'delayMs?': kept,
  'intervalMs?': kept,
  'timeoutMs?': kept,
  'consecutiveFailures?': kept,
  'gracePeriodMs?': kept,
});
const runnable: Shape = {
  id: text,
  role: text,
  'name?': text,
  'command?': command,
  'container?': container,
  'labels?': labels,
  'data?': text,
};
const executor = object({
  ...runnable,
  framework: text,
  'type?': oneOf('default', 'custom'),
  'shutdownGraceMs?': number,
});
const killPolicy = object({ graceMs: number });
const limit = demand(
  (value) => value === 'unlimited' || value === Infinity || (Number.isFinite(value) && !Object.is(value, -0)),
  "a number, or 'unlimited'",
);
const task = object({
  ...runnable,
  agent: text,
  'executor?': executor,
  'killPolicy?': killPolicy,
  'maxCompletionMs?': duration,
  'check?': check,
  'healthCheck?': check,
  'priority?': finite,
  'preemptible?': flag,
  'limits?': object({ 'cpus?': limit, 'mem?': limit }),
});
const frameworkInfo = object({
  id: text,
  'name?': text,
  roles: list(text),
  capabilities: list(text),
  'checkpoint?': flag,
});
const question = object({ framework: text, task: text });

const inputs: Readonly<Record<string, Shape>> = {
  command: {},
  'executor-update': {
    framework: text,
    task: text,
    state: taskState,
    'uuid?': text,
    'executor?': text,
    'message?': text,
    'reason?': taskReason,
    'data?': text,
    'healthy?': flag,
    'labels?': labels,
  },
  'executor-exited': { framework: text, executor: text, 'status?': finite, 'reason?': taskReason, 'message?': text },
  'executor-message': { framework: text, executor: text, data: text },
  connected: { 'connection?': text },
  disconnected: { 'connection?': text },
  tick: {},
};

const commands: Readonly<Record<string, Shape>> = {
  registered: { agent: text, 'connection?': text },
  'registration-refused': { agent: text, 'connection?': text },
  launch: { agent: text, framework: text, task, frameworkInfo },
  'launch-group': { agent: text, framework: text, tasks: list(task), executor, frameworkInfo },
  kill: { agent: text, framework: text, task: text, 'killPolicy?': killPolicy, 'maxGraceMs?': number },
  'shutdown-executor': { agent: text, framework: text, executor: text },
  'shutdown-framework': { agent: text, framework: text },
  'shutdown-agent': { agent: text },
  acknowledge: { agent: text, framework: text, task: text, uuid: text },
  reconcile: { agent: text, tasks: list(question) },
  'apply-operation': { agent: text, 'uuid?': text, 'framework?': text, 'id?': text },
  'acknowledge-operation': { agent: text, operation: text, uuid: text },
  'framework-message': { agent: text, framework: text, executor: text, data: text },
};

function checkOneOf(value: unknown, path: string, known: Readonly<Record<string, Shape>>): void {
  const fields = fieldsOf(value, path);
  const { type } = fields;
  const shape = typeof type === 'string' && Object.hasOwn(known, type) ? known[type] : undefined;
  if (shape === undefined) {
    const said = typeof type === 'string' ? `'${type.slice(0, 40)}'` : `of type ${typeof type}`;
    throw new InputError('unknown-input', `${path}.type`, `There is no ${path} ${said}`);
  }
  checkFields(fields, path, shape);
}

/**
 * Whether a value can be an input at all: a mistake here is one of the program that made it, not of a party in the
 * cluster. Resources are judged where they are read.
 *
 * @throws InputError `bad-input`, `bad-number` (`at`) or `unknown-input`.
 */
export function checkInput(input: unknown): asserts input is AgentInput {
  checkOneOf(input, 'input', inputs);
  const { type, at, command } = fieldsOf(input, 'input');
  if (!Number.isSafeInteger(at) || (at as number) < 0) {
    throw new InputError('bad-number', 'input.at', 'input.at must be a whole number of milliseconds, zero or more');
  }
  if (type === 'command') checkOneOf(command, 'command', commands);
}

const agentId: Check = (value, path) => {
  text(value, path);
  const problem = validateId(value as string, path);
  if (problem !== undefined) throw new InputError(problem.code, path, problem.message);
};

const options: Shape = {
  'id?': agentId,
  'hostname?': text,
  'ip?': text,
  'capabilities?': list(oneOf(...agentCapabilities)),
  'domain?': object({ region: text, zone: text }),
  'streamConfig?': object({}),
};

/**
 * Whether options can be those of an agent, as far as their kinds go: texts, names and objects. Resources, attributes and
 * times are judged where they are read.
 *
 * @throws InputError `bad-input`, `bad-id`
 */
export function checkOptions(value: unknown): void {
  checkFields(fieldsOf(value, 'options'), '', options);
}
