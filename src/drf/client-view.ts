import type { Quantities } from '../resources/index.js';
import type { Client } from './order-rule.js';

/** The fields of a client, and how to draw for it. */
type ClientFields = Omit<Client, 'draw'> & { readonly draw: (path: string) => number };

/** A client at one moment. A class, so that the draw, some hashes, is paid only by rules that read it. */
export class ClientView implements Client {
  readonly path: string;
  readonly weight: number;
  readonly priority: number;
  readonly count: number;
  readonly allocated: Quantities;
  readonly total: Quantities;
  readonly dominantShare: number;
  readonly since: number;
  readonly servedAt: number;
  readonly now: number;
  readonly #draw: (path: string) => number;

  constructor(fields: ClientFields) {
    this.path = fields.path;
    this.weight = fields.weight;
    this.priority = fields.priority;
    this.count = fields.count;
    this.allocated = fields.allocated;
    this.total = fields.total;
    this.dominantShare = fields.dominantShare;
    this.since = fields.since;
    this.servedAt = fields.servedAt;
    this.now = fields.now;
    this.#draw = fields.draw;
  }

  get draw(): number {
    return this.#draw(this.path);
  }
}
