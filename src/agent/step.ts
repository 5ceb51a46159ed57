import { Edit, type Table } from '../resources/index.js';
import { isTerminal, type Report, type UpdateStream } from '../tasks/index.js';
import { file, tidy, type Due } from './deadlines.js';
import type { AgentOutput, ExecutorMessage } from './messages.js';
import {
  emptyFramework,
  type AgentExecutor,
  type AgentFramework,
  type AgentOperation,
  type AgentState,
  type AgentTask,
} from './state.js';
import { updateUuid } from './uuid.js';

/**
 * One transition under way: the state as it is becoming, and what the caller will owe. Only this object is changed; the
 * state that it began with is not.
 */
export interface Step {
  state: AgentState;
  readonly at: number;
  readonly edit: Edit;
  readonly outputs: AgentOutput[];
  /** Tasks that reached their end in it, and what that means for their groups is still to be seen to. */
  readonly ended: (AgentTask & { readonly framework: string })[];
}

/** How many frameworks that have nothing here any more are remembered, so that late words of their executors are heard. */
const rememberedIdle = 32;

/** Begins a transition. Time that goes back stands still. */
export function beginStep(state: AgentState, at: number): Step {
  const now = Math.max(state.now, at);
  return { state: now === state.now ? state : { ...state, now }, at: now, edit: new Edit(), outputs: [], ended: [] };
}

/** Ends it: the earliest deadline of the new state is one that stands. */
export function endStep(step: Step): readonly [AgentState, readonly AgentOutput[]] {
  const { state } = step;
  const deadlines = tidy(
    state.deadlines,
    (due) => stands(state, due),
    () => standing(state),
  );
  return [deadlines === state.deadlines ? state : { ...state, deadlines }, step.outputs];
}

/** Ignores an input that makes no sense. */
export function drop(step: Step): void {
  step.state = { ...step.state, dropped: step.state.dropped + 1 };
}

export function report(step: Step, said: Report): void {
  step.outputs.push({ to: 'master', report: said });
}

export function tell(step: Step, message: ExecutorMessage): void {
  step.outputs.push({ to: 'executor', message });
}

/** Whether reports may be sent. */
export function isOpen(step: Step): boolean {
  return step.state.link.state === 'up';
}

/** A uuid that this agent has not used. */
export function nextUuid(step: Step): string {
  const uuids = step.state.uuids + 1;
  step.state = { ...step.state, uuids };
  return updateUuid(step.state.description.seed, step.state.id ?? '', uuids);
}

/** Files a deadline. */
export function remind(step: Step, due: Due): void {
  step.state = { ...step.state, deadlines: file(step.state.deadlines, due) };
}

export function setFramework(step: Step, id: string, framework: AgentFramework): void {
  step.state = { ...step.state, frameworks: step.state.frameworks.set(id, framework, step.edit) };
}

/** The framework, remembered from now on if it was not. */
export function ensureFramework(step: Step, id: string): AgentFramework {
  const known = step.state.frameworks.get(id);
  if (known !== undefined) return known;
  setFramework(step, id, emptyFramework);
  return emptyFramework;
}

function changed<V>(step: Step, table: Table<V>, id: string, value: V | undefined): Table<V> {
  return value === undefined ? table.remove(id, step.edit) : table.set(id, value, step.edit);
}

/** Writes a task; `undefined` forgets it. */
export function setTask(step: Step, framework: string, id: string, task: AgentTask | undefined): void {
  const known = ensureFramework(step, framework);
  setFramework(step, framework, { ...known, tasks: changed(step, known.tasks, id, task) });
  if (task?.kill?.destroyAt !== undefined && !isTerminal(task.state)) {
    remind(step, { at: task.kill.destroyAt, kind: 'destroy-task', path: [framework, id] });
  }
}

/** Writes an executor; `undefined` forgets it. */
export function setExecutor(step: Step, framework: string, key: string, executor: AgentExecutor | undefined): void {
  const known = ensureFramework(step, framework);
  setFramework(step, framework, { ...known, executors: changed(step, known.executors, key, executor) });
}

/** Writes a stream; `undefined` closes it. Files when it wants to send again. */
export function setStream(step: Step, framework: string, task: string, stream: UpdateStream | undefined): void {
  const known = ensureFramework(step, framework);
  const before = known.streams.get(task)?.resendAt;
  setFramework(step, framework, { ...known, streams: changed(step, known.streams, task, stream) });
  if (stream?.resendAt !== undefined && stream.resendAt !== before) {
    remind(step, { at: stream.resendAt, kind: 'resend', path: [framework, task] });
  }
}

/** Writes an operation; `undefined` forgets it. Files when it is to be said again. */
export function setOperation(step: Step, uuid: string, operation: AgentOperation | undefined): void {
  const before = step.state.operations.get(uuid)?.resendAt;
  step.state = { ...step.state, operations: changed(step, step.state.operations, uuid, operation) };
  const at = operation?.resendAt;
  if (at !== undefined && at !== before) remind(step, { at, kind: 'resend-operation', path: [uuid] });
}

/**
 * Looks whether a framework still has anything here. One that was removed is forgotten then; another is remembered for a
 * while, among the latest few.
 */
export function settle(step: Step, id: string): void {
  const framework = step.state.frameworks.get(id);
  if (framework === undefined) return;
  const { idleSince, ...rest } = framework;
  const idle = framework.tasks.size === 0 && framework.executors.size === 0 && framework.streams.size === 0;
  if (!idle) {
    if (idleSince !== undefined) setFramework(step, id, rest);
  } else if (framework.removed === true) {
    step.state = { ...step.state, frameworks: step.state.frameworks.remove(id, step.edit) };
  } else if (idleSince === undefined) {
    const idles = step.state.idles + 1;
    step.state = { ...step.state, idles };
    setFramework(step, id, { ...framework, idleSince: idles });
    forgetOldest(step);
  }
}

function forgetOldest(step: Step): void {
  let count = 0;
  let oldest: { readonly id: string; readonly idleSince: number } | undefined;
  for (const [id, { idleSince }] of step.state.frameworks.entries()) {
    if (idleSince === undefined) continue;
    count += 1;
    if (oldest === undefined || idleSince < oldest.idleSince) oldest = { id, idleSince };
  }
  if (oldest === undefined || count <= rememberedIdle) return;
  step.state = { ...step.state, frameworks: step.state.frameworks.remove(oldest.id, step.edit) };
}

/** Whether a deadline still means what it meant when it was filed. */
export function stands(state: AgentState, { at, kind, path }: Due): boolean {
  const [framework = '', id = ''] = path;
  const known = state.frameworks.get(framework);
  switch (kind) {
    case 'destroy-executor':
      return known?.executors.get(id)?.ending?.destroyAt === at;
    case 'destroy-task': {
      const task = known?.tasks.get(id);
      return task !== undefined && task.kill?.destroyAt === at && !isTerminal(task.state);
    }
    case 'expire': {
      const task = known?.tasks.get(id);
      return task !== undefined && task.expiresAt === at && !isTerminal(task.state);
    }
    case 'resend-operation':
      return state.operations.get(framework)?.resendAt === at;
    default:
      return known?.streams.get(id)?.resendAt === at;
  }
}

/** Every deadline that stands, from the tables alone. */
export function standing(state: AgentState): readonly Due[] {
  const all: Due[] = [];
  state.frameworks.forEach((known, framework) => {
    const add = (kind: string, id: string, at: number | undefined): void => {
      if (at !== undefined) all.push({ at, kind, path: [framework, id] });
    };
    known.executors.forEach((executor, id) => add('destroy-executor', id, executor.ending?.destroyAt));
    known.streams.forEach((stream, id) => add('resend', id, stream.resendAt));
    known.tasks.forEach((task, id) => {
      add('destroy-task', id, task.kill?.destroyAt);
      add('expire', id, task.expiresAt);
    });
  });
  state.operations.forEach(({ resendAt }, uuid) => {
    if (resendAt !== undefined) all.push({ at: resendAt, kind: 'resend-operation', path: [uuid] });
  });
  return all.filter((due) => stands(state, due));
}
