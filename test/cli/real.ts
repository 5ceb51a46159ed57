/** The command as a process of its own, for tests of what only processes show. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A built command. */
export interface RealCommand {
  /** The words that start it. */
  readonly self: readonly string[];
  /** A folder that goes away with it. */
  readonly folder: string;
  start(args: readonly string[], options?: { readonly cwd?: string }): Running;
  dispose(): void;
}

/** The command at work. */
export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Builds the command from its sources. */
export async function buildCommand(): Promise<RealCommand> {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-cli-'));
  await build({
    entryPoints: { main: fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)) },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['fast-check'],
    // Some dependencies are CommonJS and ask for node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const self = [process.execPath, join(folder, 'main.mjs')];
  return {
    self,
    folder,
    start: (args, options = {}) => start([...self, ...args], options.cwd ?? folder),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function start([program = '', ...words]: readonly string[], cwd: string): Running {
  const child = spawn(program, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Awaited<Running['ended']>>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, output: () => stdout + stderr, ended };
}
