import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, signalSession } from '../../src/agent/node/process-run.js';
import {
  claimRun,
  liveSandboxes,
  makeSandbox,
  readPids,
  removeOldSandboxes,
  safeName,
  WorkFolder,
} from '../../src/agent/node/sandbox.js';
import type { ProcessAgent } from '../../src/agent/node/index.js';
import { outputOf, testCluster, until, type TestCluster } from './cluster.js';

let cluster: TestCluster;
let agent: ProcessAgent;

const framework = (): string => cluster.driver.framework ?? '';
const pidsOf = (task: string): { shim: number; task: number } => {
  const pids = readPids(agent.sandbox(framework(), task) ?? '');
  if (pids === undefined) throw new Error(`${task} does not run`);
  return pids;
};

beforeEach(() => {
  cluster = testCluster();
});

afterEach(() => cluster.close());

describe('a command on an agent of processes', () => {
  beforeEach(() => {
    agent = cluster.agent();
  });

  it('runs in a sandbox with its output in files, and finishes with status 0', async () => {
    await cluster.launch({ command: { value: 'echo out; echo err >&2; pwd' } });
    await cluster.status('t1', ({ state }) => state === 'running');
    const end = await cluster.end('t1');
    expect(end.state).toBe('finished');
    expect(outputOf(agent, framework(), 't1')).toBe(`out\n${agent.sandbox(framework(), 't1')}\n`);
    expect(outputOf(agent, framework(), 't1', 'stderr')).toBe('err\n');
  });

  it('fails with its exit status', async () => {
    await cluster.launch({ command: { value: 'exit 7' } });
    const end = await cluster.end('t1');
    expect([end.state, end.reason, end.message]).toEqual([
      'failed',
      'command-executor-failed',
      'The command exited with status 7',
    ]);
  });

  it('fails with the signal that ended it', async () => {
    await cluster.launch({ command: { value: 'kill -SEGV $$' } });
    expect((await cluster.end('t1')).message).toBe('The command was ended by SIGSEGV');
  });

  it('gets words as they are when it is no shell line', async () => {
    const command = { value: 'printf', arguments: ['%s|', 'a b', '$HOME', '"\'', ''], shell: false };
    await cluster.launch({ command });
    await cluster.end('t1');
    expect(outputOf(agent, framework(), 't1')).toBe('a b|$HOME|"\'||');
  });

  it('has its own environment beside what it is told of itself, and little of its agent', async () => {
    const environment = [
      { name: 'GREETING', value: 'hello $USER' },
      { name: 'PATH', value: '/nowhere' },
    ];
    process.env['PROFFER_TEST_SECRET'] = 'not for tasks';
    await cluster.launch({ command: { value: '/usr/bin/env', environment } });
    await cluster.end('t1');
    const lines = outputOf(agent, framework(), 't1').split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'GREETING=hello $USER',
        'PATH=/nowhere',
        'PROFFER_TASK_ID=t1',
        'PROFFER_AGENT_ID=a1',
        'PROFFER_ROLE=test',
        `PROFFER_FRAMEWORK_ID=${framework()}`,
        `PROFFER_SANDBOX=${agent.sandbox(framework(), 't1')}`,
      ]),
    );
    expect(lines.join()).not.toContain('PROFFER_TEST_SECRET');
  });

  it('fails when its program does not exist', async () => {
    await cluster.launch({ command: { value: '/no/such/program', shell: false } });
    const end = await cluster.end('t1');
    expect([end.state, end.message]).toEqual(['failed', 'The command exited with status 127']);
  });

  it('fails without a start when it wants a secret, another engine or another user', async () => {
    const environment = [{ name: 'TOKEN', type: 'secret', secret: 'vault' } as const];
    await cluster.launch([
      { id: 'secret', command: { value: 'true', environment } },
      { id: 'docker', command: { value: 'true' }, container: { type: 'docker', docker: { image: 'x' } } },
      { id: 'user', command: { value: 'true', user: 'nobody-of-that-name' } },
    ]);
    const ends = await Promise.all(['secret', 'docker', 'user'].map((task) => cluster.end(task)));
    expect(ends.map(({ state, reason }) => `${state} ${reason}`)).toEqual(
      Array.from({ length: 3 }, () => 'failed container-launch-failed'),
    );
    expect(ends.map(({ message }) => message)).toEqual([
      'The variable "TOKEN" asks for a secret',
      'This agent has no Docker engine',
      'There is no user "nobody-of-that-name" here',
    ]);
  });

  it.runIf(process.getuid?.() === 0)('runs as the user that it names, who owns the sandbox', async () => {
    await cluster.launch({ command: { value: 'id -un; touch mine', user: 'nobody' } });
    expect((await cluster.end('t1')).state).toBe('finished');
    expect(outputOf(agent, framework(), 't1')).toBe('nobody\n');
  });

  it('is killed by SIGTERM, which it may use', async () => {
    await cluster.launch({
      command: { value: 'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.02; done' },
    });
    await until(
      () => agent.sandbox(framework(), 't1') !== undefined && outputOf(agent, framework(), 't1') === 'ready\n',
    );
    cluster.driver.kill('t1');
    expect((await cluster.end('t1')).state).toBe('killed');
    expect(cluster.statuses.map(({ state }) => state)).toEqual(['running', 'killing', 'killed']);
    expect(outputOf(agent, framework(), 't1')).toBe('ready\nbye\n');
  });

  it('is killed by force with all that it started when its grace is over', async () => {
    const value = 'trap "" TERM; sleep 1000 & echo $! > child; wait; sleep 1000';
    await cluster.launch({ command: { value }, killPolicy: { graceMs: 50 } });
    await cluster.status('t1', ({ state }) => state === 'running');
    const child = join(agent.sandbox(framework(), 't1') ?? '', 'child');
    await until(() => existsSync(child) && readFileSync(child, 'utf8').endsWith('\n'));
    cluster.driver.kill('t1');
    const end = await cluster.end('t1');
    expect([end.state, end.message]).toEqual(['killed', 'The command was ended by SIGKILL']);
    expect(isAlive(Number(readFileSync(child, 'utf8')))).toBe(false);
  });

  it('may be ended by the signals of a terminal, as anywhere', async () => {
    await cluster.launch({ command: { value: 'kill -INT $$; echo survived' } });
    expect((await cluster.end('t1')).message).toBe('The command was ended by SIGINT');
  });

  it('takes what it left running in other process groups of its session with it, too', async () => {
    await cluster.launch({ command: { value: 'timeout 1000 sleep 1000 & sleep 0.1; pgrep -P $!' } });
    expect((await cluster.end('t1')).state).toBe('finished');
    const child = Number(outputOf(agent, framework(), 't1'));
    expect(child).toBeGreaterThan(1);
    await until(() => !isAlive(child));
  });

  it('takes what it left running in its session with it when it ends', async () => {
    await cluster.launch({ command: { value: 'sleep 1000 & echo $!' } });
    expect((await cluster.end('t1')).state).toBe('finished');
    await until(() => !isAlive(Number(outputOf(agent, framework(), 't1'))));
  });

  it('fails, and its processes end, when its shim is killed', async () => {
    await cluster.launch({ command: { value: 'sleep 1000' } });
    await cluster.status('t1', ({ state }) => state === 'running');
    await until(() => readPids(agent.sandbox(framework(), 't1') ?? '') !== undefined);
    const { shim, task } = pidsOf('t1');
    process.kill(shim, 'SIGKILL');
    const end = await cluster.end('t1');
    expect([end.state, end.reason]).toEqual(['failed', 'executor-terminated']);
    await until(() => !isAlive(task));
  });

  it('ends for its framework although something that got away holds its output', async () => {
    await cluster.launch({ command: { value: 'setsid sleep 20 & echo $! > away' } });
    expect((await cluster.end('t1')).state).toBe('finished');
    const away = Number(readFileSync(join(agent.sandbox(framework(), 't1') ?? '', 'away'), 'utf8'));
    process.kill(away, 'SIGKILL');
  });

  it('keeps a bounded part of a long output, the newest', async () => {
    await agent.close({ tasks: 'kill' });
    agent = cluster.agent({ id: 'a2', output: { capBytes: 8_192, olderFiles: 2 } });
    await cluster.launch({ command: { value: 'seq 1 20000' } });
    await cluster.end('t1');
    const sandbox = agent.sandbox(framework(), 't1') ?? '';
    expect(
      readdirSync(sandbox)
        .filter((name) => name.startsWith('stdout'))
        .toSorted(),
    ).toEqual(['stdout', 'stdout.1', 'stdout.2']);
    const whole = ['stdout.2', 'stdout.1', 'stdout'].map((name) => readFileSync(join(sandbox, name), 'utf8'));
    for (const part of whole) expect(part.length).toBeLessThan(8_192 + 4_096);
    expect(whole.join('').endsWith('\n19999\n20000\n')).toBe(true);
  });

  it('may have any id, and another of that id has a sandbox of its own', async () => {
    for (const id of ['__proto__', 'a b$(touch x)', 'Zürich', 'x'.repeat(200)]) {
      await cluster.launch({ id, command: { value: 'echo "$PROFFER_TASK_ID"' } });
      expect((await cluster.end(id)).state, id).toBe('finished');
      expect(outputOf(agent, framework(), id)).toBe(`${id}\n`);
    }
    const first = agent.sandbox(framework(), '__proto__');
    cluster.statuses.length = 0;
    await cluster.launch({ id: '__proto__', command: { value: 'true' } });
    await cluster.end('__proto__');
    expect(agent.sandbox(framework(), '__proto__')).not.toBe(first);
  });
});

describe('a group of commands', () => {
  beforeEach(() => {
    agent = cluster.agent();
  });

  const launchGroup = (commands: readonly string[]): Promise<void> =>
    cluster.operate(() => {
      const executor = {
        id: 'pod',
        type: 'default',
        framework: framework(),
        resources: 'cpus:0.1;mem:32;disk:1',
      } as const;
      const tasks = commands.map((value, index) => {
        return { id: `t${index}`, resources: 'cpus:0.1;mem:64;disk:1', command: { value } };
      });
      return [{ type: 'launch-group', executor, tasks }];
    });

  it('runs all of it, and its executor ends with the last', async () => {
    await launchGroup(['echo a', 'sleep 0.1; echo b']);
    expect([(await cluster.end('t0')).state, (await cluster.end('t1')).state]).toEqual(['finished', 'finished']);
    await until(() => (agent.state.frameworks.get(framework())?.executors.size ?? 0) === 0);
  });

  it('ends as a whole when one of it fails (KILL-2)', async () => {
    await launchGroup(['sleep 1000', 'sleep 0.1; exit 2']);
    expect([(await cluster.end('t1')).state, (await cluster.end('t0')).state]).toEqual(['failed', 'killed']);
  });
});

describe('an agent that comes back', () => {
  it('goes on with the tasks that ran on, and with how those ended that ended meanwhile', async () => {
    agent = cluster.agent();
    await cluster.launch([
      { id: 'ends', command: { value: 'sleep 0.2; echo over; exit 4' } },
      { id: 'runs', command: { value: 'sleep 1000' } },
    ]);
    for (const task of ['ends', 'runs']) await cluster.status(task, ({ state }) => state === 'running');
    await until(() => ['ends', 'runs'].every((task) => readPids(agent.sandbox(framework(), task) ?? '') !== undefined));
    const { task: pid } = pidsOf('runs');
    await agent.close();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(isAlive(pid)).toBe(true);
    agent = cluster.agent();
    const end = await cluster.end('ends');
    expect([end.state, end.message]).toEqual(['failed', 'The command exited with status 4']);
    cluster.driver.kill('runs');
    expect((await cluster.end('runs')).state).toBe('killed');
    expect(isAlive(pid)).toBe(false);
    expect(cluster.statuses.filter(({ state }) => state === 'running')).toHaveLength(2);
  });

  it('says that what it never started is dropped, and never starts it', async () => {
    agent = cluster.agent();
    // The agent dies between writing the launch down and starting it.
    const path = join(cluster.folder, 'a1', 'agent', 'journal.jsonl');
    await cluster.launch({ command: { value: 'echo again >> ../../../../count; sleep 1000' } });
    await cluster.status('t1', ({ state }) => state === 'running');
    const sandbox = agent.sandbox(framework(), 't1') ?? '';
    await until(() => readPids(sandbox) !== undefined);
    const { shim, task } = pidsOf('t1');
    await agent.close();
    signalSession(task, 'SIGKILL');
    // Until it is gone, its shim writes down how the task ended.
    await until(() => !isAlive(shim));
    const lines = readFileSync(path, 'utf8').split('\n');
    const launched = lines.findIndex((line) => line.includes('"launch"'));
    writeFileSync(path, `${lines.slice(0, launched + 1).join('\n')}\n{"input":{"type":"torn`);
    rmSync(sandbox, { recursive: true });
    cluster.statuses.length = 0;
    agent = cluster.agent();
    const end = await cluster.end('t1');
    expect([end.state, end.reason]).toEqual(['dropped', 'agent-restarted']);
  });

  it('ends the tasks of a framework that does not checkpoint', async () => {
    await cluster.close();
    cluster = testCluster({ checkpoint: false });
    agent = cluster.agent();
    await cluster.launch({ command: { value: 'sleep 1000' } });
    await cluster.status('t1', ({ state }) => state === 'running');
    await until(() => readPids(agent.sandbox(framework(), 't1') ?? '') !== undefined);
    const { task } = pidsOf('t1');
    await agent.close();
    agent = cluster.agent();
    await until(() => !isAlive(task));
  });

  it('asks after the health of a task in the environment that it has', async () => {
    agent = cluster.agent();
    const healthCheck = {
      type: 'command',
      command: { value: 'test "$MINE" = yes && test -n "$PROFFER_TASK_ID" && touch asked-$(date +%s%N)' },
      delayMs: 0,
      intervalMs: 30,
      gracePeriodMs: 0,
      consecutiveFailures: 1,
    } as const;
    const environment = [{ name: 'MINE', value: 'yes' }];
    await cluster.launch({ command: { value: 'sleep 1000', environment }, healthCheck });
    await cluster.status('t1', ({ healthy }) => healthy === true);
    await agent.close();
    agent = cluster.agent();
    const asked = (): number =>
      readdirSync(agent.sandbox(framework(), 't1') ?? '').filter((name) => name.startsWith('asked')).length;
    const before = asked();
    await until(() => asked() > before + 2);
    expect(cluster.statuses.filter(({ terminal }) => terminal === true)).toEqual([]);
  });

  it('ends what runs of a framework that was removed while the agent was dying', async () => {
    agent = cluster.agent();
    await cluster.launch({ command: { value: 'trap "" TERM; echo ready; while :; do sleep 0.05; done' } });
    await cluster.status('t1', ({ state }) => state === 'running');
    await until(() => outputOf(agent, framework(), 't1') === 'ready\n');
    const { task } = pidsOf('t1');
    cluster.driver.teardown();
    await until(() => agent.state.frameworks.values().every(({ removed }) => removed === true));
    await agent.close();
    expect(isAlive(task)).toBe(true);
    agent = cluster.agent();
    await until(() => !isAlive(task));
  });

  it('takes no run of an older task of the same id for that of one that never started', async () => {
    agent = cluster.agent();
    await cluster.launch({ command: { value: 'true' } });
    await cluster.end('t1');
    await until(() => (agent.state.frameworks.get(framework())?.tasks.size ?? 0) === 0);
    cluster.statuses.length = 0;
    await cluster.launch({ command: { value: 'sleep 1000' } });
    await cluster.status('t1', ({ state }) => state === 'running');
    const sandbox = agent.sandbox(framework(), 't1') ?? '';
    await until(() => readPids(sandbox) !== undefined);
    const { shim, task } = pidsOf('t1');
    await agent.close();
    signalSession(task, 'SIGKILL');
    await until(() => !isAlive(shim));
    const path = join(cluster.folder, 'a1', 'agent', 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    const launched = lines.findLastIndex((line) => line.includes('"type":"launch"'));
    writeFileSync(path, `${lines.slice(0, launched + 1).join('\n')}\n`);
    rmSync(sandbox, { recursive: true });
    cluster.statuses.length = 0;
    agent = cluster.agent();
    const end = await cluster.end('t1');
    expect([end.state, end.reason]).toEqual(['dropped', 'agent-restarted']);
  });

  it('leaves nothing of before running when it is to remember nothing', async () => {
    agent = cluster.agent({ checkpoint: false });
    await cluster.launch({ command: { value: 'sleep 1000' } });
    await cluster.status('t1', ({ state }) => state === 'running');
    await until(() => readPids(agent.sandbox(framework(), 't1') ?? '') !== undefined);
    const { task } = pidsOf('t1');
    await agent.close();
    agent = cluster.agent({ checkpoint: false });
    await until(() => !isAlive(task));
  });

  it('does not come back with less than it had, nor while another works in its folder', async () => {
    agent = cluster.agent();
    writeFileSync(join(cluster.folder, 'a1', 'agent', 'lock'), `${process.ppid}\n`);
    expect(() => cluster.agent()).toThrow(expect.objectContaining({ code: 'work-dir-in-use' }));
    writeFileSync(join(cluster.folder, 'a1', 'agent', 'lock'), '');
    expect(() => cluster.agent()).toThrow(expect.objectContaining({ code: 'work-dir-in-use' }));
    await agent.close();
    expect(() => cluster.agent({ resources: 'cpus:1;mem:10' })).toThrow(
      expect.objectContaining({ code: 'incompatible-agent', path: 'resources' }),
    );
    agent = cluster.agent({ resources: 'cpus:8;mem:4096;disk:1024;ports:[31000-31010]', reconfiguration: 'additive' });
  });

  it('remembers through any number of inputs, in a journal that stays short', async () => {
    agent = cluster.agent();
    await cluster.launch({ id: 'long', command: { value: 'sleep 1000' } });
    for (let n = 0; n < 5; n += 1) {
      await cluster.launch({ id: `t${n}`, command: { value: 'true' }, data: 'x'.repeat(400_000) });
      await cluster.end(`t${n}`);
    }
    const journal = readFileSync(join(cluster.folder, 'a1', 'agent', 'journal.jsonl'), 'utf8');
    expect(journal.length).toBeLessThan(3_000_000);
    await agent.close();
    agent = cluster.agent();
    cluster.driver.kill('long');
    expect((await cluster.end('long')).state).toBe('killed');
  });
});

it('names of folders are the ids where they can be, and differ where ids do', () => {
  const awkward = [
    '',
    '.',
    '..',
    'a/b',
    'a_b',
    '__proto__',
    'x'.repeat(200),
    `${'x'.repeat(199)}y`,
    'executor-x',
    'Zürich',
  ];
  const names = awkward.map(safeName);
  expect(new Set(names).size).toBe(awkward.length);
  for (const name of names) expect(name).toMatch(/^(?!\.|executor-)[\w.~-]{1,140}$/);
  expect(safeName('job-1.task_2')).toBe('job-1.task_2');
});

it('a run that an agent decided never to start stays so, and one that a shim claimed counts as started', () => {
  const sandbox = mkdtempSync(join(tmpdir(), 'proffer-claim-'));
  makeSandbox(sandbox);
  expect([claimRun(sandbox), claimRun(sandbox)]).toEqual([true, true]);
  writeFileSync(join(sandbox, '.proffer', 'claim'), '');
  expect(claimRun(sandbox)).toBe(false);
  rmSync(sandbox, { recursive: true });
});

it('sandboxes are kept while somebody lives in them, and for a while after they ended or never came to life', () => {
  const folder = new WorkFolder(mkdtempSync(join(tmpdir(), 'proffer-old-')));
  const [alive, ended, never] = ['alive', 'ended', 'never'].map((id) => {
    const sandbox = folder.sandbox({ framework: 'f', id, isExecutor: false }, 1);
    makeSandbox(sandbox);
    return sandbox;
  }) as [string, string, string];
  writeFileSync(join(alive, '.proffer', 'claim'), '');
  writeFileSync(join(ended, '.proffer', 'exit'), '0\n');
  claimRun(never);
  expect(liveSandboxes(folder)).toEqual([alive]);
  removeOldSandboxes(folder, Date.now() - 60_000);
  expect([alive, ended, never].map((path) => existsSync(path))).toEqual([true, true, true]);
  removeOldSandboxes(folder, Date.now() + 60_000);
  expect([alive, ended, never].map((path) => existsSync(path))).toEqual([true, false, false]);
  rmSync(folder.root, { recursive: true });
});
