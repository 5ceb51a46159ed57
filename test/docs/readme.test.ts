import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCommand, type RealCommand } from '../cli/real.js';

let command: RealCommand;

beforeAll(async () => {
  command = await buildCommand();
});

afterAll(() => command.dispose());

it('the file of the README runs as it stands there', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, json = ''] = /```json\n(.*?)```/s.exec(readme) ?? [];
  writeFileSync(join(command.folder, 'work.json'), json);
  const { code, stdout } = await command.start(['run', 'work.json']).ended;
  expect(stdout).toMatch(/^etl +fetch +finished +6\/6 tasks/m);
  expect(stdout).toMatch(/^etl +sum +finished +1\/1 tasks/m);
  expect(stdout).toMatch(/^web +site +(running|short) +\d\/2 ready/m);
  expect(code).toBe(0);
});
