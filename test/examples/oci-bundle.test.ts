import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildProgram } from './build.js';

const folder = mkdtempSync(join(tmpdir(), 'proffer-oci-'));
const hasRunc = spawnSync('runc', ['--version']).status === 0;
/** What can't make containers can't be tested with them. */
const runsBundles = hasRunc && process.getuid?.() === 0;

beforeAll(async () => {
  for (const name of ['main', 'executor']) await buildProgram(`oci-bundle/${name}.ts`, join(folder, `${name}.js`));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.runIf(runsBundles)('an executor of a framework runs an OCI bundle as a container', () => {
  const { stdout, status } = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8' });
  expect(stdout).toContain('hello running\n');
  expect(stdout).toContain('hello finished: The container exited with status 0\n');
  expect(stdout).toMatch(/^hello from runc, process 1$/m);
  expect(status).toBe(0);
});

it.runIf(!hasRunc)('without runc the example says so', () => {
  const { stderr, status } = spawnSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toBe('There is no runc on this machine.\n');
});
