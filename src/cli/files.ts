import { InputError } from '../resources/index.js';
import { plain } from './cluster/text.js';
import { type Io, messageOf, UsageError } from './io.js';

/** The text of a file that the command line names. */
export async function readText(file: string, io: Io): Promise<string> {
  try {
    return await io.readFile(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${messageOf(error)}`);
  }
}

/** The value in a JSON file that the command line names. */
export async function readJson(file: string, io: Io): Promise<unknown> {
  const text = await readText(file, io);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${messageOf(error)}`);
  }
}

/** What a file says, as somebody reads it: if that is no good, the file is named with the reason. */
export function readAs<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new UsageError(`${file}: ${plain(error.message)}`);
    throw error;
  }
}
