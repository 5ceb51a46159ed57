import type { ChildResult, Io } from '../../src/cli/io.js';
import { runCommand } from '../../src/cli/command.js';

/** What a command left behind. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Arguments of the child processes that it asked for. */
  readonly children: readonly (readonly string[])[];
}

interface Surroundings {
  readonly files?: Readonly<Record<string, string>>;
  readonly interactive?: boolean;
  runChild?(args: readonly string[]): ChildResult;
}

/** Runs `proffer …args` with files from memory and its output caught. */
export async function proffer(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const { files = {}, interactive = false, runChild } = surroundings;
  let stdout = '';
  let stderr = '';
  const children: (readonly string[])[] = [];
  const io: Io = {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    readFile: async (path) => {
      const text = Object.hasOwn(files, path) ? files[path] : undefined;
      if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return text;
    },
    interactive,
    self: [process.execPath, '-e', ''],
    runChild: async (childArgs) => {
      children.push(childArgs);
      return runChild?.(childArgs) ?? { exitCode: 0, stdout: '[]' };
    },
  };
  const exitCode = await runCommand(args, io);
  return { exitCode, stdout, stderr, children };
}
