/** A promise that is settled from outside, at most once. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly isSettled: boolean;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** A promise and what settles it. A rejection that nobody waits for is nobody's business. */
export function deferred<T>(): Deferred<T> {
  let isSettled = false;
  let succeed: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  promise.catch(() => undefined);
  return {
    promise,
    get isSettled() {
      return isSettled;
    },
    resolve(value) {
      isSettled = true;
      succeed(value);
    },
    reject(error) {
      isSettled = true;
      fail(error);
    },
  };
}
