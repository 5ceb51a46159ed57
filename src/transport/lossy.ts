import { InputError, mix, unitFrom } from '../resources/index.js';
import type { Clock } from '../master/clock.js';
import { isInputError } from '../master/errors.js';
import type { Transport } from '../master/ports.js';

/** Which faults, how often, and from what luck. The same seed and the same messages give the same faults. */
export interface LossyOptions {
  readonly seed: number;
  /** Probability that a message is lost. Default 0. */
  readonly drop?: number;
  /** Probability that a message that is not lost comes twice. Default 0. */
  readonly duplicate?: number;
  /** Each message is late by up to so many ms, by its own luck, so messages overtake each other. Default 0 = at once. */
  readonly delayMs?: number;
  /** By which delays are counted. */
  readonly clock: Clock;
}

type Deliver<Message> = (message: Message) => void;

/**
 * A transport that loses, repeats, delays and reorders what goes through `inner`, in both directions. It breaks the
 * promises of a transport on purpose; what it keeps is that `send` never throws and that nothing comes after `close`.
 * Without faults it is `inner`.
 *
 * @throws InputError `bad-number` for a probability outside 0…1, a negative delay or a seed that is not finite.
 * @example
 * const agents = memoryTransport({ clock });
 * createMaster({ clock, transports: [lossyTransport(agents, { seed: 7, drop: 0.1, delayMs: 200, clock })] });
 */
export function lossyTransport(inner: Transport, options: LossyOptions): Transport {
  const faults = new Faults(options);
  const { agents, frameworks } = inner;
  return {
    ...(agents && { agents: { send: faults.on((command) => void agents.send(command)) } }),
    ...(frameworks && { frameworks: { send: faults.on((event) => void frameworks.send(event)) } }),
    open: (receive) => inner.open(faults.on(unheard(receive))),
    close() {
      faults.forget();
      return inner.close();
    },
  };
}

/** A malformed message is refused to its sender, who is long gone when a message was late. */
function unheard(receive: Deliver<unknown>): Deliver<unknown> {
  return (message) => {
    try {
      receive(message);
    } catch (error) {
      if (!isInputError(error)) throw error;
    }
  };
}

/** The faults of one transport: luck is a hash of the seed and the number of the message. */
class Faults {
  readonly #seed: number;
  readonly #drop: number;
  readonly #duplicate: number;
  readonly #delayMs: number;
  readonly #clock: Clock;
  /** What takes back each message under way. */
  readonly #underWay = new Set<() => void>();
  #messages = 0;

  constructor({ seed, drop = 0, duplicate = 0, delayMs = 0, clock }: LossyOptions) {
    this.#seed = within(seed, 'seed', { least: -Infinity });
    this.#drop = within(drop, 'drop', { most: 1 });
    this.#duplicate = within(duplicate, 'duplicate', { most: 1 });
    this.#delayMs = within(delayMs, 'delayMs');
    this.#clock = clock;
  }

  /** `deliver` with faults. */
  on<Message>(deliver: Deliver<Message>): Deliver<Message> {
    return (message) => {
      const number = this.#messages;
      this.#messages += 1;
      if (this.#luck(number, 0) < this.#drop) return;
      this.#later(this.#luck(number, 1), () => deliver(message));
      if (this.#luck(number, 2) < this.#duplicate) this.#later(this.#luck(number, 3), () => deliver(message));
    };
  }

  /** Loses what is under way. */
  forget(): void {
    for (const cancel of this.#underWay) cancel();
    this.#underWay.clear();
  }

  #later(luck: number, run: () => void): void {
    const delay = Math.floor(luck * (this.#delayMs + 1));
    if (delay === 0) return run();
    const cancel = this.#clock.wake(this.#clock.now() + delay, () => {
      this.#underWay.delete(cancel);
      run();
    });
    this.#underWay.add(cancel);
  }

  #luck(message: number, draw: number): number {
    return unitFrom(mix(this.#seed, message, draw, 0), mix(this.#seed, message, draw, 1));
  }
}

function within(value: number, path: string, { least = 0, most = Infinity } = {}): number {
  if (value >= least && value <= most && Number.isFinite(value)) return value;
  throw new InputError('bad-number', path, `'${path}' cannot be ${value}`);
}
