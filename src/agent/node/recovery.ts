/** What an agent that comes back finds of what it ran (AG-11, EXEC-1). */
import type { AgentFramework, AgentState, AgentTask, ExecutorInput } from '../index.js';
import { isManaged } from '../state.js';
import { isTerminal } from '../../tasks/index.js';
import type { RunRecord } from './journal.js';
import type { Runner } from './runner.js';

/** What an agent goes on with, and what it must tell its machine of the rest. */
export interface Recovered {
  readonly kept: readonly RunRecord[];
  readonly inputs: readonly ExecutorInput[];
}

/**
 * Finds again what an earlier life of the agent ran. Tasks that never started are said to be dropped; those of frameworks
 * that do not checkpoint are ended, because their master has given them up (AG-3).
 */
export function recoverRuns(state: AgentState, runs: readonly RunRecord[], runner: Runner): Recovered {
  const kept: RunRecord[] = [];
  const inputs: ExecutorInput[] = [];
  for (const [framework, known] of state.frameworks.entries()) {
    const lost = (executor: string): void => {
      const message = 'The agent restarted before it had started this';
      inputs.push({ type: 'executor-exited', framework, executor, reason: 'agent-restarted', message });
    };
    // The master has removed it: what it had noted as running must not go on, although nothing else is known of it.
    if (known.removed === true) for (const run of runs) if (run.framework === framework) runner.endRun(run);
    for (const [id, task] of known.tasks.entries()) {
      if (isTerminal(task.state) || !isManaged(known.executors.get(task.executor))) continue;
      const record = newest(runs, framework, id, false);
      const group = known.executors.get(task.executor)?.info?.id;
      if (record !== undefined && runner.own.resume(framework, task.info, record, group)) {
        kept.push(record);
        demandAgain(task, () =>
          runner.own.signal(framework, id, task.kill?.destroyAt === undefined ? 'SIGKILL' : 'SIGTERM'),
        );
      } else if (group === undefined) lost(id);
      else inputs.push(neverStarted(framework, id, task));
    }
    for (const id of foreignExecutors(known)) {
      const record = newest(runs, framework, id, true);
      if (record !== undefined && runner.foreign.resume(framework, id, record)) kept.push(record);
      else lost(id);
    }
    if (known.info?.checkpoint !== true) endAll(known, framework, runner);
  }
  return { kept, inputs };
}

/** A kill that was written down may not have been carried out any more. */
function demandAgain({ kill }: AgentTask, end: () => void): void {
  if (kill !== undefined) end();
}

/** A task of a group: the others may run, so its executor is not gone. */
function neverStarted(framework: string, task: string, { info }: AgentTask): ExecutorInput {
  const message = 'The agent restarted before it had started this';
  const executor = info.executor?.id;
  return {
    type: 'executor-update',
    framework,
    task,
    ...(executor !== undefined && { executor }),
    state: 'dropped',
    reason: 'agent-restarted',
    message,
  };
}

function endAll(known: AgentFramework, framework: string, runner: Runner): void {
  const { tasks } = known;
  for (const id of tasks.keys()) runner.own.signal(framework, id, 'SIGKILL');
  for (const id of foreignExecutors(known)) runner.foreign.destroy(framework, id);
}

function foreignExecutors({ executors }: AgentFramework): readonly string[] {
  return executors.values().flatMap(({ info, id }) => (info === undefined || info.type === 'default' ? [] : [id]));
}

function newest(runs: readonly RunRecord[], framework: string, id: string, isExecutor: boolean): RunRecord | undefined {
  return runs.findLast((run) => run.framework === framework && run.id === id && run.isExecutor === isExecutor);
}
