import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { datadriven, type Directive, rendered } from './datadriven.js';

const golden = fileURLToPath(new URL('./testdata/datadriven.golden', import.meta.url));

function show({ cmd, args, input }: Directive): string {
  if (cmd === 'quiet') return '';
  return [cmd, JSON.stringify(args), ...input.split('\n').filter((line) => line !== '')].join('\n');
}

describe('datadriven', () => {
  it('renders command, arguments and input of each stanza, and keeps comments', async () => {
    await datadriven(golden, show);
  });

  it('writes every answer anew, so a wrong one differs from the file', async () => {
    const text = '# why\nadd a=1\n----\nwrong\n\nadd a=2\n';
    expect(await rendered(text, ({ args }) => `sum ${args['a']}`)).toBe(
      '# why\nadd a=1\n----\nsum 1\n\nadd a=2\n----\nsum 2\n',
    );
  });

  it('refuses an answer with a blank line, which would read as two stanzas', async () => {
    await expect(rendered('ask', () => 'a\n\nb')).rejects.toThrow('blank line');
  });
});
