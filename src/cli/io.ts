/** What a verb may touch of the process that runs it; tests hand in their own. */
export interface Io {
  /** Writes to standard output as it is, without adding a newline. */
  stdout(text: string): void;
  /** Writes to standard error as it is, without adding a newline. */
  stderr(text: string): void;
  /** The text of a file. Rejects as `fs.readFile` does. */
  readFile(path: string): Promise<string>;
  /** Writes a file, and makes the folders that it is to be in. */
  writeFile(path: string, text: string): Promise<void>;
  /** Ms from some beginning: for how long something takes. */
  now(): number;
  /** Whether standard error is a terminal, so that a progress line makes sense. */
  readonly interactive: boolean;
  /** The words that start this command once more: a program and its first arguments. */
  readonly self: readonly string[];
  /** Runs this command once more in a process of its own and gives what that printed. */
  runChild(args: readonly string[]): Promise<ChildResult>;
}

/** What a child process left behind. Its standard error went straight to ours. */
export interface ChildResult {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Something the person at the keyboard can put right: printed without a stack, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The verb could not finish, for a reason that it has named: printed without a stack, and the exit code is 1. */
export class RunError extends Error {
  override readonly name = 'RunError';
}

/** What went wrong, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
