import { parseArgs } from 'node:util';
import { weightOf } from 'proffer/drf';

/** The two frameworks, by the one role that each has. */
export const roles = ['words', 'lines'] as const;
export type Role = (typeof roles)[number];

/** What was asked for. */
export interface Arguments {
  readonly help: boolean;
  /** Empty = the texts of this package. */
  readonly paths: readonly string[];
  readonly weights: Readonly<Record<Role, number>>;
  /** In characters; absent = by the amount of text. */
  readonly chunkSize?: number;
  readonly agents: number;
  /** Whether tasks run in processes of their own instead of threads of this one. */
  readonly processes: boolean;
}

/** Something that whoever typed the command can put right: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const help = `Counts the words of texts and finds their longest lines: two frameworks share three agents of this process.

Usage: npm start -- [PATH...] [options]

  PATH                  a file or a folder with all that is below it; without one, this package's own texts.
                        What is not UTF-8 text is skipped, and so are node_modules and .git.

  --weight ROLE=NUMBER  what a role's share is divided by, for 'words' or 'lines'; default 1, may be repeated
  --chunk-size NUMBER   characters a task works on, at least; default 8192, more for much text
  --agents NUMBER       how many agents there are, 1 to 32; default 3
  --processes           agents run the tasks in processes of their own: the executors of the two frameworks
  --help                this page

Exit code: 0 when all was counted and a single pass over the texts says the same, 1 when not, 2 for wrong arguments,
130 when it was interrupted.
`;

const mostAgents = 32;

/**
 * Reads the command line.
 *
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  // Whoever asks for help is not told about mistakes.
  if (values.help === true)
    return { help: true, paths: [], weights: { words: 1, lines: 1 }, agents: 3, processes: false };
  return {
    help: false,
    paths: positionals,
    weights: readWeights(values.weight ?? []),
    agents: readCount('agents', values.agents, mostAgents) ?? 3,
    processes: values.processes === true,
    ...optional(readCount('chunk-size', values['chunk-size'], Number.MAX_SAFE_INTEGER)),
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseStrictly> {
  try {
    return parseStrictly(args);
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(sentence);
  }
}

function parseStrictly(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      weight: { type: 'string', multiple: true },
      'chunk-size': { type: 'string' },
      agents: { type: 'string' },
      processes: { type: 'boolean' },
    },
  });
}

function readWeights(texts: readonly string[]): Readonly<Record<Role, number>> {
  const given = new Map<Role, number>();
  for (const text of texts) {
    const [name = '', number, ...more] = text.split('=');
    const role = roles.find((each) => each === name);
    if (number === undefined || more.length > 0) throw badWeight(text, "is not ROLE=NUMBER, such as 'words=2'");
    if (role === undefined) throw badWeight(text, "names no role: there are 'words' and 'lines'");
    if (given.has(role)) throw badWeight(text, `comes after another for '${role}'`);
    given.set(role, readWeight(text, number));
  }
  return { words: given.get('words') ?? 1, lines: given.get('lines') ?? 1 };
}

function readWeight(text: string, number: string): number {
  const weight = /^(\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) : NaN;
  try {
    // The library says what a weight may be.
    weightOf(weight);
    return weight;
  } catch {
    throw badWeight(text, 'is not possible: a weight is a plain number between 0.001 and 9e12');
  }
}

function badWeight(text: string, what: string): UsageError {
  return new UsageError(`--weight '${text}' ${what}`);
}

function readCount(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= 1 && count <= most) return count;
  throw new UsageError(`--${name} '${text}' is not possible: it is a whole number from 1 to ${most}`);
}

function optional(chunkSize: number | undefined): { readonly chunkSize?: number } {
  return chunkSize === undefined ? {} : { chunkSize };
}
