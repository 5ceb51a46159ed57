import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributes,
  limits,
  noResources,
  parseWithDefaultRole,
  quantities,
  resources,
  type Resources,
} from '../../src/resources/index.js';
import { TextMemo } from '../../src/resources/memo.js';
import { resourcesArb } from './arbitraries.js';
import { refusal } from './refusal.js';

describe('a memo of texts', () => {
  /** Reads a text, and tells how often it was really read. */
  function reader(): { readonly recall: (text: string) => string; readonly counts: Map<string, number> } {
    const memo = new TextMemo<string>();
    const counts = new Map<string, number>();
    const read = (text: string): string => {
      counts.set(text, (counts.get(text) ?? 0) + 1);
      return `read ${text}`;
    };
    return { recall: (text) => memo.recall(text, read), counts };
  }

  it('reads a text once', () => {
    const { recall, counts } = reader();
    for (let i = 0; i < 5; i += 1) expect(recall('a')).toBe('read a');
    expect(counts.get('a')).toBe(1);
  });

  it('keeps what is read again and again, and forgets what is not', () => {
    const { recall, counts } = reader();
    recall('once');
    for (let i = 0; i < 5_000; i += 1) {
      expect(recall(`t${i}`)).toBe(`read t${i}`);
      recall('often');
    }
    recall('once');
    expect(counts.get('often')).toBe(1);
    expect(counts.get('once')).toBe(2);
  });

  it('keeps no long text, and no failure', () => {
    const { recall, counts } = reader();
    const long = 'x'.repeat(501);
    recall(long);
    recall(long);
    expect(counts.get(long)).toBe(2);
    const memo = new TextMemo<string>();
    const fail = (): string => {
      throw new Error('no');
    };
    expect(() => memo.recall('a', fail)).toThrow('no');
    expect(memo.recall('a', (text) => text)).toBe('a');
  });

  it('takes any text', () => {
    const { recall, counts } = reader();
    for (const text of ['', '__proto__', 'constructor', '\uD800', 'a\u0000b', '\u{1F600}']) {
      expect(recall(text)).toBe(`read ${text}`);
      recall(text);
      expect(counts.get(text)).toBe(1);
    }
  });
});

describe('a text read twice', () => {
  it('is what it was, and what its parts are, frozen', () => {
    fc.assert(
      fc.property(resourcesArb, (r) => {
        const json = r.toJSON();
        if (typeof json !== 'string') return;
        const first = resources(json);
        expect(first).toEqual(r);
        expect(first.items).toEqual(r.items);
        expect(resources(json)).toEqual(r);
        expect(resources(json.split(';'))).toEqual(r);
        expect(Object.isFrozen(resources(json).items)).toBe(true);
      }),
    );
  });

  it('is refused twice, each time where it is', () => {
    const read: [(text: string, path: string) => unknown, string][] = [
      [(text, path) => resources(text, path), 'cpus:-1'],
      [(text, path) => resources(text, path), 'cpus:1;cpus:[1-2]'],
      [(text, path) => quantities(text, path), 'cpus:[1-2]'],
      [(text, path) => limits(text, path), 'cpus:1;cpus:2'],
      [(text, path) => attributes(text, path), 'zone'],
    ];
    for (const [call, text] of read) {
      const told = ['here', 'there', 'here'].map((path) => refusal(() => call(text, path)));
      expect(told[1]).toBe(told[0]?.replace(' at here:', ' at there:'));
      expect(told[2]).toBe(told[0]);
    }
  });

  it('is read by the kind of thing that it shall be', () => {
    const text = 'cpus:1;mem:2';
    for (let i = 0; i < 2; i += 1) {
      expect(String(resources(text))).toBe('cpus:1; mem:2');
      expect(String(quantities(text))).toBe('cpus:1; mem:2');
      expect(limits(text).names).toEqual(['cpus', 'mem']);
      expect(attributes(text).items.length).toBe(2);
      expect(String(parseWithDefaultRole(text, 'r'))).toMatch(/^cpus\(reservations/);
    }
  });
});

describe('short texts of numbers', () => {
  const readings: readonly (readonly [string, string])[] = [
    ['', '{}'],
    [';;', '{}'],
    [' cpus : 1 ; ', 'cpus:1'],
    ['mem:2;cpus:1;mem:0.5', 'cpus:1; mem:2.5'],
    ['cpus:0', '{}'],
    ['cpus(*):1;mem:1', 'cpus:1; mem:1'],
    ['cpus:1e3', 'cpus:1000'],
    ['cpus:.5', 'cpus:0.5'],
    ['cpus:1;ports:[1-2]', 'cpus:1; ports:[1-2]'],
    ['__proto__:1', '__proto__:1'],
  ];
  it.each(readings)('%j is %s', (text, told) => {
    expect(String(resources(text))).toBe(told);
    expect(resources([text])).toEqual(resources(text));
  });

  it.each(['cpus', 'cpus:1:2', ':1', 'cpus:', 'cpus(:1', 'cpus):1', 'cpus:1;mem', 'cpus:0.0001', 'cpus;mem:1'])(
    '%j is refused as in a list',
    (text) => {
      expect(refusal(() => resources(text, 'x'))).toBe(refusal(() => resources([text], 'x')).replace('x[0]', 'x'));
    },
  );

  it('of nothing are no resources', () => {
    const nothing: Resources = resources('cpus:0;mem:0');
    expect(nothing).toBe(noResources);
  });
});
