/** What a task needs beside its command: files that its agent brings into its sandbox first. */
import { quote } from '../resources/quote.js';
import type { Problem } from '../resources/index.js';
import type { Artifact } from './info.js';

/** The kinds of archive that an agent can take apart. */
export type ArchiveKind = 'tar' | 'zip';

/** The name of an artifact in the sandbox: its own, or the last part of where it comes from. */
export function artifactName({ name, path, url }: Pick<Artifact, 'name' | 'path' | 'url'>): string {
  if (name !== undefined) return name;
  // What follows the path of an address names no file.
  const place = path ?? url?.replace(/^[^:/?#]+:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '') ?? '';
  return place.slice(place.lastIndexOf('/') + 1);
}

/** The kind of archive that a file is, by its name; undefined for any other file. */
export function archiveKind(name: string): ArchiveKind | undefined {
  if (/\.(tar|tar\.gz|tgz|tar\.bz2|tar\.xz)$/i.test(name)) return 'tar';
  return /\.zip$/i.test(name) ? 'zip' : undefined;
}

/** Artifacts come from one place each and have names of their own (VAL-5); the problem has the code `bad-artifact`. */
export function validateArtifacts(artifacts: readonly Artifact[] | undefined, path: string): Problem | undefined {
  const names = new Set<string>();
  for (const [index, artifact] of (artifacts ?? []).entries()) {
    const where = `${path}[${index}]`;
    const problem = validateSource(artifact, where) ?? validateName(artifact, where) ?? validateSum(artifact, where);
    if (problem !== undefined) return problem;
    const name = artifactName(artifact);
    if (names.has(name)) return bad(`${where}.name`, `Another artifact is called ${quote(name)}, too`);
    names.add(name);
  }
  return undefined;
}

function bad(path: string, message: string): Problem {
  return { code: 'bad-artifact', path, message };
}

function validateSource({ path: file, url }: Artifact, path: string): Problem | undefined {
  if ((file === undefined) === (url === undefined)) {
    return bad(path, 'An artifact must have exactly one of path and url');
  }
  if (file === '' || file?.includes('\0') === true) {
    return bad(`${path}.path`, `The path ${quote(file)} of an artifact cannot be that of a file`);
  }
  if (url !== undefined && !/^(https?|file):\/\//i.test(url)) {
    return bad(`${path}.url`, `The url ${quote(url)} of an artifact must begin with http://, https:// or file://`);
  }
  return undefined;
}

/** A name is one part of a path: what is fetched lies in the sandbox and nowhere else. */
function validateName(artifact: Artifact, path: string): Problem | undefined {
  const name = artifactName(artifact);
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || name.length > 255) {
    return bad(`${path}.name`, `An artifact cannot be called ${quote(name)}: it must be the name of a file`);
  }
  if (artifact.extract === true && archiveKind(name) === undefined) {
    return bad(`${path}.extract`, `What is called ${quote(name)} cannot be extracted: it is no tar or zip archive`);
  }
  return undefined;
}

function validateSum({ sha256 }: Artifact, path: string): Problem | undefined {
  if (sha256 === undefined || /^[0-9a-f]{64}$/i.test(sha256)) return undefined;
  return bad(`${path}.sha256`, `The checksum ${quote(sha256)} must be 64 hexadecimal digits`);
}
