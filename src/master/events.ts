import { EventEmitter } from 'eventemitter3';
import type { Input } from '../cluster/inputs.js';
import type { InverseOffer, Offer, Output } from '../cluster/outputs.js';
import type { ClusterState, ReportRefused } from '../cluster/index.js';
import { runCallback, throwLater } from '../framework-api/callbacks.js';
import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import type { TaskStatus } from '../tasks/index.js';
import type { MasterError } from './errors.js';

/** One accepted input and what it did. */
export interface TransitionEvent {
  readonly input: Input;
  readonly before: ClusterState;
  readonly state: ClusterState;
  readonly outputs: readonly Output[];
}

/** An offer went out, or was taken back; or a framework was asked to leave an agent that will be away (INV-1). */
export type OfferEvent =
  | { readonly type: 'offered'; readonly framework: string; readonly offer: Offer }
  | { readonly type: 'rescinded'; readonly framework: string; readonly offer: string }
  | { readonly type: 'inverse-offered'; readonly framework: string; readonly offer: InverseOffer }
  | { readonly type: 'inverse-rescinded'; readonly framework: string; readonly offer: string };

/** A task was sent to its agent, or its framework was told its state. */
export type TaskEvent =
  | { readonly type: 'launched'; readonly framework: string; readonly task: string; readonly agent: string }
  | { readonly type: 'status'; readonly framework: string; readonly task: string; readonly status: TaskStatus };

/** What became of an agent: how it was answered, or how it was lost (AG-1 … AG-10). */
export type AgentEvent =
  | { readonly type: 'registered'; readonly agent: string }
  | { readonly type: 'refused'; readonly agent: string; readonly code: string; readonly message: string }
  /** It stays registered as it was: what it said of itself cannot be. */
  | {
      readonly type: 'report-refused';
      readonly agent: string;
      readonly report: ReportRefused['report'];
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: 'disconnected'; readonly agent: string }
  | { readonly type: 'unreachable'; readonly agent: string }
  | { readonly type: 'removed'; readonly agent: string }
  /** It will never come back (AG-6). */
  | { readonly type: 'gone'; readonly agent: string }
  /** The operator took it out of service, nothing is left on it, it is in service again (DRAIN-1, DRAIN-2). */
  | { readonly type: 'deactivated' | 'draining' | 'drained' | 'reactivated'; readonly agent: string };

/** What became of a framework; `ended` = a subscription was refused, or taken over by a newer one (FW-1 … FW-7). */
export type FrameworkEvent =
  | { readonly type: 'subscribed'; readonly framework: string }
  | { readonly type: 'disconnected'; readonly framework: string }
  | { readonly type: 'ended'; readonly framework?: string; readonly code: string; readonly message: string }
  | { readonly type: 'removed'; readonly framework: string };

/** What `master.on` can be asked for, and what a listener is given. */
export interface MasterEvents {
  /** Every accepted input, in order, before what follows from it. */
  readonly transition: TransitionEvent;
  readonly offer: OfferEvent;
  readonly task: TaskEvent;
  readonly agent: AgentEvent;
  readonly framework: FrameworkEvent;
  /** Something failed and the run goes on: a `MasterError`. Without a listener it is thrown on a microtask. */
  readonly error: MasterError;
}

type Name = keyof MasterEvents;

const names: Readonly<Record<Name, true>> = {
  transition: true,
  offer: true,
  task: true,
  agent: true,
  framework: true,
  error: true,
};

/**
 * The emitter behind `master.on`. It is kept, never handed out: nobody can remove another's listener or emit in the
 * master's name, and a listener that throws keeps no other from hearing.
 */
export class Events {
  // Which event goes with which name is checked here, at `on` and `emit`.
  readonly #emitter = new EventEmitter<Record<Name, (event: unknown) => void>>();
  readonly #failed: (error: unknown, name: Name) => void;

  /** @param failed hears what a listener of which event threw; a throw of an `error` listener is thrown on a microtask instead. */
  constructor(failed: (error: unknown, name: Name) => void) {
    this.#failed = failed;
  }

  /**
   * @returns what stops listening; again is nothing. The same function may listen twice, and then hears twice.
   * @throws InputError `unknown-event`, which nobody would ever hear; `wrong-type` for what is no function.
   */
  on<N extends Name>(name: N, listen: (event: MasterEvents[N]) => void): () => void {
    if (!Object.hasOwn(names, name)) {
      const known = Object.keys(names).join(', ');
      throw new InputError('unknown-event', 'name', `There is no event ${quote(name)}; there are: ${known}`);
    }
    if (typeof listen !== 'function') throw new InputError('wrong-type', 'listen', 'A listener must be a function');
    const failed = name === 'error' ? throwLater : (error: unknown): void => this.#failed(error, name);
    const guarded = (event: unknown): void => runCallback(() => listen(event as MasterEvents[N]), failed);
    this.#emitter.on(name, guarded);
    return () => {
      this.#emitter.off(name, guarded);
    };
  }

  /** Whether anybody listens: what is costly to say need not be said. */
  heard(name: Name): boolean {
    return this.#emitter.listenerCount(name) > 0;
  }

  emit<N extends Name>(name: N, event: MasterEvents[N]): void {
    const heard = this.#emitter.emit(name, event);
    // An emitter lets an unheard error pass; nobody else would learn of it.
    if (!heard && name === 'error') throwLater(event);
  }

  clear(): void {
    this.#emitter.removeAllListeners();
  }
}
