import { expect } from 'vitest';
import {
  emptyCluster,
  mesosDefaults,
  nextDeadline,
  offers,
  stepViolation,
  transition,
  type ClusterState,
  type ConfigLike,
  type Input,
  type Offer,
  type OperationLike,
  type Output,
} from '../../src/cluster/index.js';
import { isRunRequested, type Policy } from '../../src/offers/index.js';
import type { TaskLike, TaskState } from '../../src/tasks/index.js';

/** An input without its time, which the box stamps. */
export type Untimed = Input extends infer I ? (I extends unknown ? Omit<I, 'at'> : never) : never;
type Of<T extends Input['type']> = Omit<Extract<Input, { readonly type: T }>, 'type' | 'at'>;

/** A cluster with a clock, for tests that tell a story. Every input is checked by `stepViolation`. */
export class Cluster {
  state: ClusterState;
  policy: Policy | undefined;
  now = 0;

  constructor(state: ClusterState, policy?: Policy) {
    this.state = state;
    this.policy = policy;
    this.now = state.now;
  }

  /** One input, now; what the caller owes in words (see `inWords`). */
  send(input: Untimed): readonly string[] {
    return this.ask(input).map(inWords);
  }

  /** One input, now; the outputs themselves. */
  ask(input: Untimed): readonly Output[] {
    const timed = { ...input, at: this.now } as Input;
    const [after, outputs] = transition(this.state, timed, this.policy);
    expect(stepViolation(this.state, timed, after, outputs)).toBeUndefined();
    this.state = after;
    return outputs;
  }

  /** Performs the run that was asked for. */
  run(agents?: 'requested' | 'all'): readonly string[] {
    return this.send({ type: 'allocate', ...(agents === undefined ? {} : { agents }) });
  }

  /** An input, then the run that it asked for, as a shell does. */
  do(input: Untimed): readonly string[] {
    const first = this.send(input);
    return isRunRequested(this.state.allocator) ? [...first, ...this.run()] : first;
  }

  /** Lets time pass as a shell does: everything at its own instant. What comes of it reads `1000: …`. */
  pass(ms: number): readonly string[] {
    const target = this.now + ms;
    const lines: string[] = [];
    for (let due = nextDeadline(this.state); due !== undefined && due <= target; due = nextDeadline(this.state)) {
      this.now = Math.max(this.now, due);
      lines.push(...this.do({ type: 'tick' }).map((line) => `${this.now}: ${line}`));
    }
    this.now = target;
    lines.push(...this.do({ type: 'tick' }).map((line) => `${this.now}: ${line}`));
    return lines;
  }

  agent(id: string, resources: string, more: Partial<Of<'register'>> = {}): readonly string[] {
    return this.do({ type: 'register', agent: id, resources, ...more });
  }

  /** The framework `f1` speaks over the connection `c-f1`, unless told otherwise. */
  framework(id: string, roles: readonly string[], more: Partial<Of<'subscribe'>> = {}): readonly string[] {
    return this.do({ type: 'subscribe', framework: id, connection: `c-${id}`, roles, ...more });
  }

  /** Its outstanding offers, oldest first. */
  offersOf(framework: string): readonly Offer[] {
    return offers(this.state)
      .filter((offer) => offer.framework === framework)
      .sort((a, b) => number(a) - number(b));
  }

  accept(
    framework: string,
    ids: readonly string[],
    operations: readonly OperationLike[],
    more: Partial<Of<'accept'>> = {},
  ): readonly string[] {
    return this.send({ type: 'accept', framework, connection: `c-${framework}`, offers: ids, operations, ...more });
  }

  /** Accepts all outstanding offers of one agent with these tasks. */
  launch(
    framework: string,
    agent: string,
    tasks: readonly TaskLike[],
    more: Partial<Of<'accept'>> = {},
  ): readonly string[] {
    const ids = this.offersOf(framework).filter((offer) => offer.agent === agent);
    return this.accept(
      framework,
      ids.map(({ id }) => id),
      [{ type: 'launch', tasks }],
      more,
    );
  }

  decline(framework: string, ids: readonly string[], refuseSeconds?: number): readonly string[] {
    const refuse = refuseSeconds === undefined ? {} : { refuseSeconds };
    return this.send({ type: 'decline', framework, connection: `c-${framework}`, offers: ids, ...refuse });
  }

  /** Declines everything that the framework is offered. */
  declineAll(framework: string, refuseSeconds?: number): void {
    this.decline(
      framework,
      this.offersOf(framework).map(({ id }) => id),
      refuseSeconds,
    );
  }

  /** An update with a uuid that says what it is: `u-t1-running`. */
  status(
    agent: string,
    framework: string,
    task: string,
    state: TaskState,
    more: Partial<Of<'status'>> = {},
  ): readonly string[] {
    return this.send({ type: 'status', agent, framework, task, state, uuid: `u-${task}-${state}`, ...more });
  }

  acknowledge(agent: string, framework: string, task: string, uuid: string): readonly string[] {
    return this.send({ type: 'acknowledge', agent, framework, connection: `c-${framework}`, task, uuid });
  }

  /** Runs a task on an agent until it runs, acknowledged. The framework must be offered the agent. */
  runs(framework: string, agent: string, task: TaskLike): void {
    this.launch(framework, agent, [task], { refuseSeconds: 0 });
    this.status(agent, framework, task.id, 'running');
    this.acknowledge(agent, framework, task.id, `u-${task.id}-running`);
  }

  /** What is free of an agent, in words. */
  free(agent: string): string {
    return String(this.state.allocator.agents.get(agent)?.free ?? 'nobody');
  }
}

/** A cluster under Mesos's defaults: no offer timeout, no stall handling. Ids begin with `m`. */
export function cluster(config: ConfigLike = {}, policy?: Policy): Cluster {
  return new Cluster(emptyCluster({ ...mesosDefaults, masterId: 'm', ...config }), policy);
}

/** A task that says no more than it must. */
export function task(id: string, resources: string, more: Partial<TaskLike> = {}): TaskLike {
  return { id, resources, command: { value: 'sleep 1' }, ...more };
}

/** What an output says, on one line. */
export function inWords(output: Output): string {
  switch (output.type) {
    case 'offers':
      return `offers to ${output.framework}: ${output.offers.map(offerInWords).join(' | ')}`;
    case 'rescind':
      return `rescind from ${output.framework}: ${output.offer}`;
    case 'inverse-offers':
      return `inverse offers to ${output.framework}: ${output.offers.map(({ id, agent, unavailability }) => `${id} ${agent} from ${unavailability.start}`).join(' | ')}`;
    case 'rescind-inverse-offer':
      return `inverse rescind from ${output.framework}: ${output.offer}`;
    case 'update': {
      const { task: id, state, source, reason, uuid } = output.status;
      const why = [source, reason, uuid].filter((word) => word !== undefined).join(' ');
      return `update to ${output.framework}: ${id} ${state} (${why})`;
    }
    case 'operation-update':
      return `operation of ${output.framework}: ${output.operation} ${output.state}`;
    case 'subscribed':
      return `subscribed ${output.framework} over ${output.connection}`;
    case 'agent-message':
      return `message to ${output.framework} from ${output.executor} on ${output.agent}: ${output.data}`;
    case 'failure':
      return `failure to ${output.framework}: ${[output.agent, output.executor, output.status].filter((it) => it !== undefined).join(' ')}`;
    case 'rejected':
      return `rejected ${output.call} of ${output.framework ?? 'nobody'}: ${output.code}`;
    case 'error':
      return `error to ${output.connection}: ${output.code}`;
    case 'policy-failed':
      return `policy ${output.policy} failed: ${output.code}`;
    case 'launch':
      return `${output.agent}: launch ${output.task.id} of ${output.framework}`;
    case 'launch-group':
      return `${output.agent}: launch group ${output.tasks.map(({ id }) => id).join(', ')} of ${output.framework} on ${output.executor.id}`;
    case 'kill':
      return `${output.agent}: kill ${output.task} of ${output.framework}`;
    case 'acknowledge':
      return `${output.agent}: acknowledge ${output.uuid}`;
    case 'reconcile':
      return `${output.agent}: reconcile ${output.tasks.map(({ framework, task: id }) => `${framework}/${id}`).join(', ')}`;
    case 'shutdown-executor':
      return `${output.agent}: shut down executor ${output.executor} of ${output.framework}`;
    case 'shutdown-framework':
      return `${output.agent}: shut down ${output.framework}`;
    case 'apply-operation':
      return `${output.agent}: ${output.operation} ${String(output.consumed)} -> ${String(output.converted)}`;
    case 'acknowledge-operation':
      return `${output.agent}: acknowledge ${output.uuid} of operation ${output.operation}`;
    case 'shutdown-agent':
      return `${output.agent}: shut down`;
    case 'framework-message':
      return `${output.agent}: message to ${output.executor} of ${output.framework}: ${output.data}`;
    case 'registered':
      return `${output.agent}: registered`;
    case 'report-refused':
      return `${output.agent}: ${output.report} without effect, ${output.code}`;
    case 'registration-refused':
      return `${output.agent}: refused, ${output.code}${output.shutdown === true ? ', shut down' : ''}`;
  }
  return output satisfies never;
}

function offerInWords({ id, agent, role, resources }: Offer): string {
  return `${id} ${agent} as ${role} ${String(resources)}`;
}

/** Offers are numbered in the order in which they were made. */
function number({ id }: Offer): number {
  return Number(id.slice(id.lastIndexOf('O') + 1));
}
