/** A state written and read in steps is the one written and read at once. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deserialize, parseInput, transition, type ClusterState } from '../../src/cluster/index.js';
import { Restoration } from '../../src/cluster/restoration.js';
import { writing } from '../../src/cluster/serialize.js';
import { list, optional, readFrom, record, row, rows, text, type Reader } from '../../src/resources/reading.js';
import { NotJson, parsed, Source } from '../../src/resources/source.js';
import { finish } from '../../src/resources/steps.js';
import { mutants, richState } from '../cluster/damage.js';
import { plainText } from '../cluster/plain-text.js';
import { bytes, fullHistories, run } from './history.js';
import { histories } from './intents.js';

/** Whole rows to read in one step, and none. */
const pieces = fc.constantFrom(4, 8, 60, 500, 100_000);

/** Lengths of the parts into which a text is cut, over and over. */
const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });

function cut(whole: string, lengths: readonly number[]): string[] {
  const parts: string[] = [];
  for (let at = 0, n = 0; at < whole.length; n += 1) {
    const length = lengths[n % lengths.length] ?? 1;
    parts.push(whole.slice(at, at + length));
    at += length;
  }
  return parts;
}

function restored(parts: Iterable<string>, piece: number, rowsAStep: number = 1): ClusterState {
  const restoration = new Restoration({ piece, rows: rowsAStep });
  for (const part of parts) finish(restoration.take(part));
  return finish(restoration.end());
}

/** What came of something, as text. */
function outcome(of: () => unknown): string {
  try {
    return JSON.stringify(of());
  } catch (error) {
    const { name, message, code = '', path = '' } = error as Error & { code?: string; path?: string };
    return JSON.stringify([name, code, path, message]);
  }
}

describe('a state that is saved in steps', () => {
  it('has the bytes of one that is written at once, however few parts are in a piece', () => {
    fc.assert(
      fc.property(fullHistories(histories(40)), fc.constantFrom(-1, 0, 3, 30, 256), ({ beginning, intents }, most) => {
        const { state } = run(beginning, intents);
        expect([...writing(state, most)].join('')).toBe(plainText(state));
      }),
      { numRuns: 100 },
    );
    expect(bytes(richState())).toBe(plainText(richState()));
    expect([...writing(richState(), 0)].join('')).toBe(plainText(richState()));
  });

  it('is read from any parts, in any steps, as from one text', () => {
    fc.assert(
      fc.property(fullHistories(histories(20)), cuts, pieces, ({ beginning, intents }, lengths, piece) => {
        const saved = bytes(run(beginning, intents).state);
        expect(bytes(restored(cut(saved, lengths), piece))).toBe(saved);
      }),
      { numRuns: 60 },
    );
  });

  it('may be cut between the halves of a character, and within an escape', () => {
    const names = [
      '\u{1F600}\u{10FFFF}',
      '\u{FF5E}',
      'é\\"\n\u2028\u0001',
      '{"$table":[',
      '\\u00e9\\\\',
      '\ud800 alone',
    ];
    const [state] = names.reduce(
      ([before], name, index): readonly [ClusterState, unknown] => {
        const labels = [{ key: name, value: name.repeat(40) }];
        const call = {
          type: 'subscribe',
          framework: `f${index}`,
          connection: `c${index}`,
          name,
          roles: ['web'],
          labels,
        };
        return transition(before, parseInput(call, 9));
      },
      [richState(), undefined] as readonly [ClusterState, unknown],
    );
    const saved = bytes(state);
    for (const piece of [4, 300, 100_000]) expect(bytes(restored(cut(saved, [1]), piece))).toBe(saved);
  });

  it('may have blanks wherever JSON may, and its fields in any order', () => {
    const saved = bytes(richState());
    const { format, version, ...fields } = JSON.parse(saved) as Record<string, unknown>;
    const blanks = JSON.stringify({ format, version, ...fields }, undefined, '\t ');
    for (const piece of [4, 300, 100_000]) {
      expect(bytes(restored(cut(`\n ${blanks}\r\n`, [7]), piece))).toBe(saved);
      expect(bytes(restored([JSON.stringify({ ...fields, version, format })], piece))).toBe(saved);
    }
  });

  it('is refused in steps by the code, path and words with which it is refused at once', () => {
    const document: unknown = JSON.parse(bytes(richState()));
    let refused = 0;
    for (const { where, document: damaged } of mutants(document, 23)) {
      const saved = JSON.stringify(damaged);
      const atOnce = outcome(() => bytes(restored([saved], Infinity, Infinity)));
      refused += atOnce.startsWith('["InputError"') ? 1 : 0;
      expect(
        outcome(() => bytes(restored([saved], 4))),
        where,
      ).toBe(atOnce);
      expect(
        outcome(() => bytes(restored(cut(saved, [50]), 200))),
        where,
      ).toBe(atOnce);
    }
    expect(refused).toBeGreaterThan(100);
  });

  it.each([
    ['ends too soon', (saved: string): string => saved.slice(0, -1)],
    ['ends within a row', (saved: string): string => saved.slice(0, saved.length / 2)],
    ['goes on after its end', (saved: string): string => `${saved}}`],
    ['is there twice', (saved: string): string => saved + saved],
    ['lacks a comma', (saved: string): string => saved.replace('],["a2"', ']["a2"')],
    ['has a comma too many', (saved: string): string => saved.replace('],["a2"', '],,["a2"')],
    ['ends a list with a comma', (saved: string): string => saved.replace(']]},', '],]},')],
    ['closes with another bracket', (saved: string): string => saved.replace(']]},', ']}},')],
    ['has a name without quotes', (saved: string): string => saved.replace('"agents":', 'agents:')],
    ['has a colon too few', (saved: string): string => saved.replace('"agents":', '"agents"')],
    ['has a number that is none', (saved: string): string => saved.replace(/"lastSeen":\d+/, '"lastSeen":01')],
    ['has a line break in a text', (saved: string): string => saved.replace('"a1"', '"a\n1"')],
    ['has no end of a text', (saved: string): string => saved.replace('"a1"', '"a1')],
  ])('is no state if it %s', (_, damage) => {
    const saved = bytes(richState());
    expect(damage(saved)).not.toBe(saved);
    for (const piece of [4, 300, 100_000]) {
      expect(() => restored(cut(damage(saved), [40]), piece)).toThrow(
        expect.objectContaining({ name: 'InputError', code: 'bad-state', path: '' }),
      );
    }
  });

  it('says of a version that it can not read before it has read the rest', () => {
    const restoration = new Restoration({ piece: 100 });
    const later = bytes(richState()).replace('"version":1', '"version":2').slice(0, 5_000);
    expect(() => finish(restoration.take(later))).toThrow(expect.objectContaining({ code: 'unknown-version' }));
    expect(() => deserialize([bytes(richState()).replace('"version":1', '"version":2')])).toThrow(
      expect.objectContaining({ code: 'unknown-version' }),
    );
  });
});

describe('text that is read in steps', () => {
  const shape = {
    all: list(list(text)),
    table: rows(list(text)),
    more: optional(row<{ readonly x: unknown }>({ x: (value) => value })),
  };
  const reader: Reader<object> = row<{ all: unknown; table: unknown; more?: unknown }>(shape as never);
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '[', '}', ',', 'é') }),
  );
  const documents = fc.record(
    {
      all: fc.array(fc.array(texts, { maxLength: 3 }), { maxLength: 4 }),
      table: fc.uniqueArray(fc.tuple(texts, fc.array(texts, { maxLength: 3 })), {
        maxLength: 3,
        selector: ([id]) => id,
      }),
      more: fc.record({ x: fc.jsonValue() }),
    },
    { requiredKeys: ['all', 'table'] },
  );
  const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom('', ',', ']', '{', '"', '\\', ' ', '0', 'e', '\u0000')), {
    maxLength: 2,
  });

  function inSteps(parts: readonly string[], piece: number): unknown {
    const source = new Source(piece);
    const steps = readFrom(reader, source);
    const rest = [...parts];
    for (;;) {
      const step = steps.next();
      if (step.done === true) {
        source.feed(undefined);
        finish(source.end());
        return record(step.value);
      }
      if (source.isHungry) source.feed(rest.shift());
    }
  }

  it('is taken for JSON if and only if it is, and read alike', () => {
    fc.assert(
      fc.property(documents, edits, cuts, fc.constantFrom(4, 9, 40), (document, changes, lengths, piece) => {
        let saved = JSON.stringify(document);
        for (const [place, put] of changes) {
          const at = place % saved.length;
          saved = saved.slice(0, at) + put + saved.slice(at + (place % 2));
        }
        const atOnce = outcome(() => reader(parsed(saved)));
        const slowly = outcome(() => inSteps(cut(saved, lengths), piece));
        // Of two things that are wrong, the one that comes first is told.
        if (isNoJson(atOnce)) expect(slowly).toMatch(/^\["(NotJson|Damage)"/);
        else expect(slowly).toBe(atOnce);
      }),
      { numRuns: 3_000 },
    );
  });

  function isNoJson(told: string): boolean {
    return (
      told ===
      outcome(() => {
        throw new NotJson();
      })
    );
  }
});
