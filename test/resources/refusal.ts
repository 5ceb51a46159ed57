import { InputError } from '../../src/resources/index.js';

/** What a call is refused with, as `code at path: message`; fails if it is not refused, or with anything else. */
export function refusal(run: () => unknown): string {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    if (error instanceof InputError) return `${error.code} at ${error.path}: ${error.message}`;
    throw error;
  }
  throw new Error(`not refused but ${String(result)}`);
}
