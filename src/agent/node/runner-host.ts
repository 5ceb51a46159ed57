import type { AgentExecutor, AgentTask, ExecutorInput } from '../index.js';

/** The agent, as those see it who run its tasks. */
export interface RunnerHost {
  /** Tells the machine. */
  say(input: ExecutorInput): void;
  /** A task as the machine has it. */
  task(framework: string, id: string): AgentTask | undefined;
  /** Tasks of an executor that a framework brought. */
  tasksOf(framework: string, executor: string): readonly AgentTask[];
  /** An executor that a framework brought, as the machine has it. */
  executor(framework: string, id: string): AgentExecutor | undefined;
  /** For the log: something that is worth a line. */
  warn(message: string): void;
}
