import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detectIsolation } from '../../src/agent/node/index.js';
import { isAlive } from '../../src/agent/node/process-run.js';
import { readPids } from '../../src/agent/node/sandbox.js';
import { until } from '../agent-node/cluster.js';
import { buildCommand, type RealCommand, type Running } from './real.js';
import { proffer } from './fake-io.js';

let command: RealCommand;
let files = 0;

beforeAll(async () => {
  command = await buildCommand();
});

afterAll(() => command.dispose());

const schema = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(new URL('../../schema/run.schema.json', import.meta.url), 'utf8')) as object,
);

/** Writes a file of `proffer run`, which the schema must allow. */
function written(plan: object): string {
  expect(schema(plan), JSON.stringify(schema.errors)).toBe(true);
  const path = join(command.folder, `plan-${files++}.json`);
  writeFileSync(path, JSON.stringify(plan));
  return path;
}

/** One that is not to be had here: no machine has both. */
const missingIsolation =
  ['cgroups-v2', 'cgroups-v1'].find((kind) => {
    try {
      detectIsolation({ agent: 'probe', kind: kind as 'cgroups-v2' });
      return false;
    } catch {
      return true;
    }
  }) ?? 'cgroups-v1';

const three = [{ id: 'a', resources: 'cpus:4;mem:1024', count: 3 }];

/** Process ids of all tasks in the sandboxes of a cluster. */
function tasksIn(workDir: string): readonly number[] {
  const paths = readdirSync(join(workDir, 'agents'), { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith(join('.proffer', 'pid')))
    .flatMap((path) => readPids(join(workDir, 'agents', path, '..', '..'))?.task ?? []);
}

/** Process ids of agents, from what they hold. */
function agentsIn(workDir: string): readonly number[] {
  return readdirSync(join(workDir, 'agents')).flatMap((agent) => {
    try {
      return Number(readFileSync(join(workDir, 'agents', agent, 'agent', 'lock'), 'utf8').split(' ')[0]);
    } catch {
      return [];
    }
  });
}

/** How often each line stands in a file to which tasks write. */
function ledger(path: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

/** A chain of groups of tasks, each of which writes down that it ran. */
function manyJobs(path: string, tasks: number): readonly object[] {
  return Array.from({ length: tasks / 10 }, (_, job) => ({
    id: `job${job}`,
    // Every fourth is alone, the others come one after the other.
    ...(job % 4 === 0 || job === 0 ? {} : { after: [`job${job - 1}`] }),
    tasks: Array.from({ length: 10 }, (__, task) => ({
      id: `t${task}`,
      command: `echo job${job}.t${task} >> '${path}'; sleep 0.0${task}`,
      resources: 'cpus:0.5;mem:8',
    })),
  }));
}

async function ended(running: Running): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return running.ended;
}

describe('proffer run', () => {
  it('runs jobs after each other on agents that are processes, and says where what failed wrote to', async () => {
    const workDir = join(command.folder, 'told');
    const file = written({
      agents: three,
      roles: [{ role: 'etl', weight: 2, guarantees: { cpus: 2 } }],
      frameworks: [
        {
          name: 'etl',
          scheduler: 'batch',
          jobs: [
            { id: 'fetch', tasks: [{ id: 'get', command: 'echo got', resources: 'cpus:1;mem:8', instances: 3 }] },
            { id: 'sum', after: ['fetch'], tasks: [{ id: 'add', command: 'true', resources: 'cpus:1;mem:8' }] },
            { id: 'bad', tasks: [{ id: 'x', command: 'echo broken >&2; exit 3', resources: 'cpus:1;mem:8' }] },
            { id: 'later', after: ['bad'], tasks: [{ id: 'y', command: 'true', resources: 'cpus:1;mem:8' }] },
          ],
        },
      ],
    });
    const { code, stdout, stderr } = await ended(command.start(['run', file, '--work-dir', workDir]));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^etl +fetch +finished +3\/3 tasks/m);
    expect(stdout).toMatch(/^etl +sum +finished +1\/1 tasks/m);
    expect(stdout).toMatch(/^etl +bad +failed +0\/1 tasks.*The command exited with status 3$/m);
    expect(stdout).toMatch(/^etl +later +skipped/m);
    expect(stdout).toContain('etl: bad.x did not finish: The command exited with status 3\n');
    const path = /^ {2}(\/.*stderr)$/m.exec(stdout)?.[1] ?? '';
    expect(readFileSync(path, 'utf8')).toBe('broken\n');
    expect(stderr).toMatch(/^\d\d:\d\d:\d\d etl fetch\.get\.\d+ running on a-\d$/m);
    expect(stderr).toMatch(/ isolation (cgroups-v[12]|rlimits|none): /);
    expect(agentsIn(workDir)).toEqual([]);
  });

  it('exits with 0 when every task finished, and takes its folder away', async () => {
    const jobs = [{ id: 'j', tasks: [{ id: 't', command: 'true', resources: 'cpus:0.1;mem:8' }] }];
    const file = written({
      agents: [{ id: 'a', resources: 'cpus:1;mem:64' }],
      frameworks: [{ name: 'f', scheduler: 'batch', jobs }],
    });
    const { code, stdout } = await ended(command.start(['run', file]));
    expect([code, stdout.includes('proffer-run-')]).toEqual([0, false]);
  });

  it('keeps a service up as long as there are batch jobs, and ends it then', async () => {
    const workDir = join(command.folder, 'service');
    const apps = [
      { id: 'web', instances: 2, task: { command: 'exec sleep 1000', resources: 'cpus:0.5;mem:8', ports: 1 } },
    ];
    const jobs = [{ id: 'j', tasks: [{ id: 't', command: 'sleep 0.5', resources: 'cpus:0.5;mem:8' }] }];
    const file = written({
      agents: [{ id: 'a', resources: 'cpus:4;mem:1024;ports:[31000-31009]' }],
      frameworks: [
        { name: 'site', role: 'web', scheduler: 'service', apps },
        { name: 'f', scheduler: 'batch', jobs },
      ],
    });
    const { code, stdout } = await ended(command.start(['run', file, '--work-dir', workDir]));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^site +web +running +2\/2 ready/m);
    expect(tasksIn(workDir).filter(isAlive)).toEqual([]);
  });

  it('loses nothing and runs nothing twice when an agent is killed in the middle of two hundred tasks, a service and a cron job', async () => {
    const workDir = join(command.folder, 'killed-agent');
    const path = join(command.folder, 'killed-agent.ledger');
    const resources = 'cpus:0.2;mem:8';
    const failing = { id: 'bad', tasks: [{ id: 'x', command: 'exit 3', resources, instances: 5, retries: 1 }] };
    const file = written({
      agents: three,
      frameworks: [
        { name: 'many', scheduler: 'batch', jobs: [...manyJobs(path, 200), failing] },
        {
          name: 'site',
          scheduler: 'service',
          apps: [{ id: 'web', instances: 2, task: { command: 'exec sleep 1000', resources } }],
        },
        {
          name: 'ops',
          scheduler: 'cron',
          jobs: [
            {
              id: 'tick',
              schedule: '* * * * * *',
              task: { command: `echo $PROFFER_TASK_ID >> '${path}.cron'`, resources },
            },
            { id: 'after', after: ['tick'], task: { command: 'true', resources } },
          ],
        },
      ],
    });
    const running = command.start(['run', file, '--work-dir', workDir]);
    for (const part of [0.2, 0.5]) {
      await until(() => count(path) > 200 * part, 30_000);
      const [agent = 0] = agentsIn(workDir);
      process.kill(agent, 'SIGKILL');
    }
    const { code, stdout } = await ended(running);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^many +job19 +finished/m);
    expect(stdout).toMatch(/^many +bad +failed/m);
    const counts = ledger(path);
    expect(counts.size).toBe(200);
    expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
    // Of each due time there is one run, however often it was tried.
    expect([...ledger(`${path}.cron`)].filter(([, times]) => times !== 1)).toEqual([]);
    expect(tasksIn(workDir).filter(isAlive)).toEqual([]);
    expect(agentsIn(workDir)).toEqual([]);
  }, 60_000);

  it('goes on where it was when it was killed itself', async () => {
    const workDir = join(command.folder, 'killed-run');
    const path = join(command.folder, 'killed-run.ledger');
    const file = written({
      agents: three,
      frameworks: [{ name: 'many', scheduler: 'batch', jobs: manyJobs(path, 100) }],
    });
    const first = command.start(['run', file, '--work-dir', workDir]);
    await until(() => count(path) > 30, 30_000);
    first.child.kill('SIGKILL');
    await first.ended;
    const { code } = await ended(command.start(['run', file, '--work-dir', workDir]));
    expect(code).toBe(0);
    const counts = ledger(path);
    expect(counts.size).toBe(100);
    expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
  }, 60_000);

  it('leaves nothing running when it is interrupted', async () => {
    const workDir = join(command.folder, 'interrupted');
    const tasks = [
      { id: 't', command: 'trap "" TERM INT; sleep 1000 & sleep 1000', resources: 'cpus:1;mem:8', instances: 5 },
    ];
    const file = written({
      agents: three,
      frameworks: [{ name: 'f', scheduler: 'batch', jobs: [{ id: 'j', tasks }] }],
    });
    const running = command.start(['run', file, '--work-dir', workDir]);
    await until(() => (running.output().match(/ running on /g) ?? []).length === 5, 20_000);
    await until(() => tasksIn(workDir).length === 5);
    const processes = [...tasksIn(workDir), ...agentsIn(workDir)];
    expect(processes).toHaveLength(8);
    running.child.kill('SIGINT');
    expect((await ended(running)).code).toBe(130);
    expect(processes.filter(isAlive)).toEqual([]);
  }, 30_000);

  it('leaves nothing running when nobody reads what it says any more', async () => {
    const pidFile = join(command.folder, 'piped.pid');
    const line = `echo $$ > '${pidFile}'; echo hi; sleep 0.3; exec yes`;
    const words = [...command.self, 'task', '--name', 'x', '--', line].map(
      (word) => `'${word.replaceAll("'", `'\\''`)}'`,
    );
    const { stdout } = spawnSync('/bin/sh', ['-c', `${words.join(' ')} | head -1`], { encoding: 'utf8' });
    expect(stdout).toBe('hi\n');
    await until(() => !isAlive(Number(readFileSync(pidFile, 'utf8'))));
  }, 20_000);

  it('gives services the time to end that they take', async () => {
    const path = join(command.folder, 'farewell');
    const task = {
      command: `trap 'sleep 0.5; echo bye > "${path}"; exit 0' TERM; while :; do sleep 0.02; done`,
      resources: 'cpus:0.5;mem:8',
    };
    const jobs = [{ id: 'j', tasks: [{ id: 't', command: 'sleep 0.5', resources: 'cpus:0.5;mem:8' }] }];
    const file = written({
      agents: [{ id: 'a', resources: 'cpus:4;mem:1024' }],
      frameworks: [
        { name: 'site', scheduler: 'service', apps: [{ id: 'web', task }] },
        { name: 'f', scheduler: 'batch', jobs },
      ],
    });
    expect((await ended(command.start(['run', file]))).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('bye\n');
  }, 20_000);

  it('does not run in a folder in which another does', async () => {
    const workDir = join(command.folder, 'shared');
    const tasks = [{ id: 't', command: 'sleep 2', resources: 'cpus:1;mem:8' }];
    const file = written({
      agents: [{ id: 'a', resources: 'cpus:1;mem:64' }],
      frameworks: [{ name: 'f', scheduler: 'batch', jobs: [{ id: 'j', tasks }] }],
    });
    const first = command.start(['run', file, '--work-dir', workDir]);
    await until(() => first.output().includes('running'), 10_000);
    const { code, stderr } = await ended(command.start(['run', file, '--work-dir', workDir]));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/process \d+ works in this folder/)]);
    expect((await ended(first)).code).toBe(0);
  }, 20_000);

  it('says so when no agent can start, instead of trying for ever', async () => {
    const words = ['task', '--name', 'x', '--isolation', missingIsolation, '--', 'true'];
    const { code, stderr } = await ended(command.start(words));
    expect([code, stderr]).toEqual([1, expect.stringContaining('agent here cannot start: ')]);
  }, 30_000);

  const broken: readonly [what: string, plan: object, message: string][] = [
    ['resources that are none', { agents: [{ id: 'a', resources: 'cpus=2' }], frameworks: [] }, 'agents[0].resources'],
    [
      'a weight that is none',
      { agents: [{ id: 'a' }], roles: [{ role: 'r', weight: -1 }], frameworks: [] },
      'roles[0].weight',
    ],
    [
      'a role that is none',
      { agents: [{ id: 'a' }], frameworks: [{ name: 'f', role: '/x', scheduler: 'batch', jobs: [] }] },
      'frameworks[0].role',
    ],
    ['a setting that is none', { agents: [{ id: 'a' }], frameworks: [], config: { seed: 'x' } }, 'seed'],
    [
      'apps for a batch',
      { agents: [{ id: 'a' }], frameworks: [{ name: 'f', scheduler: 'batch', apps: [] }] },
      'frameworks[0].apps is not for the scheduler batch',
    ],
    ['no agents', { agents: [], frameworks: [] }, 'agents is empty: there must be one to run on'],
    ['an unknown field', { agents: [{ id: 'a', cpus: 1 }], frameworks: [] }, 'agents[0].cpus is no field of it'],
    [
      'two agents of one id',
      { agents: [{ id: 'a' }, { id: 'a' }], frameworks: [] },
      'agents[1].id: there are two of "a"',
    ],
    [
      'several agents without resources',
      { agents: [{ id: 'a', count: 2 }], frameworks: [] },
      'agents[0].resources is missing',
    ],
    [
      'a scheduler that there is not',
      { agents: [{ id: 'a' }], frameworks: [{ name: 'f', scheduler: 'x' }] },
      'frameworks[0].scheduler is none of batch, service, cron',
    ],
    [
      'a job without tasks',
      { agents: [{ id: 'a' }], frameworks: [{ name: 'f', scheduler: 'batch', jobs: [{ id: 'j' }] }] },
      'frameworks[0].jobs[0].tasks',
    ],
    [
      'jobs that wait for each other',
      {
        agents: [{ id: 'a', resources: 'cpus:1' }],
        frameworks: [
          {
            name: 'f',
            scheduler: 'batch',
            jobs: ['j', 'k'].map((id) => ({
              id,
              after: [id === 'j' ? 'k' : 'j'],
              tasks: [{ id: 't', command: 'true', resources: 'cpus:1' }],
            })),
          },
        ],
      },
      'frameworks[0].jobs[',
    ],
  ];

  it.each(broken)('refuses a file with %s, by the path of what is wrong', async (_what, plan, message) => {
    const { exitCode, stderr } = await proffer(['run', 'plan.json'], { files: { 'plan.json': JSON.stringify(plan) } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('refuses what is no file, no JSON, or two files', async () => {
    expect(await proffer(['run'])).toMatchObject({ exitCode: 2 });
    expect(await proffer(['run', 'nowhere'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('cannot read nowhere'),
    });
    expect(await proffer(['run', 'x'], { files: { x: '{' } })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('x is not JSON'),
    });
    expect(await proffer(['run', 'x', 'y'])).toMatchObject({ exitCode: 2 });
    expect(await proffer(['run', 'x', '--isolation', 'glass'])).toMatchObject({ exitCode: 2 });
  });
});

describe('proffer task', () => {
  it('shows what the command writes and exits with its code', async () => {
    const words = [
      'task',
      '--name',
      'split',
      '--cpus',
      '0.5',
      '--mem',
      '32',
      '--env',
      'WHO=you',
      '--',
      'echo hello $WHO; echo no >&2; exit 7',
    ];
    expect(await ended(command.start(words))).toEqual({ code: 7, stdout: 'hello you\n', stderr: 'no\n' });
  });

  it('runs several instances with files of ours, each line with its name', async () => {
    writeFileSync(join(command.folder, 'note.txt'), 'from a file\n');
    const words = ['task', '--name', 'cat', '--instances', '2', '--file', 'note.txt', '--', 'cat', 'note.txt'];
    const { code, stdout } = await ended(command.start(words));
    expect(code).toBe(0);
    expect(stdout.split('\n').toSorted()).toEqual(['', 'cat.run.1 | from a file', 'cat.run.2 | from a file']);
  });

  it('ends with 130 and its command with it when it is interrupted', async () => {
    const pidFile = join(command.folder, 'task.pid');
    const running = command.start(['task', '--name', 'long', '--', `echo $$ > '${pidFile}'; echo up; sleep 1000`]);
    await until(() => running.output().includes('up'), 10_000);
    running.child.kill('SIGINT');
    expect((await ended(running)).code).toBe(130);
    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  }, 20_000);

  it('says what it cannot do', async () => {
    expect(await proffer(['task', '--', 'true'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('needs --name'),
    });
    expect(await proffer(['task', '--name', 'x'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('needs a command'),
    });
    expect(await proffer(['task', '--name', 'x', '--cpus', 'many', '--', 'true'])).toMatchObject({ exitCode: 2 });
    expect(await proffer(['task', '--name', 'a/b', '--', 'true'])).toMatchObject({ exitCode: 2 });
    const { code, stderr } = await ended(command.start(['task', '--name', 'x', '--file', 'nowhere', '--', 'true']));
    expect([code, stderr]).toEqual([1, expect.stringContaining('nowhere')]);
  });
});

function count(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
