import { InputError } from '../../resources/index.js';
import { type Io, messageOf, RunError, UsageError } from '../io.js';

/** What somebody at the keyboard can put right is told as such. */
export async function guarded<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (error.code === 'policy-failed') throw new RunError(error.message);
    throw new UsageError(error.message);
  }
}

/** Writes a file that the command line names. */
export async function writeText(path: string, text: string, io: Io): Promise<void> {
  try {
    await io.writeFile(path, text);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${messageOf(error)}`);
  }
}
