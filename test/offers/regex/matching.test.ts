import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWhole, runProgram } from '../../../src/offers/regex/match.js';
import { compileRegex } from '../../../src/offers/regex/program.js';

const compile = (pattern: string): ReturnType<typeof compileRegex> => compileRegex(pattern, 'regex');
const matches = (pattern: string, text: string): boolean => matchesWhole(compile(pattern), text);

/** Pattern, texts that it takes, texts that it does not. */
const table: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
  ['', [''], ['a']],
  ['abc', ['abc'], ['ab', 'abcd', 'xabc', '']],
  ['a|ab', ['a', 'ab'], ['abc', '']],
  ['|a', ['', 'a'], ['b']],
  ['a|', ['', 'a'], ['aa']],
  ['()', [''], ['a']],
  ['a*', ['', 'aaa'], ['ab']],
  ['a+?', ['a', 'aaa'], ['', 'ab']],
  ['ab??c', ['ac', 'abc'], ['abbc']],
  ['(?:ab)+', ['ab', 'abab'], ['', 'aba']],
  ['a{3}', ['aaa'], ['aa', 'aaaa']],
  ['a{2,}', ['aa', 'aaaa'], ['a']],
  ['a{0,2}b', ['b', 'ab', 'aab'], ['aaab']],
  ['a{0}', [''], ['a']],
  ['a{0,}', ['', 'aa'], ['b']],
  ['x{,3}', ['x{,3}'], ['x', '']],
  ['x{01}', ['x{01}'], ['x']],
  ['{}', ['{}'], ['']],
  ['a{', ['a{'], ['a']],
  [']}', [']}'], ['']],
  ['(a*)*', ['', 'aaa'], ['b']],
  ['(|a)+b', ['b', 'aab'], ['a']],
  ['.', ['a', 'é', '\u{1f600}', ' '], ['', '\n', 'ab']],
  ['(?s).', ['\n', 'a'], ['ab']],
  ['(?s:.).', ['\na'], ['\n\n']],
  ['[a-d]+', ['abcd'], ['bcde', '']],
  ['[^a-d]', ['e', '\n', '\u{1f600}'], ['a', 'd', 'ee']],
  ['[]a]+', [']a]'], ['b']],
  ['[^]a]', ['b'], [']', 'a']],
  ['[-a]+', ['-a'], ['b']],
  ['[a-]+', ['a-'], ['b']],
  ['[a-c-e]+', ['abc-e'], ['d']],
  ['[.*+$^|(]+', ['.*+$^|('], ['a']],
  ['[\\]\\\\\\-]+', [']\\-'], ['a']],
  ['[\\d_]+', ['1_2'], ['a']],
  ['[\\D]+', ['abc'], ['1']],
  ['[[:alpha:][:digit:]]+', ['aZ9'], ['-']],
  ['[[:^digit:]]+', ['ab-'], ['1']],
  ['[[:punct:]]+', ['!/:@[`{~'], ['a', ' ']],
  ['[[:x]+', ['[:x'], ['y']],
  ['[а-я]+', ['мир'], ['world']],
  ['[\u{1f600}-\u{1f64f}]', ['\u{1f610}'], ['\u{1f680}', '\ud83d']],
  ['\u{1f600}?', ['', '\u{1f600}'], ['\ud83d']],
  ['\\d\\D\\w\\W\\s\\S', ['1a_- x'], ['aa_- x', '1a_-xx']],
  ['\\w', ['a'], ['é']],
  ['\\s', ['\t', '\n', '\f', '\r', ' '], ['\v', '\u00a0']],
  ['\\.\\*\\(\\[\\\\', ['.*([\\'], ['a*([\\']],
  ['\\a\\f\\n\\r\\t\\v', ['\x07\f\n\r\t\v'], ['']],
  ['\\x41\\x{1F600}\\101\\0', ['A\u{1f600}A\0'], ['A']],
  ['\\Qa.b*\\E+', ['a.b*', 'a.b***'], ['axb*', 'a.b']],
  ['\\Q(|', ['(|'], ['']],
  ['\\Q\\E', [''], ['E']],
  ['^a$', ['a'], ['\na', 'a\n', '']],
  ['\\Aa\\z', ['a'], ['a\n']],
  ['a$b', [], ['ab', 'a\nb', 'a$b']],
  ['(?m)a$\\n^b', ['a\nb'], ['ab']],
  ['a\\b.\\bb', ['a-b', 'a b'], ['axb']],
  ['a\\Bb', ['ab'], ['a b']],
  ['(?i)aB', ['ab', 'AB', 'Ab'], ['a']],
  ['(?i:a)b', ['Ab', 'ab'], ['AB']],
  ['(?i)[a-c]é', ['BÉ', 'bé'], ['dé']],
  ['(?i)[^a]', ['b'], ['a', 'A']],
  ['a(?i)b(?-i)c', ['aBc', 'abc'], ['aBC', 'ABc']],
  ['(?:(?i)a)b', ['Ab'], ['AB']],
  ['(?P<x>a)(?<y>b)', ['ab'], ['a']],
  ['(?U)a*', ['aa'], ['b']],
  ['__proto__|constructor', ['__proto__', 'constructor'], ['toString']],
];

describe('a regex', () => {
  it.each(table)('%s takes what it should as a whole', (pattern, yes, no) => {
    const program = compile(pattern);
    expect(yes.filter((text) => !matchesWhole(program, text))).toEqual([]);
    expect(no.filter((text) => matchesWhole(program, text))).toEqual([]);
  });

  it.each([
    ['(', 'a ) is missing'],
    ['(a', 'a ) is missing'],
    [')', 'there is a ) without a ('],
    ['a)b', 'there is a ) without a ('],
    ['[a-d', 'a ] is missing'],
    ['[', 'a ] is missing'],
    ['[]', 'a ] is missing'],
    ['[b-a]', 'a range of characters ends before it begins'],
    ['[a-\\d]', 'a range of characters ends before it begins'],
    ['[[:nope:]]', 'there is no class [:nope:]'],
    ['*', 'there is nothing to repeat'],
    ['(+a)', 'there is nothing to repeat'],
    ['a|?', 'there is nothing to repeat'],
    ['{2}', 'there is nothing to repeat'],
    ['a**', 'a repetition is repeated'],
    ['a+*', 'a repetition is repeated'],
    ['a???', 'a repetition is repeated'],
    ['a{2}{2}', 'a repetition is repeated'],
    ['a{3,2}', '{3,2} ends before it begins'],
    ['a{1001}', '{1001} is beyond 1000'],
    ['a{0,99999999999}', '{0,99999999999} is beyond 1000'],
    ['\\', 'a backslash ends the regex'],
    ['[\\', 'a backslash ends the regex'],
    ['(a)\\1', 'referring back to a group is not supported'],
    ['\\9', 'referring back to a group is not supported'],
    ['\\y', 'there is no escape \\y'],
    ['\\p{L}', 'there is no escape \\p'],
    ['\\C', 'there is no escape \\C'],
    ['\\xZZ', '\\xZZ is no character'],
    ['\\x{110000}', '\\x110000 is no character'],
    ['\\x{', 'the regex ends too early'],
    ['(?=a)', 'looking ahead or behind is not supported'],
    ['(?!a)', 'looking ahead or behind is not supported'],
    ['(?<=a)b', 'looking ahead or behind is not supported'],
    ['(?<!a)b', 'looking ahead or behind is not supported'],
    ['(?>a)', 'there is no group (?>'],
    ['(?P=x)', 'there is no group (?P'],
    ['(?x)a', 'there is no group (?x'],
    ['(?i--s)', 'there is no group (?-'],
    ['(?', 'the regex ends too early'],
    ['(?P<>a)', 'the name of a group is made of letters, digits and _'],
    ['(?P<x>a)(?P<x>b)', 'two groups are called x'],
    [`${'(?:'.repeat(101)}${')'.repeat(101)}`, 'groups are nested more than 100 deep'],
  ])('%s is refused', (pattern, why) => {
    expect(() => compile(pattern)).toThrow(expect.objectContaining({ code: 'bad-constraints', path: 'regex' }));
    expect(() => compile(pattern)).toThrow(`is not valid: ${why}`);
  });

  it('is bounded in length', () => {
    expect(matches(`[${'a'.repeat(4_094)}]`, 'a')).toBe(true);
    expect(() => compile(`[${'a'.repeat(4_096)}`)).toThrow('A regex may have 4096 characters, this one has 4097');
    for (const piece of ['a', '(', '[', '\\', 'a|', '(a', '(?:', 'a{9}', '[[:alpha:]]']) {
      expect(() => compile(piece.repeat(10_000))).toThrow('A regex may have 4096 characters');
    }
  });

  it.each([
    ['(a+){10}', 41],
    ['(a+){24}', 97],
    ['a{99}', 100],
    ['(?:a|b){33}', 100],
    ['(?:a?){49}', 99],
  ])('%s is small enough', (pattern, size) => {
    // What is left up to 100 still goes, one more does not.
    const filled = `${pattern}${'x'.repeat(100 - size)}`;
    expect(() => compile(filled)).not.toThrow();
    expect(() => compile(`${filled}x`)).toThrow('its program has 101 instructions, more than 100');
  });

  it.each([
    '(a+){50}',
    'a{1000}',
    '((a{100}){100}){100}',
    '(?:(?:(?:){1000}){1000}){1000}',
    '(?:(?:(?:a{0}){1000}){1000}){1000}',
    '(?:(?:(?:\\b){0,1000}){0,1000}){0,1000}',
    'a?'.repeat(51),
    '|'.repeat(101),
    'abcdefghij'.repeat(10),
  ])('%s is too complex', (pattern) => {
    expect(() => compile(pattern)).toThrow('The regex is too complex');
  });
});

/** A pattern that this machine and the engine's own RegExp read alike. */
const pattern = fc.letrec<{ node: string }>((tie) => {
  const atom = fc.constantFrom(
    ...[
      'a',
      'b',
      '1',
      '-',
      '.',
      '\\d',
      '\\D',
      '\\w',
      '\\W',
      '\\.',
      '[ab]',
      '[^a]',
      '[a-b1]',
      '[\\d-]',
      '[^\\w]',
      '\\n',
    ],
    ...['^', '$', '\\b', '\\B', '', '\u{1f600}', '[\u{1f600}-\u{1f602}]'],
  );
  const inner = tie('node');
  const group = fc.tuple(fc.constantFrom('(', '(?:'), inner).map(([open, node]) => `${open}${node})`);
  const repetition = fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?', '??', '{1,2}?');
  return {
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      atom,
      group,
      fc.array(inner, { minLength: 1, maxLength: 3 }).map((parts) => parts.map((part) => `(?:${part})`).join('')),
      fc.array(inner, { minLength: 2, maxLength: 3 }).map((options) => options.join('|')),
      fc.tuple(inner, repetition).map(([node, counts]) => `(?:${node})${counts}`),
    ),
  };
}).node;
const character = fc.constantFrom('a', 'b', 'A', '1', '-', '_', '.', '\n', '\u{1f600}', '\u{1f601}', '\ud83d');
const text = fc.array(character, { maxLength: 6 }).map((characters) => characters.join(''));

describe('beside the engine', () => {
  it.each(['', 'i', 's', 'm', 'ims'])('agrees with its RegExp (flags "%s")', (flags) => {
    let compared = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
        const program = fitting(flags === '' ? source : `(?${flags})${source}`);
        if (program === undefined) return;
        // Sticky: from the very start; and to the very end, which `$` would not be with lines.
        const reference = new RegExp(`(?:${source})(?![^])`, `uy${flags}`);
        for (const one of texts) {
          compared += 1;
          reference.lastIndex = 0;
          expect(matchesWhole(program, one)).toBe(reference.test(one));
        }
      }),
      { numRuns: 1_000 },
    );
    expect(compared).toBeGreaterThan(1_000);
  });

  it('whatever the pattern is, it is compiled or refused as bad', () => {
    const alphabet = fc.constantFrom(...'ab(){}[]|*+?.^$\\-,:<=!PQEdwx0129'.split(''));
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 30 }), text, (characters, one) => {
        const program = fitting(characters.join(''));
        if (program !== undefined) expect(typeof matchesWhole(program, one)).toBe('boolean');
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('the time that it takes', () => {
  const bound = (source: string, length: number): number => 4 * compile(source).instructions.length * (length + 1);

  it('is bounded by the product of pattern and text, in steps', () => {
    fc.assert(
      fc.property(pattern, text, (source, one) => {
        const program = fitting(source);
        if (program === undefined) return;
        const { steps } = runProgram(program, one.repeat(5));
        expect(steps).toBeLessThanOrEqual(4 * program.instructions.length * (one.length * 5 + 1));
      }),
    );
  });

  it.each(['^(a+)+$', '(a*)*', '(a|a)*', '(a|aa)+', '(.*)*x', 'a?a?a?a?a?a?a?a?aaaaaaaa', '(?:a*){24}', '(x+x+)+y'])(
    '%s grows with the text, no faster',
    (source) => {
      const program = compile(source);
      const steps = [40, 400, 4_000].map((length) => runProgram(program, `${'a'.repeat(length - 1)}!`).steps);
      expect(steps.every((count, index) => count <= bound(source, 40 * 10 ** index))).toBe(true);
      expect((steps[2] ?? 0) / (steps[1] ?? 0)).toBeLessThan(11);
    },
  );

  it('a class of thousands of characters is one step', () => {
    const letters = Array.from({ length: 4_000 }, (_, index) => String.fromCodePoint(0x4e00 + 2 * index)).join('');
    const { matched, steps } = runProgram(compile(`[${letters}]*`), letters);
    expect(matched).toBe(true);
    expect(steps).toBeLessThanOrEqual(bound('[x]*', letters.length));
  });
});

/** A program, or nothing if the pattern is too complex or not valid. */
function fitting(source: string): ReturnType<typeof compileRegex> | undefined {
  try {
    return compile(source);
  } catch (error) {
    expect(error).toMatchObject({ name: 'InputError', code: 'bad-constraints' });
    return undefined;
  }
}
