import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collections until nothing more goes: what V8 keeps for functions that nobody calls, it lets go only after some. */
const mostCollections = 8;
/** Less than this is not worth another one. */
const littleBytes = 16_384;

/** Bytes that are alive after full collections, those of typed arrays included. */
export function liveBytes(): number {
  let live = Infinity;
  for (let n = 0; n < mostCollections; n += 1) {
    collectAll();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const before = live;
    live = Math.min(before, heapUsed + arrayBuffers);
    if (before - live < littleBytes) break;
  }
  return live;
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
