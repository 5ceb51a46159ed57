type Later = (run: () => void, ms: number) => unknown;

/** The host's timers as they were when this module was loaded: tests replace globals, and then nothing would settle. */
const host: { readonly setImmediate?: Later; readonly setTimeout: Later } = globalThis;
/** Where there is one, an immediate: a timer of 0 ms costs a whole one. */
const later: Later = host.setImmediate ?? host.setTimeout;

/** Resolves when every promise that can go on without a timer or the outside has done so: a turn of the host's own loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    later(resolve, 0);
  });
}
