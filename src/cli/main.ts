#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildResult, type Io } from './io.js';
import { runCommand } from './command.js';

// A reader that has seen enough (`proffer … | head -1`) closes the pipe: that is no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // A verb that has something running ends that first, as it would at Ctrl-C.
    if (process.listenerCount('SIGINT') === 0) process.exit();
    process.emit('SIGINT');
  });
}

const io: Io = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  readFile: (path) => readFile(path, 'utf8'),
  writeFile: async (path, text) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  },
  now: () => performance.now(),
  interactive: process.stderr.isTTY === true,
  self: [process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)],
  runChild,
};

/** The same file and flags of node, other arguments; and the right to collect garbage, so that a phase pays for its own only. */
async function runChild(args: readonly string[]): Promise<ChildResult> {
  const self = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [...process.execArgv, '--expose-gc', self, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null) reject(new Error(`a child process was ended by ${signal}`));
      else resolve({ exitCode: code ?? 1, stdout });
    });
  });
}

// The exit code is noted rather than acted upon, so that everything written gets out.
process.exitCode = await runCommand(process.argv.slice(2), io);
