import { resources } from '../../src/resources/index.js';
import {
  agentTransition,
  emptyAgent,
  nextAgentDeadline,
  type AgentInput,
  type AgentOptions,
  type AgentOutput,
  type AgentState,
} from '../../src/agent/index.js';
import type {
  Command,
  ExecutorInfo,
  Report,
  ReportedFramework,
  StatusReport,
  TaskInfo,
  TaskState,
} from '../../src/tasks/index.js';

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
/** An input without its time. */
export type Happening = Without<AgentInput, 'at'>;
/** A command for the agent `a1`. */
export type Order = Without<Command, 'agent'>;

/** An agent with a clock: what goes in happens now, what comes out is told in words. */
export interface Harness {
  state: AgentState;
  now: number;
  /** Everything that came out so far. */
  readonly all: AgentOutput[];
  /** Lets something happen and tells what came out. */
  happen(input: Happening): string[];
  order(order: Order): string[];
  /** Lets time pass, with a tick at every deadline on the way. */
  pass(ms: number): string[];
  /** The uuid of the latest update of a task. */
  uuid(task: string): string;
  acknowledge(task: string): string[];
  says(task: string, state: TaskState, more?: Partial<Extract<Happening, { type: 'executor-update' }>>): string[];
}

const framework: ReportedFramework = { id: 'F1', roles: ['web'], capabilities: ['partition-aware'] };

/** A task as the master sends it. */
export function taskInfo(id: string, more: Partial<TaskInfo> = {}): TaskInfo {
  return { id, agent: 'a1', role: 'web', resources: resources('cpus:1;mem:100'), command: { value: 'x' }, ...more };
}

/** An executor as the master sends it. */
export function executorInfo(id: string, more: Partial<ExecutorInfo> = {}): ExecutorInfo {
  return { id, framework: 'F1', role: 'web', type: 'custom', resources: resources('cpus:0.1;mem:32'), ...more };
}

/** The order to launch a task. */
export function launch(task: TaskInfo, info: Partial<ReportedFramework> = {}): Order {
  return { type: 'launch', framework: info.id ?? 'F1', task, frameworkInfo: { ...framework, ...info } };
}

/** The order to launch a group. */
export function launchGroup(
  executor: ExecutorInfo,
  tasks: readonly TaskInfo[],
  info: Partial<ReportedFramework> = {},
): Order {
  return {
    type: 'launch-group',
    framework: info.id ?? 'F1',
    executor,
    tasks,
    frameworkInfo: { ...framework, ...info },
  };
}

function tellStatus({ task, state, latestState, reason, uuid }: StatusReport): string {
  const parts = ['status', task];
  if (state !== undefined) parts.push(state);
  if (latestState !== undefined) parts.push(`latest=${latestState}`);
  if (reason !== undefined) parts.push(`(${reason})`);
  if (uuid === undefined) parts.push('without uuid');
  return parts.join(' ');
}

function tellReport(report: Report): string {
  switch (report.type) {
    case 'status':
      return tellStatus(report);
    case 'executor-exited':
      return `executor-exited ${report.executor}`;
    case 'reregister':
      return `reregister ${(report.tasks ?? []).map((task) => `${task.id}:${task.state}`).join(' ')}`.trimEnd();
    default:
      return report.type;
  }
}

/** An output in words. */
export function tell(output: AgentOutput): string {
  if (output.to === 'master') return tellReport(output.report);
  const { message } = output;
  switch (message.type) {
    case 'launch-task':
      return `launch-task ${message.task.id} on ${message.executor}${message.starts ? ' (new)' : ''}`;
    case 'launch-group':
      return `launch-group ${message.tasks.map((task) => task.id).join(' ')} on ${message.executor}${message.starts ? ' (new)' : ''}`;
    case 'kill-task':
      return `kill-task ${message.task} within ${message.graceMs}`;
    case 'destroy-task':
      return `destroy-task ${message.task}`;
    case 'shutdown-executor':
      return `shutdown-executor ${message.executor} within ${message.graceMs}`;
    case 'destroy-executor':
      return `destroy-executor ${message.executor}`;
    case 'acknowledged':
      return `acknowledged ${message.task} ${message.uuid}`;
    case 'message':
      return `message ${message.data} for ${message.executor}`;
  }
}

/** An agent at time 0. */
export function harness(options: Partial<AgentOptions> = {}): Harness {
  const all: AgentOutput[] = [];
  const self: Harness = {
    state: emptyAgent({ id: 'a1', resources: 'cpus:8;mem:8000', seed: 1, ...options }),
    now: 0,
    all,
    happen(input) {
      const [next, outputs] = agentTransition(self.state, { ...input, at: self.now } as AgentInput);
      self.state = next;
      all.push(...outputs);
      return outputs.map(tell);
    },
    order(order) {
      return self.happen({ type: 'command', command: { ...order, agent: 'a1' } as Command });
    },
    pass(ms) {
      const said: string[] = [];
      const until = self.now + ms;
      for (
        let due = nextAgentDeadline(self.state);
        due !== undefined && due <= until;
        due = nextAgentDeadline(self.state)
      ) {
        self.now = Math.max(self.now, due);
        said.push(...self.happen({ type: 'tick' }));
      }
      self.now = until;
      return said;
    },
    uuid(task) {
      for (const output of all.toReversed()) {
        if (
          output.to === 'master' &&
          output.report.type === 'status' &&
          output.report.task === task &&
          output.report.uuid !== undefined
        ) {
          return output.report.uuid;
        }
      }
      return 'none';
    },
    acknowledge(task) {
      return self.order({ type: 'acknowledge', framework: 'F1', task, uuid: self.uuid(task) });
    },
    says(task, state, more = {}) {
      return self.happen({ type: 'executor-update', framework: 'F1', task, state, ...more });
    },
  };
  return self;
}

/** An agent that its master has admitted. */
export function admitted(options: Partial<AgentOptions> = {}): Harness {
  const it = harness(options);
  it.happen({ type: 'connected', connection: 'c1' });
  it.order({ type: 'registered', connection: 'c1' });
  return it;
}

/** An admitted agent with a running task `t1`, of which everything is acknowledged. */
export function running(more: Partial<TaskInfo> = {}, info: Partial<ReportedFramework> = {}): Harness {
  const it = admitted();
  it.order(launch(taskInfo('t1', more), info));
  it.says('t1', 'running');
  it.acknowledge('t1');
  return it;
}
