import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that are alive after a full collection, those of typed arrays included. */
export function liveBytes(): number {
  collectAll();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Collects all garbage; milliseconds that it took. */
export function collectAll(): number {
  const start = performance.now();
  collector()();
  return performance.now() - start;
}

/** Node hides the collector unless it is asked at the start, but gives it to a new context at any time. */
function collector(): () => void {
  if (globalThis.gc !== undefined) return () => globalThis.gc?.();
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
