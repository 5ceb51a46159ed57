/**
 * A stand-in in the control plane for agents that are too simple to keep update streams: hosts that only say how a task
 * is, once. It gives their updates a uuid, sends them again until they are acknowledged, and takes the acknowledgements
 * itself (UPD-1 … UPD-4). One value stands in for any number of agents.
 *
 * Reports of agents pass through `standInReport` on their way to the master, commands through `standInCommand` on their
 * way to agents. What an agent that registered with `streams: true` says and hears is left alone.
 */
import { Edit, InputError, Table } from '../resources/index.js';
import { finite, flag, integer, oneOf, readSaved, row, rows, whole } from '../resources/reading.js';
import { streamConfig as savedStreamConfig, updateStream } from '../tasks/reading.js';
import {
  acknowledge,
  defaultStreamConfig,
  emptyStream,
  enqueue,
  isDuration,
  isTerminal,
  latestStateReport,
  pause,
  readLabels,
  resend,
  resume,
  taskStates,
  statusReport,
  type AcknowledgeCommand,
  type Command,
  type Report,
  type StatusReport,
  type StreamConfig,
  type StreamUpdate,
  type TaskState,
  type UpdateStream,
} from '../tasks/index.js';
import { deadlinesOf, file, first, noDeadlines, tidy, withoutFirst, type Deadlines, type Due } from './deadlines.js';
import { updateUuid } from './uuid.js';

/** What is kept of one task while an update of it waits: its stream, and the latest state that its agent told. */
export interface StandInTask {
  readonly stream: UpdateStream;
  readonly latest: TaskState;
}

/** What is kept of one agent. */
export interface StandInAgent {
  /** It keeps streams of its own. */
  readonly streams: boolean;
  /** Whether the master has admitted it; updates wait until then. */
  readonly open: boolean;
  /** By framework, then by task. */
  readonly tasks: Table<Table<StandInTask>>;
}

/** The stand-in: plain immutable data. */
export interface StandIn {
  readonly seed: number;
  readonly config: StreamConfig;
  /** The latest time of an input, ms. */
  readonly now: number;
  readonly agents: Table<StandInAgent>;
  /** Agents that registered without an id, by connection: whether they keep streams of their own. */
  readonly nameless: Table<boolean>;
  readonly deadlines: Deadlines;
  /** Uuids made so far. */
  readonly uuids: number;
}

/** A stand-in that stands in for nobody yet. */
export function emptyStandIn({ seed, streamConfig = defaultStreamConfig }: StandInOptions): StandIn {
  if (!Number.isSafeInteger(seed)) throw new InputError('bad-number', 'seed', 'seed must be a safe integer');
  for (const field of ['firstMs', 'maxMs'] as const) {
    const ms = streamConfig[field];
    if (isDuration(ms) && ms > 0) continue;
    const message = `streamConfig.${field} must be a whole number of milliseconds, one or more`;
    throw new InputError('bad-duration', `streamConfig.${field}`, message);
  }
  const { firstMs, maxMs } = streamConfig;
  return {
    seed: seed + 0,
    config: { firstMs, maxMs },
    now: 0,
    agents: Table.empty(),
    nameless: Table.empty(),
    deadlines: noDeadlines,
    uuids: 0,
  };
}

/** What a stand-in is made of. */
export interface StandInOptions {
  readonly seed: number;
  readonly streamConfig?: StreamConfig;
}

/** One change under way: the stand-in as it is becoming, and the reports that the master is to have. */
interface Step {
  state: StandIn;
  readonly at: number;
  readonly edit: Edit;
  readonly reports: Report[];
}

function begin(state: StandIn, at: number): Step {
  if (!Number.isSafeInteger(at) || at < 0) {
    throw new InputError('bad-number', 'at', 'at must be a whole number of milliseconds, zero or more');
  }
  const now = Math.max(state.now, at);
  const step: Step = { state: { ...state, now }, at: now, edit: new Edit(), reports: [] };
  fireDue(step);
  return step;
}

function end({ state }: Step): StandIn {
  return {
    ...state,
    deadlines: tidy(
      state.deadlines,
      (due) => stands(state, due),
      () => standing(state),
    ),
  };
}

/**
 * A report on its way to the master.
 *
 * @returns the stand-in, and the reports to give the master instead: this one, this one with a uuid, or none yet, because
 *   an older update of the task waits for its acknowledgement. Also what was due by `at`.
 * @throws InputError `bad-number` for a time that is none.
 */
export function standInReport(standIn: StandIn, report: Report, at: number): readonly [StandIn, readonly Report[]] {
  const step = begin(standIn, at);
  switch (report.type) {
    case 'register':
      // A newcomer: what an agent of this id said before, it said of tasks that are gone with it (AG-9).
      if (report.agent !== undefined) forgetAgent(step, report.agent);
      meet(step, report.agent, report.connection, report.streams === true);
      step.reports.push(report);
      break;
    case 'reregister':
      meet(step, report.agent, report.connection, report.streams === true);
      step.reports.push(report);
      break;
    case 'unregister':
      forgetAgent(step, report.agent);
      step.reports.push(report);
      break;
    case 'status':
      onStatus(step, report);
      break;
    default:
      step.reports.push(report);
  }
  return [end(step), step.reports];
}

/**
 * A command on its way to an agent.
 *
 * @returns the stand-in, the commands to pass on (none for an acknowledgement that was meant for the stand-in), and
 *   reports to give the master.
 * @throws InputError `bad-number` for a time that is none.
 */
export function standInCommand(
  standIn: StandIn,
  command: Command,
  at: number,
): readonly [StandIn, readonly Command[], readonly Report[]] {
  const step = begin(standIn, at);
  const passed = command.type === 'acknowledge' && onAcknowledge(step, command) ? [] : [command];
  if (command.type !== 'acknowledge') overhear(step, command);
  return [end(step), passed, step.reports];
}

/** Time passed: what is due is sent again (UPD-3). */
export function standInTick(standIn: StandIn, at: number): readonly [StandIn, readonly Report[]] {
  const step = begin(standIn, at);
  return [end(step), step.reports];
}

/** When the stand-in wants a tick, ms; `undefined` = nothing will happen by itself. */
export function nextStandInDeadline(standIn: StandIn): number | undefined {
  return first(standIn.deadlines)?.at;
}

/** The agent is disconnected or unreachable: its updates wait until it is registered again. */
export function standInLost(standIn: StandIn, agent: string): StandIn {
  const known = standIn.agents.get(agent);
  if (known === undefined || !known.open) return standIn;
  const step: Step = { state: standIn, at: standIn.now, edit: new Edit(), reports: [] };
  setAgent(step, agent, { ...known, open: false });
  eachTask(known, (framework, task, it) => setTask(step, agent, framework, task, { ...it, stream: pause(it.stream) }));
  return end(step);
}

/** The agent will not come back: nothing of it is kept. */
export function standInGone(standIn: StandIn, agent: string): StandIn {
  const step: Step = { state: standIn, at: standIn.now, edit: new Edit(), reports: [] };
  forgetAgent(step, agent);
  return end(step);
}

function setAgent(step: Step, id: string, agent: StandInAgent): void {
  step.state = { ...step.state, agents: step.state.agents.set(id, agent, step.edit) };
}

function forgetAgent(step: Step, id: string): void {
  step.state = { ...step.state, agents: step.state.agents.remove(id, step.edit) };
}

/** An agent registers; until the master answers its updates wait. */
function meet(step: Step, id: string | undefined, connection: string | undefined, streams: boolean): void {
  if (id !== undefined) {
    const known = step.state.agents.get(id);
    setAgent(step, id, { streams, open: false, tasks: streams ? Table.empty() : (known?.tasks ?? Table.empty()) });
    if (known !== undefined && !streams) {
      eachTask(known, (framework, task, it) => setTask(step, id, framework, task, { ...it, stream: pause(it.stream) }));
    }
  } else if (connection !== undefined) {
    step.state = { ...step.state, nameless: step.state.nameless.set(connection, streams, step.edit) };
  }
}

function eachTask(agent: StandInAgent, visit: (framework: string, task: string, it: StandInTask) => void): void {
  for (const [framework, tasks] of agent.tasks.entries()) {
    for (const [task, it] of tasks.entries()) visit(framework, task, it);
  }
}

function getTask(state: StandIn, agent: string, framework: string, task: string): StandInTask | undefined {
  return state.agents.get(agent)?.tasks.get(framework)?.get(task);
}

/** Writes what is kept of a task; `undefined` forgets it, and its framework with its last task. */
function setTask(step: Step, agentId: string, framework: string, id: string, task: StandInTask | undefined): void {
  const agent = step.state.agents.get(agentId);
  if (agent === undefined) return;
  const { edit } = step;
  const before = agent.tasks.get(framework) ?? Table.empty<StandInTask>();
  const resendAt = before.get(id)?.stream.resendAt;
  const after = task === undefined ? before.remove(id, edit) : before.set(id, task, edit);
  const tasks = after.size === 0 ? agent.tasks.remove(framework, edit) : agent.tasks.set(framework, after, edit);
  setAgent(step, agentId, { ...agent, tasks });
  const due = task?.stream.resendAt;
  if (due === undefined || due === resendAt) return;
  const deadlines = file(step.state.deadlines, { at: due, kind: 'resend', path: [agentId, framework, id] });
  step.state = { ...step.state, deadlines };
}

/** A status that wants an acknowledgement and has no uuid goes through a stream; any other passes. */
function onStatus(step: Step, report: StatusReport): void {
  const { agent: id, framework, task, state, latestState } = report;
  const agent = step.state.agents.get(id);
  if (agent === undefined || agent.streams || report.uuid !== undefined || state === undefined) {
    step.reports.push(report);
    return;
  }
  const known = getTask(step.state, id, framework, task);
  const said = latestState ?? state;
  // An end is the end, whatever is said after it (TASK-4).
  const latest = known !== undefined && isTerminal(known.latest) ? known.latest : said;
  const uuids = step.state.uuids + 1;
  step.state = { ...step.state, uuids };
  const { stream, send } = enqueue(
    known?.stream ?? emptyStream,
    updateOf(report, state, updateUuid(step.state.seed, id, uuids), step.at),
    { at: step.at, open: agent.open, config: step.state.config },
  );
  setTask(step, id, framework, task, { stream, latest });
  if (send !== undefined) step.reports.push(statusReport(report, send, latest));
  else if (agent.open && known !== undefined && known.latest !== latest) {
    step.reports.push(latestStateReport(report, latest));
  }
}

function updateOf(report: StatusReport, state: TaskState, uuid: string, at: number): StreamUpdate {
  const { source = 'executor', timestamp = at, reason, message, executor, data, healthy, labels } = report;
  return {
    uuid,
    state,
    source,
    timestamp,
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    ...(executor !== undefined && { executor }),
    ...(data !== undefined && { data }),
    ...(healthy !== undefined && { healthy }),
    ...(labels !== undefined && { labels: readLabels(labels) }),
  };
}

/** Whether the acknowledgement was the stand-in's to take: that of any agent that it stands in for. */
function onAcknowledge(step: Step, { agent: id, framework, task, uuid }: AcknowledgeCommand): boolean {
  const agent = step.state.agents.get(id);
  if (agent === undefined || agent.streams) return false;
  const known = getTask(step.state, id, framework, task);
  if (known === undefined) return true;
  const { open } = agent;
  const after = acknowledge(known.stream, uuid, { at: step.at, open, config: step.state.config });
  if (after.result === 'unexpected') return true;
  // With nothing left to deliver there is nothing to remember: the agent sends no uuid that could come twice.
  const rest = after.stream.pending.length === 0 ? undefined : { ...known, stream: after.stream };
  setTask(step, id, framework, task, rest);
  if (after.send !== undefined)
    step.reports.push(statusReport({ agent: id, framework, task }, after.send, known.latest));
  return true;
}

/** What commands for an agent mean for what is kept of it. */
function overhear(step: Step, command: Command): void {
  switch (command.type) {
    case 'registered':
      return onRegistered(step, command.agent, command.connection);
    case 'registration-refused':
    case 'shutdown-agent':
      return forgetAgent(step, command.agent);
    case 'shutdown-framework': {
      const agent = step.state.agents.get(command.agent);
      if (agent === undefined) return;
      return setAgent(step, command.agent, { ...agent, tasks: agent.tasks.remove(command.framework, step.edit) });
    }
    case 'launch':
      return forgetEnded(step, command.agent, command.framework, [command.task.id]);
    case 'launch-group':
      return forgetEnded(
        step,
        command.agent,
        command.framework,
        command.tasks.map((task) => task.id),
      );
    default:
      return;
  }
}

/** The master uses an id again only when the end of the old task was acknowledged: that end need not be sent any more. */
function forgetEnded(step: Step, agent: string, framework: string, tasks: readonly string[]): void {
  for (const task of tasks) {
    const known = getTask(step.state, agent, framework, task);
    if (known !== undefined && isTerminal(known.latest)) setTask(step, agent, framework, task, undefined);
  }
}

/** The master admitted an agent: what waits is sent at once (UPD-8). */
function onRegistered(step: Step, id: string, connection: string | undefined): void {
  const { nameless } = step.state;
  if (connection !== undefined && nameless.has(connection)) {
    meet(step, id, connection, nameless.get(connection) === true);
    step.state = { ...step.state, nameless: nameless.remove(connection, step.edit) };
  }
  const agent = step.state.agents.get(id) ?? { streams: false, open: false, tasks: Table.empty<Table<StandInTask>>() };
  setAgent(step, id, { ...agent, open: true });
  if (agent.open) return;
  eachTask(agent, (framework, task, it) => {
    const { stream, send } = resume(it.stream, step.at, step.state.config);
    setTask(step, id, framework, task, { ...it, stream });
    if (send !== undefined) step.reports.push(statusReport({ agent: id, framework, task }, send, it.latest));
  });
}

function fireDue(step: Step): void {
  for (
    let due = first(step.state.deadlines);
    due !== undefined && due.at <= step.at;
    due = first(step.state.deadlines)
  ) {
    step.state = { ...step.state, deadlines: withoutFirst(step.state.deadlines) };
    if (!stands(step.state, due)) continue;
    const [agent = '', framework = '', task = ''] = due.path;
    const known = getTask(step.state, agent, framework, task);
    if (known === undefined) continue;
    const { stream, send } = resend(known.stream, step.at, step.state.config);
    setTask(step, agent, framework, task, { ...known, stream });
    if (send !== undefined) step.reports.push(statusReport({ agent, framework, task }, send, known.latest));
  }
}

function stands(state: StandIn, { at, path: [agent = '', framework = '', task = ''] }: Due): boolean {
  return getTask(state, agent, framework, task)?.stream.resendAt === at;
}

function standing(state: StandIn): readonly Due[] {
  const all: Due[] = [];
  state.agents.forEach((agent, id) =>
    agent.tasks.forEach((tasks, framework) =>
      tasks.forEach(({ stream: { resendAt } }, task) => {
        if (resendAt !== undefined) all.push({ at: resendAt, kind: 'resend', path: [id, framework, task] });
      }),
    ),
  );
  return all;
}

/** A stand-in as plain JSON. */
export interface StandInJson {
  readonly version: 1;
  readonly seed: number;
  readonly config: StreamConfig;
  readonly now: number;
  readonly uuids: number;
  readonly nameless: readonly (readonly [string, boolean])[];
  readonly agents: readonly (readonly [
    string,
    {
      readonly streams: boolean;
      readonly open: boolean;
      readonly tasks: readonly (readonly [string, readonly (readonly [string, StandInTask])[]])[];
    },
  ])[];
}

/** The stand-in as plain data, ordered by id. */
export function standInToJSON({ deadlines: _, agents, nameless, ...rest }: StandIn): StandInJson {
  return {
    version: 1,
    ...rest,
    nameless: nameless.entries(),
    agents: agents
      .entries()
      .map(([id, { tasks, ...agent }]) => [
        id,
        { ...agent, tasks: tasks.entries().map(([framework, list]) => [framework, list.entries()]) },
      ]),
  };
}

/**
 * The stand-in again, as it was written.
 *
 * @throws InputError `bad-state` with the path of what `standInToJSON` did not write so.
 */
export function standInFromJSON(json: StandInJson): StandIn {
  const { version, ...saved } = typeof json === 'object' && json !== null ? (json as Partial<StandInJson>) : {};
  if (version !== 1) throw new InputError('bad-state', 'version', 'This is not the state of a stand-in');
  const rest = readSaved(savedStandIn, saved, 'The state of the stand-in');
  const state: StandIn = { ...rest, deadlines: noDeadlines };
  return { ...state, deadlines: deadlinesOf(standing(state)) };
}

const savedStandIn = row<Omit<StandIn, 'deadlines'>>({
  seed: integer,
  config: savedStreamConfig,
  now: finite,
  agents: rows(
    row<StandInAgent>({
      streams: flag,
      open: flag,
      tasks: rows(rows(row<StandInTask>({ stream: updateStream, latest: oneOf(taskStates) }))),
    }),
  ),
  nameless: rows(flag),
  uuids: whole,
});
