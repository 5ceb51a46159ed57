import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeSync,
} from 'node:fs';

/** The files of control groups, as far as isolation uses them; in tests somebody plays the kernel. Errors are those of `node:fs`. */
export interface GroupFiles {
  /** Whether there is such a file or folder. */
  has(path: string): boolean;
  /** The text of a file. */
  read(path: string): string;
  /** Writes to a file that must be there: in these folders the kernel makes them. */
  write(path: string, text: string): void;
  /** Makes a folder, and those above it that are not there. */
  make(path: string): void;
  /** Takes away a folder. The kernel refuses while there is a process in it. */
  remove(path: string): void;
  /** The names of the folders in a folder. */
  folders(path: string): readonly string[];
  /** Lets a process of its own run sh commands and end; what went wrong, if something did. */
  enter(commands: string): string | undefined;
}

/** Those of this machine. */
export const systemFiles: GroupFiles = {
  has: existsSync,
  read: (path) => readFileSync(path, 'utf8'),
  write(path, text) {
    // Not to be created, and not to be read: some of these files may only be written.
    const file = openSync(path, constants.O_WRONLY);
    try {
      // The kernel takes one write as one command.
      writeSync(file, text);
    } finally {
      closeSync(file);
    }
  },
  make: (path) => void mkdirSync(path, { recursive: true }),
  remove: rmdirSync,
  folders(path) {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  },
  enter(commands) {
    const { status, stderr, error } = spawnSync('/bin/sh', ['-c', commands], { encoding: 'utf8', timeout: 10_000 });
    if (status === 0) return undefined;
    return error?.message ?? (stderr.trim() || `/bin/sh ended with status ${status}`);
  },
};

/** The error code of the file system: `EACCES`, `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What the kernel said, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
