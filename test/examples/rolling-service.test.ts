import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildProgram } from './build.js';

const folder = mkdtempSync(join(tmpdir(), 'proffer-rolling-'));

beforeAll(async () => {
  for (const name of ['main', 'server']) await buildProgram(`rolling-service/${name}.ts`, join(folder, `${name}.js`));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a service is scaled and brought to another version while requests flow, and none is lost', () => {
  const { stdout, status } = spawnSync(process.execPath, [join(folder, 'main.js')], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stdout).toMatch(/^4 instances of version two are ready\n2 instances of version two are ready$/m);
  expect(stdout).toMatch(
    /^\d+ requests were answered, [1-9]\d* by version one and [1-9]\d* by version two; 0 were lost$/m,
  );
  expect(status).toBe(0);
}, 90_000);
