/** A master and an agent that runs processes, in this process: for tests of what becomes of commands. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessAgent, ProcessAgentOptions } from '../../src/agent/node/process-agent.js';
import { createMaster, type Master } from '../../src/master/index.js';
import type { SchedulerDriver, SubscriptionInfo } from '../../src/framework-api/index.js';
import type { TaskLike, TaskStatus } from '../../src/tasks/index.js';
import { nodeTransport, type NodeTransport } from '../../src/transport/node/index.js';
import type { OperationLike } from '../../src/cluster/inputs.js';
import type { Offer } from '../../src/cluster/outputs.js';

/** Runs of one test. */
export interface TestCluster {
  readonly master: Master;
  readonly transport: NodeTransport;
  readonly folder: string;
  readonly statuses: TaskStatus[];
  agent(options?: Partial<Omit<ProcessAgentOptions, 'link'>>): ProcessAgent;
  /** Launches on the next offer. */
  launch(tasks: Partial<TaskLike> | readonly Partial<TaskLike>[]): Promise<void>;
  operate(operations: (offer: Offer) => readonly OperationLike[]): Promise<void>;
  driver: SchedulerDriver;
  /** Resolves with the first status of a task that fits. */
  status(task: string, fits: (status: TaskStatus) => boolean): Promise<TaskStatus>;
  /** Resolves when a task is over. */
  end(task: string): Promise<TaskStatus>;
  close(): Promise<void>;
}

/** A cluster whose one framework launches what the test wants. */
export function testCluster(info: Partial<SubscriptionInfo> = {}): TestCluster {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-agent-'));
  const transport = nodeTransport();
  const master = createMaster({ transports: [transport], config: { allocationIntervalMs: 20 } });
  const statuses: TaskStatus[] = [];
  const watchers = new Set<() => void>();
  const wanted: ((offer: Offer, driver: SchedulerDriver) => void)[] = [];
  const agents: ProcessAgent[] = [];
  const framework: SubscriptionInfo = {
    name: 'test',
    roles: ['test'],
    checkpoint: true,
    failoverTimeoutMs: 60_000,
    capabilities: ['partition-aware', 'task-killing-state', 'multi-role'],
    ...info,
  };
  const driver = master.subscribe(framework, {
    offers(offers, handle) {
      for (const offer of offers) {
        const next = wanted.shift();
        if (next === undefined) handle.decline(offer, { refuseSeconds: 0.02 });
        else next(offer, handle);
      }
    },
    update(status) {
      statuses.push(status);
      for (const look of watchers) look();
    },
  });
  const whenever = (fits: () => TaskStatus | undefined): Promise<TaskStatus> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = fits();
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  const cluster: TestCluster = {
    master,
    transport,
    folder,
    statuses,
    driver,
    agent(options = {}) {
      const agent = transport.agent({
        id: 'a1',
        workDir: join(folder, options.id ?? 'a1'),
        resources: 'cpus:4;mem:2048;disk:1024;ports:[31000-31010]',
        isolation: 'none',
        ...options,
      });
      agents.push(agent);
      return agent;
    },
    launch(tasks) {
      const list = (Array.isArray(tasks) ? tasks : [tasks]) as readonly Partial<TaskLike>[];
      const whole = list.map((task) => ({ id: 't1', resources: 'cpus:0.1;mem:64', ...task }));
      return cluster.operate(() => [{ type: 'launch', tasks: whole }]);
    },
    operate: (operations) =>
      new Promise((resolve) => {
        wanted.push((offer, handle) => {
          handle.accept(offer, operations(offer), { refuseSeconds: 0.02 });
          resolve();
        });
      }),
    status: (task, fits) => whenever(() => statuses.find((status) => status.task === task && fits(status))),
    end: (task) => cluster.status(task, ({ terminal }) => terminal === true),
    async close() {
      for (const agent of agents) await agent.close({ tasks: 'kill' });
      await master.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return cluster;
}

/** What a task wrote so far. */
export function outputOf(agent: ProcessAgent, framework: string, task: string, file = 'stdout'): string {
  const path = join(agent.sandbox(framework, task) ?? '', file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Waits until something holds. */
export async function until(holds: () => boolean, forMs = 5_000): Promise<void> {
  for (const start = Date.now(); !holds();) {
    if (Date.now() - start > forMs) throw new Error(`waited ${forMs} ms in vain`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
