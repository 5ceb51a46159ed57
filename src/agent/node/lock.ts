import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { InputError } from '../../resources/index.js';
import { isAlive, startOf } from './process-run.js';

/**
 * Makes sure that one agent at a time works in a folder: two would run the same tasks. What a killed one left behind does
 * not count.
 *
 * @returns what gives the folder free.
 * @throws InputError `work-dir-in-use`
 */
export function lockFolder(path: string): () => void {
  const holder = holderOf(path);
  if (held.has(path) || holder !== undefined) {
    throw new InputError('work-dir-in-use', 'workDir', `The process ${holder ?? process.pid} works in this folder`);
  }
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  writeSync(file, `${process.pid} ${startOf(process.pid) ?? ''}\n`);
  closeSync(file);
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

/** Folders that this very process holds. */
const held = new Set<string>();

/** The process that holds a folder, if it lives: one of the same number that began at another time is another. */
function holderOf(path: string): number | undefined {
  let said: readonly string[] = [];
  try {
    said = readFileSync(path, 'utf8').trim().split(' ');
  } catch {
    // Nobody does.
  }
  const pid = Number(said[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return undefined;
  return said[1] === undefined || startOf(pid) === undefined || said[1] === startOf(pid) ? pid : undefined;
}
