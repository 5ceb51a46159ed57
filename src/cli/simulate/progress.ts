import type { SimulationProgress } from '../../simulation/index.js';
import { plain } from '../cluster/text.js';
import type { Io } from '../io.js';
import { percent, time, whole } from './words.js';

/** How often the line is drawn, ms. */
const everyMs = 200;

/** A line on standard error that says how far it is, how fast it goes and how long it takes; only on a terminal. */
export interface ProgressLine {
  readonly show: ((progress: SimulationProgress) => void) | undefined;
  clear(): void;
}

/** @param lastMs when it is over, by virtual time, as far as that is known */
export function progressLine(io: Io, lastMs: number | undefined): ProgressLine {
  if (!io.interactive) return { show: undefined, clear: () => undefined };
  let current = -1;
  let startedAt = 0;
  let shownAt = -Infinity;
  const show = (progress: SimulationProgress): void => {
    const now = io.now();
    if (progress.index !== current) {
      current = progress.index;
      startedAt = now;
    }
    if (now - shownAt < everyMs) return;
    shownAt = now;
    io.stderr(`\r${wordsOf(progress, now - startedAt, lastMs)}\u001b[K`);
  };
  return { show, clear: () => io.stderr('\r\u001b[K') };
}

function wordsOf(progress: SimulationProgress, spentMs: number, lastMs: number | undefined): string {
  const { policy, index, policies, now, untilMs = lastMs, tasksStarted } = progress;
  const which = policies === 1 ? plain(policy) : `${plain(policy)} (${index + 1} of ${policies})`;
  const rate = spentMs > 0 ? [`${whole((tasksStarted * 1_000) / spentMs)} tasks/s`] : [];
  const words = [`${time(now)} simulated`, `${whole(tasksStarted)} tasks`, ...rate];
  if (untilMs === undefined || untilMs <= 0) return `${which}: ${words.join(', ')}`;
  const part = Math.min(1, now / untilMs);
  const left = part > 0 ? [`${time((spentMs * (1 - part)) / part)} left`] : [];
  return `${which}: ${percent(part)}, ${[...words, ...left].join(', ')}`;
}
