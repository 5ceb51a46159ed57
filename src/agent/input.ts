import { InputError } from '../resources/index.js';
import { isTaskState } from '../tasks/index.js';
import type { AgentInput } from './messages.js';

/** The fields that must be texts, by what they are part of. */
const texts: Readonly<Record<string, readonly string[]>> = {
  'executor-update': ['framework', 'task'],
  'executor-exited': ['framework', 'executor'],
  'executor-message': ['framework', 'executor', 'data'],
  connected: [],
  disconnected: [],
  tick: [],
  command: [],
};

const commandTexts: Readonly<Record<string, readonly string[]>> = {
  registered: ['agent'],
  'registration-refused': ['agent'],
  launch: ['agent', 'framework'],
  'launch-group': ['agent', 'framework'],
  kill: ['agent', 'framework', 'task'],
  'shutdown-executor': ['agent', 'framework', 'executor'],
  'shutdown-framework': ['agent', 'framework'],
  'shutdown-agent': ['agent'],
  acknowledge: ['agent', 'framework', 'task', 'uuid'],
  reconcile: ['agent'],
  'framework-message': ['agent', 'framework', 'executor', 'data'],
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function bad(path: string, demand: string): InputError {
  return new InputError('bad-input', path, `${path} must be ${demand}`);
}

function checkObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw bad(path, 'an object');
  return value;
}

function checkTexts(value: unknown, path: string, known: Readonly<Record<string, readonly string[]>>): void {
  const object = checkObject(value, path);
  const { type } = object;
  if (typeof type !== 'string' || !Object.hasOwn(known, type)) {
    throw new InputError('unknown-input', `${path}.type`, `There is no ${path} '${String(type)}'`);
  }
  for (const field of known[type] ?? []) {
    if (typeof object[field] !== 'string') throw bad(`${path}.${field}`, 'a text');
  }
}

function checkTask(value: unknown, path: string): void {
  const task = checkObject(value, path);
  if (typeof task['id'] !== 'string') throw bad(`${path}.id`, 'a text');
  if (typeof task['role'] !== 'string') throw bad(`${path}.role`, 'a text');
}

function checkTasks(value: unknown, path: string, check: (task: unknown, path: string) => void): void {
  if (!Array.isArray(value)) throw bad(path, 'a list');
  for (const [index, task] of value.entries()) check(task, `${path}[${index}]`);
}

function checkQuestion(value: unknown, path: string): void {
  const question = checkObject(value, path);
  if (typeof question['framework'] !== 'string') throw bad(`${path}.framework`, 'a text');
  if (typeof question['task'] !== 'string') throw bad(`${path}.task`, 'a text');
}

function checkFrameworkInfo(value: unknown, path: string): void {
  const info = checkObject(value, path);
  if (!Array.isArray(info['capabilities'])) throw bad(`${path}.capabilities`, 'a list');
}

function checkCommand(command: Readonly<Record<string, unknown>>): void {
  checkTexts(command, 'command', commandTexts);
  switch (command['type']) {
    case 'launch':
      checkTask(command['task'], 'command.task');
      return checkFrameworkInfo(command['frameworkInfo'], 'command.frameworkInfo');
    case 'launch-group':
      checkTasks(command['tasks'], 'command.tasks', checkTask);
      if (typeof checkObject(command['executor'], 'command.executor')['id'] !== 'string') {
        throw bad('command.executor.id', 'a text');
      }
      return checkFrameworkInfo(command['frameworkInfo'], 'command.frameworkInfo');
    case 'reconcile':
      return checkTasks(command['tasks'], 'command.tasks', checkQuestion);
    default:
      return;
  }
}

/**
 * Whether a value can be an input at all: a mistake here is one of the program that made it, not of a party in the
 * cluster.
 *
 * @throws InputError `bad-input`, `bad-number` (`at`) or `unknown-input`.
 */
export function checkInput(input: unknown): asserts input is AgentInput {
  checkTexts(input, 'input', texts);
  const fields = checkObject(input, 'input');
  const { at } = fields;
  if (!Number.isSafeInteger(at) || (at as number) < 0) {
    throw new InputError('bad-number', 'input.at', 'input.at must be a whole number of milliseconds, zero or more');
  }
  if (fields['type'] === 'command') checkCommand(checkObject(fields['command'], 'command'));
  if (fields['type'] === 'executor-update' && !isTaskState(fields['state'])) {
    throw bad('input.state', 'one of the task states');
  }
}
