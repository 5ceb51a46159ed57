/** The book of quotas beside the same sums as they are written in the rules: maps, and nothing kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuotaBook, type AllocatorState, type QuotaStage } from '../../src/offers/index.js';
import {
  amount,
  limitOf,
  limits,
  quantities,
  quantitiesFromScalarResources,
  resources,
  roleAncestors,
} from '../../src/resources/index.js';
import { allocator } from './harness.js';

const roles = ['a', 'a/b', 'a/b/c', 'a/d', 'e', 'f/g'] as const;
const kinds = ['cpus', 'disk', 'mem'] as const;
const stages: readonly QuotaStage[] = ['guarantees', 'fair-share', 'any'];

type Amounts = ReadonlyMap<string, number>;

interface Quota {
  readonly role: string;
  readonly guarantees: Amounts;
  readonly limits: Amounts;
}

/** Whole ones, and now and then the smallest there are. */
const values = fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.constantFrom(0.001, 1.001) });

const amounts: fc.Arbitrary<Amounts> = fc
  .array(fc.tuple(fc.constantFrom(...kinds), values), { maxLength: 3 })
  .map((pairs) => new Map(pairs));

const someAmounts = amounts.filter((some) => [...some.values()].some((one) => one > 0));

const quotas: fc.Arbitrary<readonly Quota[]> = fc
  .uniqueArray(fc.constantFrom(...roles), { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(...chosen.map((role) => fc.record({ role: fc.constant(role), guarantees: amounts, limits: amounts }))),
  );

const moves = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('take' as const), role: fc.constantFrom(...roles, 'x'), amounts: someAmounts }),
    fc.record({ kind: fc.constant('give-back' as const), which: fc.nat() }),
  ),
  { maxLength: 8 },
);

const rawHistories = fc.record({
  /** Of these alone there is anything, and quotas are of these alone. */
  kinds: fc.subarray([...kinds], { minLength: 1 }),
  nestedQuota: fc.boolean(),
  quotas,
  frameworks: fc.subarray([...roles], { maxLength: 3 }),
  used: fc.array(someAmounts, { maxLength: 2 }),
  free: fc.array(someAmounts, { maxLength: 2 }),
  moves,
});

type History = typeof histories extends fc.Arbitrary<infer H> ? H : never;

const histories = rawHistories.map(({ kinds: chosen, quotas: all, used, free, ...rest }) => ({
  ...rest,
  quotas: all.map(({ role, ...quota }) => ({
    role,
    guarantees: only(chosen, quota.guarantees),
    limits: only(chosen, quota.limits),
  })),
  used: used.map((some) => only(chosen, some)),
  free: free.map((some) => only(chosen, some)),
}));

function only(chosen: readonly string[], some: Amounts): Amounts {
  return new Map([...some].filter(([kind]) => chosen.includes(kind)));
}

function textOf(some: Amounts): string {
  return [...some].map(([kind, value]) => `${kind}:${value}`).join(';');
}

/** Frameworks hold some of the first agents, the last ones are free. */
function stateOf({ nestedQuota, quotas: all, frameworks, used, free }: History): AllocatorState {
  const box = allocator({ nestedQuota, minAllocatable: [] });
  for (const role of frameworks) box.framework(`f-${role.replaceAll('/', '-')}`, [role]);
  for (const [i, some] of used.entries()) box.agent(`used-${i}`, textOf(some));
  box.run('all');
  for (const [i, some] of free.entries()) box.agent(`free-${i}`, textOf(some));
  for (const { role, guarantees, limits: most } of all) {
    const quota = { guarantees: quantities(textOf(guarantees)), limits: limits(textOf(most)) };
    box.send({ type: 'set-quota', role, quota });
  }
  return box.state;
}

/** The same by the rules. Amounts are in thousandths. */
class Ledger {
  readonly held: { readonly role: string; readonly amounts: Amounts }[] = [];
  readonly available = new Map<string, number>();
  readonly names: readonly string[];
  readonly #quotas: ReadonlyMap<string, Quota>;
  readonly #isNested: boolean;

  constructor(state: AllocatorState, { quotas: all, nestedQuota }: History) {
    this.#isNested = nestedQuota;
    const counted = all.filter(({ role }) => state.quotas.has(role));
    this.#quotas = new Map(counted.map((quota) => [quota.role, quota]));
    for (const agent of state.agents.values()) {
      for (const { role, resources: held } of agent.held) this.held.push({ role, amounts: milliOf(held) });
      for (const [kind, milli] of milliOf(agent.free)) this.#free(kind, milli);
    }
    const limited = counted.flatMap((quota) => [
      ...[...quota.guarantees].filter(([, value]) => value > 0).map(([kind]) => kind),
      ...quota.limits.keys(),
    ]);
    this.names = [...new Set([...this.available.keys(), ...limited])].sort();
  }

  move(role: string, some: Amounts, sign: 1 | -1): void {
    if (sign === 1) this.held.push({ role, amounts: some });
    else
      this.held.splice(
        this.held.findIndex((one) => one.amounts === some),
        1,
      );
    for (const [kind, milli] of some) this.#free(kind, -sign * milli);
  }

  consumed(role: string, kind: string): number {
    const own = this.held.filter((one) => one.role === role || one.role.startsWith(`${role}/`));
    return own.reduce((sum, one) => sum + (one.amounts.get(kind) ?? 0), 0);
  }

  unmet(role: string, kind: string): number {
    const guaranteed = milli(this.#quotas.get(role)?.guarantees.get(kind) ?? 0);
    return this.#quotas.has(role) ? Math.max(0, guaranteed - this.consumed(role, kind)) : 0;
  }

  /** What must stay free: of each role its own or what those below it need, whichever is more. */
  demand(kind: string, below?: string): number {
    const next = [...this.#quotas.keys()].filter(
      (role) => roleAncestors(role).find((up) => this.#quotas.has(up)) === below,
    );
    return next.reduce((sum, role) => sum + Math.max(this.unmet(role, kind), this.demand(kind, role)), 0);
  }

  surplus(kind: string): number {
    return Math.max(0, (this.available.get(kind) ?? 0) - this.demand(kind));
  }

  shortfall(kind: string): number {
    return Math.max(0, this.demand(kind) - (this.available.get(kind) ?? 0));
  }

  /** The roles whose quotas bind a role, the nearest first. */
  bound(role: string): readonly string[] {
    return [role, ...(this.#isNested ? roleAncestors(role) : [])].filter((name) => this.#quotas.has(name));
  }

  isOwed(role: string): boolean {
    return this.bound(role).some((name) => this.names.some((kind) => this.unmet(name, kind) > 0));
  }

  get owesAnybody(): boolean {
    return [...this.#quotas.keys()].some((role) => this.names.some((kind) => this.unmet(role, kind) > 0));
  }

  left(role: string, kind: string): number {
    const lefts = this.bound(role).map((name) => {
      const limit = this.#quotas.get(name)?.limits.get(kind);
      return limit === undefined ? Infinity : Math.max(0, milli(limit) - this.consumed(name, kind));
    });
    return Math.min(Infinity, ...lefts);
  }

  /** What the role is guaranteed and does not hold: its own, or that of the nearest above it that has some. */
  owed(role: string, kind: string): number {
    const owing = this.bound(role).find((name) => this.names.some((one) => this.unmet(name, one) > 0));
    return owing === undefined ? 0 : this.unmet(owing, kind);
  }

  allowed(
    role: string,
    stage: QuotaStage,
    some: Amounts,
  ): { readonly given: readonly number[]; readonly isAny: boolean } {
    const parts = [...some].map(([kind, milli]) => {
      // What nobody has a quota of, and nobody has free, is not there to be given.
      if (!this.names.includes(kind)) return { owed: 0, extra: 0 };
      const left = this.left(role, kind);
      const owed = stage === 'fair-share' ? 0 : Math.min(milli, this.owed(role, kind), left);
      return { owed, extra: Math.min(milli - owed, left - owed, this.surplus(kind)) };
    });
    const isAny = parts.some(({ owed, extra }) => (stage === 'guarantees' ? owed : owed + extra) > 0);
    return { given: parts.map(({ owed, extra }) => owed + extra), isAny };
  }

  #free(kind: string, milli: number): void {
    this.available.set(kind, (this.available.get(kind) ?? 0) + milli);
  }
}

function milli(value: number): number {
  return Math.round(1_000 * value);
}

function milliOf(bag: ReturnType<typeof resources>): Amounts {
  const scalars = quantitiesFromScalarResources(bag);
  return new Map(scalars.names.map((kind) => [kind, amount(scalars, kind)]));
}

/** Both say the same of everybody. */
function expectSame(book: QuotaBook, ledger: Ledger): void {
  const each = (milliOfKind: (kind: string) => number): string =>
    ledger.names.map((kind) => `${kind} ${milliOfKind(kind)}`).join(', ');
  const read = (some: ReturnType<QuotaBook['surplus']>): string => each((kind) => amount(some, kind));
  expect(read(book.surplus())).toBe(each((kind) => ledger.surplus(kind)));
  expect(read(book.shortfall())).toBe(each((kind) => ledger.shortfall(kind)));
  expect(book.hasSurplus).toBe(ledger.names.some((kind) => ledger.surplus(kind) > 0));
  expect(book.owesAnybody).toBe(ledger.owesAnybody);
  for (const role of [...roles, 'x']) {
    const line = book.line(role);
    const isKnown = ledger.bound(role)[0] === role;
    expect(read(book.consumed(role))).toBe(each((kind) => (isKnown ? ledger.consumed(role, kind) : 0)));
    expect(read(book.unmet(role))).toBe(each((kind) => ledger.unmet(role, kind)));
    expect(book.isOwed(line)).toBe(ledger.isOwed(role));
    expect(book.isFull(line)).toBe(
      ledger.names.length > 0 && ledger.names.every((kind) => ledger.left(role, kind) === 0),
    );
    const room = book.room(role, 'any');
    expect(read(room.unmet)).toBe(each((kind) => ledger.owed(role, kind)));
    expect(each((kind) => limitOf(room.limits, kind) ?? Infinity)).toBe(each((kind) => ledger.left(role, kind)));
    for (const stage of stages) {
      for (const some of [
        new Map([
          ['cpus', 2_000],
          ['disk', 500],
          ['mem', 3_000],
        ]),
        new Map([['mem', 1_000]]),
      ]) {
        const given: number[] = [];
        const isAny = book.allowed(line, stage, [...some.keys()], [...some.values()], given);
        expect({ given, isAny }).toEqual(ledger.allowed(role, stage, some));
      }
    }
  }
}

describe('the book of quotas', () => {
  it('says what the rules say, whatever is taken and given back', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const state = stateOf(history);
        const book = new QuotaBook(state);
        const ledger = new Ledger(state, history);
        const taken: { readonly role: string; readonly amounts: Amounts }[] = [];
        expectSame(book, ledger);
        for (const move of history.moves) {
          if (move.kind === 'take') {
            // No more than there is.
            const some = new Map(
              [...move.amounts].map(([kind, value]) => [kind, Math.min(milli(value), ledger.available.get(kind) ?? 0)]),
            );
            book.take(move.role, resources(milliText(some)));
            ledger.move(move.role, some, 1);
            taken.push({ role: move.role, amounts: some });
          } else {
            const [back] = taken.splice(move.which % Math.max(1, taken.length), 1);
            if (back === undefined) continue;
            // As of an agent that has all of it.
            const before = resources(milliText(ledger.available));
            ledger.move(back.role, back.amounts, -1);
            const after = resources(milliText(ledger.available));
            book.giveBack(back.role, resources(milliText(back.amounts)), { before, after });
          }
          expectSame(book, ledger);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function milliText(some: Amounts): string {
  return [...some].map(([kind, milli]) => `${kind}:${milli / 1_000}`).join(';');
}
