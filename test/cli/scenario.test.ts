import { describe, expect, it } from 'vitest';
import { proffer } from './fake-io.js';

const passing = JSON.stringify({
  suite: 'values',
  cases: [{ id: 'good', op: 'validateRole', input: 'web', expect: true }],
});
const failing = JSON.stringify({
  suite: 'values',
  cases: [
    { id: 'good', op: 'validateRole', input: 'web', expect: true },
    { id: 'wrong', op: 'validateRole', input: 'web', expect: false },
  ],
});
const skipping = JSON.stringify({ suite: 'recordio', cases: [{ id: 'later' }] });

describe('proffer scenario', () => {
  it('counts passed cases in its last line and exits with 0', async () => {
    const files = { 'a.json': passing };
    expect(await proffer(['scenario', 'a.json'], { files })).toMatchObject({
      exitCode: 0,
      stdout: '1 passed, 0 failed\n',
      stderr: '',
    });
  });

  it('prints a line for each failure with expected and actual, and exits with 1', async () => {
    const { exitCode, stdout } = await proffer(['scenario', 'a.json', 'b.json'], {
      files: { 'a.json': passing, 'b.json': failing },
    });
    expect(exitCode).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^FAIL b\.json wrong step \S+: expected false, actual true/);
    expect(lines[1]).toBe('2 passed, 1 failed');
  });

  it('exits with 1 when a case was skipped, and with 0 when that is allowed', async () => {
    const files = { 'a.json': skipping };
    const strict = await proffer(['scenario', 'a.json'], { files });
    expect(strict.exitCode).toBe(1);
    expect(strict.stdout).toBe('SKIP later: suite not built: recordio\n0 passed, 0 failed, 1 skipped\n');
    expect((await proffer(['scenario', 'a.json', '--allow-skipped'], { files })).exitCode).toBe(0);
  });

  it('fails when a case failed, even if skips are allowed', async () => {
    const files = { 'a.json': skipping, 'b.json': failing };
    expect((await proffer(['scenario', '--allow-skipped', 'a.json', 'b.json'], { files })).exitCode).toBe(1);
  });

  it('prints everything as JSON with --json', async () => {
    const files = { 'a.json': failing, 'b.json': skipping };
    const { exitCode, stdout } = await proffer(['scenario', '--json', 'a.json', 'b.json'], { files });
    expect(exitCode).toBe(1);
    const [step] = (JSON.parse(stdout) as { failures: { step: unknown }[] }).failures.map((failure) => failure.step);
    expect(JSON.parse(stdout)).toEqual({
      passed: 1,
      failed: 1,
      skipped: [{ id: 'later', why: 'suite not built: recordio' }],
      failures: [{ file: 'a.json', id: 'wrong', step, expected: false, actual: true }],
    });
  });

  it('exits with 2 without a file, for one that cannot be read, and for one that is not JSON', async () => {
    expect((await proffer(['scenario'])).stderr).toContain('needs at least one file');
    expect(await proffer(['scenario', 'none.json'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('cannot read none.json') as string,
    });
    expect(await proffer(['scenario', 'a.json'], { files: { 'a.json': '{' } })).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('a.json is not JSON') as string,
    });
  });

  it('exits with 2 for a file that is JSON and not a scenario file, saying where', async () => {
    const files = { 'a.json': JSON.stringify({ suite: 'values', cases: [{ id: 'x' }, {}] }) };
    const { exitCode, stderr } = await proffer(['scenario', 'a.json'], { files });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('a.json is not a scenario file: cases[1].id: a case has an id');
  });
});
