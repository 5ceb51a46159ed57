/**
 * The host of the library that `npm start` runs: a master, three agents and two frameworks in one process. One framework
 * counts words, the other finds long lines, in tasks that are functions on worker threads; the agents' resources are
 * offered to them by dominant resource fairness.
 *
 * - `cluster.ts`: a master and its agents; `job.ts`: what runs on them, from the first offer to the teardown.
 * - `batch.ts`: the second level, a scheduler that turns offers into tasks.
 * - `live-view.ts`, `history.ts`: what a host can see, through queries and events.
 * - the rest is about texts, threads and terminals.
 */
import { fileURLToPath } from 'node:url';
import { showCursor } from './screen.js';
import { wordCount, type Host } from './word-count.js';

// A reader that has seen enough (`npm start | head -1`) closes the pipe: that is no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

const interruption = new AbortController();
// Once: whoever presses Ctrl-C again wants the process to end as it is.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
if (process.stdout.isTTY) process.on('exit', () => process.stdout.write(showCursor));

const host: Host = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  get terminal() {
    const { isTTY, columns, rows } = process.stdout;
    const colours = !process.env['NO_COLOR'];
    return isTTY && process.env['TERM'] !== 'dumb' ? { columns, rows, colours } : undefined;
  },
  // npm runs scripts in the package's folder and says here where it was called.
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  // All as they lie once this is built, in `dist-examples/word-count`.
  home: fileURLToPath(new URL('../../', import.meta.url)),
  worker: new URL('./worker.js', import.meta.url),
  executor: fileURLToPath(new URL('./executor.js', import.meta.url)),
  signal: interruption.signal,
};

// The exit code is noted rather than acted upon, so that everything written gets out.
process.exitCode = await wordCount(process.argv.slice(2), host);
