/** The rows of a cluster. */
import {
  checked,
  damaged,
  finite,
  flag,
  list,
  literal,
  name,
  nullable,
  oneOf,
  optional,
  row,
  text,
  texts,
  whole,
  type Reader,
} from '../../resources/reading.js';
import {
  frameworkCapabilities,
  operationStates,
  taskReasons,
  taskSources,
  taskStates,
  type TaskStatus,
} from '../../tasks/index.js';
import { executorInfo, label } from '../../tasks/reading.js';
import type { InverseOffer, Offer } from '../outputs.js';
import type { Claim, PreemptionState, Review } from '../preemption/state.js';
import type { Ring } from '../ring.js';
import type {
  Agent,
  AgentExecutor,
  AgentService,
  CompletedFramework,
  CompletedTask,
  Counters,
  Framework,
  FrameworkSettings,
  InverseOfferRow,
  MachinePlace,
  MachineRow,
  OfferRow,
  OfferRun,
  Operation,
  PendingKill,
  RecoveredAgent,
  Silence,
  Task,
  TaskRef,
} from '../state.js';
import { constraints } from './allocator.js';
import { conversion, domain, someAttributes, someQuantities, someResources, table, unavailability } from './values.js';

const settings = row<FrameworkSettings>({
  name: text,
  user: text,
  principal: nullable(text),
  hostname: nullable(text),
  webuiUrl: nullable(text),
  roles: texts,
  suppressedRoles: texts,
  capabilities: list(oneOf(frameworkCapabilities)),
  failoverTimeoutMs: whole,
  checkpoint: flag,
  minAllocatable: list(
    row<FrameworkSettings['minAllocatable'][number]>({ role: text, minAllocatable: list(someQuantities) }),
  ),
  offerConstraints: constraints,
  priority: finite,
  labels: list(label),
});

const status = row<TaskStatus>({
  task: text,
  state: oneOf(taskStates),
  terminal: flag,
  source: oneOf(taskSources),
  reason: optional(oneOf(taskReasons)),
  message: optional(text),
  agent: optional(text),
  executor: optional(text),
  uuid: optional(text),
  timestamp: finite,
  data: optional(text),
  healthy: optional(flag),
  unreachableTime: optional(whole),
  labels: optional(list(label)),
});

const task = row<Task>({
  id: text,
  name: text,
  framework: text,
  agent: text,
  role: text,
  resources: someResources,
  executor: nullable(text),
  priority: finite,
  preemptible: flag,
  labels: list(label),
  state: oneOf(taskStates),
  status: nullable(status),
  holds: flag,
  launchedAt: whole,
});

const completedTask = row<CompletedTask>({
  id: text,
  name: text,
  agent: text,
  role: text,
  state: oneOf(taskStates),
  endedAt: whole,
});

/** As `ringPush` makes them: full chunks but the last, and less than one of them gone. */
function ring<T>(read: Reader<T>): Reader<Ring<T>> {
  const parts = row<Ring<T>>({ chunks: list(list(read)), skipped: whole, size: whole });
  return checked(parts, ({ chunks, skipped, size }) => {
    const isFull = chunks.every(
      (chunk, index) => chunk.length === 32 || (index === chunks.length - 1 && chunk.length > 0),
    );
    const count = chunks.reduce((sum, { length }) => sum + length, 0);
    if (!isFull || skipped >= 32 || size !== count - skipped || (size === 0 && count > 0))
      damaged('is not cut as it would be');
  });
}

/** One framework. */
export const framework: Reader<Framework> = row<Framework>({
  id: text,
  settings,
  state: literal<Framework['state']>({ connected: true, disconnected: true, recovered: true }),
  connection: nullable(text),
  registeredAt: whole,
  watch: whole,
  tasks: table(task, ({ id }) => id),
  unreachableTasks: table(task, ({ id }) => id),
  completedTasks: ring(completedTask),
  unanswered: table(row<Silence>({ role: text, agent: text, streak: whole }), ({ role, agent }) => `${role} ${agent}`),
  operations: table(text),
});

/** Names a task. */
export const taskRef: Reader<TaskRef> = row<TaskRef>({ framework: text, task: text });

const kill = row<PendingKill>({
  framework: text,
  task: text,
  graceMs: nullable(finite),
  maxGraceMs: nullable(finite),
  preempted: flag,
});

/** One registered agent. */
export const agent: Reader<Agent> = row<Agent>({
  id: text,
  ip: nullable(text),
  connection: nullable(text),
  connected: flag,
  streams: flag,
  heartbeatMs: nullable(whole),
  lastSeen: whole,
  registeredAt: whole,
  watch: whole,
  tasks: list(taskRef),
  executors: list(row<AgentExecutor>({ framework: text, role: text, info: executorInfo(someResources) })),
  inverseOffers: list(text),
  operations: list(text),
  debts: whole,
  kills: list(kill),
  overcommitted: flag,
});

/** An agent of the registry. */
export const recoveredAgent: Reader<RecoveredAgent> = row<RecoveredAgent>({
  id: text,
  hostname: text,
  ip: nullable(text),
  watch: whole,
});

/** What the operator wants of an agent. */
export const service: Reader<AgentService> = row<AgentService>({
  id: text,
  drain: nullable(
    row<NonNullable<AgentService['drain']>>({
      state: literal<NonNullable<AgentService['drain']>['state']>({ draining: true, drained: true }),
      maxGraceMs: nullable(finite),
      markGone: flag,
      since: whole,
    }),
  ),
});

const machine = row<MachineRow>({
  hostname: nullable(name),
  ip: nullable(name),
  mode: literal<MachineRow['mode']>({ draining: true, down: true }),
  unavailability,
  window: whole,
});

/** Machines of the schedule of maintenance. */
export const machinePlace: Reader<MachinePlace> = row<MachinePlace>({ machines: list(machine), agents: texts });

const offer = row<Offer>({
  id: text,
  framework: text,
  agent: text,
  role: text,
  hostname: text,
  resources: someResources,
  attributes: someAttributes,
  executors: list(text),
  domain: optional(domain),
  unavailability: optional(unavailability),
  at: whole,
});

/** An outstanding offer. */
export const offerRow: Reader<OfferRow> = row<OfferRow>({ offer, run: whole, seq: whole });

const inverseOffer = row<InverseOffer>({
  id: text,
  framework: text,
  agent: text,
  hostname: text,
  unavailability,
  tasks: optional(list(text)),
  at: whole,
});

/** An inverse offer without an answer. */
export const inverseOfferRow: Reader<InverseOfferRow> = row<InverseOfferRow>({ offer: inverseOffer, run: whole });

/** An operation that is not settled. */
export const operation: Reader<Operation> = row<Operation>({
  uuid: text,
  agent: text,
  framework: nullable(text),
  id: nullable(text),
  type: nullable(
    literal<NonNullable<Operation['type']>>({
      reserve: true,
      unreserve: true,
      create: true,
      destroy: true,
      'grow-volume': true,
      'shrink-volume': true,
    }),
  ),
  state: oneOf(operationStates),
  statusUuid: nullable(text),
  message: nullable(text),
  conversions: list(conversion),
  owed: flag,
});

/** The offers of one run. */
export const offerRun: Reader<OfferRun> = row<OfferRun>({ first: whole, last: whole, open: whole });

/** Frameworks that are gone. */
export const completedFrameworks: Reader<Ring<CompletedFramework>> = ring(
  row<CompletedFramework>({ id: text, name: text, removedAt: whole }),
);

const claim = row<Claim>({
  agent: text,
  framework: text,
  role: text,
  resources: someResources,
  stage: literal<Claim['stage']>({ asking: true, ending: true }),
  until: whole,
  victims: list(taskRef),
});

/** What is taken from some for others. */
export const preemption: Reader<PreemptionState> = row<PreemptionState>({
  review: nullable(row<Review>({ at: whole, watch: whole })),
  lacking: table(whole),
  claims: table(claim, ({ agent }) => agent),
  spent: table(whole),
});

/** What is counted. */
export const counters: Reader<Counters> = row<Counters>({
  clockBackwards: whole,
  stalls: whole,
  invalidAcknowledgements: whole,
  invalidStatusReports: whole,
  staleCalls: whole,
  preemptions: whole,
});
