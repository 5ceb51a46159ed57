import { InputError, mix, unitFrom } from '../../resources/index.js';
import { finite, type Reader } from '../../cluster/shape.js';
import { duration, only } from './reading.js';

/**
 * How long to wait after failures: `firstMs` after the first, each further wait `factor` times as long, none longer than
 * `maxMs`. Of each wait a random part, at most `jitter` of it, is left out, so that many who failed together do not come
 * back together.
 */
export interface BackOff {
  /** The first wait, ms. */
  readonly firstMs: number;
  /** The longest, ms. */
  readonly maxMs: number;
  /** 1 or more. Default 2. */
  readonly factor?: number;
  /** From 0, always the whole wait, to 1, anything down to no wait. Default 0.5. */
  readonly jitter?: number;
}

/** A back-off with all its numbers. */
export type FullBackOff = Required<BackOff>;

/** What a back-off leaves out. */
const usual = { factor: 2, jitter: 0.5 } as const;

/**
 * How long to wait after so many failures in a row, whole ms; 0 after none.
 *
 * @param luck from 0 to below 1, as `luck` gives it.
 * @example
 * backOffMs({ firstMs: 1_000, maxMs: 60_000, jitter: 0 }, 3, 0); // 4000
 */
export function backOffMs(backOff: BackOff, failures: number, luck: number): number {
  if (!(failures > 0)) return 0;
  const { firstMs, maxMs, factor = usual.factor, jitter = usual.jitter } = backOff;
  let wait = Math.min(firstMs, maxMs);
  // Multiplied one by one: engines differ in the last bit of a power.
  if (factor > 1) for (let more = failures - 1; more > 0 && wait > 0 && wait < maxMs; more -= 1) wait *= factor;
  return Math.round(Math.min(wait, maxMs) * (1 - jitter * luck));
}

/** A number from 0 to below 1 that looks random and is always the same for the same seed and number. */
export function luck(seed: number, number: number): number {
  return unitFrom(mix(seed, number, 0), mix(seed, number, 1));
}

const shape = only({
  required: { firstMs: duration, maxMs: duration },
  optional: { factor: finite, jitter: finite },
});

/**
 * Reads a back-off and completes it.
 *
 * @throws InputError `bad-back-off` for numbers that make none; as every reader, for another shape.
 */
export const readBackOff: Reader<FullBackOff> = (value, path) => {
  const { firstMs, maxMs, factor = usual.factor, jitter = usual.jitter } = shape(value, path);
  if (factor < 1) throw new InputError('bad-back-off', `${path}.factor`, `${path}.factor must be 1 or more`);
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new InputError('bad-back-off', `${path}.jitter`, `${path}.jitter must be a number from 0 to 1`);
  }
  if (maxMs < firstMs) throw new InputError('bad-back-off', `${path}.maxMs`, `${path}.maxMs is less than firstMs`);
  return { firstMs, maxMs, factor, jitter: jitter + 0 };
};
