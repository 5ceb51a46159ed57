import manifest from '../../package.json' with { type: 'json' };
import { type Io, RunError, UsageError } from './io.js';
import type { Verb } from './verb.js';

interface VerbEntry {
  readonly summary: string;
  /** Verbs are loaded when they are asked for, so `--help` stays quick. */
  load(): Promise<Verb>;
}

const verbs: ReadonlyMap<string, VerbEntry> = new Map<string, VerbEntry>([
  ['scenario', { summary: 'run conformance cases', load: async () => (await import('./scenario.js')).scenario }],
  ['replay', { summary: 'play a recorded history again', load: async () => (await import('./replay.js')).replay }],
  [
    'run',
    { summary: 'run agents and jobs from a file on this machine', load: async () => (await import('./run.js')).run },
  ],
  ['task', { summary: 'run one command on a cluster of its own', load: async () => (await import('./task.js')).task }],
  ['agent', { summary: 'run an agent on this machine', load: async () => (await import('./agent.js')).agent }],
  ['explain', { summary: 'say why something is not placed', load: async () => (await import('./explain.js')).explain }],
  [
    'simulate',
    {
      summary: 'simulate a cluster under a workload',
      load: async () => (await import('./simulate.js')).simulate,
    },
  ],
  ['bench', { summary: 'measure a workload', load: async () => (await import('./bench.js')).bench }],
]);

const helpHint = "'proffer --help' lists the verbs.";

/**
 * The command `proffer` without the process around it.
 *
 * @param args the words after `proffer`
 * @returns the exit code: 0 done, 1 the verb's answer is no or it could not finish, 2 the command cannot be understood
 */
export async function runCommand(args: readonly string[], io: Io): Promise<number> {
  const [word, ...rest] = args;
  try {
    if (word === undefined) throw new UsageError('a verb is missing', helpHint);
    if (word === '--help' || word === '-h' || word === 'help') return await printHelp(rest[0], io);
    if (word === '--version' || word === '-v') {
      io.stdout(`${manifest.version}\n`);
      return 0;
    }
    const verb = await findVerb(word).load();
    if (asksForHelp(rest)) {
      io.stdout(verb.help);
      return 0;
    }
    return await verb.run(rest, io);
  } catch (error) {
    if (error instanceof RunError) {
      io.stderr(`proffer: ${error.message}\n`);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    const known = word !== undefined && verbs.has(word);
    const hint = error.hint ?? (known ? `'proffer ${word} --help' shows what it takes.` : helpHint);
    io.stderr(`proffer: ${error.message}\n${hint}\n`);
    return 2;
  }
}

async function printHelp(word: string | undefined, io: Io): Promise<number> {
  io.stdout(word === undefined ? overview() : (await findVerb(word).load()).help);
  return 0;
}

function overview(): string {
  const width = Math.max(...[...verbs.keys()].map((name) => name.length));
  const lines = [...verbs].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Usage: proffer VERB [arguments]',
    '',
    ...lines,
    '',
    "'proffer VERB --help' shows what a verb takes; 'proffer --version' prints the version.",
    '',
  ].join('\n');
}

function findVerb(word: string): VerbEntry {
  const entry = verbs.get(word);
  if (entry !== undefined) return entry;
  const [nearest] = [...verbs.keys()].filter((name) => editDistance(name, word) <= 2);
  const what = word.startsWith('-') ? 'option' : 'verb';
  const guess = nearest === undefined ? '' : `Did you mean '${nearest}'? `;
  throw new UsageError(`unknown ${what} '${word}'`, `${guess}${helpHint}`);
}

/** `--help` anywhere before a lone `--`. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h');
}

/** Letters to insert, remove or replace to make `a` into `b` (Levenshtein 1966), one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
