/**
 * The few globals that the layers outside the machine use. Node, browsers and workers all have them; naming them here
 * keeps the rest of those platforms out of the library's types.
 */
declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function queueMicrotask(run: () => void): void;

declare var performance: { now(): number };

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listen: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listen: () => void): void;
}

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}

declare var AbortController: { new (): AbortController };
