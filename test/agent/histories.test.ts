import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentFromJSON,
  agentToJSON,
  agentTransition,
  emptyAgent,
  heldResources,
  nextAgentDeadline,
  type AgentInput,
  type AgentOutput,
  type AgentState,
} from '../../src/agent/index.js';
import { standing } from '../../src/agent/step.js';
import { add, noResources, resources } from '../../src/resources/index.js';
import { isTerminal, taskStates, type Command, type ReportedFramework, type TaskState } from '../../src/tasks/index.js';
import { executorInfo, taskInfo } from './harness.js';

/** Something that may happen to an agent, not yet knowing which uuids there will be. */
type Act = (state: AgentState, at: number) => AgentInput;

const frameworks = ['F1', '__proto__'] as const;
const ids = ['t1', 't2', 't3', '__proto__'] as const;
const framework = fc.constantFrom(...frameworks);
const id = fc.constantFrom(...ids);
const executorId = fc.constantFrom('e1', 't1', 'pod');

const order =
  (command: Command): Act =>
  (_, at) => ({ type: 'command', at, command });

const info = (of: string): ReportedFramework => ({
  id: of,
  roles: ['web'],
  capabilities: of === 'F1' ? ['partition-aware', 'task-killing-state'] : [],
});

const launch = fc
  .tuple(framework, id, fc.option(executorId, { nil: undefined }), fc.option(fc.nat(5_000), { nil: undefined }))
  .map(([of, task, executor, maxCompletionMs]) =>
    order({
      type: 'launch',
      agent: 'a1',
      framework: of,
      frameworkInfo: info(of),
      task: taskInfo(task, {
        ...(executor !== undefined && { executor: executorInfo(executor, { framework: of }) }),
        ...(maxCompletionMs !== undefined && { maxCompletionMs }),
      }),
    }),
  );
const launchGroup = fc
  .tuple(framework, fc.uniqueArray(id), fc.constantFrom('default', 'custom'))
  .map(([of, tasks, type]) =>
    order({
      type: 'launch-group',
      agent: 'a1',
      framework: of,
      frameworkInfo: info(of),
      executor: executorInfo('pod', { framework: of, type: type as 'default' | 'custom' }),
      tasks: tasks.map((task) => taskInfo(task)),
    }),
  );
const kill = fc
  .tuple(framework, id, fc.option(fc.constantFrom(0, 500, 20_000, NaN), { nil: undefined }))
  .map(([of, task, graceMs]) =>
    order({
      type: 'kill',
      agent: 'a1',
      framework: of,
      task,
      ...(graceMs !== undefined && { killPolicy: { graceMs } }),
    }),
  );
const update = fc
  .tuple(
    framework,
    id,
    fc.constantFrom(...taskStates),
    fc.option(fc.constantFrom('u1', 'u2', 'u3'), { nil: undefined }),
  )
  .map(([of, task, state, uuid]): Act => (_, at) => ({
    type: 'executor-update',
    at,
    framework: of,
    task,
    state,
    ...(uuid !== undefined && { uuid }),
  }));
/** The framework acknowledges what is in flight. */
const acknowledge = fc.tuple(framework, id).map(([of, task]): Act => (state, at) => {
  const uuid = state.frameworks.get(of)?.streams.get(task)?.pending[0]?.uuid ?? 'nothing';
  return { type: 'command', at, command: { type: 'acknowledge', agent: 'a1', framework: of, task, uuid } };
});
const exited = fc
  .tuple(framework, executorId)
  .map(([of, executor]): Act => (_, at) => ({ type: 'executor-exited', at, framework: of, executor }));
const reconcile = fc
  .tuple(framework, id)
  .map(([of, task]) =>
    order({ type: 'reconcile', agent: 'a1', tasks: [{ framework: of, task, partitionAware: true }] }),
  );
const link: fc.Arbitrary<Act> = fc.constantFrom<Act>(
  (_, at) => ({ type: 'connected', at }),
  (_, at) => ({ type: 'disconnected', at }),
  order({ type: 'registered', agent: 'a1' }),
  order({ type: 'registered', agent: 'a1' }),
  order({ type: 'registration-refused', agent: 'a1', code: 'no', message: 'no' }),
);
const shutdown = fc
  .tuple(framework, executorId, fc.nat(9))
  .map(([of, executor, which]) =>
    which === 0
      ? order({ type: 'shutdown-framework', agent: 'a1', framework: of })
      : order({ type: 'shutdown-executor', agent: 'a1', framework: of, executor }),
  );
const operations = ['P1', 'P2', '__proto__'] as const;
/** Some can be done, some can't. */
const operate = fc
  .tuple(fc.constantFrom(...operations, undefined), fc.constantFrom('cpus:1', 'mem:5000', 'gpus:1'))
  .map(([uuid, text]) =>
    order({
      type: 'apply-operation',
      agent: 'a1',
      operation: 'reserve',
      consumed: resources(text),
      converted: resources(text.replace(':', '(web):')),
      ...(uuid !== undefined && { uuid, framework: 'F1', id: 'o' }),
    }),
  );
const acknowledgeOperation = fc.constantFrom(...operations).map((operation): Act => (state, at) => {
  const uuid = state.operations.get(operation)?.statusUuid ?? 'nothing';
  return { type: 'command', at, command: { type: 'acknowledge-operation', agent: 'a1', operation, uuid } };
});
const tick: fc.Arbitrary<Act> = fc.constant((_: AgentState, at: number): AgentInput => ({ type: 'tick', at }));

const act = fc.oneof(
  { arbitrary: launch, weight: 4 },
  { arbitrary: launchGroup, weight: 2 },
  { arbitrary: kill, weight: 3 },
  { arbitrary: update, weight: 10 },
  { arbitrary: acknowledge, weight: 8 },
  { arbitrary: exited, weight: 1 },
  { arbitrary: reconcile, weight: 1 },
  { arbitrary: link, weight: 3 },
  { arbitrary: shutdown, weight: 1 },
  { arbitrary: operate, weight: 3 },
  { arbitrary: acknowledgeOperation, weight: 2 },
  { arbitrary: tick, weight: 3 },
);
const history = fc.array(fc.tuple(act, fc.constantFrom(0, 1, 400, 5_000, 12_000)), { maxLength: 80, size: 'max' });

/** An agent that its master knows. */
const born: AgentState = [
  { type: 'connected', at: 0 } as const,
  { type: 'command', at: 0, command: { type: 'registered', agent: 'a1' } } as const,
].reduce(
  (state, input) => agentTransition(state, input)[0],
  emptyAgent({ id: 'a1', resources: 'cpus:8;mem:8000', seed: 7, heartbeatMs: 15_000 }),
);

interface Moment {
  readonly before: AgentState;
  readonly input: AgentInput;
  readonly after: AgentState;
  readonly outputs: readonly AgentOutput[];
}

/** Lets it all happen, and looks at every moment. */
function live(acts: readonly (readonly [Act, number])[], look: (moment: Moment) => void): AgentState {
  let state = born;
  let at = 0;
  for (const [next, wait] of acts) {
    at += wait;
    const input = next(state, at);
    const [after, outputs] = agentTransition(state, input);
    look({ before: state, input, after, outputs });
    state = after;
  }
  return state;
}

/** Whether an input may take an update out of the front of a task's stream. */
function forgets(input: AgentInput, framework: string, task: string, uuid: string): boolean {
  if (input.type !== 'command' || !('framework' in input.command) || input.command.framework !== framework)
    return false;
  const { command } = input;
  switch (command.type) {
    case 'acknowledge':
      return command.task === task && command.uuid === uuid;
    case 'launch':
      return command.task.id === task;
    case 'launch-group':
      return command.tasks.some((it) => it.id === task);
    default:
      return command.type === 'shutdown-framework';
  }
}

const text = (state: AgentState): string => JSON.stringify(agentToJSON(state));

describe('any history of an agent', () => {
  it('has one update of a task in flight, always the oldest (UPD-2), and tells the master nothing while cut off', () => {
    fc.assert(
      fc.property(history, (acts) => {
        live(acts, ({ before, input, after, outputs }) => {
          for (const output of outputs) {
            if (output.to !== 'master') continue;
            const { report } = output;
            if (report.type === 'register' || report.type === 'reregister') continue;
            // Open before (what is due is done first) or after.
            expect(before.link.state === 'up' || after.link.state === 'up').toBe(true);
            if (report.type !== 'status' || report.uuid === undefined) continue;
            const fronts = [before, after].map(
              (state) => state.frameworks.get(report.framework)?.streams.get(report.task)?.pending[0]?.uuid,
            );
            expect(fronts).toContain(report.uuid);
          }
          expect(input.at).toBeLessThanOrEqual(after.now);
        });
      }),
    );
  });

  it('goes on to the next update only when the one in flight was acknowledged, or its task is forgotten (UPD-2, UPD-4)', () => {
    fc.assert(
      fc.property(history, (acts) => {
        live(acts, ({ before, input, after }) => {
          for (const [of, { streams }] of before.frameworks.entries()) {
            for (const [task, { pending }] of streams.entries()) {
              const [front] = pending;
              const now = after.frameworks.get(of)?.streams.get(task)?.pending[0];
              if (front === undefined || now?.uuid === front.uuid) continue;
              expect(forgets(input, of, task, front.uuid), `${of} ${task}`).toBe(true);
            }
          }
        });
      }),
    );
  });

  it('applies an operation once, and says what became of it until that is acknowledged (OP-2)', () => {
    fc.assert(
      fc.property(history, (acts) => {
        live(acts, ({ before, input, after, outputs }) => {
          const command = input.type === 'command' ? input.command : undefined;
          const known = [...before.operations.keys(), ...before.settledOperations];
          if (command?.type === 'apply-operation' && known.includes(command.uuid ?? '')) {
            expect(String(after.description.resources)).toBe(String(before.description.resources));
          }
          for (const [operation, { statusUuid }] of before.operations.entries()) {
            if (after.operations.get(operation)?.statusUuid === statusUuid) continue;
            expect(command).toMatchObject({ type: 'acknowledge-operation', operation, uuid: statusUuid });
          }
          if (after.link.state !== 'up') return;
          for (const operation of after.operations.keys()) {
            if (before.link.state === 'up' && before.operations.has(operation)) continue;
            const said = outputs.some(
              ({ to, ...output }) =>
                to === 'master' &&
                'report' in output &&
                output.report.type === 'operation-status' &&
                output.report.operation === operation,
            );
            expect(said, operation).toBe(true);
          }
        });
      }),
    );
  });

  it('tells the master the latest state of each task as soon as it may (TASK-7)', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const known = new Map<string, TaskState>();
        live(acts, ({ after, outputs }) => {
          for (const output of outputs) {
            if (output.to === 'executor') {
              const { message } = output;
              const tasks =
                message.type === 'launch-task' ? [message.task] : message.type === 'launch-group' ? message.tasks : [];
              for (const task of tasks) known.set(JSON.stringify([message.framework, task.id]), 'staging');
            } else if (output.report.type === 'reregister') {
              for (const task of output.report.tasks ?? [])
                known.set(JSON.stringify([task.framework, task.id]), task.state);
            } else if (output.report.type === 'status') {
              const { framework: of, task, state, latestState } = output.report;
              const latest = latestState ?? state;
              if (latest !== undefined) known.set(JSON.stringify([of, task]), latest);
            }
          }
          if (after.link.state !== 'up') return;
          for (const [of, { tasks }] of after.frameworks.entries()) {
            for (const [task, { state }] of tasks.entries()) expect(known.get(JSON.stringify([of, task]))).toBe(state);
          }
        });
      }),
    );
  });

  it('knows its earliest deadline, and reaches quiet if time just passes', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const last = live(acts, ({ after }) => {
          const due = standing(after).map(({ at }) => at);
          const { link: now } = after;
          if (now.state === 'up' && now.heartbeatAt !== undefined) due.push(now.heartbeatAt);
          if (now.state === 'registering') due.push(now.retryAt);
          expect(nextAgentDeadline(after)).toBe(due.length === 0 ? undefined : Math.min(...due));
        });
        let [state] = agentTransition(last, { type: 'disconnected', at: last.now });
        let ticks = 0;
        for (let due = nextAgentDeadline(state); due !== undefined && ticks < 100; due = nextAgentDeadline(state)) {
          [state] = agentTransition(state, { type: 'tick', at: Math.max(due, state.now) });
          ticks += 1;
        }
        expect(standing(state)).toEqual([]);
      }),
    );
  });

  it('delivers everything in the end: with a master that acknowledges nothing is left to say (L3)', () => {
    fc.assert(
      fc.property(history, (acts) => {
        let state = live(acts, () => {});
        const feed = (input: AgentInput): readonly AgentOutput[] => {
          const [next, outputs] = agentTransition(state, input);
          state = next;
          return outputs;
        };
        feed({ type: 'connected', at: state.now });
        const queue = [...feed({ type: 'command', at: state.now, command: { type: 'registered', agent: 'a1' } })];
        for (let output = queue.shift(); output !== undefined; output = queue.shift()) {
          if (output.to !== 'master') continue;
          if (output.report.type === 'operation-status') {
            const { operation, uuid = '' } = output.report;
            feed({
              type: 'command',
              at: state.now,
              command: { type: 'acknowledge-operation', agent: 'a1', operation, uuid },
            });
          }
          if (output.report.type !== 'status' || output.report.uuid === undefined) continue;
          const { framework: of, task, uuid } = output.report;
          queue.push(
            ...feed({
              type: 'command',
              at: state.now,
              command: { type: 'acknowledge', agent: 'a1', framework: of, task, uuid },
            }),
          );
        }
        expect(state.operations.size).toBe(0);
        for (const known of state.frameworks.values()) {
          expect(known.streams.values().flatMap((stream) => stream.pending)).toEqual([]);
          expect(known.tasks.values().filter((task) => isTerminal(task.state))).toEqual([]);
        }
      }),
    );
  });

  it('writes and reads itself, and goes on alike (UPD-8)', () => {
    fc.assert(
      fc.property(history, fc.nat(80), (acts, when) => {
        let moment = 0;
        let copy: AgentState | undefined;
        live(acts, ({ before, input, after, outputs }) => {
          if (moment === when) copy = agentFromJSON(JSON.parse(text(before)));
          moment += 1;
          if (copy === undefined) return;
          const [next, said] = agentTransition(copy, input);
          expect(JSON.stringify(said)).toBe(JSON.stringify(outputs));
          expect(text(next)).toBe(text(after));
          copy = next;
        });
      }),
    );
  });

  it('leaves every earlier state as it was: forks are independent, and the same history says the same', () => {
    fc.assert(
      fc.property(history, history, (acts, others) => {
        const kept: { readonly state: AgentState; readonly text: string }[] = [];
        const said: string[] = [];
        live(acts, ({ before, outputs }) => {
          kept.push({ state: before, text: text(before) });
          said.push(JSON.stringify(outputs));
        });
        for (const { state } of kept.slice(-3)) {
          let fork = state;
          for (const [next, wait] of others) [fork] = agentTransition(fork, next(fork, fork.now + wait));
        }
        for (const { state, text: was } of kept) expect(text(state)).toBe(was);
        const again: string[] = [];
        live(acts, ({ outputs }) => again.push(JSON.stringify(outputs)));
        expect(again).toEqual(said);
      }),
      { numRuns: 50 },
    );
  });

  it('reports on return exactly what it holds', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const last = live(acts, () => {});
        const [, outputs] = agentTransition(last, { type: 'connected', at: last.now });
        const output = outputs.at(-1);
        if (output?.to !== 'master' || output.report.type !== 'reregister') throw new Error('no return');
        const { tasks = [], executors = [], frameworks: known = [] } = output.report;
        const live_ = tasks.filter((task) => !isTerminal(task.state)).map((task) => resources(task.resources));
        const sum = [...live_, ...executors.map((it) => resources(it.resources ?? ''))].reduce(
          (a, b) => add(a, b),
          noResources,
        );
        expect(sum.toString()).toBe(heldResources(last).toString());
        const named = new Set(known.map((it) => it.id));
        for (const task of tasks) expect(named.has(task.framework)).toBe(true);
      }),
    );
  });
});
