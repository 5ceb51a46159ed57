/** Tasks and executors as the format writes them (FORMAT.md §11), translated for the public functions. */
import { InputError } from '../../resources/index.js';
import type { ExecutorLike, TaskLike, TaskLimit } from '../../tasks/index.js';

type Fields = Readonly<Record<string, unknown>>;

/** How one field of the format is written here: the name, and its value. */
type Rule = (value: unknown, path: string) => Fields;
type Rules = Readonly<Record<string, Rule>>;

function refuse(path: string, message: string): InputError {
  return new InputError('bad-scenario', path, `${path}: ${message}`);
}

/** The fields of an object, each by its rule; one without a rule is refused. */
function translate(value: unknown, path: string, rules: Rules): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(path, 'expected an object');
  let result: Fields = {};
  for (const [name, field] of Object.entries(value)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) throw refuse(`${path}.${name}`, 'unknown field');
    result = { ...result, ...rule(field, `${path}.${name}`) };
  }
  return result;
}

/** The value as it is, under another name. */
function as(name: string): Rule {
  return (value) => ({ [name]: value });
}

/** Seconds of the format are milliseconds here. */
function seconds(name: string): Rule {
  return (value, path) => {
    if (typeof value !== 'number') throw refuse(path, 'expected a number of seconds');
    return { [name]: Math.round(value * 1000) };
  };
}

/** A name of the v1 API in lower case. */
function lower(name: string): Rule {
  return (value) => ({ [name]: String(value).toLowerCase() });
}

/** A duration as the v1 API writes it. */
function nanoseconds(name: string): Rule {
  return (value, path) => {
    const { ns } = translate(value, path, { nanoseconds: as('ns') });
    if (typeof ns !== 'number') throw refuse(path, 'expected a number of nanoseconds');
    return { [name]: Math.round(ns / 1e6) };
  };
}

function nested(name: string, rules: () => Rules): Rule {
  return (value, path) => ({ [name]: translate(value, path, rules()) });
}

const label: Rules = { key: as('key'), value: as('value') };
const labels: Rule = (value, path) => ({
  labels: wrapped(value, path, 'labels').map((it, index) => translate(it, `${path}[${index}]`, label)),
});

/** A list, or an object that holds nothing else, as the v1 API writes it. */
function wrapped(value: unknown, path: string, name: string): readonly unknown[] {
  const list = Array.isArray(value) ? value : translate(value, path, { [name]: as('list') })['list'];
  if (!Array.isArray(list)) throw refuse(path, 'expected a list');
  return list;
}

/** How a secret is said (`{type, reference | value}`) is for the agent: here it is a text, or the text of what it is. */
const secret: Rule = (value) => ({ secret: typeof value === 'string' ? value : JSON.stringify(value) });
const variable: Rules = { name: as('name'), type: lower('type'), value: as('value'), secret };
const environment: Rule = (value, path) => ({
  environment: wrapped(value, path, 'variables').map((it, i) => translate(it, `${path}.variables[${i}]`, variable)),
});

const command: Rules = {
  value: as('value'),
  shell: as('shell'),
  arguments: as('arguments'),
  user: as('user'),
  environment,
};

/** A list of networks may hold empty objects: what counts is that there are some. */
const networks: Rule = (value, path) => {
  if (!Array.isArray(value)) throw refuse(path, 'expected a list');
  return { networks: value.map((_, index) => `network${index}`) };
};
const docker: Rules = {
  image: as('image'),
  parameters: (value, path) => ({
    parameters: wrapped(value, path, 'parameters').map((it, i) => translate(it, `${path}[${i}]`, label)),
  }),
};
const linux: Rules = { share_cgroups: as('shareCgroups') };
const container: Rules = {
  type: lower('type'),
  docker: nested('docker', () => docker),
  share_cgroups: as('shareCgroups'),
  linux_info: (value, path) => translate(value, path, linux),
  network_infos: networks,
};

const port: Rules = { port: as('port'), path: as('path') };
const check: Rules = {
  type: lower('type'),
  command: nested('command', () => command),
  http: nested('http', () => port),
  tcp: nested('tcp', () => port),
  delay_seconds: seconds('delayMs'),
  interval_seconds: seconds('intervalMs'),
  timeout_seconds: seconds('timeoutMs'),
  grace_period_seconds: seconds('gracePeriodMs'),
  consecutive_failures: as('consecutiveFailures'),
};

const executor: Rules = {
  executor_id: as('id'),
  framework_id: as('framework'),
  type: lower('type'),
  name: as('name'),
  command: nested('command', () => command),
  container: nested('container', () => container),
  resources: as('resources'),
  shutdown_grace_period_secs: seconds('shutdownGraceMs'),
  shutdown_grace_period: nanoseconds('shutdownGraceMs'),
  labels,
  data: as('data'),
};

/** JSON has no infinity: it is written as a text. */
const limits: Rule = (value, path) => {
  if (typeof value !== 'object' || value === null) throw refuse(path, 'expected an object');
  const read = Object.entries(value).map(([name, limit]: [string, unknown]): [string, TaskLimit] => {
    if (limit === 'Infinity') return [name, 'unlimited'];
    if (typeof limit !== 'number') throw refuse(`${path}.${name}`, 'expected a number');
    return [name, limit];
  });
  return { limits: Object.fromEntries(read) };
};

const task: Rules = {
  task_id: as('id'),
  agent: as('agent'),
  name: as('name'),
  resources: as('resources'),
  command: nested('command', () => command),
  executor: nested('executor', () => executor),
  container: nested('container', () => container),
  limits,
  kill_policy_grace_period_secs: (value, path) => ({ killPolicy: seconds('graceMs')(value, path) }),
  kill_policy: nested('killPolicy', () => ({ grace_period: nanoseconds('graceMs') })),
  max_completion_time_secs: seconds('maxCompletionMs'),
  max_completion_time: nanoseconds('maxCompletionMs'),
  check: nested('check', () => check),
  health_check: nested('healthCheck', () => check),
  labels,
  data: as('data'),
};

/**
 * A task of the format.
 *
 * @throws InputError `bad-scenario` for a field that the format does not know.
 */
export function readScenarioTask(value: unknown, path: string = 'task'): TaskLike {
  const fields = translate(value, path, task);
  if (typeof fields['id'] !== 'string') throw refuse(path, 'a task has a task_id');
  // Without resources it is one that uses none.
  return { resources: [], ...fields } as unknown as TaskLike;
}

/**
 * An executor of the format.
 *
 * @throws InputError `bad-scenario` for a field that the format does not know.
 */
export function readScenarioExecutor(value: unknown, path: string = 'executor'): ExecutorLike {
  const fields = translate(value, path, executor);
  if (typeof fields['id'] !== 'string') throw refuse(path, 'an executor has an executor_id');
  return fields as unknown as ExecutorLike;
}
