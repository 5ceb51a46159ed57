/** What will happen, soonest first; at one instant in the order in which it was ordered. Events are numbers. */
export class EventHeap {
  #times: Float64Array<ArrayBuffer> = new Float64Array(1_024);
  #orders: Float64Array<ArrayBuffer> = new Float64Array(1_024);
  #events: Int32Array<ArrayBuffer> = new Int32Array(1_024);
  #size = 0;
  #ordered = 0;

  get size(): number {
    return this.#size;
  }

  /** When the first is due; Infinity = nothing is ordered. */
  get next(): number {
    return this.#size === 0 ? Infinity : (this.#times[0] as number);
  }

  push(at: number, event: number): void {
    if (this.#size === this.#times.length) this.#grow();
    const order = this.#ordered;
    this.#ordered += 1;
    let place = this.#size;
    this.#size += 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(at, order, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, at, order, event);
  }

  /** Takes out the first; -1 = there is none. */
  pop(): number {
    if (this.#size === 0) return -1;
    const event = this.#events[0] as number;
    this.#size -= 1;
    const last = this.#size;
    if (last > 0) {
      this.#sink(this.#times[last] as number, this.#orders[last] as number, this.#events[last] as number);
    }
    return event;
  }

  #sink(at: number, order: number, event: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      const right = child + 1;
      if (right < this.#size && this.#isBefore(this.#times[right] as number, this.#orders[right] as number, child)) {
        child = right;
      }
      if (this.#isBefore(at, order, child)) break;
      this.#move(child, place);
      place = child;
    }
    this.#put(place, at, order, event);
  }

  #isBefore(at: number, order: number, place: number): boolean {
    const other = this.#times[place] as number;
    return at < other || (at === other && order < (this.#orders[place] as number));
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#times[from] as number, this.#orders[from] as number, this.#events[from] as number);
  }

  #put(place: number, at: number, order: number, event: number): void {
    this.#times[place] = at;
    this.#orders[place] = order;
    this.#events[place] = event;
  }

  #grow(): void {
    const size = this.#times.length * 2;
    this.#times = copied(this.#times, new Float64Array(size));
    this.#orders = copied(this.#orders, new Float64Array(size));
    this.#events = copied(this.#events, new Int32Array(size));
  }
}

function copied<List extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(from: List, to: List): List {
  to.set(from);
  return to;
}
