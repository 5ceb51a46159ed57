import { runCallback } from '../framework-api/callbacks.js';
import { shown } from '../resources/quote.js';
import type { MasterError } from './errors.js';
import type { AgentEvent, FrameworkEvent } from './events.js';
import type { Logger } from './logger.js';

/** What happens because somebody wanted it. */
const expected: ReadonlySet<string> = new Set([
  'registered',
  'subscribed',
  'deactivated',
  'draining',
  'drained',
  'reactivated',
]);

/** Says what happens to a logger, which may throw without any harm. */
export class Log {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What became of an agent or a framework. */
  party(party: 'agent' | 'framework', event: AgentEvent | FrameworkEvent): void {
    const id = 'agent' in event ? event.agent : event.framework;
    const why = 'code' in event ? `: ${event.code}: ${quoted(event.message)}` : '';
    const line = `${party}${id === undefined ? '' : ` ${quoted(id)}`} ${event.type}${why}`;
    this.#say(expected.has(event.type) ? 'info' : 'warn', line);
  }

  error({ code, message }: MasterError): void {
    this.#say('error', `${code}: ${quoted(message)}`);
  }

  #say(level: keyof Logger, line: string): void {
    runCallback(
      () => this.#logger[level](line),
      () => {},
    );
  }
}

/** What came from outside, cut where it is long, so that it cannot pass for a line, or a terminal's command, of ours. */
export function quoted(text: string): string {
  return JSON.stringify(shown(text)).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
