/** Updates of tasks on their way to the master (UPD-1 … UPD-5, UPD-8). */
import {
  acknowledge,
  canApply,
  emptyStream,
  enqueue,
  inFlight,
  isDuplicate,
  isTerminal,
  latestStateReport,
  pause,
  readLabels,
  resend,
  resume,
  statusReport,
  type AcknowledgeCommand,
  type StreamUpdate,
  type TaskState,
} from '../tasks/index.js';
import type { ExecutorUpdateInput } from './messages.js';
import { isManaged, type AgentTask } from './state.js';
import { drop, isOpen, nextUuid, report, setExecutor, setStream, setTask, settle, tell, type Step } from './step.js';

/** States that no executor can put a task in: the first is the master's, of the others an agent's task knows nothing. */
const notFromExecutors: ReadonlySet<TaskState> = new Set(['staging', 'unreachable', 'gone-by-operator', 'unknown']);

/** An executor says how a task stands. */
export function onExecutorUpdate(step: Step, input: ExecutorUpdateInput): void {
  const { framework, task: id, uuid } = input;
  const known = step.state.frameworks.get(framework);
  if (notFromExecutors.has(input.state) || known === undefined || known.removed === true) {
    drop(step);
    return;
  }
  const task = known.tasks.get(id);
  const executor = input.executor ?? (task && known.executors.get(task.executor)?.id) ?? task?.info.executor?.id ?? id;
  const duplicate = uuid !== undefined && isDuplicate(known.streams.get(id) ?? emptyStream, uuid);
  if (!duplicate) {
    pushUpdate(step, framework, id, {
      ...said(input, task),
      uuid: uuid ?? nextUuid(step),
      source: 'executor',
      timestamp: step.at,
      executor,
    });
  }
  // The executor hears of it when the agent has it, not when its framework does (UPD-5).
  if (uuid !== undefined) tell(step, { type: 'acknowledged', framework, executor, task: id, uuid });
}

type Words = Pick<StreamUpdate, 'state' | 'reason' | 'message' | 'data' | 'healthy' | 'labels'>;

/** What the update says. A task that was killed because it ran for too long has failed (TASK-10). */
function said(input: ExecutorUpdateInput, task: AgentTask | undefined): Words {
  const { state, reason, message, data, healthy, labels } = input;
  const words: Words = {
    state,
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    ...(data !== undefined && { data }),
    ...(healthy !== undefined && { healthy }),
    ...(labels !== undefined && { labels: readLabels(labels) }),
  };
  if (task?.expired !== true || state !== 'killed') return words;
  return { ...words, state: 'failed', reason: 'max-completion-time-reached' };
}

/** An update of the agent's own about a task. */
export function pushOwnUpdate(
  step: Step,
  framework: string,
  task: string,
  words: Pick<StreamUpdate, 'state' | 'source'> & Partial<Pick<StreamUpdate, 'reason' | 'message' | 'executor'>>,
): void {
  pushUpdate(step, framework, task, { ...words, uuid: nextUuid(step), timestamp: step.at });
}

/** Puts an update in the task's stream and applies it to the task, if the agent has it and it has not ended yet (TASK-4). */
function pushUpdate(step: Step, framework: string, id: string, update: StreamUpdate): void {
  const known = step.state.frameworks.get(framework);
  const before = known?.streams.get(id) ?? emptyStream;
  const config = step.state.description.streamConfig;
  const { stream, send } = enqueue(before, update, { at: step.at, open: isOpen(step), config });
  setStream(step, framework, id, stream);

  const task = known?.tasks.get(id);
  const applies = task !== undefined && task.state !== update.state && canApply(task.state, update.state);
  if (applies) setTask(step, framework, id, { ...task, state: update.state });
  const latest = applies ? update.state : (task?.state ?? update.state);

  if (send !== undefined) sendUpdate(step, framework, id, send);
  else if (applies && isOpen(step)) {
    // Resources need not wait until the update in flight is acknowledged (TASK-5, TASK-7).
    report(step, latestStateReport({ agent: step.state.id ?? '', framework, task: id }, latest));
  }
  settle(step, framework);
  if (applies && isTerminal(update.state)) step.ended.push({ ...task, state: update.state, framework });
}

/** Sends an update; adds the latest state where that is another (TASK-7). */
function sendUpdate(step: Step, framework: string, id: string, update: StreamUpdate): void {
  const latest = step.state.frameworks.get(framework)?.tasks.get(id)?.state;
  report(step, statusReport({ agent: step.state.id ?? '', framework, task: id }, update, latest));
}

/** The framework has an update (UPD-4). An acknowledged terminal one ends what the agent knows of the task (TASK-6). */
export function onAcknowledge(step: Step, { framework, task: id, uuid }: AcknowledgeCommand): void {
  const known = step.state.frameworks.get(framework);
  const stream = known?.streams.get(id);
  if (known === undefined || stream === undefined) {
    drop(step);
    return;
  }
  const config = step.state.description.streamConfig;
  const after = acknowledge(stream, uuid, { at: step.at, open: isOpen(step), config });
  const task = known.tasks.get(id);
  switch (after.result) {
    case 'unexpected':
      drop(step);
      return;
    case 'closed':
      setStream(step, framework, id, undefined);
      if (task !== undefined) forgetTask(step, framework, id, task);
      break;
    case 'accepted':
      // A stream without a task was opened to answer a question: with the answer delivered nothing is left of it.
      setStream(
        step,
        framework,
        id,
        task === undefined && inFlight(after.stream) === undefined ? undefined : after.stream,
      );
      if (after.send !== undefined) sendUpdate(step, framework, id, after.send);
  }
  settle(step, framework);
}

/** Forgets a task, and the executor that was there for it alone. */
export function forgetTask(step: Step, framework: string, id: string, task: AgentTask): void {
  setTask(step, framework, id, undefined);
  const executor = step.state.frameworks.get(framework)?.executors.get(task.executor);
  if (executor !== undefined && executor.info === undefined) setExecutor(step, framework, task.executor, undefined);
}

/** The wait for an acknowledgement is over (UPD-3). */
export function onResendDue(step: Step, framework: string, id: string): void {
  const stream = step.state.frameworks.get(framework)?.streams.get(id);
  if (stream === undefined) return;
  const after = resend(stream, step.at, step.state.description.streamConfig);
  setStream(step, framework, id, after.stream);
  if (after.send !== undefined) sendUpdate(step, framework, id, after.send);
}

/** The way to the master is closed: streams wait. */
export function pauseStreams(step: Step): void {
  for (const [framework, { streams }] of step.state.frameworks.entries()) {
    for (const [task, stream] of streams.entries()) {
      if (stream.resendAt !== undefined) setStream(step, framework, task, pause(stream));
    }
  }
}

/** The way to the master is open: what waits for an acknowledgement is sent at once (UPD-8). */
export function resumeStreams(step: Step): void {
  const config = step.state.description.streamConfig;
  for (const [framework, { streams }] of step.state.frameworks.entries()) {
    for (const [task, stream] of streams.entries()) {
      const after = resume(stream, step.at, config);
      if (after.send === undefined) continue;
      setStream(step, framework, task, after.stream);
      sendUpdate(step, framework, task, after.send);
    }
  }
}

/** Whether the agent may speak of killing to this framework, and does so itself for the task (KILL-3). */
export function saysKilling(step: Step, framework: string, task: AgentTask): boolean {
  const known = step.state.frameworks.get(framework);
  if (known?.info?.capabilities.includes('task-killing-state') !== true) return false;
  return isManaged(known.executors.get(task.executor)) && (task.state === 'starting' || task.state === 'running');
}
