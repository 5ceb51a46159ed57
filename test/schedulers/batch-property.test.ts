import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violation } from '../../src/cluster/index.js';
import type { Executor, ExecutorDriver } from '../../src/framework-api/index.js';
import { batchScheduler, type BatchJob, type BatchScheduler, type BatchState } from '../../src/schedulers/index.js';
import type { Clock } from '../../src/master/index.js';
import type { TaskInfo } from '../../src/tasks/index.js';
import type { MemoryAgent, MemoryFramework } from '../../src/transport/index.js';
import { lab, type Lab } from './harness.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const numRuns = Number(process.env['PROFFER_RUNS'] ?? 60);

/** What can go wrong. */
type Fault =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'crash' | 'silence' | 'disconnect' | 'return'; readonly agent: number }
  | { readonly type: 'lose-wire' | 'find-wire' }
  /** The scheduler's process dies as it is about to save, or as soon as it has saved, for the n-th time from now. */
  | { readonly type: 'die'; readonly saves: number; readonly written: boolean; readonly afterMs: number };

const waits = fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40 * second }) });
const agentNumber = fc.integer({ min: 0, max: 2 });
const mild = fc.oneof(
  { weight: 4, arbitrary: waits },
  fc.record({
    type: fc.constantFrom('silence' as const, 'disconnect' as const, 'return' as const),
    agent: agentNumber,
  }),
  fc.record({ type: fc.constantFrom('lose-wire' as const, 'find-wire' as const) }),
  fc.record({
    type: fc.constant('die' as const),
    saves: fc.integer({ min: 0, max: 4 }),
    written: fc.boolean(),
    afterMs: fc.integer({ min: 0, max: 20 * second }),
  }),
);
const harsh = fc.oneof(
  { weight: 5, arbitrary: mild },
  fc.record({ type: fc.constant('crash' as const), agent: agentNumber }),
);

const jobs = fc
  .array(
    fc.record({
      instances: fc.integer({ min: 1, max: 3 }),
      cpus: fc.constantFrom(1, 2),
      gang: fc.boolean(),
      after: fc.array(fc.nat(), { maxLength: 2 }),
      priority: fc.integer({ min: -1, max: 1 }),
      class: fc.constantFrom('urgent' as const, 'normal' as const, 'deferrable' as const),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) =>
    list.map(({ instances, cpus, after, ...more }, index): BatchJob => ({
      ...more,
      id: `j${index}`,
      after: index === 0 ? [] : after.map((other) => `j${other % index}`),
      tasks: [{ id: 't', payload: {}, resources: `cpus:${cpus};mem:32`, instances }],
    })),
  );

/** Runs of each instance, as the executors see them. */
class Runs {
  readonly started = new Map<string, number>();
  readonly finished = new Map<string, number>();
  readonly live = new Map<string, number>();
  /** Instances that ran twice at a time. */
  readonly doubled = new Set<string>();

  executor(clock: Clock): Executor {
    const running = new Map<string, { readonly of: string; readonly cancel: () => void }>();
    const stop = (task: string): boolean => {
      const run = running.get(task);
      if (run === undefined) return false;
      run.cancel();
      running.delete(task);
      this.#count(this.live, run.of, -1);
      return true;
    };
    const kill = (task: string, driver: ExecutorDriver): void => {
      if (stop(task)) driver.update({ task, state: 'killed' });
    };
    return {
      launch: (task, driver) => {
        const of = instanceOf(task);
        this.#count(this.started, of, 1);
        if (this.#count(this.live, of, 1) > 1) this.doubled.add(of);
        driver.update({ task: task.id, state: 'running' });
        const cancel = clock.wake(clock.now() + 7 * second, () => {
          if (!stop(task.id)) return;
          this.#count(this.finished, of, 1);
          driver.update({ task: task.id, state: 'finished' });
        });
        running.set(task.id, { of, cancel });
      },
      kill: (task, _grace, driver) => kill(task, driver),
      destroy(task, driver) {
        for (const each of task === undefined ? [...running.keys()] : [task]) kill(each, driver);
      },
    };
  }

  #count(counts: Map<string, number>, of: string, by: number): number {
    const count = (counts.get(of) ?? 0) + by;
    counts.set(of, count);
    return count;
  }
}

function instanceOf({ labels = [] }: TaskInfo): string {
  const value = (key: string): string => labels.find((label) => label.key === key)?.value ?? '';
  return `${value('job')}.${value('task')}.${value('instance')}`;
}

/** A cluster, a scheduler that dies and comes back, and what becomes of it all. */
class Story {
  readonly cluster: Lab = lab();
  readonly runs = new Runs();
  readonly agents: MemoryAgent[];
  batch: BatchScheduler;
  #framework: MemoryFramework;
  #kept: BatchState | undefined;
  #death: { saves: number; readonly written: boolean; readonly afterMs: number } | undefined;
  #dead = 0;
  #jobs: readonly BatchJob[] = [];
  readonly #options: { readonly seed: number; readonly unreachableAfterMs: number };

  constructor(_jobs: readonly BatchJob[], options: { readonly seed: number; readonly unreachableAfterMs: number }) {
    const { memory, clock } = this.cluster;
    this.#options = options;
    this.agents = ['a0', 'a1', 'a2'].map((id) =>
      memory.agent(id, 'cpus:4;mem:4096', { heartbeatMs: 2 * second, run: this.runs.executor(clock) }),
    );
    [this.batch, this.#framework] = this.#start();
  }

  /** A story in which the agents and the scheduler are known before anything is to be done or goes wrong. */
  static async begin(...args: ConstructorParameters<typeof Story>): Promise<Story> {
    const story = new Story(...args);
    await story.cluster.clock.settle();
    story.#jobs = args[0];
    story.batch.add(args[0]);
    return story;
  }

  async suffer(fault: Fault): Promise<void> {
    const { clock } = this.cluster;
    const agent = 'agent' in fault ? this.agents[fault.agent] : undefined;
    switch (fault.type) {
      case 'wait':
        return clock.advance(fault.ms);
      case 'crash':
        agent?.crash();
        return;
      case 'silence':
        return agent?.silence();
      case 'disconnect':
        return agent?.disconnect();
      case 'return':
        return agent?.return();
      case 'lose-wire':
        if (this.#dead === 0) this.#framework.disconnect();
        return;
      case 'find-wire':
        if (this.#dead === 0) this.#framework.return();
        return;
      case 'die':
        this.#death ??= { ...fault };
        return;
    }
  }

  /** Everything works again from now on, for as long as it takes. */
  async heal(): Promise<void> {
    this.#death = undefined;
    for (const agent of this.agents) agent.return();
    await this.cluster.clock.advance(minute);
    this.#framework.return();
    for (let waited = 0; waited < 3 * hour && !this.batch.summary().ok; waited += minute) {
      await this.cluster.clock.advance(minute);
    }
    await this.cluster.clock.advance(10 * second);
  }

  #start(): [BatchScheduler, MemoryFramework] {
    const { clock, memory } = this.cluster;
    const batch = batchScheduler({
      ...this.#options,
      clock,
      role: 'etl',
      jobs: this.#jobs,
      ...(this.#kept !== undefined && { restore: JSON.parse(JSON.stringify(this.#kept)) as unknown }),
      save: (state) => this.#save(state, batch),
      onError: () => {},
    });
    // Everything is told twice.
    const update: typeof batch.update = async (status, driver) => {
      await batch.update?.(status, driver);
      return batch.update?.(status, driver);
    };
    return [batch, memory.framework(batch.info(), { ...batch, update })];
  }

  #save(state: BatchState, batch: BatchScheduler): void {
    if (this.#death === undefined) {
      this.#kept = state;
      return;
    }
    this.#death.saves -= 1;
    const dies = this.#death.saves < 0;
    if (!dies || this.#death.written) this.#kept = state;
    if (!dies) return;
    const { afterMs } = this.#death;
    this.#death = undefined;
    this.#dead += 1;
    batch.close();
    this.#framework.driver.close();
    const { clock } = this.cluster;
    clock.wake(clock.now() + afterMs, () => {
      this.#dead -= 1;
      [this.batch, this.#framework] = this.#start();
    });
  }
}

describe('a batch scheduler that dies at any save', () => {
  it('runs every instance exactly once, whatever wires break meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(jobs, fc.array(mild, { maxLength: 25 }), fc.nat(), async (list, faults, seed) => {
        const story = await Story.begin(
          list.map((each) => ({ ...each, gang: false })),
          { seed, unreachableAfterMs: 1_000 * hour },
        );
        for (const fault of faults) await story.suffer(fault);
        await story.heal();
        expect(story.batch.summary().jobs.map(({ state }) => state)).toEqual(list.map(() => 'finished'));
        const instances = list.flatMap(({ tasks }) => tasks).reduce((sum, each) => sum + (each.instances ?? 1), 0);
        expect([...story.runs.started.values()]).toEqual(Array.from({ length: instances }, () => 1));
        expect(violation(story.cluster.master.state)).toBeUndefined();
      }),
      { numRuns },
    );
  }, 600_000);

  it('finishes everything though agents crash, never runs two of one at a time, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(jobs, fc.array(harsh, { maxLength: 25 }), fc.nat(), async (list, faults, seed) => {
        const story = await Story.begin(list, { seed, unreachableAfterMs: 1_000 * hour });
        for (const fault of faults) await story.suffer(fault);
        await story.heal();
        expect(story.batch.summary().jobs.map(({ state }) => state)).toEqual(list.map(() => 'finished'));
        expect([...story.runs.doubled]).toEqual([]);
        expect(story.agents.flatMap(({ tasks }) => tasks)).toEqual([]);
        expect(story.batch.state.desk.attempts).toEqual([]);
        expect(violation(story.cluster.master.state)).toBeUndefined();
      }),
      { numRuns },
    );
  }, 600_000);

  it('finishes everything when it gives up tasks that it does not hear of, and ends those that come back', async () => {
    await fc.assert(
      fc.asyncProperty(jobs, fc.array(harsh, { maxLength: 25 }), fc.nat(), async (list, faults, seed) => {
        const story = await Story.begin(list, { seed, unreachableAfterMs: 5 * second });
        for (const fault of faults) await story.suffer(fault);
        await story.heal();
        expect(story.batch.summary().jobs.map(({ state }) => state)).toEqual(list.map(() => 'finished'));
        expect(story.agents.flatMap(({ tasks }) => tasks)).toEqual([]);
        expect(violation(story.cluster.master.state)).toBeUndefined();
      }),
      { numRuns },
    );
  }, 600_000);
});
