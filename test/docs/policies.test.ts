/** The programs of `docs/policies.md` that have a name are run, and print what the page says they print. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, it, vi } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/policies.md'), 'utf8');

/** A program by its name, and what is printed under it. */
interface Program {
  readonly name: string;
  readonly code: string;
  readonly output: string | undefined;
}

const programs = [...page.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g)].map(
  ([, name = '', code = '', output]): Program => ({ name, code, output }),
);

const folder = mkdtempSync(join(tmpdir(), 'proffer-page-'));

/** What the page's own test is run by: it cannot be one within this one. */
const runner = `export function test(name, options, run) { run(); console.log('passed: ' + name); }`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program on the sources; what it printed. */
async function run(name: string): Promise<string> {
  const outfile = join(folder, name.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(folder, name)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    nodePaths: [join(root, 'node_modules')],
    alias: {
      proffer: join(root, 'src/index.ts'),
      'proffer/testing': join(root, 'src/testing/index.ts'),
      'proffer/drf': join(root, 'src/drf/index.ts'),
      vitest: join(folder, 'runner.js'),
    },
    logLevel: 'error',
  });
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...words: readonly unknown[]) => {
    printed.push(words.join(' '));
  });
  try {
    await import(/* @vite-ignore */ pathToFileURL(outfile).href);
  } finally {
    log.mockRestore();
  }
  return `${printed.join('\n')}\n`;
}

describe('docs/policies.md', () => {
  for (const { name, code } of programs) writeFileSync(join(folder, name), code);
  writeFileSync(join(folder, 'runner.js'), runner);

  it('has its programs', () => {
    expect(programs.map(({ name }) => name)).toEqual([
      'mine.ts',
      'check.ts',
      'assert.ts',
      'fair.ts',
      'fair.test.ts',
      'own.ts',
      'property.ts',
      'table.ts',
    ]);
  });

  it.each(programs.filter(({ output }) => output !== undefined))('says what $name prints', async ({ name, output }) => {
    expect(await run(name)).toBe(output);
  });

  it('has a test that passes', async () => {
    expect(await run('fair.test.ts')).toBe('passed: fair is fair, and does as a policy must\n');
  });
});
