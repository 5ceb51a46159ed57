/**
 * What it costs to run a command by `proffer run` rather than by `spawn`: so many tasks of `true` on four agents of this
 * machine, then as many by plain `spawn`, as many at a time, in one go. Needs a build.
 *
 * Usage: node scripts/overhead.mjs [TASKS]
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const tasks = Number(process.argv[2] ?? 1_000);
const agents = 4;
const atATime = 4 * agents;
const command = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'proffer-overhead-'));

try {
  const ours = byProffer();
  const line = await bySpawn('/bin/sh', ['-c', 'true']);
  const plain = await bySpawn('true', []);
  for (const [what, ms] of [
    [`proffer run, ${agents} agents`, ours],
    ['spawn of a shell line', line],
    ['spawn of the program', plain],
  ]) {
    console.log(
      `${String(what).padEnd(24)} ${String(Math.round((tasks / Number(ms)) * 1_000)).padStart(6)} tasks/s  ${(Number(ms) / plain).toFixed(1)} x`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** From the launch of the first task to the end of the last, ms. */
function byProffer() {
  const file = join(folder, 'plan.json');
  const task = { id: 't', command: 'true', resources: 'cpus:1;mem:16', instances: tasks };
  const frameworks = [{ name: 'f', scheduler: 'batch', jobs: [{ id: 'j', tasks: [task] }] }];
  writeFileSync(
    file,
    JSON.stringify({ agents: [{ id: 'a', resources: 'cpus:4;mem:4096', count: agents }], frameworks }),
  );
  const { stdout, status } = spawnSync(process.execPath, [command, 'run', file], { encoding: 'utf8' });
  const [, seconds] = /tasks, in ([\d.]+) s$/m.exec(stdout) ?? [];
  if (status !== 0 || seconds === undefined) throw new Error(`proffer run ended with ${status}:\n${stdout}`);
  return Number(seconds) * 1_000;
}

/**
 * @param {string} program
 * @param {string[]} words
 * @returns {Promise<number>} ms
 */
async function bySpawn(program, words) {
  const start = performance.now();
  let left = tasks;
  /** @returns {Promise<void>} */
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await new Promise((resolve, reject) => {
        spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
          .once('error', reject)
          .once('close', resolve);
      });
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return performance.now() - start;
}
