import { nothing, trimmed, whole } from './figures.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Units, and up to where each is used: 36 hours say more than 1.5 days. */
const units: readonly { readonly name: string; readonly ms: number; readonly below: number }[] = [
  { name: 'ms', ms: 1, below: second },
  { name: 's', ms: second, below: minute },
  { name: 'min', ms: minute, below: hour },
  { name: 'h', ms: hour, below: 2 * day },
  { name: 'd', ms: day, below: Infinity },
];

/** A time in the unit that fits, to two figures or to the whole: `3.2 h`, `45 s`, `150 d`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return nothing;
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms === 0) return '0 s';
  if (ms < 1) return '<1 ms';
  for (const unit of units) {
    const value = ms / unit.ms;
    // Rounded first: 59.7 seconds are a minute, not 60 seconds.
    const rounded = value < 9.95 && unit.ms > 1 ? Math.round(value * 10) / 10 : Math.round(value);
    if (rounded * unit.ms < unit.below)
      return `${rounded < 10 ? trimmed(rounded.toFixed(1)) : whole(rounded)} ${unit.name}`;
  }
  return `${whole(ms / day)} d`;
}

/** Steps that people count time by. */
const steps: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 5, 10, 20, 30, 50, 100, 200, 300, 500].map((n) => n * day),
];

/** A mark on an axis of time. */
export interface TimeTick {
  readonly at: number;
  readonly text: string;
}

/**
 * Marks at round times from 0 to `endMs`, `most` at most besides 0, all in one unit.
 *
 * @param endMs more than 0, finite
 */
export function timeTicks(endMs: number, most: number): readonly TimeTick[] {
  const step = steps.find((each) => endMs / each <= most) ?? roundDays(endMs / most);
  const unit = units.findLast(({ ms }) => step % ms === 0) ?? { name: 'ms', ms: 1 };
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, n) => {
    return { at: n * step, text: n === 0 ? '0' : `${whole((n * step) / unit.ms)} ${unit.name}` };
  });
}

/** From a thousand days on steps are powers of ten. */
function roundDays(ms: number): number {
  return 10 ** Math.ceil(Math.log10(ms / day)) * day;
}

/** The marks of an axis that goes over orders of magnitude. */
export const ladder: readonly TimeTick[] = [
  ...[1, 10, 100],
  ...[1, 10].map((n) => n * second),
  ...[1, 10].map((n) => n * minute),
  ...[1, 6].map((n) => n * hour),
  ...[1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].map((n) => n * day),
].map((at) => ({ at, text: duration(at) }));
