import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { InputError } from '../../resources/index.js';
import { isAlive } from './process-run.js';

/**
 * Makes sure that one agent at a time works in a folder: two would run the same tasks. What a killed one left behind does
 * not count.
 *
 * @returns what gives the folder free.
 * @throws InputError `work-dir-in-use`
 */
export function lockFolder(path: string): () => void {
  const holder = holderOf(path);
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
    throw new InputError('work-dir-in-use', 'workDir', `The process ${holder} works in this folder`);
  }
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  writeSync(file, `${process.pid}\n`);
  closeSync(file);
  return () => rmSync(path, { force: true });
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
