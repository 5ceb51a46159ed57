/**
 * Simulates clusters in which things go wrong for as long as it is told: `npm run soak -- --hours 8`.
 *
 *   --hours N   how long, real hours; default 1
 *   --seed N    the first seed; default 1000000, where `npm test` does not come
 *   --agents N --frameworks N --tasks N   of every cluster; without them sizes differ
 *
 * The first failure is cut down, printed, and ends it with exit code 1; the record of it, if there is one, is written to
 * soak-SEED.jsonl for `proffer replay`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1000000' },
    agents: { type: 'string' },
    frameworks: { type: 'string' },
    tasks: { type: 'string' },
  },
});

const { faultPlan, faultText, shrinkFault, simulateFaults } = await load();
const sizes = [
  { agents: 2, frameworks: 2, tasks: 8 },
  { agents: 4, frameworks: 3, tasks: 30 },
  { agents: 20, frameworks: 5, tasks: 400 },
];
const asked = Object.fromEntries(
  Object.entries({ agents: values.agents, frameworks: values.frameworks, tasks: values.tasks }).flatMap(
    ([name, text]) => (text === undefined ? [] : [[name, number(text, name)]]),
  ),
);

const begun = performance.now();
const end = begun + number(values.hours, 'hours') * 3_600_000;
const sums = { histories: 0, inputs: 0, simulatedMs: 0, taskMs: 0 };
let saidAt = begun;
for (let seed = number(values.seed, 'seed'); performance.now() < end; seed += 1) {
  const run = await simulateFaults(faultPlan(seed, { ...sizes[seed % sizes.length], ...asked }));
  if (run.failure !== undefined) await fail(run);
  sums.histories += 1;
  sums.inputs += run.inputs;
  sums.simulatedMs += run.simulatedMs;
  sums.taskMs += run.tasks.mean * run.simulatedMs;
  if (performance.now() - saidAt > 60_000) say();
}
say();

/** The simulator is not necessarily built yet: it is bundled from its sources. */
async function load() {
  const folder = mkdtempSync(join(tmpdir(), 'proffer-soak-'));
  const outfile = join(folder, 'simulation.mjs');
  try {
    await build({
      entryPoints: ['src/simulation/index.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'warning',
    });
    return /** @type {typeof import('../src/simulation/index.js')} */ (await import(pathToFileURL(outfile).href));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {import('../src/simulation/index.js').FaultRun} run */
async function fail(run) {
  console.log(`seed ${run.plan.seed} fails; it is being cut down`);
  const shrunk = await shrinkFault(run);
  console.log(faultText(shrunk));
  if (shrunk.record !== undefined) writeFileSync(`soak-${run.plan.seed}.jsonl`, `${shrunk.record.join('\n')}\n`);
  process.exit(1);
}

function say() {
  saidAt = performance.now();
  const seconds = (saidAt - begun) / 1_000;
  const hours = sums.simulatedMs / 3_600_000;
  console.log(
    [
      `${(seconds / 3_600).toFixed(2)} h: ${sums.histories} histories`,
      `${sums.inputs.toLocaleString('en-US')} inputs`,
      `${hours.toFixed(1)} cluster-hours with ${(sums.taskMs / Math.max(1, sums.simulatedMs)).toFixed(0)} tasks alive`,
      `${(hours / seconds).toFixed(3)} a second`,
    ].join(', '),
  );
}

/**
 * @param {string} text
 * @param {string} name
 * @returns {number}
 */
function number(text, name) {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < Infinity) return value;
  console.error(`--${name} takes a number, not ${JSON.stringify(text)}`);
  process.exit(2);
}
