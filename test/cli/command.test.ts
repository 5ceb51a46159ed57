import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { proffer } from './fake-io.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('proffer', () => {
  it('prints its verbs for --help, -h and help', async () => {
    for (const word of ['--help', '-h', 'help']) {
      const { exitCode, stdout, stderr } = await proffer([word]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Usage: proffer VERB');
      expect(stdout).toMatch(/^ {2}scenario +run conformance cases$/m);
      expect(stderr).toBe('');
    }
  });

  it('prints the version of the package', async () => {
    expect(await proffer(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
  });

  it('prints what a verb takes, whichever way it is asked', async () => {
    for (const args of [
      ['scenario', '--help'],
      ['scenario', 'x.json', '-h'],
      ['help', 'scenario'],
    ]) {
      const { exitCode, stdout } = await proffer(args);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Usage: proffer scenario');
    }
  });

  it('exits with 2 and a hint without a verb', async () => {
    const { exitCode, stdout, stderr } = await proffer([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain("'proffer --help' lists the verbs");
  });

  it('exits with 2 for an unknown verb and guesses the one that was meant', async () => {
    const { exitCode, stderr } = await proffer(['scenarios']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("unknown verb 'scenarios'");
    expect(stderr).toContain("Did you mean 'scenario'?");
    expect((await proffer(['frobnicate'])).stderr).not.toContain('Did you mean');
  });

  it('does not take names of Object.prototype for verbs', async () => {
    expect((await proffer(['__proto__'])).exitCode).toBe(2);
    expect((await proffer(['constructor'])).exitCode).toBe(2);
  });

  it('exits with 2 for an unknown option, of its own and of a verb', async () => {
    expect(await proffer(['--frobnicate'])).toMatchObject({ exitCode: 2, stdout: '' });
    const { exitCode, stderr } = await proffer(['scenario', '--frobnicate', 'x.json']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--frobnicate');
    expect(stderr).toContain("'proffer scenario --help'");
  });
});
