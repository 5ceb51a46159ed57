import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildProgram } from './build.js';

const folder = mkdtempSync(join(tmpdir(), 'proffer-nightly-test-'));
const program = join(folder, 'main.js');

beforeAll(() => buildProgram('nightly-chain/main.ts', program));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a nightly chain runs each job once a night and in its turn', () => {
  const { stdout, status } = spawnSync(process.execPath, [program, '1'], { encoding: 'utf8', timeout: 60_000 });
  expect(stdout).toMatch(/^1 nights, each job once and in its turn$/m);
  expect(status).toBe(0);
}, 90_000);
