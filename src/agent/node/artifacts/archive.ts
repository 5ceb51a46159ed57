/** Taking archives apart. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ArchiveKind } from '../../../tasks/index.js';

/** An archive that cannot be taken apart; the message says why. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** An archive beside which its contents are to lie, under a name of our own making. */
export interface Archive {
  readonly path: string;
  readonly kind: ArchiveKind;
}

/**
 * Takes an archive apart into the folder that it lies in. It goes into a folder of its own first and is moved from there, so
 * nothing is written through a link that an earlier archive brought; within one archive `tar` and `unzip` see to that: both
 * make links last, cut what begins with `/`, and `tar` refuses `..`, as is done here for `unzip`. Links may point anywhere.
 *
 * @throws ArchiveError, the errors of `node:fs`, and an `AbortError` when the signal is aborted.
 */
export async function extractArchive(archive: Archive, signal: AbortSignal | undefined): Promise<void> {
  const fresh = `${archive.path}.contents`;
  await mkdir(fresh);
  try {
    const file = join('..', basename(archive.path));
    if (archive.kind === 'tar') await run({ program: 'tar', words: ['-x', '-o', '-f', file], cwd: fresh, signal });
    else await unzip(file, fresh, signal);
    await moveContents(fresh, dirname(archive.path));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function unzip(file: string, cwd: string, signal: AbortSignal | undefined): Promise<void> {
  let stray: string | undefined;
  const look = (line: string): void => {
    if (/^\/|(^|\/)\.\.(\/|$)/.test(line)) stray ??= line;
  };
  await run({ program: 'unzip', words: ['-Z1', file], cwd, signal, look });
  if (stray !== undefined) throw new ArchiveError(`${JSON.stringify(stray)} in it lies outside of the sandbox`);
  // 1 is a warning: what is in the archive is there.
  await run({ program: 'unzip', words: ['-q', '-o', file], cwd, signal, fine: [0, 1] });
}

/** A program that is run. */
interface Run {
  readonly program: string;
  readonly words: readonly string[];
  readonly cwd: string;
  readonly signal: AbortSignal | undefined;
  /** Exit statuses that mean success. Default 0 alone. */
  readonly fine?: readonly number[];
  /** Is shown each line of the output. */
  look?(line: string): void;
}

async function run({ program, words, cwd, signal, fine = [0], look }: Run): Promise<void> {
  const child = spawn(program, words, {
    cwd,
    // `TAR_OPTIONS` and `UNZIP` would change what they do.
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    stdio: ['ignore', look === undefined ? 'ignore' : 'pipe', 'pipe'],
    // In a session of its own there is no terminal at which it could ask for a password.
    detached: true,
    ...(signal !== undefined && { signal }),
  });
  const said = firstWords(child);
  const lines = child.stdout !== null && look !== undefined ? createInterface({ input: child.stdout }) : undefined;
  if (look !== undefined) lines?.on('line', look);
  const [status, endedBy] = await ended(child, program);
  if (status !== null && fine.includes(status)) return;
  throw new ArchiveError(`${program} ended with ${status === null ? endedBy : `status ${status}`}: ${said()}`);
}

async function ended(child: ChildProcess, program: string): Promise<[number | null, string | null]> {
  try {
    return (await once(child, 'close')) as [number | null, string | null];
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw isAbsent ? new ArchiveError(`there is no program ${program} on this machine`) : error;
  }
}

/** The first line or so of what a program complains about. */
function firstWords({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < 500) text += chunk;
  });
  return () => text.slice(0, 500).trim().split('\n')[0] ?? '';
}

/** Moves what is in a folder; folders of one name become one, files give way to newer ones, and folders never to files. */
async function moveContents(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await lstat(target).catch(() => undefined);
    if (there?.isDirectory() === true && entry.isDirectory()) await moveContents(source, target);
    else {
      if (there !== undefined && entry.isDirectory()) await rm(target);
      await rename(source, target);
    }
  }
}
