/**
 * `npm run bench -- [WORKLOAD] [options]`: `proffer bench` from this tree. Without a workload the usual ones, which take
 * a minute or two at their usual sizes.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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
const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const named = given[0] !== undefined && !given[0].startsWith('-');
const args = named ? given : [usual.join(','), ...given];
process.exitCode = spawnSync(process.execPath, [command, 'bench', ...args], { stdio: 'inherit' }).status ?? 1;
