/** Being told to end, by Ctrl-C or a signal. */
export interface Interruption {
  /** Resolves when it happens. */
  readonly happened: Promise<void>;
  isOver(): boolean;
  /** Stops listening. */
  stop(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens for the signals with which people and supervisors end a command. A second one changes nothing: all is being ended. */
export function onInterrupt(): Interruption {
  let over = false;
  let resolve: () => void = () => {};
  const happened = new Promise<void>((told) => (resolve = told));
  const listen = (): void => {
    over = true;
    resolve();
  };
  for (const signal of signals) process.on(signal, listen);
  return {
    happened,
    isOver: () => over,
    stop() {
      for (const signal of signals) process.off(signal, listen);
    },
  };
}
