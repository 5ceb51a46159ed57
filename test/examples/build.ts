import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Builds a program of an example that runs in a thread or a process of its own, where there is no TypeScript. */
export async function buildProgram(entry: string, outfile: string): Promise<void> {
  const names = ['framework-api', 'transport/node', 'schedulers', 'drf', 'resources'];
  await build({
    entryPoints: [`${root}examples/${entry}`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: Object.fromEntries([
      ...names.map((name) => [`proffer/${name}`, `${root}src/${name}/index.ts`]),
      ['proffer', `${root}src/index.ts`],
    ]),
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
}
