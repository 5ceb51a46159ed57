/**
 * The few globals that the layers outside the machine use, as far as they use them. Node, browsers and workers all have
 * them; naming them here keeps the rest of those platforms out of the library's types.
 */
declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function queueMicrotask(run: () => void): void;

declare var performance: { now(): number };

interface AbortSignal {
  readonly aborted: boolean;
}

interface AbortController {
  readonly signal: AbortSignal;
  abort(): void;
}

declare var AbortController: { new (): AbortController };
