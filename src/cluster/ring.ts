/** The newest so many of something, oldest first. Appending copies one small chunk, whatever the size. */
export interface Ring<T> {
  readonly chunks: readonly (readonly T[])[];
  /** How many of the first chunk are gone already. */
  readonly skipped: number;
  readonly size: number;
}

const CHUNK = 32;

/** A ring without entries. */
export function emptyRing<T>(): Ring<T> {
  return { chunks: [], skipped: 0, size: 0 };
}

/** Appends, and drops the oldest beyond `max`. */
export function ringPush<T>(ring: Ring<T>, value: T, max: number): Ring<T> {
  if (max <= 0) return ring;
  const last = ring.chunks.at(-1);
  const chunks =
    last === undefined || last.length === CHUNK
      ? [...ring.chunks, [value]]
      : [...ring.chunks.slice(0, -1), [...last, value]];
  let { skipped } = ring;
  let size = ring.size + 1;
  while (size > max) {
    skipped += 1;
    size -= 1;
  }
  while (skipped >= CHUNK) {
    chunks.shift();
    skipped -= CHUNK;
  }
  return { chunks, skipped, size };
}

/** Drops the oldest beyond `max`. */
export function ringTrim<T>(ring: Ring<T>, max: number): Ring<T> {
  if (ring.size <= max) return ring;
  const kept = ringValues(ring).slice(ring.size - max);
  return kept.reduce((trimmed, value) => ringPush(trimmed, value, max), emptyRing<T>());
}

/** All entries, oldest first. */
export function ringValues<T>(ring: Ring<T>): readonly T[] {
  return ring.chunks.flat().slice(ring.skipped);
}
