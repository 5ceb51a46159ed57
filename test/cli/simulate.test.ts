import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serialize } from '../../src/cluster/index.js';
import type { SimulationResult } from '../../src/simulation/index.js';
import { percent } from '../../src/cli/simulate/words.js';
import { cluster, task } from '../cluster/harness.js';
import { proffer } from './fake-io.js';

const files = {
  'nodes.csv': 'sn,cpu_milli,memory_mib,gpu,model\nn1,4000,8192,1,T4\nn2,4000,8192,0,\nn3,4000,8192,1,T4\n',
  'pods.csv': `name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time
p1,2000,1024,1,500,T4,LS,Succeeded,0,60,0
p2,2000,1024,0,0,,BE,Succeeded,5,65,5
p3,many,1024,0,0,,BE,Succeeded,5,65,5
p4,64000,1024,0,0,,BE,Succeeded,7,65,7
`,
  'jobs.tsv': 'j1\t0\t0\t100\t0\t0\nj2\t3\t3\t900000000\t5\t0\n',
  'controls.csv': 'name,cpu_milli,memory_mib\np,\u001b[31m,1\n',
  'all-bad.csv': `sn,cpu_milli,memory_mib\n${'x\n'.repeat(50)}`,
  'empty.csv': '',
  'gzip.csv': '\u001f\ufffd\b\u0000',
  'utf16.csv': '\ufffd\ufffdn\u0000a\u0000m\u0000e\u0000',
  'timeless.csv': 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1000,1024,1,500\n',
};

const simulate = (...args: readonly string[]): ReturnType<typeof proffer> => proffer(['simulate', ...args], { files });
const traced = ['--nodes', 'nodes.csv', '--pods', 'pods.csv'];

async function json(...args: readonly string[]): Promise<SimulationResult> {
  const { exitCode, stdout } = await simulate(...args, '--json');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as SimulationResult;
}

describe('proffer simulate', () => {
  it('says how a trace fared on its nodes, and which rows were left out', async () => {
    const { exitCode, stdout, stderr } = await simulate(...traced);
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      "pods.csv, line 4: cpu_milli is 'many', and must be a number of 0 or more\npods.csv: 1 of 4 rows were left out\n",
    );
    expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
      'Cluster nodes.csv: 3 agents with cpus 12, mem 24,576 MiB, gpu 2',
      'Workload pods.csv: 3 jobs of 3 tasks; seed 1',
      '',
      '                           drf',
      'virtual time          1.08 min',
      'jobs ended                   2',
      'tasks started                2',
      '  still waiting              0',
      '  fit no machine             1',
      'task waited, p50          0 ms',
      'task waited, p95          0 ms',
      'task waited, p99          0 ms',
      'job took, p50            1 min',
      'job took, p95            1 min',
      'job took, p99            1 min',
      'cpus in use             30.8 %',
      'mem in use               7.7 %',
      'gpu in use              23.1 %',
      'cpus free, of no use     0.0 %',
      'mem free, of no use      0.0 %',
      'gpu free, of no use      0.0 %',
      'Jain index of shares     0.967',
      'offers                       5',
      '  declined                   1',
      '  taken back                 0',
      'preemptions                  0',
      '',
      'drf  weight  behaviour  tasks  waiting   share  waited p50   p95   p99  took p50    p95    p99  declined',
      'BE        1     greedy      2        0  16.7 %        0 ms  0 ms  0 ms     1 min  1 min  1 min         0',
      'LS        1     greedy      1        0  25.0 %        0 ms  0 ms  0 ms     1 min  1 min  1 min         1',
      '',
    ]);
  });

  it('gives the same bytes again, and other luck with another seed', async () => {
    const args = ['--workload', 'mixed', '--until', '5m', '--agents', '4', '--json'];
    const { stdout } = await simulate(...args);
    expect((await simulate(...args)).stdout).toBe(stdout);
    expect((await simulate(...args, '--seed', '1')).stdout).toBe(stdout);
    expect((await simulate(...args, '--seed', '2')).stdout).not.toBe(stdout);
  });

  it('prints the whole result as JSON', async () => {
    const result = await json(...traced, '--policy', 'drf,fifo', '--seed', '7');
    expect(result).toMatchObject({
      cluster: { name: 'nodes.csv', agents: 3, total: { cpus: 12, mem: 24_576, gpu: 2 } },
      workload: 'pods.csv',
      seed: 7,
      policies: [{ policy: 'drf' }, { policy: 'fifo' }],
    });
    expect(result.policies[0]?.series.running.length).toBe(65);
  });

  it('takes jobs, presets, sizes, times, weights and behaviours', async () => {
    const small = ['--agents', '3', '--until', '90s'];
    expect(await json('--jobs', 'jobs.tsv', ...small)).toMatchObject({
      cluster: { agents: 3, total: { cpus: 48 } },
      policies: [{ jobs: 2, tasks: 16, simulatedMs: 90_000 }],
    });
    expect(await json('--cluster', 'alibaba-2023', '--agents', '10', '--until', '1s')).toMatchObject({
      cluster: { name: 'alibaba-2023, 10 agents', agents: 10 },
      workload: 'mixed',
    });
    expect((await json('--workload', 'omega', ...small)).policies[0]?.tenants.map(({ role }) => role)).toEqual([
      'batch',
      'service',
    ]);
    expect(
      (await json(...small, '--weight', 'web=3,ads=0.5', '--behaviour', 'etl=hoarding')).policies[0]?.tenants,
    ).toMatchObject([
      { role: 'web', weight: 3, behaviour: 'long-running' },
      { role: 'etl', weight: 1, behaviour: 'hoarding' },
      { role: 'ads', weight: 0.5 },
      { role: 'research', behaviour: 'gang' },
    ]);
  });

  it('makes a report of files that hold nothing, or nothing good', async () => {
    const { exitCode, stdout, stderr } = await simulate('--agents', '2', '--pods', 'empty.csv');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Workload empty.csv: 0 jobs of 0 tasks');
    expect(stderr).toContain('empty.csv has no rows\n');
    const bad = await simulate('--nodes', 'all-bad.csv');
    expect(bad).toMatchObject({ exitCode: 2, stdout: '' });
    expect(bad.stderr).toContain('all-bad.csv, line 21: cpu_milli is empty');
    expect(bad.stderr).toContain('all-bad.csv: … and 30 more\nall-bad.csv: 50 of 50 rows were left out\n');
    expect(bad.stderr).toContain('all-bad.csv: there is no machine');
  });

  it('says what it comes to that a trace tells no times', async () => {
    const { exitCode, stderr } = await simulate('--nodes', 'nodes.csv', '--pods', 'timeless.csv');
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      'timeless.csv has no creation_time: all tasks are there from the beginning\ntimeless.csv has no deletion_time: tasks last for ever\n',
    );
  });

  it('lets nothing of a file get at the terminal', async () => {
    const { stderr } = await simulate('--agents', '1', '--pods', 'controls.csv');
    expect(stderr).toContain("controls.csv, line 2: cpu_milli is ' [31m'");
    expect(stderr).not.toContain('\u001b');
  });

  it('tells the figures even if it cannot write the page', async () => {
    const { exitCode, stdout, stderr } = await proffer(['simulate', ...traced, '--report', 'x.html'], {
      files,
      full: true,
    });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('tasks started');
    expect(stderr).toContain('cannot write x.html: ENOSPC');
  });

  it('tells small parts to two figures, as large clusters need it', () => {
    expect([0, 0.000271, -0.000271, 1e-9, 0.0005, 0.345, 1].map(percent)).toEqual([
      ...['0.0 %', '0.027 %', '-0.027 %', '<0.0001 %', '0.1 %', '34.5 %', '100.0 %'],
    ]);
  });

  it('makes a bad row an error if it is to be strict', async () => {
    const { exitCode, stdout, stderr } = await simulate(...traced, '--strict');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain("pods.csv: Line 4: cpu_milli is 'many'");
    expect((await simulate('--agents', '2', '--jobs', 'jobs.tsv', '--strict', '--until', '1m')).exitCode).toBe(0);
  });

  it('writes tables for spreadsheets', async () => {
    const { written } = await simulate(...traced, '--policy', 'drf,fifo', '--csv', 'out');
    expect([...written.keys()]).toEqual(
      ['summary.csv', 'tenants.csv', 'timeline.csv'].map((name) => join('out', name)),
    );
    for (const text of written.values()) {
      const rows = text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','));
      expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    }
    const lines = (name: string): readonly string[] => (written.get(join('out', name)) ?? '').trimEnd().split('\n');
    expect(lines('summary.csv').map((line) => line.split(',')[0])).toEqual(['policy', 'drf', 'fifo']);
    expect(lines('tenants.csv')).toHaveLength(1 + 2 * 2);
    expect(lines('timeline.csv')[0]).toBe(
      'policy,at_ms,running,waiting,jain,cpus_in_use,mem_in_use,gpu_in_use,cpus_stranded,mem_stranded,gpu_stranded,share_BE,share_LS',
    );
    expect(lines('timeline.csv')[1]).toMatch(/^drf,0,1,0,1,0\.166667,/);
  });

  it('writes a page', async () => {
    const { exitCode, written } = await simulate(...traced, '--policy', 'drf,fifo', '--report', 'out/page.html');
    expect(exitCode).toBe(0);
    const page = written.get('out/page.html') ?? '';
    expect(page).toMatch(/^<!doctype html>/i);
    for (const text of ['nodes.csv', 'pods.csv', 'fifo', 'LS']) expect(page).toContain(text);
  });

  it("makes a paper's experiment again", async () => {
    const { exitCode, stdout, written } = await simulate('--paper', 'drf-sharing', '--report', 'p.html');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Two jobs share 48 machines/);
    expect(stdout).toMatch(/^minutes 0-2: memory of job 1 +70 +[67]\d\.?\d* +%$/m);
    expect(stdout).toMatch(/^- Tasks last 8 s/m);
    expect(written.has('p.html')).toBe(true);
    expect((await simulate('--paper', 'moon')).stderr).toContain('drf-sharing, drf-slots, drf-facebook, mesos-macro');
  });

  it('says on a terminal how far it is, how fast it goes and how long it takes', async () => {
    let now = 0;
    const clock = (): number => (now += 250);
    const args = ['simulate', '--until', '15m', '--policy', 'drf,fifo', '--agents', '4'];
    const { stderr } = await proffer(args, { interactive: true, now: clock });
    expect(stderr).toMatch(
      /\rdrf \(1 of 2\): \d+\.\d %, [\d.]+ min simulated, [\d,]+ tasks, [\d,]+ tasks\/s, [\d.]+ m?s left/,
    );
    expect(stderr).toContain('\rfifo (2 of 2): ');
    expect(stderr.endsWith('\r\u001b[K')).toBe(true);
    expect((await proffer(args, { now: clock })).stderr).toBe('');
  });

  it.each([
    [['extra'], 'takes options only'],
    [['--agents', '0'], '--agents takes a whole number'],
    [['--until', '5'], '--until takes a time'],
    [['--until', '-5s'], '--until'],
    [['--until', '1e9d'], '--until takes a time'],
    [['--seed', 'x'], '--seed takes a whole number'],
    [['--cluster', 'moon'], "There is no cluster 'moon'"],
    [['--workload', '__proto__'], "There is no workload '__proto__'"],
    [['--nodes', 'nowhere.csv'], 'cannot read nowhere.csv'],
    [['--nodes', 'jobs.tsv'], "jobs.tsv: The header has no 'sn'"],
    [['--pods', 'gzip.csv'], 'gzip.csv is compressed; unpack it first'],
    [['--pods', 'utf16.csv'], 'utf16.csv is not text in UTF-8'],
    [['--nodes', 'nodes.csv', '--cluster', 'omega'], 'only one of --nodes, --cluster'],
    [['--pods', 'pods.csv', '--workload', 'omega'], 'only one of --pods, --workload'],
    [['--weight', 'web'], '--weight takes ROLE=WEIGHT'],
    [['--weight', 'web=-1'], 'a weight must be a number above 0'],
    [['--weight', 'nobody=1'], 'has no tenant "nobody"; there are: web, etl, ads, research'],
    [['--behaviour', 'web=kind'], 'there is no behaviour "kind"'],
    [['--policy', 'no-such-policy'], 'cannot load the policy'],
    [['--policy', ','], '--policy names none'],
  ])('cannot understand %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await simulate(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});

describe('proffer simulate with policies from files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'proffer-simulate-'));
    const rank = 'rank: (client) => client.count';
    writeFileSync(join(folder, 'fewest.mjs'), `export default { name: 'fewest', ${rank} };`);
    writeFileSync(
      join(folder, 'broken.mjs'),
      `export default { name: 'broken', rank() { throw new Error('no idea'); } };`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows them beside ours', async () => {
    const result = await json(...traced, '--policy', `drf,${join(folder, 'fewest.mjs')}`);
    expect(result.policies.map(({ policy, jobsEnded }) => [policy, jobsEnded])).toEqual([
      ['drf', 2],
      ['fewest', 2],
    ]);
  });

  it('exits with 1 when one fails', async () => {
    const { exitCode, stdout, stderr } = await simulate(...traced, '--policy', join(folder, 'broken.mjs'));
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('broken failed');
    expect(stderr).toContain('no idea');
  });
});

/** Two tenants on one agent: one has all of it, both want more. */
function saved(): string {
  const box = cluster();
  for (const role of ['ads', 'etl']) box.framework(role, [role]);
  box.send({ type: 'register', agent: 'm0', resources: 'cpus:4;mem:4096' });
  box.run();
  const owner = box.state.offers.values()[0]?.offer.framework ?? '';
  const tasks = [1, 2, 3, 4].map((n) => task(`t${n}`, 'cpus:1;mem:512'));
  box.launch(owner, 'm0', tasks, { refuseSeconds: 0 });
  for (const framework of ['ads', 'etl']) {
    const requests = [{ resources: 'cpus:1;mem:512', count: 6 }];
    box.send({ type: 'request', framework, connection: `c-${framework}`, requests });
  }
  return [...serialize(box.state)].join('');
}

describe('proffer simulate --from', () => {
  const states = { 'state.json': saved(), 'broken.json': '{}' };
  const what = (...args: readonly string[]): ReturnType<typeof proffer> =>
    proffer(['simulate', '--from', 'state.json', '--until', '10m', '--lasts', '30s', ...args], { files: states });

  it('says what would come of a change, tenant by tenant', async () => {
    const { exitCode, stdout } = await what('--change', 'weight:ads=3', '--change', 'agents:+1');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('As it is, and with weight:ads=3, agents:+1:\n');
    expect(stdout).toMatch(/^tenant +weight +share +tasks ended +still waiting +waited p50 +p95$/m);
    expect(stdout).toMatch(/^ads +1 -> 3 +[\d.]+ % -> [\d.]+ % +\d+ -> \d+ +\d+ -> \d+ /m);
    expect(stdout).toMatch(/^etl +1 +[\d.]+ % -> [\d.]+ % /m);
    expect(stdout).toMatch(/^ +drf as it is +drf changed$/m);
  });

  it('has no waiting times for who starts nothing any more', async () => {
    const { stdout } = await what('--change', 'guarantee:etl=cpus:99', '--drain');
    expect(stdout).toMatch(/^ads .* -> - +[^ ]+ [a-z]+ -> -$|^ads .* - +-$/m);
  });

  it('prints the difference as JSON, and a page', async () => {
    const { stdout, written } = await what('--change', 'policy:fifo', '--drain', '--json', '--report', 'x.html');
    const made = JSON.parse(stdout) as { readonly changes: unknown; readonly tenants: { readonly role: string }[] };
    expect(made).toMatchObject({ changes: ['policy:fifo'], result: { policies: [{}, { policy: 'fifo changed' }] } });
    expect(made.tenants.map(({ role }) => role)).toEqual(['ads', 'etl']);
    expect(written.get('x.html')).toContain('fifo changed');
  });

  it.each([
    [[], '--from needs a --change'],
    [['--change', 'size:ads=2'], 'cannot be understood'],
    [['--change', 'weight:nobody=2'], "There is no role 'nobody'; there are: ads, etl"],
    [['--change', 'policy:none-such'], 'cannot load the policy'],
    [['--change', 'agents:+1', '--pods', 'x.csv'], '--from can not be with --pods'],
    [['--change', 'agents:+1', '--preemption'], '--from can not be with --preemption'],
    [['--from', 'broken.json', '--change', 'agents:+1'], 'proffer: broken.json: '],
    [['--change', 'agents:-1'], 'The changes leave no agent'],
    [['--from', 'nowhere.json', '--change', 'agents:+1'], 'cannot read nowhere.json'],
  ])('cannot understand %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await what(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('needs a state for a change', async () => {
    expect((await simulate('--change', 'agents:+1')).stderr).toContain('--change needs --from');
  });
});

it('names its options in the help and in the list of verbs', async () => {
  const { stdout } = await proffer(['simulate', '--help']);
  const source = readFileSync(new URL('../../src/cli/simulate.ts', import.meta.url), 'utf8');
  const options = [...source.matchAll(/^ {4}'?([\w-]+)'?: \{ type: /gm)].map((match) => match[1] ?? '');
  expect(options.length).toBeGreaterThan(10);
  for (const option of options) expect(stdout).toContain(`--${option}`);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(104);
  expect((await proffer(['--help'])).stdout).toContain('simulate');
});
