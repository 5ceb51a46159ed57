/** Reading back what master and agents save of tasks and executors; see `resources/reading.ts`. */
import type { Resources } from '../resources/index.js';
import {
  finite,
  flag,
  list,
  literal,
  oneOf,
  optional,
  positive,
  row,
  text,
  whole,
  type Reader,
} from '../resources/reading.js';
import type {
  Artifact,
  CheckInfo,
  CommandInfo,
  ContainerInfo,
  DockerInfo,
  EnvironmentVariable,
  ExecutorInfo,
  KillPolicy,
  Label,
  TaskInfo,
  TaskLimit,
} from './info.js';
import { taskReasons, taskSources, taskStates } from './states.js';
import type { StreamConfig, StreamUpdate, UpdateStream } from './streams.js';

/** A word about something. */
export const label: Reader<Label> = row<Label>({ key: text, value: optional(text) });

const variable = row<EnvironmentVariable>({
  name: text,
  type: optional(literal<NonNullable<EnvironmentVariable['type']>>({ value: true, secret: true })),
  value: optional(text),
  secret: optional(text),
});

const artifact = row<Artifact>({
  path: optional(text),
  url: optional(text),
  extract: optional(flag),
  executable: optional(flag),
  sha256: optional(text),
  name: optional(text),
});

const command = row<CommandInfo>({
  value: optional(text),
  arguments: optional(list(text)),
  shell: optional(flag),
  user: optional(text),
  environment: optional(list(variable)),
  artifacts: optional(list(artifact)),
});

const docker = row<DockerInfo>({
  image: text,
  parameters: optional(list(row<NonNullable<DockerInfo['parameters']>[number]>({ key: text, value: text }))),
});

const container = row<ContainerInfo>({
  type: literal<ContainerInfo['type']>({ mesos: true, docker: true }),
  docker: optional(docker),
  networks: optional(list(text)),
  shareCgroups: optional(flag),
});

const check = row<CheckInfo>({
  type: literal<CheckInfo['type']>({ command: true, http: true, tcp: true }),
  command: optional(command),
  http: optional(row<NonNullable<CheckInfo['http']>>({ port: finite, path: optional(text) })),
  tcp: optional(row<NonNullable<CheckInfo['tcp']>>({ port: finite })),
  delayMs: optional(finite),
  intervalMs: optional(finite),
  timeoutMs: optional(finite),
  consecutiveFailures: optional(finite),
  gracePeriodMs: optional(finite),
});

/** An executor; how its resources are written is the caller's. */
export function executorInfo(resources: Reader<Resources>): Reader<ExecutorInfo> {
  return row<ExecutorInfo>({
    id: text,
    framework: text,
    role: text,
    type: optional(literal<NonNullable<ExecutorInfo['type']>>({ default: true, custom: true })),
    name: optional(text),
    command: optional(command),
    container: optional(container),
    resources,
    shutdownGraceMs: optional(finite),
    labels: optional(list(label)),
    data: optional(text),
  });
}

const limit: Reader<TaskLimit> = (value) => (typeof value === 'number' ? finite(value) : oneOf(['unlimited'])(value));

/** A task as its agent received it; how its resources are written is the caller's. Its payload is whatever it is. */
export function taskInfo(resources: Reader<Resources>): Reader<TaskInfo> {
  return row<TaskInfo>({
    id: text,
    name: optional(text),
    command: optional(command),
    payload: optional((value: unknown): unknown => value),
    container: optional(container),
    killPolicy: optional(row<KillPolicy>({ graceMs: finite })),
    maxCompletionMs: optional(finite),
    check: optional(check),
    healthCheck: optional(check),
    labels: optional(list(label)),
    data: optional(text),
    priority: optional(finite),
    preemptible: optional(flag),
    agent: text,
    role: text,
    resources,
    limits: optional(row<NonNullable<TaskInfo['limits']>>({ cpus: optional(limit), mem: optional(limit) })),
    executor: optional(executorInfo(resources)),
  });
}

const update = row<StreamUpdate>({
  uuid: text,
  state: oneOf(taskStates),
  source: oneOf(taskSources),
  timestamp: finite,
  reason: optional(oneOf(taskReasons)),
  message: optional(text),
  executor: optional(text),
  data: optional(text),
  healthy: optional(flag),
  labels: optional(list(label)),
});

/** The updates of a task on their way. */
export const updateStream: Reader<UpdateStream> = row<UpdateStream>({
  pending: list(update),
  acknowledged: list(text),
  resendAt: optional(finite),
  waitMs: optional(whole),
});

/** How long updates wait. */
export const streamConfig: Reader<StreamConfig> = row<StreamConfig>({ firstMs: positive, maxMs: positive });
