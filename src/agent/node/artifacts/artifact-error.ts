import type { Artifact } from '../../../tasks/index.js';

/** What can be wrong with an artifact when it is fetched. */
export type ArtifactErrorCode =
  /** There is nothing where it should come from. */
  | 'artifact-missing'
  /** It could not be read to its end: no file, no permission, no network, an answer that is no success. */
  | 'artifact-unreadable'
  /** Its bytes are not those that were wanted. */
  | 'artifact-checksum'
  /** It is larger than the agent takes. */
  | 'artifact-too-large'
  /** It is an archive that cannot be taken apart, or would leave the sandbox. */
  | 'artifact-archive'
  /** The sandbox cannot take it: the disk is full, or a folder has its name. */
  | 'artifact-unwritable';

/** An artifact could not be brought into a sandbox. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
  readonly code: ArtifactErrorCode;
  readonly artifact: Artifact;

  constructor(code: ArtifactErrorCode, artifact: Artifact, message: string) {
    super(message);
    this.code = code;
    this.artifact = artifact;
  }
}
