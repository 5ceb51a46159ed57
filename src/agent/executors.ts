/** Executors that end, frameworks and agents that are ended, and words that pass through (KILL-4, KILL-5, FW-7, AG-6). */
import { Table } from '../resources/index.js';
import {
  exitSituation,
  isDuration,
  isTerminal,
  outcome,
  type FrameworkMessageCommand,
  type ShutdownExecutorCommand,
} from '../tasks/index.js';
import { executorKey } from './launch.js';
import type { ExecutorExitedInput, ExecutorMessageInput } from './messages.js';
import type { AgentExecutor, AgentFramework } from './state.js';
import { drop, isOpen, remind, report, setExecutor, setFramework, settle, tell, type Step } from './step.js';
import { pushOwnUpdate } from './updates.js';

/** What an executor has between the demand to end and the force, unless its `ExecutorInfo` says otherwise, ms (KILL-4). */
export const defaultShutdownGraceMs = 5_000;

/** Finds an executor by its id: a framework's own before the agent's for a task of that id. */
function findExecutor(
  framework: AgentFramework | undefined,
  id: string,
): { readonly key: string; readonly executor: AgentExecutor } | undefined {
  for (const own of [false, true]) {
    const key = executorKey(id, own);
    const executor = framework?.executors.get(key);
    if (executor !== undefined) return { key, executor };
  }
  return undefined;
}

/** The master wants an executor ended (KILL-4). */
export function onShutdownExecutor(step: Step, { framework, executor: id }: ShutdownExecutorCommand): void {
  const found = findExecutor(step.state.frameworks.get(framework), id);
  if (found === undefined) drop(step);
  else shutdownExecutor(step, framework, found.key, found.executor);
}

/** Demands that an executor ends, and files when it will be made to. */
function shutdownExecutor(step: Step, framework: string, key: string, executor: AgentExecutor): void {
  const said = executor.info?.shutdownGraceMs;
  const graceMs = isDuration(said) ? said : defaultShutdownGraceMs;
  if (executor.ending === undefined) {
    const destroyAt = step.at + graceMs;
    setExecutor(step, framework, key, { ...executor, ending: { destroyAt } });
    remind(step, { at: destroyAt, kind: 'destroy-executor', path: [framework, key] });
  }
  tell(step, { type: 'shutdown-executor', framework, executor: executor.id, graceMs });
}

/** An executor's grace is over (KILL-4). Of a framework that was removed nothing is waited for any more. */
export function onExecutorGraceOver(step: Step, framework: string, key: string): void {
  const known = step.state.frameworks.get(framework);
  const executor = known?.executors.get(key);
  if (known === undefined || executor === undefined) return;
  tell(step, { type: 'destroy-executor', framework, executor: executor.id });
  setExecutor(step, framework, key, known.removed === true ? undefined : { ...executor, ending: {} });
  settle(step, framework);
}

/** The framework was removed: what runs of it is ended, all else is forgotten, and no more is said about it (FW-7). */
export function shutdownFramework(step: Step, id: string): void {
  const known = step.state.frameworks.get(id);
  if (known === undefined || known.removed === true) return;
  // An executor of the agent's own whose task is over has nothing to end.
  const live = known.executors.entries().filter(([, executor]) => {
    const task = executor.info === undefined ? known.tasks.get(executor.id) : undefined;
    return executor.info !== undefined || (task !== undefined && !isTerminal(task.state));
  });
  setFramework(step, id, {
    ...known,
    removed: true,
    tasks: Table.empty(),
    streams: Table.empty(),
    executors: Table.from(live),
  });
  for (const [key, executor] of live) shutdownExecutor(step, id, key, executor);
  settle(step, id);
}

/** The master ended the agent: it ends what it runs and never registers again (AG-6). */
export function shutdownAgent(step: Step): void {
  for (const framework of step.state.frameworks.keys()) shutdownFramework(step, framework);
  step.state = { ...step.state, operations: Table.empty(), link: { state: 'ended' } };
}

/**
 * An executor is gone. Tasks that it left behind have failed, or what its container's end makes of them (TASK-11); the
 * framework hears of an executor that it brought itself (TASK-12).
 */
export function onExecutorExited(step: Step, input: ExecutorExitedInput): void {
  const { framework, executor: id, status } = input;
  const known = step.state.frameworks.get(framework);
  const found = findExecutor(known, id);
  if (known === undefined || found === undefined) {
    drop(step);
    return;
  }
  const { key, executor } = found;
  // First the executor: tasks of its group need not be killed any more.
  setExecutor(step, framework, key, undefined);
  if (known.removed !== true) {
    failLeftovers(step, input, key, known);
    if (executor.info !== undefined && isOpen(step)) {
      const agent = step.state.id ?? '';
      report(step, {
        type: 'executor-exited',
        agent,
        framework,
        executor: id,
        ...(status !== undefined && { status }),
      });
    }
  }
  settle(step, framework);
}

function failLeftovers(step: Step, input: ExecutorExitedInput, key: string, known: AgentFramework): void {
  const aware = known.info?.capabilities.includes('partition-aware') ?? false;
  const expected = outcome(exitSituation(input.reason), aware);
  for (const [id, task] of known.tasks.entries()) {
    if (task.executor !== key || isTerminal(task.state)) continue;
    const overdue = task.expired === true && expected.reason === 'executor-terminated';
    const { state, reason } = overdue ? outcome('max-completion-time', aware) : expected;
    const message = input.message ?? 'The executor ended';
    pushOwnUpdate(step, input.framework, id, { state, reason, source: 'agent', executor: input.executor, message });
  }
}

/** Words of a framework for one of its executors: lost if there is none (KILL-5). */
export function onFrameworkMessage(step: Step, { framework, executor: id, data }: FrameworkMessageCommand): void {
  const known = step.state.frameworks.get(framework);
  if (known?.removed === true || findExecutor(known, id) === undefined) drop(step);
  else tell(step, { type: 'message', framework, executor: id, data });
}

/** Words of an executor for its framework: lost while the way to the master is closed (KILL-5). */
export function onExecutorMessage(step: Step, { framework, executor, data }: ExecutorMessageInput): void {
  const known = step.state.frameworks.get(framework);
  if (known === undefined || known.removed === true || !isOpen(step)) {
    drop(step);
    return;
  }
  report(step, { type: 'agent-message', agent: step.state.id ?? '', framework, executor, data });
}
