/** Reading an agent back: every field of the right kind, every row under its own key. */
import {
  damaged,
  finite,
  flag,
  integer,
  list,
  oneOf,
  optional,
  record,
  row,
  rows,
  savedResources,
  text,
  whole,
  writtenAttributes,
  yes,
  type Reader,
  type Shape,
} from '../resources/reading.js';
import {
  agentCapabilities,
  frameworkCapabilities,
  operationStates,
  taskStates,
  type Domain,
  type ReportedFramework,
} from '../tasks/index.js';
import { executorInfo, streamConfig, taskInfo, updateStream } from '../tasks/reading.js';
import type {
  AgentDescriptionState,
  AgentExecutor,
  AgentFramework,
  AgentLink,
  AgentOperation,
  AgentState,
  AgentTask,
  KillState,
} from './state.js';

const description = row<AgentDescriptionState>({
  resources: savedResources,
  seed: integer,
  streamConfig,
  capabilities: list(oneOf(agentCapabilities)),
  heartbeatMs: optional(whole),
  hostname: optional(text),
  ip: optional(text),
  attributes: optional(writtenAttributes),
  domain: optional(row<Domain>({ region: text, zone: text })),
});

type LinkOf<S extends AgentLink['state']> = Extract<AgentLink, { readonly state: S }>;

function linkOf<S extends AgentLink['state']>(state: S, rest: Omit<Shape<LinkOf<S>>, 'state'>): Reader<AgentLink> {
  return row<AgentLink>({ ...rest, state: oneOf([state]) } as unknown as Shape<AgentLink>);
}

const links: { readonly [S in AgentLink['state']]: Reader<AgentLink> } = {
  down: linkOf('down', {}),
  registering: linkOf('registering', { connection: optional(text), retryAt: finite, waitMs: whole }),
  up: linkOf('up', { connection: optional(text), heartbeatAt: optional(finite) }),
  refused: linkOf('refused', {}),
  ended: linkOf('ended', {}),
};

const link: Reader<AgentLink> = (value) => {
  const { state } = record(value);
  const isKnown = typeof state === 'string' && Object.hasOwn(links, state);
  return isKnown ? links[state as AgentLink['state']](value) : damaged('is in no state that there is');
};

const task = row<AgentTask>({
  info: taskInfo(savedResources),
  executor: text,
  state: oneOf(taskStates),
  group: optional(list(text)),
  kill: optional(row<KillState>({ since: finite, destroyAt: optional(finite) })),
  expiresAt: optional(finite),
  expired: optional(yes),
});

const executor = row<AgentExecutor>({
  id: text,
  info: optional(executorInfo(savedResources)),
  role: text,
  ending: optional(row<NonNullable<AgentExecutor['ending']>>({ destroyAt: optional(finite) })),
});

const info = row<ReportedFramework>({
  id: text,
  name: optional(text),
  roles: list(text),
  capabilities: list(oneOf(frameworkCapabilities)),
  checkpoint: optional(flag),
});

const framework = row<AgentFramework>({
  info: optional(info),
  removed: optional(yes),
  idleSince: optional(whole),
  tasks: rows(task, (found) => found.info.id),
  executors: rows(executor),
  streams: rows(updateStream),
});

const operation = row<AgentOperation>({
  framework: optional(text),
  id: optional(text),
  state: oneOf(operationStates),
  statusUuid: text,
  message: optional(text),
  resendAt: optional(finite),
  waitMs: optional(whole),
});

const parts = row<Omit<AgentState, 'deadlines'>>({
  id: optional(text),
  description,
  link,
  admitted: flag,
  now: finite,
  frameworks: rows(framework),
  operations: rows(operation),
  settledOperations: list(text),
  uuids: whole,
  idles: whole,
  dropped: whole,
});

/** An agent without its version; older ones know no operations. */
export const savedAgent: Reader<Omit<AgentState, 'deadlines'>> = (value) => {
  const saved = record(value);
  const { operations = [], settledOperations = [] } = saved;
  return parts({ ...saved, operations, settledOperations });
};
