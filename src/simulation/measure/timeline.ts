/** Something that goes up and down, as its mean over spans of equal length. */
export interface Channel {
  value: number;
  since: number;
  /** Value times ms since the last span ended. */
  sum: number;
  means: number[];
}

/** How many spans a whole simulation is told in, at least; at most twice as many. */
const spans = 300;

/**
 * Channels over time in bounded memory: when there are too many spans, each two become one. Without knowing how long it goes
 * on it begins with spans of a second.
 */
export class Timeline {
  #spanMs: number;
  #ended = 0;
  readonly #channels: Channel[] = [];

  constructor(untilMs: number | undefined) {
    this.#spanMs = Math.max(1, untilMs === undefined ? 1_000 : Math.ceil(untilMs / spans));
  }

  /** How long a span is now, ms. */
  get spanMs(): number {
    return this.#spanMs;
  }

  /** A channel from now on; before it was 0. */
  channel(): Channel {
    const channel: Channel = { value: 0, since: this.#ended, sum: 0, means: this.#pastZeros() };
    this.#channels.push(channel);
    return channel;
  }

  /** Time has come to `now`: spans that are over end. */
  moveTo(now: number): void {
    for (let end = this.#ended + this.#spanMs; end <= now; end = this.#ended + this.#spanMs) {
      this.#end(end, this.#spanMs);
      if ((this.#channels[0]?.means.length ?? 0) >= 2 * spans) this.#halve();
    }
  }

  /** It is over: what has begun ends too. */
  end(now: number): void {
    this.moveTo(now);
    if (now > this.#ended) this.#end(now, now - this.#ended);
  }

  #end(at: number, length: number): void {
    for (const channel of this.#channels) {
      channel.means.push((channel.sum + channel.value * (at - channel.since)) / length);
      channel.sum = 0;
      channel.since = at;
    }
    this.#ended = at;
  }

  #halve(): void {
    this.#spanMs *= 2;
    for (const channel of this.#channels) {
      const { means } = channel;
      channel.means = Array.from({ length: means.length / 2 }, (_, n) => {
        return ((means[2 * n] ?? 0) + (means[2 * n + 1] ?? 0)) / 2;
      });
    }
  }

  #pastZeros(): number[] {
    return Array<number>(this.#channels[0]?.means.length ?? 0).fill(0);
  }
}

/** Sets a channel. Whoever sets it has moved the timeline to `now` before. */
export function setChannel(channel: Channel, value: number, now: number): void {
  channel.sum += channel.value * (now - channel.since);
  channel.since = now;
  channel.value = value;
}
