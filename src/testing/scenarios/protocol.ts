/** Suite `protocol`: master, agents and schedulers together (FORMAT.md §9, §11). */
import {
  mesosDefaults,
  roles,
  v1FrameworkCapabilities,
  v1Reasons,
  v1Sources,
  v1TaskStates,
  type Config,
  type OperationLike,
  type ResourceRequest,
} from '../../cluster/index.js';
import type { SchedulerDriver, SubscriptionInfo } from '../../framework-api/index.js';
import { equals, resources, type ResourcesLike } from '../../resources/index.js';
import type { Domain, FrameworkCapability, TaskState, TaskStatus } from '../../tasks/index.js';
import { returningAgent } from './agent-return.js';
import type { ScenarioFailure } from './failure.js';
import { Fields, bad, described, kebab } from './fields.js';
import { readOffered } from './offered.js';
import { ProtocolWorld, type Heard, type Received } from './protocol-world.js';
import { readScenarioExecutor, readScenarioTask } from './tasks.js';
import { readScenarioOperation } from './operations.js';

/** What `bind` names: an offer's id, or a status. */
type Bound = { readonly offer: string } | { readonly status: TaskStatus };

interface Run {
  readonly world: ProtocolWorld;
  readonly bound: Map<string, Bound>;
}

type Difference = Omit<ScenarioFailure, 'step'>;

/** Runs one scenario; every difference, and everything that is not known, is a failure. */
export async function runProtocolScenario(s: unknown): Promise<readonly ScenarioFailure[]> {
  const scenario = new Fields(s);
  for (const name of ['id', 'source']) scenario.raw(name);
  scenario.optionalTexts('tags');
  const config = scenario.has('config') ? scenario.inner('config') : new Fields({});
  const steps = scenario.list('steps').map((step) => new Fields(step));
  scenario.end();
  return runSteps({ world: new ProtocolWorld(readConfig(config)), bound: new Map() }, steps);
}

function readConfig(config: Fields): Config {
  const timeout = config.optionalNumber('offerTimeout');
  const domain = readDomain(config);
  config.end();
  return {
    ...mesosDefaults,
    ...(timeout === undefined ? {} : { offerTimeoutMs: ms(timeout) }),
    ...(domain === undefined ? {} : { domain }),
  };
}

/** Where a master or an agent stands. */
function readDomain(holder: Fields): Domain | undefined {
  if (!holder.has('domain')) return undefined;
  const domain = holder.inner('domain');
  const read = { region: domain.text('region'), zone: domain.text('zone') };
  domain.end();
  return read;
}

async function runSteps(run: Run, steps: readonly Fields[]): Promise<readonly ScenarioFailure[]> {
  const failures: ScenarioFailure[] = [];
  for (const [index, step] of steps.entries()) {
    try {
      run.world.received = [];
      const told = await act(run, step);
      const expected = step.has('expect') ? step.list('expect') : [];
      const differences = compare(run, expected, step.optionalFlag('unordered') ?? false, told);
      failures.push(...differences.map((difference) => ({ step: index, ...difference })));
      step.end();
    } catch (error) {
      failures.push({ step: index, expected: 'no exception', actual: described(error) });
    }
    if (failures.length > 0) break;
  }
  return failures;
}

/** Performs a step; what it answers by itself (roles) is returned. */
async function act(run: Run, step: Fields): Promise<readonly Seen[]> {
  const { world } = run;
  const op = step.text('op');
  switch (op) {
    case 'agent':
      await world.startAgent(step.text('agent'), step.raw('resources') as ResourcesLike, readDomain(step));
      return [];
    case 'subscribe':
      await subscribe(run, step);
      return [];
    case 'report':
      await report(run, step);
      return [];
    case 'executorExited':
      await executorExited(run, step);
      return [];
    case 'stopPongs':
      world.mute(step.text('agent'));
      return [];
    case 'agentUnreachable':
      await world.toAgent(step.text('agent'), { type: 'disconnected' });
      await world.toMaster({ type: 'mark-unreachable', agent: step.text('agent') });
      return [];
    case 'agentReregister':
      await reregister(run, step);
      return [];
    case 'masterFailover':
      await world.failover();
      return [];
    case 'getRoles':
      return [rolesSeen(run)];
    case 'advance':
      await world.advance(ms(step.number('seconds')));
      return [];
    case 'disconnect':
      await world.disconnect(step.text('framework'), connectionOf(step));
      return [];
    case 'clientDisconnected':
      await world.loseMaster(step.text('framework'), connectionOf(step));
      return [];
    default:
      await world.call(step.text('framework'), connectionOf(step), readCall(run, op, step));
      return [];
  }
}

function connectionOf(step: Fields): string {
  return step.optionalText('connection') ?? 'default';
}

async function subscribe(run: Run, step: Fields): Promise<void> {
  const alias = step.text('framework');
  const named = step.optionalText('frameworkId');
  const timeout = step.optionalNumber('failoverTimeout');
  const principal = step.optionalText('principal');
  const suppressedRoles = step.optionalTexts('suppressedRoles');
  const info: SubscriptionInfo = {
    name: alias,
    roles: step.texts('roles'),
    capabilities: [
      'multi-role',
      ...(step.optionalTexts('capabilities') ?? []).map(capability).filter((it) => it !== 'multi-role'),
    ],
    ...(named === undefined ? {} : { framework: named === '' ? '' : frameworkId(run, named) }),
    ...(timeout === undefined ? {} : { failoverTimeoutMs: ms(timeout) }),
    ...(principal === undefined ? {} : { principal }),
    ...(suppressedRoles === undefined ? {} : { suppressedRoles }),
  };
  await run.world.subscribe(alias, connectionOf(step), info);
}

/** The executor says something to its agent; `sameUuidAs` = that very update once more. */
async function report(run: Run, step: Fields): Promise<void> {
  const again = step.optionalText('sameUuidAs');
  const uuid = again === undefined ? undefined : statusOf(run, again).uuid;
  await run.world.toAgent(step.text('agent'), {
    type: 'executor-update',
    framework: frameworkId(run, step.text('framework')),
    task: step.text('task'),
    state: taskState(step.text('state')),
    ...(uuid === undefined ? {} : { uuid }),
  });
}

async function executorExited(run: Run, step: Fields): Promise<void> {
  const agent = step.text('agent');
  const alias = step.optionalText('framework');
  const task = step.optionalText('task');
  // An executor of the agent's own has the id of its task.
  const executor = step.optionalText('executor') ?? task ?? step.text('executor');
  const status = step.optionalNumber('status');
  await run.world.toAgent(agent, {
    type: 'executor-exited',
    framework: alias === undefined ? frameworkOfExecutor(run, agent, executor) : frameworkId(run, alias),
    executor,
    ...(status === undefined ? {} : { status }),
  });
}

/** A step that names only the executor means the one framework that has it on the agent. */
function frameworkOfExecutor(run: Run, agent: string, executor: string): string {
  const { frameworks } = run.world.agentJson(agent);
  const [owner, other] = frameworks.filter(([, row]) => row.executors.some(([, { id }]) => id === executor));
  if (owner === undefined || other !== undefined) throw bad(`no framework is the one with executor ${executor}`);
  return owner[0];
}

async function reregister(run: Run, step: Fields): Promise<void> {
  const id = step.text('agent');
  const tasks = (step.has('tasks') ? step.list('tasks') : []).map((entry) => {
    const task = new Fields(entry);
    const pending = task.optionalTexts('pendingUpdates') ?? [];
    const read = {
      framework: frameworkId(run, task.text('framework')),
      task: task.text('task'),
      state: taskState(task.text('state')),
      pending: pending.map(taskState),
    };
    task.end();
    return read;
  });
  run.world.putAgent(id, returningAgent(run.world.agentJson(id), tasks, run.world.now));
  await run.world.toAgent(id, { type: 'disconnected' });
  await run.world.toAgent(id, { type: 'connected' });
}

/** Reads a step that a scheduler does through its driver. */
function readCall(run: Run, op: string, step: Fields): (driver: SchedulerDriver) => void {
  switch (op) {
    case 'accept': {
      const offers = readOffers(run, step);
      const written = step.has('operations') ? step.list('operations') : [];
      const operations = written.map((operation) => readOperation(run, operation));
      const filters = readFilters(step);
      return (driver) => driver.accept(offers, operations, filters);
    }
    case 'decline': {
      const offers = readOffers(run, step);
      const filters = readFilters(step);
      return (driver) => driver.decline(offers, filters);
    }
    case 'revive':
    case 'suppress': {
      const names = step.optionalTexts('roles') ?? [];
      return (driver) => driver[op](names);
    }
    case 'request': {
      const requests = step.list('requests').map((entry) => readRequest(new Fields(entry)));
      return (driver) => driver.request(requests);
    }
    case 'acknowledge':
      return readAcknowledge(run, step);
    case 'reconcile': {
      const tasks = step.list('tasks').map((entry) => {
        const question = new Fields(entry);
        question.raw('state');
        const agent = question.optionalText('agent');
        const task = question.text('task');
        question.end();
        return agent === undefined ? { task } : { task, agent };
      });
      return (driver) => driver.reconcile(tasks);
    }
    case 'kill': {
      const task = step.text('task');
      const agent = step.optionalText('agent');
      return (driver) => driver.kill(task, agent === undefined ? {} : { agent });
    }
    case 'teardown':
      return (driver) => driver.teardown();
    default:
      throw bad(`unknown op ${op}`);
  }
}

function readRequest(request: Fields): ResourceRequest {
  const agent = request.optionalText('agent');
  const resources = request.raw('resources');
  request.end();
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(resources === undefined ? {} : { resources: resources as ResourcesLike }),
  };
}

/** Names an update, or its parts, or an update but for some of its parts. */
function readAcknowledge(run: Run, step: Fields): (driver: SchedulerDriver) => void {
  const update = step.optionalText('update');
  const status = update === undefined ? undefined : statusOf(run, update);
  const written = step.optionalText('uuid');
  const uuid = written === undefined ? status?.uuid : uuidOf(run, written);
  const named = {
    task: step.optionalText('task') ?? status?.task ?? step.text('task'),
    agent: step.optionalText('agent') ?? status?.agent ?? step.text('agent'),
    ...(uuid === undefined ? {} : { uuid }),
  };
  return (driver) => driver.acknowledge(named);
}

/** `$x` = the uuid of that update; any other word stands for a uuid that nobody knows. */
function uuidOf(run: Run, written: string): string | undefined {
  return written.startsWith('$') ? statusOf(run, written).uuid : `${written}-uuid`;
}

function readOffers(run: Run, step: Fields): readonly string[] {
  return step.texts('offers').map((name) => (name.startsWith('$') ? offerOf(run, name) : name));
}

function readFilters(step: Fields): { readonly refuseSeconds?: number } {
  if (!step.has('filters')) return {};
  const filters = step.inner('filters');
  const refuseSeconds = filters.optionalNumber('refuse_seconds');
  filters.end();
  return refuseSeconds === undefined ? {} : { refuseSeconds };
}

function readOperation(run: Run, written: unknown): OperationLike {
  const operation = new Fields(written);
  const type = operation.text('type');
  const id = operation.optionalText('id');
  const own = id === undefined ? {} : { id };
  if (type === 'LAUNCH') {
    const tasks = operation.list('tasks').map((task) => readScenarioTask(withFramework(run, task)));
    operation.end();
    return { type: 'launch', ...own, tasks };
  }
  if (type !== 'LAUNCH_GROUP') return readScenarioOperation(written);
  const group = operation.inner('task_group');
  const tasks = group.list('tasks').map((task) => readScenarioTask(withFramework(run, task)));
  const executor = readScenarioExecutor(executorWithFramework(run, operation.raw('executor')));
  group.end();
  operation.end();
  return { type: 'launch-group', ...own, executor, tasks };
}

/** Executors name their framework by its alias. */
function withFramework(run: Run, task: unknown): unknown {
  if (typeof task !== 'object' || task === null || !('executor' in task)) return task;
  return { ...task, executor: executorWithFramework(run, task.executor) };
}

function executorWithFramework(run: Run, executor: unknown): unknown {
  if (typeof executor !== 'object' || executor === null || !('framework_id' in executor)) return executor;
  const alias = String(executor.framework_id);
  return { ...executor, framework_id: run.world.ids.get(alias) ?? alias };
}

/** Something that was seen, in the words of the format. */
interface Seen {
  /** Events are ordered per receiver. */
  readonly receiver: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly bound?: Bound;
}

function compare(
  run: Run,
  expected: readonly unknown[],
  unordered: boolean,
  told: readonly Seen[],
): readonly Difference[] {
  const wanted = expected.map((entry) => new Fields(entry));
  const listsSubscribed = wanted.some((event) => event.text('event') === 'SUBSCRIBED');
  const seen = [...run.world.received.flatMap((one) => seenOf(run, one) ?? []), ...told].filter(
    ({ event }) => event !== 'SUBSCRIBED' || listsSubscribed,
  );
  const left = [...seen];
  const failed = { expected, actual: seen.map(({ event, fields }) => ({ event, ...fields })) };
  for (const event of wanted) {
    const candidates = unordered ? left : firstOfEachReceiver(left);
    const match = candidates.find((one) => matches(run, event, one));
    if (match === undefined) return [failed];
    left.splice(left.indexOf(match), 1);
    bind(run, event, match);
    event.end();
  }
  return left.length === 0 ? [] : [failed];
}

function firstOfEachReceiver(seen: readonly Seen[]): readonly Seen[] {
  return seen.filter((one, index) => seen.findIndex(({ receiver }) => receiver === one.receiver) === index);
}

function matches(run: Run, event: Fields, seen: Seen): boolean {
  if (event.text('event') !== seen.event) return false;
  return fieldNames[seen.event]?.every((name) => !event.has(name) || agrees(run, name, event.raw(name), seen)) ?? false;
}

/** The fields that an event of the format can have, but for `event` and `bind`. */
const fieldNames: Readonly<Record<string, readonly string[]>> = {
  OFFER: ['framework', 'agent', 'role', 'resources', 'connection'],
  RESCIND: ['framework', 'offer', 'connection'],
  UPDATE: [
    'framework',
    'task',
    'state',
    'reason',
    'source',
    'agent',
    'messageContains',
    'hasUuid',
    'hasUnreachableTime',
    'sameUuidAs',
    'connection',
  ],
  FAILURE: ['framework', 'agent', 'executor', 'connection'],
  ERROR: ['framework', 'messageContains', 'connection'],
  SUBSCRIBED: ['framework', 'nonEmptyFrameworkId', 'connection'],
  RUN_TASK: ['agent', 'task'],
  RUN_GROUP: ['agent', 'tasks'],
  KILL_TASK: ['agent', 'task'],
  ROLES: ['roles'],
};

function agrees(run: Run, name: string, expected: unknown, seen: Seen): boolean {
  switch (name) {
    case 'resources':
      return equals(
        readOffered(expected, String(seen.fields['role'])),
        resources(seen.fields['resources'] as ResourcesLike),
      );
    case 'messageContains':
      return String(seen.fields['message']).includes(String(expected));
    case 'sameUuidAs':
      return seen.fields['uuid'] === statusOf(run, String(expected)).uuid;
    case 'offer':
      return seen.fields['offer'] === offerOf(run, String(expected));
    case 'roles':
      return sameRoles(expected, seen.fields['roles'] as readonly RoleSeen[]);
    default:
      return JSON.stringify(seen.fields[name]) === JSON.stringify(expected);
  }
}

/** One role, as the operator sees it. */
interface RoleSeen {
  readonly name: string;
  readonly frameworks: readonly string[];
}

/** Neither the order of roles nor that of their frameworks matters; frameworks that are not listed are not compared. */
function sameRoles(expected: unknown, seen: readonly RoleSeen[]): boolean {
  if (!Array.isArray(expected) || expected.length !== seen.length) return false;
  const left = new Map(seen.map(({ name, frameworks }) => [name, frameworks.toSorted()] as const));
  return expected.every((entry: unknown) => {
    const role = new Fields(entry);
    const name = role.text('name');
    const frameworks = role.optionalTexts('frameworks')?.toSorted();
    role.end();
    const found = left.get(name);
    left.delete(name);
    return found !== undefined && (frameworks === undefined || JSON.stringify(frameworks) === JSON.stringify(found));
  });
}

function bind(run: Run, event: Fields, seen: Seen): void {
  const name = event.optionalText('bind');
  if (name === undefined) return;
  if (seen.bound === undefined) throw bad(`${seen.event} can't be bound`);
  run.bound.set(name, seen.bound);
}

/** What the format calls it; undefined = it has no name for it. */
function seenOf(run: Run, received: Received): Seen | undefined {
  if (received.to === 'agent') {
    const { agent, command } = received;
    const receiver = `agent ${agent}`;
    if (command.type === 'launch') return { receiver, event: 'RUN_TASK', fields: { agent, task: command.task.id } };
    if (command.type === 'kill') return { receiver, event: 'KILL_TASK', fields: { agent, task: command.task } };
    if (command.type !== 'launch-group') return undefined;
    return { receiver, event: 'RUN_GROUP', fields: { agent, tasks: command.tasks.map(({ id }) => id) } };
  }
  const { framework, connection, what } = received;
  return { receiver: `${framework} ${connection}`, ...heardOf(what, { framework, connection }) };
}

function heardOf(
  what: Heard,
  who: { readonly framework: string; readonly connection: string },
): Omit<Seen, 'receiver'> {
  switch (what.type) {
    case 'subscribed':
      return { event: 'SUBSCRIBED', fields: { ...who, nonEmptyFrameworkId: what.id !== '' } };
    case 'offer': {
      const { id, agent, role, resources: part } = what.offer;
      return { event: 'OFFER', fields: { ...who, agent, role, resources: part.toJSON() }, bound: { offer: id } };
    }
    case 'rescind':
      return { event: 'RESCIND', fields: { ...who, offer: what.offer } };
    case 'update':
      return { event: 'UPDATE', fields: { ...who, ...updateFields(what.status) }, bound: { status: what.status } };
    case 'failure':
      return { event: 'FAILURE', fields: { ...who, agent: what.agent, executor: what.executor } };
    case 'error':
      return { event: 'ERROR', fields: { ...who, message: what.message } };
  }
  return what satisfies never;
}

function updateFields(status: TaskStatus): Readonly<Record<string, unknown>> {
  return {
    task: status.task,
    state: v1TaskStates.write(status.state),
    reason: status.reason === undefined ? undefined : v1Reasons.write(status.reason),
    source: v1Sources.write(status.source),
    agent: status.agent,
    message: status.message,
    hasUuid: status.uuid !== undefined,
    hasUnreachableTime: status.unreachableTime !== undefined,
    uuid: status.uuid,
  };
}

function rolesSeen(run: Run): Seen {
  const alias = new Map([...run.world.ids].map(([name, id]) => [id, name] as const));
  const list = roles(run.world.state).map(({ role, frameworks }): RoleSeen => ({
    name: role,
    frameworks: frameworks.map((id) => alias.get(id) ?? id),
  }));
  return { receiver: 'operator', event: 'ROLES', fields: { roles: list } };
}

function offerOf(run: Run, name: string): string {
  const bound = run.bound.get(name.slice(1));
  if (bound === undefined || !('offer' in bound)) throw bad(`no offer is bound to ${name}`);
  return bound.offer;
}

function statusOf(run: Run, name: string): TaskStatus {
  const bound = run.bound.get(name.slice(1));
  if (bound === undefined || !('status' in bound)) throw bad(`no update is bound to ${name}`);
  return bound.status;
}

function frameworkId(run: Run, alias: string): string {
  return run.world.ids.get(alias) ?? alias;
}

function taskState(name: string): TaskState {
  const state = v1TaskStates.read(name);
  if (state === undefined) throw bad(`unknown task state ${name}`);
  return state;
}

function capability(name: string): FrameworkCapability {
  const own = v1FrameworkCapabilities.read(name);
  if (own === undefined) throw bad(`unknown framework capability ${kebab(name)}`);
  return own;
}

function ms(seconds: number): number {
  return Math.round(seconds * 1_000);
}
