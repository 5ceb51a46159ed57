/**
 * Flips each comparison, term and condition of the core's own share, order, filter and headroom code in turn, and runs the
 * tests that must notice. Prints those that nothing noticed, but for the ones that `mutate/equivalents.json` declares to
 * change nothing, each with the reason. It works in a copy and takes hours for all of it.
 *
 *     npm run mutate                              # all targets
 *     npm run mutate -- src/drf/share.ts          # some
 *     npm run mutate -- src/drf/share.ts --list   # what would be flipped
 *     npm run mutate -- --from 40 FILE            # go on from a mutant
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutated, mutantsOf } from './mutate/mutants.mjs';
import { targets } from './mutate/targets.mjs';

/** @typedef {import('./mutate/mutants.mjs').Mutant} Mutant */
/** @typedef {{ file: string, code: string, from: string, to: string, why: string }} Equivalent */

const root = fileURLToPath(new URL('..', import.meta.url));
/** A mutant may loop for ever: then it was noticed. */
const longestMs = 300_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean' }, from: { type: 'string', default: '0' } },
});
const chosen = positionals.length === 0 ? targets : targets.filter(({ file }) => positionals.includes(file));
const unknown = positionals.filter((file) => !targets.some((target) => target.file === file));
if (unknown.length > 0) throw new Error(`not a target: ${unknown.join(', ')}`);

/** @type {readonly Equivalent[]} */
const equivalents = JSON.parse(readFileSync(join(root, 'scripts/mutate/equivalents.json'), 'utf8'));

if (values.list === true) {
  for (const { file } of chosen) for (const mutant of readMutants(file)) console.log(describe(file, mutant));
} else process.exitCode = await mutateAll();

async function mutateAll() {
  const copy = copyOfAll();
  /** @type {string[]} */
  const survivors = [];
  let total = 0;
  let declared = 0;
  try {
    for (const target of chosen) {
      const { file } = target;
      const original = readFileSync(join(root, file), 'utf8');
      const mutants = readMutants(file);
      for (const [i, mutant] of mutants.entries()) {
        if (i < Number(values.from)) continue;
        total += 1;
        if (isEquivalent(file, mutant)) {
          declared += 1;
          continue;
        }
        writeFileSync(join(copy, file), mutated(original, mutant));
        const isNoticed = await isNoticedBy(copy, target.stages);
        console.log(`${isNoticed ? 'noticed ' : 'SURVIVED'} ${i + 1}/${mutants.length} ${describe(file, mutant)}`);
        if (!isNoticed) survivors.push(describe(file, mutant));
      }
      writeFileSync(join(copy, file), original);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  console.log(`${total} mutants, ${declared} declared to change nothing, ${survivors.length} survived`);
  for (const survivor of survivors) console.log(`  ${survivor}`);
  return survivors.length > 0 ? 1 : 0;
}

/**
 * @param {string} folder
 * @param {readonly (readonly string[])[]} stages
 */
async function isNoticedBy(folder, stages) {
  for (const tests of stages) if (await fails(folder, tests)) return true;
  return false;
}

/** The sources and tests, beside the same packages. */
function copyOfAll() {
  const copy = mkdtempSync(join(tmpdir(), 'proffer-mutants-'));
  for (const name of [
    'src',
    'test',
    'bench',
    'docs',
    'examples',
    'scripts',
    'package.json',
    'vitest.config.ts',
    'tsconfig.json',
    'README.md',
  ]) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** @param {string} file */
function readMutants(file) {
  if (!existsSync(join(root, file))) throw new Error(`there is no ${file}`);
  return mutantsOf(file, readFileSync(join(root, file), 'utf8'));
}

/**
 * @param {string} file
 * @param {Mutant} mutant
 */
function isEquivalent(file, { code, from, to }) {
  return equivalents.some((one) => one.file === file && one.code === code && one.from === from && one.to === to);
}

/**
 * @param {string} file
 * @param {Mutant} mutant
 */
function describe(file, { line, from, to, code }) {
  return `${file}:${line} ${from} -> ${to} | ${code}`;
}

/**
 * Whether some of the tests fail, or never end.
 *
 * @param {string} folder
 * @param {readonly string[]} tests
 * @returns {Promise<boolean>}
 */
function fails(folder, tests) {
  return new Promise((resolve) => {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', '--bail', '1', ...tests], { cwd: folder, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), longestMs);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code !== 0);
    });
  });
}
