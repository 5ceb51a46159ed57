/** How many texts are young before the old ones are forgotten. */
const generation = 512;
/** Longer texts are hardly ever read twice, and not worth their memory. */
const longest = 500;

/**
 * What short texts were read as, lately: a cluster reads the same few texts over and over. What it recalls must be
 * immutable, for many get the same thing. At most two generations of texts are remembered.
 */
export class TextMemo<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** What the text was read as; failures are not remembered. */
  recall(text: string, read: (text: string) => T): T {
    if (text.length > longest) return read(text);
    const young = this.#young.get(text);
    if (young !== undefined) return young;
    const own = detached(text);
    const value = this.#old.get(own) ?? read(own);
    this.#keep(own, value);
    return value;
  }

  #keep(text: string, value: T): void {
    if (this.#young.size >= generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
  }
}

/** A copy: V8 keeps a long text alive as long as a piece cut from it. This joins two into a new one, and cuts from that. */
function detached(text: string): string {
  return ` ${text}`.slice(1);
}
