import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { violation } from '../../src/cluster/index.js';
import type { Executor, ExecutorDriver } from '../../src/framework-api/index.js';
import type { Clock } from '../../src/master/index.js';
import { hashText } from '../../src/resources/index.js';
import { serviceScheduler, type App, type ServiceScheduler, type ServiceState } from '../../src/schedulers/index.js';
import { healthyFloor } from '../../src/schedulers/service/converge.js';
import type { MemoryAgent, MemoryFramework } from '../../src/transport/index.js';
import { lab, type Lab } from './harness.js';

const second = 1_000;
const minute = 60 * second;
const numRuns = Number(process.env['PROFFER_RUNS'] ?? 40);

type Deed =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'deploy'; readonly version: number; readonly minHealthy: number; readonly maxSurge: number }
  | { readonly type: 'scale'; readonly instances: number }
  | { readonly type: 'fail' | 'crash' | 'silence' | 'return'; readonly agent: number }
  | { readonly type: 'die'; readonly saves: number; readonly written: boolean };

const agentNumber = fc.integer({ min: 0, max: 2 });
const deeds = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(40 * second) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('deploy' as const),
        version: fc.nat(3),
        minHealthy: fc.constantFrom(0, 0.5, 0.9),
        maxSurge: fc.constantFrom(0, 0.25, 1),
      }),
    },
    fc.record({ type: fc.constant('scale' as const), instances: fc.nat(6) }),
    fc.record({
      type: fc.constantFrom('fail' as const, 'crash' as const, 'silence' as const, 'return' as const),
      agent: agentNumber,
    }),
    fc.record({ type: fc.constant('die' as const), saves: fc.nat(4), written: fc.boolean() }),
  ),
  { maxLength: 25 },
);

const appOf = (version: number, more: Partial<App> = {}): App => ({
  id: 'shop',
  task: {
    payload: { version },
    resources: 'cpus:1;mem:32',
    healthCheck: { type: 'command', command: { value: 'x' }, intervalMs: 5 * second },
  },
  backOff: { firstMs: second, maxMs: 20 * second },
  ...more,
});

/** Runs what it is given; version 3 never becomes healthy, others after a while of their own. */
function executor(clock: Clock): Executor {
  const running = new Map<string, () => void>();
  const stop = (task: string, driver: ExecutorDriver): void => {
    running.get(task)?.();
    if (running.delete(task)) driver.update({ task, state: 'killed' });
  };
  return {
    launch({ id, payload }, driver) {
      driver.update({ task: id, state: 'running' });
      const healthy = (payload as { version: number }).version !== 3;
      const cancel = clock.wake(clock.now() + (hashText(id) % 8_000), () =>
        driver.update({ task: id, state: 'running', healthy }),
      );
      running.set(id, cancel);
    },
    kill: (task, _grace, driver) => stop(task, driver),
    destroy(task, driver) {
      for (const each of task === undefined ? [...running.keys()] : [task]) stop(each, driver);
    },
  };
}

class Story {
  readonly cluster: Lab = lab();
  readonly agents: MemoryAgent[];
  readonly broken: string[] = [];
  service: ServiceScheduler;
  #framework: MemoryFramework;
  #kept: ServiceState | undefined;
  #before: ServiceState | undefined;
  #death: { saves: number; readonly written: boolean } | undefined;

  constructor() {
    const { memory, clock } = this.cluster;
    this.agents = ['a0', 'a1', 'a2'].map((id) =>
      memory.agent(id, 'cpus:6;mem:4096', { heartbeatMs: 5 * second, run: executor(clock) }),
    );
    [this.service, this.#framework] = this.#start();
  }

  async do(deed: Deed): Promise<void> {
    const { clock } = this.cluster;
    const agent = 'agent' in deed ? this.agents[deed.agent] : undefined;
    switch (deed.type) {
      case 'wait':
        return clock.advance(deed.ms);
      case 'deploy':
        return this.service.deploy(
          appOf(deed.version, { update: { minHealthy: deed.minHealthy, maxSurge: deed.maxSurge } }),
        );
      case 'scale':
        return this.service.scale('shop', deed.instances);
      case 'fail': {
        const [task] = agent?.tasks ?? [];
        if (task !== undefined) agent?.failed(task.id);
        return;
      }
      case 'crash':
        agent?.crash();
        return;
      case 'silence':
        return agent?.silence();
      case 'return':
        return agent?.return();
      case 'die':
        this.#death ??= { ...deed };
    }
  }

  async heal(): Promise<void> {
    this.#death = undefined;
    // One that died is back by then.
    await this.cluster.clock.advance(5 * second);
    for (const agent of this.agents) agent.return();
    this.service.deploy(appOf(1, { instances: 4, update: { minHealthy: 0.5 } }));
    await this.cluster.clock.advance(20 * minute);
  }

  #start(): [ServiceScheduler, MemoryFramework] {
    const { clock, memory } = this.cluster;
    this.#before = undefined;
    const service = serviceScheduler({
      clock,
      role: 'web',
      unreachableAfterMs: minute,
      ...(this.#kept === undefined ? { apps: [appOf(0, { instances: 3 })] } : { restore: this.#kept }),
      save: (state) => this.#save(state, service),
      onError: () => {},
    });
    return [service, memory.framework(service.info(), service)];
  }

  #save(state: ServiceState, service: ServiceScheduler): void {
    const dies = this.#death !== undefined && (this.#death.saves -= 1) < 0;
    if (!dies || this.#death?.written === true) this.#kept = JSON.parse(JSON.stringify(state)) as ServiceState;
    this.#check(state);
    if (!dies) return;
    this.#death = undefined;
    service.close();
    this.#framework.driver.close();
    const { clock } = this.cluster;
    clock.wake(clock.now() + 3 * second, () => ([this.service, this.#framework] = this.#start()));
  }

  /** What was decided since the last save, in the light of what there is now. */
  #check(state: ServiceState): void {
    const before = this.#before;
    this.#before = state;
    const [app] = state.apps;
    if (before === undefined || app === undefined) return;
    const endingIn = ({ desk }: ServiceState): Set<string> =>
      new Set(desk.attempts.flatMap(({ id, ending }) => (ending === null ? [] : [id])));
    const was = endingIn(before);
    const ending = endingIn(state);
    const endedHealthy = app.instances.some(
      ({ attempt, healthySince }) => ending.has(attempt) && !was.has(attempt) && healthySince !== null,
    );
    const healthy = app.instances.filter(
      ({ attempt, healthySince }) => healthySince !== null && !ending.has(attempt),
    ).length;
    if (endedHealthy && healthy < healthyFloor(app.spec)) this.broken.push(`only ${healthy} are left healthy`);
    const { instances, maxSurge } = app.spec;
    if (
      state.desk.launches > before.desk.launches &&
      app.instances.length > instances + Math.ceil(instances * maxSurge)
    ) {
      this.broken.push(`${app.instances.length} are too many`);
    }
  }
}

describe('a service scheduler, whatever happens', () => {
  it('never ends more than it may nor runs more than it may, and has what is wanted in the end', async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (list) => {
        const story = new Story();
        await story.cluster.clock.advance(second);
        for (const deed of list) await story.do(deed);
        await story.heal();
        expect(story.broken).toEqual([]);
        expect(story.service.app('shop')).toMatchObject({ wanted: 4, living: 4, ready: 4, updating: false });
        expect(story.agents.flatMap(({ tasks }) => tasks)).toHaveLength(4);
        expect(violation(story.cluster.master.state)).toBeUndefined();
      }),
      { numRuns },
    );
  }, 600_000);
});
