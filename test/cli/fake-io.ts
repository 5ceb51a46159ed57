import type { ChildResult, Io } from '../../src/cli/io.js';
import { runCommand } from '../../src/cli/command.js';

/** What a command left behind. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Arguments of the child processes that it asked for. */
  /** Files that it wrote, by path. */
  readonly written: ReadonlyMap<string, string>;
  readonly children: readonly (readonly string[])[];
}

interface Surroundings {
  readonly files?: Readonly<Record<string, string>>;
  readonly interactive?: boolean;
  /** Whether there is no room for a file. */
  readonly full?: boolean;
  /** Default: time stands still. */
  now?(): number;
  runChild?(args: readonly string[]): ChildResult;
}

/** Runs `proffer …args` with files from memory and its output caught. */
export async function proffer(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const { files = {}, interactive = false, full = false, now = () => 0, runChild } = surroundings;
  let stdout = '';
  let stderr = '';
  const children: (readonly string[])[] = [];
  const written = new Map<string, string>();
  const io: Io = {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    readFile: async (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return text;
    },
    writeFile: async (path, text) => {
      if (full) throw new Error('ENOSPC: no space left on device, write');
      written.set(path, text);
    },
    now,
    interactive,
    self: [process.execPath, '-e', ''],
    runChild: async (childArgs) => {
      children.push(childArgs);
      return runChild?.(childArgs) ?? { exitCode: 0, stdout: '[]' };
    },
  };
  const exitCode = await runCommand(args, io);
  return { exitCode, stdout, stderr, written, children };
}
