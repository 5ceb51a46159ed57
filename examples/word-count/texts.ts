import { constants } from 'node:buffer';
import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from './arguments.js';

/** A file that was read. Its name is as its reader would write it. */
export interface Text {
  readonly name: string;
  readonly content: string;
}

/** Where to look: a file or a folder, and what to call it. */
export interface Place {
  readonly path: string;
  readonly name: string;
}

/** Something that was passed over, and why. */
export interface Skipped {
  readonly name: string;
  readonly why: string;
}

/** What was found, in the order of the places and then of the names. */
export interface Reading {
  readonly texts: readonly Text[];
  readonly skipped: readonly Skipped[];
}

/** Folders that hold copies of other people's texts; they are read when they are asked for by name. */
const leftOut: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * Reads all text files there are at some places, in all folders below. What cannot be read, and what is no text, is
 * skipped and named.
 *
 * @throws UsageError when there is nothing at one of the places.
 */
export async function readTexts(places: readonly Place[], signal: AbortSignal): Promise<Reading> {
  for (const { path, name } of places) {
    if (!(await exists(path))) throw new UsageError(`there is no file or folder '${name}'`);
  }
  const reader = new Reader(signal);
  for (const place of places) await reader.read(place);
  return reader;
}

/** The texts of this very package: its pages and its sources. */
export async function ownPlaces(root: string): Promise<readonly Place[]> {
  const pages = (await readdir(root)).filter((name) => name.endsWith('.md')).sort();
  const places = [...pages, 'docs', 'src', 'examples'].map((name) => ({ path: join(root, name), name }));
  const there = await Promise.all(places.map(({ path }) => exists(path)));
  return places.filter((_, at) => there[at]);
}

class Reader implements Reading {
  readonly texts: Text[] = [];
  readonly skipped: Skipped[] = [];
  readonly #signal: AbortSignal;
  readonly #seen = new Set<string>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async read(place: Place): Promise<void> {
    this.#signal.throwIfAborted();
    // A place may lie within another.
    const path = resolve(place.path);
    if (this.#seen.has(path)) return;
    this.#seen.add(path);
    try {
      const stats = await stat(path);
      if (stats.isDirectory()) await this.#readFolder(place);
      else await this.#readFile(place, stats);
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#skip(place.name, reasonOf(error));
    }
  }

  async #readFolder({ path, name }: Place): Promise<void> {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = { path: join(path, entry.name), name: join(name, entry.name) };
      if (entry.isDirectory() && leftOut.has(entry.name)) this.#skip(child.name, 'left out');
      // It may lead anywhere, and back here.
      else if (entry.isSymbolicLink() && (await isFolder(child.path))) this.#skip(child.name, 'a link to a folder');
      else await this.read(child);
    }
  }

  async #readFile({ path, name }: Place, stats: Stats): Promise<void> {
    // To open a pipe or a device may last for ever.
    if (!stats.isFile()) return this.#skip(name, 'not a regular file');
    if (stats.size > constants.MAX_STRING_LENGTH) return this.#skip(name, 'too large');
    const content = decode(await readFile(path));
    if (content === undefined) this.#skip(name, 'binary');
    else this.texts.push({ name, content });
  }

  #skip(name: string, why: string): void {
    this.skipped.push({ name, why });
  }
}

/** The text that is in a file, if it is one: UTF-8 without a NUL. */
function decode(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    // Whatever else is wrong is said when it is read.
    return !['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(codeOf(error));
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM' ? 'not permitted' : `unreadable: ${code}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
