/**
 * The agent's side of two-level scheduling as a pure machine: it holds tasks, keeps their updates until they are
 * acknowledged, and escalates kills. Whoever runs it carries out its outputs in order: reports go to the master, messages
 * to executors. Nothing is lost when the state is written down before the outputs are carried out.
 *
 * | input | does | rows |
 * |---|---|---|
 * | `connected` | registers, or returns with everything it holds | AG-1, AG-11 |
 * | `disconnected` | updates wait; tasks go on | UPD-8 |
 * | `command` registered | heartbeats begin, waiting updates are sent at once | AG-1, AG-2 |
 * | `command` registration-refused, shutdown-agent | silence; or the end of all it runs | AG-6, AG-9 |
 * | `command` launch, launch-group | hands the tasks to their executor | GROUP-1 |
 * | `command` kill | demands the task's end, forces it when its grace is over | KILL-1 … 3 |
 * | `command` shutdown-executor | likewise for an executor | KILL-4 |
 * | `command` shutdown-framework | ends and forgets everything of it | FW-7 |
 * | `command` acknowledge | sends the next update of the task | UPD-2, UPD-4 |
 * | `command` reconcile | answers for tasks that it does not have | AG-11 |
 * | `command` apply-operation | changes what it has, and says so until that is acknowledged | OP-2, OP-3 |
 * | `command` acknowledge-operation | it is not said again | OP-2 |
 * | `command` framework-message | passes it on | KILL-5 |
 * | `executor-update` | queues it, tells the master the latest state | UPD-1 … 5, TASK-7 |
 * | `executor-exited` | leftover tasks have failed | TASK-11, TASK-12 |
 * | `executor-message` | passes it on | KILL-5 |
 * | `tick` | what is due: resends, escalations, heartbeats | UPD-3 |
 *
 * Every input first does what is due up to its time. What makes no sense (an unknown task, a stale answer) is counted
 * in `dropped` and changes nothing else.
 */
import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import type { Command } from '../tasks/index.js';
import { first, withoutFirst } from './deadlines.js';
import {
  onExecutorExited,
  onExecutorGraceOver,
  onExecutorMessage,
  onFrameworkMessage,
  onShutdownExecutor,
  shutdownAgent,
  shutdownFramework,
} from './executors.js';
import { onExpired, onGraceOver, onKill, takeDownGroups } from './kill.js';
import { answerReconcile, onLaunch, onLaunchGroup } from './launch.js';
import type { AgentInput, AgentOutput } from './messages.js';
import { checkInput } from './input.js';
import { onAcknowledgeOperation, onApplyOperation, onOperationResendDue } from './operations.js';
import { onConnected, onDisconnected, onHeartbeatDue, onRefused, onRegistered, onRetryDue } from './registration.js';
import type { AgentState } from './state.js';
import { beginStep, drop, endStep, stands, type Step } from './step.js';
import { onAcknowledge, onExecutorUpdate, onResendDue } from './updates.js';

/**
 * One step of an agent. Pure: the state that it is given stays as it is.
 *
 * @returns the next state, and what the caller now owes, in order.
 * @throws InputError only for an input of the wrong shape: `bad-input`, `bad-number`, `unknown-input`, `bad-resources`.
 * @example
 * let [agent, outputs] = agentTransition(emptyAgent({ id: 'a1', resources: 'cpus:4', seed: 1 }), { type: 'connected', at: 0 });
 * outputs; // [{ to: 'master', report: { type: 'register', agent: 'a1', … } }]
 */
export function agentTransition(state: AgentState, input: AgentInput): readonly [AgentState, readonly AgentOutput[]] {
  checkInput(input);
  const step = beginStep(state, input.at);
  fireDue(step);
  act(step, input);
  takeDownGroups(step);
  return endStep(step);
}

/**
 * When the agent wants a `tick`, ms; `undefined` = nothing will happen by itself. It may be now, or earlier if the
 * caller is late.
 */
export function nextAgentDeadline(state: AgentState): number | undefined {
  const { link } = state;
  const due = first(state.deadlines)?.at ?? Infinity;
  const own = link.state === 'up' ? link.heartbeatAt : link.state === 'registering' ? link.retryAt : undefined;
  const next = Math.min(due, own ?? Infinity);
  return next === Infinity ? undefined : next;
}

/** Does what is due, in the order in which it fell due. */
function fireDue(step: Step): void {
  const { link } = step.state;
  if (link.state === 'up' && link.heartbeatAt !== undefined && link.heartbeatAt <= step.at) onHeartbeatDue(step);
  if (link.state === 'registering' && link.retryAt <= step.at) onRetryDue(step);
  for (
    let due = first(step.state.deadlines);
    due !== undefined && due.at <= step.at;
    due = first(step.state.deadlines)
  ) {
    step.state = { ...step.state, deadlines: withoutFirst(step.state.deadlines) };
    if (!stands(step.state, due)) continue;
    const [framework = '', id = ''] = due.path;
    if (due.kind === 'destroy-executor') onExecutorGraceOver(step, framework, id);
    else if (due.kind === 'destroy-task') onGraceOver(step, framework, id);
    else if (due.kind === 'expire') onExpired(step, framework, id);
    else if (due.kind === 'resend-operation') onOperationResendDue(step, framework);
    else onResendDue(step, framework, id);
  }
}

function act(step: Step, input: AgentInput): void {
  switch (input.type) {
    case 'command':
      return obey(step, input.command);
    case 'executor-update':
      return onExecutorUpdate(step, input);
    case 'executor-exited':
      return onExecutorExited(step, input);
    case 'executor-message':
      return onExecutorMessage(step, input);
    case 'connected':
      return onConnected(step, input);
    case 'disconnected':
      return onDisconnected(step, input);
    case 'tick':
      return;
  }
  input satisfies never;
  throw new InputError('unknown-input', 'type', `There is no input ${quote((input as AgentInput).type)}`);
}

function obey(step: Step, command: Command): void {
  if (command.type === 'registered') return onRegistered(step, command);
  if (command.type === 'registration-refused') return onRefused(step, command);
  // For somebody else, or for an agent that is not admitted yet or not any more.
  if (command.agent !== step.state.id || step.state.link.state === 'ended') return drop(step);
  switch (command.type) {
    case 'launch':
      return onLaunch(step, command);
    case 'launch-group':
      return onLaunchGroup(step, command);
    case 'kill':
      return onKill(step, command);
    case 'shutdown-executor':
      return onShutdownExecutor(step, command);
    case 'shutdown-framework':
      return shutdownFramework(step, command.framework);
    case 'shutdown-agent':
      return shutdownAgent(step);
    case 'acknowledge':
      return onAcknowledge(step, command);
    case 'reconcile':
      for (const { framework, task, partitionAware } of command.tasks)
        answerReconcile(step, framework, task, partitionAware);
      return;
    case 'apply-operation':
      return onApplyOperation(step, command);
    case 'acknowledge-operation':
      return onAcknowledgeOperation(step, command);
    case 'framework-message':
      return onFrameworkMessage(step, command);
  }
  command satisfies never;
  throw new InputError('unknown-input', 'command.type', `There is no command ${quote((command as Command).type)}`);
}
