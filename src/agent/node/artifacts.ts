/** Bringing into a sandbox what a task needs. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../../resources/index.js';
import { archiveKind, artifactName, validateArtifacts, type Artifact } from '../../tasks/index.js';
import { ArchiveError, extractArchive } from './artifacts/archive.js';
import { ArtifactError } from './artifacts/artifact-error.js';
import { nameOf, openSource, reasonOf } from './artifacts/source.js';

export { ArtifactError, type ArtifactErrorCode } from './artifacts/artifact-error.js';

/** How artifacts are fetched. */
export interface FetchOptions {
  /** Where artifacts with a relative path are looked for. */
  readonly baseDir: string;
  /** Aborts what is under way. */
  readonly signal?: AbortSignal;
  /** How large an artifact may be, bytes. Default 10 GiB. */
  readonly maxBytes?: number;
}

const defaultMaxBytes = 10 * 1024 ** 3;

/**
 * Brings artifacts into a sandbox, one after the other. Each is whole under its name or not there at all; an archive that is
 * to be extracted lies beside what was in it. What was there before gives way, but a folder to nothing but a folder.
 *
 * @throws ArtifactError with a `code` and the `artifact`; InputError `bad-artifact` for one that `validateArtifacts`
 *   refuses; the reason of the signal when it was aborted.
 */
export async function fetchArtifacts(
  artifacts: readonly Artifact[],
  sandboxDir: string,
  options: FetchOptions,
): Promise<void> {
  const problem = validateArtifacts(artifacts, 'artifacts');
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
  for (const artifact of artifacts) {
    options.signal?.throwIfAborted();
    try {
      await fetchArtifact(artifact, sandboxDir, options);
    } catch (error) {
      // What failed because it was aborted did not fail by itself.
      options.signal?.throwIfAborted();
      throw failureOf(error, artifact);
    }
  }
}

async function fetchArtifact(artifact: Artifact, sandboxDir: string, options: FetchOptions): Promise<void> {
  const { baseDir, signal, maxBytes = defaultMaxBytes } = options;
  // A name of our own: nobody can have put a link there, and no program takes it for an option.
  const part = join(sandboxDir, `.${randomUUID()}.part`);
  const name = artifactName(artifact);
  try {
    const { bytes, length = 0, mode } = await openSource(artifact, { baseDir, signal });
    if (length > maxBytes) {
      bytes.destroy();
      throw tooLarge(artifact, maxBytes);
    }
    const parts = [bytes, metered(artifact, maxBytes), createWriteStream(part, { flags: 'wx', mode: 0o600 })] as const;
    await pipeline(...parts, { ...(signal !== undefined && { signal }) });
    await chmod(part, artifact.executable === true ? mode | 0o111 : mode);
    const kind = artifact.extract === true ? archiveKind(name) : undefined;
    if (kind !== undefined) await extractArchive({ path: part, kind }, signal);
    await rename(part, join(sandboxDir, name));
  } finally {
    await rm(part, { force: true });
  }
}

/** Passes bytes on; fails when they become too many, or, at their end, have another sum than they should. */
function metered(artifact: Artifact, maxBytes: number): (source: Readable) => AsyncIterable<Uint8Array> {
  return async function* measure(source) {
    const hash = createHash('sha256');
    let total = 0;
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      total += chunk.byteLength;
      if (total > maxBytes) throw tooLarge(artifact, maxBytes);
      if (artifact.sha256 !== undefined) hash.update(chunk);
      yield chunk;
    }
    const sum = hash.digest('hex');
    if (artifact.sha256 === undefined || artifact.sha256.toLowerCase() === sum) return;
    throw new ArtifactError(
      'artifact-checksum',
      artifact,
      `${nameOf(artifact)} has the SHA-256 ${sum}, not that asked for`,
    );
  };
}

function tooLarge(artifact: Artifact, maxBytes: number): ArtifactError {
  const message = `${nameOf(artifact)} is larger than ${maxBytes} bytes`;
  return new ArtifactError('artifact-too-large', artifact, message);
}

function failureOf(error: unknown, artifact: Artifact): ArtifactError {
  if (error instanceof ArtifactError) return error;
  if (error instanceof ArchiveError) {
    return new ArtifactError('artifact-archive', artifact, `${nameOf(artifact)} cannot be extracted: ${error.message}`);
  }
  // A file system that fails, but not while reading, is the one that is written to.
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : 'read';
  const what = `${nameOf(artifact)} cannot be`;
  return syscall === 'read'
    ? new ArtifactError('artifact-unreadable', artifact, `${what} read to its end: ${reasonOf(error)}`)
    : new ArtifactError('artifact-unwritable', artifact, `${what} put into the sandbox: ${reasonOf(error)}`);
}
