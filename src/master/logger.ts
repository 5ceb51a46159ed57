/**
 * Where the master says what it does, one line a message. `console` is one, and so are the usual logging libraries.
 * Names that came from outside are quoted, so they cannot forge lines.
 */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
