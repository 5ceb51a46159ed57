import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type Io, messageOf, UsageError } from './io.js';

/** One word after `proffer`. */
export interface Verb {
  /** Printed by `proffer VERB --help`. */
  readonly help: string;
  /** Runs with the arguments after the verb; resolves to the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>;

/** `parseArgs` with positionals, whose complaints are usage errors. */
export function parseVerb<O extends Options>(args: readonly string[], options: O): Parsed<O> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** A whole number given on the command line, at least `least`; undefined when the option was not given. */
export function countOption(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < least) {
    throw new UsageError(`--${name} takes a whole number from ${least}, not ${JSON.stringify(text)}`);
  }
  return count;
}

/** The items of a comma list, without empty ones. */
export function listOption(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
