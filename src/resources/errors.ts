/**
 * What a validator answers when something is wrong; `undefined` from a validator means that all is well.
 *
 * @remarks Since 0.1.0
 */
export interface Problem {
  /** Kebab-case, stable across releases: compare this, never the message. */
  readonly code: string;
  /** Where in the input, as one would write it in JavaScript: `resources[2].disk.mode`. */
  readonly path: string;
  /** One sentence for a person; it quotes the offending part. */
  readonly message: string;
}

/**
 * The caller's mistake: something given to this library cannot be what was meant.
 *
 * Compare `code`, not `instanceof`: the ESM and the CommonJS copy of this class are two classes.
 *
 * @example
 * ```ts
 * try { resources('cpus:lots'); } catch (error) { (error as InputError).code; } // 'bad-resources'
 * ```
 * @remarks Since 0.1.0
 */
export class InputError extends Error {
  override readonly name: string = 'InputError';
  readonly code: string;
  readonly path: string;

  constructor(code: string, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/**
 * Our own bug: a state that no input can lead to was met. Never thrown for anything a caller has written.
 *
 * @remarks Since 0.1.0
 */
export class InvariantError extends Error {
  override readonly name: string = 'InvariantError';
  readonly code: 'invariant' = 'invariant';

  constructor(message: string) {
    super(message);
  }
}

/**
 * Runs `check` and gives what it complained about as data.
 *
 * @returns the {@link InputError} of `check` as a {@link Problem}, or `undefined`; any other error is thrown on.
 */
export function problemIn(check: () => unknown): Problem | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return { code: error.code, path: error.path, message: error.message };
    throw error;
  }
}

/** Runs `read`; an {@link InputError} in it comes out with this code and path instead, and the same message. */
export function recoded<T>(code: string, path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(code, path, error.message);
    throw error;
  }
}
