import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agents } from '../../src/cluster/index.js';
import { LocalCluster } from '../../src/cli/cluster/local-cluster.js';
import { isAlive } from '../../src/agent/node/process-run.js';
import { readPids } from '../../src/agent/node/sandbox.js';
import type { TaskStatus } from '../../src/tasks/index.js';
import { until } from '../agent-node/cluster.js';
import { buildCommand, type RealCommand } from './real.js';

let command: RealCommand;

beforeAll(async () => {
  command = await buildCommand();
});

afterAll(() => command.dispose());

const connected = ({ master }: LocalCluster): number => agents(master.state).filter((agent) => agent.connected).length;

describe('a cluster of processes', () => {
  it('loses nothing and runs nothing twice when an agent is killed', async () => {
    const cluster = await LocalCluster.open({
      agents: [{ id: 'a1', resources: 'cpus:4;mem:512' }],
      roles: [],
      isolation: 'none',
      config: { allocationIntervalMs: 20 },
      workDir: join(command.folder, 'killed'),
      self: command.self,
      log: () => {},
    });
    const statuses: TaskStatus[] = [];
    let launched = 0;
    const driver = cluster.master.subscribe(
      { name: 'f', roles: ['f'], checkpoint: true, failoverTimeoutMs: 60_000 },
      {
        offers(offers, handle) {
          for (const offer of offers) {
            if (launched >= 6) {
              handle.decline(offer, { refuseSeconds: 0.1 });
              continue;
            }
            const tasks = Array.from({ length: 6 }, (_, n) => ({
              id: `t${n}`,
              resources: 'cpus:0.1;mem:16',
              command: { value: `echo once; sleep ${n % 2 === 0 ? 0.3 : 2}; echo done` },
            }));
            launched += tasks.length;
            handle.launch(offer, tasks);
          }
        },
        update: (status) => void statuses.push(status),
      },
    );
    await until(() => statuses.filter(({ state }) => state === 'running').length === 6);
    const framework = driver.framework ?? '';
    const sandbox = cluster.sandbox('a1', framework, 't1') ?? '';
    await until(() => readPids(sandbox) !== undefined);
    const before = cluster.pid('a1') ?? 0;
    process.kill(before, 'SIGKILL');
    await until(
      () => cluster.pid('a1') !== undefined && cluster.pid('a1') !== before && connected(cluster) === 1,
      10_000,
    );
    await until(() => statuses.filter(({ state }) => state === 'finished').length === 6, 10_000);
    const uuids = statuses.filter(({ state }) => state === 'running').map(({ uuid }) => uuid);
    expect(new Set(uuids).size).toBe(6);
    for (let n = 0; n < 6; n += 1) {
      const stdout = join(cluster.sandbox('a1', framework, `t${n}`) ?? '', 'stdout');
      expect(readFileSync(stdout, 'utf8')).toBe('once\ndone\n');
    }
    await cluster.close();
  }, 30_000);

  it('ends with all that it ran, also what an agent left that is being started again', async () => {
    const cluster = await LocalCluster.open({
      agents: [
        { id: 'a1', resources: 'cpus:1;mem:512' },
        { id: 'a2', resources: 'cpus:1;mem:512' },
      ],
      roles: [{ role: 'f', weight: 2, guarantees: { cpus: 1 } }],
      isolation: 'none',
      config: { allocationIntervalMs: 20 },
      workDir: join(command.folder, 'closed'),
      self: command.self,
      log: () => {},
    });
    const running = new Set<string>();
    const driver = cluster.master.subscribe(
      { name: 'f', roles: ['f'], checkpoint: true, failoverTimeoutMs: 60_000 },
      {
        offers(offers, handle) {
          for (const offer of offers)
            handle.launch(offer, {
              id: `on-${offer.agent}`,
              resources: offer.resources,
              command: { value: 'sleep 1000' },
            });
        },
        update: ({ task, state }) => void (state === 'running' && running.add(task)),
      },
    );
    await until(() => running.size === 2, 10_000);
    const pidOn = (agent: string): number | undefined => {
      return readPids(cluster.sandbox(agent, driver.framework ?? '', `on-${agent}`) ?? '')?.task;
    };
    await until(() => pidOn('a1') !== undefined && pidOn('a2') !== undefined);
    const pids = ['a1', 'a2'].flatMap((agent) => pidOn(agent) ?? []);
    expect(pids.every(isAlive)).toBe(true);
    process.kill(cluster.pid('a1') ?? 0, 'SIGKILL');
    await cluster.close({ now: true });
    expect(pids.filter(isAlive)).toEqual([]);
  }, 30_000);
});
