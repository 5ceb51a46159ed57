/** From what a task says is to run to what is started: its words, its environment, the user that it runs as. */
import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { InputError } from '../../resources/index.js';
import type { CommandInfo } from '../../tasks/index.js';
import type { ShimTools } from './shim.js';

/** The words to start a command with. */
export function wordsOf(command: CommandInfo): readonly string[] {
  const { value, arguments: words = [], shell = true } = command;
  if (value === undefined || value === '')
    throw new InputError('no-command', 'command.value', 'There is no command to run');
  return shell ? ['/bin/sh', '-c', value] : [value, ...words];
}

/** What tasks get of the agent's own environment: where programs are, and how people write here. */
const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

/**
 * The environment of a command: a little of the agent's, what it is told of itself, and its own, which wins.
 *
 * @throws InputError `no-secret` for a variable that asks for a secret: nobody here knows any.
 */
export function environmentOf(
  command: CommandInfo,
  told: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const environment = new Map<string, string>();
  for (const name of inherited) {
    const value = own[name];
    if (value !== undefined) environment.set(name, value);
  }
  for (const [name, value] of Object.entries(told)) environment.set(name, value);
  for (const { name, type, value } of command.environment ?? []) {
    if (type === 'secret') {
      throw new InputError(
        'no-secret',
        'command.environment',
        `The variable ${JSON.stringify(name)} asks for a secret`,
      );
    }
    environment.set(name, value ?? '');
  }
  return Object.fromEntries(environment);
}

/** What puts a command before itself to run as another user. */
export interface UserSwitch {
  readonly words: readonly string[];
  /**
   * Lets the user work in a sandbox. It stays the agent's, and what is in it stays whose it is: the user can't put
   * something else in the place of what the agent writes there.
   */
  own(path: string): void;
}

const nobodyElse: UserSwitch = { words: [], own: () => {} };

/**
 * How to become the user that a command wants to run as.
 *
 * @throws InputError `bad-user` when there is no such user, or this process may not become them.
 */
export function userSwitch(user: string | undefined): UserSwitch {
  if (user === undefined || user === userInfo().username) return nobodyElse;
  const tool = findProgram('setpriv');
  if (process.getuid?.() !== 0 || tool === undefined) {
    throw new InputError('bad-user', 'command.user', `The agent may not run commands as ${JSON.stringify(user)}`);
  }
  const [uid, gid] = [idOf(user, '-u'), idOf(user, '-g')];
  return {
    words: [tool, `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--'],
    own(path) {
      chownSync(path, process.getuid?.() ?? 0, gid);
      chmodSync(path, 0o1770);
    },
  };
}

function idOf(user: string, which: '-u' | '-g'): number {
  try {
    return Number(execFileSync('id', [which, '--', user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    throw new InputError('bad-user', 'command.user', `There is no user ${JSON.stringify(user)} here`);
  }
}

/**
 * The programs that shims need.
 *
 * @throws InputError `no-tools` when one is missing.
 */
export function findTools(): ShimTools {
  const needed = (name: string): string => {
    const path = findProgram(name);
    if (path === undefined)
      throw new InputError('no-tools', name, `Tasks need the program ${name}, which is not in PATH`);
    return path;
  };
  const setsid = findProgram('setsid');
  return { dd: needed('dd'), wc: needed('wc'), mv: needed('mv'), ...(setsid !== undefined && { setsid }) };
}

function findProgram(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
