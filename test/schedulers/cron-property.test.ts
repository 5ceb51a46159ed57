import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violation } from '../../src/cluster/index.js';
import type { Executor, ExecutorDriver } from '../../src/framework-api/index.js';
import type { Clock } from '../../src/master/index.js';
import { cronScheduler, type CronJob, type CronScheduler, type CronState } from '../../src/schedulers/index.js';
import type { MemoryAgent, MemoryFramework } from '../../src/transport/index.js';
import { lab, type Lab } from './harness.js';

const second = 1_000;
const minute = 60 * second;
const numRuns = Number(process.env['PROFFER_RUNS'] ?? 10);

/** No fault lasts longer, ms. */
const longestFault = 90 * second;
/** How late a run may begin: the longest faults one after the other, and what it takes to find out. */
const epsilon = 15 * minute;
const everyMs = 2 * minute;

type Fault =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'crash' | 'silence' | 'disconnect'; readonly agent: number; readonly forMs: number }
  | { readonly type: 'lose-wire'; readonly forMs: number }
  | { readonly type: 'die'; readonly saves: number; readonly written: boolean; readonly forMs: number };

const forMs = fc.nat(longestFault);
const agent = fc.nat(2);
const wait = fc.record({ type: fc.constant('wait' as const), ms: fc.nat(3 * minute) });
const mild = fc.oneof(
  { weight: 3, arbitrary: wait },
  fc.record({ type: fc.constantFrom('silence' as const, 'disconnect' as const), agent, forMs }),
  fc.record({ type: fc.constant('lose-wire' as const), forMs }),
  fc.record({ type: fc.constant('die' as const), saves: fc.nat(3), written: fc.boolean(), forMs }),
);
const harsh = fc.oneof(
  { weight: 4, arbitrary: mild },
  fc.record({ type: fc.constant('crash' as const), agent, forMs }),
);

/** One run of a job's command, as an agent saw it. */
interface Seen {
  readonly start: number;
  end: number | undefined;
}

/** Notes all runs, by their job. */
class Witness {
  readonly runs = new Map<string, Seen[]>();

  executor(clock: Clock): Executor {
    const running = new Map<string, () => void>();
    const stop = (task: string, driver: ExecutorDriver): void => {
      running.get(task)?.();
      if (running.delete(task)) driver.update({ task, state: 'killed' });
    };
    return {
      launch: ({ id, labels = [] }, driver) => {
        const run = labels.find(({ key }) => key === 'job')?.value ?? '';
        const seen: Seen = { start: clock.now(), end: undefined };
        const job = run.slice(0, run.indexOf('@'));
        this.runs.set(job, [...(this.runs.get(job) ?? []), seen]);
        driver.update({ task: id, state: 'running' });
        const cancel = clock.wake(clock.now() + 20 * second, () => {
          running.delete(id);
          seen.end = clock.now();
          driver.update({ task: id, state: 'finished' });
        });
        running.set(id, cancel);
      },
      kill: (task, _grace, driver) => stop(task, driver),
      destroy(task, driver) {
        for (const each of task === undefined ? [...running.keys()] : [task]) stop(each, driver);
      },
    };
  }

  completed(job: string): number[] {
    return (this.runs.get(job) ?? []).flatMap(({ start, end }) => (end === undefined ? [] : [start]));
  }
}

/**
 * Matches runs with targets: each target is met by a run of its own that began from its due time on, and no later than so
 * long after. Earliest target first takes the earliest run that will do, which finds a matching if there is one.
 *
 * @returns the targets that are not met.
 */
function unmet(targets: readonly number[], starts: readonly number[], lateness: number): number[] {
  const left = starts.toSorted((one, other) => one - other);
  return targets.filter((due) => {
    const at = left.findIndex((start) => start >= due && start <= due + lateness);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}

const jobs: readonly CronJob[] = [
  {
    id: 'beat',
    schedule: '*/2 * * * *',
    task: { payload: {}, resources: 'cpus:1;mem:32' },
    overlap: 'allow',
    catchUp: 'all',
  },
  { id: 'echo', after: ['beat'], task: { payload: {}, resources: 'cpus:1;mem:32' }, overlap: 'queue' },
];

class Story {
  readonly cluster: Lab = lab();
  readonly witness = new Witness();
  readonly agents: MemoryAgent[];
  #kept: CronState | undefined;
  #death: { saves: number; readonly written: boolean; readonly forMs: number } | undefined;
  #life: { readonly cron: CronScheduler; readonly framework: MemoryFramework } | undefined;

  private constructor() {
    const { memory, clock } = this.cluster;
    this.agents = ['a0', 'a1', 'a2'].map((id) =>
      memory.agent(id, 'cpus:8;mem:4096', { heartbeatMs: 5 * second, run: this.witness.executor(clock) }),
    );
  }

  static async begin(): Promise<Story> {
    const story = new Story();
    await story.#start();
    await story.cluster.clock.settle();
    return story;
  }

  async suffer(fault: Fault): Promise<void> {
    const { clock } = this.cluster;
    const later = (run: () => void): void => void clock.wake(clock.now() + ('forMs' in fault ? fault.forMs : 0), run);
    const agent_ = 'agent' in fault ? this.agents[fault.agent] : undefined;
    switch (fault.type) {
      case 'wait':
        return clock.advance(fault.ms);
      case 'crash':
      case 'silence':
      case 'disconnect':
        agent_?.[fault.type]();
        return later(() => agent_?.return());
      case 'lose-wire': {
        const life = this.#life;
        life?.framework.disconnect();
        return later(() => this.#life === life && life?.framework.return());
      }
      case 'die':
        this.#death ??= { ...fault };
    }
  }

  async heal(): Promise<void> {
    this.#death = undefined;
    await this.cluster.clock.advance(longestFault);
    this.#life?.framework.return();
    await this.cluster.clock.advance(30 * minute);
  }

  async #start(): Promise<void> {
    const { clock, memory } = this.cluster;
    const cron: CronScheduler = await cronScheduler({
      clock,
      role: 'ops',
      jobs,
      unreachableAfterMs: 60 * minute,
      ...(this.#kept !== undefined && { restore: this.#kept }),
      save: (state) => this.#save(state, cron),
      onError: () => {},
    });
    this.#life = { cron, framework: memory.framework(cron.info(), cron) };
  }

  #save(state: CronState, cron: CronScheduler): void {
    const dies = this.#death !== undefined && (this.#death.saves -= 1) < 0;
    if (!dies || this.#death?.written === true) this.#kept = JSON.parse(JSON.stringify(state)) as CronState;
    if (!dies || this.#death === undefined) return;
    const { forMs: away } = this.#death;
    this.#death = undefined;
    cron.close();
    this.#life?.framework.driver.close();
    this.#life = undefined;
    const { clock } = this.cluster;
    clock.wake(clock.now() + away, () => void this.#start());
  }
}

/** What was due up to half an hour ago: all of that must have been done. */
function targets(now: number): number[] {
  const count = Math.floor((now - 30 * minute) / everyMs);
  return Array.from({ length: count }, (_, index) => (index + 1) * everyMs);
}

describe('a cron scheduler, whatever happens', () => {
  it('meets each due time by one run, and no more, whoever dies and whichever wire breaks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(mild, { maxLength: 25 }), async (faults) => {
        const story = await Story.begin();
        for (const fault of faults) await story.suffer(fault);
        await story.heal();
        const now = story.cluster.clock.now();
        const starts = story.witness.completed('beat');
        expect(unmet(targets(now), starts, epsilon)).toEqual([]);
        // As many runs as due times up to now, give or take those that are under way.
        expect(starts.length).toBeLessThanOrEqual(Math.floor(now / everyMs));
        expect(story.witness.runs.get('beat')?.length).toBeLessThanOrEqual(Math.floor(now / everyMs));
        expect(story.witness.runs.get('echo')?.length).toBeLessThanOrEqual(starts.length);
        expect(violation(story.cluster.master.state)).toBeUndefined();
      }),
      { numRuns },
    );
  }, 600_000);

  it('meets each due time though agents crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(harsh, { maxLength: 25 }), async (faults) => {
        const story = await Story.begin();
        for (const fault of faults) await story.suffer(fault);
        await story.heal();
        expect(unmet(targets(story.cluster.clock.now()), story.witness.completed('beat'), epsilon)).toEqual([]);
        expect(violation(story.cluster.master.state)).toBeUndefined();
      }),
      { numRuns },
    );
  }, 600_000);

  it('is judged by a checker that finds what is wrong', () => {
    expect(unmet([0, 10, 20], [1, 12, 25], 5)).toEqual([]);
    expect(unmet([0, 10, 20], [1, 25], 5)).toEqual([10]);
    expect(unmet([0, 10], [10, 11], 5)).toEqual([0]);
    expect(unmet([0, 1], [2], 5)).toEqual([1]);
    expect(unmet([0, 1], [1, 6], 5)).toEqual([]);
  });
});
