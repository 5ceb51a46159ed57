import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countFilters,
  filtersOn,
  restoreAllocator,
  type AllocatorState,
  type SavedAllocator,
  type SavedRefusal,
} from '../../src/offers/index.js';
import {
  eachRefusal,
  endOf,
  endsBefore,
  hiddenBits,
  isRunning,
  isWhole,
  leastEnd,
  liveRefusals,
  noRefusals,
  refusalIn,
  withRefusal,
  withoutSilence,
  type End,
  type Moment,
  type RefusalGroup,
  type Refusals,
  type SlotBook,
} from '../../src/offers/refusals.js';
import type { ClientSlot } from '../../src/offers/slots.js';
import { Numbered, Table, resources, type Resources } from '../../src/resources/index.js';
import { finish } from '../../src/resources/steps.js';
import { allocator, type Box } from './harness.js';
import { plainOf, savedOf } from './plain.js';

/** Over two words of 32, so that bits lie at both ends of some. */
const slotCount = 70;
const amounts = ['cpus:1', 'cpus:2', 'cpus:2;mem:64', 'ports:[1-9]'];
/** A new object each time, as each refusal brings its own. */
const amount = (index: number): Resources => resources(amounts[index] ?? '');

const slots = fc.oneof(fc.constantFrom(0, 1, 30, 31, 32, 33, 63, 64, 69), fc.nat(slotCount - 1));

const steps = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('refuse' as const),
      slot: slots,
      refused: fc.nat(amounts.length - 1),
      silence: fc.nat(3).map((n) => n === 0),
      lasts: fc.constantFrom(0, 1_000, 1_500, 2_000, 5_000),
      once: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('refuse-all' as const),
      refused: fc.nat(1),
      lasts: fc.constantFrom(2_000, 5_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('clear' as const, 'hand-over' as const, 'answer' as const),
      slot: slots,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('free' as const), slot: slots }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 500, 1_000, 2_000, 3_000),
      batch: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('purge' as const) }) },
);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;
const histories = fc.array(steps, { maxLength: 40, size: 'max' });

/** One refusal as the model keeps it, whatever became of it. */
interface Entry {
  readonly slot: number;
  readonly refused: number;
  readonly silence: boolean;
  readonly end: End;
  /** Its client cleared it, answered, or went. */
  isVoid: boolean;
}

/** What frameworks refused of one agent, as one list from which nothing is ever let go. */
class Model {
  readonly entries: Entry[] = [];
  refusals: Refusals = noRefusals;
  moment: Moment = { now: 1_000, batch: false };
  book: SlotBook = { slots: Numbered.empty(), slotEpochs: Numbered.empty(), epoch: 0 };

  constructor() {
    for (let slot = 0; slot < slotCount; slot += 1) this.#own(slot);
  }

  take(step: Step): void {
    switch (step.kind) {
      case 'refuse':
        this.#refuse(step.slot, step.refused, step.silence, endOf(this.moment.now + step.lasts, step.once));
        return;
      case 'refuse-all':
        for (let slot = 0; slot < slotCount; slot += 1) {
          this.#refuse(slot, step.refused, false, endOf(this.moment.now + step.lasts, false));
        }
        return;
      case 'clear':
        if (this.book.slots.get(step.slot) !== undefined) this.#own(step.slot);
        this.#void(step.slot, () => true);
        return;
      case 'hand-over':
        this.#free(step.slot);
        this.#own(step.slot);
        return;
      case 'free':
        this.#free(step.slot);
        return;
      case 'answer':
        this.refusals = withoutSilence(this.refusals, step.slot);
        this.#void(step.slot, ({ silence }) => silence);
        return;
      case 'pass':
        // The batch of an instant comes first, if there is one.
        this.moment = { now: this.moment.now + step.ms, batch: step.batch && (step.ms > 0 || this.moment.batch) };
        return;
      case 'purge':
        this.refusals = liveRefusals(this.refusals, this.book, this.moment);
    }
  }

  /** Those that count and are not over. */
  live(): readonly Entry[] {
    const { now, batch } = this.moment;
    return this.entries.filter(({ isVoid, end }) => !isVoid && isRunning(end, now, batch));
  }

  #refuse(slot: number, refused: number, silence: boolean, end: End): void {
    const { now } = this.moment;
    if (this.book.slots.get(slot) === undefined || !isRunning(end, now, true)) return;
    const added = { slot, end, refused: amount(refused), silence, seq: this.entries.length + 1 };
    this.refusals = withRefusal(this.refusals, added, this.book, { now, batch: true });
    this.entries.push({ slot, refused, silence, end, isVoid: false });
  }

  #void(slot: number, which: (entry: Entry) => boolean): void {
    for (const entry of this.entries) if (entry.slot === slot && which(entry)) entry.isVoid = true;
  }

  #own(slot: number): void {
    const epoch = this.#nextEpoch(slot);
    const client: ClientSlot = { framework: `f${slot}`, role: 'a', epoch };
    this.book = { ...this.book, slots: this.book.slots.set(slot, client) };
    this.#void(slot, () => true);
  }

  #free(slot: number): void {
    this.#nextEpoch(slot);
    this.book = { ...this.book, slots: this.book.slots.remove(slot) };
    this.#void(slot, () => true);
  }

  #nextEpoch(slot: number): number {
    const epoch = this.book.epoch + 1;
    this.book = { ...this.book, epoch, slotEpochs: this.book.slotEpochs.set(slot >>> 5, epoch) };
    return epoch;
  }
}

const textOf = (refused: Resources | number, silence: boolean, slot: number, end: End): string =>
  `${String(typeof refused === 'number' ? amount(refused) : refused)} ${silence ? 'unanswered by' : 'refused by'} ${slot} until ${end}`;

/** Holds everything that can be asked of the refusals against the list. */
function expectSame({
  refusals,
  book,
  moment,
  live,
}: {
  refusals: Refusals;
  book: SlotBook;
  moment: Moment;
  live: readonly Entry[];
}): void {
  const told: string[] = [];
  for (const group of refusals.groups) {
    const ends = new Map<number, End>();
    let before = -1;
    eachRefusal(group, book, moment, (slot, end) => {
      if (slot <= before) throw new Error(`slot ${slot} came after ${before}`);
      before = slot;
      ends.set(slot, end);
      told.push(textOf(group.refused, group.silence, slot, end));
    });
    expectGroup(group, ends, { book, moment });
  }
  const expected = live.map(({ refused, silence, slot, end }) => textOf(refused, silence, slot, end));
  expect(told.toSorted()).toEqual(expected.toSorted());
}

/** All other questions about a group have the answers that follow from its live refusals. */
function expectGroup(
  group: RefusalGroup,
  ends: ReadonlyMap<number, End>,
  { book, moment }: { book: SlotBook; moment: Moment },
): void {
  const told = new Map<number, End>();
  for (let slot = -1; slot < slotCount + 40; slot += 1) {
    const end = refusalIn(group, slot, book);
    if (end !== undefined && isRunning(end, moment.now, moment.batch)) told.set(slot, end);
  }
  expect([...told]).toEqual([...ends]);
  for (let word = 0; word < 5; word += 1) {
    const mine = [...ends].filter(([slot]) => slot >>> 5 === word);
    const bits = mine.reduce((sum, [slot]) => sum | (1 << (slot & 31)), 0);
    expect(hiddenBits(group, word, book, moment)).toBe(bits);
  }
  const [first] = [...ends.values()].sort((a, b) => (endsBefore(a, b) ? -1 : Number(a !== b)));
  expect(leastEnd(group, book, moment)).toBe(first);
  // Not always noticed that it is whole; never said when it is not.
  const clients = book.slots.size;
  const whole = isWhole(group, clients, book, moment);
  if (whole) expect(ends.size).toBe(clients);
}

describe('refusals', () => {
  it('are what a list of them is, after any installs, clearings, ends, and changes of owners', () => {
    let whole = 0;
    let several = 0;
    let twice = 0;
    let longest = 0;
    fc.assert(
      fc.property(histories, (list) => {
        const model = new Model();
        const older: Parameters<typeof expectSame>[0][] = [];
        for (const step of list) {
          model.take(step);
          const { refusals, book, moment } = model;
          const live = model.live();
          older.push({ refusals, book, moment, live });
          if (refusals.groups.some((group) => isWhole(group, book.slots.size, book, moment))) whole += 1;
          if (refusals.groups.length > 2) several += 1;
          if (new Set(live.map(({ slot, refused, silence }) => `${slot} ${refused} ${silence}`)).size < live.length)
            twice += 1;
          longest = Math.max(longest, live.length);
        }
        // All of them at the end: what was written later must not have changed what came before.
        for (const one of older) expectSame(one);
      }),
      { numRuns: 100, seed: 20_261_128 },
    );
    const met = { whole: whole > 0, several: several > 0, twice: twice > 0, many: longest > 64 };
    expect(met).toEqual({ whole: true, several: true, twice: true, many: true });
  });

  it('that everybody made are known to be whole, until one is over, cleared or somebody comes', () => {
    const model = new Model();
    const isSo = (): boolean => {
      const [group] = model.refusals.groups;
      return group !== undefined && isWhole(group, model.book.slots.size, model.book, model.moment);
    };
    model.take({ kind: 'refuse-all', refused: 0, lasts: 5_000 });
    expect(isSo()).toBe(true);
    model.take({ kind: 'clear', slot: 40 });
    expect(isSo()).toBe(false);
    model.take({ kind: 'purge' });
    expect(isSo()).toBe(false);
    model.take({ kind: 'refuse', slot: 40, refused: 0, silence: false, lasts: 2_000, once: false });
    expect(isSo()).toBe(true);
    model.take({ kind: 'pass', ms: 2_000, batch: true });
    expect(isSo()).toBe(false);
    model.take({ kind: 'purge' });
    model.take({ kind: 'refuse', slot: 40, refused: 0, silence: false, lasts: 5_000, once: false });
    model.take({ kind: 'purge' });
    expect(isSo()).toBe(true);
  });

  it('are let go when none counts any more, and stay the same object while all do', () => {
    const model = new Model();
    model.take({ kind: 'refuse', slot: 3, refused: 0, silence: true, lasts: 2_000, once: false });
    model.take({ kind: 'refuse', slot: 60, refused: 1, silence: false, lasts: 2_000, once: false });
    const both = model.refusals;
    expect(liveRefusals(both, model.book, model.moment)).toBe(both);
    expect(withoutSilence(both, 60)).toBe(both);
    expect(withoutSilence(both, 4)).toBe(both);
    const answered = withoutSilence(both, 3);
    expect(answered).toMatchObject({ seq: both.seq, groups: [{ count: 1, silence: false }] });
    expect(liveRefusals(both, model.book, { now: 3_000, batch: true })).toBe(noRefusals);
    expect(withoutSilence(withoutSilence(answered, 60), 60)).toBe(answered);
  });

  it('that end once end after the batch of their instant, and before it for any other run', () => {
    expect(isRunning(endOf(2_000, true), 2_000, true)).toBe(true);
    expect(isRunning(endOf(2_000, true), 2_000, false)).toBe(false);
    expect(isRunning(endOf(2_000, false), 2_000, true)).toBe(false);
    expect(isRunning(endOf(1, false), 0, true)).toBe(true);
    for (const once of [true, false]) {
      expect(isRunning(endOf(2_000, once), 1_999, false)).toBe(true);
      expect(isRunning(endOf(2_000, once), 2_001, true)).toBe(false);
    }
    expect(endsBefore(2_000, -2_000)).toBe(true);
    expect(endsBefore(-2_000, 2_000)).toBe(false);
    expect(endsBefore(-2_000, 2_001)).toBe(true);
    expect(endsBefore(2_000, 2_000)).toBe(false);
  });
});

describe('an allocator that is written down', () => {
  const never = (agent: string, why: string): never => {
    throw new Error(`refusals on ${agent} ${why}`);
  };
  const again = (state: AllocatorState): AllocatorState => finish(restoreAllocator(savedOf(state), never));

  const moves = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ refuse: fc.constantFrom(0.5, 1, 2, 3_600), which: fc.nat(4), twice: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ revive: fc.nat(39) }) },
    { weight: 1, arbitrary: fc.record({ leave: fc.nat(39) }) },
    { weight: 1, arbitrary: fc.record({ come: fc.nat(39) }) },
    { weight: 2, arbitrary: fc.record({ pass: fc.constantFrom(100, 400, 500, 1_000) }) },
  );

  function move(box: Box, one: typeof moves extends fc.Arbitrary<infer M> ? M : never): void {
    if ('revive' in one) box.send({ type: 'revive', framework: `f${one.revive}`, roles: ['a'] });
    else if ('leave' in one) box.send({ type: 'remove-framework', framework: `f${one.leave}` });
    else if ('come' in one) box.framework(`f${one.come}`, ['a', 'b']);
    else if ('pass' in one) box.tick(one.pass);
    else {
      const grants = box.run('all');
      box.giveBack(
        grants.filter((_, index) => index % 5 !== one.which),
        one.refuse,
      );
      // What is not held any more can still be refused, and then is refused twice.
      if (one.twice) box.giveBack(grants.slice(0, 1), one.refuse + 1);
      box.giveBack(grants);
    }
  }

  it('is the same when it is read, refuses the same, and goes on alike', () => {
    let written = 0;
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 25, size: 'max' }), fc.array(moves, { maxLength: 6 }), (list, rest) => {
        const box = allocator({ minAllocatable: [] });
        for (let n = 0; n < 40; n += 2) box.framework(`f${n}`, n % 4 === 0 ? ['a'] : ['a', 'b']);
        for (const id of ['m1', 'm2', 'm3']) box.agent(id, 'cpus:4;mem:64');
        for (const one of list) move(box, one);
        const { state } = box;
        const read = again(state);
        expect(plainOf(read)).toEqual(plainOf(state));
        expect(countFilters(read)).toEqual(countFilters(state));
        for (const agent of state.agents.values()) {
          const other = read.agents.get(agent.id);
          if (other === undefined) throw new Error('no agent');
          const filters = (of: AllocatorState, from: typeof agent): unknown[] =>
            filtersOn(of, from)
              .map((filter) => JSON.stringify(filter))
              .toSorted();
          written += filters(state, agent).length;
          expect(filters(read, other)).toEqual(filters(state, agent));
        }
        const other = allocator({}, undefined, { state: read, now: box.now });
        for (const one of rest) {
          move(box, one);
          move(other, one);
          expect(other.run('all')).toEqual(box.run('all'));
          expect(plainOf(other.state)).toEqual(plainOf(box.state));
        }
      }),
      { numRuns: 60 },
    );
    expect(written).toBeGreaterThan(100);
  });

  it('is refused when a refusal is of nobody, over, or not in order', () => {
    const box = allocator();
    box.agent('m1', 'cpus:4');
    for (const id of ['f1', 'f2']) box.framework(id, ['a']);
    for (const _ of ['f1', 'f2']) box.giveBack(box.run('all'), 3_600);
    box.tick(5);
    const whole = savedOf(box.state);
    const [agent] = whole.agents.values();
    const [group] = agent?.refusals.groups ?? [];
    if (agent === undefined || group === undefined) throw new Error('nothing was refused');
    const [first, second] = group.by;
    if (first === undefined || second === undefined) throw new Error('one refused alone');
    const damaged = (by: readonly SavedRefusal[]): SavedAllocator => ({
      ...whole,
      agents: Table.from([['m1', { ...agent, refusals: { ...agent.refusals, groups: [{ ...group, by }] } }]]),
    });
    const read = (by: readonly SavedRefusal[]) => (): AllocatorState => finish(restoreAllocator(damaged(by), never));
    expect(read([first, second])).not.toThrow();
    expect(read([{ ...first, framework: 'f3' }, second])).toThrow(/^refusals on m1 were made by f3/);
    expect(read([{ ...first, role: 'b' }, second])).toThrow('which is not in b');
    expect(read([{ ...first, end: -1 }, second])).toThrow('are over');
    expect(read([second, first])).toThrow('are out of order');
  });
});
