/** Quotas of top-level roles in the plainest way: sums over all agents when a run starts (QUOTA-1 … 7). */
import { limitOf, type Table } from '../../src/resources/index.js';
import type { Quota } from '../../src/offers/index.js';
import type { Amounts } from './amounts.js';
import { millisOf } from './naive-tree.js';

/** First what is guaranteed and not held yet, then the rest by fair shares. */
export type Stage = 'guarantees' | 'fair-share';

interface RoleQuota {
  readonly guarantees: Map<string, number>;
  readonly limits: Map<string, number>;
}

/** Reads the quotas of the library. */
export function quotasOf(quotas: Table<Quota>): Map<string, RoleQuota> {
  const read = ({ guarantees, limits }: Quota): RoleQuota => ({
    guarantees: millisOf(guarantees),
    limits: new Map(limits.names.map((name) => [name, limitOf(limits, name) ?? 0])),
  });
  return new Map(quotas.entries().map(([role, quota]) => [role, read(quota)]));
}

/** What an agent has and who holds what of it. */
export interface Stock {
  readonly free: Amounts;
  readonly held: readonly { readonly role: string; readonly amounts: Amounts }[];
}

/** The quotas of one run. */
export class QuotaRun {
  readonly #quotas: Map<string, RoleQuota>;
  /** By top-level role, with all that is below it. */
  readonly #consumed = new Map<string, Map<string, number>>();
  /** Free, over all agents. */
  readonly #available = new Map<string, number>();
  /** Guaranteed and not held yet, over all roles. */
  readonly #demand = new Map<string, number>();

  constructor(quotas: Map<string, RoleQuota>, agents: Iterable<Stock>) {
    this.#quotas = quotas;
    for (const { free, held } of agents) {
      for (const [name, milli] of scalarsOf(free)) plus(this.#available, name, milli);
      for (const { role, amounts } of held) {
        const consumed = this.#consumedBy(topOf(role));
        for (const [name, milli] of scalarsOf(amounts)) plus(consumed, name, milli);
      }
    }
    for (const [role, { guarantees }] of quotas) {
      for (const name of guarantees.keys()) plus(this.#demand, name, this.#unmet(role, name));
    }
  }

  /** Whether a role still has something to get of what is guaranteed. */
  isOwed(role: string): boolean {
    for (const name of this.#quotas.get(role)?.guarantees.keys() ?? []) if (this.#unmet(role, name) > 0) return true;
    return false;
  }

  /** What a role may have of what is free of an agent: all of its ranges, and scalars as far as quotas go. */
  within(free: Amounts, role: string, stage: Stage): Amounts {
    // A quota binds its own role alone (QUOTA-11).
    const limits = this.#quotas.get(role)?.limits;
    const consumed = this.#consumedBy(role);
    const offer: Amounts = new Map();
    let owesSomething = false;
    for (const [name, have] of free) {
      if (typeof have !== 'number') {
        offer.set(name, have);
        continue;
      }
      const limit = limits?.get(name);
      const room = limit === undefined ? Infinity : Math.max(0, limit - (consumed.get(name) ?? 0));
      const owed = stage === 'guarantees' ? Math.min(have, this.#unmet(role, name), room) : 0;
      const surplus = Math.max(0, (this.#available.get(name) ?? 0) - (this.#demand.get(name) ?? 0));
      const milli = owed + Math.min(have - owed, room - owed, surplus);
      if (owed > 0) owesSomething = true;
      if (milli > 0) offer.set(name, milli);
    }
    return stage === 'guarantees' && !owesSomething ? new Map() : offer;
  }

  /** Something was given to a role. */
  take(role: string, amounts: Amounts): void {
    const top = topOf(role);
    const consumed = this.#consumedBy(top);
    for (const [name, milli] of scalarsOf(amounts)) {
      const unmet = this.#unmet(top, name);
      plus(consumed, name, milli);
      plus(this.#available, name, -milli);
      plus(this.#demand, name, this.#unmet(top, name) - unmet);
    }
  }

  #unmet(role: string, name: string): number {
    const guaranteed = this.#quotas.get(role)?.guarantees.get(name) ?? 0;
    return guaranteed === 0 ? 0 : Math.max(0, guaranteed - (this.#consumedBy(role).get(name) ?? 0));
  }

  #consumedBy(top: string): Map<string, number> {
    let consumed = this.#consumed.get(top);
    if (consumed === undefined) {
      consumed = new Map();
      this.#consumed.set(top, consumed);
    }
    return consumed;
  }
}

function* scalarsOf(amounts: Amounts): Generator<[string, number]> {
  for (const [name, amount] of amounts) if (typeof amount === 'number') yield [name, amount];
}

function plus(amounts: Map<string, number>, name: string, milli: number): void {
  amounts.set(name, (amounts.get(name) ?? 0) + milli);
}

function topOf(role: string): string {
  const slash = role.indexOf('/');
  return slash === -1 ? role : role.slice(0, slash);
}
