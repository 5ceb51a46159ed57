/**
 * Why a scheduler cannot go on: its subscription ended. The `code` is the master's (`failed-over`, `framework-removed` …),
 * or `wrong-framework` when it was subscribed as another framework than the one whose tasks it knows.
 */
export class SchedulerError extends Error {
  override readonly name: string = 'SchedulerError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
