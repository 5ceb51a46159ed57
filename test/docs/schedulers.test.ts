import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as root from '../../src/index.js';
import * as schedulers from '../../src/schedulers/index.js';
import * as transport from '../../src/transport/index.js';

const page = readFileSync(fileURLToPath(new URL('../../docs/schedulers.md', import.meta.url)), 'utf8');
const modules = new Map<string, object>(
  Object.entries({ proffer: root, 'proffer/schedulers': schedulers, 'proffer/transport': transport }),
);

interface Example {
  /** The heading that it is under. */
  readonly heading: string;
  readonly code: string;
  /** What its comments say that it prints, where that is all of a line. */
  readonly prints: readonly string[];
}

function examples(): Example[] {
  let heading = '';
  return page.split(/^(?=#+ |```ts$)/m).flatMap((part) => {
    const title = /^#+ (.*)$/m.exec(part);
    if (part.startsWith('#')) heading = title?.[1] ?? '';
    const code = /^```ts\n([\s\S]*?)^```$/m.exec(part)?.[1];
    if (code === undefined) return [];
    const prints = [...code.matchAll(/console\.log\(.*\); \/\/ ([\w ,]+)$/gm)].map((match) => match[1] ?? '');
    return [{ heading, code, prints }];
  });
}

/** Runs an example as it is written, and gives what it prints. */
async function runExample(code: string): Promise<string[]> {
  const body = code.replaceAll(/^import (\{[^}]*\}) from '([^']+)';$/gm, "const $1 = load('$2');");
  const wrapped = await transform(`async function example(load, console) {\n${body}\n}`, { loader: 'ts' });
  const make = new Function(`${wrapped.code}; return example;`) as () => (
    load: (name: string) => object,
    console: { log(...words: readonly unknown[]): void },
  ) => Promise<void>;
  const printed: string[] = [];
  const load = (name: string): object => {
    const found = modules.get(name);
    if (found === undefined) throw new Error(`no module ${name}`);
    return found;
  };
  await make()(load, { log: (...words) => printed.push(words.map(wordOf).join(' ')) });
  return printed;
}

function wordOf(word: unknown): string {
  return Array.isArray(word) ? word.join(', ') : String(word);
}

describe('the page about schedulers', () => {
  it('has an example under each heading that needs one', () => {
    expect(examples().map(({ heading }) => heading)).toEqual([
      'Schedulers',
      'Batch',
      'Service',
      'Cron',
      'Scaling',
      'For a scheduler of your own',
    ]);
  });

  it.each(examples().map((example) => [example.heading, example] as const))(
    'shows under %s what runs and prints what it says',
    async (_heading, { code, prints }) => {
      const printed = await runExample(code);
      for (const line of prints) expect(printed).toContain(line);
    },
  );

  it('names every option of every scheduler', () => {
    const sources = ['common/options', 'batch/scheduler', 'batch/job', 'service/app', 'cron/job', 'scaling/autoscaler'];
    for (const source of sources) {
      const text = readFileSync(fileURLToPath(new URL(`../../src/schedulers/${source}.ts`, import.meta.url)), 'utf8');
      const optional = [...text.matchAll(/^ {2}readonly (\w+)\?:/gm)].map((match) => match[1] ?? '');
      expect(optional.length).toBeGreaterThan(3);
      for (const name of optional) expect(page, `${name} of ${source}`).toContain(`\`${name}`);
    }
  });
});
