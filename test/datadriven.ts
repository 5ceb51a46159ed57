import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** One stanza of a golden file: what is asked, before the `----`. */
export interface Directive {
  /** First word of the command line. */
  readonly cmd: string;
  /** The `key=value` words after it; a word without `=` is a key with the empty value. */
  readonly args: Readonly<Record<string, string>>;
  /** Lines between the command line and `----`, joined by newlines; empty when there are none. */
  readonly input: string;
}

/**
 * Runs every stanza of a golden file and compares the file with itself rendered again; `vitest run -u` rewrites it.
 *
 *     # A comment stays where it is.
 *     command key=value flag
 *     optional input
 *     ----
 *     what the command printed
 *
 * Stanzas are separated by blank lines, so neither input nor output may contain one. A command that prints nothing
 * is rendered as `ok`. A stanza of comments only is kept as it is.
 *
 * @param file absolute path of the golden file
 */
export async function datadriven(file: string, run: (directive: Directive) => string | Promise<string>): Promise<void> {
  await expect(await rendered(readFileSync(file, 'utf8'), run)).toMatchFileSnapshot(file);
}

/** The text of a golden file with every answer written anew. */
export async function rendered(text: string, run: (directive: Directive) => string | Promise<string>): Promise<string> {
  const stanzas: string[] = [];
  for (const stanza of text.trim().split(/\n{2,}/)) {
    // One after the other: commands of a file usually share a state.
    stanzas.push(await render(stanza, run));
  }
  return `${stanzas.join('\n\n')}\n`;
}

async function render(stanza: string, run: (directive: Directive) => string | Promise<string>): Promise<string> {
  const question = questionOf(stanza);
  const directive = parse(question);
  if (directive === undefined) return stanza;
  const answer = (await run(directive)).trimEnd();
  if (/\n\s*\n/.test(answer)) throw new Error(`golden output of '${directive.cmd}' has a blank line:\n${answer}`);
  return [...question, '----', answer === '' ? 'ok' : answer].join('\n');
}

/** The lines above `----`; all lines when a stanza was just written and has no answer yet. */
function questionOf(stanza: string): string[] {
  const lines = stanza.split('\n').map((line) => line.trimEnd());
  const rule = lines.indexOf('----');
  return rule === -1 ? lines : lines.slice(0, rule);
}

function parse(question: readonly string[]): Directive | undefined {
  const start = question.findIndex((line) => !line.startsWith('#'));
  if (start === -1) return undefined;
  const [cmd = '', ...words] = (question[start] ?? '').trim().split(/\s+/);
  const args = Object.fromEntries(words.map(keyAndValue));
  return { cmd, args, input: question.slice(start + 1).join('\n') };
}

function keyAndValue(word: string): [string, string] {
  const at = word.indexOf('=');
  return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}
