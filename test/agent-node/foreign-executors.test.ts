import { join } from 'node:path';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAlive } from '../../src/agent/node/process-run.js';
import { readPids } from '../../src/agent/node/sandbox.js';
import { detectIsolation, type ProcessAgent } from '../../src/agent/node/index.js';
import type { ExecutorMessage } from '../../src/framework-api/index.js';
import { testCluster, until, type TestCluster } from './cluster.js';

/** An executor as a framework would write it: its tasks are payloads. */
const program = `
  import { connectExecutor } from ${JSON.stringify(fileURLToPath(new URL('../../src/transport/node/index.ts', import.meta.url)))};
  const { ended } = connectExecutor({
    launch(task, driver) {
      driver.update({ task: task.id, state: 'running', data: task.resources.constructor.name });
      const ms = Number(task.data);
      if (ms > 0) setTimeout(() => driver.update({ task: task.id, state: 'finished' }), ms);
      if (ms < 0) process.exit(3);
    },
    kill(task, grace, driver) {
      driver.update({ task, state: 'killed', message: 'grace ' + grace.graceMs });
    },
    message(data, driver) {
      driver.sendMessage('echo ' + data);
    },
  });
  await ended;
  process.exit(0);
`;

let folder: string;
let file: string;
let cluster: TestCluster;
let agent: ProcessAgent;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proffer-executor-'));
  file = join(folder, 'executor.mjs');
  await build({
    stdin: { contents: program, resolveDir: folder, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: file,
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  cluster = testCluster();
  agent = cluster.agent();
});

afterEach(() => cluster.close());

const launch = (
  tasks: Readonly<Record<string, number>>,
  command: string = `exec '${process.execPath}' '${file}'`,
): Promise<void> =>
  cluster.launch(
    Object.entries(tasks).map(([id, ms]) => ({
      id,
      data: String(ms),
      executor: { id: 'mine', resources: 'cpus:0.1;mem:128', command: { value: command } },
    })),
  );

const pids = (): { shim: number; task: number } | undefined => {
  const framework = cluster.driver.framework ?? '';
  return readPids(join(cluster.folder, 'a1', 'sandboxes', framework, 'executor-mine', '1'));
};

describe('an executor that a framework brings', () => {
  it('is started with its command once, and runs the tasks', async () => {
    await launch({ t1: 20, t2: 30 });
    expect((await cluster.end('t1')).state).toBe('finished');
    expect((await cluster.end('t2')).state).toBe('finished');
    await launch({ t3: 10 });
    expect((await cluster.end('t3')).state).toBe('finished');
    expect(cluster.statuses.find(({ data }) => data !== undefined)?.data).toBe('Resources');
  });

  it('is told to kill a task, and decides how', async () => {
    await launch({ t1: 0 });
    await cluster.status('t1', ({ state }) => state === 'running');
    cluster.driver.kill('t1', { killPolicy: { graceMs: 250 } });
    expect((await cluster.end('t1')).message).toBe('grace 250');
  });

  it('takes its tasks with it when it fails (TASK-11)', async () => {
    await launch({ t1: 0 });
    await cluster.status('t1', ({ state }) => state === 'running');
    await launch({ t2: -1 });
    const end = await cluster.end('t1');
    expect([end.state, end.reason, end.message]).toEqual([
      'failed',
      'executor-terminated',
      'The executor exited with status 3',
    ]);
  });

  it('ends with all its tasks when it is shut down (KILL-4)', async () => {
    await launch({ t1: 0 });
    await cluster.status('t1', ({ state }) => state === 'running');
    const running = pids();
    cluster.driver.shutdown({ agent: 'a1', executor: 'mine' });
    expect((await cluster.end('t1')).terminal).toBe(true);
    await until(() => running !== undefined && !isAlive(running.task));
  });

  it('goes on when its agent comes back, and what it said meanwhile arrives', async () => {
    await launch({ t1: 600, t2: 0 });
    for (const task of ['t1', 't2']) await cluster.status(task, ({ state }) => state === 'running');
    const before = pids();
    await agent.close();
    await new Promise((resolve) => setTimeout(resolve, 800));
    agent = cluster.agent();
    expect((await cluster.end('t1')).state).toBe('finished');
    expect(pids()).toEqual(before);
    cluster.driver.kill('t2');
    expect((await cluster.end('t2')).state).toBe('killed');
  });

  it('fails when it does not come to its agent in time (EXEC-1)', async () => {
    await agent.close();
    agent = cluster.agent({ executors: { registrationMs: 100 } });
    await launch({ t1: 0 }, 'sleep 1000');
    const end = await cluster.end('t1');
    expect([end.state, end.reason]).toEqual(['failed', 'executor-registration-timeout']);
  });

  it('fails when its command does', async () => {
    await launch({ t1: 0 }, 'exit 9');
    expect((await cluster.end('t1')).message).toBe('The executor exited with status 9');
  });
});

it('words reach an executor and come back (KILL-5)', async () => {
  const heard: ExecutorMessage[] = [];
  const driver = cluster.master.subscribe(
    { name: 'talks', roles: ['test'], checkpoint: true },
    {
      offers(offers, handle) {
        const [offer] = offers;
        if (offer === undefined) return;
        const executor = {
          id: 'mine',
          resources: 'cpus:0.1;mem:128',
          command: { value: `exec '${process.execPath}' '${file}'` },
        };
        handle.launch(offer, { id: 'talk', data: '0', resources: 'cpus:0.1;mem:16', executor }, { refuseSeconds: 60 });
      },
      update(status, handle) {
        if (status.state === 'running') handle.sendMessage({ agent: 'a1', executor: 'mine', data: 'hello' });
      },
      agentMessage: (message) => void heard.push(message),
    },
  );
  await until(() => heard.length === 1, 10_000);
  expect(heard[0]).toEqual({ agent: 'a1', executor: 'mine', data: 'echo hello' });
  driver.teardown();
});

it.runIf(detectIsolation({ agent: 'probe' }).kind.startsWith('cgroups'))(
  'an executor may use more when it has more tasks',
  async () => {
    await agent.close();
    agent = cluster.agent({ isolation: 'auto' });
    await launch({ t1: 0 });
    await cluster.status('t1', ({ state }) => state === 'running');
    const limit = (): number => {
      const groups = readFileSync(`/proc/${pids()?.task}/cgroup`, 'utf8');
      const v1 = /^\d+:memory:(.*)$/m.exec(groups)?.[1];
      const file =
        v1 === undefined ? `unified${/^0::(.*)$/m.exec(groups)?.[1]}/memory.max` : `memory${v1}/memory.limit_in_bytes`;
      return Number(readFileSync(`/sys/fs/cgroup/${file}`, 'utf8')) / 1024 / 1024;
    };
    expect(limit()).toBe(128 + 64);
    await launch({ t2: 0 });
    await cluster.status('t2', ({ state }) => state === 'running');
    expect(limit()).toBe(128 + 64 + 64);
  },
);
