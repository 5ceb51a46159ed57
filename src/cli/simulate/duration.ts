import { UsageError } from '../io.js';

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** A span of time on a command line, `90s`, `1.5h`, `7d`, in ms; undefined when the option was not given. */
export function durationOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (unitMs.get(unit) ?? Number.NaN);
  if (ms > 0 && ms <= 1e14) return ms;
  throw new UsageError(`--${name} takes a time such as 90s, 15m, 12h or 7d, not ${JSON.stringify(text)}`);
}
