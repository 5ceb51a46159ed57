/**
 * Runs a function that a user wrote and calls `done` when it has ended well: when it returned, or when the promise it
 * returned resolved. What it throws or rejects with goes to `failed`, and so does what `done` throws.
 */
export function runCallback(run: () => unknown, failed: (error: unknown) => void, done?: () => void): void {
  try {
    const result = run();
    if (isPromise(result)) result.then(done).then(undefined, failed);
    else done?.();
  } catch (error) {
    failed(error);
  }
}

/** Throws where nobody can catch it but the process. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
