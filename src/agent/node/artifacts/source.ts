/** Where artifacts come from: files of this machine, and addresses. */
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { quote } from '../../../resources/quote.js';
import type { Artifact } from '../../../tasks/index.js';
import { ArtifactError } from './artifact-error.js';

/** The bytes of an artifact, on their way. */
export interface ArtifactSource {
  readonly bytes: Readable;
  /** How many they will be, if somebody has said so. */
  readonly length: number | undefined;
  /** Permissions of the file that it is a copy of; of what was downloaded, the usual ones. */
  readonly mode: number;
}

/** Opens where an artifact comes from; a relative path is looked for in `baseDir`. */
export function openSource(
  artifact: Artifact,
  { baseDir, signal }: { readonly baseDir: string; readonly signal: AbortSignal | undefined },
): Promise<ArtifactSource> {
  const { path, url } = artifact;
  if (path !== undefined) return openFile(artifact, resolve(baseDir, path));
  return /^file:/i.test(url ?? '') ? openFile(artifact, pathOf(artifact)) : openUrl(artifact, signal);
}

function pathOf(artifact: Artifact): string {
  try {
    return fileURLToPath(artifact.url ?? '');
  } catch (error) {
    throw new ArtifactError('artifact-unreadable', artifact, `${nameOf(artifact)} names no file: ${reasonOf(error)}`);
  }
}

async function openFile(artifact: Artifact, path: string): Promise<ArtifactSource> {
  try {
    const found = await stat(path);
    // To open a pipe would be to wait for whoever writes to it.
    if (!found.isFile()) throw new ArtifactError('artifact-unreadable', artifact, `${nameOf(artifact)} is not a file`);
    const file = await open(path);
    return { bytes: file.createReadStream(), length: found.size, mode: found.mode & 0o777 };
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    const isMissing = /^(ENOENT|ENOTDIR)$/.test(String((error as { code?: unknown }).code));
    const code = isMissing ? 'artifact-missing' : 'artifact-unreadable';
    throw new ArtifactError(code, artifact, `${nameOf(artifact)} cannot be read: ${reasonOf(error)}`);
  }
}

async function openUrl(artifact: Artifact, signal: AbortSignal | undefined): Promise<ArtifactSource> {
  let response: Response;
  try {
    // Unpacked on the way it would have another sum and another length.
    const headers = { 'accept-encoding': 'identity' };
    response = await fetch(artifact.url ?? '', { headers, ...(signal !== undefined && { signal }) });
  } catch (error) {
    throw new ArtifactError('artifact-unreadable', artifact, `${nameOf(artifact)} cannot be had: ${reasonOf(error)}`);
  }
  if (!response.ok) {
    await response.body?.cancel();
    const code = response.status === 404 || response.status === 410 ? 'artifact-missing' : 'artifact-unreadable';
    throw new ArtifactError(code, artifact, `${nameOf(artifact)} cannot be had: its server answers ${response.status}`);
  }
  const said = response.headers.get('content-length');
  return {
    bytes: response.body === null ? Readable.from([]) : Readable.fromWeb(response.body),
    length: said === null ? undefined : Number(said),
    mode: 0o644,
  };
}

/** How messages name an artifact: where it comes from, without what an address may say of who asks. */
export function nameOf({ path, url }: Artifact): string {
  return path === undefined ? quote(url?.replace(/\/\/[^/]*@/, '//')) : quote(path);
}

/** Why something failed, in a few words; `fetch` keeps the reason in the cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
