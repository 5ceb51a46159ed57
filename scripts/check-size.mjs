/**
 * Weighs the build as its users would get it: bundled with its dependencies, minified, compressed. Fails when something
 * has grown beyond its bound. How long an import takes is printed too, and never fails: clocks differ, bytes do not.
 * Needs a finished build and no network.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const processes = 15;

/**
 * What may not weigh more than this many bytes in brotli: a few percent above what it does weigh, so that growth is
 * decided on and not overlooked. Lower a bound when something got lighter; raise one in the change that needs it.
 *
 * `.` is the root with all that it exports. The others are one export each: how well a bundler can leave out the rest.
 */
const bounds = {
  '.': 113_000,
  createMaster: 95_000,
  transition: 80_500,
  deserialize: 37_500,
  agents: 5_500,
  resources: 8_100,
  drf: 200,
};

/** @type {{ exports: Record<string, string | { import: { default: string } }> }} */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** @type {string[]} */
const heavy = [];
console.log('brotli, kB / minified, kB, with dependencies');
for (const [path, target] of Object.entries(manifest.exports)) {
  if (typeof target === 'string') continue;
  await weigh(path, `export * from '${target.import.default}';`);
}
for (const name of Object.keys(bounds)) {
  if (name !== '.') await weigh(name, `export { ${name} } from './dist/index.js';`);
}
timeImports();
if (heavy.length > 0) {
  console.error(`size check failed:\n  ${heavy.join('\n  ')}\nThe bounds are in scripts/check-size.mjs`);
  process.exitCode = 1;
}

/**
 * @param {string} name
 * @param {string} contents
 */
async function weigh(name, contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    // As a bundler has it that builds for production.
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    external: ['node:*', 'fast-check'],
    write: false,
    logLevel: 'error',
  });
  const minified = outputFiles[0]?.contents ?? new Uint8Array();
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: minified.length,
  };
  const bytes = brotliCompressSync(minified, { params }).length;
  const bound = Object.hasOwn(bounds, name) ? bounds[/** @type {keyof typeof bounds} */ (name)] : undefined;
  const limit = bound === undefined ? '' : `  of ${kilo(bound)}`;
  console.log(`${name.padEnd(16)} ${kilo(bytes).padStart(6)} / ${kilo(minified.length).padStart(6)}${limit}`);
  if (bound !== undefined && bytes > bound) heavy.push(`${name} weighs ${bytes} bytes, and may weigh ${bound}`);
}

/** What a process that imports the root takes longer than one that does nothing, start to end. */
function timeImports() {
  const url = pathToFileURL(join(root, 'dist/index.js')).href;
  /** @type {Record<'idle' | 'import', number[]>} */
  const times = { idle: [], import: [] };
  for (let i = 0; i < processes; i += 1) {
    // By turns, so that whatever else the machine does falls on both.
    times.idle.push(run('0'));
    times.import.push(run(`import('${url}')`));
  }
  const [idle, loaded] = [median(times.idle), median(times.import)];
  const fastest = Math.min(...times.import) - Math.min(...times.idle);
  console.log(
    `import('proffer'): ${(loaded - idle).toFixed(1)} ms over node -e 0 (medians of ${processes}: ` +
      `${loaded.toFixed(1)} and ${idle.toFixed(1)} ms; fastest of each: ${fastest.toFixed(1)} ms apart)`,
  );
}

/** @param {string} code */
function run(code) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, ['-e', code]);
  if (status !== 0) throw new Error(`node -e "${code}" failed`);
  return performance.now() - start;
}

/** @param {readonly number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** @param {number} bytes */
function kilo(bytes) {
  return (bytes / 1_000).toFixed(1);
}
