/**
 * From whatever came over a wire to an `Input`. Shape only: types, required fields, known literals. Meaning (does the
 * offer exist, do the resources fit) is for `transition`, which answers. Fields nobody knows are dropped.
 */
import { InputError } from '../resources/index.js';
import { fieldOf, quote } from '../resources/quote.js';
import {
  agentCapabilities,
  frameworkCapabilities,
  operationStates,
  taskReasons,
  taskSources,
  taskStates,
} from '../tasks/index.js';
import type { Input } from './inputs.js';
import {
  fields,
  finite,
  flag,
  list,
  nullable,
  number,
  oneOf,
  opaque,
  refuse,
  text,
  unread,
  written,
  type Reader,
} from './shape.js';

const label = fields({ required: { key: text }, optional: { value: text } });
// Whether a variable has what its type wants is for the validation of its task to say.
const variable = fields({
  required: { name: text },
  optional: { type: oneOf(['value', 'secret']), value: text, secret: text },
});
const artifact = fields({
  optional: { path: text, url: text, extract: flag, executable: flag, sha256: text, name: text },
});
const command = fields({
  optional: {
    value: text,
    arguments: list(text),
    shell: flag,
    user: text,
    environment: list(variable),
    artifacts: list(artifact),
  },
});
const docker = fields({
  required: { image: text },
  optional: { parameters: list(fields({ required: { key: text, value: text } })) },
});
const container = fields({
  required: { type: oneOf(['mesos', 'docker']) },
  optional: { docker, networks: list(text), shareCgroups: flag },
});
const killPolicy = fields({ required: { graceMs: number } });
const check = fields({
  required: { type: oneOf(['command', 'http', 'tcp']) },
  optional: {
    command,
    http: fields({ required: { port: number }, optional: { path: text } }),
    tcp: fields({ required: { port: number } }),
    delayMs: number,
    intervalMs: number,
    timeoutMs: number,
    consecutiveFailures: number,
    gracePeriodMs: number,
  },
});
const executor = fields({
  required: { id: text },
  optional: {
    framework: text,
    type: oneOf(['default', 'custom']),
    name: text,
    command,
    container,
    resources: written,
    shutdownGraceMs: number,
    labels: list(label),
    data: text,
  },
});
const task = fields({
  required: { id: text, resources: written },
  optional: {
    agent: text,
    name: text,
    command,
    payload: opaque,
    container,
    killPolicy,
    maxCompletionMs: number,
    check,
    healthCheck: check,
    labels: list(label),
    data: text,
    priority: number,
    preemptible: flag,
    limits: amounts(),
    executor,
  },
});

const launch = fields({ required: { tasks: list(task) }, optional: { id: text } });
const launchGroup = fields({ required: { executor, tasks: list(task) }, optional: { id: text } });
const operations: ReadonlyMap<string, Reader<object>> = new Map<string, Reader<object>>([
  ['launch', launch],
  ['launch-group', launchGroup],
  ['reserve', fields({ required: { resources: written }, optional: { id: text, source: written } })],
  ['unreserve', fields({ required: { resources: written }, optional: { id: text } })],
  ['create', fields({ required: { volumes: written }, optional: { id: text } })],
  ['destroy', fields({ required: { volumes: written }, optional: { id: text } })],
  ['grow-volume', fields({ required: { volume: written, addition: written }, optional: { id: text } })],
  ['shrink-volume', fields({ required: { volume: written, subtract: finite }, optional: { id: text } })],
  [
    'create-disk',
    fields({
      required: { source: written, targetType: oneOf(['mount', 'block']) },
      optional: { id: text, targetProfile: text },
    }),
  ],
  ['destroy-disk', fields({ required: { source: written }, optional: { id: text } })],
]);

/** What is not set or not known is refused with an answer to the framework (CONS-3). */
const constraint = fields({
  optional: {
    selector: fields({ optional: { attribute: text, pseudo: text } }),
    predicate: fields({ optional: { type: text, value: text, regex: text } }),
  },
});

const frameworkInfo = {
  name: text,
  user: text,
  principal: text,
  hostname: text,
  webuiUrl: text,
  role: text,
  roles: list(text),
  suppressedRoles: list(text),
  capabilities: list(oneOf(frameworkCapabilities)),
  failoverTimeoutMs: number,
  checkpoint: flag,
  offerFilters: offerFilters(),
  offerConstraints: list(fields({ required: { role: text, groups: list(list(constraint)) } })),
  priority: number,
  labels: list(label),
} as const;

const called = { connection: text, framework: text } as const;
const domain = fields({ required: { region: text, zone: text } });
const machine = {
  connection: text,
  hostname: text,
  attributes: written,
  capabilities: list(oneOf(agentCapabilities)),
  domain,
  ip: text,
  streams: flag,
  heartbeatMs: number,
} as const;
const reportedTask = fields({
  required: { framework: text, id: text, role: text, resources: written, state: oneOf(taskStates) },
  optional: {
    name: text,
    statusState: oneOf(taskStates),
    statusUuid: text,
    executor: text,
    priority: finite,
    preemptible: flag,
    labels: list(label),
  },
});
const reportedExecutor = fields({
  required: { id: text, framework: text, role: text },
  optional: {
    type: oneOf(['default', 'custom']),
    name: text,
    command,
    container,
    resources: written,
    shutdownGraceMs: number,
    labels: list(label),
    data: text,
  },
});
const reportedFramework = fields({
  required: { id: text, roles: list(text), capabilities: list(oneOf(frameworkCapabilities)) },
  optional: { name: text, checkpoint: flag },
});

const reportedOperation = fields({
  required: { operation: text, state: oneOf(operationStates) },
  optional: { framework: text, id: text, statusUuid: text },
});
const machineId = fields({ optional: { hostname: text, ip: text } });
const unavailability = fields({ required: { start: finite }, optional: { durationMs: finite } });

/** One line an input: what its fields are. Beside `type` and `at`, which all have. */
const inputs: ReadonlyMap<string, Reader<object>> = new Map<string, Reader<object>>([
  // Calls
  ['subscribe', fields({ required: { connection: text }, optional: { framework: text, ...frameworkInfo } })],
  ['update-framework', fields({ required: called, optional: frameworkInfo })],
  ['teardown', fields({ required: called })],
  [
    'accept',
    fields({ required: { ...called, offers: list(text), operations: list(operation) }, optional: { refuseSeconds } }),
  ],
  ['decline', fields({ required: { ...called, offers: list(text) }, optional: { refuseSeconds } })],
  ...(['suppress', 'unsuppress', 'clear-filters', 'revive'] as const).map(
    (type) => [type, fields({ required: called, optional: { roles: list(text) } })] as const,
  ),
  ['request', fields({ required: { ...called, requests: list(resourceRequest) } })],
  ['kill', fields({ required: { ...called, task: text }, optional: { agent: text, killPolicy } })],
  ['shutdown', fields({ required: { ...called, agent: text, executor: text } })],
  ['acknowledge', fields({ required: { ...called, agent: text, task: text, uuid: text } })],
  ['reconcile', fields({ required: { ...called, tasks: list(question) } })],
  [
    'acknowledge-operation',
    fields({ required: { ...called, operation: text, uuid: text }, optional: { agent: text } }),
  ],
  ['reconcile-operations', fields({ required: { ...called, operations: list(operationQuestion) } })],
  ...(['accept-inverse-offers', 'decline-inverse-offers'] as const).map(
    (type) => [type, fields({ required: { ...called, offers: list(text) }, optional: { refuseSeconds } })] as const,
  ),
  ['framework-message', fields({ required: { ...called, agent: text, executor: text, data: text } })],
  // Reports
  ['register', fields({ required: { resources: written }, optional: { agent: text, ...machine } })],
  [
    'reregister',
    fields({
      required: { agent: text, resources: written },
      optional: {
        ...machine,
        tasks: list(reportedTask),
        executors: list(reportedExecutor),
        frameworks: list(reportedFramework),
        operations: list(reportedOperation),
      },
    }),
  ],
  ['unregister', fields({ required: { agent: text } })],
  [
    'update-agent',
    fields({
      required: { agent: text },
      optional: {
        resources: written,
        oversubscribed: written,
        attributes: written,
        capabilities: list(oneOf(agentCapabilities)),
      },
    }),
  ],
  [
    'status',
    fields({
      required: { agent: text, framework: text, task: text },
      optional: {
        state: oneOf(taskStates),
        latestState: oneOf(taskStates),
        uuid: text,
        source: oneOf(taskSources),
        reason: oneOf(taskReasons),
        message: text,
        executor: text,
        data: text,
        healthy: flag,
        timestamp: finite,
        labels: list(label),
      },
    }),
  ],
  [
    'operation-status',
    fields({
      required: { agent: text, operation: text, state: oneOf(operationStates) },
      optional: { framework: text, id: text, uuid: text, message: text },
    }),
  ],
  [
    'executor-exited',
    fields({ required: { agent: text, framework: text, executor: text }, optional: { status: finite } }),
  ],
  ['heartbeat', fields({ required: { agent: text } })],
  ['agent-message', fields({ required: { agent: text, framework: text, executor: text, data: text } })],
  // Links
  ['framework-disconnected', fields({ required: { framework: text }, optional: { connection: text } })],
  ['agent-disconnected', fields({ required: { agent: text }, optional: { connection: text } })],
  // Controls
  ['tick', fields({})],
  ['allocate', fields({ optional: { agents: oneOf(['requested', 'all']) } })],
  ['set-weight', fields({ required: { role: text }, optional: { weight: number, priority: number } })],
  [
    'set-quota',
    fields({
      required: {
        quotas: list(
          fields({ required: { role: text }, optional: { guarantees: quotaAmounts, limits: quotaAmounts } }),
        ),
      },
      optional: { force: flag },
    }),
  ],
  ['set-whitelist', fields({ required: { hosts: nullable(list(text)) } })],
  [
    'reserve',
    fields({ required: { agent: text, resources: written }, optional: { source: written, principal: text } }),
  ],
  ['unreserve', fields({ required: { agent: text, resources: written } })],
  ['create-volumes', fields({ required: { agent: text, volumes: written }, optional: { principal: text } })],
  ['destroy-volumes', fields({ required: { agent: text, volumes: written } })],
  ['grow-volume', fields({ required: { agent: text, volume: written, addition: written } })],
  ['shrink-volume', fields({ required: { agent: text, volume: written, subtract: finite } })],
  ['teardown-framework', fields({ required: { framework: text } })],
  [
    'set-maintenance',
    fields({ required: { windows: list(fields({ required: { machines: list(machineId), unavailability } })) } }),
  ],
  ['machine-down', fields({ required: { machines: list(machineId) } })],
  ['machine-up', fields({ required: { machines: list(machineId) } })],
  ['drain', fields({ required: { agent: text }, optional: { maxGraceMs: number, markGone: flag } })],
  ['deactivate', fields({ required: { agent: text } })],
  ['reactivate', fields({ required: { agent: text } })],
  ['mark-gone', fields({ required: { agent: text } })],
  ['mark-unreachable', fields({ required: { agent: text } })],
  ['configure', fields({ required: { config: settings } })],
  ['pause', fields({})],
  ['resume', fields({})],
]);

/** Every `type` that an input can have, but for `batch`. */
export const inputTypes: readonly string[] = Object.freeze([...inputs.keys()]);

/**
 * Reads an input of unknown origin and stamps it.
 *
 * @param at when it happened, whole ms
 * @throws InputError with the path of the field: `wrong-type`, `missing-field`, `unknown-value`, `unknown-type`,
 *   `bad-number`, `bad-time`, `too-deep`
 * @example
 * parseInput({ type: 'heartbeat', agent: 'a1' }, 1_000); // { type: 'heartbeat', agent: 'a1', at: 1000 }
 */
export function parseInput(value: unknown, at: number): Input {
  if (!Number.isSafeInteger(at))
    throw new InputError('bad-time', 'at', `at must be whole milliseconds, got ${String(at)}`);
  const type = typeOf(value, '');
  if (type !== 'batch') return parseSingle(value, type, at, '') as Input;
  const { inputs: items } = fields({ required: { inputs: list(unread) } })(value, '');
  const read = items.map((item, index) => {
    const path = `inputs[${index}]`;
    return parseSingle(item, typeOf(item, path), at, path);
  });
  return { type: 'batch', at, inputs: read } as Input;
}

function parseSingle(value: unknown, type: string, at: number, path: string): object {
  const read = inputs.get(type);
  if (read === undefined)
    return refuse('unknown-type', path === '' ? 'type' : `${path}.type`, `${quote(type)} is not an input`);
  return { type, at, ...read(value, path) };
}

function typeOf(value: unknown, path: string): string {
  return fields({ required: { type: text } })(value, path).type;
}

/** JSON has no NaN, but a host may hand one over: it means the default, as any nonsense does (FILT-2). */
function refuseSeconds(value: unknown, path: string): number {
  return typeof value === 'number' ? value : number(value, path);
}

function operation(value: unknown, path: string): object {
  const { type } = fields({ required: { type: text } })(value, path);
  const read = operations.get(type);
  if (read === undefined) return refuse('unknown-value', `${path}.type`, `${quote(type)} is not an operation`);
  return { type, ...read(value, path) };
}

function resourceRequest(value: unknown, path: string): object {
  return fields({ optional: { role: text, agent: text, resources: written, count: number } })(value, path);
}

function question(value: unknown, path: string): { readonly task: string; readonly agent?: string } {
  return fields({ required: { task: text }, optional: { agent: text } })(value, path);
}

function operationQuestion(value: unknown, path: string): { readonly operation: string; readonly agent?: string } {
  return fields({ required: { operation: text }, optional: { agent: text } })(value, path);
}

/** Amounts by name, however the names are called. */
function amounts(): Reader<Readonly<Record<string, number | string>>> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return refuse('wrong-type', path, 'must be an object');
    const entries = Object.entries(value).map(([name, amount]) => {
      if (amount === 'unlimited') return [name, amount] as const;
      return [name, number(amount, fieldOf(path, name))] as const;
    });
    return Object.fromEntries(entries);
  };
}

/** `{ role: { minAllocatable: [...] } }`, or pairs of role and filter. */
function offerFilters(): Reader<readonly (readonly [string, object])[]> {
  const filter = fields({ optional: { minAllocatable: list(written) } });
  return (value, path) => {
    if (typeof value !== 'object' || value === null)
      return refuse('wrong-type', path, 'must be an object or a list of pairs');
    const entries = Array.isArray(value) ? Array.from(value as readonly unknown[], pair(path)) : Object.entries(value);
    return entries.map(([role, one]) => [role, filter(one, fieldOf(path, role))] as const);
  };
}

function pair(path: string): (value: unknown, index: number) => readonly [string, unknown] {
  return (value, index) =>
    Array.isArray(value) && value.length === 2
      ? ([text(value[0], `${path}[${index}][0]`), value[1]] as const)
      : refuse('wrong-type', `${path}[${index}]`, 'must be a pair of role and filter');
}

/** Amounts by name, or pairs; pairs come out, so that any name can be said. */
function quotaAmounts(value: unknown, path: string): readonly (readonly [string, number])[] {
  if (typeof value !== 'object' || value === null)
    return refuse('wrong-type', path, 'must be an object or a list of pairs');
  if (!Array.isArray(value))
    return Object.entries(value).map(([name, it]) => [name, number(it, fieldOf(path, name))] as const);
  return Array.from(value as readonly unknown[], (entry, index) => {
    const at = `${path}[${index}]`;
    if (!Array.isArray(entry) || entry.length !== 2)
      return refuse('wrong-type', at, 'must be a pair of name and amount');
    return [text(entry[0], `${at}[0]`), number(entry[1], `${at}[1]`)] as const;
  });
}

/** Settings are checked one by one where they are read. */
function settings(value: unknown, path: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse('wrong-type', path, 'must be an object');
  return { ...(written(value, path) as object) };
}
