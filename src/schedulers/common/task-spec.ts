/** What a scheduler's task is made of, as a host writes it and as it is kept. */
import { parseInput } from '../../cluster/index.js';
import { flag, list, refuse, text, written, type Fields, type Reader } from '../../cluster/shape.js';
import { InputError, noResources, resources, type ItemJson, type ResourcesLike } from '../../resources/index.js';
import { cut, quote } from '../../resources/quote.js';
import {
  defaultAgentCapabilities,
  validateTask,
  type Artifact,
  type CheckInfo,
  type CommandInfo,
  type EnvironmentVariable,
  type TaskLike,
} from '../../tasks/index.js';
import { between, json, only, someOf } from './reading.js';

/** A check whose port may be one that the scheduler assigns: by its name, or by its index as text. */
export type CheckLike = Omit<CheckInfo, 'http' | 'tcp'> & {
  readonly http?: { readonly port: number | string; readonly path?: string };
  readonly tcp?: { readonly port: number | string };
};

/**
 * What to run and what for: exactly one of `command`, `executor` and `payload` (VAL-8), as for any task.
 *
 * The ports that are assigned are in the environment of a `command`: `PORT0`, `PORT1` …, and `PORT_<NAME>` for those
 * with a name.
 */
export interface TaskSpecLike extends Pick<
  TaskLike,
  'executor' | 'payload' | 'container' | 'killPolicy' | 'maxCompletionMs' | 'labels' | 'data' | 'limits' | 'preemptible'
> {
  /** A shell line, or a command with all its settings. */
  readonly command?: string | CommandInfo;
  readonly resources: ResourcesLike;
  /** How many ports it needs, or a name for each: letters, digits, `-` and `_`. Default none. */
  readonly ports?: number | readonly string[];
  /** Whether it may run on revocable resources. Default false. */
  readonly revocable?: boolean;
  /** More variables for the environment of `command`, which win over its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files that the agent brings into the sandbox of `command` first, besides its own. */
  readonly artifacts?: readonly Artifact[];
  readonly check?: CheckLike;
  readonly healthCheck?: CheckLike;
}

/** A task's description as it is kept: plain JSON. */
export interface TaskSpec {
  readonly resources: string | readonly ItemJson[];
  /** A name for each; what has none is called by its index. */
  readonly ports: readonly string[];
  readonly revocable: boolean;
  /** Everything else of the task but its id. */
  readonly body: TaskBody;
}

/** A task without what is only known when it is launched. */
export type TaskBody = Omit<TaskLike, 'id' | 'agent' | 'resources' | 'check' | 'healthCheck'> & {
  readonly check?: CheckLike;
  readonly healthCheck?: CheckLike;
};

const kept = [
  'executor',
  'payload',
  'container',
  'killPolicy',
  'maxCompletionMs',
  'labels',
  'data',
  'limits',
  'preemptible',
  'check',
  'healthCheck',
] as const;

const unread: Reader<unknown> = (value) => value;

/** Readers of the fields of a task's description, for what has more fields than that. */
export interface TaskSpecFields extends Fields {
  readonly required: { readonly resources: Reader<ResourcesLike> };
  readonly optional: Readonly<Record<Exclude<keyof TaskSpecLike, 'resources' | 'revocable'>, Reader<unknown>>> & {
    readonly revocable: Reader<boolean>;
  };
}

export const taskSpecFields: TaskSpecFields = {
  required: { resources: written as Reader<ResourcesLike> },
  optional: {
    command: unread,
    ports: unread,
    revocable: flag,
    env: variables,
    artifacts: list(unread),
    ...(Object.fromEntries(kept.map((name) => [name, unread])) as Record<(typeof kept)[number], Reader<unknown>>),
  },
};

/** What they read. */
type Written = { readonly resources: ResourcesLike } & { readonly [K in keyof TaskSpecFields['optional']]?: unknown };

/** Completes and checks what the fields of a task's description say. */
export function taskSpecOf(found: Written, path: string): TaskSpec {
  const ports = portsOf(found.ports, `${path}.ports`);
  const command = commandOf(found, path);
  const body = { ...(command !== undefined && { command }) } as Record<string, unknown>;
  for (const name of kept) if (found[name] !== undefined) body[name] = found[name];
  const written = resources(found.resources, `${path}.resources`).toJSON();
  return checkedSpec({ resources: written, ports, revocable: found.revocable === true, body: body as TaskBody }, path);
}

/** A description with a body that is plain JSON and can be launched. */
function checkedSpec(spec: TaskSpec, path: string): TaskSpec {
  const { ports } = spec;
  const task = probe(spec, path);
  const problem = validateTask(task, {
    agent: '',
    role: '*',
    framework: '',
    // Whether it fits is for offers to say: here it always does.
    offered: resources([task.resources, task.executor?.resources ?? noResources]),
    agentCapabilities: defaultAgentCapabilities,
    taskIdInUse: () => undefined,
    executor: () => undefined,
  });
  if (problem !== undefined)
    throw new InputError(problem.code, within(path, problem.path), `${path}: ${problem.message}`);
  const { id: _id, resources: _resources, check: _check, healthCheck: _healthCheck, ...body } = task;
  const { check, healthCheck, payload } = spec.body;
  const own = {
    ...body,
    ...(payload !== undefined && { payload }),
    ...(check && { check: withKnownPort(check, ports, `${path}.check`) }),
    ...(healthCheck && { healthCheck: withKnownPort(healthCheck, ports, `${path}.healthCheck`) }),
  };
  return { ...spec, body: json(finite(own), path) as TaskBody };
}

/** The task as the master would read it: of the right shape, with all that nobody knows left out. */
function probe({ resources: wanted, body }: TaskSpec, path: string): TaskLike {
  const { check, healthCheck } = body;
  const task = {
    ...body,
    id: 'probe',
    resources: wanted,
    ...(check !== undefined && { check: withAnyPort(check) }),
    ...(healthCheck !== undefined && { healthCheck: withAnyPort(healthCheck) }),
  };
  const operations = [{ type: 'launch', tasks: [task] }];
  const prefix = 'operations[0].tasks[0]';
  try {
    const call = parseInput({ type: 'accept', connection: '', framework: '', offers: [], operations }, 0);
    if (call.type === 'accept' && call.operations[0]?.type === 'launch') return call.operations[0].tasks[0] as TaskLike;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.code, error.path.replace(prefix, path), error.message.replace(prefix, path));
  }
  return refuse('wrong-type', path, 'is no task');
}

function within(path: string, inner: string): string {
  if (inner === '') return path;
  return inner.startsWith('[') ? path + inner : `${path}.${inner}`;
}

/** JSON has no infinity. */
function finite<T extends { readonly limits?: TaskLike['limits'] }>(body: T): T {
  if (body.limits === undefined) return body;
  const limits = Object.entries(body.limits).map(([name, limit]) => [name, limit === Infinity ? 'unlimited' : limit]);
  return { ...body, limits: Object.fromEntries(limits) as TaskLike['limits'] };
}

function commandOf({ command, env, artifacts }: Written, path: string): unknown {
  if (command === undefined) {
    const [name] = Object.entries({ env, artifacts }).find(([, value]) => value !== undefined) ?? [];
    return name === undefined ? undefined : refuse('no-command', `${path}.${name}`, 'is for a task with a command');
  }
  const info: unknown = typeof command === 'string' ? { value: command } : command;
  if (typeof info !== 'object' || info === null)
    return refuse('wrong-type', `${path}.command`, 'must be text or an object');
  const { environment = [], artifacts: own = [] } = info as { environment?: unknown; artifacts?: unknown };
  return {
    ...info,
    ...(env !== undefined && { environment: merged(environment, env as readonly EnvironmentVariable[]) }),
    ...(artifacts !== undefined && { artifacts: Array.isArray(own) ? [...own, ...(artifacts as unknown[])] : own }),
  };
}

/** The variables, of which a later one of the same name wins. What is no list is left for the master's reader to refuse. */
function merged(environment: unknown, more: readonly EnvironmentVariable[]): unknown {
  if (!Array.isArray(environment)) return environment;
  const own: readonly unknown[] = environment;
  const names = new Set(more.map(({ name }) => name));
  const named = (variable: unknown): boolean =>
    typeof variable === 'object' && variable !== null && 'name' in variable && names.has(String(variable.name));
  return [...own.filter((variable) => !named(variable)), ...more];
}

function variables(value: unknown, path: string): readonly EnvironmentVariable[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('wrong-type', path, 'must be an object');
  }
  return Object.entries(value).map(([name, one]) => ({ name, value: text(one, `${path}.${cut(name)}`) }));
}

const manyPorts = 1_000;
const portName = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

function portsOf(value: unknown, path: string): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'number') {
    return Array.from({ length: between(0, manyPorts)(value, path) }, (_, index) => String(index));
  }
  const names = someOf(text)(value, path);
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (!portName.test(name))
      refuse('bad-port-name', `${path}[${index}]`, `cannot be the name of a port: ${quote(name)}`);
    if (seen.has(variableOf(name))) refuse('duplicate-port', `${path}[${index}]`, `names ${quote(name)} twice`);
    seen.add(variableOf(name));
  }
  return names;
}

/** The name of the variable that holds a port. */
export function variableOf(port: string): string {
  return `PORT_${port.toUpperCase().replaceAll('-', '_')}`;
}

/** The check with a number for its port; `undefined` = it names a port that there is not. */
export function resolvedCheck(check: CheckLike, portOf: (name: string) => number | undefined): CheckInfo | undefined {
  const { http, tcp, ...rest } = check;
  const numbered = (port: number | string): number | undefined => (typeof port === 'string' ? portOf(port) : port);
  const [web, plain] = [http && numbered(http.port), tcp && numbered(tcp.port)];
  if ((http !== undefined && web === undefined) || (tcp !== undefined && plain === undefined)) return undefined;
  return {
    ...rest,
    ...(http !== undefined && web !== undefined && { http: { ...http, port: web } }),
    ...(plain !== undefined && { tcp: { port: plain } }),
  };
}

/** What is no object at all is left for the master's reader to refuse. */
function withAnyPort(check: CheckLike): unknown {
  return typeof check === 'object' && check !== null ? resolvedCheck(check, () => 1) : check;
}

function withKnownPort(check: CheckLike, ports: readonly string[], path: string): CheckLike {
  const known = resolvedCheck(check, (name) => (ports.includes(name) ? 1 : undefined));
  if (known === undefined) refuse('unknown-port', path, 'names a port that the task does not have');
  return check;
}

/** Reads a description that was saved: it is checked as one that a host has written. */
export const readSavedSpec: Reader<TaskSpec> = (value, path) => {
  const shape = only({ required: { resources: written, ports: list(text), revocable: flag, body: written } });
  const { resources: wanted, ports, revocable, body } = shape(value, path);
  const read = resources(wanted as ResourcesLike, `${path}.resources`).toJSON();
  return checkedSpec({ resources: read, ports, revocable, body: body as TaskBody }, path);
};
