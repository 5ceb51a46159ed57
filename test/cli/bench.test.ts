import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { workloads, type WorkloadRow } from '../../bench/index.js';
import { proffer } from './fake-io.js';

const folder = mkdtempSync(join(tmpdir(), 'proffer-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const row: WorkloadRow = {
  workload: 'inputs',
  phase: 'mixed',
  agents: 10_000,
  frameworks: 100,
  roles: 100,
  tasks: 100_000,
  policy: 'drf',
  runs: 5,
  ops: 50_000,
  medianMs: 250,
  minMs: 240,
  spread: 0.04,
  nsPerOp: 5_000,
  p50Ns: 4_321,
  p99Ns: 15_700,
  opsPerSecond: 200_000,
  peakRssMiB: 300,
  noisy: false,
  ratio: { naive: null, limit: null },
};
const runChild = (): { exitCode: number; stdout: string } => ({ exitCode: 0, stdout: JSON.stringify([row]) });

describe('proffer bench', () => {
  it('exits with 2 and lists the workloads when none, or an unknown one, is named', async () => {
    for (const args of [['bench'], ['bench', 'nonsense'], ['bench', 'inputs,nonsense']]) {
      const { exitCode, stderr, children } = await proffer(args);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/There are: full-cycle, .*, inputs, /);
      expect(children).toEqual([]);
    }
  });

  it('measures each row in a child process, with the options passed on', async () => {
    const { exitCode, children } = await proffer(
      ['bench', 'inputs', '--agents', '50', '--runs=3', '--seed', '0', '--compare', 'naive,limit', '--policy', 'drf'],
      { runChild },
    );
    expect(exitCode).toBe(0);
    expect(children).toEqual([
      ['bench', 'inputs', '--phase', 'mixed', '--in-process', '--json'].concat([
        '--agents',
        '50',
        '--seed',
        '0',
        '--policy',
        'drf',
        '--compare',
        'naive,limit',
        '--runs',
        '3',
      ]),
    ]);
  });

  it('measures what happens once in a process in as many processes as there are runs, as one row', async () => {
    const { stdout, children } = await proffer(['bench', 'full-cycle', '--phase', 'cold', '--runs', '3', '--json'], {
      runChild: () => ({ exitCode: 0, stdout: JSON.stringify([{ ...row, runs: 1 }]) }),
    });
    const child = ['bench', 'full-cycle', '--phase', 'cold', '--in-process', '--json', '--runs', '1'];
    expect(children).toEqual([child, child, child]);
    expect(JSON.parse(stdout)).toMatchObject([{ runs: 3, medianMs: 250, spread: 0, noisy: false }]);
  });

  it('measures every workload for the word all', async () => {
    const { children } = await proffer(['bench', 'all', '--runs', '1'], { runChild });
    const rows = workloads.flatMap(({ name, phases }) => phases.map((phase) => [name, phase]));
    expect(children.map(([, name, , phase]) => [name, phase])).toEqual(rows);
  });

  it('passes on how roles are laid out', async () => {
    const args = ['--layout', 'two-level', '--roles', '7'];
    const { children } = await proffer(['bench', 'idle-cycle', ...args], { runChild });
    const base = ['bench', 'idle-cycle', '--phase', 'cycle', '--in-process', '--json'];
    expect(children).toEqual([[...base, '--roles', '7', '--layout', 'two-level']]);
  });

  it('exits with 2 when roles and layout do not go together', async () => {
    const { exitCode, stderr, children } = await proffer(['bench', 'fill', '--layout', 'own', '--roles', '7']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('with a role of its own');
    expect(children).toEqual([]);
  });

  it('has columns for memory, layouts and the slowest operation only where there are any', async () => {
    const more: WorkloadRow = { ...row, maxNs: 9_876_543, liveHeapMiB: 87, layout: 'two-level' };
    const { stdout } = await proffer(['bench', 'inputs'], {
      runChild: () => ({ exitCode: 0, stdout: JSON.stringify([more]) }),
    });
    expect(stdout).toMatch(/layout .* max ns .* live MiB/);
    expect(stdout).toMatch(/two-level .* 9,876,543 .* 87\n/);
    const plain = await proffer(['bench', 'inputs'], { runChild });
    expect(plain.stdout).not.toMatch(/layout|max ns|live MiB/);
  });

  it('prints the rows as JSON', async () => {
    expect(JSON.parse((await proffer(['bench', 'inputs', '--json'], { runChild })).stdout)).toEqual([row]);
  });

  it('prints a table without the columns that have no figure', async () => {
    const { stdout } = await proffer(['bench', 'inputs'], { runChild });
    expect(stdout.split('\n')[0]).toMatch(/^workload +phase +agents .* p99 ns/);
    expect(stdout).toContain('15,700');
    expect(stdout).not.toContain('x naive');
  });

  it('shows its progress on a terminal only', async () => {
    expect((await proffer(['bench', 'inputs'], { runChild })).stderr).toBe('');
    expect((await proffer(['bench', 'inputs'], { runChild, interactive: true })).stderr).toContain('1/1 inputs mixed');
  });

  it.each([
    ['--agents', '0'],
    ['--agents', 'many'],
    ['--agents', '1.5'],
    ['--seed', '1e400'],
    ['--compare', 'everything'],
    ['--policy', './nowhere.js'],
    ['--phase', 'none'],
    ['--layout', 'round'],
  ])('exits with 2 for %s %s', async (option, value) => {
    const { exitCode, stderr, children } = await proffer(['bench', 'inputs', option, value]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(value);
    expect(children).toEqual([]);
  });

  it('takes a policy from the default export of a file, and refuses a file without one', async () => {
    const good = join(folder, 'good.mjs');
    const bad = join(folder, 'bad.mjs');
    writeFileSync(good, `export default { name: 'mine', rank: () => 0 };`);
    writeFileSync(bad, `export default { rank: 'low' };`);
    expect((await proffer(['bench', 'inputs', '--policy', good], { runChild })).exitCode).toBe(0);
    const refused = await proffer(['bench', 'inputs', '--policy', bad], { runChild });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('is not a policy');
  });

  it('says which row failed when its process did', async () => {
    const failing = await proffer(['bench', 'inputs'], { runChild: () => ({ exitCode: 1, stdout: '' }) });
    expect(failing).toMatchObject({ exitCode: 1, stdout: '' });
    expect(failing.stderr).toContain('measuring inputs mixed failed');
  });
});
