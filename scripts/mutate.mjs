/**
 * Flips each comparison, term and condition of the core's own share, order, filter and headroom code in turn, and runs the
 * tests that must notice. Prints those that nothing noticed, but for the ones that `mutate/equivalents.json` declares to
 * change nothing, each with the reason. It works in a copy and takes hours for all of it.
 *
 *     npm run mutate                              # all targets
 *     npm run mutate -- src/drf/share.ts          # some
 *     npm run mutate -- src/drf/share.ts --list   # what would be flipped
 *     npm run mutate -- --from 40 FILE            # go on from a mutant
 *     npm run mutate -- --stages 2 FILE           # ask the first stages of tests only: more survive, to be looked at
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutated, mutantsOf } from './mutate/mutants.mjs';
import { targets } from './mutate/targets.mjs';

/** @typedef {import('./mutate/mutants.mjs').Mutant} Mutant */
/** @typedef {{ file: string, within: string, was: string, becomes: string, why: string }} Equivalent */

/** How long a test may take, of which none takes a minute. */
const unhurriedMs = 3_600_000;

const root = fileURLToPath(new URL('..', import.meta.url));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean' }, from: { type: 'string', default: '0' }, stages: { type: 'string' } },
});
const depth = values.stages === undefined ? Infinity : Number(values.stages);
const chosen = targets
  .filter(({ file }) => positionals.length === 0 || positionals.includes(file))
  .map(({ file, stages }) => ({ file, stages: stages.slice(0, depth) }));
const unknown = positionals.filter((file) => !targets.some((target) => target.file === file));
if (unknown.length > 0) throw new Error(`not a target: ${unknown.join(', ')}`);

/** @type {readonly Equivalent[]} */
const equivalents = JSON.parse(readFileSync(join(root, 'scripts/mutate/equivalents.json'), 'utf8'));

if (values.list === true) {
  for (const { file } of chosen) for (const mutant of readMutants(file)) console.log(describe(file, mutant));
} else process.exitCode = await mutateAll();

async function mutateAll() {
  const copy = copyOfAll();
  try {
    const patience = await patienceFor(copy, chosen);
    let survived = 0;
    for (const target of chosen) survived += await mutateOne(copy, target, patience);
    return survived > 0 ? 1 : 0;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * @param {string} copy
 * @param {import('./mutate/targets.mjs').Target} target
 * @param {ReadonlyMap<string, number>} patience
 * @returns {Promise<number>} How many survived.
 */
async function mutateOne(copy, { file, stages }, patience) {
  const original = readFileSync(join(root, file), 'utf8');
  const counts = { noticed: 0, declared: 0, SURVIVED: 0 };
  const mutants = readMutants(file);
  for (const [i, mutant] of mutants.entries()) {
    if (i < Number(values.from)) continue;
    writeFileSync(join(copy, file), mutated(original, mutant));
    const isNoticed = !isEquivalent(file, mutant) && (await isNoticedBy(copy, stages, patience));
    const fate = isEquivalent(file, mutant) ? 'declared' : isNoticed ? 'noticed' : 'SURVIVED';
    counts[fate] += 1;
    console.log(`${fate.padEnd(8)} ${i + 1}/${mutants.length} ${describe(file, mutant)}`);
  }
  writeFileSync(join(copy, file), original);
  const { noticed, declared, SURVIVED } = counts;
  console.log(`${file}: ${noticed} noticed, ${declared} declared to change nothing, ${SURVIVED} survived`);
  return SURVIVED;
}

/**
 * @param {string} folder
 * @param {readonly (readonly string[])[]} stages
 * @param {ReadonlyMap<string, number>} patience
 */
async function isNoticedBy(folder, stages, patience) {
  for (const stage of stages) {
    const { passed } = await run(folder, stage, patience.get(stage.join(' ')) ?? Infinity);
    if (!passed) return true;
  }
  return false;
}

/**
 * Runs the tests with nothing changed. One that fails by itself would notice everything; and what takes much longer with a
 * mutant than without loops for ever, which is noticed too.
 *
 * @param {string} folder
 * @param {readonly import('./mutate/targets.mjs').Target[]} some
 * @returns {Promise<ReadonlyMap<string, number>>} How long each stage may take, ms.
 */
async function patienceFor(folder, some) {
  /** @type {Map<string, number>} */
  const patience = new Map();
  for (const stage of some.flatMap(({ stages }) => stages)) {
    if (patience.has(stage.join(' '))) continue;
    const startedMs = performance.now();
    const { passed, told } = await run(folder, stage, Infinity);
    if (!passed) throw new Error(`fails with nothing changed: ${stage.join(' ')}\n${told.slice(-10_000)}`);
    patience.set(stage.join(' '), 20_000 + 4 * (performance.now() - startedMs));
  }
  return patience;
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
  for (const file of readdirSync(join(copy, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.test.ts')) unhurry(join(copy, 'test', file));
  }
  return copy;
}

/**
 * That a machine is busy must notice nothing: tests may take as long as they like.
 *
 * @param {string} file
 */
function unhurry(file) {
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/\btimeout: \d+_000\b/g, `timeout: ${unhurriedMs}`));
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
function isEquivalent(file, { within, was, becomes }) {
  return equivalents.some(
    (one) => one.file === file && one.within === within && one.was === was && one.becomes === becomes,
  );
}

/**
 * @param {string} file
 * @param {Mutant} mutant
 */
function describe(file, { line, within, was, becomes }) {
  return `${file}:${line} in ${within}: ${was}  =>  ${becomes}`;
}

/**
 * Runs tests. They have passed if all of them ended in time, and well.
 *
 * @param {string} folder
 * @param {readonly string[]} tests
 * @param {number} longestMs
 * @returns {Promise<{ passed: boolean, told: string }>}
 */
function run(folder, tests, longestMs) {
  return new Promise((resolve) => {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const child = spawn(
      process.execPath,
      [vitest, 'run', '--bail', '1', '--testTimeout', String(unhurriedMs), ...tests],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
        // In a group of its own: a worker that loops for ever outlives whoever started it.
        detached: true,
      },
    );
    let told = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (told += String(bytes)));
    const end = () => endGroup(child.pid);
    const timer = Number.isFinite(longestMs) ? setTimeout(end, longestMs) : undefined;
    process.once('exit', end);
    child.on('exit', (code) => {
      clearTimeout(timer);
      process.off('exit', end);
      end();
      resolve({ passed: code === 0, told });
    });
  });
}

/** @param {number | undefined} pid */
function endGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
