/**
 * `npm run bench -- [WORKLOAD] [options]`: `proffer bench` from this tree. Without a workload the usual ones, which take
 * a minute or two at their usual sizes.
 *
 * `npm run bench -- --write [--full] [--quick]`: all workloads at the sizes that matter, into `bench/RESULTS.md`, in about a
 * quarter of an hour. `--full` adds the ten million refusals, whose set-up takes far longer than what is timed; `--quick`
 * leaves out what is large.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeResults } from './measure/results.mjs';

const usual = [
  'full-cycle',
  'idle-cycle',
  'one-agent',
  'declined-cycle',
  'decline-offers',
  'large-small-quota',
  'fill',
  'inputs',
  'register',
  'serialize',
  'sorter',
  'explain',
];

const given = process.argv.slice(2);
if (given.includes('--write')) {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  const { values } = parseArgs({ args: given, options: { write: flag, full: flag, quick: flag } });
  const command = ['node scripts/bench.mjs', ...given].join(' ');
  await writeResults({ full: values.full, quick: values.quick, command });
} else {
  const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
  const named = given[0] !== undefined && !given[0].startsWith('-');
  const args = named ? given : [usual.join(','), ...given];
  process.exitCode = spawnSync(process.execPath, [command, 'bench', ...args], { stdio: 'inherit' }).status ?? 1;
}
