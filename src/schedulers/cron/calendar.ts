/** When cron jobs are due: the one place that knows the package which reads cron expressions. */
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';

/** Reads schedules. Pure, but for what the platform knows of time zones. */
export interface Calendar {
  /**
   * The first instant after `after`, ms, at which a schedule is due; null = there is none.
   *
   * @throws InputError `bad-schedule`, or `bad-time-zone`
   */
  next(schedule: Schedule, after: number): number | null;
}

/** When a job is due. */
export interface Schedule {
  readonly expression: string;
  /** An IANA name such as `Europe/Berlin`. */
  readonly timezone: string;
}

/** What of the package is used. */
interface Parser {
  nextRun(after: Date): Date | null;
}
type ParserClass = new (expression: string, options: { readonly timezone: string; readonly paused: true }) => Parser;

/** So many schedules are kept read. */
const mostKept = 1_000;

/**
 * Loads the package that reads cron expressions.
 *
 * @param load for tests: how it is loaded.
 * @throws InputError `missing-peer` (as a rejection) if it is not installed.
 */
export async function loadCalendar(
  load: () => Promise<{ readonly Cron: ParserClass }> = () => import('croner'),
): Promise<Calendar> {
  let Cron: ParserClass;
  try {
    ({ Cron } = await load());
  } catch {
    const message = "Cron jobs need the package 'croner', which is not installed: npm install croner@11";
    throw new InputError('missing-peer', 'schedule', message);
  }
  const parsers = new Map<string, Parser>();
  return {
    next({ expression, timezone }, after) {
      const key = JSON.stringify([expression, timezone]);
      const parser = parsers.get(key) ?? parse(Cron, expression, timezone);
      if (parsers.size >= mostKept) parsers.clear();
      parsers.set(key, parser);
      return parser.nextRun(new Date(after))?.getTime() ?? null;
    },
  };
}

function parse(Cron: ParserClass, expression: string, timezone: string): Parser {
  demandTimezone(timezone);
  try {
    const parser = new Cron(expression, { timezone, paused: true });
    // Some of what cannot be is only seen when it is used.
    parser.nextRun(new Date(0));
    return parser;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError('bad-schedule', 'schedule', `${quote(expression)} is no schedule: ${why}`);
  }
}

function demandTimezone(timezone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone }).format(0);
  } catch {
    throw new InputError('bad-time-zone', 'timezone', `There is no time zone ${quote(timezone)}`);
  }
}
