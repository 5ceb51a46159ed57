/** What went wrong around the machine. */
export type MasterErrorCode =
  /** A port threw or rejected, although it must not. */
  | 'port-failed'
  /** A transport did not open or close. */
  | 'transport-failed'
  /** A handler of a scheduler, or a listener, threw or rejected. */
  | 'callback-failed'
  /** The policy made a mistake: that run gave nothing, the next batch tries again. */
  | 'policy-failed'
  /** An input could not be written: recording has ended, what was recorded is whole. */
  | 'record-failed'
  /** An input broke the machine, which is a bug of this library: the input had no effect. */
  | 'transition-failed';

/** An error that ends nothing: the master told its listeners and went on. `cause` is what was thrown. */
export class MasterError extends Error {
  override readonly name = 'MasterError';
  readonly code: MasterErrorCode;

  constructor(code: MasterErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** Whether it is the caller's mistake, whichever copy of the library made the error (ESM and CommonJS have one each). */
export function isInputError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && error.name === 'InputError' && 'code' in error;
}
