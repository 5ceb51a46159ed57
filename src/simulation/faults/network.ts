/** What lies between a master and its parties, and does not always carry what it should. */
import { hashText } from '../../resources/index.js';
import { isInputError } from '../../master/errors.js';
import type { Clock, Transport } from '../../master/index.js';
import type { Command, Report } from '../../tasks/index.js';
import { draw } from '../luck.js';
import type { MasterClock } from './master-clock.js';
import type { Direction, Weather } from './plan.js';

/** Which links a cut is about: of one party by its name, of all agents, or of all frameworks. */
export type Cut = {
  readonly links: 'agent' | 'framework' | { readonly of: string };
  readonly direction: Direction;
  /** What is said meanwhile comes when the cut ends, instead of being lost. */
  readonly holds: boolean;
};

/** Who listens at the ends: to what parties said, whether or not it arrives, and to what has reached an agent. */
export interface Ears {
  said(report: Report): void;
  told(command: Command): void;
}

/** One way of one party's link. */
interface Way {
  readonly party: string;
  readonly side: 'agent' | 'framework';
  readonly direction: 'out' | 'in';
  readonly hash: number;
  /** Messages so far: the luck of each is a hash of its number. */
  sent: number;
  /** How many are under way, and when the last of them arrives. */
  underWay: number;
  lastAt: number;
}

const calm: Weather = { drop: 0, duplicate: 0, delay: 0, delayMs: 0, reorder: false };

/**
 * A transport whose messages are lost, repeated, late and overtaken, and whose links are cut. What arrives while the
 * master's process sleeps waits for it; what is under way when the master fails is lost.
 */
export class FaultyNetwork implements Transport {
  readonly agents: { send(command: Command): void };
  readonly frameworks: NonNullable<Transport['frameworks']>;
  /** How often each thing happened to a message. */
  readonly counts: Record<'carried' | 'lost' | 'repeated' | 'late' | 'held', number> = {
    carried: 0,
    lost: 0,
    repeated: 0,
    late: 0,
    held: 0,
  };
  readonly #inner: Transport;
  readonly #clock: Clock;
  readonly #master: MasterClock;
  readonly #seed: number;
  readonly #ears: Ears;
  readonly #ways = new Map<string, Way>();
  /** Which framework speaks over a connection, by its name. */
  readonly #names = new Map<string, string>();
  readonly #cuts = new Set<Cut>();
  readonly #held = new Map<Way, (() => void)[]>();
  /** What has arrived where nobody reads: the master's process sleeps. */
  #unread: (() => void)[] = [];
  #weather: Weather;
  /** Messages of an earlier life of the master are void. */
  #life = 0;
  #isUp = false;

  constructor(
    inner: Transport,
    how: {
      readonly clock: Clock;
      readonly master: MasterClock;
      readonly seed: number;
      readonly weather: Weather;
      readonly ears: Ears;
    },
  ) {
    this.#inner = inner;
    this.#clock = how.clock;
    this.#master = how.master;
    this.#seed = how.seed;
    this.#weather = how.weather;
    this.#ears = how.ears;
    const { agents, frameworks } = inner;
    this.agents = {
      send: (command) => {
        // Two promises of a port are kept, since more than good behaviour hangs on them: a launch comes once at most, or its
        // task runs twice; and commands keep their order, or a question about a task overtakes its launch.
        const once = command.type === 'launch' || command.type === 'launch-group';
        this.#carry(this.#way('agent', command.agent, 'in'), once, () => {
          // It comes on a microtask; what the agent says of an earlier one is said before.
          void Promise.resolve().then(() => this.#ears.told(command));
          void agents?.send(command);
        });
      },
    };
    this.frameworks = {
      send: (event) => {
        const party = this.#names.get(event.connection) ?? event.connection;
        this.#carry(this.#way('framework', party, 'in'), false, () => void frameworks?.send(event));
      },
    };
  }

  open(receive: (input: unknown) => void): void | Promise<void> {
    this.#life += 1;
    this.#isUp = true;
    return this.#inner.open((input) => this.#hear(input as Message, receive));
  }

  close(): void | Promise<void> {
    return this.#inner.close();
  }

  /** The master's machine fails: nothing that it said or was told and that is under way arrives. */
  fail(): void {
    this.#isUp = false;
    this.#life += 1;
    this.#held.clear();
    this.#unread = [];
    for (const way of this.#ways.values()) {
      way.underWay = 0;
      way.lastAt = -Infinity;
    }
  }

  /** Cuts links. @returns what ends the cut. */
  cut(cut: Cut): () => void {
    this.#cuts.add(cut);
    return () => {
      if (this.#cuts.delete(cut)) this.#release();
    };
  }

  /** From now on everything arrives, and what was held too. */
  heal(): void {
    this.#weather = calm;
    this.#cuts.clear();
    this.#read();
    this.#release();
  }

  #hear(message: Message, receive: (input: unknown) => void): void {
    const way = this.#wayOf(message);
    if (way === undefined) return;
    if (way.side === 'agent' && message.type !== 'agent-disconnected') this.#ears.said(message as Report);
    this.#carry(way, false, () => {
      try {
        receive(message);
      } catch (error) {
        // Whoever said it is long gone.
        if (!isInputError(error)) throw error;
      }
    });
  }

  #wayOf(message: Message): Way | undefined {
    const { type, agent, connection, name } = message;
    if (connection !== undefined && (type === 'subscribe' || this.#names.has(connection))) {
      if (type === 'subscribe') this.#names.set(connection, name ?? connection);
      return this.#way('framework', this.#names.get(connection) ?? connection, 'out');
    }
    return agent === undefined ? undefined : this.#way('agent', agent, 'out');
  }

  #way(side: Way['side'], party: string, direction: Way['direction']): Way {
    const key = `${side} ${direction} ${party}`;
    let way = this.#ways.get(key);
    if (way === undefined) {
      way = { party, side, direction, hash: hashText(key), sent: 0, underWay: 0, lastAt: -Infinity };
      this.#ways.set(key, way);
    }
    return way;
  }

  #carry(way: Way, once: boolean, deliver: () => void): void {
    if (!this.#isUp) return this.#lose();
    const number = way.sent;
    way.sent += 1;
    const luck = (what: number): number => draw(this.#seed, way.hash, number, what);
    const cut = this.#cutOn(way);
    if (cut?.holds === true) return this.#hold(way, deliver);
    const { drop, duplicate, delay, delayMs } = this.#weather;
    if (cut !== undefined || (drop > 0 && luck(0) < drop)) return this.#lose();
    const lateBy = delay > 0 && luck(1) < delay ? Math.ceil(luck(2) * delayMs) : 0;
    this.#later(way, lateBy, deliver);
    if (!once && duplicate > 0 && luck(3) < duplicate) {
      this.counts.repeated += 1;
      this.#later(way, Math.ceil(luck(4) * delayMs), deliver);
    }
  }

  #lose(): void {
    this.counts.lost += 1;
  }

  #hold(way: Way, deliver: () => void): void {
    this.counts.held += 1;
    const held = this.#held.get(way) ?? [];
    held.push(deliver);
    this.#held.set(way, held);
  }

  #cutOn({ party, side, direction }: Way): Cut | undefined {
    if (this.#cuts.size === 0) return undefined;
    for (const cut of this.#cuts) {
      const isHere = typeof cut.links === 'string' ? cut.links === side : cut.links.of === party;
      if (isHere && (cut.direction === 'both' || cut.direction === direction)) return cut;
    }
    return undefined;
  }

  /** What was held on links that are whole again arrives in its order, all at once. */
  #release(): void {
    for (const [way, held] of [...this.#held]) {
      if (this.#cutOn(way) !== undefined) continue;
      this.#held.delete(way);
      for (const deliver of held) this.#later(way, 0, deliver);
    }
  }

  #later(way: Way, lateBy: number, deliver: () => void): void {
    const now = this.#clock.now();
    // Where nothing overtakes, what comes now waits behind what is late.
    const waits = way.underWay > 0 && (!this.#weather.reorder || isCommands(way));
    const at = Math.max(now + lateBy, waits ? way.lastAt : now);
    this.counts.carried += 1;
    if (at <= now && !waits) return this.#arrive(way, deliver);
    this.counts.late += 1;
    way.underWay += 1;
    way.lastAt = Math.max(way.lastAt, at);
    const life = this.#life;
    this.#clock.wake(at, () => {
      if (life !== this.#life) return;
      way.underWay -= 1;
      this.#arrive(way, deliver);
    });
  }

  #arrive({ direction }: Way, deliver: () => void): void {
    if (direction === 'in' || (!this.#master.asleep && this.#unread.length === 0)) return deliver();
    this.#unread.push(deliver);
    if (this.#unread.length === 1) this.#readLater();
  }

  #readLater(): void {
    this.#clock.wake(this.#master.asleepUntil, () => {
      if (this.#master.asleep) this.#readLater();
      else this.#read();
    });
  }

  /** The master is awake: it reads what came meanwhile, in that order. */
  #read(): void {
    const unread = this.#unread;
    this.#unread = [];
    for (const deliver of unread) deliver();
  }
}

/** Whether it is the way of an agent's commands. */
function isCommands({ side, direction }: Way): boolean {
  return side === 'agent' && direction === 'in';
}

/** What a party can say, as far as one must know it to find its link. */
interface Message {
  readonly type: string;
  readonly agent?: string;
  readonly connection?: string;
  readonly name?: string;
}
