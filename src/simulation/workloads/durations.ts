import { InputError } from '../../resources/index.js';
import { unitExponential } from '../../drf/index.js';
import { draw } from '../luck.js';
import type { Duration } from './workload.js';

/** How long one of them lasts, whole ms, by the luck of `key`; Infinity = for ever. Nothing lasts less than 1 ms. */
export function drawDuration(duration: Duration, ...key: readonly number[]): number {
  if (duration === null) return Infinity;
  if (typeof duration === 'number') return Math.max(1, Math.round(duration));
  if ('mean' in duration) return Math.max(1, Math.round(duration.mean * unitExponential(...key)));
  return Math.max(1, Math.round(duration.median * Math.exp(duration.spread * normal(key))));
}

/**
 * A normal variate by the inverse of its distribution (Acklam's approximation, to a relative error of 1e-9): one draw is
 * enough, and there may be millions.
 */
function normal(key: readonly number[]): number {
  const unit = Math.max(1e-12, draw(...key));
  if (unit < 0.02425) return tail(unit);
  if (unit > 1 - 0.02425) return -tail(1 - unit);
  const q = unit - 0.5;
  const r = q * q;
  const above =
    (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
    q;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
    1;
  return above / below;
}

function tail(unit: number): number {
  const q = Math.sqrt(-2 * Math.log(unit));
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1;
  return above / below;
}

/** @throws InputError `bad-workload` for what is no duration */
export function checkDuration(duration: Duration, path: string): void {
  if (duration === null) return;
  const numbers = typeof duration === 'number' ? [duration] : Object.values(duration);
  if (numbers.length > 0 && numbers.every((value) => Number.isFinite(value) && value >= 0)) return;
  throw new InputError('bad-workload', path, `${path} must be a duration: numbers of 0 or more, ms`);
}
